import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import { planted, plantNorth, plantThing } from '@/server/features/clouds/clouds.fixture'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName, TenantKey } from '@/test/actors'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ resources: resourcesRouter }))
const CIDR = { cidr: '10.20.0.0/24' }
const AWAY = { tenantId: tenantId('A') }
type Access = { tenantId?: string; visibility?: 'private' | 'public' }

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.restore()
  await world.admin.query('delete from access_grant_all')
})

const as = async (name: PersonName) => caller({ op: await world.opOf(name) }).resources
const make = async (access?: Access, who: PersonName = 'Mara', cloudId?: string) =>
  (await (await as(who)).create({ kind: 'network', name: 'lan', spec: CIDR, access, cloudId })).id
const told = async (access: Access, cloudId?: string, name = 'lan') =>
  (await (await as('Mara')).createPreview({ kind: 'network', name, access, cloudId })).lines
const seen = async (who: PersonName, id: string) => (await as(who)).get({ kind: 'network', id })
const statusOf = (call: Promise<unknown>) =>
  call.then(
    () => 200,
    (error: unknown) => errorBody(error).status,
  )
const audited = async (key: TenantKey, id: string) =>
  (
    await world.admin.query<{ event: string; effects: string[] | null }>(
      `select event, after->'effects' as effects from audit_event where tenant_id = $1 and target_id = $2 and result = 'ok' order by at`,
      [tenantId(key), id],
    )
  ).rows

describe('a new thing with its tenant and visibility in one save', () => {
  it('is its tenant’s to use at once; what was said before stands in both logs after', async () => {
    const lines = await told(AWAY)
    expect(lines).toEqual(['Acme gains Network lan'])
    const id = await make(AWAY)
    expect(await seen('Tom', id)).toMatchObject({ relation: 'assigned', visibility: 'private', spec: CIDR })
    expect(await seen('Mara', id)).toMatchObject({ relation: 'owner', assignedTenant: { name: 'Acme' } })
    expect(await statusOf(seen('Bo', id))).toBe(404)
    expect(await audited('M', id)).toEqual([
      { event: 'resource.create', effects: null },
      { event: 'resource.assign', effects: lines },
    ])
    expect(await audited('A', id)).toEqual([{ event: 'resource.assign', effects: lines }])
  })

  it('is offered to all; without a word of it, private and the master’s own', async () => {
    expect(await told({ visibility: 'public' }, undefined, '')).toEqual([
      'Every tenant gains Network (no name yet)',
    ])
    const open = await make({ visibility: 'public' })
    expect((await seen('Bo', open)).relation).toBe('public')
    expect((await audited('M', open)).at(-1)).toEqual({
      event: 'resource.visibility',
      effects: ['Every tenant gains Network lan'],
    })
    const own = await make()
    expect(await seen('Mara', own)).toMatchObject({ visibility: 'private', assignedHere: true })
    expect(await statusOf(seen('Bo', own))).toBe(404)
    expect(await told({})).toEqual([])
  })

  it('a cloud, too', async () => {
    const mara = await as('Mara')
    const asked = { kind: 'cloud', name: 'East', access: AWAY }
    expect((await mara.createPreview(asked)).lines).toEqual(['Acme gains Cloud East'])
    const { id } = await mara.create({ ...asked, spec: {} })
    expect((await (await as('Ada')).get({ kind: 'cloud', id })).relation).toBe('assigned')
    expect(await audited('A', id)).toEqual([{ event: 'resource.assign', effects: ['Acme gains Cloud East'] }])
  })

  it('goes where its cloud went, which is said before; to nobody else (rule 4)', async () => {
    await plantNorth(world)
    const mara = await as('Mara')
    await mara.assign({ kind: 'cloud', ids: [planted('North')], tenantId: tenantId('A') })
    const [north] = (await mara.options({ kind: 'network', field: 'cloud', search: 'North' })).rows
    expect(north).toMatchObject({ id: planted('North'), tenant: { name: 'Acme' } })
    const lines = await told({}, planted('North'))
    expect(lines).toEqual(['Acme gains Network lan'])
    const id = await make(undefined, 'Mara', planted('North'))
    expect(await audited('A', id)).toEqual([{ event: 'resource.create', effects: lines }])
    for (const to of ['B', 'M'] as const) {
      const access = { tenantId: tenantId(to) }
      expect(await statusOf(told(access, planted('North')))).toBe(409)
      expect(await statusOf(make(access, 'Mara', planted('North')))).toBe(409)
    }
    await make(AWAY, 'Mara', planted('North'))
  })

  it('is all or nothing, and nobody’s but the master’s', async () => {
    const before = await world.state(['audit_event', 'audit_seal', 'rate_limit'])
    expect(await statusOf(make({ tenantId: tenantId('C') }))).toBe(409)
    expect(await statusOf(make({ tenantId: resourceId('A web') }))).toBe(404)
    expect(await statusOf(make({ tenantId: tenantId('A'), visibility: 'public' }))).toBe(400)
    expect(await statusOf(make(AWAY, 'Sam'))).toBe(403)
    for (const access of [AWAY, { visibility: 'public' } as const, {}])
      expect(await statusOf(make(access, 'Ada'))).toBe(403)
    const preview = { kind: 'network', name: 'lan', access: AWAY }
    for (const who of ['Sam', 'Ada'] as const)
      expect(await statusOf((await as(who)).createPreview(preview)), who).toBe(403)
    expect(await told(AWAY)).toHaveLength(1)
    expect(await world.state(['audit_event', 'audit_seal', 'rate_limit'])).toEqual(before)
    expect((await seen('Ada', await make(undefined, 'Ada'))).relation).toBe('owner')
  })

  it('waits for what is under way in the tenant that gets it, and for everyone’s', async () => {
    for (const lock of [tenantId('A'), EVERYONE_LOCK]) {
      await world.admin.query('begin')
      await world.admin.query(`select pg_advisory_xact_lock_shared(wall.lock_key($1))`, [lock])
      const done = make(AWAY)
      const first = await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 400, 'waits'))])
      await world.admin.query('commit')
      expect(first).toBe('waits')
      await done
    }
  })

  it('tells the live pages of both sides, as an assignment does', async () => {
    const heard: string[] = []
    world.admin.on('notification', ({ payload }) => void heard.push(payload ?? ''))
    await world.admin.query('listen freehold')
    await make(AWAY)
    await make({ visibility: 'public' })
    await world.admin.query('unlisten freehold')
    expect(heard).toEqual(expect.arrayContaining([`t:${tenantId('A')}`, `t:${MASTER_TENANT_ID}`, 'p:']))
  })
})

