import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { customerObject, taxIdObject } from '@/test/stripe/billing/customer-object'
import { attach, methodOf } from '@/test/stripe/billing/cards'
import { end } from '@/test/stripe/billing/subscriptions'
import { invalid, missing } from '@/test/stripe/failure'
import { listOf } from '@/test/stripe/listing'
import { mergeMetadata, PAGING, route, text, type Route } from '@/test/stripe/routes/route'

const FIELDS = [
  'address',
  'description',
  'email',
  'metadata',
  'name',
  'phone',
  'preferred_locales',
  'tax_exempt',
]

function create(account: Account, params: Stripe.CustomerCreateParams): Stripe.Customer {
  const customer = customerObject(account)
  set(customer, params)
  const card = params.payment_method ?? params.invoice_settings?.default_payment_method
  const method = card === undefined ? undefined : methodOf(account, card, 'payment_method')
  account.kept.customers.add(customer)
  if (method) attach(account, method, customer.id)
  if (method && params.invoice_settings?.default_payment_method !== undefined)
    customer.invoice_settings.default_payment_method = method.id
  account.emit('customer.created', customer)
  for (const { type, value } of params.tax_id_data ?? []) addTaxId(account, customer.id, type, value)
  return customer
}

function set(
  customer: Stripe.Customer,
  params: Stripe.CustomerCreateParams & Stripe.CustomerUpdateParams,
): void {
  for (const field of ['description', 'email', 'name', 'phone'] as const)
    customer[field] = text(params[field], customer[field] ?? null)
  customer.metadata = mergeMetadata(customer.metadata, params.metadata)
  if (params.preferred_locales) customer.preferred_locales = params.preferred_locales
  if (params.tax_exempt !== undefined) customer.tax_exempt = params.tax_exempt || 'none'
  if (params.address !== undefined) customer.address = addressOf(params.address)
}

function addressOf(given: Stripe.AddressParam | '' | null): Stripe.Address | null {
  if (given === '' || given === null) return null
  const { city, country, line1, line2, postal_code, state } = given
  return {
    city: text(city),
    country: text(country),
    line1: text(line1),
    line2: text(line2),
    postal_code: text(postal_code),
    state: text(state),
  }
}

function update(account: Account, params: Stripe.CustomerUpdateParams, [id]: [string, ...string[]]): unknown {
  const customer = account.kept.customers.take(id)
  const wanted = params.invoice_settings?.default_payment_method
  const method = wanted ? methodOf(account, wanted, 'invoice_settings[default_payment_method]') : undefined
  if (method && method.customer !== id)
    throw invalid(
      `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
      'invoice_settings[default_payment_method]',
      'resource_missing',
    )
  return account.change(customer, 'customer.updated', (draft) => {
    set(draft, params)
    if (wanted !== undefined) draft.invoice_settings.default_payment_method = method?.id ?? null
  })
}

function remove(account: Account, _: unknown, [id]: [string, ...string[]]): unknown {
  const customer = account.kept.customers.take(id)
  for (const one of account.kept.subscriptions.toJSON())
    if (one.customer === id && one.ended_at === null) end(account, one, 'cancellation_requested')
  account.kept.customers.remove(id)
  account.emit('customer.deleted', customer)
  return account.kept.deletedCustomers.add({ id, object: 'customer', deleted: true })
}

function addTaxId(account: Account, customer: string, type: Stripe.TaxId.Type, value: string): Stripe.TaxId {
  const made = account.kept.taxIds.add(taxIdObject(account, newId('txi'), customer, type, value))
  account.emit('customer.tax_id.created', made)
  return made
}

function taxIdOf(account: Account, customer: string, id: string): Stripe.TaxId {
  account.kept.customers.take(customer)
  const found = account.kept.taxIds.take(id)
  if (found.customer !== customer) throw missing('tax_id', id)
  return found
}

export const customers: Route[] = [
  route(
    'POST',
    '/v1/customers',
    'CustomerCreateParams',
    [...FIELDS, 'payment_method', 'invoice_settings.default_payment_method', 'tax_id_data'],
    create,
  ),
  route(
    'GET',
    '/v1/customers',
    'CustomerListParams',
    [...PAGING, 'email'],
    (account, params: Stripe.CustomerListParams) =>
      listOf(
        '/v1/customers',
        'customer',
        account.kept.customers
          .newest()
          .filter((one) => params.email === undefined || one.email === params.email),
        params,
      ),
  ),
  route(
    'GET',
    '/v1/customers/:id',
    'CustomerRetrieveParams',
    [],
    (account, _, [id]) =>
      // one that was deleted is still there, and says so
      account.kept.deletedCustomers.find(id) ?? account.kept.customers.take(id),
  ),
  route(
    'POST',
    '/v1/customers/:id',
    'CustomerUpdateParams',
    [...FIELDS, 'invoice_settings.default_payment_method'],
    update,
  ),
  route('DELETE', '/v1/customers/:id', 'CustomerDeleteParams', [], remove),
  route(
    'POST',
    '/v1/customers/:id/tax_ids',
    'CustomerCreateTaxIdParams',
    ['type', 'value'],
    (account, { type, value }: Stripe.CustomerCreateTaxIdParams, [id]) =>
      addTaxId(account, account.kept.customers.take(id).id, type, value),
  ),
  route(
    'GET',
    '/v1/customers/:id/tax_ids',
    'CustomerListTaxIdsParams',
    PAGING,
    (account, params: Stripe.CustomerListTaxIdsParams, [id]) => {
      account.kept.customers.take(id)
      const rows = account.kept.taxIds.newest().filter((one) => one.customer === id)
      return listOf(`/v1/customers/${id}/tax_ids`, 'tax_id', rows, params)
    },
  ),
  route(
    'GET',
    '/v1/customers/:id/tax_ids/:tax',
    'CustomerRetrieveTaxIdParams',
    [],
    (account, _, [id, tax = '']) => taxIdOf(account, id, tax),
  ),
  route(
    'DELETE',
    '/v1/customers/:id/tax_ids/:tax',
    'CustomerDeleteTaxIdParams',
    [],
    (account, _, [id, tax = '']) => {
      const found = taxIdOf(account, id, tax)
      account.kept.taxIds.remove(found.id)
      return { id: found.id, object: 'tax_id', deleted: true }
    },
  ),
]
