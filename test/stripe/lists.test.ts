import { describe, expect, test } from 'vitest'
import { MONTHLY, YEARLY } from '@/test/stripe/catalogue'
import { buy, withStripe } from '@/test/stripe/with-stripe'

const started = await withStripe()
const { emulator, stripe, catalogue } = started
const ids: string[] = []
for (let i = 0; i < 25; i++) ids.unshift((await stripe.customers.create({ name: `Customer ${i}` })).id)

describe('A list', () => {
  test('comes newest first, ten at a time, and says whether there are more', async () => {
    const first = await stripe.customers.list()
    expect(first.data.map((one) => one.id)).toEqual(ids.slice(0, 10))
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' })
    const last = await stripe.customers.list({ limit: 20, starting_after: ids[9] })
    expect(last.data.map((one) => one.id)).toEqual(ids.slice(10))
    expect(last.has_more).toBe(false)
    const before = await stripe.customers.list({ limit: 3, ending_before: ids[9] })
    expect(before.data.map((one) => one.id)).toEqual(ids.slice(6, 9))
    expect(before.has_more).toBe(true)
  })

  test('is walked to its end by the SDK, forwards and backwards, each row once', async () => {
    const walked: string[] = []
    for await (const one of stripe.customers.list({ limit: 4 })) walked.push(one.id)
    expect(walked).toEqual(ids)
    const back: string[] = []
    for await (const one of stripe.customers.list({ limit: 4, ending_before: ids.at(-1) })) back.push(one.id)
    expect(back).toEqual(ids.slice(0, -1).reverse())
  })

  test('refuses pages that are too long, and a cursor that is not in it', async () => {
    await expect(stripe.customers.list({ limit: 101 })).rejects.toMatchObject({
      param: 'limit',
      statusCode: 400,
    })
    await expect(stripe.customers.list({ limit: 0 })).rejects.toMatchObject({ param: 'limit' })
    await expect(stripe.customers.list({ starting_after: 'cus_none' })).rejects.toMatchObject({
      code: 'resource_missing',
      param: 'starting_after',
    })
  })

  test('is limited to what is asked for: lookup keys, customer, subscription, status, type, time', async () => {
    const one = await buy(started, 1)
    const other = await buy(started, 2)
    const prices = await stripe.prices.list({ lookup_keys: [YEARLY] })
    expect(prices.data.map((price) => price.id)).toEqual([catalogue.yearly])
    expect((await stripe.prices.list({ lookup_keys: [MONTHLY, YEARLY] })).data).toHaveLength(2)
    expect((await stripe.prices.list({ product: 'prod_none' })).data).toEqual([])
    const mine = await stripe.subscriptions.list({ customer: one.customer as string })
    expect(mine.data.map((each) => each.id)).toEqual([one.id])
    expect((await stripe.invoices.list({ subscription: other.id })).data).toHaveLength(1)
    expect((await stripe.invoices.list({ customer: one.customer as string, status: 'open' })).data).toEqual(
      [],
    )
    const events = await stripe.events.list({ type: 'invoice.paid' })
    expect(events.data.map((each) => each.type)).toEqual(['invoice.paid', 'invoice.paid'])
    const [event] = events.data
    expect(await stripe.events.retrieve(event?.id ?? '')).toMatchObject({ id: event?.id, livemode: false })
    expect((await stripe.events.list({ created: { gt: emulator.now() + 1 } })).data).toEqual([])
    const done = await stripe.checkout.sessions.list({ subscription: one.id })
    expect(done.data).toMatchObject([{ status: 'complete', subscription: one.id }])
  })
})
