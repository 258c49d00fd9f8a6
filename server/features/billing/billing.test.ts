import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { licenceRouter } from '@/server/features/licence/licence.router'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import type * as Env from '@/server/platform/env'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { billingRounds, billingTick } from './billing.jobs'
import { billingRouter } from './billing.router'
import { openShop, type Shop } from './shop.fixture'

vi.mock('@/server/platform/env', async (original) => {
  const real = await original<typeof Env>()
  return { ...real, env: vi.fn(real.env) }
})

const factory = createCallerFactory(
  router({ billing: billingRouter, licence: licenceRouter, tenants: tenantsRouter }),
)
const DAY = 86_400_000
let world: World
let shop: Shop
beforeAll(async () => {
  world = await createWorld()
})
beforeEach(async () => {
  await world.restore()
  await world.admin.query('update licence set host_limit = 3') // a trial that gives no more than what is bought
  shop = await openShop()
  shop.settings({})
})
afterEach(() => shop.close())
afterAll(() => world.close())

const api = async (name: PersonName = 'Mara') => factory({ op: await world.opOf(name) })
const order = (hosts: number) => ({ price: shop.catalogue.monthly, hosts })
const gate = async () => (await world.opOf('Mara')).gate
const events = (subscription: string) =>
  shop.emulator.events().filter((one) => JSON.stringify(one.data.object).includes(subscription))

/** Mara buys, and comes back from the page of payment. @returns the subscription's id */
async function bought(hosts: number, card?: string): Promise<string> {
  const { url } = await (await api()).billing.checkout(order(hosts))
  await shop.pay(url, card)
  const session = new URL(url).pathname.split('/').pop() ?? ''
  const seen = await (await api()).billing.confirm({ session })
  return seen.subscription?.id ?? ''
}
/** Without the trial there is nothing but what is bought. */
const noTrial = () =>
  world.admin.query(
    `update licence set starts_at = now() - interval '40 days', expires_at = now() - interval '1 day', ended_at = null where source = 'trial'`,
  )

test('bought on the page of payment, it holds the moment one comes back; the trial ends', async () => {
  const id = await bought(12)
  expect((await gate()).licence).toMatchObject({
    source: 'stripe',
    capabilities: ['multi_tenant', 'sso'],
    hostLimit: 12,
  })
  const seen = await (await api()).billing.get()
  expect(seen).toMatchObject({
    configured: true,
    test: true,
    customer: true,
    parked: 0,
    subscription: { id, status: 'active', hosts: 12, cancelAt: null },
  })
  expect(await refusal((await api()).billing.checkout(order(3)))).toMatchObject({ code: 'conflict' })
  const { rows } = await world.admin.query<{ event: string }>(
    `select event from audit_event where event like 'billing.%' order by at`,
  )
  expect(rows.map(({ event }) => event)).toEqual([
    'billing.checkout',
    'billing.checkout',
    'billing.confirm',
    'billing.subscription',
  ])
})

test('what was not paid gives nothing', async () => {
  await noTrial()
  const { url } = await (await api()).billing.checkout(order(5))
  const session = new URL(url).pathname.split('/').pop() ?? ''
  expect((await (await api()).billing.confirm({ session })).subscription).toBe(null)
  expect((await gate()).state).toBe('expired')
})

test('a second page of payment closes the first: one is paid', async () => {
  const first = await (await api()).billing.checkout(order(5))
  const second = await (await api()).billing.checkout(order(6))
  await expect(shop.pay(first.url)).rejects.toThrow('not paid')
  await shop.pay(second.url)
})

test('more hosts are paid at once, fewer are credited; nothing is deleted', async () => {
  await bought(5)
  const mara = await api()
  const more = await mara.billing.preview(order(20))
  expect(more).toMatchObject({ then: 20 * 900, currency: 'EUR' })
  expect(more.dueNow).toBeGreaterThan(0)
  expect((await mara.billing.change(order(20))).subscription).toMatchObject({ hosts: 20 })
  expect((await gate()).licence?.hostLimit).toBe(20)
  expect((await mara.billing.preview(order(2))).dueNow).toBeLessThan(0)
  const hosts = async () => (await world.admin.query(`select id from resource where kind = 'host'`)).rowCount
  const before = await hosts()
  expect((await mara.billing.change(order(1))).subscription).toMatchObject({ hosts: 1 })
  expect(await hosts()).toBe(before)
  const { now } = await mara.licence.list()
  expect(now.hostsUsed).toBeGreaterThan(now.hosts ?? Infinity)
})

