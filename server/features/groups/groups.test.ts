import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Level, Permission } from '@/lib/permissions'
import { groupsRouter } from '@/server/features/groups/groups.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { tagsRouter } from '@/server/features/tags/tags.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(
  router({ groups: groupsRouter, resources: resourcesRouter, tags: tagsRouter }),
)

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const problem = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  )
  if (error === null) return { status: 200, message: '' }
  const { status, message } = errorBody(error)
  return { status, message }
}
const GROUP = idOf('group A 1')
const logged = (event: string) =>
  world.admin
    .query<{ tenant_id: string; after: unknown }>(
      `select tenant_id, after from audit_event where event = $1 and result = 'ok' and request_id <> ''`,
      [event],
    )
    .then((r) => r.rows)

/** Gives a person of Acme one role of Acme's own instead of what they had. */
async function onlyRole(
  name: PersonName,
  levels: Partial<Record<Permission, Level>>,
  access: object = {},
  scope = '',
): Promise<void> {
  const role = randomUUID()
  await world.admin.query(
    'insert into user_role (id, tenant_id, name, levels, access) values ($1, $2, $3, $4, $5)',
    [role, tenantId('A'), `role ${role}`, levels, access],
  )
  await world.admin.query('delete from role_assignment where user_id = $1', [userId(name)])
  await world.admin.query(
    'insert into role_assignment (tenant_id, user_id, role_id, scope) values ($1, $2, $3, $4)',
    [tenantId('A'), userId(name), role, scope],
  )
}

