import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { attach, BY_NUMBER, makeCard } from '@/test/stripe/billing/cards'
import { carryOut, planChange } from '@/test/stripe/billing/change'
import { collect, invoicesOf } from '@/test/stripe/billing/invoices'
import { after } from '@/test/stripe/billing/period'
import { end, settle } from '@/test/stripe/billing/subscriptions'
import { setCancelAtPeriodEnd } from '@/test/stripe/billing/wanted'
import { declined, invalid, missing } from '@/test/stripe/failure'

type Typed = Record<string, string | undefined>

/**
 * What the buttons of the portal do.
 * @param move moves the clock, to a second since 1970
 * @throws StripeFailure for what the customer must put right
 */
export function actInPortal(
  account: Account,
  customer: Stripe.Customer,
  typed: Typed,
  move: (second: number) => void,
): void {
  const act = typed['act']
  if (act === 'pass') return pass(account, typed['span'], move)
  if (act === 'card') return changeCard(account, customer, typed['card'] ?? '')
  const subscription = account.kept.subscriptions.find(typed['subscription'] ?? '')
  if (!subscription || subscription.customer !== customer.id)
    throw missing('subscription', typed['subscription'] ?? '')
  if (subscription.ended_at !== null) throw invalid('This subscription is over.')
  if (act === 'quantity') changeQuantity(account, subscription, typed['quantity'] ?? '')
  else if (act === 'cancel-now') end(account, subscription, 'cancellation_requested')
  else if (act === 'cancel' || act === 'resume')
    account.change(subscription, 'customer.subscription.updated', (draft) =>
      setCancelAtPeriodEnd(account, draft, act === 'cancel'),
    )
  else throw invalid('There is no such button.')
}

/** The clock moves by a day, week, month or year and a minute, so that what is due at its end is done. */
export function pass(account: Account, span: string | undefined, move: (second: number) => void): void {
  if (span !== 'day' && span !== 'week' && span !== 'month' && span !== 'year')
    throw invalid('A day, a week, a month or a year can pass.', 'span')
  const recurring = { interval: span, interval_count: 1, meter: null, trial_period_days: null } as const
  move(after(account.now(), { ...recurring, usage_type: 'licensed' }, 1) + 60)
}

function changeQuantity(account: Account, subscription: Stripe.Subscription, text: string): void {
  const quantity = /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0
  if (quantity < 1) throw invalid('The quantity must be a whole number from 1 up.', 'quantity')
  const [item] = subscription.items.data
  const proration = 'always_invoice'
  const planned = planChange(account, subscription, [{ id: item?.id, quantity }], proration)
  carryOut(account, subscription, planned, { proration, errorIfIncomplete: true })
}

/** The new card pays from now on, and at once for what is open. */
function changeCard(account: Account, customer: Stripe.Customer, number: string): void {
  const card = BY_NUMBER[number.replaceAll(' ', '')]
  if (!card) throw invalid('Your card number is not one of the test cards.', 'card')
  if (card.nature === 'declined') throw declined()
  const method = attach(account, makeCard(account, card), customer.id)
  account.change(customer, 'customer.updated', (draft) => {
    draft.invoice_settings.default_payment_method = method.id
  })
  for (const subscription of account.kept.subscriptions.toJSON()) {
    if (subscription.customer !== customer.id || subscription.ended_at !== null) continue
    account.change(subscription, 'customer.subscription.updated', (draft) => {
      draft.default_payment_method = method.id
    })
    for (const invoice of invoicesOf(account, subscription.id))
      if (invoice.status === 'open') collect(account, invoice, method.id)
    settle(account, subscription)
  }
}