test('cancelled, it holds to the end of what is paid, and can be taken back', async () => {
  const id = await bought(5)
  const mara = await api()
  const { subscription } = await mara.billing.cancel()
  expect(subscription?.cancelAt).toBe(subscription?.periodEnd)
  const { rows } = await world.admin.query<{ expires_at: Date }>(
    'select expires_at from licence where subscription = $1',
    [id],
  )
  expect(rows[0]?.expires_at.toISOString()).toBe(subscription?.cancelAt)
  expect((await gate()).state).toBe('on')
  expect((await gate()).licence?.renews).toBe(false)
  expect((await mara.billing.resume()).subscription?.cancelAt).toBe(null)
  expect((await gate()).licence?.renews).toBe(true)
})

test('a payment fails: days of grace, said plainly; then growth waits, and sight does not; paid again, it is back', async () => {
  await noTrial()
  // Its first payment works, its renewal does not.
  const id = await bought(9, '4000 0000 0000 0341')
  shop.emulator.advance(32 * DAY)
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('past_due')
  const { subscription } = await (await api()).billing.refresh()
  expect(subscription?.status).toBe('past_due')
  expect(Date.parse(subscription?.graceUntil ?? '')).toBeGreaterThan(Date.now())
  expect((await gate()).state).toBe('on')
  // The days of grace have passed.
  await world.admin.query(
    `update licence set starts_at = now() - interval '50 days', expires_at = now() - interval '1 hour' where subscription = $1`,
    [id],
  )
  expect((await gate()).state).toBe('expired')
  const mara = await api()
  expect(await refusal(mara.tenants.enable({ id: 'b0b00000-0000-4000-8000-000000000000' }))).toMatchObject({
    code: 'license_required',
  })
  await mara.tenants.list({})
  // Stripe gives up.
  shop.emulator.advance(60 * DAY)
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('canceled')
  await billingRounds()
  expect((await (await api()).billing.get()).subscription).toBe(null)
  await bought(9)
  expect((await gate()).state).toBe('on')
})

test('H13 takes no quantity that is none, and no price that is not sold here', async () => {
  const mara = await api()
  for (const hosts of [0, -1, 1.5, 100_001, Number.NaN, '3' as never])
    expect(await refusal(mara.billing.checkout({ ...order(1), hosts }))).toMatchObject({ code: 'ZodError' })
  const foreign = await shop.stripe.prices.create({
    currency: 'usd',
    unit_amount: 1,
    recurring: { interval: 'month' },
    product: shop.catalogue.product,
  })
  expect(await refusal(mara.billing.checkout({ price: foreign.id, hosts: 1 }))).toMatchObject({
    code: 'invalid_input',
    price: 'This is not sold here.',
  })
  expect(await refusal(mara.billing.checkout({ ...order(1), currency: 'USD' } as never))).toMatchObject({
    code: 'ZodError',
  })
})

test('H12 nobody buys for the master but whoever may change its settings', async () => {
  for (const name of ['Sam', 'Ada', 'Tom'] as const) {
    const one = await api(name)
    for (const call of [
      () => one.billing.checkout(order(1)),
      () => one.billing.portal(),
      () => one.billing.cancel(),
      () => one.billing.get(),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'access_denied' })
  }
})

test('H06 a session or subscription of another customer counts for nothing, whatever it says', async () => {
  await noTrial()
  await (await api()).billing.checkout(order(1))
  const install =
    (await world.admin.query<{ id: string }>('select install_id as id from installation')).rows[0]?.id ?? ''
  const other = await shop.stripe.customers.create({ metadata: { install } })
  const session = await shop.stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: other.id,
    client_reference_id: install,
    line_items: [{ price: shop.catalogue.monthly, quantity: 500 }],
    success_url: 'http://127.0.0.1:9/',
  })
  await shop.pay(session.url ?? '')
  expect(await refusal((await api()).billing.confirm({ session: session.id }))).toMatchObject({
    code: 'not_found',
  })
  const id = (await shop.stripe.checkout.sessions.retrieve(session.id)).subscription as string
  for (const event of events(id)) expect(await shop.tell(event)).toBe(200)
  await billingTick()
  expect((await gate()).state).toBe('expired')
  expect((await (await api()).billing.get()).parked).toBeGreaterThan(0)
})

