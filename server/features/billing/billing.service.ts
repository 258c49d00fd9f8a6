import type Stripe from 'stripe'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import * as repo from './billing.repo'
import type { Billing, Preview, Subscription } from './billing.schema'
import { asking, isConfigured, livemode, planOf, stripe } from './stripe'
import { takeOver } from './subscription'

/** What the log says of a step. */
type Facts = Record<string, unknown>

export interface Order {
  price: string
  hosts: number
}

/** What is bought, and what stands in its way. Nothing is asked of Stripe: the page is there when Stripe is not (attack H15). */
export async function get(op: SignedInOp): Promise<Billing> {
  const mode = livemode()
  const found = await inTenant(op, async (tx) => ({
    subscription: await repo.current(tx, mode),
    customer: await repo.customer(tx, mode),
    odd: await repo.oddEvents(tx, mode),
  }))
  const buy = can(op, 'settings', 'full')
  return {
    configured: isConfigured(),
    test: isConfigured() && !mode,
    subscription: found.subscription && presented(found.subscription),
    customer: found.customer !== null,
    ...found.odd,
    can: { buy },
    why: { buy: buy ? undefined : 'Your role may see the settings, not change them' },
  }
}

const presented = ({ periodEnd, cancelAt, graceUntil, ...rest }: repo.StoredSubscription): Subscription => ({
  ...rest,
  periodEnd: periodEnd.toISOString(),
  cancelAt: cancelAt?.toISOString() ?? null,
  graceUntil: graceUntil?.toISOString() ?? null,
})

/**
 * Begins a purchase: a page of Stripe's to pay on. Nothing changes here until Stripe says that it was paid.
 * @throws AppError 404 where nothing is sold; 400 for a price that is none; 409 while there is a subscription; 503
 */
export async function checkout(op: SignedInOp, order: Order): Promise<{ url: string }> {
  assertSold(order)
  const existing = await inTenant(op, (tx) => repo.current(tx, livemode()))
  if (existing) throw conflict('There is a subscription already: change it instead of buying another one.')
  const customer = await customerOf(op)
  const page = plansPage()
  const made = await asking('checkout', async () => {
    // Of two pages that were opened, one can be paid.
    const open = await stripe().checkout.sessions.list({ customer, status: 'open', limit: 20 })
    for (const { id } of open.data) await stripe().checkout.sessions.expire(id)
    return stripe().checkout.sessions.create({
      mode: 'subscription',
      customer,
      customer_update: { name: 'auto', address: 'auto' },
      line_items: [
        {
          price: order.price,
          quantity: order.hosts,
          adjustable_quantity: { enabled: true, minimum: 1, maximum: 100_000 },
        },
      ],
      tax_id_collection: { enabled: true },
      billing_address_collection: 'auto',
      success_url: `${page}?session={CHECKOUT_SESSION_ID}`,
      cancel_url: page,
    })
  })
  await noted(op, 'Checkout', made.id, { ...order, plan: planOf(order.price) })
  return { url: required(made.url) }
}

/** Comes back from Stripe's page of payment: what was bought holds at once, not only when Stripe tells. @throws AppError 404 for a session of somebody else */
export async function confirm(op: SignedInOp, session: string): Promise<Billing> {
  const customer = await inTenant(op, (tx) => repo.customer(tx, livemode()))
  const { subscription, customer: whose } = await asking('session', () =>
    stripe().checkout.sessions.retrieve(session),
  ).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'conflict' ? notFound() : error
  })
  if (!customer || idOf(whose) !== customer) throw notFound()
  const id = idOf(subscription)
  if (id) await asking('subscription', () => takeOver(id))
  await noted(op, 'Checkout', session, {})
  return get(op)
}

/** A page of Stripe's for cards, addresses, tax ids and invoices. @throws AppError 404 before anything was bought */
export async function portal(op: SignedInOp): Promise<{ url: string }> {
  const customer = required(await inTenant(op, (tx) => repo.customer(tx, livemode())))
  const { id, url } = await asking('portal', () =>
    stripe().billingPortal.sessions.create({ customer, return_url: plansPage() }),
  )
  await noted(op, 'Customer portal', id, {})
  return { url }
}

