import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { GIB } from '@/lib/resource-kinds/kind'
import { KINDS } from '@/lib/resource-kinds/registry'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { LEAST_SPEC } from '@/test/specs'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ resources: resourcesRouter }))
const NOBODYS = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const CIDR = { cidr: '10.20.0.0/24' }

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.restore()
  // Every network of the master's is shared with Acme and Bolt in this world.
  await world.admin.query('delete from access_grant_all')
})

const as = async (name: PersonName) => caller({ op: await world.opOf(name) }).resources
const problem = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  )
  const { status, message, fields } = errorBody(error)
  return { status, message, fields }
}
const make = async (who: PersonName, kind: string, name: string, spec: object, more: object = {}) =>
  (await (await as(who)).create({ kind, name, spec: spec as never, ...more })).id
const network = (who: PersonName, name = 'lan') => make(who, 'network', name, CIDR)
const audited = async (event: string, id: string) =>
  (
    await world.admin.query<{ tenant_id: string; after: Record<string, unknown> | null }>(
      `select tenant_id, after from audit_event where event = $1 and target_id = $2 and result = 'ok' order by tenant_id`,
      [event, id],
    )
  ).rows
/** A role of Acme's that Tom alone holds. */
async function giveTom(levels: object, scope = '', access: object = {}): Promise<void> {
  const id = idOf('role of the test')
  await world.admin.query('delete from role_assignment where user_id = $1', [userId('Tom')])
  await world.admin.query(
    `insert into user_role (id, tenant_id, name, levels, access) values ($1, $2, 'Test', $3, $4)`,
    [id, tenantId('A'), levels, access],
  )
  await world.admin.query(
    `insert into role_assignment (id, tenant_id, user_id, role_id, scope) values ($1, $2, $3, $4, $5)`,
    [idOf('assignment of the test'), tenantId('A'), userId('Tom'), id, scope],
  )
}

