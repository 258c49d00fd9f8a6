import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actingIn } from '@/server/sweep/acting'
import { ask } from '@/server/sweep/call'
import { CAP_CONTENT, person, roleContent, roleUpdatedAt } from '@/server/sweep/asking'
import { ownId, unusedId } from '@/server/sweep/inputs'
import { canary, foreignCanaries, idOf } from '@/test/canary'
import {
  CUSTOMER_ROLE,
  ORGANIZATION_ROLE,
  resourceId,
  SPARE_CAP,
  tenantId,
  userId,
  VIEWER_ROLE,
} from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// Roles: refusals that no wrong id in a field of its own leads to.

describe('what roles refuse', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const { giveOnly, run } = actingIn(() => world)
  const rolesNamed = async (name: string) =>
    (await world.admin.query('select 1 from user_role where name = $1', [name])).rowCount

  it.each(['group', 'tag'])('a picker of a %s offers the tenant’s own only', async (what) => {
    const answer = await run('Ada', 'roles.choices', { what, search: '' })
    expect(answer.text.toLowerCase()).toContain(canary('A', `${what} 1`).toLowerCase())
    expect(foreignCanaries(answer.text, 'A')).toEqual([])
    const drilled = await run('Mara', 'rolesIn.choices', { tenantId: tenantId('A'), what, search: '' })
    expect(drilled.text.toLowerCase()).toContain(canary('A', `${what} 1`).toLowerCase())
    expect(foreignCanaries(drilled.text, 'A')).toEqual([])
  })

  it('a tenant role that comes with the version keeps its levels and its name, and stays', async () => {
    const state = () => world.state(['audit_event', 'audit_seal', 'session'])
    const before = await state()
    const updatedAt = await roleUpdatedAt(world, CUSTOMER_ROLE)
    const { data } = await run('Mara', 'tenantRoles.get', { id: CUSTOMER_ROLE })
    const is = data as { name: string; description: string; levels: object; landing: string }
    const content = { ...CAP_CONTENT, ...{ name: is.name, description: is.description, levels: is.levels } }
    const update = async (more: object) =>
      (await run('Mara', 'tenantRoles.update', { ...content, id: CUSTOMER_ROLE, updatedAt, ...more })).status
    for (const more of [{ levels: { hosts: 'none' } }, { name: 'Other' }, { description: 'Other' }])
      expect([more, await update(more)]).toEqual([more, 400])
    const { defaultCloudLevel, clouds } = CAP_CONTENT
    const look = async (levels: object) =>
      (await run('Mara', 'tenantRoles.preview', { id: CUSTOMER_ROLE, levels, defaultCloudLevel, clouds }))
        .status
    expect([await look({ hosts: 'none' }), await look(is.levels)]).toEqual([400, 200])
    await world.admin.query('update tenant set tenant_role_id = $1 where tenant_role_id = $2', [
      SPARE_CAP,
      ORGANIZATION_ROLE,
    ])
    const gone = await run('Mara', 'tenantRoles.delete', { id: ORGANIZATION_ROLE })
    expect([gone.status, gone.text.includes('are not deleted')]).toEqual([403, true])
    await world.restore()
    expect(await state()).toEqual(before)
    expect(await update({})).toBe(200)
  })

  it('who looks at tenants is offered no change of a tenant role', async () => {
    const can = async () => {
      const { data } = await run('Sam', 'tenantRoles.list', undefined)
      return (data as { rows: { can: { edit: boolean; copy: boolean } }[] }).rows.map((row) => row.can)
    }
    await giveOnly('Sam', { tenants: 'read' })
    for (const one of await can()) expect(one).toMatchObject({ edit: false, copy: false })
    await world.restore()
    await giveOnly('Sam', { tenants: 'full' })
    for (const one of await can()) expect(one).toMatchObject({ edit: true, copy: true })
  })

  it('people are not changed where no role is left that they could have', async () => {
    const input = { ...person, id: userId('Tom') }
    await world.admin.query('update user_role set multi_tenant = false, locked = false')
    const roles = { id: userId('Tom'), roleIds: [VIEWER_ROLE] }
    expect((await run('Ada', 'users.update', input)).status).toBe(409)
    expect((await run('Ada', 'users.setRoles', roles)).status).toBe(409)
    await world.restore()
    expect((await run('Ada', 'users.update', input)).status).toBe(200)
    expect((await run('Ada', 'users.setRoles', roles)).status).toBe(200)
  })

  it('an export of a foreign role is one of a role that never was, beside one’s own, too', async () => {
    const get = (...ids: string[]) =>
      ask(world, 'Ada', `/api/roles/export.json?${ids.map((id) => `id=${id}`).join('&')}`)
    const mine = idOf('role A 1')
    expect([(await get(mine)).status, (await get(VIEWER_ROLE)).status]).toEqual([200, 200])
    const never = await get(unusedId())
    expect(never.status).toBe(404)
    for (const ids of [[idOf('role B 1')], [mine, idOf('role B 1')], [idOf('role M 1')]]) {
      const real = await get(...ids)
      expect([real.status, real.text]).toEqual([404, never.text])
    }
  })

  it('a file that names something foreign is told what one that names nothing real is told', async () => {
    const plan = async (id: string) => {
      const access = { groups: { default: 'none', entries: [{ id, access: 'read' }] } }
      const roles = [{ name: 'From a file', levels: { hosts: 'read' }, access }]
      const text = JSON.stringify({ format: 'freehold.roles', version: 1, roles })
      return (await run('Ada', 'roles.planImport', { text })).data
    }
    const refused = {
      rows: [{ name: 'From a file', ok: false, why: 'It names something that is not to be found here' }],
    }
    expect(await plan(ownId('group', 'A'))).toEqual({ rows: [{ name: 'From a file', ok: true, why: '' }] })
    expect(await plan(ownId('group', 'B'))).toEqual(refused)
    expect(await plan(unusedId())).toEqual(refused)
  })

  it('who manages the people of tenants makes no role there without managing roles', async () => {
    const create = () =>
      run('Sam', 'rolesIn.create', { tenantId: tenantId('A'), ...roleContent('A'), name: 'Provided' })
    await giveOnly('Sam', { tenantUsers: 'full', roles: 'read' })
    expect([(await create()).status, await rolesNamed('Provided')]).toEqual([403, 0])
    await world.restore()
    await giveOnly('Sam', { tenantUsers: 'full', roles: 'full' })
    expect([(await create()).status, await rolesNamed('Provided')]).toEqual([200, 1])
  })

  it('a multi-tenant role is the master’s to make', async () => {
    const content = { name: 'For everybody', description: '', levels: { hosts: 'read' }, multiTenant: true }
    expect((await run('Ada', 'roles.create', content)).status).toBe(403)
    expect(await rolesNamed('For everybody')).toBe(0)
    expect((await run('Ada', 'roles.create', { ...content, multiTenant: false })).status).toBe(200)
    await world.restore()
    expect((await run('Mara', 'roles.create', content)).status).toBe(200)
  })

  it('nobody gives the provider’s role back to its holders who holds less than it says', async () => {
    await giveOnly('Nora', { roles: 'full', hosts: 'read' })
    await world.admin.query(`update user_role set levels = '{"hosts":"read"}' where id = $1`, [
      idOf('role copy A'),
    ])
    const relink = (name: string) => run('Nora', name, { id: idOf('role copy A') })
    const templateSays = (level: string) =>
      world.admin.query(`update user_role set levels = jsonb_build_object('hosts', $1::text) where id = $2`, [
        level,
        idOf('role template'),
      ])
    await templateSays('full')
    expect((await relink('roles.previewRelink')).status).toBe(403)
    expect((await relink('roles.relink')).status).toBe(403)
    await templateSays('read')
    expect((await relink('roles.previewRelink')).status).toBe(200)
    expect((await relink('roles.relink')).status).toBe(200)
  })

  it('a cap names public clouds of the master’s only', async () => {
    const create = async (id: string) => {
      const clouds = [{ id, level: 'read' }]
      const answer = await run('Mara', 'tenantRoles.create', { ...CAP_CONTENT, clouds })
      await world.restore()
      return answer
    }
    const never = await create(unusedId())
    expect(never.status).toBe(404)
    for (const label of ['A web', 'master private', 'public'])
      expect([label, (await create(resourceId(label))).text]).toEqual([label, never.text])
    expect((await create(resourceId('public cloud'))).status).toBe(200)
  })
})
