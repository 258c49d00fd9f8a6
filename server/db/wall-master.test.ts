import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, ORGANIZATION_ROLE, resourceId, tenantId, userId } from '@/test/factories'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// What the master is told of its tenants, in a state in which every condition of the answer makes a difference; and nobody else is.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const CLOUD = resourceId('public cloud')
const SECOND = resourceId('second public cloud')
const past = `now() - interval '1 minute'`
const future = `now() + interval '1 minute'`

describe('what the master alone is told of its tenants', () => {
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
  const rows = (who: TenantKey, from: string, line: string, ...changes: string[]) =>
    askAfter(
      world,
      wall.sign(who),
      `select coalesce(jsonb_agg(x.line order by x.line), '[]') from (select ${line} as line from ${from}) x`,
      changes,
    )
  const nameOf = (column: string) => `(select t.name from tenant t where t.id = ${column})`
  const added = (key: TenantKey, cloud: string) =>
    `insert into tenant_cloud (tenant_id, cloud_id) values (${to(key)}, '${cloud}') on conflict do nothing`

  it('K04 what stands in the way of a cloud: of whom it neither is nor goes to', async () => {
    const stands = (key: TenantKey) =>
      `insert into resource (kind, name, owner_id, assigned_id, cloud_id) values ('host', 'of ${key}', ${to(key)}, ${to(key)}, '${CLOUD}')`
    const blockers = (who: TenantKey) =>
      rows(
        who,
        `wall.cloud_blockers(array['${CLOUD}']::uuid[], ${to('A')}, 10) b`,
        `b.name || ', ' || b.tenant || ', ' || b.total`,
        stands('A'),
        stands('B'),
        stands('N'),
        stands('M'),
      )
    expect(await blockers('M')).toEqual(['of B, Bolt, 2', 'of N, Newco, 2'])
    expect(await blockers('A')).toEqual([])
  })

  it('K04 how many have added a cloud, the deleted not counted', async () => {
    const use = (who: TenantKey) =>
      rows(
        who,
        `wall.cloud_use(array['${CLOUD}', '${SECOND}']::uuid[]) u`,
        `(select case u.cloud_id when '${CLOUD}' then 'first ' else 'second ' end || u.tenants)`,
        added('C', CLOUD),
        added('E', CLOUD),
        added('E', SECOND),
      )
    expect(await use('M')).toEqual(['first 2', 'second 2'])
    expect(await use('B')).toEqual([])
  })

  it('K04 what of the licence is used, the deleted not counted', async () => {
    const usage = (who: TenantKey) => askAfter(world, wall.sign(who), 'wall.licence_usage()', [])
    const hosts = await world.admin.query(
      `select count(*)::int as hosts, 5 as tenants from resource r join tenant t on t.id = r.assigned_id where r.kind = 'host' and t.status <> 'deleted'`,
    )
    expect(await usage('M')).toEqual(hosts.rows[0]) // Freehold MSP, Acme, Bolt, Closed, Newco
    expect(await usage('A')).toBe(null)
  })

  it('K04 who sees what is public in a cloud: added, and granted by its own tenant role', async () => {
    const level = (role: string, cloud: string, value: string) =>
      `insert into tenant_role_cloud (tenant_role_id, cloud_id, level) values ('${role}', '${cloud}', '${value}')
       on conflict (tenant_role_id, cloud_id) do update set level = excluded.level`
    const planted = [
      ...(['B', 'C', 'E'] as const).map((key) => added(key, CLOUD)),
      level(ORGANIZATION_ROLE, CLOUD, 'none'),
      level(ORGANIZATION_ROLE, SECOND, 'read'),
    ]
    const sees = (who: TenantKey, tenants: string, clouds: string, ...more: string[]) =>
      rows(
        who,
        `wall.matrix_clouds(${tenants}, ${clouds}) m`,
        `${nameOf('m.tenant_id')} || case m.cloud_id when '${CLOUD}' then ' first' else ' second' end`,
        ...planted,
        ...more,
      )
    const some = (...keys: TenantKey[]) => `array[${keys.map(to).join(', ')}]::uuid[]`
    expect(await sees('M', 'null', 'null')).toEqual(['Acme first', 'Bolt second', 'Closed first'])
    expect(await sees('M', some('A', 'N'), 'null')).toEqual(['Acme first'])
    expect(await sees('M', 'null', `array['${SECOND}']::uuid[]`)).toEqual(['Bolt second'])
    const hidden = `update resource set visibility = 'private' where id = '${CLOUD}'`
    expect(await sees('M', 'null', 'null', hidden)).toEqual(['Bolt second'])
    const plain = `update tenant_role set default_cloud_level = 'full' where id = '${CUSTOMER_ROLE}'`
    expect(await sees('M', some('A'), 'null', plain)).toEqual(['Acme first', 'Acme second'])
    expect(await sees('A', 'null', 'null')).toEqual([])
  })

  const HOLDERS = `(select string_agg(r ->> 'name', '+' order by r ->> 'name') from jsonb_array_elements(h.roles) r) || ' ' || h.users`

  it('K04 who holds what in one tenant: its own live roles, one line for all who hold the same', async () => {
    const sets = (who: TenantKey, tenant: TenantKey, ...changes: string[]) =>
      rows(who, `wall.tenant_holder_sets(${to(tenant)}) h`, HOLDERS, ...changes)
    const ofTom = `where user_id = '${userId('Tom')}'`
    expect(await sets('M', 'A')).toEqual(['Admin 1', 'Editor 1', 'Owner 2', 'Viewer 1'])
    expect(await sets('M', 'B')).toEqual(['Admin 1', 'Owner 1', 'Viewer 1'])
    expect(await sets('M', 'A', `update role_assignment set expires_at = ${past} ${ofTom}`)).toEqual([
      'Admin 1',
      'Editor 1',
      'Owner 2',
    ])
    expect(await sets('M', 'A', `update role_assignment set expires_at = ${future} ${ofTom}`)).toHaveLength(4)
    const elsewhere = `insert into role_assignment (tenant_id, user_id, role_id)
      select ${to('B')}, user_id, role_id from role_assignment ${ofTom}`
    expect(await sets('M', 'B', elsewhere)).toEqual(['Admin 1', 'Owner 1', 'Viewer 2'])
    expect(await sets('M', 'C')).toEqual(['Owner 1', 'Viewer 1'])
    expect([await sets('M', 'E'), await sets('M', 'M'), await sets('A', 'A')]).toEqual([[], [], []])
  })

  it('K04 who holds a role, over all tenants: its own live roles', async () => {
    const role = idOf('role template')
    const give = (key: TenantKey, user: 'Tom' | 'Bo' | 'Cai' | 'Ella', until = 'null') =>
      `insert into role_assignment (tenant_id, user_id, role_id, expires_at) values (${to(key)}, '${userId(user)}', '${role}', ${until})`
    const sets = (who: TenantKey, ...changes: string[]) =>
      rows(who, `wall.holder_sets('${role}', null) h`, `h.tenant || ' ' || h.users`, ...changes)
    const given = [give('A', 'Tom'), give('B', 'Bo', past), give('C', 'Cai', future), give('E', 'Ella')]
    expect(await sets('M', ...given)).toEqual(['Acme 1', 'Closed 1'])
    // somebody of two tenants holds it in one
    expect(await sets('M', give('B', 'Tom'))).toEqual(['Bolt 1'])
    expect(await sets('A', ...given)).toEqual([])
  })

  it('K04 whom a tenant shares with, or has offered something', async () => {
    const partners = (who: TenantKey, ...owners: TenantKey[]) =>
      rows(who, `wall.share_partners(array[${owners.map(to).join(', ')}]::uuid[]) p`, nameOf('p.tenant_id'))
    expect([await partners('M', 'A'), await partners('M', 'B'), await partners('M', 'N')]).toEqual([
      ['Bolt'],
      ['Acme'],
      [],
    ])
    expect(await partners('M', 'M', 'A')).toEqual(['Acme', 'Bolt'])
    expect(await partners('A', 'A')).toEqual([])
  })
})
