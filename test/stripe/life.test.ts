import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { RETRY_AFTER_DAYS } from '@/test/stripe/billing/invoices'
import { buy, submit, withStripe } from '@/test/stripe/with-stripe'

const DAY = 86_400_000
const started = await withStripe()
const { emulator, stripe, catalogue } = started

const typesSince = (from: number): string[] =>
  emulator
    .events()
    .slice(from)
    .map((one) => one.type)
const invoicesOf = async (subscription: string): Promise<Stripe.Invoice[]> =>
  (await stripe.invoices.list({ subscription })).data

describe('The life of a subscription', () => {
  test('begins on the pay page: customer, subscription, paid invoice, and back to where the buyer came from', async () => {
    const before = emulator.events().length
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [
        {
          price: catalogue.monthly,
          quantity: 10,
          adjustable_quantity: { enabled: true, minimum: 1, maximum: 500 },
        },
      ],
      client_reference_id: 'install-7',
      metadata: { install: '7' },
      subscription_data: { metadata: { install: '7' } },
      tax_id_collection: { enabled: true },
      allow_promotion_codes: true,
      success_url: 'http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'http://127.0.0.1:9/back',
    })
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 9000,
      currency: 'eur',
    })
    const page = await (await fetch(session.url ?? '')).text()
    expect(page).toContain('not Stripe')
    expect(page).toContain('Freehold Enterprise')
    expect(page).not.toContain('<script')
    const fields = { card: '4242 4242 4242 4242', email: 'mara@example.com', name: 'MSP GmbH', action: 'pay' }
    const tax = { 'tax-type': 'eu_vat', 'tax-id': 'DE123456789' }
    const paid = await submit(session.url ?? '', { ...fields, ...tax, 'quantity-0': '12' })
    expect(paid).toMatchObject({ status: 303, location: `http://127.0.0.1:9/done?session=${session.id}` })

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription.latest_invoice', 'customer', 'line_items'],
    })
    const subscription = after.subscription as Stripe.Subscription
    const invoice = subscription.latest_invoice as Stripe.Invoice
    expect(after).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      client_reference_id: 'install-7',
      amount_total: 10_800,
      customer: { email: 'mara@example.com', name: 'MSP GmbH' },
      customer_details: { tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }] },
    })
    expect(after.line_items?.data).toMatchObject([{ quantity: 12, amount_total: 10_800 }])
    expect(subscription).toMatchObject({ status: 'active', metadata: { install: '7' } })
    expect(subscription.items.data).toMatchObject([{ quantity: 12, price: { id: catalogue.monthly } }])
    expect(invoice).toMatchObject({
      status: 'paid',
      total: 10_800,
      amount_paid: 10_800,
      billing_reason: 'subscription_create',
      parent: { type: 'subscription_details', subscription_details: { subscription: subscription.id } },
    })
    expect(typesSince(before)).toEqual([
      'customer.created',
      'payment_method.attached',
      'customer.tax_id.created',
      'customer.subscription.created',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'customer.subscription.updated',
      'checkout.session.completed',
    ])
    expect((await submit(session.url ?? '', fields)).page).toContain('paid already')
  })

  test('renews at the end of its period, on the same day of the month', async () => {
    const subscription = await buy(started, 3)
    const [item] = subscription.items.data
    emulator.advanceTo(item?.current_period_end ?? 0)
    const renewed = await stripe.subscriptions.retrieve(subscription.id)
    expect(renewed.status).toBe('active')
    expect(renewed.items.data[0]?.current_period_start).toBe(item?.current_period_end)
    const days = (second = 0): number => new Date(second * 1000).getUTCDate()
    expect(
      Math.abs(days(renewed.items.data[0]?.current_period_end) - days(item?.current_period_end)),
    ).toBeLessThan(4)
    expect(await invoicesOf(subscription.id)).toMatchObject([
      { billing_reason: 'subscription_cycle', status: 'paid', total: 2700 },
      { billing_reason: 'subscription_create', status: 'paid', total: 2700 },
    ])
  })

  test('goes past due with a card that fails, is tried again three times, and is cancelled after the last', async () => {
    const subscription = await buy(started, 2, '4000 0000 0000 0341')
    const before = emulator.events().length
    emulator.advanceTo(subscription.items.data[0]?.current_period_end ?? 0)
    const failed = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
    expect(failed.status).toBe('past_due')
    expect(failed.latest_invoice).toMatchObject({ status: 'open', attempt_count: 1, amount_remaining: 1800 })
    expect(typesSince(before)).toContain('invoice.payment_failed')
    const [first = 0, second = 0, last = 0] = RETRY_AFTER_DAYS
    for (const [days, attempts] of [
      [first, 2],
      [second, 3],
    ] as const) {
      emulator.advance(days * DAY)
      const now = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
      expect(now).toMatchObject({ status: 'past_due', latest_invoice: { attempt_count: attempts } })
    }
    emulator.advance(last * DAY)
    const over = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
    expect(over).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'payment_failed' },
      latest_invoice: { status: 'open', attempt_count: 4, next_payment_attempt: null },
    })
    expect(typesSince(before).at(-1)).toBe('customer.subscription.deleted')
    expect(
      (await stripe.customers.retrieve(subscription.customer as string)) as Stripe.Customer,
    ).toMatchObject({
      delinquent: true,
    })
  })

  test('is active again once what is open is paid with another card', async () => {
    const subscription = await buy(started, 2, '4000 0000 0000 0341')
    emulator.advanceTo(subscription.items.data[0]?.current_period_end ?? 0)
    const [open] = await invoicesOf(subscription.id)
    await expect(stripe.invoices.pay(open?.id ?? '')).rejects.toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
    })
    const portal = await stripe.billingPortal.sessions.create({ customer: subscription.customer as string })
    expect((await submit(portal.url, { act: 'card', card: '4242424242424242' })).status).toBe(303)
    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' })
    expect(await invoicesOf(subscription.id)).toMatchObject([{ status: 'paid' }, { status: 'paid' }])
  })

  test('ends with its period where that was asked for, and not where it was taken back', async () => {
    const ending = await buy(started, 1)
    const staying = await buy(started, 1)
    for (const { id } of [ending, staying])
      await stripe.subscriptions.update(id, { cancel_at_period_end: true })
    const asked = await stripe.subscriptions.retrieve(ending.id)
    expect(asked).toMatchObject({ status: 'active', cancel_at: asked.items.data[0]?.current_period_end })
    await stripe.subscriptions.update(staying.id, { cancel_at_period_end: false })
    const before = emulator.events().length
    emulator.advanceTo((staying.items.data[0]?.current_period_end ?? 0) + 1)
    expect(await stripe.subscriptions.retrieve(ending.id)).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'cancellation_requested' },
    })
    expect(await stripe.subscriptions.retrieve(staying.id)).toMatchObject({
      status: 'active',
      cancel_at: null,
    })
    expect(typesSince(before)).toContain('customer.subscription.deleted')
    expect((await invoicesOf(ending.id)).length).toBe(1)
  })

  test('charges a rise at once for the rest of the period, and puts a fall to the customer as credit', async () => {
    const subscription = await buy(started, 10)
    const [item] = subscription.items.data
    const start = item?.current_period_start ?? 0
    const end = item?.current_period_end ?? 0
    emulator.advanceTo(start + Math.floor((end - start) / 2))
    const change = (quantity: number): Stripe.SubscriptionUpdateParams => ({
      items: [{ id: item?.id, quantity }],
      proration_behavior: 'always_invoice',
      expand: ['latest_invoice'],
    })
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { items: [{ id: item?.id, quantity: 20 }], proration_behavior: 'always_invoice' },
    })
    const more = await stripe.subscriptions.update(subscription.id, change(20))
    const invoice = more.latest_invoice as Stripe.Invoice
    expect(invoice).toMatchObject({ billing_reason: 'subscription_update', status: 'paid' })
    // ten hosts more at 9.00 for half a period
    expect(Math.abs(invoice.total - 4500)).toBeLessThanOrEqual(2)
    expect(Math.abs(preview.total - invoice.total)).toBeLessThanOrEqual(2)
    expect(invoice.lines.data.map((one) => one.parent?.subscription_item_details?.proration)).toEqual([
      true,
      true,
    ])
    const fewer = await stripe.subscriptions.update(subscription.id, change(5))
    const credit = fewer.latest_invoice as Stripe.Invoice
    expect(credit).toMatchObject({ status: 'paid', amount_due: 0, ending_balance: credit.total })
    expect(Math.abs(credit.total + 6750)).toBeLessThanOrEqual(2)
    const customer = (await stripe.customers.retrieve(subscription.customer as string)) as Stripe.Customer
    expect(customer.balance).toBe(credit.total)
    emulator.advanceTo(end)
    const [renewal] = await invoicesOf(subscription.id)
    expect(renewal).toMatchObject({ total: 4500, amount_due: 0, status: 'paid' })
  })

  test('begins a new period where it changes from month to year', async () => {
    const subscription = await buy(started, 4)
    const [item] = subscription.items.data
    const yearly = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item?.id, price: catalogue.yearly }],
      expand: ['latest_invoice'],
    })
    const [changed] = yearly.items.data
    expect((changed?.current_period_end ?? 0) - (changed?.current_period_start ?? 0)).toBeGreaterThan(
      364 * 86_400,
    )
    const { total } = yearly.latest_invoice as Stripe.Invoice
    expect(Math.abs(total - (36_000 - 3600))).toBeLessThanOrEqual(2)
  })

  test('puts a change without an invoice of its own on the next one', async () => {
    const subscription = await buy(started, 10)
    const [item] = subscription.items.data
    const before = emulator.now()
    const updated = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item?.id, quantity: 11 }],
    })
    expect(updated.latest_invoice).toBe(subscription.latest_invoice)
    expect(before).toBeLessThan(item?.current_period_end ?? 0)
    emulator.advanceTo(item?.current_period_end ?? 0)
    const [renewal] = await invoicesOf(subscription.id)
    expect(renewal?.lines.data).toHaveLength(3)
    expect(Math.abs((renewal?.total ?? 0) - (9900 + 900))).toBeLessThanOrEqual(2)
  })

  test('stops at once, and takes no change any more', async () => {
    const subscription = await buy(started, 1)
    expect(await stripe.subscriptions.cancel(subscription.id)).toMatchObject({ status: 'canceled' })
    await expect(stripe.subscriptions.cancel(subscription.id)).rejects.toMatchObject({
      code: 'resource_missing',
    })
    await expect(
      stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true }),
    ).rejects.toThrow('A canceled subscription')
    expect((await stripe.subscriptions.list({ customer: subscription.customer as string })).data).toEqual([])
    const all = await stripe.subscriptions.list({ customer: subscription.customer as string, status: 'all' })
    expect(all.data.map((one) => one.id)).toEqual([subscription.id])
  })

  test('begun by the API is incomplete with a card that fails, and expires after 23 hours or is paid before', async () => {
    const failing = await stripe.customers.create({
      payment_method: 'pm_card_chargeCustomerFail',
      invoice_settings: { default_payment_method: 'pm_card_chargeCustomerFail' },
    })
    const wanted: Stripe.SubscriptionCreateParams = {
      customer: failing.id,
      items: [{ price: catalogue.monthly, quantity: 2 }],
    }
    const events = emulator.events().length
    await expect(
      stripe.subscriptions.create({ ...wanted, payment_behavior: 'error_if_incomplete' }),
    ).rejects.toMatchObject({ type: 'StripeCardError', code: 'card_declined' })
    expect(emulator.events()).toHaveLength(events)
    const lost = await stripe.subscriptions.create(wanted)
    const saved = await stripe.subscriptions.create({ ...wanted, payment_behavior: 'default_incomplete' })
    expect((await invoicesOf(lost.id))[0]).toMatchObject({ attempted: true, next_payment_attempt: null })
    expect([lost.status, saved.status]).toEqual(['incomplete', 'incomplete'])
    await stripe.invoices.pay(saved.latest_invoice as string, { payment_method: 'pm_card_visa' })
    emulator.advance(23 * 3_600_000 + 1000)
    expect(await stripe.subscriptions.retrieve(saved.id)).toMatchObject({ status: 'active' })
    const expired = await stripe.subscriptions.retrieve(lost.id, { expand: ['latest_invoice'] })
    expect(expired).toMatchObject({ status: 'incomplete_expired', latest_invoice: { status: 'void' } })
  })

  test('ends with its customer, who is still told of as deleted', async () => {
    const { id, customer } = await buy(started, 1)
    await stripe.customers.del(customer as string)
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'canceled' })
    expect(await stripe.customers.retrieve(customer as string)).toEqual(
      expect.objectContaining({ id: customer, deleted: true }),
    )
    await expect(stripe.customers.update(customer as string, { name: 'A' })).rejects.toMatchObject({
      code: 'resource_missing',
    })
  })

  test('is not begun without any way to pay, nor changed where the rise is not paid and that was made a condition', async () => {
    const poor = await stripe.customers.create({ name: 'No card' })
    const items = [{ price: catalogue.monthly }]
    await expect(stripe.subscriptions.create({ customer: poor.id, items })).rejects.toMatchObject({
      code: 'resource_missing',
    })
    const subscription = await buy(started, 2, '4000 0000 0000 0341')
    const rise: Stripe.SubscriptionUpdateParams = {
      items: [{ id: subscription.items.data[0]?.id, quantity: 9 }],
      proration_behavior: 'always_invoice',
    }
    await expect(
      stripe.subscriptions.update(subscription.id, { ...rise, payment_behavior: 'error_if_incomplete' }),
    ).rejects.toMatchObject({ type: 'StripeCardError' })
    expect((await stripe.subscriptions.retrieve(subscription.id)).items.data).toMatchObject([{ quantity: 2 }])
    expect(await stripe.subscriptions.update(subscription.id, rise)).toMatchObject({ status: 'past_due' })
  })
})
