import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { attach, cardOfToken, makeCard, methodOf } from '@/test/stripe/billing/cards'
import { invalid, notModelled } from '@/test/stripe/failure'
import { listOf } from '@/test/stripe/listing'
import { PAGING, route, type Route } from '@/test/stripe/routes/route'

function create(account: Account, params: Stripe.PaymentMethodCreateParams): Stripe.PaymentMethod {
  if (params.type !== 'card') throw notModelled('type')
  const { token } = (params.card ?? {}) as { token?: string }
  const card = token === undefined ? undefined : cardOfToken(token)
  if (!card) throw invalid(`No such token: '${token ?? ''}'`, 'card[token]', 'resource_missing')
  return makeCard(account, card)
}

function detach(account: Account, _: unknown, [id]: [string, ...string[]]): Stripe.PaymentMethod {
  const method = account.kept.paymentMethods.take(id)
  if (method.customer === null)
    throw invalid(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
    )
  const customer = account.kept.customers.find(method.customer as string)
  if (customer?.invoice_settings.default_payment_method === id)
    account.change(customer, 'customer.updated', (draft) => {
      draft.invoice_settings.default_payment_method = null
    })
  for (const one of account.kept.subscriptions.toJSON())
    if (one.default_payment_method === id)
      account.change(one, 'customer.subscription.updated', (draft) => {
        draft.default_payment_method = null
      })
  method.customer = null
  account.emit('payment_method.detached', method)
  return method
}

const ofCustomer = (account: Account, customer: string | undefined): Stripe.PaymentMethod[] =>
  account.kept.paymentMethods.newest().filter((one) => one.customer === customer)

export const paymentMethods: Route[] = [
  route('POST', '/v1/payment_methods', 'PaymentMethodCreateParams', ['type', 'card.token'], create),
  route(
    'GET',
    '/v1/payment_methods',
    'PaymentMethodListParams',
    [...PAGING, 'customer', 'type'],
    (account, params: Stripe.PaymentMethodListParams) =>
      listOf('/v1/payment_methods', 'PaymentMethod', ofCustomer(account, params.customer), params),
  ),
  route('GET', '/v1/payment_methods/:id', 'PaymentMethodRetrieveParams', [], (account, _, [id]) =>
    account.kept.paymentMethods.take(id),
  ),
  route(
    'POST',
    '/v1/payment_methods/:id/attach',
    'PaymentMethodAttachParams',
    ['customer'],
    (account, params: Stripe.PaymentMethodAttachParams, [id]) => {
      if (params.customer === undefined)
        throw invalid('Missing required param: customer.', 'customer', 'parameter_missing')
      const customer = account.kept.customers.take(params.customer, 'customer')
      return attach(account, methodOf(account, id, 'id'), customer.id)
    },
  ),
  route('POST', '/v1/payment_methods/:id/detach', 'PaymentMethodDetachParams', [], detach),
  route(
    'GET',
    '/v1/customers/:id/payment_methods',
    'CustomerListPaymentMethodsParams',
    [...PAGING, 'type'],
    (account, params: Stripe.CustomerListPaymentMethodsParams, [id]) => {
      const customer = account.kept.customers.take(id)
      const url = `/v1/customers/${id}/payment_methods`
      return listOf(url, 'PaymentMethod', ofCustomer(account, customer.id), params)
    },
  ),
]
