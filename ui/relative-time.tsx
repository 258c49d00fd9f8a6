'use client'
import { useEffect, useState } from 'react'
import { formatRelative, formatUtc, nextChange } from './format-time'

type Props = {
  date: Date | string | number
  className?: string
  /** Shown for null-like dates by the caller instead. */ prefix?: string
}

/**
 * "5 min ago", kept current, with the exact time as a title (UTC and the reader's own zone). Server and browser may differ by a
 * second; the server's text stays until the first tick right after loading, so nothing jumps and hydration is quiet.
 */
export function RelativeTime({ date, className, prefix }: Props) {
  const time = new Date(date).getTime()
  const [now, setNow] = useState(() => Date.now())
  const [local, setLocal] = useState('')
  useEffect(() => {
    setLocal(new Date(time).toLocaleString())
    let timer = 0
    const tick = () => {
      const current = Date.now()
      setNow(current)
      timer = window.setTimeout(tick, nextChange(time, current))
    }
    tick()
    return () => window.clearTimeout(timer)
  }, [time])
  if (Number.isNaN(time)) return null
  return (
    <time
      dateTime={new Date(time).toISOString()}
      title={local ? `${formatUtc(time)}\n${local} (your time)` : formatUtc(time)}
      suppressHydrationWarning
      className={className ?? 'whitespace-nowrap tabular-nums'}
    >
      {prefix}
      {formatRelative(time, now)}
    </time>
  )
}
