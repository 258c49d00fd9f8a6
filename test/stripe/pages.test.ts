import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import type Stripe from 'stripe'
import { afterAll, describe, expect, test } from 'vitest'
import { startStripe } from '@/test/stripe/emulator'
import { seedCatalogue } from '@/test/stripe/catalogue'
import { buy, clientOf, listener, SECRET_KEY, submit, withStripe } from '@/test/stripe/with-stripe'

const started = await withStripe()
const { emulator, stripe, catalogue } = started

const open = (params: Partial<Stripe.Checkout.SessionCreateParams> = {}): Promise<Stripe.Checkout.Session> =>
  stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [
      {
        price: catalogue.monthly,
        quantity: 5,
        adjustable_quantity: { enabled: true, minimum: 2, maximum: 50 },
      },
    ],
    customer_email: 'mara@example.com',
    success_url: 'http://127.0.0.1:9/done',
    cancel_url: 'http://127.0.0.1:9/back',
    ...params,
  })

describe('The pay page', () => {
  test('says that a declined card is declined, and nothing is bought', async () => {
    const session = await open()
    const events = emulator.events().length
    const refused = await submit(session.url ?? '', { card: '4000 0000 0000 0002', action: 'pay' })
    expect(refused.status).toBe(402)
    expect(refused.page).toContain('role="alert" id="error">Your card was declined.')
    expect(emulator.events()).toHaveLength(events)
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'open',
      subscription: null,
    })
    expect((await submit(session.url ?? '', { card: '4242424242424242', action: 'pay' })).status).toBe(303)
  })

  test.each([
    ['a card that is no test card', { card: '4111 1111 1111 1111' }],
    ['a quantity below the least', { card: '4242424242424242', 'quantity-0': '1' }],
    ['a quantity above the most', { card: '4242424242424242', 'quantity-0': '51' }],
    ['a quantity that is no number', { card: '4242424242424242', 'quantity-0': '1e1' }],
  ])('refuses %s, and shows what was typed but the card', async (_, fields) => {
    const session = await open({ tax_id_collection: { enabled: true } })
    const refused = await submit(session.url ?? '', { ...fields, 'tax-id': 'DE"><b>', action: 'pay' })
    expect(refused.status).toBe(400)
    expect(refused.page).toContain('aria-invalid="true"')
    expect(refused.page).toContain('DE&quot;&gt;&lt;b&gt;')
    expect(refused.page).not.toContain(fields.card)
  })

  test('shows the total of another quantity before anything is paid', async () => {
    const session = await open()
    const shown = await submit(session.url ?? '', { 'quantity-0': '7', action: 'update' })
    expect(shown.page).toContain('Pay €63.00')
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'open',
      amount_total: 6300,
    })
  })

  test('leads back without paying', async () => {
    const session = await open()
    const back = await submit(session.url ?? '', { action: 'back' })
    expect(back).toMatchObject({ status: 303, location: 'http://127.0.0.1:9/back' })
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open' })
  })

  test('bills the customer it was opened for, and keeps quantities that may not change', async () => {
    const customer = await stripe.customers.create({ name: 'Known', email: 'known@example.com' })
    const session = await open({
      customer: customer.id,
      customer_email: undefined,
      line_items: [{ price: catalogue.yearly, quantity: 3 }],
    })
    await submit(session.url ?? '', { card: '4242424242424242', 'quantity-0': '1', action: 'pay' })
    const [subscription] = (await stripe.subscriptions.list({ customer: customer.id })).data
    expect(subscription?.items.data).toMatchObject([{ quantity: 3, price: { id: catalogue.yearly } }])
  })

  test('takes nothing from another site, nor under a name that is not of this machine', async () => {
    const session = await open()
    const from = (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) =>
        http
          .request(session.url ?? '', { method: 'POST', headers }, (answer) => {
            answer.resume()
            resolve(answer.statusCode)
          })
          .on('error', reject)
          .end('action=pay&card=4242424242424242'),
      )
    expect(await from({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await from({ host: 'rebound.example.com' })).toBe(403)
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open' })
    expect(await from({ 'sec-fetch-site': 'same-origin', host: `localhost:${emulator.port}` })).toBe(303)
  })
})

