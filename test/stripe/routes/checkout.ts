import type Stripe from 'stripe'
import type { Account, CheckoutPlan } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { lineItems, setAmounts } from '@/test/stripe/billing/checkout'
import { expireSession } from '@/test/stripe/billing/clockwork'
import { sessionObject } from '@/test/stripe/billing/session-object'
import { itemsWanted } from '@/test/stripe/billing/wanted'
import { invalid, notModelled } from '@/test/stripe/failure'
import { listOf } from '@/test/stripe/listing'
import { mergeMetadata, PAGING, route, text, type Route } from '@/test/stripe/routes/route'

type Ids = [string, ...string[]]
type CreateParams = Stripe.Checkout.SessionCreateParams

const DAY = 86_400
const MOST = 999_999

function create(account: Account, params: CreateParams): Stripe.Checkout.Session {
  checkTogether(account, params)
  checkQuantities(params.line_items ?? [])
  const items = itemsWanted(account, params.line_items ?? [], 'line_items')
  const customer =
    params.customer === undefined ? null : account.kept.customers.take(params.customer, 'customer').id
  const id = newId('cs_test')
  const plan: CheckoutPlan = {
    id,
    items: items.map(({ price, quantity }, index) => ({
      price: price.id,
      quantity,
      adjustable: adjustableOf(params.line_items?.[index]?.adjustable_quantity, index),
    })),
    subscriptionData: {
      metadata: mergeMetadata({}, params.subscription_data?.metadata),
      description: text(params.subscription_data?.description),
    },
  }
  const session = sessionObject(account, {
    id,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: text(params.cancel_url),
    client_reference_id: text(params.client_reference_id),
    currency: items[0]?.price.currency ?? null,
    customer,
    customer_email: text(params.customer_email),
    expires_at: params.expires_at ?? account.now() + DAY,
    locale: params.locale ?? null,
    metadata: mergeMetadata({}, params.metadata),
    success_url: text(params.success_url),
    tax_id_collection: {
      enabled: params.tax_id_collection?.enabled ?? false,
      required: params.tax_id_collection?.required ?? 'never',
    },
  })
  account.kept.plans.add(plan)
  setAmounts(session, plan, account)
  return account.kept.sessions.add(session)
}

/** @throws StripeFailure 400 for parameters that are each right and do not go together */
function checkTogether(account: Account, params: CreateParams): void {
  if (params.mode === undefined) throw invalid('Missing required param: mode.', 'mode', 'parameter_missing')
  if (params.mode !== 'subscription') throw notModelled('mode')
  if (params.ui_mode !== undefined && params.ui_mode !== 'hosted_page') throw notModelled('ui_mode')
  if (!params.success_url)
    throw invalid('Missing required param: success_url.', 'success_url', 'parameter_missing')
  for (const field of ['success_url', 'cancel_url'] as const)
    if (params[field] !== undefined && !/^https?:\/\//.test(params[field]))
      throw invalid(`Not a valid URL`, field, 'url_invalid')
  if (params.customer !== undefined && params.customer_email !== undefined)
    throw invalid(
      'You may only specify one of these parameters: customer, customer_email.',
      'customer',
      'parameters_exclusive',
    )
  if (
    params.tax_id_collection?.enabled &&
    params.customer !== undefined &&
    params.customer_update?.name !== 'auto'
  )
    throw invalid(
      'Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.',
    )
  if (params.expires_at === undefined) return
  const ahead = params.expires_at - account.now()
  if (ahead < 1800 || ahead > DAY)
    throw invalid(
      'The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.',
      'expires_at',
    )
}

function checkQuantities(items: Stripe.Checkout.SessionCreateParams.LineItem[]): void {
  for (const [index, { price, quantity }] of items.entries()) {
    const param = `line_items[${index}][quantity]`
    if (price !== undefined && quantity === undefined)
      throw invalid(
        `Quantity is required. Add \`quantity\` to \`line_items[${index}]\``,
        param,
        'parameter_missing',
      )
    if (quantity !== undefined && quantity < 1)
      throw invalid('The quantity must be greater than or equal to 1.', param, 'parameter_invalid_integer')
  }
}

function adjustableOf(
  given: Stripe.Checkout.SessionCreateParams.LineItem.AdjustableQuantity | undefined,
  index: number,
): { minimum: number; maximum: number } | null {
  if (!given?.enabled) return null
  // nobody subscribes to nothing, so less than one is one
  const minimum = given.minimum === 0 ? 1 : (given.minimum ?? 1)
  const { maximum = 99 } = given
  if (minimum < 0 || maximum > MOST || minimum > maximum)
    throw invalid('Invalid bounds of the quantity.', `line_items[${index}][adjustable_quantity]`)
  return { minimum, maximum }
}

function list(account: Account, params: Stripe.Checkout.SessionListParams): unknown {
  const { customer, subscription, status, customer_details: details } = params
  const rows = account.kept.sessions
    .newest()
    .filter(
      (one) =>
        (customer === undefined || one.customer === customer) &&
        (subscription === undefined || one.subscription === subscription) &&
        (status === undefined || one.status === status) &&
        (details === undefined || one.customer_details?.email === details.email),
    )
  return listOf('/v1/checkout/sessions', 'checkout.session', rows, params)
}

function expire(account: Account, _: unknown, [id]: Ids): Stripe.Checkout.Session {
  const session = account.kept.sessions.take(id)
  if (session.status !== 'open')
    throw invalid(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}`,
    )
  expireSession(account, session)
  return session
}

export const checkout: Route[] = [
  route(
    'POST',
    '/v1/checkout/sessions',
    'Checkout.SessionCreateParams',
    [
      ...[
        'mode',
        'ui_mode',
        'customer',
        'customer_email',
        'customer_update',
        'client_reference_id',
        'metadata',
      ],
      ...['success_url', 'cancel_url', 'allow_promotion_codes', 'billing_address_collection', 'expires_at'],
      ...['locale', 'tax_id_collection'],
      ...['line_items.price', 'line_items.quantity', 'line_items.adjustable_quantity'],
      ...['subscription_data.metadata', 'subscription_data.description'],
    ],
    create,
  ),
  route(
    'GET',
    '/v1/checkout/sessions',
    'Checkout.SessionListParams',
    [...PAGING, 'customer', 'subscription', 'status', 'customer_details'],
    list,
  ),
  route('GET', '/v1/checkout/sessions/:id', 'Checkout.SessionRetrieveParams', [], (account, _, [id]) =>
    account.kept.sessions.take(id),
  ),
  route('POST', '/v1/checkout/sessions/:id/expire', 'Checkout.SessionExpireParams', [], expire),
  route(
    'GET',
    '/v1/checkout/sessions/:id/line_items',
    'Checkout.SessionListLineItemsParams',
    PAGING,
    (account, params: Stripe.Checkout.SessionListLineItemsParams, [id]) =>
      listOf(
        `/v1/checkout/sessions/${id}/line_items`,
        'item',
        lineItems(account, account.kept.sessions.take(id).id),
        params,
      ),
  ),
]
