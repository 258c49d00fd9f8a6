import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { attach, methodOf, payerOf } from '@/test/stripe/billing/cards'
import { planChange, type Proration } from '@/test/stripe/billing/change'
import { invoiceObject } from '@/test/stripe/billing/invoice-object'
import { collect, invoicesOf, voidInvoice } from '@/test/stripe/billing/invoices'
import { periodLine } from '@/test/stripe/billing/lines'
import { periodEnd } from '@/test/stripe/billing/period'
import { settle, subscriptionOf } from '@/test/stripe/billing/subscriptions'
import { changesOf } from '@/test/stripe/billing/wanted'
import { declined, invalid } from '@/test/stripe/failure'
import { listOf } from '@/test/stripe/listing'
import { PAGING, route, type Route } from '@/test/stripe/routes/route'

type Ids = [string, ...string[]]

function list(account: Account, params: Stripe.InvoiceListParams): unknown {
  const { customer, subscription, status } = params
  const rows = subscription === undefined ? account.kept.invoices.newest() : invoicesOf(account, subscription)
  const matching = rows.filter(
    (one) =>
      (customer === undefined || one.customer === customer) &&
      (status === undefined || one.status === status),
  )
  return listOf('/v1/invoices', 'invoice', matching, params)
}

/** @throws StripeFailure 402 where the bank declines */
function pay(account: Account, params: Stripe.InvoicePayParams, [id]: Ids): Stripe.Invoice {
  const invoice = account.kept.invoices.take(id)
  if (invoice.status === 'paid') throw invalid('Invoice is already paid')
  if (invoice.status !== 'open') throw invalid(`You cannot pay an invoice that is ${invoice.status}.`)
  const subscription = subscriptionOf(account, invoice)
  const method =
    params.payment_method === undefined
      ? subscription && payerOf(account, subscription)
      : attach(
          account,
          methodOf(account, params.payment_method, 'payment_method'),
          invoice.customer as string,
        ).id
  const next = invoice.next_payment_attempt
  const paid = collect(account, invoice, method ?? null)
  // an attempt that somebody asks for does not move the next one by itself
  if (!paid) invoice.next_payment_attempt = next
  if (subscription) settle(account, subscription)
  if (!paid) throw declined()
  return invoice
}

/** What the next invoice, or that of a change, would be; nothing is stored. */
function preview(account: Account, params: Stripe.InvoiceCreatePreviewParams): Stripe.Invoice {
  if (params.subscription === undefined)
    throw invalid('Missing required param: subscription.', 'subscription', 'parameter_missing')
  const subscription = account.kept.subscriptions.take(params.subscription, 'subscription')
  const customer = account.kept.customers.take(subscription.customer as string)
  if (params.customer !== undefined && params.customer !== customer.id)
    throw invalid('The subscription is not of that customer.', 'subscription')
  const details = params.subscription_details
  const proration = (details?.proration_behavior ?? 'create_prorations') as Proration
  const changes = changesOf(details?.items ?? [], subscription)
  const planned = planChange(account, subscription, changes, proration, details?.proration_date)
  const waiting = account.kept.pending
    .toJSON()
    .filter((one) => one.subscription === subscription.id)
    .map((one) => one.line)
  const atOnce = planned.restarted || (proration === 'always_invoice' && planned.lines.length > 0)
  const lines = [...waiting, ...planned.lines]
  if (!atOnce && !subscription.cancel_at_period_end)
    lines.push(...planned.items.map((item) => periodLine(account, nextPeriod(subscription, item))))
  const reason = atOnce ? 'subscription_update' : 'upcoming'
  const invoice = invoiceObject(account, { id: newId('upcoming_in'), customer, subscription, reason, lines })
  if (!atOnce) invoice.next_payment_attempt = planned.items[0]?.current_period_end ?? null
  return invoice
}

function nextPeriod(
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
): Stripe.SubscriptionItem {
  const start = item.current_period_end
  const { recurring } = item.price
  if (!recurring) return item
  return {
    ...item,
    current_period_start: start,
    current_period_end: periodEnd(subscription.billing_cycle_anchor, recurring, start),
  }
}

function cancelOpen(account: Account, _: unknown, [id]: Ids): Stripe.Invoice {
  const invoice = account.kept.invoices.take(id)
  if (invoice.status !== 'open') throw invalid('You can only void an open invoice.')
  voidInvoice(account, invoice)
  const subscription = subscriptionOf(account, invoice)
  if (subscription) settle(account, subscription)
  return invoice
}

export const invoices: Route[] = [
  route('GET', '/v1/invoices', 'InvoiceListParams', [...PAGING, 'customer', 'subscription', 'status'], list),
  route(
    'POST',
    '/v1/invoices/create_preview',
    'InvoiceCreatePreviewParams',
    [
      ...['customer', 'subscription'],
      ...[
        'proration_behavior',
        'proration_date',
        'items.id',
        'items.price',
        'items.quantity',
        'items.deleted',
      ].map((one) => `subscription_details.${one}`),
    ],
    preview,
  ),
  route('GET', '/v1/invoices/:id', 'InvoiceRetrieveParams', [], (account, _, [id]) =>
    account.kept.invoices.take(id),
  ),
  route('POST', '/v1/invoices/:id/pay', 'InvoicePayParams', ['payment_method'], pay),
  route('POST', '/v1/invoices/:id/void', 'InvoiceVoidInvoiceParams', [], cancelOpen),
  route(
    'GET',
    '/v1/invoices/:id/lines',
    'InvoiceListLineItemsParams',
    PAGING,
    (account, params: Stripe.InvoiceListLineItemsParams, [id]) =>
      listOf(`/v1/invoices/${id}/lines`, 'line_item', account.kept.invoices.take(id).lines.data, params),
  ),
]