describe('what a form offers', () => {
  it('names what cannot be chosen, with the reason that saving would give', async () => {
    await plantThing(world, 'open-host', { kind: 'host', visibility: 'public' })
    const ada = await as('Ada')
    const why = async (who: PersonName, field: string, name: string) =>
      (await (await as(who)).options({ kind: 'virtual_machine', field, search: name })).rows[0]?.why
    const vm = (place: object) =>
      statusOf(ada.create({ kind: 'virtual_machine', name: 'vm', spec: {}, ...place }))
    const foreign = 'It is not this tenant’s to use: nothing of yours can stand in it'
    expect(await why('Ada', 'parent', 'open-host')).toBe(foreign)
    expect(await vm({ parentId: planted('open-host') })).toBe(404)
    await plantThing(world, 'lent', { kind: 'cloud' })
    await world.admin.query(
      `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status) values ($1, 'cloud', 'lent', $2, $3, 'editor', 'live')`,
      [planted('lent'), MASTER_TENANT_ID, tenantId('A')],
    )
    expect(await why('Ada', 'cloud', 'lent')).toBe(foreign)
    expect(await vm({ cloudId: planted('lent') })).toBe(404)
    await plantThing(world, 'ours', { kind: 'cloud', owner: 'A' })
    expect(await why('Ada', 'cloud', 'ours')).toBeUndefined()
    expect(await vm({ cloudId: planted('ours') })).toBe(200)
    expect(await why('Tom', 'cloud', 'ours')).toBe('Your roles do not let you make this here')
  })
})
