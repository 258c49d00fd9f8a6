import type Stripe from 'stripe'

/**
 * A moment so many intervals after another, on the same day of the month where that month has it, else on its last (as Stripe's
 * `billing_cycle_anchor`). UTC.
 * @param anchor seconds since 1970
 */
export function after(anchor: number, recurring: Stripe.Price.Recurring, times: number): number {
  const count = recurring.interval_count * times
  const day = 86_400
  if (recurring.interval === 'day') return anchor + count * day
  if (recurring.interval === 'week') return anchor + count * 7 * day
  const months = recurring.interval === 'year' ? 12 * count : count
  const from = new Date(anchor * 1000)
  const to = new Date(from)
  to.setUTCDate(1)
  to.setUTCMonth(from.getUTCMonth() + months)
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate()
  to.setUTCDate(Math.min(from.getUTCDate(), last))
  return to.getTime() / 1000
}

/** The end of the period that begins at `start`, counted from the anchor so that the 31st comes back after February. */
export function periodEnd(anchor: number, recurring: Stripe.Price.Recurring, start: number): number {
  let times = 1
  while (after(anchor, recurring, times) <= start) times++
  return after(anchor, recurring, times)
}

/** `30 Nov 2026`, as Stripe writes days on its lines. */
export const dayOf = (second: number): string =>
  new Date(second * 1000).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
