import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import type { ItemChange } from '@/test/stripe/billing/change'
import { type ItemWanted, recurringOf } from '@/test/stripe/billing/subscription-object'
import { invalid } from '@/test/stripe/failure'
import { mergeMetadata } from '@/test/stripe/routes/route'

interface Given {
  price?: string
  quantity?: number
  metadata?: Stripe.MetadataParam | '' | null
}

/**
 * What is asked to be subscribed to.
 * @param name of the parameter, `items` or `line_items`
 * @throws StripeFailure 400 for what is missing, unknown, not for sale, or does not go together
 */
export function itemsWanted(account: Account, given: Given[], name = 'items'): ItemWanted[] {
  if (given.length === 0) throw invalid(`Missing required param: ${name}.`, name, 'parameter_missing')
  const wanted = given.map((one, index) => itemWanted(account, one, `${name}[${index}]`))
  const distinct = (of: (item: ItemWanted) => string): number => new Set(wanted.map(of)).size
  if (distinct((one) => one.price.currency) > 1)
    throw invalid('All prices must have the same currency.', name)
  if (distinct((one) => `${one.price.recurring?.interval} ${one.price.recurring?.interval_count}`) > 1)
    throw invalid('All prices must have the same billing interval.', name)
  if (distinct((one) => one.price.id) < wanted.length)
    throw invalid('Cannot add multiple subscription items with the same price.', name)
  return wanted
}

function itemWanted(account: Account, one: Given, name: string): ItemWanted {
  if (one.price === undefined)
    throw invalid(`Missing required param: ${name}[price].`, `${name}[price]`, 'parameter_missing')
  const price = account.kept.prices.take(one.price, `${name}[price]`)
  recurringOf(price, `${name}[price]`)
  if (!price.active)
    throw invalid('The price specified is inactive. This field only accepts active prices.', `${name}[price]`)
  const quantity = one.quantity ?? 1
  if (quantity < 0)
    throw invalid('Invalid non-negative integer', `${name}[quantity]`, 'parameter_invalid_integer')
  return { price: structuredClone(price), quantity, metadata: mergeMetadata({}, one.metadata) }
}

/** Changes of items as `subscriptions.update` gives them. */
export function changesOf(
  given: Stripe.SubscriptionUpdateParams.Item[],
  subscription: Stripe.Subscription,
): ItemChange[] {
  return given.map(({ id, price, quantity, deleted, metadata }) => {
    const before = subscription.items.data.find((one) => one.id === id)?.metadata ?? {}
    return {
      id,
      price,
      quantity,
      deleted,
      metadata: metadata === undefined ? undefined : mergeMetadata(before, metadata),
    }
  })
}

/** To end with the period, or to go on after all. `cancel_at` says when, as it does at Stripe. */
export function setCancelAtPeriodEnd(account: Account, draft: Stripe.Subscription, wanted: boolean): void {
  draft.cancel_at_period_end = wanted
  draft.cancel_at = wanted ? Math.min(...draft.items.data.map((one) => one.current_period_end)) : null
  draft.canceled_at = wanted ? (draft.canceled_at ?? account.now()) : null
  if (draft.cancellation_details) draft.cancellation_details.reason = wanted ? 'cancellation_requested' : null
}
