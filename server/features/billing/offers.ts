import type Stripe from 'stripe'
import { asking, prices, stripe } from './stripe'
import type { Offer } from './billing.schema'

const FRESH_MS = 600_000
let known: { at: number; offers: Offer[] } | null = null

/** What is sold, with what it costs as Stripe has it; asked at most every ten minutes. @throws AppError 503 */
export async function offers(): Promise<Offer[]> {
  if (known && Date.now() - known.at < FRESH_MS) return known.offers
  const found = await asking('prices', () =>
    Promise.all(
      prices().map(async ({ plan, price }) => ({ plan, price: await stripe().prices.retrieve(price) })),
    ),
  )
  known = {
    at: Date.now(),
    offers: found
      .filter(({ price }) => price.active && price.recurring)
      .map(({ plan, price }) => ({
        price: price.id,
        plan,
        amount: price.unit_amount,
        currency: price.currency.toUpperCase(),
        interval: interval(price),
        intervals: price.recurring?.interval_count ?? 1,
      })),
  }
  return known.offers
}

const INTERVALS = ['day', 'week', 'month', 'year'] as const

const interval = ({ recurring }: Stripe.Price): Offer['interval'] =>
  INTERVALS.find((one) => one === recurring?.interval) ?? 'month'

/** Forgets what was asked; for tests. */
export const forgetOffers = (): void => void (known = null)