describe('The portal', () => {
  test('changes the quantity, cancels, takes that back, ends, and lets time pass', async () => {
    const { id, customer } = await buy(started, 4)
    const portal = await stripe.billingPortal.sessions.create({
      customer: customer as string,
      return_url: 'http://127.0.0.1:9/billing',
    })
    const now = (): Promise<Stripe.Subscription> => stripe.subscriptions.retrieve(id)
    const act = (fields: Record<string, string>): ReturnType<typeof submit> =>
      submit(portal.url, { subscription: id, ...fields })
    const shown = await (await fetch(portal.url)).text()
    expect(shown).toContain('href="http://127.0.0.1:9/billing"')
    expect(shown).toContain('visa ending in 4242')
    await act({ act: 'quantity', quantity: '6' })
    expect((await now()).items.data).toMatchObject([{ quantity: 6 }])
    expect((await act({ act: 'quantity', quantity: '-1' })).status).toBe(400)
    await act({ act: 'cancel' })
    expect(await now()).toMatchObject({ cancel_at_period_end: true })
    await act({ act: 'resume' })
    expect(await now()).toMatchObject({ cancel_at_period_end: false })
    const { items } = await now()
    await act({ act: 'pass', span: 'month' })
    expect((await now()).items.data[0]?.current_period_start).toBe(items.data[0]?.current_period_end)
    await act({ act: 'cancel-now' })
    expect(await now()).toMatchObject({ status: 'canceled' })
    const invoices = await stripe.invoices.list({ subscription: id })
    const page = await (await fetch(invoices.data[0]?.hosted_invoice_url ?? '')).text()
    expect(page).toContain('not Stripe')
  })

  test("does not touch another customer's subscription", async () => {
    const mine = await buy(started, 1)
    const theirs = await buy(started, 1)
    const portal = await stripe.billingPortal.sessions.create({ customer: mine.customer as string })
    expect((await submit(portal.url, { subscription: theirs.id, act: 'cancel-now' })).status).toBe(404)
    expect(await stripe.subscriptions.retrieve(theirs.id)).toMatchObject({ status: 'active' })
  })
})

test('Scripts move the clock by a route of the emulator', async () => {
  const { id } = await buy(started, 1)
  const answer = await submit(`${emulator.url}/_emulator/advance`, { span: 'year' })
  expect(answer.status).toBe(200)
  expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(10)
  expect((await stripe.invoices.list({ subscription: id, limit: 100 })).data).toHaveLength(13)
  expect((await submit(`${emulator.url}/_emulator/advance`, { span: 'age' })).status).toBe(400)
})

test('With a file, an emulator that is started again goes on where it stopped, also with what was not delivered', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stripe-emulator-'))
  afterAll(() => fs.rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'stripe.json')
  const hook = await listener()
  hook.status = 503
  const options = {
    secretKey: SECRET_KEY,
    file,
    webhook: { url: hook.url, secret: 'whsec_x' },
    retryAfterMs: [],
  }
  const first = await startStripe(options)
  const client = clientOf(first)
  const before = await buy({ emulator: first, stripe: client, catalogue: await seedCatalogue(client) }, 2)
  first.advance(40 * 86_400_000)
  await first.webhooksSettled()
  const [now, waiting] = [first.now(), first.pendingEvents().map((one) => one.id)]
  await first.close()
  expect(fs.readFileSync(file, 'utf8')).not.toContain(SECRET_KEY)
  expect(fs.statSync(file).mode & 0o777).toBe(0o600)

  hook.status = 200
  const came = hook.received.length
  const second = await startStripe(options)
  await second.webhooksSettled()
  expect(second.now()).toBeGreaterThanOrEqual(now)
  const ids = hook.received.slice(came).map((one) => (JSON.parse(one.body) as Stripe.Event).id)
  expect(ids).toEqual(waiting)
  const again = clientOf(second)
  expect(await again.subscriptions.retrieve(before.id)).toMatchObject({ status: 'active' })
  expect((await again.invoices.list({ subscription: before.id })).data).toHaveLength(2)
  expect(await seedCatalogue(again)).toMatchObject({ monthly: before.items.data[0]?.price.id })
  await second.close()
  fs.writeFileSync(file, '{"offset":')
  await expect(startStripe(options)).rejects.toThrow(`${file} is no state of the Stripe emulator`)
})