describe('groups', () => {
  it('are the tenant’s own: Ada makes and fills one, Tom looks on, Bo gets what a random id gets', async () => {
    const ada = await as('Ada')
    const made = await ada.groups.create({ name: 'Edge', description: 'at the border' })
    expect(
      await ada.groups.setMembers({ id: made.id, add: [resourceId('A web'), resourceId('A db')] }),
    ).toEqual({
      added: 2,
      removed: 0,
    })
    expect(
      await ada.groups.setMembers({ id: made.id, add: [resourceId('A web')], remove: [resourceId('A db')] }),
    ).toEqual({ added: 0, removed: 1 })
    const tom = await as('Tom')
    expect((await tom.groups.list({ search: 'edg' })).rows).toMatchObject([
      { name: 'Edge', members: 1, clouds: 0 },
    ])
    const seen = await tom.groups.get({ id: made.id })
    expect(seen).toMatchObject({
      counts: [{ kind: 'host', label: 'Hosts', count: 1 }],
      can: { edit: { allowed: false } },
    })
    const listed = await tom.resources.list({ kind: 'host', groupId: made.id })
    expect(listed.rows.map(({ id }) => id)).toEqual([resourceId('A web')])
    expect((await problem(tom.groups.update({ id: made.id, name: 'x' }))).status).toBe(403)
    const bo = await as('Bo')
    const nobodys = await problem(bo.groups.get({ id: randomUUID() }))
    expect(await problem(bo.groups.get({ id: made.id }))).toEqual(nobodys)
    expect(nobodys.status).toBe(404)
    expect((await problem(bo.groups.delete({ id: made.id }))).status).toBe(404)
    expect((await bo.groups.list({})).rows.every(({ name }) => name !== 'Edge')).toBe(true)
    expect((await logged('group.members')).map((row) => row.tenant_id)).toEqual([
      tenantId('A'),
      tenantId('A'),
    ])
    expect(await ada.groups.delete({ id: made.id })).toEqual({ id: made.id, name: 'Edge' })
    expect((await problem(ada.groups.get({ id: made.id }))).status).toBe(404)
  })

  it('have names of their own in a tenant, the same in two', async () => {
    const ada = await as('Ada')
    await ada.groups.create({ name: 'Edge' })
    expect(await problem(ada.groups.create({ name: 'Edge' }))).toEqual({
      status: 409,
      message: 'Another group has this name',
    })
    const other = await ada.groups.create({ name: 'Core' })
    expect((await problem(ada.groups.update({ id: other.id, name: 'Edge' }))).status).toBe(409)
    expect((await problem((await as('Bo')).groups.create({ name: 'Edge' }))).status).toBe(200)
  })

  it('take what one sees only, and count only that', async () => {
    const ada = await as('Ada')
    for (const label of ['B web', 'master private', 'assigned B'])
      expect((await problem(ada.groups.setMembers({ id: GROUP, add: [resourceId(label)] }))).status).toBe(404)
    await ada.groups.setMembers({ id: GROUP, add: [resourceId('public'), resourceId('assigned A')] })
    expect((await ada.groups.get({ id: GROUP })).counts).toMatchObject([{ kind: 'host', count: 3 }])
    // Taken back by the provider: not counted any more, and not named.
    await world.admin.query(`update resource set visibility = 'private' where id = $1`, [
      resourceId('public'),
    ])
    expect((await ada.groups.get({ id: GROUP })).counts).toMatchObject([{ kind: 'host', count: 2 }])
    const [row] = (await ada.groups.list({})).rows.filter(({ id }) => id === GROUP)
    expect(row?.members).toBe(2)
  })

  it('say which roles reach things by them; only who may edit roles deletes such a one', async () => {
    await onlyRole(
      'Tom',
      { hosts: 'read' },
      { groups: { default: 'none', entries: { [GROUP]: 'full' } } },
      `group:${GROUP}`,
    )
    const ada = await as('Ada')
    const { usedBy, can } = await ada.groups.get({ id: GROUP })
    expect(usedBy.assignments).toBe(1)
    expect(usedBy.roles).toHaveLength(1)
    expect(can.remove.allowed).toBe(true)
    const refused = await problem((await as('Eve')).groups.delete({ id: GROUP }))
    expect(refused).toMatchObject({ status: 403 })
    expect(refused.message).toContain('Roles reach things by this group')
    expect((await (await as('Eve')).groups.get({ id: idOf('group A 2') })).can.remove.allowed).toBe(true)
    expect((await (await as('Tom')).resources.list({ kind: 'host' })).rows.map(({ id }) => id)).toEqual([
      resourceId('A web'),
    ])
    await ada.groups.delete({ id: GROUP })
    expect((await (await as('Tom')).resources.list({ kind: 'host' })).rows).toEqual([])
  })

  it('limit a role at level group: Eve has her group’s hosts, and no others', async () => {
    await onlyRole('Eve', { hosts: 'group' }, { groups: { default: 'none', entries: { [GROUP]: 'full' } } })
    const eve = await as('Eve')
    expect((await eve.resources.list({ kind: 'host' })).rows.map(({ id }) => id)).toEqual([
      resourceId('A web'),
    ])
    expect((await problem(eve.resources.get({ kind: 'host', id: resourceId('A db') }))).status).toBe(404)
    expect((await eve.resources.get({ kind: 'host', id: resourceId('A web') })).can.edit.allowed).toBe(true)
    await (
      await as('Ada')
    ).groups.setMembers({ id: GROUP, add: [resourceId('A db')], remove: [resourceId('A web')] })
    const after = await (await as('Eve')).resources.list({ kind: 'host' })
    expect(after.rows.map(({ id }) => id)).toEqual([resourceId('A db')])
    // Group access read: she sees it, and changes nothing.
    await onlyRole('Eve', { hosts: 'group' }, { groups: { default: 'read', entries: {} } })
    const read = await (await as('Eve')).resources.get({ kind: 'host', id: resourceId('A db') })
    expect(read.can.edit.allowed).toBe(false)
  })

  it('raise nobody: who does not hold all of a thing puts it in no group, and takes it out of none (rule 8)', async () => {
    const groups = { default: 'none', entries: { [GROUP]: 'full', [idOf('group A 2')]: 'read' } }
    await onlyRole('Eve', { hosts: 'group', groups: 'full' }, { groups })
    const eve = await as('Eve')
    // A db is in group 2, which she may only look into; in group 1 it would be hers to change.
    const refused = await problem(eve.groups.setMembers({ id: GROUP, add: [resourceId('A db')] }))
    expect(refused.status).toBe(403)
    expect(refused.message).toContain('db-01')
    expect(
      (await problem(eve.groups.setMembers({ id: idOf('group A 2'), remove: [resourceId('A db')] }))).status,
    ).toBe(403)
    expect(
      (await problem(eve.groups.setMembers({ id: idOf('group A 2'), add: [resourceId('A web')] }))).status,
    ).toBe(200)
  })
})

