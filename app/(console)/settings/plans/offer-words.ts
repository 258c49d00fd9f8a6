import { moneyText } from '@/lib/money'
import type { Offer } from '@/server/features/billing/billing.schema'

/** "month", "3 months". */
export const intervalText = ({ interval, intervals }: Offer): string =>
  intervals === 1 ? interval : `${intervals} ${interval}s`

/** "Monthly · €9.00 a host". */
export function offerText(offer: Offer): string {
  const every = { day: 'Daily', week: 'Weekly', month: 'Monthly', year: 'Yearly' }[offer.interval]
  const rhythm = offer.intervals === 1 ? every : `Every ${intervalText(offer)}`
  return offer.amount === null ? rhythm : `${rhythm} · ${moneyText(offer.amount, offer.currency)} a host`
}

/** "€90.00 a month"; null where the page of payment works it out. */
export const totalText = (offer: Offer, hosts: number): string | null =>
  offer.amount === null || !Number.isInteger(hosts) || hosts < 1
    ? null
    : `${moneyText(offer.amount * hosts, offer.currency)} a ${intervalText(offer)}`
