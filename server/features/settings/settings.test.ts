import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppError } from '@/server/platform/errors'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import type { PersonName } from '@/test/actors'
import { createWorld, type World } from '@/test/world'
import { settingsRouter } from './settings.router'

const factory = createCallerFactory(router({ settings: settingsRouter, tenants: tenantsRouter }))
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) =>
      (error as Error).cause instanceof AppError
        ? ((error as Error).cause as AppError).code
        : (error as Error).name,
  )

test('says what the licence covers and what of it is used', async () => {
  const seen = await (await api('Mara')).settings.multiTenancy.get()
  expect(seen).toMatchObject({ enabled: true, source: 'toggle', state: 'on', can: { set: true } })
  expect(seen.licence).toMatchObject({
    source: 'trial',
    capabilities: ['multi_tenant', 'sso'],
    hostLimit: 1000,
    expired: false,
    daysLeft: 29,
  })
  const { rows } = await world.admin.query<{ hosts: number; tenants: number }>(
    "select (select count(*)::int from resource r join tenant t on t.id = r.assigned_id where r.kind = 'host' and t.status <> 'deleted') as hosts, (select count(*)::int from tenant where status <> 'deleted') as tenants",
  )
  expect(seen).toMatchObject({ hostsUsed: rows[0]?.hosts, tenants: (rows[0]?.tenants ?? 0) - 1 })
})

test('is turned off and on by the toggle, with an audit row each', async () => {
  const mara = await api('Mara')
  expect(await mara.settings.multiTenancy.set({ enabled: false, confirm: true })).toMatchObject({
    enabled: false,
    state: 'off',
  })
  expect(await codeOf((await api('Mara')).tenants.list({}))).toBe('feature_disabled')
  expect(await (await api('Mara')).settings.multiTenancy.set({ enabled: true, confirm: true })).toMatchObject(
    { enabled: true, state: 'on' },
  )
  expect(await codeOf((await api('Mara')).tenants.list({}))).toBe('done')
  const { rows } = await world.admin.query(
    "select before, after from audit_event where event = 'settings.multi_tenancy' order by at",
  )
  expect(rows).toEqual([
    { before: { enabled: true }, after: { enabled: false } },
    { before: { enabled: false }, after: { enabled: true } },
  ])
})

test('needs the permission, the master and a confirmation', async () => {
  expect(await codeOf((await api('Sam')).settings.multiTenancy.get())).toBe('access_denied')
  expect(await codeOf((await api('Ada')).settings.multiTenancy.get())).toBe('access_denied')
  expect(await codeOf((await api('Mara')).settings.multiTenancy.set({ enabled: false } as never))).toBe(
    'TRPCError',
  )
})

test('is read-only where the environment decides', async () => {
  const op = await world.opOf('Mara')
  const as = factory({ op: { ...op, gate: { ...op.gate, source: 'environment' } } })
  const seen = await as.settings.multiTenancy.get()
  expect(seen.can.set).toBe(false)
  expect(seen.why.set).toContain('MULTI_TENANT_ENABLED')
  expect(await codeOf(as.settings.multiTenancy.set({ enabled: false, confirm: true }))).toBe('conflict')
})