describe('tags', () => {
  const host = (label: string) => ({ kind: 'host', id: resourceId(label) })

  it('are a tenant’s own words on what it sees, whoever owns it', async () => {
    const ada = await as('Ada')
    expect(await ada.tags.set({ ...host('assigned A'), tags: ['Blue', 'prod', 'blue'] })).toEqual({
      tags: ['blue', 'prod'],
    })
    expect(await ada.tags.set({ ...host('public'), tags: ['blue'] })).toEqual({ tags: ['blue'] })
    expect((await (await as('Tom')).tags.list({ search: 'blu' })).rows).toEqual([{ tag: 'blue', count: 2 }])
    expect((await ada.resources.list({ kind: 'host', tag: 'blue' })).rows.map(({ id }) => id).sort()).toEqual(
      [resourceId('assigned A'), resourceId('public')].sort(),
    )
    expect((await problem((await as('Tom')).tags.set({ ...host('A web'), tags: [] }))).status).toBe(403)
    expect((await problem(ada.tags.set({ ...host('B web'), tags: ['x'] }))).status).toBe(404)
    expect((await problem(ada.tags.set({ ...host('A web'), tags: ['-bad'] }))).status).toBe(400)
    expect(await ada.tags.set({ ...host('assigned A'), tags: [] })).toEqual({ tags: [] })
    expect((await logged('resource.tag')).every((row) => row.tenant_id === tenantId('A'))).toBe(true)
  })

  it('show no other tenant’s, the master’s neither (NetBox #10378)', async () => {
    await (await as('Mara')).tags.set({ ...host('public'), tags: ['margin-40', 'owner-bolt'] })
    await (await as('Bo')).tags.set({ ...host('public'), tags: ['bolt-word'] })
    await (await as('Ada')).tags.set({ ...host('public'), tags: ['acme-word'] })
    const ada = await as('Ada')
    const said = JSON.stringify([
      await ada.tags.list({}),
      await ada.resources.get(host('public')),
      await ada.resources.list({ kind: 'host', limit: 100 }),
      await ada.resources.list({ kind: 'host', tag: 'margin-40' }),
      await (await as('Bolt Tom')).tags.list({ search: 'acme' }),
    ])
    for (const word of ['margin', 'owner-bolt', 'bolt-word']) expect(said).not.toContain(word)
    expect((await ada.resources.list({ kind: 'host', tag: 'margin-40' })).total).toBe(0)
    expect((await ada.tags.list({ search: 'acme-' })).rows).toEqual([{ tag: 'acme-word', count: 1 }])
    expect((await (await as('Mara')).tags.list({ search: 'margin' })).rows).toHaveLength(1)
  })

  it('that scope a role are changed only by who may do everything with the thing (rule 8)', async () => {
    await onlyRole('Tom', { hosts: 'full' }, {}, 'tag:dev')
    const plain = randomUUID()
    await world.admin.query(
      `insert into user_role (id, tenant_id, name, levels) values ($1, $2, 'looks', $3)`,
      [plain, tenantId('A'), { hosts: 'read' }],
    )
    await world.admin.query('insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, $3)', [
      tenantId('A'),
      userId('Tom'),
      plain,
    ])
    const refused = await problem((await as('Tom')).tags.set({ ...host('A db'), tags: ['dev'] }))
    expect(refused).toMatchObject({ status: 403 })
    expect(refused.message).toContain('The tag dev')
    expect((await problem((await as('Tom')).tags.set({ ...host('A db'), tags: ['other'] }))).status).toBe(200)
    await (await as('Ada')).tags.set({ ...host('A db'), tags: ['dev'] })
    expect((await (await as('Tom')).resources.get(host('A db'))).can.edit.allowed).toBe(true)
  })
})
