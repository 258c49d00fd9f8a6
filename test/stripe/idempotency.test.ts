import { describe, expect, test } from 'vitest'
import { clientOf, withStripe } from '@/test/stripe/with-stripe'

const { emulator, stripe } = await withStripe()

describe('An idempotency key', () => {
  test('with the same request again gives the first answer, and nothing is done twice', async () => {
    const options = { idempotencyKey: 'order-1' }
    const first = await stripe.customers.create({ name: 'Once' }, options)
    const events = emulator.events().length
    const second = await stripe.customers.create({ name: 'Once' }, options)
    expect(second.id).toBe(first.id)
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined()
    expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId)
    expect(emulator.events()).toHaveLength(events)
    expect(emulator.events().at(-1)?.request).toEqual({
      id: first.lastResponse.requestId,
      idempotency_key: 'order-1',
    })
  })

  test('with another request is an error, and so is it on another path', async () => {
    const options = { idempotencyKey: 'order-2' }
    await stripe.customers.create({ name: 'One' }, options)
    const wrong = { type: 'StripeIdempotencyError', statusCode: 400 }
    await expect(stripe.customers.create({ name: 'Other' }, options)).rejects.toMatchObject(wrong)
    await expect(stripe.products.create({ name: 'One' }, options)).rejects.toMatchObject(wrong)
  })

  test('keeps a failure too, but not that of a request that was not understood', async () => {
    const options = { idempotencyKey: 'order-3' }
    const wrong = { name: 'A', colour: 'red' } as { name: string }
    await expect(stripe.customers.create(wrong, options)).rejects.toThrow('unknown parameter')
    expect((await stripe.customers.create({ name: 'A' }, options)).name).toBe('A')
    const later = { idempotencyKey: 'order-4' }
    const price = { currency: 'eur', unit_amount: 1, product: 'prod_later' }
    await expect(stripe.prices.create(price, later)).rejects.toMatchObject({ code: 'resource_missing' })
    await stripe.products.create({ id: 'prod_later', name: 'Later' })
    await expect(stripe.prices.create(price, later)).rejects.toMatchObject({ code: 'resource_missing' })
  })

  test('is forgotten after a day', async () => {
    const options = { idempotencyKey: 'order-5' }
    const first = await stripe.customers.create({ name: 'A' }, options)
    emulator.advance(86_500_000)
    expect((await stripe.customers.create({ name: 'A' }, options)).id).not.toBe(first.id)
  })
})

describe('A fault', () => {
  test('of the line after the work is done: the SDK asks again with its own key, and there is one customer', async () => {
    emulator.failNext('lost', { of: 'POST /v1/customers' })
    const patient = clientOf(emulator, { maxNetworkRetries: 2 })
    const made = await patient.customers.create({ email: 'lost@example.com' })
    const found = await stripe.customers.list({ email: 'lost@example.com' })
    expect(found.data.map((one) => one.id)).toEqual([made.id])
  })

  test('of Stripe, of the line, and silence are what the caller sees, as often as asked and no more', async () => {
    const hasty = clientOf(emulator, { maxNetworkRetries: 0, timeout: 300 })
    emulator.failNext({ status: 500 })
    await expect(hasty.customers.list()).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 })
    emulator.failNext({ status: 429, code: 'rate_limit' }, { times: 2 })
    for (let i = 0; i < 2; i++)
      await expect(hasty.customers.list()).rejects.toMatchObject({ type: 'StripeRateLimitError' })
    // the SDK always asks once more after a connection that was closed on it
    emulator.failNext('reset', { times: 2 })
    await expect(hasty.customers.list()).rejects.toMatchObject({ type: 'StripeConnectionError' })
    emulator.failNext('hang', { of: '/v1/checkout' })
    await expect(hasty.customers.list()).resolves.toBeDefined()
    await expect(hasty.checkout.sessions.list()).rejects.toMatchObject({ type: 'StripeConnectionError' })
    await expect(hasty.checkout.sessions.list()).resolves.toBeDefined()
  })

  test('of slowness lasts until it is taken away', async () => {
    emulator.setDelay(400)
    const hasty = clientOf(emulator, { maxNetworkRetries: 0, timeout: 100 })
    await expect(hasty.customers.list()).rejects.toMatchObject({ type: 'StripeConnectionError' })
    emulator.clearFaults()
    await expect(hasty.customers.list()).resolves.toBeDefined()
  })
})
