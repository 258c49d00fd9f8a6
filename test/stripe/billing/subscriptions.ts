import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { payerOf, pays } from '@/test/stripe/billing/cards'
import {
  collect,
  collectFor,
  invoicesOf,
  issueInvoice,
  stopCollecting,
  takePending,
  voidInvoice,
} from '@/test/stripe/billing/invoices'
import { periodLine } from '@/test/stripe/billing/lines'
import { periodEnd } from '@/test/stripe/billing/period'
import { subscriptionObject, type SubscriptionWanted } from '@/test/stripe/billing/subscription-object'
import { declined, invalid } from '@/test/stripe/failure'

/** What happens where the first invoice is not paid at once. */
export type PaymentBehavior = 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete'

/**
 * A subscription from now on, with its first invoice. It is told as created while incomplete and as changed once it is paid (our model of the
 * order: whoever listens must not rely on it, and Stripe promises none).
 * @param first see `pays`
 * @throws StripeFailure 402 with `error_if_incomplete` and a card that is declined; 400 without any way to pay
 */
export function begin(
  account: Account,
  wanted: SubscriptionWanted,
  behavior: PaymentBehavior = 'allow_incomplete',
  first = false,
): Stripe.Subscription {
  const subscription = subscriptionObject(account, wanted)
  const method = payerOf(account, subscription)
  if (behavior !== 'default_incomplete' && method === null)
    throw invalid(
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method.',
      undefined,
      'resource_missing',
    )
  if (behavior === 'error_if_incomplete' && !pays(account, method, first)) throw declined()
  account.kept.subscriptions.add(subscription)
  account.emit('customer.subscription.created', subscription)
  const lines = subscription.items.data.map((item) => periodLine(account, item))
  const invoice = issueInvoice(account, subscription, 'subscription_create', lines)
  // the first invoice is not tried again by itself: the subscription expires after 23 hours
  invoice.auto_advance = false
  if (behavior !== 'default_incomplete' || invoice.amount_due === 0) collect(account, invoice, method, first)
  settle(account, subscription)
  return subscription
}

/** Brings the status in line with what is paid (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses). */
export function settle(account: Account, subscription: Stripe.Subscription): void {
  const { status } = subscription
  if (status === 'canceled' || status === 'incomplete_expired') return
  const invoices = invoicesOf(account, subscription.id)
  const owing = invoices.some((one) => one.status === 'open' && one.attempted)
  const next =
    status === 'incomplete'
      ? invoices.some((one) => one.status === 'paid')
        ? 'active'
        : 'incomplete'
      : owing
        ? 'past_due'
        : 'active'
  account.change(subscription, 'customer.subscription.updated', (draft) => {
    draft.status = next
  })
}

/** The next period begins: a new invoice, paid or not. */
export function renew(account: Account, subscription: Stripe.Subscription): void {
  account.change(subscription, 'customer.subscription.updated', (draft) => {
    for (const item of draft.items.data) {
      const recurring = item.price.recurring
      if (!recurring) continue
      item.current_period_start = item.current_period_end
      item.current_period_end = periodEnd(draft.billing_cycle_anchor, recurring, item.current_period_end)
    }
  })
  const lines = [
    ...takePending(account, subscription.id),
    ...subscription.items.data.map((item) => periodLine(account, item)),
  ]
  collectFor(account, issueInvoice(account, subscription, 'subscription_cycle', lines), subscription)
  settle(account, subscription)
}

/** Tries an open invoice again; after the last time the subscription is over (our model: `canceled`, where an account may choose `unpaid`). */
export function retry(account: Account, invoice: Stripe.Invoice): void {
  const subscription = subscriptionOf(account, invoice)
  if (!subscription) return
  const paid = collectFor(account, invoice, subscription)
  if (!paid && invoice.next_payment_attempt === null) end(account, subscription, 'payment_failed')
  else settle(account, subscription)
}

/** The subscription that an invoice is of. */
export const subscriptionOf = (account: Account, invoice: Stripe.Invoice): Stripe.Subscription | undefined =>
  account.kept.subscriptions.find((invoice.parent?.subscription_details?.subscription ?? '') as string)

/** Over now. What is open stays open and is no longer collected by itself. */
export function end(
  account: Account,
  subscription: Stripe.Subscription,
  reason: Stripe.Subscription.CancellationDetails.Reason,
): void {
  subscription.status = 'canceled'
  subscription.ended_at = account.now()
  subscription.canceled_at ??= account.now()
  if (subscription.cancellation_details) subscription.cancellation_details.reason = reason
  stopCollecting(account, subscription.id)
  takePending(account, subscription.id)
  account.emit('customer.subscription.deleted', subscription)
}

/** The first invoice was not paid within 23 hours. */
export function expire(account: Account, subscription: Stripe.Subscription): void {
  for (const invoice of invoicesOf(account, subscription.id))
    if (invoice.status === 'open') voidInvoice(account, invoice)
  account.change(subscription, 'customer.subscription.updated', (draft) => {
    draft.status = 'incomplete_expired'
    draft.ended_at = account.now()
  })
}
