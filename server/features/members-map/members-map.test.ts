import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inTenant, inUnion } from '@/server/db/scope'
import { grantsRouter } from '@/server/features/grants/grants.router'
import { membersMapRouter } from '@/server/features/members-map/members-map.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { settingsRouter } from '@/server/features/settings/settings.router'
import { errorBody } from '@/server/rpc/errors'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(
  router({
    grants: grantsRouter,
    membersMap: membersMapRouter,
    resources: resourcesRouter,
    settings: settingsRouter,
  }),
)
let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const problem = async (call: Promise<unknown>) => {
  const { status, fields } = errorBody(
    await call.then(
      () => null,
      (e: unknown) => e,
    ),
  )
  return { status, fields }
}
const sees = async (name: PersonName, kind: string, label: string) =>
  (await problem((await as(name)).resources.get({ kind, id: resourceId(label) }))).status !== 404
const B = { tenantId: tenantId('B') }
const logs = async (event: string) =>
  (
    await world.admin.query<{ tenant_id: string; after: { effects: string[] } }>(
      `select tenant_id, after from audit_event where event = $1 and result = 'ok'`,
      [event],
    )
  ).rows

describe('a members map', () => {
  it('gives what it names and nothing else; set again it replaces; the lines before are those after', async () => {
    const mara = await as('Mara')
    const map = { machines: [resourceId('master private'), 'offered-01'], profiles: ['*'] }
    const before = await mara.membersMap.get(B)
    // of all networks the world gives Bolt already
    expect(before.map).toMatchObject({ networks: ['*'] })
    const { lines } = await mara.membersMap.preview({ ...B, map, version: before.version })
    const after = await mara.membersMap.set({ ...B, map, version: before.version })
    expect(Object.keys(after.map)).toEqual(['machines', 'profiles'])
    expect(after.map.machines).toHaveLength(2)
    expect(after.map.profiles).toEqual(['*'])
    expect(await sees('Bo', 'host', 'master private')).toBe(true)
    expect(await sees('Bo', 'profile', 'M profile')).toBe(true)
    expect(await sees('Ada', 'host', 'master private')).toBe(false)
    const written = await logs('grant.map')
    expect(written.map((row) => row.tenant_id).sort()).toEqual(
      [tenantId('B'), '00000000-0000-4000-8000-000000000001'].sort(),
    )
    for (const row of written) expect(row.after.effects).toEqual(lines)
    expect(lines).toContain('Bolt loses all Networks, also those to come')
    expect(lines).toContain('Bolt gains all Profiles, also those to come')
    await mara.membersMap.set({ ...B, map: { machines: [] } })
    expect((await mara.membersMap.get(B)).map).toEqual({})
    expect(await sees('Bo', 'host', 'master private')).toBe(false)
    expect(await sees('Bo', 'profile', 'M profile')).toBe(false)
  })

  it('reads back what it says: names, and ids where a name is not one alone', async () => {
    const mara = await as('Mara')
    await world.admin.query(`update resource set name = 'twin' where id = any ($1)`, [
      [resourceId('master private'), resourceId('master private 2')],
    ])
    expect(await problem(mara.membersMap.set({ ...B, map: { machines: ['twin'] } }))).toMatchObject({
      status: 400,
      fields: { map: expect.stringContaining('several are called twin') },
    })
    const set = await mara.membersMap.set({ ...B, map: { machines: [resourceId('master private')] } })
    expect(set.map).toEqual({ machines: [resourceId('master private')] })
    expect((await mara.membersMap.set({ ...B, map: set.map })).map).toEqual(set.map)
  })

  it('names what is wrong: an unknown type, an item that is not there, one that is assigned, a stale version', async () => {
    const mara = await as('Mara')
    const wrong = async (map: Record<string, string[]>, more: object = {}) =>
      problem(mara.membersMap.set({ ...B, map, ...more }))
    expect((await wrong({ plugins: ['x'] })).fields).toEqual({ map: 'plugins is not a type' })
    expect((await wrong({ toString: ['*'] })).fields).toEqual({ map: 'toString is not a type' })
    expect((await wrong({ machines: ['no-such'] })).fields).toEqual({ map: 'machines: no-such is not there' })
    // a tenant's own is not the master's to give
    expect((await wrong({ machines: [resourceId('A secret')] })).fields?.map).toContain('is not there')
    expect((await wrong({ machines: [resourceId('assigned A')] })).fields?.map).toContain('assigned to Acme')
    const { version } = await mara.membersMap.get(B)
    await mara.membersMap.set({ ...B, map: {} })
    expect(await wrong({}, { version })).toMatchObject({ status: 409 })
    expect(await problem(mara.membersMap.get({ tenantId: tenantId('M') }))).toMatchObject({ status: 404 })
    for (const name of ['Ada', 'Sam'] as const)
      expect(await problem((await as(name)).membersMap.set({ ...B, map: {} }))).toMatchObject({ status: 403 })
    expect(await problem((await as('Sam')).membersMap.get(B))).toEqual({ status: 500, fields: undefined })
  })

  it('asks nobody to accept, and keeps a share that gives more', async () => {
    const mara = await as('Mara')
    await mara.settings.sharing.set({ requireAcceptance: true })
    const { id } = await mara.grants.create({
      kind: 'host',
      resourceId: resourceId('master private'),
      tenantId: tenantId('B'),
      role: 'editor',
    })
    const map = { machines: [resourceId('master private'), resourceId('master private 2')] }
    const { rows } = await mara.membersMap.set({ ...B, map })
    expect(rows.map(({ id: of, role, status }) => [of, role, status])).toEqual(
      expect.arrayContaining([
        [resourceId('master private'), 'editor', 'pending'],
        [resourceId('master private 2'), 'viewer', 'live'],
      ]),
    )
    await (await as('Bo')).grants.accept({ id })
    await mara.membersMap.set({ ...B, map: { machines: ['*'] } })
    const left = await mara.grants.outgoing({ resourceId: resourceId('master private') })
    expect(left.rows).toMatchObject([{ id, role: 'editor', status: 'live' }])
  })
})

