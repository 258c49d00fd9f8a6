import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContextClaims } from '@/server/db/context-token'
import type { DbRole } from '@/server/db/urls'
import type { TenantKey } from '@/test/actors'
import { CUSTOMER_ROLE, ORGANIZATION_ROLE, resourceId, tenantId, userId } from '@/test/factories'
import { askAfter, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Who sees, edits, refers to and stands in what: each condition of the functions that policies ask, once.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const CLOUD = resourceId('public cloud')
const SECOND = resourceId('second public cloud')
const past = `now() - interval '1 minute'`
const future = `now() + interval '1 minute'`

const born = (label: string, kind: string, owner: TenantKey, assigned: TenantKey = owner, cloud = 'null') =>
  `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id)
   values ('${resourceId(label)}', '${kind}', '${label}', ${to(owner)}, ${to(assigned)}, ${kind === 'cloud' ? `'${resourceId(label)}'` : cloud})`
const share = (label: string, tenant: TenantKey, more = `'viewer', 'live', null`) =>
  `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status, expires_at)
   select id, kind, name, owner_id, ${to(tenant)}, ${more} from resource where id = '${resourceId(label)}'`
const level = (role: string, cloud: string, value: string) =>
  `insert into tenant_role_cloud (tenant_role_id, cloud_id, level) values ('${role}', '${cloud}', '${value}')
   on conflict (tenant_role_id, cloud_id) do update set level = excluded.level`
const added = (key: TenantKey, cloud: string) =>
  `insert into tenant_cloud (tenant_id, cloud_id) values (${to(key)}, '${cloud}') on conflict do nothing`
/** Somebody who is a member of this tenant alone; of parent level is nobody here (wall-switching.test.ts). */
const MEMBER = { A: 'Tom', B: 'Bo', C: 'Cora', M: 'Mara' } as const
const OF_ONE_TENANT = 'update user_account set parent_level = false'
const kindToAcme = (more: string) => `update access_grant_all set ${more} where tenant_id = ${to('A')}`

describe('what the functions that policies ask say of a thing', () => {
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
  const ask = (who: TenantKey, question: string, changes: string[] = [], more: Partial<ContextClaims> = {}) =>
    askAfter(world, wall.sign(who, more), question, changes)

  describe('sight', () => {
    const bySql = (role: DbRole, context: string, label: string, changes: string[]) =>
      doneAs(world, role, context, `select 1 from resource where id = '${resourceId(label)}'`, [
        'set local session_replication_role = replica',
        ...changes,
      ])
    /** As the function says; the policies of a tenant and of somebody's union of that one tenant say the same. */
    async function sees(who: keyof typeof MEMBER, label: string, ...changes: string[]) {
      const seen = await ask(who, `wall.ctx_sees('${resourceId(label)}')`, changes)
      const union = wall.sign(who, { mode: 'union', tenantId: null, userId: userId(MEMBER[who]) })
      expect([
        await bySql(who === 'M' ? 'master' : 'tenant', wall.sign(who), label, changes),
        await bySql('union', union, label, [OF_ONE_TENANT, ...changes]),
      ]).toEqual(seen === true ? [1, 1] : [0, 0])
      return seen
    }
    const planted = [born('B network', 'network', 'B'), born('given network', 'network', 'M', 'B')]

    it.each<[keyof typeof MEMBER, string[], string[]]>([
      [
        'A',
        ['A web', 'assigned A', 'public', 'public in cloud', 'granted A', 'public cloud'],
        [
          'B web',
          'assigned B',
          'master private',
          'expired grant A',
          'pending grant B',
          'B network',
          'given network',
        ],
      ],
      [
        'B',
        ['B web', 'assigned B', 'public', 'given network'],
        ['A web', 'public in cloud', 'granted A', 'pending grant B'],
      ],
      [
        'M',
        ['master private', 'assigned A', 'public in cloud', 'given network'],
        ['A web', 'B web', 'B network'],
      ],
      ['C', [], ['C web', 'public', 'public cloud', 'master private']],
    ])('K02 of %s', async (who, seen, hidden) => {
      for (const label of seen) expect([label, await sees(who, label, ...planted)]).toEqual([label, true])
      for (const label of hidden) expect([label, await sees(who, label, ...planted)]).toEqual([label, false])
    })

    it('K02 by a live grant, or one of all of the master’s kind that it did not assign', async () => {
      const label = 'master private'
      expect(await sees('A', label, share(label, 'A'))).toBe(true)
      expect(await sees('A', label, share(label, 'A', `'viewer', 'live', ${future}`))).toBe(true)
      expect(await sees('A', label, share(label, 'A', `'viewer', 'live', ${past}`))).toBe(false)
      expect(await sees('A', label, share(label, 'A', `'viewer', 'pending', null`))).toBe(false)
      expect(await sees('A', label, share(label, 'A', `'viewer', 'suspended', null`))).toBe(false)
      expect(await sees('A', label, share(label, 'B'))).toBe(false)
      expect(await sees('A', label, kindToAcme(`kind = 'host'`))).toBe(true)
      expect(await sees('B', label, kindToAcme(`kind = 'host'`))).toBe(false)
      expect(await sees('A', 'assigned B', kindToAcme(`kind = 'host'`))).toBe(false)
      expect(await sees('A', 'B web', kindToAcme(`kind = 'host'`))).toBe(false)
    })

    it.each(['resource_state', 'resource_link'])(
      'K02 %s is seen with the thing that it is of',
      async (table) => {
        const seen = async (who: TenantKey) =>
          Number(await ask(who, `select count(*) from ${table} t where wall.ctx_sees(t.resource_id)`))
        const found = (role: DbRole, context: string) =>
          doneAs(world, role, context, `select 1 from ${table}`)
        for (const who of ['A', 'B', 'C', 'M'] as const)
          expect([who, await found(who === 'M' ? 'master' : 'tenant', wall.sign(who))]).toEqual([
            who,
            await seen(who),
          ])
        const all = await ask('M', `select count(*) from ${table}`)
        expect(await seen('A')).toBeGreaterThan(0)
        expect(await seen('A')).toBeLessThan(Number(all))
        if (table === 'resource_link') return
        const union = wall.sign('A', { mode: 'union', tenantId: null, userId: userId('Tom') })
        expect(await found('union', union)).toBe(await seen('A'))
      },
    )

    it('K02 the master sees what it owns, whatever somebody would share with it', async () => {
      const unchecked = 'alter table access_grant drop constraint access_grant_target_check'
      const seen = `wall.ctx_sees('${resourceId('A web')}')`
      expect(await ask('M', seen, [unchecked, share('A web', 'M')])).toBe(false)
    })
  })

  describe('clouds', () => {
    const names = (ids: string) =>
      `(select coalesce(string_agg(r.name, ' ' order by r.name), '') from unnest(${ids}) x(id) join resource r on r.id = x.id)`
    const renamed = [
      `update resource set name = 'first' where id = '${CLOUD}'`,
      `update resource set name = 'second' where id = '${SECOND}'`,
      born('own cloud', 'cloud', 'M'),
      level(CUSTOMER_ROLE, resourceId('own cloud'), 'full'),
      added('A', resourceId('own cloud')),
      // Organization is granted what Customer is not; both are told of the first
      level(ORGANIZATION_ROLE, SECOND, 'full'),
      added('B', CLOUD),
    ]
    it('K02 added and granted by the own tenant role, and public', async () => {
      const clouds = (who: TenantKey, ...changes: string[]) =>
        ask(who, names('wall.ctx_clouds()'), [...renamed, ...changes])
      expect([await clouds('A'), await clouds('B'), await clouds('N'), await clouds('C')]).toEqual([
        'first',
        'first second',
        '',
        '',
      ])
      expect(await clouds('B', level(ORGANIZATION_ROLE, CLOUD, 'none'))).toBe('second')
      const open = `update tenant_role set default_cloud_level = 'read' where id = '${CUSTOMER_ROLE}'`
      expect(await clouds('A', open)).toBe('first second')
    })

    it('K02 the same of a union, over its tenants', async () => {
      const clouds = (name: 'Tom' | 'Bo' | 'Cora', ...changes: string[]) =>
        ask('A', names('wall.ctx_union_clouds()'), [...renamed, ...changes], {
          mode: 'union',
          tenantId: null,
          userId: userId(name),
        })
      const both = `insert into membership (tenant_id, user_id) values (${to('B')}, '${userId('Tom')}')`
      expect([await clouds('Tom'), await clouds('Bo'), await clouds('Cora')]).toEqual([
        'first',
        'first second',
        '',
      ])
      expect(await clouds('Tom', both)).toBe('first second')
      expect(await clouds('Bo', level(ORGANIZATION_ROLE, CLOUD, 'none'))).toBe('second')
    })

    it('K02 offered: the provider’s public ones with the level of the own tenant role', async () => {
      const offers = (who: TenantKey, ...changes: string[]) =>
        ask(
          who,
          `select coalesce(string_agg(r.name || ' ' || o.level, ', ' order by r.name, o.level), '') from wall.ctx_offers() o join resource r on r.id = o.cloud_id`,
          [...renamed, ...changes],
        )
      expect([await offers('A'), await offers('B'), await offers('N'), await offers('C')]).toEqual([
        'first full',
        'first read, second full',
        'first full',
        '',
      ])
      const unchecked = 'alter table resource drop constraint resource_public_check'
      const others = `${born('B cloud', 'cloud', 'B')}; update resource set visibility = 'public' where id = '${resourceId('B cloud')}'`
      expect(await offers('A', unchecked, others, level(CUSTOMER_ROLE, resourceId('B cloud'), 'full'))).toBe(
        'first full',
      )
    })
  })

  describe('editing', () => {
    const role = (label: string, ...changes: string[]) =>
      ask('A', `wall.ctx_edit_role('${resourceId(label)}')`, changes)

    it('E08 by a live grant of its own to an editor or an admin', async () => {
      const label = 'master private'
      const by = (more: string, tenant: TenantKey = 'A') => role(label, share(label, tenant, more))
      expect([
        await by(`'editor', 'live', null`),
        await by(`'admin', 'live', ${future}`),
        await by(`'viewer', 'live', null`),
      ]).toEqual(['editor', 'admin', null])
      expect(await by(`'editor', 'pending', null`)).toBe(null)
      expect(await by(`'editor', 'suspended', null`)).toBe(null)
      expect(await by(`'editor', 'live', ${past}`)).toBe(null)
      expect(await by(`'editor', 'live', null`, 'B')).toBe(null)
      const provider = await ask(
        'A',
        `wall.ctx_edit_role('${resourceId(label)}')`,
        [share(label, 'A', `'editor', 'live', null`)],
        { mode: 'provider' },
      )
      expect(provider).toBe(null)
    })

    it('E08 by a live grant of all of a kind, of what the master did not assign', async () => {
      const all = (more = '') => kindToAcme(`kind = 'host', role = 'editor' ${more}`)
      expect(await role('master private', all())).toBe('editor')
      expect(await role('master private', all(`, expires_at = ${future}`))).toBe('editor')
      expect(await role('master private', all(`, expires_at = ${past}`))).toBe(null)
      expect(await role('master private', all(`, status = 'pending'`))).toBe(null)
      expect(await role('master private', all(`, tenant_id = ${to('N')}`))).toBe(null)
      expect(await role('assigned B', all())).toBe(null)
      expect(await role('B web', all())).toBe(null)
    })

    it('E08 or as its owner', async () => {
      const may = (who: TenantKey, label: string) => ask(who, `wall.ctx_may_edit('${resourceId(label)}')`)
      expect([await may('A', 'A web'), await may('M', 'assigned A')]).toEqual([true, true])
      for (const label of ['B web', 'assigned A', 'granted A', 'public'])
        expect([label, await may('A', label)]).toEqual([label, false])
      expect(await may('M', 'A web')).toBe(false)
    })
  })

  it('K02 the provider at work in a tenant refers to nothing there by what all of a kind is granted', async () => {
    const refer = (...changes: string[]) =>
      ask('A', `wall.ctx_may_refer('${resourceId('given host')}')`, changes, { mode: 'provider' })
    const seen = (assigned: TenantKey) => [
      born('given host', 'host', 'M', assigned, `'${SECOND}'`),
      share('given host', 'A'),
      kindToAcme(`kind = 'host'`),
    ]
    expect(await refer(...seen('M'))).toBe(true)
    expect(await refer(...seen('B'))).toBe(false)
  })

  it('K02 parameters of a machine are told to who sees it', async () => {
    const told = (who: TenantKey) =>
      ask(who, `select count(*)::int from wall.ctx_parameters('${resourceId('B web')}')`, [
        `update resource set spec = '{"params":{"x":"1"}}' where id = '${resourceId('B web')}'`,
      ])
    expect([await told('B'), await told('A')]).toEqual([1, 0])
  })
})
