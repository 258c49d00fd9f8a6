'use client'

import { LogOut } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { clientPrefix } from '@/app/_lib/api-client'
import { whenSessionEnds } from '@/app/_lib/session-end'
import { goOver, quitImpersonating } from '@/app/(console)/_components/impersonation/quit'
import { Banner } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'

interface Props {
  who: string
  as: string
  tenant: string
  reason: string
  readOnly: boolean
  /** ISO time. */
  endsAt: string
  /** Path on the master's host that it began from. */
  from: string
}

/** Over the whole width of every page: who acts as whom, for how long still, and the way out. */
export function ImpersonationBanner({ who, as, tenant, reason, readOnly, endsAt, from }: Props) {
  const [quitting, setQuitting] = useState(false)
  useEffect(() => hearOfEnd(from), [from])
  const quit = async () => {
    setQuitting(true)
    await quitImpersonating(from)
    setQuitting(false)
  }
  return (
    <Banner
      tone="warning"
      action={
        <Button size="sm" icon={<LogOut aria-hidden />} loading={quitting} onClick={() => void quit()}>
          Quit
        </Button>
      }
    >
      <span title={`Reason: ${reason}`}>
        You are <strong className="font-semibold">{who}</strong>, acting as{' '}
        <strong className="font-semibold">{as}</strong> in {tenant}. <TimeLeft endsAt={endsAt} from={from} />
      </span>{' '}
      {readOnly && (
        <Badge tone="warning" className="ml-1.5">
          Read-only
        </Badge>
      )}
    </Banner>
  )
}

function subscribe(tick: () => void): () => void {
  const timer = window.setInterval(tick, 1000)
  return () => window.clearInterval(timer)
}

/** Counts down, and leaves when there is none left. One text: of two, hydration would keep the server's minutes beside the browser's seconds. */
function TimeLeft({ endsAt, from }: Pick<Props, 'endsAt' | 'from'>) {
  const end = new Date(endsAt).getTime()
  const read = () => Math.max(0, Math.ceil((end - Date.now()) / 1000))
  const seconds = useSyncExternalStore(subscribe, read, read)
  useEffect(() => {
    if (seconds === 0) goOver(from)
  }, [seconds, from])
  const two = (n: number) => String(n).padStart(2, '0')
  return (
    <span role="timer" aria-live="off" className="whitespace-nowrap tabular-nums" suppressHydrationWarning>
      {`${Math.floor(seconds / 60)}:${two(seconds % 60)} left`}
    </span>
  )
}

/** The server says "bye" within a second of the session's end: cut off, tenant disabled, permission gone. */
function hearOfEnd(from: string): () => void {
  const over = () => goOver(from)
  whenSessionEnds(over)
  let source: EventSource | null = null
  const close = () => {
    source?.close()
    source = null
  }
  const listen = () => {
    close()
    if (document.hidden) return
    source = new EventSource(`${clientPrefix()}/api/events`)
    source.addEventListener('bye', over)
  }
  listen()
  document.addEventListener('visibilitychange', listen)
  return () => {
    whenSessionEnds(null)
    document.removeEventListener('visibilitychange', listen)
    close()
  }
}