describe('making', () => {
  it('is the owner’s and private, of every kind that can be made by hand', async () => {
    const made: Record<string, string> = {}
    for (const { kind, canBeCreated } of KINDS.filter((one) => one.kind !== 'blueprint')) {
      const call = make('Ada', kind, `new ${kind}`, LEAST_SPEC[kind] ?? {})
      if (!canBeCreated) expect(await problem(call)).toMatchObject({ status: 403 })
      else made[kind] = await call
    }
    made.blueprint = await make(
      'Ada',
      'blueprint',
      'new blueprint',
      {},
      {
        refs: [
          { field: 'images', ids: [made.virtual_image] },
          { field: 'instanceTypes', ids: [made.instance_type] },
        ],
      },
    )
    expect(Object.keys(made)).toHaveLength(16)
    for (const [kind, id] of Object.entries(made)) {
      const detail = await (await as('Tom')).get({ kind, id })
      expect(detail).toMatchObject({
        relation: 'owner',
        visibility: 'private',
        assignedTenant: null,
        assignedHere: true,
      })
      expect(detail.can.edit.allowed).toBe(false)
      for (const stranger of ['Bo', 'Mara'] as const)
        expect(await problem((await as(stranger)).get({ kind, id })), kind).toMatchObject({ status: 404 })
      expect(await audited('resource.create', id)).toMatchObject([{ tenant_id: tenantId('A') }])
    }
  })

  it('is refused to who may only look, and by field to what is wrong', async () => {
    expect(await problem(network('Tom'))).toMatchObject({ status: 403 })
    expect((await (await as('Tom')).may({ kind: 'network' })).create).toMatchObject({ allowed: false })
    expect((await (await as('Ada')).may({ kind: 'network' })).create).toEqual({ allowed: true })
    expect(await problem(make('Ada', 'network', 'lan', { cidr: 'x', other: 1 }))).toMatchObject({
      status: 400,
      fields: { cidr: 'Enter a network such as 10.20.0.0/24', other: 'Network has no field of this name' },
    })
    expect(await problem(make('Ada', 'network', ' ', CIDR))).toMatchObject({ status: 400 })
  })

  it('refers to what the tenant sees: foreign is not there, exactly like what never was', async () => {
    const [own, theirs] = [await network('Ada'), await network('Bo')]
    const vm = (id: string) =>
      make('Ada', 'virtual_machine', 'vm', {}, { refs: [{ field: 'networks', ids: [id] }] })
    const refused = await problem(vm(theirs))
    expect(refused).toMatchObject({
      status: 404,
      fields: { networks: 'This is not there, or not yours to use' },
    })
    expect(await problem(vm(NOBODYS))).toEqual(refused)
    // of another kind than the field names
    expect(await problem(vm(resourceId('A web')))).toEqual(refused)
    const id = await vm(own)
    expect((await (await as('Ada')).get({ kind: 'virtual_machine', id })).refs.networks).toEqual([
      { id: own, kind: 'network', name: 'lan' },
    ])
    expect((await (await as('Ada')).get({ kind: 'network', id: own })).attached).toEqual([
      { id, kind: 'virtual_machine', name: 'vm', field: 'networks' },
    ])
    expect((await (await as('Ada')).options({ kind: 'virtual_machine', field: 'networks' })).rows).toEqual([
      { id: own, kind: 'network', name: 'lan' },
    ])
    expect(await problem((await as('Ada')).options({ kind: 'virtual_machine', field: 'os' }))).toMatchObject({
      status: 400,
    })
  })

  it('stands in a cloud or a parent that the tenant may use only', async () => {
    const folder = await make('Bo', 'folder', 'theirs', {})
    for (const more of [
      { cloudId: resourceId('A web') },
      { cloudId: NOBODYS },
      { parentId: folder },
      { parentId: NOBODYS },
    ])
      expect((await problem(make('Ada', 'resource_pool', 'p', {}, more))).status).toBe(404)
    const pool = await make('Ada', 'resource_pool', 'p', {}, { cloudId: resourceId('public cloud') })
    const inner = await make('Ada', 'resource_pool', 'q', {}, { parentId: pool })
    expect((await (await as('Ada')).get({ kind: 'resource_pool', id: inner })).parent).toEqual({
      id: pool,
      kind: 'resource_pool',
      name: 'p',
    })
  })
})

