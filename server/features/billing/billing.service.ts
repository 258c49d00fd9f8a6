import type Stripe from 'stripe'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { installation } from '@/server/features/licence/licence.service'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import * as repo from './billing.repo'
import type { Billing, Preview, Subscription } from './billing.schema'
import { asking, idOf, isConfigured, isMissing, livemode, planOf, stripe } from './stripe'
import { itemOf, takeOver, takeOverAll } from './subscription'

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
    subscriptions: await repo.current(tx, mode),
    customer: await repo.customer(tx, mode),
    odd: await repo.oddEvents(tx, mode),
  }))
  const [first, ...others] = found.subscriptions
  const buy = can(op, 'settings', 'full')
  return {
    configured: isConfigured(),
    test: isConfigured() && !mode,
    subscription: first ? presented(first) : null,
    others: others.length,
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
 * @throws AppError 404 where nothing is sold; 400 for a price that is none; 409 while there is a subscription, or somebody else is buying; 503
 */
export async function checkout(op: SignedInOp, order: Order): Promise<{ url: string }> {
  await assertSold(op, order)
  const customer = await customerOf(op)
  return inTurn(async () => {
    const made = await asking('checkout', () => newSession(op, customer, order))
    await noted(op, 'Checkout', made.id, { ...order, plan: planOf(order.price) })
    return { url: required(made.url) }
  })
}

async function newSession(op: SignedInOp, customer: string, order: Order): Promise<Stripe.Checkout.Session> {
  // What was paid a moment ago, and nobody has told of yet.
  await takeOverAll(customer)
  if ((await inTenant(op, (tx) => repo.current(tx, livemode()))).length > 0)
    throw conflict('There is a subscription already: change it instead of buying another one.')
  // Of two pages that were opened, one can be paid.
  const open = await stripe().checkout.sessions.list({ customer, status: 'open', limit: 20 })
  for (const { id } of open.data) await stripe().checkout.sessions.expire(id)
  const hosts = { enabled: true, minimum: 1, maximum: 100_000 }
  const page = plansPage()
  return stripe().checkout.sessions.create({
    mode: 'subscription',
    customer,
    customer_update: { name: 'auto', address: 'auto' },
    line_items: [{ price: order.price, quantity: order.hosts, adjustable_quantity: hosts }],
    tax_id_collection: { enabled: true },
    billing_address_collection: 'auto',
    success_url: `${page}?session={CHECKOUT_SESSION_ID}`,
    cancel_url: page,
  })
}

/** One page of payment is made at a time. @throws AppError 409 */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const take = (mine: boolean) => systemValue<boolean, 'billing_turn'>('billing_turn', [livemode(), mine])
  if (!(await take(true))) throw conflict('Somebody else is buying at this moment. Try again in a minute.')
  try {
    return await work()
  } finally {
    await take(false)
  }
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
  await noted(op, 'Checkout', session, { subscription: id })
  const outcome = id ? await asking('subscription', () => takeOver(id)) : 'same'
  if (outcome === 'plan')
    throw conflict(
      'It was paid, but STRIPE_PRICES of this server names no plan for its price. Put that right; nothing is lost.',
    )
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
  await assertSold(op, order)
  const { subscription, item } = await live(op)
  const items = [{ id: item.id, price: order.price, quantity: order.hosts }]
  const [invoice, price] = await asking('preview', () =>
    Promise.all([
      stripe().invoices.createPreview({
        subscription: subscription.id,
        subscription_details: { items, proration_behavior: 'always_invoice' },
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
  await assertSold(op, order)
  const { subscription, item } = await live(op)
  const before = { hosts: item.quantity, price: item.price.id }
  return asked(op, subscription.id, { before, after: { ...order } }, () =>
    stripe().subscriptions.update(subscription.id, {
      items: [{ id: item.id, price: order.price, quantity: order.hosts }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
  )
}

/** Ends the subscription with the period that is paid, or takes that back. */
export async function cancel(op: SignedInOp, cancelled: boolean): Promise<Billing> {
  const { subscription } = await live(op)
  return asked(op, subscription.id, { before: { cancelled: !cancelled }, after: { cancelled } }, () =>
    stripe().subscriptions.update(subscription.id, { cancel_at_period_end: cancelled }),
  )
}

/** Reads anew all that there is at Stripe. @throws AppError 404 before anything was bought; 503 */
export async function refresh(op: SignedInOp): Promise<Billing> {
  const customer = required(await inTenant(op, (tx) => repo.customer(tx, livemode())))
  await noted(op, 'Subscriptions', customer, {})
  await asking('subscriptions', () => takeOverAll(customer))
  return get(op)
}

/**
 * Says to the log what is asked of Stripe, asks it, and takes over what became of it. What Stripe has done is done: if reading it fails, the webhook or the next
 * round brings it.
 */
async function asked(
  op: SignedInOp,
  id: string,
  { before, after }: { before: Facts; after: Facts },
  change: () => Promise<unknown>,
): Promise<Billing> {
  await noted(op, 'Subscription', id, after, before)
  await asking('subscription', change)
  await takeOver(id).catch((error: unknown) =>
    log().warn({ err: error, id }, 'what Stripe did could not be read yet'),
  )
  return get(op)
}

/** One row in the log, in a transaction that looks again whether this person may. */
const noted = (op: SignedInOp, targetName: string, targetId: string, after: Facts, before?: Facts) =>
  mutate(op, async ({ audit }) => audit({ targetKind: 'subscription', targetId, targetName, before, after }))

/** The subscription that is not over, as Stripe has it, and the item of it that is ours. @throws AppError 404, 503 */
async function live(
  op: SignedInOp,
): Promise<{ subscription: Stripe.Subscription; item: Stripe.SubscriptionItem }> {
  const [stored] = await inTenant(op, (tx) => repo.current(tx, livemode()))
  if (!isConfigured() || !stored) throw notFound()
  const subscription = await asking('subscription', () => stripe().subscriptions.retrieve(stored.id))
  const item = itemOf(subscription)
  if (!item) throw notFound()
  return { subscription, item }
}

/** The master as Stripe's customer, made at the first purchase; once, whoever asks at the same time. Anew, where Stripe knows it no more. */
async function customerOf(op: SignedInOp): Promise<string> {
  const { known, install } = await inTenant(op, async (tx) => ({
    known: await repo.customer(tx, livemode()),
    install: (await installation(tx)).id,
  }))
  if (known && (await asking('customer', () => isThere(known)))) return known
  const made = await asking('customer', async () => {
    // Nothing that differs from person to person: whoever asks with this key gets the same customer.
    const params = { metadata: { install } }
    const key = `freehold-customer-${install}${known ? `-after-${known}` : ''}`
    const { id } = await stripe().customers.create(params, { idempotencyKey: key })
    return stripe().customers.update(id, { name: op.tenant.name, email: op.actor.email || undefined })
  })
  return mutate(op, async ({ tx, audit }) => {
    const id = await repo.setCustomer(tx, made.id, livemode(), known)
    audit({
      targetKind: 'subscription',
      targetId: id,
      targetName: 'Customer at Stripe',
      before: { customer: known },
      after: { customer: id },
    })
    return id
  })
}

async function isThere(customer: string): Promise<boolean> {
  try {
    return !(await stripe().customers.retrieve(customer)).deleted
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** @throws AppError 404 where nothing is sold, 400 for a price that is none of ours, 409 for one of a plan that there is not */
async function assertSold(op: SignedInOp, { price }: Order): Promise<void> {
  if (!isConfigured()) throw notFound()
  const plan = planOf(price)
  if (!plan) throw invalidField('price', 'This is not sold here.')
  if (!(await inTenant(op, (tx) => repo.planExists(tx, plan))))
    throw conflict(`STRIPE_PRICES of this server names a plan that there is not: ${plan}`)
}

const plansPage = (): string => `${tenantOrigin(null, siteConfig())}${consolePaths('').settingsPlans}`

/** @throws AppError 404 */
function required<T>(thing: T | null): T {
  if (thing === null) throw notFound()
  return thing
}
