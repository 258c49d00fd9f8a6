import fs from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppProcess, startApp } from '@/server/context/revocation.fixture'
import { actAs, ownCookie } from '@/server/features/impersonation/acting.fixture'
import { role } from '@/server/features/users/users.fixture'
import type { PersonName } from '@/test/actors'
import { guestOp } from '@/test/guest'
import { tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

/** 500: `npm run bench -- revocation`, which also writes down how long it took. */
const ROUNDS = Number(process.env.REVOCATION_ROUNDS ?? 35)
const ACME = 'acme.localhost'
const MASTER = 'localhost'

let world: World
let a: AppProcess
let b: AppProcess
beforeAll(async () => {
  world = await createWorld()
  ;[a, b] = await Promise.all([startApp(world), startApp(world)])
}, 120_000)
afterAll(async () => {
  await Promise.all([a?.stop(), b?.stop()])
  await world.close()
})

const tom = { id: userId('Tom') }
const revive = (name: PersonName) =>
  world.admin.query('update session set revoked_at = null where user_id = $1', [userId(name)])
const as = (host: string, name: PersonName, procedure: string, input: unknown) =>
  a.call(host, ownCookie(name), procedure, input)

interface Kind {
  /** What the person's browser holds. */
  cookie: () => string | Promise<string>
  revoke: () => Promise<number>
  back: () => Promise<unknown>
}
const toms = () => ownCookie('Tom')

/** Every way to lose a session or the right to it; each is done by the first process and felt in the second. */
const KINDS: Record<string, Kind> = {
  'the user is disabled': {
    cookie: toms,
    revoke: () => as(ACME, 'Ada', 'users.disable', tom),
    back: async () => {
      await as(ACME, 'Ada', 'users.enable', tom)
      await revive('Tom')
    },
  },
  'an administrator ends the sessions': {
    cookie: toms,
    revoke: () => as(ACME, 'Ada', 'users.endSessions', tom),
    back: () => revive('Tom'),
  },
  'the tenant is disabled': {
    cookie: toms,
    revoke: () => as(MASTER, 'Mara', 'tenants.disable', { id: tenantId('A'), reason: 'unpaid' }),
    back: async () => {
      await as(MASTER, 'Mara', 'tenants.enable', { id: tenantId('A') })
      await Promise.all((['Tom', 'Ada', 'Eve'] as const).map(revive))
    },
  },
  'the guest is removed': {
    cookie: async () => {
      const of = [userId('Bo'), tenantId('A')]
      await world.admin.query('delete from session where user_id = $1 and tenant_id = $2', of)
      await world.admin.query('delete from membership where user_id = $1 and tenant_id = $2', of)
      await guestOp(world, 'Bo', 'A', 'viewer')
      return `fh=${'guest Bo A '.padEnd(43, 'x').replaceAll(' ', '-')}`
    },
    revoke: () => as(ACME, 'Ada', 'users.removeGuest', { id: userId('Bo') }),
    back: () => Promise.resolve(),
  },
  'the tenant cuts an impersonation off': {
    cookie: async () => (await actAs(world, 'Eve')).cookie,
    revoke: async () => {
      const { rows } = await world.admin.query<{ id: string }>(
        'select id from impersonation where ended_at is null and started_at is not null',
      )
      return as(ACME, 'Ada', 'providerAccess.cutOff', { id: rows[0]?.id })
    },
    back: () => Promise.resolve(),
  },
  'who is impersonated is disabled': {
    cookie: async () => (await actAs(world, 'Eve')).cookie,
    revoke: () => as(ACME, 'Ada', 'users.disable', { id: userId('Eve') }),
    back: async () => {
      await as(ACME, 'Ada', 'users.enable', { id: userId('Eve') })
      await revive('Eve')
    },
  },
  'who impersonates loses the right to it': {
    cookie: async () => (await actAs(world, 'Eve')).cookie,
    revoke: async () => {
      await world.admin.query('delete from role_assignment where user_id = $1 and role_id = $2', [
        userId('Mara'),
        role('superAdmin'),
      ])
      return 200
    },
    back: () =>
      world.admin.query(
        'insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, $3) on conflict do nothing',
        [tenantId('M'), userId('Mara'), role('superAdmin')],
      ),
  },
}
const took: Record<string, { refused: number[]; ended: number[] }> = {}

async function round(
  name: string,
  { cookie, revoke, back }: Kind,
): Promise<{ refused: number; ended: number }> {
  const held = await cookie()
  const see = () => b.call(ACME, held, 'account.me')
  expect(await see(), `${name}: before`).toBe(200)
  const page = await b.live(ACME, held)
  expect(page.status).toBe(200)
  const began = performance.now()
  expect(await revoke(), `${name}: revoked`).toBe(200)
  expect(await see(), `${name}: the very next request`).toBeOneOf([401, 403, 404])
  const refused = performance.now() - began
  const ended = (await page.ended) - began
  await back()
  return { refused, ended }
}

test(
  `over two processes: what one takes away, the very next request to the other is refused, and its live pages end (${ROUNDS} rounds)`,
  async () => {
    const kinds = Object.entries(KINDS)
    // Once each beforehand: what a process does for the first time takes longer, and is not what is measured
    for (const [name, kind] of kinds) await round(name, kind)
    for (let n = 0; n < ROUNDS; n++) {
      const [name, kind] = kinds[n % kinds.length] as [string, Kind]
      const { refused, ended } = await round(name, kind)
      const times = (took[name] ??= { refused: [], ended: [] })
      times.refused.push(refused)
      times.ended.push(ended)
    }
    if (process.env.REVOCATION_OUT) fs.writeFileSync(process.env.REVOCATION_OUT, JSON.stringify(took))
  },
  60_000 + ROUNDS * 1000,
)
