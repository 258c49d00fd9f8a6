import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { settingsRouter } from '@/server/features/settings/settings.router'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import { identityRouter } from '@/server/features/identity/identity.router'
import { noteClock } from '@/server/features/licence/licence.jobs'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { LICENCE, licenceKey } from '@/test/publisher'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { licenceRouter } from './licence.router'

const factory = createCallerFactory(
  router({
    licence: licenceRouter,
    settings: settingsRouter,
    tenants: tenantsRouter,
    identity: identityRouter,
  }),
)
let world: World
let install: string
beforeAll(async () => {
  world = await createWorld()
  const { rows } = await world.admin.query<{ id: string }>('select install_id as id from installation')
  install = rows[0]?.id ?? ''
})
/** A trial that anything bought gives as much as. */
const TRIAL_HOSTS = 3
beforeEach(async () => {
  await world.restore()
  await world.admin.query('update licence set host_limit = $1', [TRIAL_HOSTS])
})
afterAll(() => world.close())

const DAY_MS = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
const api = async (name: PersonName = 'Mara') => factory({ op: await world.opOf(name) })
const activate = async (more: Parameters<typeof licenceKey>[1] = {}, forInstall = install) =>
  (await api()).licence.activate({ key: licenceKey(forInstall, more) })
const gate = async () => (await world.opOf('Mara')).gate
const list = async () => (await api()).licence.list()

test('a trial is what there is at first, and says what it gives', async () => {
  const seen = await list()
  expect(seen.now).toMatchObject({
    plan: 'enterprise',
    planName: 'Enterprise',
    capabilities: ['multi_tenant', 'sso'],
    hosts: TRIAL_HOSTS,
    endedAt: null,
  })
  expect(seen.licences).toMatchObject([
    { id: LICENCE, source: 'trial', status: 'running', can: { end: true } },
  ])
  expect(seen.plans.map(({ key }) => key)).toEqual(['community', 'enterprise'])
  expect(seen).toMatchObject({
    installId: install,
    takesKeys: true,
    clockBehind: null,
    can: { activate: true },
  })
})

test('a key is read first, then activated: the trial ends, and the log says so', async () => {
  const key = licenceKey(install, { hosts: 40, customer: 'Northwind MSP' })
  const mara = await api()
  expect(await mara.licence.readKey({ key })).toMatchObject({
    customer: 'Northwind MSP',
    hosts: 40,
    supersedes: 0,
  })
  expect((await list()).licences).toHaveLength(1)
  const { id } = await mara.licence.activate({ key })
  const seen = await list()
  expect(seen.now).toMatchObject({ hosts: 40 })
  expect(seen.licences).toMatchObject([
    { id, source: 'key', customer: 'Northwind MSP', status: 'running' },
    { id: LICENCE, status: 'ended' },
  ])
  const { rows } = await world.admin.query<{ text: string; target: string }>(
    "select target_name as target, after::text as text from audit_event where event = 'licence.activate'",
  )
  expect(rows).toMatchObject([{ target: 'Licence key for Northwind MSP' }])
  expect(rows[0]?.text).toContain(LICENCE)
  expect(rows[0]?.text).not.toContain('FREEHOLD1')
})

test('keys stack: capabilities are united, hosts added up; any number wins', async () => {
  await activate({ hosts: 40, capabilities: ['multi_tenant'], expiresAt: inDays(30) })
  await activate({ hosts: 2, capabilities: ['sso', 'later_thing'], expiresAt: inDays(60) })
  // The trial gave more than the first alone, and runs beside it.
  expect((await list()).now).toMatchObject({
    hosts: TRIAL_HOSTS + 42,
    capabilities: ['later_thing', 'multi_tenant', 'sso'],
  })
  await (await api()).licence.end({ id: LICENCE })
  expect((await list()).now).toMatchObject({
    hosts: 42,
    capabilities: ['later_thing', 'multi_tenant', 'sso'],
  })
  await activate({ hosts: null })
  expect((await list()).now.hosts).toBe(null)
})

test('what begins later gives nothing yet, and leaves the trial', async () => {
  await activate({ hosts: 5, startsAt: inDays(3), expiresAt: inDays(33) })
  const seen = await list()
  expect(seen.now.hosts).toBe(TRIAL_HOSTS)
  expect(seen.licences).toMatchObject([{ status: 'future' }, { status: 'running' }])
})

test('of several, each ends in its time: multi-tenancy may lapse while another goes on', async () => {
  await activate({ capabilities: ['multi_tenant', 'sso'], hosts: 10 })
  await activate({ capabilities: ['sso'], hosts: 1 })
  expect((await gate()).state).toBe('on')
  await world.admin.query(
    `update licence set starts_at = now() - interval '9 days', expires_at = now() - interval '1 day' where host_limit = 10`,
  )
  expect(await gate()).toMatchObject({
    state: 'expired',
    licence: { capabilities: ['sso'], lapsed: ['multi_tenant'], hostLimit: 1, expired: false },
  })
  expect(
    await refusal(
      (await api()).tenants.create({ name: 'New', slug: 'new', tenantRoleId: randomUUID() } as never),
    ),
  ).toMatchObject({ code: 'license_required' })
})

test('a key taken the place of by a later one is over, and does not come back', async () => {
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()]
  const old = licenceKey(install, { id: first, hosts: 100 })
  await (await api()).licence.activate({ key: old })
  const smaller = licenceKey(install, { id: second, hosts: 10, supersedes: [first, third] })
  expect(await (await api()).licence.readKey({ key: smaller })).toMatchObject({ supersedes: 1 })
  await (await api()).licence.activate({ key: smaller })
  expect((await list()).now.hosts).toBe(10)
  expect(await refusal((await api()).licence.activate({ key: old }))).toEqual({
    code: 'conflict',
    message: 'A newer key has taken the place of this one.',
  })
  // Nor does one that was never here.
  expect(await refusal(activate({ id: third }))).toMatchObject({ code: 'conflict' })
  expect((await list()).now.hosts).toBe(10)
})

