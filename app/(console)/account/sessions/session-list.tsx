'use client'

import { MonitorSmartphone } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { SessionRow } from '@/server/features/sessions/sessions.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'
import { toast } from '@/ui/toast'

const ALL = 'all'

/** Where I am signed in in this tenant, with the way to end each. */
export function SessionList({ rows, tenant }: { rows: readonly SessionRow[]; tenant: string }) {
  const router = useRouter()
  const [pending, setPending] = useState<string | null>(null)
  const others = rows.filter((row) => !row.current).length

  const end = async (which: string) => {
    setPending(which)
    try {
      const { ended } =
        which === ALL
          ? await api().sessions.endOthers.mutate()
          : await api().sessions.end.mutate({ id: which })
      toast.success(ended === 1 ? 'Signed out there.' : `Signed out in ${ended} places.`)
      router.refresh()
    } catch (error) {
      toast.error(problemOf(error).message)
      router.refresh()
    } finally {
      setPending(null)
    }
  }

  return (
    <Card
      title="Where you are signed in"
      description={`In ${tenant}. A session ends after 30 minutes without use at most, and after 12 hours at most in any case.`}
      actions={
        <Button
          variant="danger-outline"
          loading={pending === ALL}
          disabledReason={others === 0 && 'You are signed in nowhere else'}
          onClick={() => void end(ALL)}
        >
          Sign out everywhere else
        </Button>
      }
      padded={false}
    >
      <ul>
        {rows.map((row) => (
          <li
            key={row.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
          >
            <MonitorSmartphone aria-hidden className="size-4 shrink-0 text-muted" />
            <div className="grid min-w-0 flex-1 basis-56 gap-0.5">
              <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
                {row.device}
                {row.current && <Badge tone="success">This session</Badge>}
              </p>
              <p className="text-xs text-muted">
                <span className="font-mono">{row.ip}</span> · signed in <RelativeTime date={row.createdAt} />{' '}
                · last seen <RelativeTime date={row.lastSeenAt} />
              </p>
            </div>
            {!row.current && (
              <Button
                size="sm"
                loading={pending === row.id}
                onClick={() => void end(row.id)}
                aria-label={`Sign out ${row.device}, ${row.ip}`}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  )
}
