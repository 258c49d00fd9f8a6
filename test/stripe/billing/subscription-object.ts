import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { after } from '@/test/stripe/billing/period'
import { invalid } from '@/test/stripe/failure'

/** One thing to be subscribed to, checked. */
export interface ItemWanted {
  price: Stripe.Price
  quantity: number
  metadata?: Stripe.Metadata
}

/** @throws StripeFailure 400 where the price is not one to subscribe to */
export function recurringOf(price: Stripe.Price, param: string): Stripe.Price.Recurring {
  if (price.recurring) return price.recurring
  throw invalid(
    `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
    param,
  )
}

/** An item in its first period, which begins at `start`. */
export function itemObject(
  account: Account,
  subscription: string,
  { price, quantity, metadata = {} }: ItemWanted,
  period: { start: number; end: number },
): Stripe.SubscriptionItem {
  return {
    id: newId('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: account.now(),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata,
    plan: planOf(price),
    price,
    quantity,
    subscription,
    tax_rates: [],
  }
}

/** The older shape of a price, which items still carry. */
export function planOf(price: Stripe.Price): Stripe.Plan {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: price.livemode,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  }
}

export interface SubscriptionWanted {
  customer: string
  /** At least one. */
  items: ItemWanted[]
  defaultPaymentMethod: string | null
  metadata: Stripe.Metadata
  description: string | null
}

/** A new one, incomplete until its first invoice is paid; not stored. */
export function subscriptionObject(account: Account, wanted: SubscriptionWanted): Stripe.Subscription {
  const id = newId('sub')
  const now = account.now()
  const [first] = wanted.items
  if (!first) throw invalid('Missing required param: items.', 'items', 'parameter_missing')
  const end = after(now, recurringOf(first.price, 'items[0][price]'), 1)
  const items = wanted.items.map((item) => itemObject(account, id, item, { start: now, end }))
  return {
    ...EMPTY,
    id,
    object: 'subscription',
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: now,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: now },
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    created: now,
    currency: first.price.currency,
    customer: wanted.customer,
    default_payment_method: wanted.defaultPaymentMethod,
    description: wanted.description,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: { object: 'list', data: items, has_more: false, url: `/v1/subscription_items?subscription=${id}` },
    livemode: account.livemode,
    metadata: wanted.metadata,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    start_date: now,
    status: 'incomplete',
    trial_settings: {
      end_behavior: { billing_cycle_anchor: 'unchanged', missing_payment_method: 'create_invoice' },
    },
  }
}

/** Everything that a subscription has and that is nothing here. */
const EMPTY = {
  application: null,
  application_fee_percent: null,
  billing_cycle_anchor_config: null,
  billing_schedules: [],
  billing_thresholds: null,
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  collection_method: 'charge_automatically',
  customer_account: null,
  days_until_due: null,
  default_source: null,
  default_tax_rates: [],
  discounts: [],
  ended_at: null,
  latest_invoice: null,
  managed_payments: null,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  test_clock: null,
  transfer_data: null,
  trial_end: null,
  trial_start: null,
} satisfies Partial<Stripe.Subscription>