test('a key is activated once; one that was removed may come back', async () => {
  const key = licenceKey(install, { hosts: 7 })
  const mara = await api()
  const { id } = await mara.licence.activate({ key })
  expect(await refusal(mara.licence.activate({ key }))).toEqual({
    code: 'conflict',
    message: 'This key is activated already.',
  })
  await mara.licence.end({ id })
  expect((await gate()).state).toBe('expired')
  expect(await refusal(mara.licence.end({ id }))).toMatchObject({ code: 'not_found' })
  expect(await mara.licence.activate({ key })).toEqual({ id })
  expect((await gate()).state).toBe('on')
})

test('of a hundred at once that activate one key, one does', async () => {
  const key = licenceKey(install, { hosts: 7 })
  const mara = await api()
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => refusal(mara.licence.activate({ key }))),
  )
  expect(
    answers.filter(({ message }) => message === 'it went through' || message === 'Error: it went through'),
  ).toHaveLength(1)
  expect((await list()).now.hosts).toBe(7)
})

test('H11 refuses a key for another installation, an expired one, and any where no publisher is known', async () => {
  expect(await refusal(activate({}, randomUUID()))).toMatchObject({
    code: 'invalid_input',
    key: expect.stringContaining('another installation') as string,
  })
  expect(await refusal(activate({ startsAt: inDays(-9), expiresAt: inDays(-1) }))).toMatchObject({
    code: 'invalid_input',
    key: 'This key has expired.',
  })
  expect((await list()).licences).toHaveLength(1)
})

test('H11 a clock turned back brings nothing back, and activates nothing; a key that says so sets it right', async () => {
  // As if a year from now had been seen here: this moment is a clock that was turned back.
  await world.admin.query(`update installation set clock_at = now() + interval '300 days'`)
  expect((await gate()).state).toBe('expired')
  const seen = await list()
  expect(seen.clockBehind).not.toBe(null)
  expect(seen.licences).toMatchObject([{ status: 'expired' }])
  expect(await refusal(activate())).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('clock is behind') as string,
  })
  await noteClock()
  expect((await gate()).state).toBe('expired')
  await activate({ setsClock: true })
  expect((await gate()).state).toBe('on')
  expect((await list()).clockBehind).toBe(null)
})

test('the clock is noted, and a leap of years is not', async () => {
  const clock = async () =>
    (
      await world.admin.query<{ age: number }>(
        'select extract(epoch from now() - clock_at)::float as age from installation',
      )
    ).rows[0]?.age
  await noteClock()
  expect(await clock()).toBeLessThan(30)
  await world.admin.query(`update installation set clock_at = now() - interval '3 days'`)
  await noteClock()
  expect(await clock()).toBeLessThan(30)
  await world.admin.query(`update installation set clock_at = now() - interval '500 days'`)
  await noteClock()
  expect(await clock()).toBeGreaterThan(400 * 86_400)
})

test('single sign-on waits for a licence that has it; what is there goes on', async () => {
  await activate({ capabilities: ['multi_tenant'], hosts: 5 })
  await (await api()).licence.end({ id: LICENCE })
  const ada = await api('Ada')
  const refused = { code: 'license_required', message: 'Single sign-on requires an Enterprise license' }
  expect(await refusal(ada.identity.enable({ id: randomUUID() }))).toEqual(refused)
  expect(await refusal(ada.identity.create({} as never))).toEqual(refused)
  expect(await ada.identity.list()).toBeDefined()
})

test('it is the master’s, and changing it is for whoever may change the settings', async () => {
  for (const name of ['Sam', 'Ada'] as const) {
    const one = await api(name)
    for (const call of [
      () => one.licence.list(),
      () => one.licence.activate({ key: licenceKey(install) }),
      () => one.licence.end({ id: LICENCE }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'access_denied' })
  }
})

test('a renewal that begins later ends the earlier key when it begins, and not before', async () => {
  const first = randomUUID()
  await activate({ id: first, hosts: 10, expiresAt: inDays(60) })
  await activate({ hosts: 20, startsAt: inDays(50), expiresAt: inDays(400), supersedes: [first] })
  expect((await gate()).state).toBe('on')
  expect((await list()).licences).toMatchObject([
    { status: 'future' },
    { status: 'running', hosts: 10 },
    { status: 'ended' },
  ])
  expect(Date.parse((await list()).licences[1]?.expiresAt ?? '')).toBeLessThan(Date.parse(inDays(51)))
})

test('a key that sets the clock does so once', async () => {
  const key = licenceKey(install, { setsClock: true })
  const mara = await api()
  const { id } = await mara.licence.activate({ key })
  await world.admin.query(`update installation set clock_at = now() + interval '300 days'`)
  await mara.licence.end({ id })
  expect(await refusal(mara.licence.activate({ key }))).toMatchObject({ code: 'conflict' })
  expect((await gate()).state).toBe('expired')
})

test('a clock that stays far ahead for a day is believed', async () => {
  await world.admin.query(
    `update installation set clock_at = now() - interval '500 days', clock_leap_at = now() - interval '25 hours'`,
  )
  await noteClock()
  const { rows } = await world.admin.query<{ age: number }>(
    'select extract(epoch from now() - clock_at)::float as age from installation',
  )
  expect(rows[0]?.age).toBeLessThan(30)
})

test('a trial that gives more hosts than what is bought runs beside it', async () => {
  await world.admin.query('update licence set host_limit = 100')
  await activate({ hosts: 5 })
  expect((await list()).now.hosts).toBe(105)
})
