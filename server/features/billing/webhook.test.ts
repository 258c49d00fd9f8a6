import { randomInt } from 'node:crypto'
import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type * as Env from '@/server/platform/env'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { createWorld, type World } from '@/test/world'
import { billingRounds, billingTick } from './billing.jobs'
import { billingRouter } from './billing.router'
import { openShop, type Shop } from './shop.fixture'

vi.mock('@/server/platform/env', async (original) => {
  const real = await original<typeof Env>()
  return { ...real, env: vi.fn(real.env) }
})

const factory = createCallerFactory(router({ billing: billingRouter }))
const DAY = 86_400_000
/** The life of a subscription: bought, its first invoice paid, changed, a renewal that is not paid, and its end. */
const LIFE = [
  'checkout.session.completed',
  'customer.subscription.created',
  'invoice.paid',
  'customer.subscription.updated',
  'invoice.payment_failed',
  'customer.subscription.deleted',
]
let world: World
let shop: Shop
let life: Stripe.Event[]
let id: string

beforeAll(async () => {
  world = await createWorld()
  shop = await openShop()
  shop.settings({})
  const mara = factory({ op: await world.opOf('Mara') })
  const { url } = await mara.billing.checkout({ price: shop.catalogue.monthly, hosts: 7 })
  await shop.pay(url, '4000 0000 0000 0341')
  const session = new URL(url).pathname.split('/').pop() ?? ''
  id = (await shop.stripe.checkout.sessions.retrieve(session)).subscription as string
  shop.emulator.advance(32 * DAY)
  shop.emulator.advance(60 * DAY)
  const all = shop.emulator.events().filter((one) => JSON.stringify(one.data.object).includes(id))
  life = LIFE.map((type) => all.find((one) => one.type === type)!)
  expect(life.every(Boolean)).toBe(true)
})
beforeEach(() => shop.settings({}))
afterAll(async () => {
  await shop.close()
  await world.close()
})

/** As if nobody had told of it yet. */
const forget = () =>
  world.admin.query(
    'delete from stripe_event; delete from billing_subscription; delete from licence where subscription is not null',
  )
const outcome = async () => {
  const { rows } = await world.admin.query<{ text: string }>(
    `select coalesce((select jsonb_agg(jsonb_build_array(s.id, s.status, s.quantity, s.cancel_at, l.ended_at is not null, l.host_limit)) from billing_subscription s
       left join licence l on l.subscription = s.id), '[]')::text || (select string_agg(status, ',' order by id) from stripe_event) as text`,
  )
  return rows[0]?.text
}
const told = () =>
  world.admin.query<{ status: string; reason: string }>('select status, reason from stripe_event order by id')

test('H04 all 720 orders of six events, with duplicates, end the same', async () => {
  const first: string[] = []
  for (const order of permutations([0, 1, 2, 3, 4, 5])) {
    await forget()
    // Each order brings two of its events twice, at places of their own.
    const twice = [...order]
    for (let i = 0; i < 2; i++) twice.splice(randomInt(twice.length + 1), 0, order[randomInt(6)] ?? 0)
    for (const at of twice) {
      expect(await shop.tell(life[at]!)).toBe(200)
      if (randomInt(3) === 0) await billingTick()
    }
    await billingTick()
    const seen = await outcome()
    first[0] ??= seen ?? ''
    if (seen !== first[0])
      throw new Error(`${twice.map((at) => LIFE[at]).join(', ')}: ${seen} and not ${first[0]}`)
  }
  expect(first[0]).toContain('canceled')
  expect(first[0]).toMatch(/\]done,done,done,done,done,done$/)
}, 240_000)

test('H03 one event a hundred times at once, and again later: one effect', async () => {
  await forget()
  const audit = async () =>
    (await world.admin.query(`select 1 from audit_event where event = 'billing.subscription'`)).rowCount
  const before = (await audit()) ?? 0
  const answers = await Promise.all(Array.from({ length: 100 }, () => shop.tell(life[1]!)))
  expect(new Set(answers)).toEqual(new Set([200]))
  await Promise.all([billingTick(), billingTick()])
  expect((await told()).rows).toHaveLength(1)
  expect(await audit()).toBe(before + 1)
  await world.admin.query(`update stripe_event set received_at = now() - interval '30 days'`)
  await shop.tell(life[1]!)
  await billingTick()
  expect(await audit()).toBe(before + 1)
})

