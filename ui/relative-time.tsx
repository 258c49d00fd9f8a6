'use client'
import { useSyncExternalStore, type PointerEvent } from 'react'
import { formatRelative, formatUtc } from './format-time'

const TICK_MS = 5000
const listeners = new Set<() => void>()
let timer = 0

/** One clock for all times on the page; it stands still when there are none. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (listeners.size === 1) {
    timer = window.setInterval(() => {
      for (const each of listeners) each()
    }, TICK_MS)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) window.clearInterval(timer)
  }
}

/** The reader's own zone is known only in the browser, and needed only when someone looks. */
function showLocal(event: PointerEvent<HTMLTimeElement>): void {
  const el = event.currentTarget
  const time = new Date(el.dateTime)
  el.title = `${formatUtc(time.getTime())}\n${time.toLocaleString()} (your time)`
}

/**
 * "5 min ago", kept current; the exact time is its title. Drawn again only when the text changes. Server and browser may differ by
 * a second: the server's text stays until the first tick, so hydration is quiet. An invalid date renders nothing.
 */
export function RelativeTime({ date, className }: { date: Date | string | number; className?: string }) {
  const time = new Date(date).getTime()
  const read = () => (Number.isNaN(time) ? '' : formatRelative(time, Date.now()))
  const text = useSyncExternalStore(subscribe, read, read)
  if (!text) return null
  return (
    <time
      dateTime={new Date(time).toISOString()}
      title={formatUtc(time)}
      suppressHydrationWarning
      onPointerEnter={showLocal}
      className={className ?? 'whitespace-nowrap tabular-nums'}
    >
      {text}
    </time>
  )
}