test('H15 Stripe is away, slow or stumbles: nothing is half made, and asking again works', async () => {
  await noTrial()
  for (const fault of ['reset', { status: 500 }] as const) {
    for (let i = 0; i < 3; i++) shop.emulator.failNext(fault, { of: 'POST /v1/checkout' })
    expect(await refusal((await api()).billing.checkout(order(4)))).toMatchObject({ code: 'unavailable' })
    shop.emulator.clearFaults()
  }
  // An answer that is lost on its way is asked for again, with the same key: one session.
  shop.emulator.failNext('lost', { of: 'POST /v1/checkout' })
  await (await api()).billing.checkout(order(4))
  const open = await shop.stripe.checkout.sessions.list({ status: 'open', limit: 100 })
  expect(open.data).toHaveLength(1)
  expect(
    (await shop.stripe.customers.list({ limit: 100 })).data.filter(({ name }) => name === 'Freehold MSP')
      .length,
  ).toBeLessThan(2)
  expect((await (await api()).billing.get()).subscription).toBe(null)
})

test('two who buy at the same moment are one customer', async () => {
  await Promise.all(
    Array.from({ length: 8 }, async () => (await api()).billing.checkout(order(2)).catch(() => null)),
  )
  const { rows } = await world.admin.query('select customer_id from billing_account')
  expect(rows).toHaveLength(1)
})

test('a card that is declined refuses more hosts, and leaves those there are', async () => {
  const id = await bought(5, '4000 0000 0000 0341')
  expect(await refusal((await api()).billing.change(order(50)))).toMatchObject({ code: 'conflict' })
  expect((await shop.stripe.subscriptions.retrieve(id)).items.data[0]?.quantity).toBe(5)
  expect((await gate()).licence?.hostLimit).toBe(5)
})

test('invoices are Stripe’s, newest first; offers say what a host costs', async () => {
  expect(await (await api()).billing.invoices({})).toEqual({ invoices: [], more: false })
  await bought(3)
  const mara = await api()
  await mara.billing.change(order(4))
  const { invoices } = await mara.billing.invoices({})
  expect(invoices).toHaveLength(2)
  expect(invoices[1]).toMatchObject({ total: 2700, currency: 'EUR', status: 'paid' })
  expect((await mara.billing.offers()).offers).toMatchObject([
    { plan: 'enterprise', amount: 900, currency: 'EUR', interval: 'month' },
    { plan: 'enterprise', amount: 9000, currency: 'EUR', interval: 'year' },
  ])
})

test('without Stripe everything else works, and nothing is sold', async () => {
  shop.settings({ STRIPE_SECRET_KEY: undefined })
  const mara = await api()
  expect(await mara.billing.get()).toMatchObject({ configured: false, subscription: null })
  expect(await mara.billing.offers()).toEqual({ offers: [] })
  expect(await mara.billing.invoices({})).toEqual({ invoices: [], more: false })
  expect(await refusal(mara.billing.checkout(order(1)))).toMatchObject({ code: 'not_found' })
  expect(await shop.tell(shop.emulator.events()[0] as never)).toBe(404)
})

test('what was paid and never told of is found by looking', async () => {
  await noTrial()
  const { url } = await (await api()).billing.checkout(order(6))
  await shop.pay(url)
  expect((await gate()).state).toBe('expired')
  await billingRounds() // no webhook came through, and nobody came back
  expect((await gate()).licence?.hostLimit).toBe(6)
  expect((await (await api()).billing.get()).subscription).toMatchObject({ status: 'active' })
})

test('a plan that is misspelt is not sold; what was parked for it is looked at again once it is put right', async () => {
  await noTrial()
  const { url } = await (await api()).billing.checkout(order(6))
  await shop.pay(url)
  const id = (await shop.stripe.subscriptions.list({ status: 'all' })).data[0]?.id ?? ''
  shop.settings({ STRIPE_PRICES: [`enterprize=${shop.catalogue.monthly}`] })
  expect(await refusal((await api()).billing.checkout(order(1)))).toMatchObject({ code: 'conflict' })
  const session = new URL(url).pathname.split('/').pop() ?? ''
  expect(await refusal((await api()).billing.confirm({ session }))).toMatchObject({ code: 'conflict' })
  await shop.tell(events(id).find(({ type }) => type === 'customer.subscription.created')!)
  await billingTick()
  expect((await (await api()).billing.get()).parked).toBe(1)
  shop.settings({})
  await billingRounds()
  await billingTick()
  expect(await (await api()).billing.get()).toMatchObject({ parked: 0, subscription: { hosts: 6 } })
})

