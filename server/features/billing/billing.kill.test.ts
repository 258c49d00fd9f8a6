import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import type * as Env from '@/server/platform/env'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { SECRET_KEY } from '@/test/stripe/with-stripe'
import { createWorld, type World } from '@/test/world'
import { billingTick } from './billing.jobs'
import { billingRouter } from './billing.router'
import { openShop, type Shop, WEBHOOK_SECRET } from './shop.fixture'

vi.mock('@/server/platform/env', async (original) => {
  const real = await original<typeof Env>()
  return { ...real, env: vi.fn(real.env) }
})

const factory = createCallerFactory(router({ billing: billingRouter }))
let world: World
let shop: Shop
let holder: pg.Client
const children: ChildProcess[] = []
beforeAll(async () => {
  world = await createWorld()
  holder = new pg.Client({ connectionString: world.database.adminUrl })
  await holder.connect()
})
beforeEach(async () => {
  await world.restore()
  shop = await openShop()
  shop.settings({})
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await shop.close()
})
afterAll(async () => {
  await holder.end()
  await world.close()
})

/** A worker in a process of its own. */
function worker(): ChildProcess {
  const stripe = {
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_PRICES: `enterprise=${shop.catalogue.monthly}`,
    STRIPE_API_URL: shop.emulator.url,
  }
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/features/billing/worker.fixture.ts'], {
    env: {
      ...process.env,
      ...stripe,
      TARGET: world.database.adminUrl,
      TARGET_SECRET: inject('testServer').secret,
    },
    stdio: 'ignore',
  })
  children.push(child)
  return child
}

async function until(what: string, ready: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await ready()) return
    await sleep(20)
  }
  throw new Error(`not in time: ${what}`)
}

/** Somebody has paid, and Stripe has told of it; nobody has worked it off. */
async function toldOf(): Promise<void> {
  const { url } = await factory({ op: await world.opOf('Mara') }).billing.checkout({
    price: shop.catalogue.monthly,
    hosts: 4,
  })
  await shop.pay(url)
  const event = shop.emulator.events().find(({ type }) => type === 'customer.subscription.created')
  expect(await shop.tell(event!)).toBe(200)
  expect(await sold()).toBe(0)
}
const sold = async () => (await world.admin.query(`select 1 from licence where source = 'stripe'`)).rowCount
const waiting = async () =>
  (await world.admin.query(`select 1 from stripe_event where status = 'pending'`)).rowCount

test('kill -9 while Stripe is asked: the event is there, and the next worker does it', async () => {
  await toldOf()
  shop.emulator.setDelay(60_000)
  const asked = shop.emulator.requests.length
  const child = worker()
  // Claimed, and on its way to Stripe.
  await until(
    'claimed',
    async () =>
      ((await world.admin.query('select 1 from stripe_event where attempts = 1')).rowCount ?? 0) > 0,
  )
  child.kill('SIGKILL')
  shop.emulator.setDelay(0)
  expect(asked).toBe(shop.emulator.requests.length)
  expect([await sold(), await waiting()]).toEqual([0, 1])
  expect(await billingTick()).toBe(0) // its minute is not over
  await world.admin.query('update stripe_event set next_at = now()')
  expect(await billingTick()).toBe(1)
  expect([await sold(), await waiting()]).toEqual([1, 0])
}, 60_000)

test('kill -9 while what Stripe says is taken over: all of it or nothing, and then once', async () => {
  await toldOf()
  await holder.query('begin')
  await holder.query(`select pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121))`)
  const child = worker()
  const blocked = async () =>
    (
      await world.admin.query(
        'select 1 from pg_locks l where not l.granted and $1 = any (pg_blocking_pids(l.pid))',
        [(await holder.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid],
      )
    ).rowCount
  await until('blocked', async () => ((await blocked()) ?? 0) > 0)
  child.kill('SIGKILL')
  await holder.query('rollback')
  await until('its session is gone', async () => (await blocked()) === 0)
  await world.admin.query('update stripe_event set next_at = now()')
  await billingTick()
  expect([await sold(), await waiting()]).toEqual([1, 0])
  const { rows } = await world.admin.query(`select 1 from audit_event where event = 'billing.subscription'`)
  expect(rows).toHaveLength(1)
}, 60_000)
