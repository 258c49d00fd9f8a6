import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { attach, methodOf } from '@/test/stripe/billing/cards'
import { carryOut, planChange, type Proration } from '@/test/stripe/billing/change'
import { begin, end, type PaymentBehavior } from '@/test/stripe/billing/subscriptions'
import { changesOf, itemsWanted, setCancelAtPeriodEnd } from '@/test/stripe/billing/wanted'
import { invalid, missing, notModelled } from '@/test/stripe/failure'
import { listOf } from '@/test/stripe/listing'
import { mergeMetadata, PAGING, route, text, type Route } from '@/test/stripe/routes/route'

type Ids = [string, ...string[]]

function create(account: Account, params: Stripe.SubscriptionCreateParams): Stripe.Subscription {
  if (params.customer === undefined)
    throw invalid('Missing required param: customer.', 'customer', 'parameter_missing')
  const customer = account.kept.customers.take(params.customer, 'customer')
  const behavior = params.payment_behavior ?? 'allow_incomplete'
  if (behavior === 'pending_if_incomplete') throw notModelled('payment_behavior')
  const items = itemsWanted(account, params.items ?? [])
  const method = paymentMethod(account, params.default_payment_method, customer.id)
  return begin(
    account,
    {
      customer: customer.id,
      items,
      defaultPaymentMethod: method ?? null,
      metadata: mergeMetadata({}, params.metadata),
      description: text(params.description),
    },
    behavior as PaymentBehavior,
  )
}

/** @returns undefined where none is named, null where it is emptied */
function paymentMethod(
  account: Account,
  wanted: string | null | undefined,
  customer: string,
): string | null | undefined {
  if (wanted === undefined) return undefined
  if (wanted === '' || wanted === null) return null
  return attach(account, methodOf(account, wanted, 'default_payment_method'), customer).id
}

function update(account: Account, params: Stripe.SubscriptionUpdateParams, [id]: Ids): Stripe.Subscription {
  const subscription = account.kept.subscriptions.take(id)
  const { expand: _, metadata, cancellation_details: details, ...rest } = params
  if (subscription.ended_at !== null && Object.keys(rest).length > 0)
    throw invalid('A canceled subscription can only update its cancellation_details and metadata.')
  const behavior = params.payment_behavior ?? 'allow_incomplete'
  if (behavior !== 'allow_incomplete' && behavior !== 'error_if_incomplete')
    throw notModelled('payment_behavior')
  const proration = (params.proration_behavior ?? 'create_prorations') as Proration
  const changes = changesOf(params.items ?? [], subscription)
  const planned = planChange(account, subscription, changes, proration, params.proration_date)
  const method = paymentMethod(account, params.default_payment_method, subscription.customer as string)
  const options = { proration, errorIfIncomplete: behavior === 'error_if_incomplete' }
  carryOut(account, subscription, planned, options, (draft) => {
    draft.metadata = mergeMetadata(draft.metadata, metadata)
    draft.description = text(params.description, draft.description)
    if (method !== undefined) draft.default_payment_method = method
    setDetails(draft, details)
    if (params.cancel_at_period_end !== undefined)
      setCancelAtPeriodEnd(account, draft, params.cancel_at_period_end)
  })
  return subscription
}

function setDetails(
  draft: Stripe.Subscription,
  given: { comment?: string | null; feedback?: string | null } | undefined,
): void {
  if (!given || !draft.cancellation_details) return
  draft.cancellation_details.comment = text(given.comment, draft.cancellation_details.comment)
  draft.cancellation_details.feedback = text(given.feedback, draft.cancellation_details.feedback)
}

function cancel(account: Account, params: Stripe.SubscriptionCancelParams, [id]: Ids): Stripe.Subscription {
  const subscription = account.kept.subscriptions.take(id)
  if (subscription.ended_at !== null) throw missing('subscription', id)
  setDetails(subscription, params.cancellation_details)
  end(account, subscription, 'cancellation_requested')
  return subscription
}

