import type Stripe from 'stripe'
import { OF_STRIPE } from '@/lib/from-anywhere'
import { systemValue } from '@/server/db/system'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { env } from '@/server/platform/env'
import { AppError, notFound } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { wakeBilling } from './billing.wake'
import { HANDLERS } from './events/all'
import { isConfigured, livemode, stripe } from './stripe'

/** Seconds that a signature may be old, or ahead of our clock (attack H02). */
const TOLERANCE = 300
const BODY_BYTES = 512_000

/**
 * What Stripe tells. The signature is checked over the body as it came; then only the id of what it is about is noted, in one statement, and worked off
 * afterwards: whoever is killed in between loses nothing. Answers 200 to all that is signed, also twice, also about somebody unknown (attacks H03, H07).
 */
async function hear({ request }: RouteCall): Promise<Response> {
  if (!isConfigured()) throw notFound()
  const event = signed(await request.text(), request.headers.get('stripe-signature') ?? '')
  const object = event.data.object as { id?: unknown }
  const why = useless(event)
  if (why && event.livemode !== livemode()) log().error({ event: event.id, type: event.type }, why)
  await systemValue<boolean, 'stripe_event_add'>('stripe_event_add', [
    event.id,
    event.type,
    typeof object.id === 'string' ? object.id : '',
    event.livemode,
    new Date(event.created * 1000).toISOString(),
    why ? 'ignored' : 'pending',
    why,
  ])
  wakeBilling()
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } })
}

/** @throws AppError 400 for whatever is not signed with the secret of this endpoint, now */
function signed(body: string, signature: string): Stripe.Event {
  const secret = env().STRIPE_WEBHOOK_SECRET ?? ''
  try {
    const sentAt = Number(/(?:^|,)t=(\d{1,12})(?:,|$)/.exec(signature)?.[1] ?? NaN)
    if (!(sentAt - TOLERANCE <= Date.now() / 1000)) throw new Error('from the future')
    return stripe().webhooks.constructEvent(body, signature, secret, TOLERANCE)
  } catch {
    throw new AppError('invalid_input', 'The signature does not fit')
  }
}

/** Why an event is noted and no more; empty: it is worked off. */
function useless(event: Stripe.Event): string {
  if (event.livemode !== livemode())
    return `An event of ${event.livemode ? 'live' : 'test'} mode came to a server of ${livemode() ? 'live' : 'test'} mode`
  if (event.account) return 'It is of another account'
  return HANDLERS[event.type] ? '' : 'Nothing here depends on it'
}

export const billingRoutes: readonly HttpRoute[] = [
  {
    name: 'stripe.webhook',
    method: 'POST',
    path: '/api/stripe/webhook',
    maxBody: BODY_BYTES,
    bare: true,
    anyHost: true,
    declaration: {
      scope: 'public',
      audit: 'billing.subscription',
      address: OF_STRIPE,
      summary: 'What Stripe tells of subscriptions and payments, signed',
    },
    handle: hear,
  },
]