describe('changing', () => {
  it('keeps what was changed meanwhile: a stale form is refused, a fresh one is not', async () => {
    const id = await network('Ada')
    const api = await as('Ada')
    const { updatedAt } = await api.get({ kind: 'network', id })
    const input = { kind: 'network', id, name: 'lan', spec: { ...CIDR, vlan: 7 }, updatedAt }
    await api.update(input)
    expect(await problem(api.update({ ...input, spec: CIDR }))).toMatchObject({ status: 409 })
    expect((await api.get({ kind: 'network', id })).spec).toEqual({ ...CIDR, vlan: 7 })
    const fresh = (await api.get({ kind: 'network', id })).updatedAt
    await api.update({ ...input, spec: CIDR, updatedAt: fresh })
    expect((await api.get({ kind: 'network', id })).spec).toEqual(CIDR)
    expect(await audited('resource.update', id)).toHaveLength(2)
  })

  it('is the owner’s: 403 for who sees it, 404 for who does not, also under another kind', async () => {
    const id = await network('Ada')
    const { updatedAt } = await (await as('Ada')).get({ kind: 'network', id })
    const input = { kind: 'network', id, name: 'mine', spec: CIDR, updatedAt }
    expect(await problem((await as('Tom')).update(input))).toMatchObject({ status: 403 })
    expect(await problem((await as('Bo')).update(input))).toMatchObject({ status: 404 })
    expect(
      await problem(
        (await as('Ada')).update({ ...input, kind: 'datastore', spec: { type: 'nfs', capacity: GIB } }),
      ),
    ).toMatchObject({ status: 404 })
    expect(await problem((await as('Ada')).remove({ kind: 'datastore', id }))).toMatchObject({ status: 404 })
    await (await as('Eve')).update(input)
  })

  it('by a grant: a viewer nothing, an editor the fields, an admin the name, too', async () => {
    const id = await network('Mara')
    const grant = (role: string) =>
      world.admin.query(
        `insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role) values ($1, $2, 'network', 'lan', $3, $4, $5)
         on conflict (id) do update set role = excluded.role`,
        [idOf('grant of the test'), id, MASTER_TENANT_ID, tenantId('A'), role],
      )
    const save = async (name: string, vlan: number) => {
      const api = await as('Ada')
      const { updatedAt } = await api.get({ kind: 'network', id })
      return api.update({ kind: 'network', id, name, spec: { ...CIDR, vlan }, updatedAt })
    }
    await grant('viewer')
    expect(await problem(save('lan', 1))).toMatchObject({ status: 403 })
    await grant('editor')
    await save('lan', 2)
    expect(await problem(save('other', 2))).toMatchObject({ status: 403 })
    await grant('admin')
    await save('other', 3)
    expect((await (await as('Mara')).get({ kind: 'network', id })).name).toBe('other')
    expect(await problem((await as('Ada')).remove({ kind: 'network', id }))).toMatchObject({ status: 403 })
    expect(await problem((await as('Bo')).get({ kind: 'network', id }))).toMatchObject({ status: 404 })
  })

  it('keeps a reference that was lost, and takes no new one to it', async () => {
    const image = await make('Mara', 'virtual_image', 'golden', { os: 'x', format: 'raw' })
    await (await as('Mara')).setVisibility({ kind: 'virtual_image', ids: [image], visibility: 'public' })
    const refs = [{ field: 'image', ids: [image] }]
    const id = await make('Ada', 'virtual_machine', 'vm', {}, { refs })
    await (await as('Mara')).setVisibility({ kind: 'virtual_image', ids: [image], visibility: 'private' })
    const api = await as('Ada')
    const before = await api.get({ kind: 'virtual_machine', id })
    expect(before.refs.image).toEqual([{ id: image, kind: null, name: null }])
    expect((await api.insight({ kind: 'virtual_machine', id })).warnings).toEqual([
      'Image: one is no longer available to this tenant. Edit it to choose again.',
    ])
    await api.update({ kind: 'virtual_machine', id, name: 'vm-2', refs, updatedAt: before.updatedAt })
    // What its provider chose is no news to who uses it: they could not mend it.
    const theirs = await make('Mara', 'virtual_machine', 'theirs', {}, { refs })
    await (await as('Mara')).assign({ kind: 'virtual_machine', ids: [theirs], tenantId: tenantId('A') })
    expect((await api.insight({ kind: 'virtual_machine', id: theirs })).warnings).toEqual([])
    expect(await problem(make('Ada', 'virtual_machine', 'vm-3', {}, { refs }))).toMatchObject({ status: 404 })
  })
})

describe('removing', () => {
  it('names what stands in the way, and is the owner’s alone', async () => {
    const id = await network('Ada')
    const vm = await make('Ada', 'virtual_machine', 'vm', {}, { refs: [{ field: 'networks', ids: [id] }] })
    expect(await problem((await as('Ada')).remove({ kind: 'network', id }))).toMatchObject({
      status: 409,
      message: 'In use by vm',
    })
    expect(await problem((await as('Tom')).remove({ kind: 'virtual_machine', id: vm }))).toMatchObject({
      status: 403,
    })
    expect(await problem((await as('Bo')).remove({ kind: 'virtual_machine', id: vm }))).toMatchObject({
      status: 404,
    })
    await (await as('Ada')).remove({ kind: 'virtual_machine', id: vm })
    await (await as('Ada')).remove({ kind: 'network', id })
    expect(await problem((await as('Ada')).get({ kind: 'network', id }))).toMatchObject({ status: 404 })
  })
})