test('a price that is sold no more goes on for who has it, and can be changed and cancelled', async () => {
  const id = await bought(6)
  shop.settings({ STRIPE_PRICES: [`enterprise=${shop.catalogue.yearly}`] })
  const mara = await api()
  expect(await mara.billing.refresh()).toMatchObject({
    subscription: { id, plan: 'enterprise', status: 'active' },
  })
  expect((await mara.billing.cancel()).subscription?.cancelAt).not.toBe(null)
  await shop.stripe.subscriptions.cancel(id)
  await billingRounds()
  expect((await gate()).state).toBe('expired')
})

test('the days of grace begin when the payment failed, end once, and give no more hosts', async () => {
  await noTrial()
  const id = await bought(9, '4000 0000 0000 0341')
  shop.emulator.advance(32 * DAY)
  await billingRounds()
  const due = async () => (await (await api()).billing.get()).subscription?.graceUntil
  const first = await due()
  expect(Date.parse(first ?? '') - Date.now()).toBeGreaterThan(13 * DAY)
  await shop.stripe.subscriptions.update(id, {
    items: [{ id: (await shop.stripe.subscriptions.retrieve(id)).items.data[0]?.id, quantity: 50_000 }],
    proration_behavior: 'none',
  })
  await billingRounds()
  expect(await due()).toBe(first)
  expect((await gate()).licence?.hostLimit).toBe(9)
})

test('pressed twice before Stripe tells: the second purchase is refused, as the first was paid', async () => {
  const mara = await api()
  const { url } = await mara.billing.checkout(order(5))
  await shop.pay(url)
  expect(await refusal(mara.billing.checkout(order(5)))).toMatchObject({ code: 'conflict' })
  expect((await gate()).licence?.hostLimit).toBe(5)
  expect((await shop.stripe.subscriptions.list({ status: 'all' })).data).toHaveLength(1)
})

test('of many pages of payment asked for at once, one is made', async () => {
  await (await api()).billing.checkout(order(1)) // the customer is known
  const mara = await api()
  shop.emulator.setDelay(50)
  const answers = await Promise.all(Array.from({ length: 6 }, () => refusal(mara.billing.checkout(order(2)))))
  expect(answers.filter(({ message }) => message.startsWith('Somebody else is buying'))).toHaveLength(5)
  expect((await shop.stripe.checkout.sessions.list({ status: 'open', limit: 100 })).data).toHaveLength(1)
})

test('two people who buy first are one customer, and neither is refused for the other’s name', async () => {
  const op = await world.opOf('Mara')
  const other = factory({ op: { ...op, actor: { ...op.actor, email: 'other@msp.example' } } })
  await (await api()).billing.checkout(order(2))
  await world.admin.query('delete from billing_account') // as if the first had died before it was noted
  await other.billing.checkout(order(2))
  expect((await shop.stripe.customers.list()).data).toHaveLength(1)
})

test('a customer or subscription that Stripe knows no more does not bar the way', async () => {
  const id = await bought(4)
  await shop.stripe.customers.del(
    (await world.admin.query<{ id: string }>('select customer_id as id from billing_account')).rows[0]?.id ??
      '',
  )
  await billingRounds()
  expect((await (await api()).billing.get()).subscription).toBe(null)
  expect(id).not.toBe(await bought(5))
  expect((await gate()).licence?.hostLimit).toBe(5)
})

test('what is asked of Stripe stands in the log before, also where Stripe stumbles', async () => {
  await bought(5)
  shop.emulator.failNext({ status: 500 }, { times: 9, of: 'POST /v1/subscriptions' })
  expect(await refusal((await api()).billing.change(order(8)))).toMatchObject({ code: 'unavailable' })
  const { rows } = await world.admin.query(
    `select before, after from audit_event where event = 'billing.change'`,
  )
  expect(rows).toMatchObject([{ before: { hosts: 5 }, after: { hosts: 8 } }])
})

test('a clock that once ran ahead is set right by what Stripe says', async () => {
  await noTrial()
  await world.admin.query(`update installation set clock_at = now() + interval '300 days'`)
  await bought(5)
  expect((await gate()).state).toBe('on')
})

test('from month to year stands in the log', async () => {
  await bought(5)
  await (await api()).billing.change({ price: shop.catalogue.yearly, hosts: 5 })
  const { rows } = await world.admin.query(
    `select after ->> 'price' as price from audit_event where event = 'billing.subscription' order by at desc limit 1`,
  )
  expect(rows).toEqual([{ price: shop.catalogue.yearly }])
})
