'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { clientPrefix } from '@/app/_lib/api-client'
import { sessionEnded } from '@/app/_lib/session-end'

/** Between two loads of the page, in milliseconds, however much happens. */
const SPACING_MS = 1500
const REOPEN_MS = [2000, 5000, 15_000, 60_000]
/** A page is shown at most this long after it was made, in milliseconds. */
const OLDEST_MS = 10_000
/** Nobody is there: the page stands still, so that it does not keep the session alive. */
const AWAY_MS = 10 * 60_000

interface Props {
  /** Loads the page anew when one of these changed; unset: for any change. */
  ids?: readonly string[]
}

/**
 * Keeps a page current: listens for changes (ids only) and loads the page's data anew under the person's own rights. Silent
 * while the tab is hidden, and when the connection is lost it comes back by itself. When the right to it is gone the
 * document is loaded anew, which leads to the sign-in page.
 */
export function LiveRefresh({ ids }: Props) {
  const router = useRouter()
  const wanted = useRef<ReadonlySet<string> | null>(null)
  useEffect(() => {
    wanted.current = ids ? new Set(ids) : null
  }, [ids])
  useEffect(() => {
    const live = liveConnection(
      () => router.refresh(),
      (changed) => wanted.current === null || changed.some((id) => wanted.current?.has(id)),
    )
    return live.stop
  }, [router])
  return null
}

function liveConnection(refresh: () => void, concerns: (ids: string[]) => boolean) {
  let source: EventSource | null = null
  let due: number | undefined
  let reopen: number | undefined
  let failures = 0
  let lastLoad = Date.now()
  let lastInput = Date.now()
  let held = false

  const load = () => {
    due = undefined
    held = Date.now() - lastInput > AWAY_MS
    if (held) return
    lastLoad = Date.now()
    refresh()
  }
  const soon = () => {
    due ??= window.setTimeout(load, Math.max(0, lastLoad + SPACING_MS - Date.now()))
  }
  const close = () => {
    window.clearTimeout(reopen)
    source?.close()
    source = null
  }
  const open = () => {
    close()
    // What changed since the page was made is told at once: it was made after the document was asked for.
    const age = Math.ceil(Math.min(performance.now(), OLDEST_MS))
    source = new EventSource(`${clientPrefix()}/api/events?age=${age}`)
    source.addEventListener('hello', () => {
      if (failures > 0) soon() // what happened in between was missed
      failures = 0
    })
    source.addEventListener('refresh', soon)
    source.addEventListener('changed', (event: MessageEvent<string>) => {
      if (concerns(JSON.parse(event.data) as string[])) soon()
    })
    source.addEventListener('bye', () => {
      close()
      sessionEnded()
    })
    source.onerror = () => {
      failures++
      if (source?.readyState !== EventSource.CLOSED) return // the browser tries again by itself
      reopen = window.setTimeout(
        () => {
          soon() // a session that has ended shows itself there
          open()
        },
        REOPEN_MS[Math.min(failures - 1, REOPEN_MS.length - 1)],
      )
    }
  }
  const onVisible = () => {
    if (document.hidden) return close()
    lastInput = Date.now()
    if (source) return
    soon()
    open()
  }
  const onInput = () => {
    lastInput = Date.now()
    if (held) soon()
  }
  const inputs = ['pointermove', 'keydown', 'scroll'] as const
  document.addEventListener('visibilitychange', onVisible)
  for (const name of inputs) window.addEventListener(name, onInput, { passive: true })
  if (!document.hidden) open()
  return {
    stop: () => {
      close()
      window.clearTimeout(due)
      document.removeEventListener('visibilitychange', onVisible)
      for (const name of inputs) window.removeEventListener(name, onInput)
    },
  }
}
