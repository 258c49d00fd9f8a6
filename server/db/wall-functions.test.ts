import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContextClaims } from '@/server/db/context-token'
import { idOf } from '@/test/canary'
import type { TenantKey } from '@/test/actors'
import { CUSTOMER_ROLE, resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// What the wall's own functions decide, each condition once: what holds, and what takes it away. Asked beside the policies.

const ORGANIZATION_ROLE = '00000000-0000-4000-8000-000000000102'
const TASK = idOf('task that runs')
const NETWORKS = `access_grant_all set`
const to = (key: TenantKey) => `'${tenantId(key)}'`
const person = (name: 'Ada' | 'Tom' | 'Bo' | 'Mara') => `'${userId(name)}'`

describe('what the functions of the wall decide', () => {
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

  const ask = (context: string, question: string, changes: string[]) =>
    askAfter(world, context, question, changes)

  const kindsOf = (more: Partial<ContextClaims>, name: string) => (changes: string[]) =>
    ask(wall.sign('A', more), `wall.${name}()`, changes)

  it.each<[string, Partial<ContextClaims>]>([
    ['ctx_granted_kinds', {}],
    [
      'ctx_union_kinds',
      { mode: 'union', tenantId: null, userId: userId('Ada'), sessionId: idOf('session Ada') },
    ],
  ])('K02 %s: the master’s live grants of all to the tenant', async (name, more) => {
    const kinds = kindsOf(more, name)
    expect(await kinds([])).toEqual(['network'])
    const of = `where tenant_id = ${to('A')}`
    expect(await kinds([`delete from access_grant_all ${of}`])).toEqual([])
    expect(await kinds([`update ${NETWORKS} status = 'pending' ${of}`])).toEqual([])
    expect(await kinds([`update ${NETWORKS} expires_at = now() - interval '1 minute' ${of}`])).toEqual([])
    expect(await kinds([`update ${NETWORKS} expires_at = now() + interval '1 minute' ${of}`])).toEqual([
      'network',
    ])
    const unchecked = 'alter table access_grant_all drop constraint if exists access_grant_all_owner_check'
    expect(await kinds([unchecked, `update ${NETWORKS} owner_id = ${to('B')} ${of}`])).toEqual([])
  })

  describe('who runs a task', () => {
    const plant = `insert into background_task (id, tenant_id, kind, title, status, input, created_by)
      values ('${TASK}', ${to('A')}, 'cloud.assign', 'x', 'running', '{}', ${person('Ada')})`
    const job = (more: Partial<ContextClaims> = {}) =>
      wall.sign('A', { mode: 'job', userId: userId('Ada'), ...more })
    const authority = async (context: string, ...changes: string[]) =>
      (await ask(context, `wall.auth_of_task('${TASK}')`, [plant, ...changes])) as {
        tenant: { id: string; cap: { id: string } }
        user: { id: string }
        roles: { scope: string }[]
      } | null

    it('K02 is who asked for it, in its tenant, with its tenant’s cap', async () => {
      const found = await authority(job())
      expect(found).toMatchObject({
        tenant: { id: tenantId('A'), cap: { id: CUSTOMER_ROLE } },
        user: { id: userId('Ada') },
      })
      expect(found?.roles).toHaveLength(1)
    })

    it.each<[string, string]>([
      ['does not run', `update background_task set status = 'done' where id = '${TASK}'`],
      ['is another tenant’s', `update background_task set tenant_id = ${to('B')} where id = '${TASK}'`],
      ['is somebody else’s', `update background_task set created_by = ${person('Tom')} where id = '${TASK}'`],
      ['is of a tenant that is closed', `update tenant set status = 'disabled' where id = ${to('A')}`],
      ['is of somebody disabled', `update user_account set status = 'disabled' where id = ${person('Ada')}`],
      ['is of somebody who has left', `delete from membership where user_id = ${person('Ada')}`],
      [
        'is of somebody from a closed tenant',
        `update user_account set home_tenant_id = ${to('C')}, username = 'guest' where id = ${person('Ada')}`,
      ],
      [
        'is of a member of another tenant only',
        `update membership set tenant_id = ${to('B')} where user_id = ${person('Ada')}`,
      ],
    ])('K02 is nobody when it %s', async (_title, change) => {
      expect(await authority(job(), change)).toBe(null)
    })

    it('K02 is in the tenant that it was asked for in, while that is open', async () => {
      const inBolt = [
        `update background_task set tenant_id = ${to('B')}, created_by = ${person('Bo')} where id = '${TASK}'`,
      ]
      const bo = wall.sign('B', { mode: 'job', userId: userId('Bo') })
      expect((await authority(bo, ...inBolt))?.tenant).toMatchObject({
        id: tenantId('B'),
        cap: { id: ORGANIZATION_ROLE },
      })
      const atHome = `update background_task set tenant_id = ${to('M')}, created_by = ${person('Mara')} where id = '${TASK}'`
      const home = wall.sign('M', { mode: 'job', userId: userId('Mara') })
      expect((await authority(home, atHome))?.tenant.id).toBe(tenantId('M'))
      expect(await authority(home, atHome, `delete from membership where user_id = ${person('Mara')}`)).toBe(
        null,
      )
      const byMara = `update background_task set created_by = ${person('Mara')} where id = '${TASK}'`
      const mara = job({ userId: userId('Mara') })
      expect((await authority(mara, byMara))?.tenant.id).toBe(tenantId('A'))
      const closed = `update tenant set status = 'disabled' where id = ${to('A')}`
      expect(await authority(mara, byMara, closed)).toBe(null)
    })

    it('K02 is nobody in another context', async () => {
      expect(await authority(wall.sign('A', { userId: userId('Ada') }))).toBe(null)
      expect(await authority(job({ userId: userId('Tom') }))).toBe(null)
      expect(await authority(wall.sign('B', { mode: 'job', userId: userId('Ada') }))).toBe(null)
    })

    it('K02 holds live roles of this tenant, and the provider’s people theirs', async () => {
      const roles = async (...changes: string[]) => (await authority(job(), ...changes))?.roles.length
      const mine = `where user_id = ${person('Ada')}`
      expect(await roles(`update role_assignment set expires_at = now() - interval '1 minute' ${mine}`)).toBe(
        0,
      )
      expect(await roles(`update role_assignment set expires_at = now() + interval '1 minute' ${mine}`)).toBe(
        1,
      )
      expect(await roles(`update role_assignment set tenant_id = ${to('B')} ${mine}`)).toBe(0)
      const guest = [
        `update background_task set created_by = ${person('Mara')} where id = '${TASK}'`,
        `insert into role_assignment (tenant_id, user_id, role_id) values (${to('B')}, ${person('Mara')}, '${VIEWER_ROLE}')`,
      ]
      const mara = await authority(job({ userId: userId('Mara') }), ...guest)
      expect(mara?.roles).toHaveLength(1)
      const plain = `update user_account set parent_level = false where id = ${person('Mara')}`
      expect(await authority(job({ userId: userId('Mara') }), ...guest, plain)).toBe(null)
      const member = `insert into membership (tenant_id, user_id) values (${to('A')}, ${person('Mara')})`
      expect((await authority(job({ userId: userId('Mara') }), ...guest, plain, member))?.roles).toHaveLength(
        0,
      )
    })
  })

  describe('what a tenant may hang something on', () => {
    const host = (label: string) => `'${resourceId(label)}'`
    const may = (label: string, ...changes: string[]) =>
      ask(wall.sign('A'), `wall.ctx_may_refer(${host(label)})`, changes)

    it('K02 its own, what is assigned, granted or everybody’s', async () => {
      for (const label of ['A web', 'assigned A', 'granted A', 'public'])
        expect([label, await may(label)]).toEqual([label, true])
      for (const label of ['B web', 'assigned B', 'master private', 'expired grant A'])
        expect([label, await may(label)]).toEqual([label, false])
    })

    it('K02 not what it assigned away, nor what it sees in a cloud by looking only', async () => {
      const master = (label: string) => ask(wall.sign('M'), `wall.ctx_may_refer(${host(label)})`, [])
      expect([await master('master private'), await master('assigned A')]).toEqual([true, false])
      const read = `update tenant_role_cloud set level = 'read' where tenant_role_id = '${CUSTOMER_ROLE}'`
      const plain = `update tenant_role set default_cloud_level = 'read' where id = '${CUSTOMER_ROLE}'`
      expect(await may('public in cloud', read, plain)).toBe(false)
      const full = `update tenant_role_cloud set level = 'full' where tenant_role_id = '${CUSTOMER_ROLE}'`
      expect(await may('public in cloud', full)).toBe(true)
      const grant = (more: string) =>
        `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status${more === '' ? '' : ', expires_at'})
         values (${host('public in cloud')}, 'host', '', ${to('M')}, ${more.startsWith('B') ? to('B') : to('A')}, 'viewer', '${more.startsWith('p') ? 'pending' : 'live'}'${more === '' ? '' : more.startsWith('over') ? `, now() - interval '1 minute'` : `, null`})`
      expect(await may('public in cloud', read, plain, grant(''))).toBe(true)
      expect(await may('public in cloud', read, plain, grant('over'))).toBe(false)
      expect(await may('public in cloud', read, plain, grant('pending'))).toBe(false)
      expect(await may('public in cloud', read, plain, grant('B'))).toBe(false)
      const all = (more = '') =>
        `update access_grant_all set kind = 'host' ${more} where tenant_id = ${to('A')}`
      expect(await may('public in cloud', read, plain, all())).toBe(true)
    })
  })

  it('K02 cloud_offers: says of the tenant’s own cloud list what it has added', async () => {
    const offers = (key: TenantKey, ...changes: string[]) =>
      ask(
        wall.sign(key),
        `select jsonb_agg(jsonb_build_object('id', o.id, 'added', o.added, 'group', o.group_id) order by o.id) from wall.cloud_offers() o`,
        changes,
      ) as Promise<{ id: string; added: boolean; group: string | null }[]>
    const cloud = resourceId('public cloud')
    const of = async (key: TenantKey, ...changes: string[]) =>
      (await offers(key, ...changes)).filter(({ id }) => id === cloud)
    expect(await of('A')).toEqual([{ id: cloud, added: true, group: idOf('group A 1') }])
    expect(await of('B')).toEqual([{ id: cloud, added: false, group: null }])
    expect(await of('A', `delete from tenant_cloud where tenant_id = ${to('A')}`)).toEqual([
      { id: cloud, added: false, group: null },
    ])
  })

  it('K02 holder_sets: who holds a role or a cap, for the master alone', async () => {
    const sets = (key: TenantKey, role: string | null, cap: string | null, ...changes: string[]) =>
      ask(
        wall.sign(key),
        `select coalesce(jsonb_agg(jsonb_build_object('tenant', h.tenant_id, 'users', h.users) order by h.tenant_id, h.users), '[]')
         from wall.holder_sets(${role === null ? 'null' : `'${role}'`}, ${cap === null ? 'null' : `'${cap}'`}) h`,
        changes,
      ) as Promise<{ tenant: string; users: number }[]>
    const own = idOf('role A 1')
    const give = `insert into role_assignment (tenant_id, user_id, role_id) values (${to('A')}, ${person('Tom')}, '${own}')`
    expect(await sets('M', own, null)).toEqual([])
    expect(await sets('M', own, null, give)).toEqual([{ tenant: tenantId('A'), users: 1 }])
    expect(await sets('A', own, null, give)).toEqual([])
    expect(
      await sets('M', own, null, give, `update tenant set status = 'deleted' where id = ${to('A')}`),
    ).toEqual([])
    expect(
      await sets(
        'M',
        own,
        null,
        give.replace(')\n', ')'),
        `update role_assignment set expires_at = now() - interval '1 minute' where role_id = '${own}'`,
      ),
    ).toEqual([])
    const { rows } = await world.admin.query(
      `select a.tenant_id as tenant, count(distinct a.user_id)::int as users from role_assignment a join tenant t on t.id = a.tenant_id
       where a.role_id = $1 and t.status <> 'deleted' and t.tenant_role_id is not null group by 1 order by 1`,
      [VIEWER_ROLE],
    )
    const counted = new Map<string, number>()
    for (const { tenant, users } of await sets('M', VIEWER_ROLE, null))
      counted.set(tenant, (counted.get(tenant) ?? 0) + users)
    expect([...counted].map(([tenant, users]) => ({ tenant, users }))).toEqual(rows)
    const tenants = async (cap: string) => [
      ...new Set((await sets('M', null, cap)).map(({ tenant }) => tenant)),
    ]
    expect(await tenants(CUSTOMER_ROLE)).toContain(tenantId('A'))
    expect(await tenants(CUSTOMER_ROLE)).not.toContain(tenantId('B'))
    expect(await sets('M', null, null)).toEqual([])
  })

  it('K02 session_create: opens nothing for who or what is closed', async () => {
    const open = (...changes: string[]) =>
      ask(
        wall.sign('M'),
        `wall.session_create(${to('A')}, ${person('Ada')}, '\\x00', '192.0.2.7', 'x', 'x', null) is not null`,
        changes,
      )
    expect(await open()).toBe(true)
    expect(await open(`update tenant set status = 'disabled' where id = ${to('A')}`)).toBe(false)
    expect(await open(`update user_account set status = 'disabled' where id = ${person('Ada')}`)).toBe(false)
  })
})
