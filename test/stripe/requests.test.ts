import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { startStripe } from '@/test/stripe/emulator'
import { buy, clientOf, withStripe } from '@/test/stripe/with-stripe'

const started = await withStripe()
const { emulator, stripe, catalogue } = started

/** What the SDK's types would not let through. */
const raw = (
  path: string,
  params: Record<string, unknown>,
  method: 'POST' | 'GET' = 'POST',
): Promise<unknown> => stripe.rawRequest(method, path, params)
const session: Stripe.Checkout.SessionCreateParams = {
  mode: 'subscription',
  line_items: [{ price: catalogue.monthly, quantity: 1 }],
  success_url: 'http://127.0.0.1:9/done',
}

describe('A request', () => {
  test.each([
    ['an unknown parameter', '/v1/customers', { colour: 'red' }, 'colour', 'parameter_unknown'],
    [
      'an unknown one within',
      '/v1/checkout/sessions',
      { ...session, line_items: [{ price: 'price_1', quantity: 1, colour: 'red' }] },
      'line_items[0][colour]',
      'parameter_unknown',
    ],
    ['a missing parameter', '/v1/products', {}, 'name', 'parameter_missing'],
    [
      'a missing one within',
      '/v1/prices',
      { currency: 'eur', unit_amount: 1, product: 'prod_1', recurring: { interval_count: 2 } },
      'recurring[interval]',
      'parameter_missing',
    ],
    [
      'an enum that the types leave open',
      '/v1/checkout/sessions',
      { ...session, mode: 'gift' },
      'mode',
      'parameter_invalid_enum',
    ],
    [
      'text for a number',
      '/v1/prices',
      { currency: 'eur', unit_amount: 'dear' },
      'unit_amount',
      'parameter_invalid_integer',
    ],
    [
      'a fraction',
      '/v1/checkout/sessions',
      { ...session, line_items: [{ price: 'price_1', quantity: 1.5 }] },
      'line_items[0][quantity]',
      'parameter_invalid_integer',
    ],
    [
      'a negative quantity',
      '/v1/checkout/sessions',
      { ...session, line_items: [{ price: catalogue.monthly, quantity: -1 }] },
      'line_items[0][quantity]',
      'parameter_invalid_integer',
    ],
    [
      'text for a truth',
      '/v1/products',
      { name: 'a', active: 'perhaps' },
      'active',
      'parameter_invalid_boolean',
    ],
    [
      'text for an object',
      '/v1/customers',
      { invoice_settings: 'none' },
      'invoice_settings',
      'parameter_invalid_object',
    ],
    [
      'no price',
      '/v1/checkout/sessions',
      { ...session, line_items: [{ quantity: 1 }] },
      'line_items[0][price]',
      'parameter_missing',
    ],
  ])('with %s is refused with its name', async (_, path, params, param, code) => {
    await expect(raw(path, params)).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
      param,
      code,
      doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`,
    })
  })

  test('with a parameter that Stripe knows and the emulator would ignore is refused, not ignored', async () => {
    const trial = { customer: 'cus_1', items: [{ price: catalogue.monthly }], trial_period_days: 14 }
    await expect(stripe.subscriptions.create(trial)).rejects.toMatchObject({
      code: 'emulator_not_modelled',
      param: 'trial_period_days',
    })
  })

  test('that the types allow is understood: numbers, truths, lists and emptied fields', async () => {
    const made = await stripe.customers.create({
      name: 'A',
      metadata: { a: '1', b: 2 },
      preferred_locales: ['de'],
    })
    expect(made).toMatchObject({ name: 'A', metadata: { a: '1', b: '2' }, preferred_locales: ['de'] })
    const changed = await stripe.customers.update(made.id, {
      description: 'x',
      metadata: { a: null, c: '3' },
    })
    expect(changed).toMatchObject({ description: 'x', metadata: { b: '2', c: '3' } })
    expect(changed.metadata).not.toHaveProperty('a')
    expect((await stripe.customers.update(made.id, { metadata: null })).metadata).toEqual({})
  })

  test('to a URL that the emulator does not answer makes the SDK throw', async () => {
    await expect(stripe.charges.list()).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 404,
      message: expect.stringContaining('Unrecognized request URL (GET: /v1/charges)') as string,
    })
    await expect(raw('/v2/core/events', {}, 'GET')).rejects.toThrow('Unrecognized request URL')
  })

  test('with another key, or none, is refused, and the key is in no answer', async () => {
    const other = new Stripe('sk_test_somebody_else', emulator.clientConfig)
    const refused = (await other.customers.list().catch((error: unknown) => error)) as Error
    expect(refused).toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 })
    expect(refused.message).not.toContain('sk_test_somebody_else')
    expect((await fetch(`${emulator.url}/v1/customers`)).status).toBe(401)
    expect(JSON.stringify(emulator.requests)).not.toContain(emulator.secretKey)
  })

  test('names itself in the answer, also in that of a failure', async () => {
    const fine = await stripe.customers.list({ limit: 1 })
    expect(fine.lastResponse.requestId).toMatch(/^req_/)
    await expect(stripe.customers.retrieve('cus_none')).rejects.toMatchObject({
      requestId: expect.stringMatching(/^req_/) as string,
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such customer: 'cus_none'",
    })
    await expect(
      stripe.checkout.sessions.create({ ...session, line_items: [{ price: 'price_none', quantity: 1 }] }),
    ).rejects.toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'line_items[0][price]' })
  })

  test.each([
    [
      'both a customer and an e-mail address',
      { customer: 'cus_1', customer_email: 'a@b.de' },
      'parameters_exclusive',
    ],
    ['an end that is too near', { expires_at: Math.floor(Date.now() / 1000) + 60 }, undefined],
    ['a URL that is none', { success_url: 'done' }, 'url_invalid'],
    ['nothing to buy', { line_items: [] }, 'parameter_missing'],
    ['no quantity', { line_items: [{ price: catalogue.monthly }] }, 'parameter_missing'],
    [
      'a quantity of none',
      { line_items: [{ price: catalogue.monthly, quantity: 0 }] },
      'parameter_invalid_integer',
    ],
  ])('for checkout with %s is refused', async (_, params, code) => {
    await expect(stripe.checkout.sessions.create({ ...session, ...params })).rejects.toMatchObject({
      statusCode: 400,
      code,
    })
  })

  test('for a second item of the same price is refused, as one without the id of its item would be', async () => {
    const { id } = await buy(started, 1)
    await expect(
      stripe.subscriptions.update(id, { items: [{ price: catalogue.monthly, quantity: 5 }] }),
    ).rejects.toThrow('Cannot add multiple subscription items with the same price')
  })

  test('is answered with ids in full where that is asked for, and refused where that leads nowhere', async () => {
    const { id } = await buy(started, 2)
    const expanded = await stripe.subscriptions.retrieve(id, {
      expand: ['latest_invoice', 'customer', 'items.data.price.product', 'default_payment_method'],
    })
    expect(expanded).toMatchObject({
      latest_invoice: { object: 'invoice' },
      customer: { object: 'customer' },
      items: { data: [{ price: { product: { object: 'product', name: 'Freehold Enterprise' } } }] },
      default_payment_method: { card: { last4: '4242' } },
    })
    const list = await stripe.subscriptions.list({ expand: ['data.customer'] })
    expect(list.data[0]?.customer).toMatchObject({ object: 'customer' })
    const nothing = await stripe.checkout.sessions.create({
      ...session,
      expand: ['subscription', 'customer'],
    })
    expect(nothing).toMatchObject({ subscription: null, customer: null })
    await expect(stripe.subscriptions.retrieve(id, { expand: ['colour'] })).rejects.toThrow(
      'cannot be expanded',
    )
    expect(typeof (await stripe.subscriptions.retrieve(id)).customer).toBe('string')
  })
})

describe('The emulator', () => {
  test('takes no live key and calls nobody but this machine', async () => {
    await expect(startStripe({ secretKey: 'sk_live_x' })).rejects.toThrow('test mode only')
    const target = { url: 'https://hooks.example.com/', secret: 'whsec_x' }
    await expect(startStripe({ secretKey: 'sk_test_x', webhook: target })).rejects.toThrow(
      'nobody but this machine',
    )
    await expect(
      clientOf(emulator).webhookEndpoints.create({
        url: 'https://hooks.example.com/',
        enabled_events: ['*'],
      }),
    ).rejects.toMatchObject({ param: 'url' })
  })
})
