import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { buy, listener, withStripe } from '@/test/stripe/with-stripe'

const secret = 'whsec_of_the_tests'
const hook = await listener()
const started = await withStripe({ webhook: { url: hook.url, secret }, retryAfterMs: [20, 20] })
const { emulator, stripe } = started
await emulator.webhooksSettled()

const read = ({ body, signature }: { body: string; signature: string }): Stripe.Event =>
  stripe.webhooks.constructEvent(body, signature, secret)
const since = (from: number): Stripe.Event[] => hook.received.slice(from).map(read)

describe('A webhook', () => {
  test('is signed as the SDK checks it, and neither another secret nor other words pass', async () => {
    const before = hook.received.length
    const made = await stripe.customers.create({ name: 'Mara' })
    await emulator.webhooksSettled()
    const [event] = since(before)
    expect(event).toMatchObject({
      object: 'event',
      type: 'customer.created',
      api_version: '2026-10-28.endive',
      livemode: false,
      data: { object: { id: made.id, name: 'Mara' } },
    })
    const { body, signature } = hook.received[before] ?? { body: '', signature: '' }
    expect(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow('signature')
    expect(() => stripe.webhooks.constructEvent(body.replace('Mara', 'Mora'), signature, secret)).toThrow(
      'signature',
    )
  })

  test('comes for each event of a purchase, in the order they happened', async () => {
    const [before, events] = [hook.received.length, emulator.events().length]
    await buy(started, 1)
    await emulator.webhooksSettled()
    expect(since(before).map((one) => one.id)).toEqual(
      emulator
        .events()
        .slice(events)
        .map((one) => one.id),
    )
    expect(emulator.pendingEvents()).toEqual([])
  })

  test('of a change says what was before', async () => {
    const subscription = await buy(started, 1)
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true })
    await emulator.webhooksSettled()
    const event = read(hook.received.at(-1) ?? { body: '', signature: '' })
    expect(event).toMatchObject({
      type: 'customer.subscription.updated',
      data: {
        object: { cancel_at_period_end: true },
        previous_attributes: { cancel_at_period_end: false, cancel_at: null },
      },
    })
    expect(event.request?.id).toMatch(/^req_/)
  })

  test('is sent again until it is accepted, and waits for whoever delivers it after the last time', async () => {
    hook.status = 500
    const before = hook.received.length
    const made = await stripe.customers.create({ name: 'Again' })
    await emulator.webhooksSettled()
    expect(since(before).map((one) => one.type)).toEqual(Array(3).fill('customer.created'))
    const [waiting] = emulator.pendingEvents()
    expect(waiting?.data.object).toMatchObject({ id: made.id })
    hook.status = 200
    expect(await emulator.deliver(waiting?.id ?? '')).toEqual([200])
    expect(emulator.pendingEvents()).toEqual([])
  })

  test('can be held back and delivered late, twice and in any order, as it was', async () => {
    emulator.holdWebhooks()
    const before = hook.received.length
    const made = await stripe.customers.create({ name: 'First' })
    await stripe.customers.update(made.id, { name: 'Second' })
    const [created, updated] = emulator.pendingEvents()
    expect(hook.received).toHaveLength(before)
    for (const one of [updated, created, updated]) await emulator.deliver(one?.id ?? '')
    expect(since(before).map((one) => (one.data.object as Stripe.Customer).name)).toEqual([
      'Second',
      'First',
      'Second',
    ])
    await stripe.customers.create({ name: 'Third' })
    emulator.releaseWebhooks()
    await emulator.webhooksSettled()
    expect(since(before)).toHaveLength(4)
    expect(emulator.pendingEvents()).toEqual([])
  })

  test('that is held back while others are under way comes once, and only after it is let go', async () => {
    hook.delay = 400
    const before = hook.received.length
    for (const name of ['One', 'Two', 'Three', 'Four']) await stripe.customers.create({ name })
    emulator.holdWebhooks()
    await new Promise((resolve) => setTimeout(resolve, 900))
    const [held, waiting] = [since(before).length, emulator.pendingEvents().length]
    expect(held).toBeLessThan(4)
    expect(held + waiting).toBe(4)
    hook.delay = 0
    emulator.releaseWebhooks()
    emulator.holdWebhooks()
    emulator.releaseWebhooks()
    await emulator.webhooksSettled()
    const names = since(before).map((one) => (one.data.object as Stripe.Customer).name)
    expect(names).toEqual(['One', 'Two', 'Three', 'Four'])
  })

  test('goes to an endpoint that the API made, for the events it asked for, with the secret told once', async () => {
    const other = await listener()
    const endpoint = await stripe.webhookEndpoints.create({
      url: other.url,
      enabled_events: ['product.created'],
    })
    expect((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret).toBeUndefined()
    expect((await stripe.webhookEndpoints.list()).data).toMatchObject([{ id: endpoint.id, url: other.url }])
    expect(JSON.stringify(await stripe.webhookEndpoints.list())).not.toContain('whsec_')
    await stripe.customers.create({ name: 'Not asked for' })
    await stripe.products.create({ name: 'Asked for' })
    await emulator.webhooksSettled()
    const came = other.received.map(({ body, signature }) =>
      stripe.webhooks.constructEvent(body, signature, endpoint.secret ?? ''),
    )
    expect(came.map((one) => one.type)).toEqual(['product.created'])
    await stripe.webhookEndpoints.del(endpoint.id)
  })

  test('tells of a checkout that nobody paid in time, and of one that was called off', async () => {
    const open: Stripe.Checkout.SessionCreateParams = {
      mode: 'subscription',
      line_items: [{ price: started.catalogue.monthly, quantity: 1 }],
      success_url: 'http://127.0.0.1:9/done',
    }
    const late = await stripe.checkout.sessions.create(open)
    const off = await stripe.checkout.sessions.create(open)
    expect(await stripe.checkout.sessions.expire(off.id)).toMatchObject({ status: 'expired', url: null })
    emulator.advance(25 * 3_600_000)
    await emulator.webhooksSettled()
    const expired = hook.received.map(read).filter((one) => one.type === 'checkout.session.expired')
    expect(expired.map((one) => one.data.object.id)).toEqual([off.id, late.id])
    expect((await fetch(late.url ?? '')).status).toBe(410)
  })
})