function list(account: Account, params: Stripe.SubscriptionListParams): unknown {
  const { customer, price, status } = params
  const rows = account.kept.subscriptions
    .newest()
    .filter(
      (one) =>
        (customer === undefined || one.customer === customer) &&
        (price === undefined || one.items.data.some((item) => item.price.id === price)) &&
        hasStatus(one, status),
    )
  return listOf('/v1/subscriptions', 'subscription', rows, params)
}

/** Without a status asked for, those that are not cancelled; `ended` is what is over in either way. */
function hasStatus(one: Stripe.Subscription, asked: string | undefined): boolean {
  if (asked === 'all') return true
  if (asked === undefined) return one.status !== 'canceled'
  if (asked === 'ended') return one.status === 'canceled' || one.status === 'incomplete_expired'
  return one.status === asked
}

function updateItem(account: Account, params: Stripe.SubscriptionItemUpdateParams, [id]: Ids): unknown {
  const subscription = ownerOf(account, id)
  const { price, quantity, proration_behavior = 'create_prorations', proration_date } = params
  const proration = proration_behavior as Proration
  const metadata =
    params.metadata === undefined
      ? undefined
      : mergeMetadata(itemOf(subscription, id).metadata, params.metadata)
  const changes = [{ id, price, quantity, metadata }]
  const planned = planChange(account, subscription, changes, proration, proration_date)
  carryOut(account, subscription, planned, { proration, errorIfIncomplete: false })
  return itemOf(subscription, id)
}

function ownerOf(account: Account, item: string): Stripe.Subscription {
  const found = account.kept.subscriptions
    .newest()
    .find((one) => one.items.data.some((each) => each.id === item))
  if (!found) throw missing('subscription_item', item)
  return found
}
const itemOf = (subscription: Stripe.Subscription, id: string): Stripe.SubscriptionItem =>
  subscription.items.data.find((one) => one.id === id) as Stripe.SubscriptionItem

const DETAILS = ['cancellation_details.comment', 'cancellation_details.feedback']

export const subscriptions: Route[] = [
  route(
    'POST',
    '/v1/subscriptions',
    'SubscriptionCreateParams',
    [
      ...['customer', 'default_payment_method', 'description', 'metadata', 'payment_behavior'],
      ...['items.price', 'items.quantity', 'items.metadata'],
    ],
    create,
  ),
  route(
    'GET',
    '/v1/subscriptions',
    'SubscriptionListParams',
    [...PAGING, 'customer', 'price', 'status'],
    list,
  ),
  route('GET', '/v1/subscriptions/:id', 'SubscriptionRetrieveParams', [], (account, _, [id]) =>
    account.kept.subscriptions.take(id),
  ),
  route(
    'POST',
    '/v1/subscriptions/:id',
    'SubscriptionUpdateParams',
    [
      ...['cancel_at_period_end', 'default_payment_method', 'description', 'metadata', 'payment_behavior'],
      ...['proration_behavior', 'proration_date', ...DETAILS],
      ...['items.id', 'items.price', 'items.quantity', 'items.deleted', 'items.metadata'],
    ],
    update,
  ),
  route('DELETE', '/v1/subscriptions/:id', 'SubscriptionCancelParams', DETAILS, cancel),
  route(
    'GET',
    '/v1/subscription_items',
    'SubscriptionItemListParams',
    [...PAGING, 'subscription'],
    (account, params: Stripe.SubscriptionItemListParams) =>
      listOf(
        '/v1/subscription_items',
        'subscription_item',
        account.kept.subscriptions.take(params.subscription, 'subscription').items.data,
        params,
      ),
  ),
  route('GET', '/v1/subscription_items/:id', 'SubscriptionItemRetrieveParams', [], (account, _, [id]) =>
    itemOf(ownerOf(account, id), id),
  ),
  route(
    'POST',
    '/v1/subscription_items/:id',
    'SubscriptionItemUpdateParams',
    ['price', 'quantity', 'metadata', 'proration_behavior', 'proration_date'],
    updateItem,
  ),
]
