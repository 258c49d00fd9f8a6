import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { payerOf, pays } from '@/test/stripe/billing/cards'
import { collectFor, issueInvoice, takePending } from '@/test/stripe/billing/invoices'
import { periodLine, prorationLine } from '@/test/stripe/billing/lines'
import { after } from '@/test/stripe/billing/period'
import { itemObject, planOf, recurringOf } from '@/test/stripe/billing/subscription-object'
import { settle } from '@/test/stripe/billing/subscriptions'
import { declined, invalid } from '@/test/stripe/failure'

/** As `items` of `subscriptions.update`: an item that exists by its id, a new one without. */
export interface ItemChange {
  id?: string
  price?: string
  quantity?: number
  deleted?: boolean
  metadata?: Stripe.Metadata
}
export type Proration = 'always_invoice' | 'create_prorations' | 'none'

export interface Planned {
  /** All items as they are to be. */
  items: Stripe.SubscriptionItem[]
  /** Credits and charges for what is left of the period, and a whole new period's price where one begins. */
  lines: Stripe.InvoiceLineItem[]
  /** Where the interval changes a new period begins at once, as at Stripe. */
  restarted: boolean
}

/**
 * What a change of items would come to; changes nothing.
 * @param at when the change counts from, in seconds since 1970
 * @throws StripeFailure 400 for items or prices that cannot be
 */
export function planChange(
  account: Account,
  subscription: Stripe.Subscription,
  changes: ItemChange[],
  proration: Proration,
  at = account.now(),
): Planned {
  const before = structuredClone(subscription.items.data)
  const items = structuredClone(before)
  for (const [index, change] of changes.entries()) applyTo(account, subscription, items, change, index)
  if (items.length === 0) throw invalid('A subscription must have at least one active item.', 'items')
  const restarted = restart(account, before, items)
  const lines: Stripe.InvoiceLineItem[] = []
  for (const old of before) {
    const item = items.find((one) => one.id === old.id)
    if (item && !restarted && sameCost(old, item)) continue
    if (proration !== 'none') lines.push(prorationLine(account, old, at, -1))
  }
  for (const item of items) {
    const old = before.find((one) => one.id === item.id)
    if (restarted) lines.push(periodLine(account, item))
    else if ((!old || !sameCost(old, item)) && proration !== 'none')
      lines.push(prorationLine(account, item, at, 1))
  }
  return { items, lines, restarted }
}

const sameCost = (a: Stripe.SubscriptionItem, b: Stripe.SubscriptionItem): boolean =>
  a.price.id === b.price.id && a.quantity === b.quantity

function applyTo(
  account: Account,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  change: ItemChange,
  index: number,
): void {
  const name = (field: string): string => `items[${index}][${field}]`
  if (change.quantity !== undefined && change.quantity < 0)
    throw invalid(
      `Invalid non-negative integer: ${change.quantity}`,
      name('quantity'),
      'parameter_invalid_integer',
    )
  const price =
    change.price === undefined ? undefined : priceFor(account, subscription, change.price, name('price'))
  if (price && items.some((one) => one.price.id === price.id && one.id !== change.id))
    throw invalid(`Cannot add multiple subscription items with the same price: ${price.id}`, name('price'))
  if (change.id === undefined) {
    if (!price) throw invalid(`Missing required param: ${name('price')}.`, name('price'), 'parameter_missing')
    const [like] = items
    if (!like) throw invalid('A subscription must have at least one active item.', 'items')
    const period = { start: like.current_period_start, end: like.current_period_end }
    const wanted = { price, quantity: change.quantity ?? 1, metadata: change.metadata }
    items.push(itemObject(account, subscription.id, wanted, period))
    return
  }
  const item = items.find((one) => one.id === change.id)
  if (!item) throw invalid(`No such subscription item: '${change.id}'`, name('id'), 'resource_missing')
  if (change.deleted) items.splice(items.indexOf(item), 1)
  if (price) Object.assign(item, { price, plan: planOf(price) })
  if (change.quantity !== undefined) item.quantity = change.quantity
  if (change.metadata) item.metadata = change.metadata
}

function priceFor(
  account: Account,
  subscription: Stripe.Subscription,
  id: string,
  param: string,
): Stripe.Price {
  const price = account.kept.prices.take(id, param)
  recurringOf(price, param)
  if (!price.active)
    throw invalid('The price specified is inactive. This field only accepts active prices.', param)
  if (price.currency !== subscription.currency)
    throw invalid(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`,
      param,
    )
  return structuredClone(price)
}

/** Where the interval is another one, a period of the new one begins now. */
function restart(
  account: Account,
  before: Stripe.SubscriptionItem[],
  items: Stripe.SubscriptionItem[],
): boolean {
  const intervals = new Set(items.map(intervalOf))
  if (intervals.size > 1)
    throw invalid('Currently, all subscription items must have the same billing interval.', 'items')
  const [recurring] = items.map((one) => one.price.recurring)
  if (!recurring || before.some((one) => intervals.has(intervalOf(one)))) return false
  for (const item of items) {
    item.current_period_start = account.now()
    item.current_period_end = after(account.now(), recurring, 1)
  }
  return true
}
const intervalOf = (item: Stripe.SubscriptionItem): string =>
  `${item.price.recurring?.interval} ${item.price.recurring?.interval_count}`

/**
 * Does what was planned; an invoice now with `always_invoice` or a new period, else with the next one.
 * @param also other changes that belong in the same event
 * @throws StripeFailure 402 with `error_if_incomplete` and a card that is declined: nothing has changed then
 */
export function carryOut(
  account: Account,
  subscription: Stripe.Subscription,
  planned: Planned,
  options: { proration: Proration; errorIfIncomplete: boolean },
  also: (draft: Stripe.Subscription) => void = () => undefined,
): void {
  const now = planned.restarted || options.proration === 'always_invoice'
  const due = planned.lines.reduce((sum, line) => sum + line.amount, 0) > 0
  if (now && due && options.errorIfIncomplete && !pays(account, payerOf(account, subscription)))
    throw declined()
  account.change(subscription, 'customer.subscription.updated', (draft) => {
    draft.items.data = planned.items
    if (planned.restarted) draft.billing_cycle_anchor = account.now()
    also(draft)
    // a new period that is to be the last one ends later than the old one did
    if (draft.cancel_at_period_end)
      draft.cancel_at = Math.min(...draft.items.data.map((one) => one.current_period_end))
  })
  if (planned.lines.length === 0) return
  if (!now) {
    for (const line of planned.lines)
      account.kept.pending.add({ id: newId('ii'), subscription: subscription.id, line })
    return
  }
  const lines = [...takePending(account, subscription.id), ...planned.lines]
  collectFor(account, issueInvoice(account, subscription, 'subscription_update', lines), subscription)
  settle(account, subscription)
}
