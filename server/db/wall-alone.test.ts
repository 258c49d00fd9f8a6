import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Where two of the wall's policies say the same on purpose (K12), each holds alone: tried with the other one gone or widened.

const [M, A] = [`'${tenantId('M')}'`, `'${tenantId('A')}'`]
const NO = '42501'

describe('policies that stand behind one another', () => {
  let world: World
  let wall: WallSql
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })
  const acme = (statement: string, ...changes: string[]) =>
    doneAs(world, 'tenant', wall.sign('A'), statement, changes)

  const born = (owner: string, assigned: string) =>
    `insert into resource (id, kind, name, owner_id, assigned_id) values (gen_random_uuid(), 'host', 'x', ${owner}, ${assigned})`

  it.each<[string, string]>([
    ['without the guard', 'drop policy resource_guard_insert on resource'],
    [
      'with a policy that lets everybody',
      'create policy wide on resource for insert to freehold_tenant with check (true)',
    ],
  ])('K12 nothing is born as another’s: %s', async (_title, change) => {
    expect(await acme(born(A, A), change)).toBe(1)
    expect(await acme(born(M, A), change)).toBe(NO)
  })

  it.each<[string, string]>([
    ['without the guard', 'drop policy resource_guard_delete on resource'],
    [
      'with a policy that lets everybody',
      'create policy wide on resource for delete to freehold_tenant using (true)',
    ],
  ])('K12 nothing of another’s is removed: %s', async (_title, change) => {
    const remove = (label: string) => `delete from resource where id = '${resourceId(label)}'`
    expect(await acme(remove('A secret'), change)).toBe(1)
    for (const label of ['assigned A', 'granted A', 'public in cloud'])
      expect([label, await acme(remove(label), change)]).toEqual([label, 0])
  })

  it('K12 no role of another tenant is given, even if it could be seen', async () => {
    const give = (role: string) =>
      `insert into role_assignment (id, tenant_id, user_id, role_id) values (gen_random_uuid(), ${A}, '${userId('Nora')}', '${role}')`
    const seen = 'alter policy user_role_select on user_role using (true)'
    expect(await acme(give(idOf('role A 1')), seen)).toBe(1)
    expect(await acme(give(VIEWER_ROLE), seen)).toBe(1)
    for (const label of ['role B 1', 'role M 1'])
      expect([label, await acme(give(idOf(label)), seen)]).toEqual([label, NO])
  })

  it.each<['tenant' | 'union', string]>([
    ['tenant', 'access_grant_select'],
    ['union', 'access_grant_select_union'],
  ])('K12 nothing is seen by another’s share, even if the share could be: %s', async (role, policy) => {
    const context =
      role === 'tenant'
        ? wall.sign('A')
        : wall.sign('A', { mode: 'union', tenantId: null, userId: userId('Tom') })
    const seen = `alter policy ${policy} on access_grant using (true)`
    const share = (tenant: string) =>
      `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role)
       values ('${resourceId('master private')}', '', '', ${M}, ${tenant}, 'viewer')`
    const look = `select 1 from resource where id = '${resourceId('master private')}'`
    expect(await doneAs(world, role, context, look, [seen, share(A)])).toBe(1)
    expect(await doneAs(world, role, context, look, [seen, share(`'${tenantId('B')}'`)])).toBe(0)
  })

  it('K12 nobody is seen for a membership of another tenant, even if that could be seen', async () => {
    const seen = 'alter policy membership_select on membership using (true)'
    const look = (name: 'Bo' | 'Mara') => `select 1 from user_account where id = '${userId(name)}'`
    const guest = (tenant: string) =>
      `insert into membership (tenant_id, user_id) values (${tenant}, '${userId('Bo')}')`
    expect([await acme(look('Bo'), seen), await acme(look('Mara'), seen)]).toEqual([0, 0])
    expect(await acme(look('Bo'), seen, guest(A))).toBe(1)
    expect(await acme(look('Bo'), seen, guest(M))).toBe(0)
  })
})
