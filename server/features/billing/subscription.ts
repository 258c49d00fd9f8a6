import type Stripe from 'stripe'
import { systemValue } from '@/server/db/system'
import { env } from '@/server/platform/env'
import { isMissing, livemode, planOf, stripe } from './stripe'

const DAY_MS = 86_400_000
/** A renewal is told late, and late again after an outage: the licence holds a little longer than the period. */
const LATE_DAYS = 3

/** What became of reading a subscription: taken over, nothing new, or why it is none of ours. */
export type Outcome = 'applied' | 'same' | 'stale' | 'customer' | 'plan' | 'missing' | 'mode'

/**
 * Reads a subscription at Stripe and takes over what it says there: the order in which one hears of changes does not matter (attack H04). What
 * was read earlier and comes later changes nothing.
 * @throws whatever the SDK throws when Stripe does not answer
 */
export async function takeOver(id: string): Promise<Outcome> {
  const ticket = await systemValue<string, 'billing_ticket'>('billing_ticket', [])
  const subscription = await stripe()
    .subscriptions.retrieve(id)
    .catch((error: unknown) => {
      if (isMissing(error)) return null
      throw error
    })
  if (!subscription) return 'missing'
  if (subscription.livemode !== livemode()) return 'mode'
  const facts = factsOf(subscription)
  if (!facts) return 'plan'
  return systemValue<Outcome, 'billing_apply'>('billing_apply', [{ ...facts, ticket }])
}

export interface Facts {
  id: string
  customer: string
  livemode: boolean
  status: string
  plan: string
  price: string
  quantity: number
  periodEnd: string
  cancelAt: string | null
  graceUntil: string | null
  /** Until when it counts; null: it does not. */
  until: string | null
}

/** What counts of a subscription; null: nothing in it is sold here. */
export function factsOf(subscription: Stripe.Subscription): Facts | null {
  const item = subscription.items.data.find(({ price }) => planOf(price.id))
  const plan = item && planOf(item.price.id)
  if (!item || !plan) return null
  const periodEnd = item.current_period_end * 1000
  // Cancelled ahead: the period's end, or a day that somebody chose.
  const ends = subscription.cancel_at ?? (subscription.cancel_at_period_end ? item.current_period_end : null)
  const cancelAt = ends === null ? null : ends * 1000
  const graceUntil =
    subscription.status === 'past_due'
      ? item.current_period_start * 1000 + env().BILLING_GRACE_DAYS * DAY_MS
      : null
  return {
    id: subscription.id,
    customer: typeof subscription.customer === 'string' ? subscription.customer : subscription.customer.id,
    livemode: subscription.livemode,
    status: subscription.status,
    plan,
    price: item.price.id,
    quantity: item.quantity ?? 0,
    periodEnd: iso(periodEnd),
    cancelAt: cancelAt === null ? null : iso(cancelAt),
    graceUntil: graceUntil === null ? null : iso(graceUntil),
    until: untilOf(subscription.status, { periodEnd, cancelAt, graceUntil }),
  }
}

function untilOf(
  status: Stripe.Subscription.Status,
  {
    periodEnd,
    cancelAt,
    graceUntil,
  }: { periodEnd: number; cancelAt: number | null; graceUntil: number | null },
): string | null {
  switch (status) {
    case 'active':
    case 'trialing':
      return iso(cancelAt ?? periodEnd + LATE_DAYS * DAY_MS)
    case 'past_due':
      return iso(Math.min(cancelAt ?? Infinity, graceUntil ?? periodEnd))
    default: // canceled, unpaid, paused, incomplete, incomplete_expired, and what may come
      return null
  }
}

const iso = (time: number): string => new Date(time).toISOString()