/** What a change costs now, and from then on. @throws AppError 404, 400, 503 */
export async function preview(op: SignedInOp, order: Order): Promise<Preview> {
  assertSold(order)
  const { subscription, item } = await live(op)
  const [invoice, price] = await asking('preview', () =>
    Promise.all([
      stripe().invoices.createPreview({
        subscription: subscription.id,
        subscription_details: {
          items: [{ id: item.id, price: order.price, quantity: order.hosts }],
          proration_behavior: 'always_invoice',
        },
      }),
      stripe().prices.retrieve(order.price),
    ]),
  )
  return {
    dueNow: invoice.amount_due > 0 ? invoice.amount_due : invoice.total,
    then: price.unit_amount === null ? null : price.unit_amount * order.hosts,
    currency: invoice.currency.toUpperCase(),
  }
}

/**
 * More or fewer hosts, or another interval, from now on: more is paid at once and refused where the card does not pay; fewer is credited. Nothing of what
 * is there is deleted (attack H08).
 */
export async function change(op: SignedInOp, order: Order): Promise<Billing> {
  assertSold(order)
  const { subscription, item } = await live(op)
  await asking('change', () =>
    stripe().subscriptions.update(subscription.id, {
      items: [{ id: item.id, price: order.price, quantity: order.hosts }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
  )
  return followed(op, subscription.id, { hosts: item.quantity, price: item.price.id }, { ...order })
}

/** Ends the subscription with the period that is paid, or takes that back. */
export async function cancel(op: SignedInOp, cancelled: boolean): Promise<Billing> {
  const { subscription } = await live(op)
  await asking('cancel', () =>
    stripe().subscriptions.update(subscription.id, { cancel_at_period_end: cancelled }),
  )
  return followed(op, subscription.id, { cancelled: !cancelled }, { cancelled })
}

/** Reads the subscription anew. @throws AppError 404, 503 */
export async function refresh(op: SignedInOp): Promise<Billing> {
  const { subscription } = await live(op)
  return followed(op, subscription.id, undefined, {})
}

async function followed(
  op: SignedInOp,
  id: string,
  before: Facts | undefined,
  after: Facts,
): Promise<Billing> {
  await asking('subscription', () => takeOver(id))
  await noted(op, 'Subscription', id, after, before)
  return get(op)
}

/** One row in the log: what was done at Stripe is done. */
const noted = (op: SignedInOp, targetName: string, targetId: string, after: Facts, before?: Facts) =>
  mutate(op, async ({ audit }) => audit({ targetKind: 'subscription', targetId, targetName, before, after }))

/** The subscription that is not over, as Stripe has it, and the item of it that is ours. @throws AppError 404, 503 */
async function live(
  op: SignedInOp,
): Promise<{ subscription: Stripe.Subscription; item: Stripe.SubscriptionItem }> {
  const stored = await inTenant(op, (tx) => repo.current(tx, livemode()))
  if (!stored) throw notFound()
  const subscription = await asking('subscription', () => stripe().subscriptions.retrieve(stored.id))
  const item = subscription.items.data.find(({ price }) => planOf(price.id))
  if (!item) throw notFound()
  return { subscription, item }
}

/** The master as Stripe's customer, made at the first purchase; once, whoever asks at the same time. */
async function customerOf(op: SignedInOp): Promise<string> {
  const { known, install } = await inTenant(op, async (tx) => ({
    known: await repo.customer(tx, livemode()),
    install: await repo.installId(tx),
  }))
  if (known) return known
  const made = await asking('customer', () =>
    stripe().customers.create(
      { name: op.tenant.name, email: op.actor.email || undefined, metadata: { install } },
      { idempotencyKey: `freehold-customer-${install}` },
    ),
  )
  return mutate(op, async ({ tx, audit }) => {
    const id = await repo.setCustomer(tx, made.id, livemode())
    audit({
      targetKind: 'subscription',
      targetId: id,
      targetName: 'Customer at Stripe',
      after: { customer: id },
    })
    return id
  })
}

/** @throws AppError 404 where nothing is sold, 400 for a price that is none of ours */
function assertSold({ price }: Order): void {
  if (!isConfigured()) throw notFound()
  if (!planOf(price)) throw invalidField('price', 'This is not sold here.')
}

const plansPage = (): string => `${tenantOrigin(null, siteConfig())}${consolePaths('').settingsPlans}`

const idOf = (thing: string | { id: string } | null): string | null =>
  typeof thing === 'object' ? (thing?.id ?? null) : thing

/** @throws AppError 404 */
function required<T>(thing: T | null): T {
  if (thing === null) throw notFound()
  return thing
}
