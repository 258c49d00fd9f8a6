import Stripe from 'stripe'
import { afterAll, describe, expect, test } from 'vitest'
import { startStripe } from '@/test/stripe/emulator'
import { clientOf, SECRET_KEY } from '@/test/stripe/with-stripe'

/**
 * What holds the emulator and Stripe together: the same calls, with the same expectations, against both. Against Stripe's test mode only where
 * STRIPE_TEST_SECRET_KEY is given: it makes a product, prices and a customer there, and takes away what can be taken away.
 */
function contract(name: string, client: () => Stripe): void {
  describe(name, () => {
    const made = { customer: '', product: '', monthly: '', dearer: '', subscription: '', item: '' }
    afterAll(async () => {
      if (made.customer !== '') await client().customers.del(made.customer)
      if (made.product !== '') await client().products.update(made.product, { active: false })
    })

    test('makes a customer with a card, a product and prices by lookup key', async () => {
      const stripe = client()
      const customer = await stripe.customers.create({
        email: 'contract@example.com',
        metadata: { suite: 'contract' },
      })
      made.customer = customer.id
      expect(customer).toMatchObject({
        object: 'customer',
        livemode: false,
        balance: 0,
        metadata: { suite: 'contract' },
      })
      const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
      expect(card).toMatchObject({ customer: customer.id, card: { last4: '4242', brand: 'visa' } })
      await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: card.id } })
      made.product = (await stripe.products.create({ name: 'Contract suite' })).id
      const price = (unit_amount: number): Promise<Stripe.Price> =>
        stripe.prices.create({
          product: made.product,
          currency: 'eur',
          unit_amount,
          recurring: { interval: 'month' },
        })
      const monthly = await price(1000)
      expect(monthly).toMatchObject({
        type: 'recurring',
        unit_amount: 1000,
        recurring: { interval: 'month', interval_count: 1 },
      })
      expect(String(monthly.unit_amount_decimal)).toBe('1000')
      made.monthly = monthly.id
      made.dearer = (await price(2000)).id
      const listed = await stripe.prices.list({ product: made.product })
      expect(listed.data.map((one) => one.id).sort()).toEqual([made.monthly, made.dearer].sort())
    })

    test('begins a subscription that is paid at once', async () => {
      const subscription = await client().subscriptions.create({
        customer: made.customer,
        items: [{ price: made.monthly, quantity: 2 }],
        metadata: { install: 'contract' },
        expand: ['latest_invoice'],
      })
      made.subscription = subscription.id
      const [item] = subscription.items.data
      made.item = item?.id ?? ''
      expect(subscription).toMatchObject({
        status: 'active',
        cancel_at_period_end: false,
        currency: 'eur',
        metadata: { install: 'contract' },
      })
      expect(item).toMatchObject({ quantity: 2, price: { id: made.monthly }, subscription: subscription.id })
      expect((item?.current_period_end ?? 0) - (item?.current_period_start ?? 0)).toBeGreaterThan(27 * 86_400)
      expect(subscription.latest_invoice).toMatchObject({
        status: 'paid',
        total: 2000,
        amount_paid: 2000,
        billing_reason: 'subscription_create',
        parent: { type: 'subscription_details', subscription_details: { subscription: subscription.id } },
      })
    })

    test('charges a rise of the quantity at once, with a credit and a charge that are prorations', async () => {
      const subscription = await client().subscriptions.update(made.subscription, {
        items: [{ id: made.item, quantity: 5 }],
        proration_behavior: 'always_invoice',
        expand: ['latest_invoice'],
      })
      expect(subscription.items.data).toMatchObject([{ id: made.item, quantity: 5 }])
      const invoice = subscription.latest_invoice as Stripe.Invoice
      expect(invoice).toMatchObject({ billing_reason: 'subscription_update', status: 'paid' })
      expect(Math.abs(invoice.total - 3000)).toBeLessThanOrEqual(2)
      expect(invoice.lines.data.every((one) => one.parent?.subscription_item_details?.proration)).toBe(true)
    })

    test('previews a change of price without making it', async () => {
      const preview = await client().invoices.createPreview({
        subscription: made.subscription,
        subscription_details: {
          items: [{ id: made.item, price: made.dearer }],
          proration_behavior: 'always_invoice',
        },
      })
      expect(Math.abs(preview.total - 5000)).toBeLessThanOrEqual(2)
      const { items } = await client().subscriptions.retrieve(made.subscription)
      expect(items.data[0]?.price.id).toBe(made.monthly)
    })

    test('lists its invoices, newest first', async () => {
      const { data } = await client().invoices.list({ subscription: made.subscription })
      expect(data.map((one) => one.billing_reason)).toEqual(['subscription_update', 'subscription_create'])
      expect(data[0]?.hosted_invoice_url).toMatch(/^http/)
      expect(data[0]?.number).toMatch(/-\d{4}$/)
    })

    test('opens a checkout and a portal', async () => {
      const session = await client().checkout.sessions.create({
        mode: 'subscription',
        customer: made.customer,
        line_items: [
          { price: made.monthly, quantity: 3, adjustable_quantity: { enabled: true, minimum: 1 } },
        ],
        client_reference_id: 'contract',
        success_url: 'https://example.com/done?session={CHECKOUT_SESSION_ID}',
        cancel_url: 'https://example.com/back',
      })
      expect(session).toMatchObject({
        mode: 'subscription',
        status: 'open',
        payment_status: 'unpaid',
        amount_total: 3000,
        client_reference_id: 'contract',
        subscription: null,
      })
      expect(session.url).toMatch(/^http/)
      expect(await client().checkout.sessions.expire(session.id)).toMatchObject({
        status: 'expired',
        url: null,
      })
      const portal = await client().billingPortal.sessions.create({
        customer: made.customer,
        return_url: 'https://example.com/billing',
      })
      expect(portal).toMatchObject({ object: 'billing_portal.session', customer: made.customer })
      expect(portal.url).toMatch(/^http/)
    })

    test('ends with the period where asked, and then at once', async () => {
      const ending = await client().subscriptions.update(made.subscription, { cancel_at_period_end: true })
      expect(ending).toMatchObject({ status: 'active', cancel_at_period_end: true })
      expect(ending.cancel_at).toBe(ending.items.data[0]?.current_period_end)
      const over = await client().subscriptions.cancel(made.subscription)
      expect(over).toMatchObject({
        status: 'canceled',
        cancellation_details: { reason: 'cancellation_requested' },
      })
      expect(over.ended_at).not.toBeNull()
      const all = await client().subscriptions.list({ customer: made.customer, status: 'all' })
      expect(all.data.map((one) => one.id)).toEqual([made.subscription])
    })

    test('refuses what is unknown, missing and used twice', async () => {
      const wrong = { name: 'A', colour: 'red' } as { name: string }
      await expect(client().products.create(wrong)).rejects.toMatchObject({
        type: 'StripeInvalidRequestError',
        code: 'parameter_unknown',
        param: 'colour',
      })
      await expect(client().products.create({} as { name: string })).rejects.toMatchObject({
        code: 'parameter_missing',
        param: 'name',
      })
      await expect(client().customers.retrieve('cus_none')).rejects.toMatchObject({
        statusCode: 404,
        code: 'resource_missing',
      })
      const options = { idempotencyKey: `contract-${made.customer}` }
      const first = await client().customers.update(made.customer, { name: 'One' }, options)
      const again = await client().customers.update(made.customer, { name: 'One' }, options)
      expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined()
      expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
      await expect(client().customers.update(made.customer, { name: 'Two' }, options)).rejects.toMatchObject({
        type: 'StripeIdempotencyError',
      })
    })
  })
}

const emulator = await startStripe({ secretKey: SECRET_KEY })
afterAll(() => emulator.close())
contract('The emulator', () => clientOf(emulator))

const key = process.env.STRIPE_TEST_SECRET_KEY ?? ''
if (key !== '' && !key.startsWith('sk_test_'))
  throw new Error('STRIPE_TEST_SECRET_KEY must be a key of test mode, sk_test_…: this suite buys things')
describe.skipIf(key === '')('With STRIPE_TEST_SECRET_KEY', () => {
  contract("Stripe's test mode", () => new Stripe(key, { telemetry: false, maxNetworkRetries: 2 }))
})