describe('the master’s edit form', () => {
  const save = async (id: string, access: object, who: PersonName = 'Mara') => {
    const api = await as(who)
    const { updatedAt, name } = await api.get({ kind: 'network', id })
    return api.update({ kind: 'network', id, name, spec: { ...CIDR, vlan: 5 }, updatedAt, access })
  }

  it('assigns in the same save as the fields, says so before, and tells both logs the same', async () => {
    const id = await network('Mara')
    const access = { tenantId: tenantId('A') }
    const { lines } = await (await as('Mara')).accessPreview({ kind: 'network', id, access })
    expect(lines).toEqual(['Freehold MSP loses the use of Network lan', 'Acme gains Network lan'])
    expect(await problem((await as('Tom')).get({ kind: 'network', id }))).toMatchObject({ status: 404 })
    await save(id, access)
    const seen = await (await as('Tom')).get({ kind: 'network', id })
    expect(seen).toMatchObject({ relation: 'assigned', spec: { vlan: 5 }, assignedTenant: null })
    expect(seen.can.edit).toEqual({ allowed: false, reason: 'Your provider manages it' })
    expect(
      await problem(
        (await as('Ada')).update({ kind: 'network', id, name: 'x', spec: CIDR, updatedAt: seen.updatedAt }),
      ),
    ).toMatchObject({ status: 403 })
    const rows = await audited('resource.assign', id)
    expect(rows.find(({ tenant_id }) => tenant_id === MASTER_TENANT_ID)?.after?.effects).toEqual(lines)
    expect(rows.find(({ tenant_id }) => tenant_id === tenantId('A'))?.after?.effects).toEqual([lines[1]])
  })

  it('offers to all and takes back; assigning what was public takes it from the others, said beforehand', async () => {
    const id = await network('Mara')
    await save(id, { visibility: 'public' })
    expect((await (await as('Bo')).get({ kind: 'network', id })).relation).toBe('public')
    expect((await audited('resource.visibility', id))[0]?.after).toEqual({
      visibility: 'public',
      effects: ['Every tenant gains Network lan'],
    })
    const access = { tenantId: tenantId('A') }
    expect((await (await as('Mara')).accessPreview({ kind: 'network', id, access })).lines).toEqual([
      'Freehold MSP loses the use of Network lan',
      'Every tenant loses Network lan',
      'Acme gains Network lan',
    ])
    await save(id, access)
    expect(await problem((await as('Bo')).get({ kind: 'network', id }))).toMatchObject({ status: 404 })
    expect(await problem(save(id, { visibility: 'public' }))).toMatchObject({
      status: 400,
      fields: { visibility: expect.any(String) },
    })
    await save(id, { tenantId: MASTER_TENANT_ID, visibility: 'public' })
    expect((await (await as('Bo')).get({ kind: 'network', id })).relation).toBe('public')
  })

  it('says who loses a share by an assignment, and ends it', async () => {
    const { lines } = await (
      await as('Mara')
    ).accessPreview({ kind: 'host', id: resourceId('granted A'), access: { tenantId: tenantId('B') } })
    expect(
      lines.some((line) => line.startsWith('Acme loses Host') && line.endsWith('(shared as viewer)')),
    ).toBe(true)
  })

  it('is all or nothing, and nobody’s but the master’s', async () => {
    const id = await network('Mara')
    const before = await world.state(['audit_event', 'audit_seal', 'rate_limit'])
    expect(await problem(save(id, { tenantId: tenantId('C') }))).toMatchObject({ status: 409 })
    expect(await problem(save(id, { tenantId: NOBODYS }))).toMatchObject({ status: 404 })
    expect(await problem(save(id, { tenantId: tenantId('A') }, 'Sam'))).toMatchObject({ status: 403 })
    expect(await world.state(['audit_event', 'audit_seal', 'rate_limit'])).toEqual(before)
    const own = await network('Ada', 'own')
    for (const access of [{ visibility: 'public' }, { tenantId: tenantId('B') }, { tenantId: tenantId('A') }])
      expect(await problem(save(own, access, 'Ada'))).toMatchObject({ status: 403 })
    await save(id, { tenantId: tenantId('A') })
  })
})

