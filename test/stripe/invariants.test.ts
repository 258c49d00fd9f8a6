import fc from 'fast-check'
import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { buy, submit, withStripe } from '@/test/stripe/with-stripe'

const started = await withStripe()
const { emulator, stripe, catalogue } = started

type Step =
  | { act: 'quantity'; quantity: number; proration: 'always_invoice' | 'create_prorations' | 'none' }
  | { act: 'interval'; yearly: boolean }
  | { act: 'ending'; wanted: boolean }
  | { act: 'card'; good: boolean }
  | { act: 'pass'; hours: number }
  | { act: 'pay' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    act: fc.constant('quantity' as const),
    quantity: fc.integer({ min: 1, max: 40 }),
    proration: fc.constantFrom('always_invoice' as const, 'create_prorations' as const, 'none' as const),
  }),
  fc.record({ act: fc.constant('interval' as const), yearly: fc.boolean() }),
  fc.record({ act: fc.constant('ending' as const), wanted: fc.boolean() }),
  fc.record({ act: fc.constant('card' as const), good: fc.boolean() }),
  fc.record({ act: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 1200 }) }),
  fc.record({ act: fc.constant('pay' as const) }),
)

async function take(one: Step, subscription: Stripe.Subscription, portal: string): Promise<void> {
  const { id } = subscription
  const item = subscription.items.data[0]?.id
  switch (one.act) {
    case 'quantity': {
      const items = [{ id: item, quantity: one.quantity }]
      await stripe.subscriptions.update(id, { items, proration_behavior: one.proration })
      return
    }
    case 'interval': {
      const price = one.yearly ? catalogue.yearly : catalogue.monthly
      await stripe.subscriptions.update(id, { items: [{ id: item, price }] })
      return
    }
    case 'ending':
      await stripe.subscriptions.update(id, { cancel_at_period_end: one.wanted })
      return
    case 'card':
      await submit(portal, { act: 'card', card: one.good ? '4242424242424242' : '4000000000000341' })
      return
    case 'pass':
      emulator.advance(one.hours * 3_600_000)
      return
    case 'pay':
      for (const invoice of (await stripe.invoices.list({ subscription: id, status: 'open' })).data)
        await stripe.invoices.pay(invoice.id).catch((error: unknown) => {
          if ((error as { code?: string }).code !== 'card_declined') throw error
        })
  }
}

async function check(id: string): Promise<void> {
  const subscription = await stripe.subscriptions.retrieve(id, { expand: ['customer'] })
  const invoices = await stripe.invoices.list({ subscription: id, limit: 100 })
  const customer = subscription.customer as Stripe.Customer
  for (const one of invoices.data) {
    expect(one.total).toBe(one.lines.data.reduce((sum, line) => sum + line.amount, 0))
    expect(one.total + one.starting_balance).toBe(one.amount_due + (one.ending_balance ?? 0))
    expect(one.amount_paid + one.amount_remaining).toBe(one.amount_due)
    if (one.next_payment_attempt !== null) expect(one.status).toBe('open')
  }
  const [newest] = invoices.data
  expect(newest?.id).toBe(subscription.latest_invoice)
  expect(customer.balance).toBe(newest?.ending_balance)
  const owing = invoices.data.some((one) => one.status === 'open')
  expect(customer.delinquent).toBe(owing)
  if (subscription.ended_at !== null) {
    expect(subscription.status).toBe('canceled')
    expect(invoices.data.every((one) => one.next_payment_attempt === null)).toBe(true)
    return
  }
  expect(subscription.status).toBe(owing ? 'past_due' : 'active')
  for (const item of subscription.items.data) {
    expect(item.current_period_start).toBeLessThanOrEqual(emulator.now())
    expect(item.current_period_end).toBeGreaterThan(emulator.now())
    if (subscription.cancel_at_period_end) expect(subscription.cancel_at).toBe(item.current_period_end)
  }
}

test('Whatever is done in whatever order, invoices add up and the status says what is owed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const { id, customer } = await buy(started, 5)
      const portal = await stripe.billingPortal.sessions.create({ customer: customer as string })
      for (const one of steps) {
        const now = await stripe.subscriptions.retrieve(id)
        if (now.ended_at !== null && one.act !== 'pass') break
        await take(one, now, portal.url)
        await check(id)
      }
      // what is over counts no more, so that time passes quickly for the next
      await stripe.customers.del(customer as string)
    }),
    { numRuns: 60 },
  )
  const times = emulator.events().map((one) => one.created)
  expect(times).toEqual([...times].sort((a, b) => a - b))
}, 60_000)
