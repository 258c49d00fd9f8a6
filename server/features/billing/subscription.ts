import type Stripe from 'stripe'
import { systemValue } from '@/server/db/system'
import { env } from '@/server/platform/env'
import { idOf, isMissing, livemode, planOf, stripe } from './stripe'

/** What became of reading a subscription: taken over, nothing new, or why it is none of ours. `gone`: Stripe knows it no more, and it has ended here. */
export type Outcome = 'applied' | 'same' | 'stale' | 'customer' | 'plan' | 'missing' | 'gone' | 'mode'

/**
 * Reads a subscription at Stripe and takes over what it says there: the order in which one hears of changes does not matter (attack H04). What
 * was read earlier and comes later changes nothing.
 * @throws whatever the SDK throws when Stripe does not answer
 */
export async function takeOver(id: string): Promise<Outcome> {
  const ticket = await nextReading()
  const subscription = await stripe()
    .subscriptions.retrieve(id)
    .catch((error: unknown) => {
      if (isMissing(error)) return null
      throw error
    })
  if (!subscription)
    return (await systemValue<boolean, 'billing_gone'>('billing_gone', [id])) ? 'gone' : 'missing'
  const toldAt = new Date(subscription.lastResponse.headers.date ?? '')
  return apply(subscription, ticket, Number.isNaN(+toldAt) ? null : toldAt)
}

/**
 * Takes over all that a customer has: also what was never told, as no webhook came through.
 * @returns ids of what was read
 * @throws whatever the SDK throws when Stripe does not answer
 */
export async function takeOverAll(customer: string): Promise<Set<string>> {
  const read = new Set<string>()
  const ticket = await nextReading()
  for await (const one of stripe().subscriptions.list({ customer, status: 'all', limit: 100 })) {
    read.add(one.id)
    await apply(one, ticket, null)
  }
  return read
}

const nextReading = () => systemValue<string, 'billing_ticket'>('billing_ticket', [livemode()])

/** @param toldAt Stripe's time of the answer; null: not known */
async function apply(
  subscription: Stripe.Subscription,
  ticket: string,
  toldAt: Date | null,
): Promise<Outcome> {
  if (subscription.livemode !== livemode()) return 'mode'
  const facts = factsOf(subscription)
  if (!facts) return 'plan'
  return systemValue<Outcome, 'billing_apply'>('billing_apply', [
    { ...facts, ticket, graceDays: env().BILLING_GRACE_DAYS, toldAt },
  ])
}

interface Facts {
  id: string
  customer: string
  livemode: boolean
  status: string
  /** Null: its price is none that is sold any more. What it was stays. */
  plan: string | null
  price: string
  quantity: number
  periodEnd: string
  cancelAt: string | null
  counts: 'paid' | 'grace' | 'no'
}

/** What counts of a subscription; null: nothing that could be ours is in it. */
function factsOf(subscription: Stripe.Subscription): Facts | null {
  const item = itemOf(subscription)
  if (!item) return null
  // Cancelled ahead: the period's end, or a day that somebody chose.
  const ends = subscription.cancel_at ?? (subscription.cancel_at_period_end ? item.current_period_end : null)
  return {
    id: subscription.id,
    customer: idOf(subscription.customer) ?? '',
    livemode: subscription.livemode,
    status: subscription.status,
    plan: planOf(item.price.id) ?? null,
    price: item.price.id,
    quantity: item.quantity ?? 0,
    periodEnd: iso(item.current_period_end),
    cancelAt: ends === null ? null : iso(ends),
    counts: countsAs(subscription.status),
  }
}

/** The item that is sold here; the only one, where its price is sold no more. */
export function itemOf({ items: { data } }: Stripe.Subscription): Stripe.SubscriptionItem | undefined {
  return data.find(({ price }) => planOf(price.id)) ?? (data.length === 1 ? data[0] : undefined)
}

function countsAs(status: Stripe.Subscription.Status): Facts['counts'] {
  switch (status) {
    case 'active':
    case 'trialing':
      return 'paid'
    case 'past_due':
      return 'grace'
    default: // canceled, unpaid, paused, incomplete, incomplete_expired, and what may come
      return 'no'
  }
}

/** @param time seconds since 1970 */
const iso = (time: number): string => new Date(time * 1000).toISOString()
