const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const pad = (value: number) => String(value).padStart(2, '0')

function span(seconds: number): string {
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`
  const days = Math.floor(seconds / DAY)
  return days === 1 ? '1 day' : `${days} days`
}

/**
 * "just now", "42 s ago", "5 min ago", "3 h ago", "12 days ago", "in 5 min"; beyond 30 days the date ("4 Mar 2026", UTC).
 * Both in milliseconds since 1970.
 */
export function formatRelative(time: number, now: number): string {
  const seconds = (now - time) / 1000
  const distance = Math.abs(seconds)
  if (distance < 5) return 'just now'
  if (distance >= 31 * DAY) return formatDate(time)
  return seconds > 0 ? `${span(distance)} ago` : `in ${span(distance)}`
}

/** "4 Mar 2026", in UTC so that server and browser agree. */
export function formatDate(time: number): string {
  const date = new Date(time)
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** "2026-03-04 17:05:09 UTC". */
export function formatUtc(time: number): string {
  const date = new Date(time)
  const day = `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`
  return `${day} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())} UTC`
}
