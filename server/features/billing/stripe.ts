import Stripe from 'stripe'
import { env } from '@/server/platform/env'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'

const TIMEOUT_MS = 10_000
const RETRIES = 2

let client: Stripe | undefined

/** Whether this server sells: it has a key, and prices to sell at. */
export const isConfigured = (): boolean => env().STRIPE_SECRET_KEY !== undefined

/** Real money. The key says so; everything of the other mode is left alone. */
export const livemode = (): boolean => /^[sr]k_live_/.test(env().STRIPE_SECRET_KEY ?? '')

/** The official SDK on the account of the environment. @throws AppError 404 where there is none */
export function stripe(): Stripe {
  const { STRIPE_SECRET_KEY: key, STRIPE_API_URL: at } = env()
  if (!key) throw new AppError('not_found', 'No payment is set up on this server')
  return (client ??= new Stripe(key, {
    timeout: TIMEOUT_MS,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    appInfo: { name: 'Freehold' },
    ...(at && { protocol: 'http', host: new URL(at).hostname, port: Number(new URL(at).port) }),
  }))
}

/** Forgets the client; for tests, whose environment changes. */
export const closeStripe = (): void => void (client = undefined)

/** Plan of the table `plan` by the id of its price (STRIPE_PRICES). */
export const planOf = (priceId: string): string | undefined =>
  prices().find(({ price }) => price === priceId)?.plan

/** What is sold: prices at Stripe, each of a plan, in the order of STRIPE_PRICES. */
export const prices = (): { plan: string; price: string }[] =>
  env().STRIPE_PRICES.map((item) => {
    const [plan = '', price = ''] = item.split('=')
    return { plan, price }
  })

/**
 * Runs a call to Stripe for a person: what the buyer can mend is said in Stripe's words, the rest is logged.
 * @throws AppError 400 with Stripe's words, 503 where Stripe does not answer
 */
export async function asking<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    log().warn({ what, type: error.type, code: error.code, stripeRequest: error.requestId }, 'Stripe refused')
    if (error instanceof Stripe.errors.StripeCardError) throw new AppError('conflict', error.message)
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode !== 401)
      throw new AppError('conflict', `Stripe refused: ${error.message}`)
    throw new AppError('unavailable', 'Stripe does not answer as it should. Try again shortly.')
  }
}

/** Id of what Stripe names by its id, or whole where it was asked to. */
export const idOf = (thing: string | { id: string } | null | undefined): string | null =>
  typeof thing === 'string' ? thing : (thing?.id ?? null)

/** There is no such thing in this account. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing'