describe('tenants of an image or a package', () => {
  it('use it at once, cannot change it, and have every change of it; a chip less takes it away (E3, E8)', async () => {
    const mara = await as('Mara')
    await mara.settings.sharing.set({ requireAcceptance: true })
    const spec = { version: '1.0', platform: 'linux', install: 'true' }
    const { id } = await mara.resources.create({ kind: 'package', name: 'agent-tools', spec })
    const input = { kind: 'package', resourceId: id }
    const both = { ...input, tenantIds: [tenantId('A'), tenantId('B')] }
    const { lines } = await mara.grants.setTenantsPreview(both)
    expect(lines).toEqual([
      'Acme gains Package agent-tools (viewer)',
      'Bolt gains Package agent-tools (viewer)',
    ])
    expect(await mara.grants.setTenants(both)).toEqual({ changed: 2 })
    expect((await logs('grant.tenants'))[0]?.after.effects).toEqual(lines)
    for (const name of ['Tom', 'Bo'] as const) {
      const seen = await (await as(name)).resources.get({ kind: 'package', id })
      expect(seen).toMatchObject({ name: 'agent-tools', relation: 'granted', grantRole: 'viewer' })
      expect(seen.can.edit.allowed).toBe(false)
    }
    const row = await mara.resources.get({ kind: 'package', id })
    await mara.resources.update({
      kind: 'package',
      id,
      name: 'agent-tools-2',
      spec,
      updatedAt: row.updatedAt,
    })
    expect((await (await as('Bo')).resources.get({ kind: 'package', id })).name).toBe('agent-tools-2')
    expect((await (await as('Bo')).grants.incoming({ status: ['live'] })).rows[0]?.name).toBe('agent-tools-2')
    await mara.grants.setTenants({ ...input, tenantIds: [tenantId('A')] })
    expect(await problem((await as('Bo')).resources.get({ kind: 'package', id }))).toMatchObject({
      status: 404,
    })
    await mara.grants.setTenants(input)
    expect((await mara.grants.outgoing({ resourceId: id })).rows).toEqual([])
  })
})

it('whether shares wait is the master’s to say, and stands in its log', async () => {
  const mara = await as('Mara')
  expect(await mara.settings.sharing.get()).toMatchObject({ requireAcceptance: false, can: { set: true } })
  expect((await mara.settings.sharing.set({ requireAcceptance: true })).requireAcceptance).toBe(true)
  expect(await logs('settings.sharing')).toHaveLength(1)
  expect(await problem((await as('Ada')).settings.sharing.get())).toMatchObject({ status: 403 })
})

it.skipIf(process.env.FREEHOLD_TEST_LAYER === 'no-policies')(
  'a user of several tenants sees the union of what each sees, and nothing else',
  async () => {
    await (
      await as('Mara')
    ).membersMap.set({ ...B, map: { profiles: ['*'], machines: [resourceId('master private')] } })
    const idsIn = async (name: PersonName) => {
      const op = await world.opOf(name)
      const rows = await inTenant(op, (tx) => tx.$queryRaw<{ id: string }[]>`select id from resource`)
      return rows.map(({ id }) => id)
    }
    const union = async (name: PersonName) => {
      const op = await world.opOf(name)
      const rows = await inUnion(op, (tx) => tx.$queryRaw<{ id: string }[]>`select id from resource`)
      return rows.map(({ id }) => id).sort()
    }
    const [acme, bolt] = [await idsIn('Tom'), await idsIn('Bo')]
    expect(await union('Tom')).toEqual([...acme].sort())
    expect(await union('Bo')).toEqual([...bolt].sort())
    // Of parent level: of every active tenant, whatever each has.
    const { rows: everything } = await world.admin.query<{ id: string }>(
      `select r.id from resource r join tenant t on t.id = r.assigned_id where t.status = 'active' or r.owner_id = $1`,
      [tenantId('M')],
    )
    expect(await union('Mara')).toEqual(everything.map(({ id }) => id).sort())
    const join = (key: 'B' | 'C') =>
      world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [
        tenantId(key),
        userId('Tom'),
      ])
    await join('B')
    await join('C') // disabled: gives nothing
    const both = [...new Set([...acme, ...bolt])].sort()
    expect(both.length).toBeGreaterThan(Math.max(acme.length, bolt.length))
    expect(await union('Tom')).toEqual(both)
  },
)