describe('reach', () => {
  it('none, read, user, group and full see and change what they should', async () => {
    const [ours, grouped] = [await network('Ada', 'ours'), await network('Ada', 'grouped')]
    await world.admin.query(
      'insert into resource_group_member (tenant_id, group_id, resource_id) values ($1, $2, $3)',
      [tenantId('A'), idOf('group A 1'), grouped],
    )
    const sees = async () => {
      const { rows } = await (await as('Tom')).list({ kind: 'network' })
      return rows.map(({ name }) => name)
    }
    const edits = async (id: string) =>
      (await (await as('Tom')).get({ kind: 'network', id }).catch(() => null))?.can.edit.allowed ?? null
    await giveTom({ networks: 'user' })
    expect(await sees()).toEqual([])
    const mine = await network('Tom', 'mine')
    expect([await sees(), await edits(mine), await edits(ours)]).toEqual([['mine'], true, null])
    expect(await problem((await as('Tom')).get({ kind: 'network', id: ours }))).toMatchObject({ status: 404 })
    const level = (levels: object, access: object = {}) =>
      world.admin.query('update user_role set levels = $1, access = $2 where id = $3', [
        levels,
        access,
        idOf('role of the test'),
      ])
    await level(
      { networks: 'group' },
      { groups: { default: 'none', entries: { [idOf('group A 1')]: 'full' } } },
    )
    expect([await sees(), await edits(grouped)]).toEqual([['grouped', 'mine'], true])
    await level({ networks: 'read' })
    expect([await sees(), await edits(mine)]).toEqual([['grouped', 'mine', 'ours'], false])
    await level({ networks: 'full' })
    expect([await sees(), await edits(ours)]).toEqual([['grouped', 'mine', 'ours'], true])
    await level({})
    expect(await problem(sees())).toMatchObject({ status: 403 })
  })

  // Up to a thousand, a list starts from what the scope holds, else from what the tenant sees: both say the same.
  it.each([999, 1001])('scoped to a group of %i finds, counts and orders them, and no other', async (n) => {
    await giveTom({ networks: 'full' }, `group:${idOf('group A 1')}`)
    await world.admin.query(
      `with made as (insert into resource (kind, name, owner_id, assigned_id)
         select 'network', 'net-' || lpad(i::text, 5, '0'), t, t from generate_series(1, $3::int + 5) i, unnest(array[$1::uuid, $2::uuid]) t returning *)
       insert into resource_group_member (tenant_id, group_id, resource_id)
       select $1, $4, id from made where name > 'net-00005' and (owner_id = $1 or name < 'net-00010')`,
      [tenantId('A'), tenantId('B'), n, idOf('group A 1')],
    )
    const tom = await as('Tom')
    const first = await tom.list({ kind: 'network', limit: 50 })
    expect([first.total, first.totalCapped]).toEqual([n, false])
    expect(first.rows.map(({ name }) => name)).toEqual(
      Array.from({ length: 50 }, (_, i) => `net-${String(i + 6).padStart(5, '0')}`),
    )
    const next = await tom.list({ kind: 'network', limit: 50, cursor: first.nextCursor })
    expect(next.rows[0]?.name).toBe('net-00056')
    const newest = await tom.list({ kind: 'network', limit: 20, sort: 'created', desc: true })
    expect([newest.total, newest.rows.length]).toEqual([n, 20])
    expect((await tom.list({ kind: 'network', search: 'NET-00006' })).total).toBe(1)
    expect((await tom.list({ kind: 'network', search: 'net-00003' })).total).toBe(0)
    // As a filter for who reaches everything, it is the same.
    expect((await (await as('Ada')).list({ kind: 'network', groupId: idOf('group A 1') })).total).toBe(n)
  })

  it('scoped to one resource reaches that one', async () => {
    const [one] = [await network('Ada', 'one'), await network('Ada', 'two')]
    await giveTom({ networks: 'full' }, `resource:${one}`)
    expect((await (await as('Tom')).list({ kind: 'network' })).rows.map(({ name }) => name)).toEqual(['one'])
    expect(await problem(network('Tom', 'three'))).toMatchObject({ status: 403 })
  })
})