test('H01 H02 fifty forged deliveries are refused, and leave nothing behind', async () => {
  await forget()
  const event = life[1]!
  const body = JSON.stringify(event)
  const now = Math.floor(Date.now() / 1000)
  const good = (more: { payload?: string; secret?: string; timestamp?: number }) =>
    shop.stripe.webhooks.generateTestHeaderString({
      payload: body,
      secret: 'whsec_the_tests_of_freehold_listen',
      ...more,
    })
  const forged: Parameters<Shop['tell']>[1][] = [
    { signature: '' },
    { signature: 't=,v1=' },
    { signature: `t=${now},v1=` },
    { signature: `t=${now}` },
    { signature: `v1=${'0'.repeat(64)}` },
    { signature: `t=${now},v0=${'0'.repeat(64)}` },
    { signature: good({}).replace('v1=', 'v0=') },
    { signature: good({}).replace(/t=\d+/, `t=${now + 1}`) },
    { signature: good({}).slice(0, -1) },
    { signature: good({ secret: '' }) },
    { signature: good({ secret: 'whsec_' }) },
    { signature: good({ secret: 'whsec_of_another_endpoint_of_ours' }) },
    { at: now - 301 },
    { at: now - 86_400 },
    { at: now + 302 },
    { at: now + 86_400 },
    { signature: good({ timestamp: now - 301 }) },
    // Signed, then changed on its way; and the same JSON written anew.
    { signature: good({}), body: body.replace('"livemode":false', '"livemode":true') },
    { signature: good({}), body: `${body} ` },
    { signature: good({}), body: JSON.stringify(event, null, 2) },
    { signature: good({}), body: '' },
    ...Array.from({ length: 29 }, (_, i) => ({
      signature: `t=${now},v1=${[...Array(64)].map((__, k) => ((i * 7 + k * 3) % 16).toString(16)).join('')}`,
    })),
  ]
  expect(forged).toHaveLength(50)
  for (const one of forged) expect({ one, status: await shop.tell(event, one) }).toEqual({ one, status: 400 })
  expect((await told()).rows).toEqual([])
  // The twin: the same, signed as it should be, a little late and a little early.
  for (const at of [now - 290, now + 250]) expect(await shop.tell(event, { at })).toBe(200)
})

test('H05 of the other mode, or another account: noted, and nothing more', async () => {
  await forget()
  expect(await shop.tell({ ...life[1]!, id: 'evt_live', livemode: true })).toBe(200)
  expect(await shop.tell({ ...life[1]!, id: 'evt_connected', account: 'acct_other' })).toBe(200)
  expect(await shop.tell({ ...life[1]!, id: 'evt_other', type: 'charge.succeeded' } as never)).toBe(200)
  await billingTick()
  expect((await told()).rows).toEqual([
    { status: 'ignored', reason: 'It is of another account' },
    { status: 'ignored', reason: 'An event of live mode came to a server of test mode' },
    { status: 'ignored', reason: 'Nothing here depends on it' },
  ])
  expect(await outcome()).toContain('[]')
})

test('H07 about somebody who is not known: answered, parked, and looked at again once they are', async () => {
  await forget()
  const { rows } = await world.admin.query<{ customer_id: string }>(
    'delete from billing_account returning customer_id',
  )
  expect(await shop.tell(life[1]!)).toBe(200)
  expect(
    await shop.tell({
      ...life[1]!,
      id: 'evt_gone',
      data: { object: { ...life[1]!.data.object, id: 'sub_never' } },
    } as never),
  ).toBe(200)
  await billingTick()
  expect((await told()).rows.map(({ status }) => status)).toEqual(['parked', 'parked'])
  await world.admin.query('insert into billing_account (livemode, customer_id) values (false, $1)', [
    rows[0]?.customer_id,
  ])
  await world.admin.query(`update stripe_event set status = 'pending', next_at = now()`)
  await billingTick()
  expect((await told()).rows.map(({ status }) => status).sort()).toEqual(['done', 'parked'])
})

