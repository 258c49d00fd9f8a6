import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'

export interface InvoiceWanted {
  id: string
  customer: Stripe.Customer
  subscription: Stripe.Subscription
  reason: Stripe.Invoice.BillingReason
  lines: Stripe.InvoiceLineItem[]
}

/** A draft in all its fields, not stored. No taxes and no discounts: the emulator has no model of them. */
export function invoiceObject(account: Account, wanted: InvoiceWanted): Stripe.Invoice {
  const { id, customer, subscription, reason, lines } = wanted
  const total = lines.reduce((sum, line) => sum + line.amount, 0)
  const due = Math.max(0, total + customer.balance)
  const [start, end] = periodOf(account, subscription, reason)
  return {
    ...EMPTY,
    id,
    object: 'invoice',
    amount_due: due,
    amount_remaining: due,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    auto_advance: true,
    billing_reason: reason,
    collection_method: 'charge_automatically',
    created: account.now(),
    currency: subscription.currency,
    customer: customer.id,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: account.kept.taxIds
      .toJSON()
      .filter((one) => one.customer === customer.id)
      .map(({ type, value }) => ({ type: type, value })),
    issuer: { type: 'self' },
    lines: {
      object: 'list',
      data: lines.map((line) => ({ ...line, invoice: id })),
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
    },
    livemode: account.livemode,
    metadata: {},
    parent: {
      type: 'subscription_details',
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: end,
    period_start: start,
    starting_balance: customer.balance,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
  }
}

/** Stripe's `period_*` of an invoice look back at what is over, where its lines look ahead: nothing at the start, the last period at a renewal. */
function periodOf(
  account: Account,
  subscription: Stripe.Subscription,
  reason: Stripe.Invoice.BillingReason,
): [number, number] {
  const now = account.now()
  if (reason !== 'subscription_cycle') return [now, now]
  const last = account.kept.invoices
    .newest()
    .find(
      (one) =>
        one.parent?.subscription_details?.subscription === subscription.id &&
        one.billing_reason !== 'subscription_update',
    )
  return [last?.period_end ?? subscription.start_date, now]
}

/** Everything that an invoice has and that is nothing here. */
const EMPTY = {
  account_country: 'DE',
  account_name: 'Emulated Stripe account',
  account_tax_ids: null,
  amount_overpaid: 0,
  amount_paid: 0,
  amount_shipping: 0,
  application: null,
  attempt_count: 0,
  attempted: false,
  automatically_finalizes_at: null,
  custom_fields: null,
  customer_account: null,
  customer_shipping: null,
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  due_date: null,
  effective_at: null,
  ending_balance: null,
  footer: null,
  from_invoice: null,
  hosted_invoice_url: null,
  invoice_pdf: null,
  last_finalization_error: null,
  latest_revision: null,
  next_payment_attempt: null,
  number: null,
  on_behalf_of: null,
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  statement_descriptor: null,
  test_clock: null,
  total_discount_amounts: [],
  total_pretax_credit_amounts: [],
  total_taxes: [],
  webhooks_delivered_at: null,
} satisfies Partial<Stripe.Invoice>
