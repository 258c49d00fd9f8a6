import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { decimal } from '@/test/stripe/billing/lines'
import { invalid } from '@/test/stripe/failure'
import { listOf } from '@/test/stripe/listing'
import { mergeMetadata, PAGING, route, text, type Route } from '@/test/stripe/routes/route'

function createProduct(account: Account, params: Stripe.ProductCreateParams): Stripe.Product {
  if (params.id !== undefined && account.kept.products.find(params.id))
    throw invalid('Product already exists.', 'id', 'resource_already_exists')
  const product: Stripe.Product = {
    id: params.id ?? newId('prod'),
    object: 'product',
    active: params.active ?? true,
    created: account.now(),
    default_price: null,
    description: text(params.description),
    images: params.images ?? [],
    livemode: account.livemode,
    marketing_features: [],
    metadata: mergeMetadata({}, params.metadata),
    name: params.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: text(params.unit_label),
    updated: account.now(),
    url: text(params.url),
  }
  account.kept.products.add(product)
  account.emit('product.created', product)
  return product
}

function updateProduct(
  account: Account,
  params: Stripe.ProductUpdateParams,
  [id]: [string, ...string[]],
): unknown {
  return account.change(account.kept.products.take(id), 'product.updated', (draft) => {
    draft.active = params.active ?? draft.active
    draft.name = params.name ?? draft.name
    draft.description = text(params.description, draft.description)
    draft.unit_label = text(params.unit_label, draft.unit_label ?? null)
    draft.metadata = mergeMetadata(draft.metadata, params.metadata)
    draft.updated = account.now()
  })
}

function createPrice(account: Account, params: Stripe.PriceCreateParams): Stripe.Price {
  if (params.product === undefined)
    throw invalid('Missing required param: product.', 'product', 'parameter_missing')
  if (params.unit_amount === undefined)
    throw invalid('Missing required param: unit_amount.', 'unit_amount', 'parameter_missing')
  if (params.unit_amount < 0)
    throw invalid('Invalid non-negative integer', 'unit_amount', 'parameter_invalid_integer')
  claimLookupKey(account, params.lookup_key, params.transfer_lookup_key === true)
  const price: Stripe.Price = {
    id: newId('price'),
    object: 'price',
    active: params.active ?? true,
    billing_scheme: 'per_unit',
    created: account.now(),
    currency: params.currency.toLowerCase(),
    custom_unit_amount: null,
    livemode: account.livemode,
    lookup_key: text(params.lookup_key),
    metadata: mergeMetadata({}, params.metadata),
    nickname: text(params.nickname),
    product: account.kept.products.take(params.product, 'product').id,
    recurring: params.recurring ? recurringOf(params.recurring) : null,
    tax_behavior: params.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: params.recurring ? 'recurring' : 'one_time',
    unit_amount: params.unit_amount,
    unit_amount_decimal: decimal(params.unit_amount),
  }
  account.kept.prices.add(price)
  account.emit('price.created', price)
  return price
}

const recurringOf = (given: Stripe.PriceCreateParams.Recurring): Stripe.Price.Recurring => ({
  interval: given.interval,
  interval_count: given.interval_count ?? 1,
  meter: null,
  trial_period_days: null,
  usage_type: 'licensed',
})

/** A lookup key belongs to one price; with `transfer` it leaves the one that has it. */
function claimLookupKey(account: Account, key: string | undefined, transfer: boolean): void {
  const holder = key ? account.kept.prices.newest().find((one) => one.lookup_key === key) : undefined
  if (!holder) return
  if (!transfer)
    throw invalid(
      `A price (\`${holder.id}\`) already uses that lookup key. The lookup key must be unique across all prices in your account.`,
      'lookup_key',
      'resource_already_exists',
    )
  account.change(holder, 'price.updated', (draft) => {
    draft.lookup_key = null
  })
}

function updatePrice(
  account: Account,
  params: Stripe.PriceUpdateParams,
  [id]: [string, ...string[]],
): unknown {
  const price = account.kept.prices.take(id)
  if (params.lookup_key !== price.lookup_key)
    claimLookupKey(account, params.lookup_key, params.transfer_lookup_key === true)
  return account.change(price, 'price.updated', (draft) => {
    draft.active = params.active ?? draft.active
    draft.lookup_key = text(params.lookup_key, draft.lookup_key)
    draft.nickname = text(params.nickname, draft.nickname)
    draft.metadata = mergeMetadata(draft.metadata, params.metadata)
  })
}

function listPrices(account: Account, params: Stripe.PriceListParams): unknown {
  const { active, currency, lookup_keys, product, type, recurring } = params
  const rows = account.kept.prices
    .newest()
    .filter(
      (one) =>
        (active === undefined || one.active === active) &&
        (currency === undefined || one.currency === currency) &&
        (lookup_keys === undefined || lookup_keys.includes(one.lookup_key ?? '')) &&
        (product === undefined || one.product === product) &&
        (type === undefined || one.type === type) &&
        (recurring?.interval === undefined || one.recurring?.interval === recurring.interval),
    )
  return listOf('/v1/prices', 'price', rows, params)
}

export const products: Route[] = [
  route(
    'POST',
    '/v1/products',
    'ProductCreateParams',
    ['id', 'active', 'description', 'images', 'metadata', 'name', 'unit_label', 'url'],
    createProduct,
  ),
  route(
    'GET',
    '/v1/products',
    'ProductListParams',
    [...PAGING, 'active', 'ids'],
    (account, params: Stripe.ProductListParams) => {
      const { active, ids } = params
      const rows = account.kept.products
        .newest()
        .filter((one) => (active === undefined || one.active === active) && (!ids || ids.includes(one.id)))
      return listOf('/v1/products', 'product', rows, params)
    },
  ),
  route('GET', '/v1/products/:id', 'ProductRetrieveParams', [], (account, _, [id]) =>
    account.kept.products.take(id),
  ),
  route(
    'POST',
    '/v1/products/:id',
    'ProductUpdateParams',
    ['active', 'description', 'metadata', 'name', 'unit_label'],
    updateProduct,
  ),
  route(
    'POST',
    '/v1/prices',
    'PriceCreateParams',
    [
      ...['active', 'currency', 'lookup_key', 'metadata', 'nickname', 'product', 'tax_behavior'],
      ...['transfer_lookup_key', 'unit_amount', 'recurring.interval', 'recurring.interval_count'],
    ],
    createPrice,
  ),
  route(
    'GET',
    '/v1/prices',
    'PriceListParams',
    [...PAGING, 'active', 'currency', 'lookup_keys', 'product', 'type', 'recurring.interval'],
    listPrices,
  ),
  route('GET', '/v1/prices/:id', 'PriceRetrieveParams', [], (account, _, [id]) =>
    account.kept.prices.take(id),
  ),
  route(
    'POST',
    '/v1/prices/:id',
    'PriceUpdateParams',
    ['active', 'lookup_key', 'metadata', 'nickname', 'transfer_lookup_key'],
    updatePrice,
  ),
]
