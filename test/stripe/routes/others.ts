import { randomBytes } from 'node:crypto'
import Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { invalid } from '@/test/stripe/failure'
import { listOf } from '@/test/stripe/listing'
import { isLoopback } from '@/test/stripe/loopback'
import { mergeMetadata, PAGING, route, text, type Route } from '@/test/stripe/routes/route'

function createPortal(account: Account, params: Stripe.BillingPortal.SessionCreateParams): unknown {
  if (params.customer === undefined)
    throw invalid('Missing required param: customer.', 'customer', 'parameter_missing')
  const id = newId('bps')
  const session: Stripe.BillingPortal.Session = {
    id,
    object: 'billing_portal.session',
    configuration: 'bpc_emulated',
    created: account.now(),
    customer: account.kept.customers.take(params.customer, 'customer').id,
    customer_account: null,
    flow: null,
    livemode: account.livemode,
    locale: params.locale ?? null,
    on_behalf_of: null,
    return_url: text(params.return_url),
    url: `${account.base}/portal/${id}`,
  }
  return account.kept.portals.add(session)
}

function listEvents(account: Account, params: Stripe.EventListParams): unknown {
  const { type, types } = params
  const wanted = types ?? (type === undefined ? undefined : [type])
  // `customer.*` stands for all that begin so
  const fits = (one: string): boolean =>
    !wanted || wanted.some((each) => (each.endsWith('*') ? one.startsWith(each.slice(0, -1)) : each === one))
  return listOf(
    '/v1/events',
    'event',
    account.kept.events.newest().filter((one) => fits(one.type)),
    params,
  )
}

function createEndpoint(
  account: Account,
  params: Stripe.WebhookEndpointCreateParams,
): Stripe.WebhookEndpoint {
  if (!isLoopback(params.url))
    throw invalid(
      'The emulator calls nobody but this machine: the url must be a loopback one.',
      'url',
      'url_invalid',
    )
  const endpoint: Stripe.WebhookEndpoint = {
    id: newId('we'),
    object: 'webhook_endpoint',
    api_version: Stripe.API_VERSION,
    application: null,
    created: account.now(),
    description: text(params.description),
    enabled_events: params.enabled_events,
    livemode: account.livemode,
    metadata: mergeMetadata({}, params.metadata),
    secret: `whsec_${randomBytes(24).toString('base64url')}`,
    status: 'enabled',
    url: params.url,
  }
  return account.kept.endpoints.add(endpoint)
}

/** As it is shown after its creation. */
const withoutSecret = ({ secret: _, ...rest }: Stripe.WebhookEndpoint): Stripe.WebhookEndpoint => rest

/** Portal sessions, events and webhook endpoints. */
export const others: Route[] = [
  route(
    'POST',
    '/v1/billing_portal/sessions',
    'BillingPortal.SessionCreateParams',
    ['customer', 'locale', 'return_url'],
    createPortal,
  ),
  route('GET', '/v1/events', 'EventListParams', [...PAGING, 'type', 'types'], listEvents),
  route('GET', '/v1/events/:id', 'EventRetrieveParams', [], (account, _, [id]) =>
    account.kept.events.take(id),
  ),
  route(
    'POST',
    '/v1/webhook_endpoints',
    'WebhookEndpointCreateParams',
    ['url', 'enabled_events', 'description', 'metadata'],
    createEndpoint,
  ),
  route(
    'GET',
    '/v1/webhook_endpoints',
    'WebhookEndpointListParams',
    PAGING,
    (account, params: Stripe.WebhookEndpointListParams) =>
      listOf(
        '/v1/webhook_endpoints',
        'webhook endpoint',
        account.kept.endpoints.newest().map(withoutSecret),
        params,
      ),
  ),
  route('GET', '/v1/webhook_endpoints/:id', 'WebhookEndpointRetrieveParams', [], (account, _, [id]) =>
    withoutSecret(account.kept.endpoints.take(id)),
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', 'WebhookEndpointDeleteParams', [], (account, _, [id]) => {
    account.kept.endpoints.remove(account.kept.endpoints.take(id).id)
    return { id, object: 'webhook_endpoint', deleted: true }
  }),
]
