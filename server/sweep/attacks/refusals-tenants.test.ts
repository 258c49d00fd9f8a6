import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SignedInOp } from '@/server/context/op'
import { setMultiTenancy } from '@/server/features/settings/settings.service'
import { actingIn } from '@/server/sweep/acting'
import { updatedAt } from '@/server/sweep/asking'
import { prepare, unusedId, validInput } from '@/server/sweep/inputs'
import { AppError } from '@/server/platform/errors'
import { TENANTS } from '@/test/actors'
import { resourceId, SPARE_CAP, tenantId } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { createWorld, type World } from '@/test/world'

// The master names any tenant it likes, so that the attacks with foreign ids leave these out: a tenant that never was is not there.

const LOGS = ['audit_event', 'audit_seal']

describe('what is done to tenants', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const { run } = actingIn(() => world)

  it.each([
    'tenants.get',
    'tenants.update',
    'tenants.previewBaseRole',
    'tenants.disable',
    'tenants.enable',
    'tenants.deletionPlan',
    'tenants.delete',
    'tenants.restore',
    'tenants.setup.get',
    'tenants.setup.set',
    'signUp.approve',
    'signUp.decline',
  ])('%s: of a tenant, or a sign-up, that never was it is not found', async (name) => {
    const before = await world.state(LOGS)
    await prepare(world, name, 'Mara')
    const input = (await validInput(world, name, 'Mara')) as object
    const never = await run('Mara', name, { ...input, id: unusedId() })
    expect([never.status, await world.state(LOGS)]).toEqual([404, before])
    expect((await run('Mara', name, input)).status).toBe(200)
  })

  it.each(['tenants.create', 'tenants.update', 'tenants.previewBaseRole', 'signUp.setPolicy'])(
    '%s: of a base role that never was it is not found',
    async (name) => {
      const before = await world.state(LOGS)
      const input = (await validInput(world, name, 'Mara')) as object
      const never = await run('Mara', name, { ...input, tenantRoleId: unusedId() })
      expect([never.status, await world.state(LOGS)]).toEqual([404, before])
      expect((await run('Mara', name, input)).status).toBe(200)
    },
  )

  it.each(['tenants.update', 'tenants.disable', 'tenants.delete'])(
    '%s: whom it shares with since is not passed over',
    async (name) => {
      const base = name === 'tenants.update' ? { tenantRoleId: SPARE_CAP } : {}
      const input = { ...((await validInput(world, name, 'Mara')) as object), ...base }
      const share = () =>
        world.admin.query(
          `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status) values ($1, 'host', 'x', $2, $3, 'viewer', 'pending')`,
          [resourceId('A secret'), tenantId('A'), tenantId('N')],
        )
      const doIt = async () => (await run('Mara', name, input)).status
      const late = await whileHeld(world, tenantId('A'), doIt, share)
      expect([late.waited, await late.done]).toEqual([true, 409])
      expect(await doIt()).toBe(200)
    },
  )

  it('a deleted tenant is restored before it is changed', async () => {
    const input = {
      ...((await validInput(world, 'tenants.update', 'Mara')) as object),
      id: tenantId('E'),
      name: 'Ended Two',
      updatedAt: await updatedAt(world, tenantId('E')),
    }
    const { status, text } = await run('Mara', 'tenants.update', input)
    expect([status, text.includes('deleted')]).toEqual([409, true])
    const plan = async (key: 'A' | 'E') =>
      (await run('Mara', 'tenants.deletionPlan', { id: tenantId(key) })).status
    expect([await plan('E'), await plan('A')]).toEqual([409, 200])
  })

  it('the guided set-up is a subtenant’s', async () => {
    const before = await world.state(LOGS)
    const input = { id: tenantId('M'), step: 'users', skipped: true }
    expect((await run('Mara', 'tenants.setup.get', { id: tenantId('M') })).status).toBe(404)
    expect((await run('Mara', 'tenants.setup.set', input)).status).toBe(409)
    expect(await world.state(LOGS)).toEqual(before)
  })

  it('the guided set-up of a deleted tenant rests with it', async () => {
    const before = await world.state(LOGS)
    const step = (id: string) => ({ id, step: 'users', skipped: true })
    expect((await run('Mara', 'tenants.setup.get', { id: tenantId('E') })).status).toBe(409)
    expect((await run('Mara', 'tenants.setup.set', step(tenantId('E')))).status).toBe(409)
    expect(await world.state(LOGS)).toEqual(before)
    expect((await run('Mara', 'tenants.setup.set', step(tenantId('C')))).status).toBe(200)
  })

  it('the master has no base role, and a subtenant always one', async () => {
    const before = await world.state(LOGS)
    const master = tenantId('M')
    const update = async (more: object) => {
      const valid = (await validInput(world, 'tenants.update', 'Mara')) as { id: string }
      const input = { ...valid, ...more }
      return (await run('Mara', 'tenants.update', { ...input, updatedAt: await updatedAt(world, input.id) }))
        .status
    }
    const asMaster = { id: master, name: TENANTS.M.name }
    const preview = { id: master, tenantRoleId: SPARE_CAP }
    expect((await run('Mara', 'tenants.previewBaseRole', preview)).status).toBe(400)
    expect(await update({ ...asMaster, tenantRoleId: SPARE_CAP })).toBe(400)
    expect(await update({ tenantRoleId: null })).toBe(400)
    expect(await world.state(LOGS)).toEqual(before)
    expect(await update({ ...asMaster, tenantRoleId: null })).toBe(200)
  })

  it('multi-tenancy is not turned off where the environment decides', async () => {
    const declaration = { scope: 'master', audit: 'settings.multi_tenancy', summary: 'x' } as const
    const op = await world.opOf('Mara')
    const turnOff = (gate: Partial<SignedInOp['gate']>) =>
      setMultiTenancy(
        { ...op, gate: { ...op.gate, ...gate }, call: { name: 'test', declaration, audited: false } },
        false,
      ).then(
        ({ state }) => state,
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      )
    const before = await world.state()
    expect(await turnOff({ source: 'environment' })).toBe('conflict')
    expect(await world.state()).toEqual(before)
    expect(await turnOff({})).toBe('off')
  })
})