test('Stripe does not answer while it is worked off: the event waits, and is not lost', async () => {
  await forget()
  await shop.tell(life[1]!)
  for (let i = 0; i < 3; i++) shop.emulator.failNext({ status: 500 })
  await billingTick()
  shop.emulator.clearFaults()
  expect((await told()).rows).toMatchObject([{ status: 'pending' }])
  await world.admin.query('update stripe_event set next_at = now()')
  await billingTick()
  expect((await told()).rows).toMatchObject([{ status: 'done' }])
})

test('what was never told is found by reading again', async () => {
  await forget()
  await world.admin.query(
    `insert into billing_subscription (id, customer_id, livemode, status, plan, price_id, quantity, period_end, ticket)
     select $1, customer_id, false, 'active', 'enterprise', $2, 7, now() + interval '9 days', 1 from billing_account`,
    [id, shop.catalogue.monthly],
  )
  await billingRounds()
  expect(await world.admin.query('select status from billing_subscription')).toMatchObject({
    rows: [{ status: 'canceled' }],
  })
})

test('a subscription that Stripe knows no more has ended, with a row in the log', async () => {
  await forget()
  await world.admin.query(
    `insert into billing_subscription (id, customer_id, livemode, status, plan, price_id, quantity, period_end, ticket)
     select 'sub_gone', customer_id, false, 'active', 'enterprise', $1, 7, now() + interval '9 days', 1 from billing_account`,
    [shop.catalogue.monthly],
  )
  await world.admin.query(
    `insert into licence (source, capabilities, subscription, expires_at) values ('stripe', '{multi_tenant}', 'sub_gone', now() + interval '9 days')`,
  )
  await billingRounds()
  expect(
    await world.admin.query(
      `select ended_at is not null as ended from licence where subscription = 'sub_gone'`,
    ),
  ).toMatchObject({ rows: [{ ended: true }] })
  const { rows } = await world.admin.query(
    `select after ->> 'status' as status from audit_event where event = 'billing.subscription' and target_id = 'sub_gone'`,
  )
  expect(rows).toEqual([{ status: 'canceled' }])
})

test('what was read earlier and comes later changes nothing', async () => {
  await forget()
  await shop.tell(life[1]!)
  await billingTick()
  const { rows } = await world.admin.query<{ facts: object }>(
    `select jsonb_build_object('id', id, 'customer', customer_id, 'livemode', livemode, 'status', 'active', 'plan', plan, 'price', price_id, 'quantity', 99,
       'periodEnd', period_end, 'cancelAt', null, 'graceUntil', null, 'until', now() + interval '9 days', 'ticket', ticket - 1) as facts from billing_subscription`,
  )
  expect(await world.admin.query('select wall.billing_apply($1) as said', [rows[0]?.facts])).toMatchObject({
    rows: [{ said: 'stale' }],
  })
  expect(await outcome()).toContain('canceled')
})

test('a server of live mode knows no licence of test mode', async () => {
  await world.admin.query(
    `insert into billing_subscription (id, customer_id, livemode, status, plan, price_id, quantity, period_end, ticket) values ('sub_mode', 'cus_x', false, 'active', 'enterprise', 'price_x', 7, now() + interval '9 days', 1)`,
  )
  await world.admin.query(
    `insert into licence (source, capabilities, subscription, expires_at) values ('stripe', '{multi_tenant}', 'sub_mode', now() + interval '9 days')`,
  )
  shop.settings({
    STRIPE_SECRET_KEY: 'sk_live_never_used_anywhere',
    STRIPE_API_URL: undefined,
    STRIPE_PRICES: [],
  })
  await billingRounds()
  expect(
    await world.admin.query(
      `select ended_at is not null as ended from licence where subscription = 'sub_mode'`,
    ),
  ).toMatchObject({ rows: [{ ended: true }] })
})

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items]
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))
}
