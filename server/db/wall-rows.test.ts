import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantKey } from '@/test/actors'
import { type Catalogue, readCatalogue } from '@/test/catalogue'
import { tenantId, userId } from '@/test/factories'
import { OF_THE_INSTALLATION, RESOURCE_ROOTED, TENANT_ROOTED } from '@/test/wall-reviewed'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { plantConnections } from '@/test/plant-connections'
import { createWorld, type World } from '@/test/world'

// Every table, every role, every mode of a context: which rows are seen, changed and removed by statements without a
// condition of their own. What is right is said here once more, in words of its own, as the owner of all sees it.

/** Whose rows a tenant sees beside those of its own root; `$1` is the tenant. Of `resource` the model says it all. */
const SEEN: Record<string, string> = {
  user_role: 'tenant_id = $1 or multi_tenant',
  user_account: 'home_tenant_id = $1 or id in (select user_id from membership where tenant_id = $1)',
  access_grant: '$1 in (tenant_id, owner_id)',
  access_grant_all: '$1 in (tenant_id, owner_id)',
}
/** Rows that a tenant may take away though they are another's: a grant is given up by whom it was made to. */
const REMOVED: Record<string, string> = { access_grant: '$1 in (tenant_id, owner_id)' }
const MAY_SHARE = `(owner_id = '${tenantId('M')}' or owner_id in
  (select t.id from tenant t join tenant_role r on r.id = t.tenant_role_id where r.sharing))`
/** Rows of the tenant that nobody changes: what is built in, what is answered. */
const FIXED: Record<string, string> = {
  user_role: 'built_in is null',
  impersonation: 'asked and approved is null',
}
/** Read and written as the master only, whatever tenant a row names. */
const OF_MASTER = [
  'tenant_egress',
  'tenant_machine_limit',
  'host_pool',
  'tenant',
  'audit_event',
  'audit_seal',
  'matrix_change',
  'host_move',
  'host_move_item',
  'mail_message',
]
/** Read as the master over all tenants. */
const READ_BY_MASTER = [...OF_MASTER, 'impersonation', 'usage_day']
/** Written by the people of a tenant and by its provider; everything else by the tenant itself only. */
const OF_PEOPLE = [
  'user_role',
  'user_account',
  'user_credential',
  'membership',
  'role_assignment',
  'session',
  'invitation',
  'identity_source',
  'identity_role_map',
  'scim_connection',
  'scim_role_map',
  'tenant_network',
]

type Serving = 'tenant' | 'master' | 'union'
type Case = [who: string, role: Serving, tenant: TenantKey, mode: 'user' | 'provider' | 'job' | 'union']
const CASES: Case[] = [
  ['a subtenant', 'tenant', 'A', 'user'],
  ['another one, that may share', 'tenant', 'B', 'user'],
  ['its provider', 'tenant', 'A', 'provider'],
  ['a job of it', 'tenant', 'A', 'job'],
  ['the master', 'master', 'M', 'user'],
  ['a subtenant that got the master’s role', 'master', 'A', 'user'],
  ['its provider with the master’s role', 'master', 'A', 'provider'],
  ['the master in a subtenant’s role', 'tenant', 'M', 'user'],
  ['the master as if it were its own provider', 'master', 'M', 'provider'],
  ['a union in a subtenant’s role', 'tenant', 'A', 'union'],
  ['a union with the master’s role', 'master', 'M', 'union'],
  ['somebody in a tenant that uses the union’s role', 'union', 'A', 'user'],
]

/** Refused as a whole: a share of one's own that the cap forbids. What is not one's own is not reached at all. */
const refused = (table: string) => (error: { code?: string; message: string }) =>
  table === 'access_grant' && error.code === '42501' ? 0 : error.message

describe('rows that a statement without a condition reaches', () => {
  let world: World
  let wall: WallSql
  let catalogue: Catalogue
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
    catalogue = await readCatalogue(world.admin)
    // what a tenant was, and one of its people elsewhere, so that every table holds several tenants' rows
    const rest = `insert into slug_rest (slug, tenant_id, until) values ('gone', $1, now() + interval '1 day')`
    await world.admin.query(rest, [tenantId('E')])
    await plantConnections(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })

  const sign = ([, , tenant, mode]: Case) =>
    wall.sign(tenant, mode === 'union' ? { mode, tenantId: null, userId: userId('Tom') } : { mode })
  const may = (role: Serving, privilege: string) => [
    ...new Set(
      catalogue.grants
        .filter((g) => g.schema === 'public' && g.grantee === `freehold_${role}` && g.privilege === privilege)
        .map(({ table }) => table),
    ),
  ]
  const count = async (table: string, where: string, tenant: TenantKey) =>
    Number(
      (
        await world.admin.query<{ n: string }>(
          `select count(*) as n from ${table} where ($1::uuid is null or true) and (${where})`,
          [tenantId(tenant)],
        )
      ).rows[0]?.n,
    )

  /** Which of a table's rows are there for whom, as SQL for the owner of all; null: the model says it. */
  function seen(table: string, [, role, tenant, mode]: Case): string | null {
    const master = role === 'master' && tenant === 'M' && (mode === 'user' || mode === 'job')
    if (role === 'union' || mode === 'union') return 'false'
    if (table in RESOURCE_ROOTED || table === 'resource') return null
    if (OF_THE_INSTALLATION.includes(table)) return master ? 'true' : 'false'
    // over all tenants, and so only as the master itself
    if (role === 'master' && READ_BY_MASTER.includes(table)) return master ? 'true' : 'false'
    return SEEN[table] ?? `${TENANT_ROOTED[table]} = $1`
  }

  /** The same for changing and removing. */
  function written(table: string, command: 'UPDATE' | 'DELETE', [, role, tenant, mode]: Case): string {
    const master = role === 'master' && tenant === 'M' && mode === 'user'
    // one column of its own row: how its provider gets in
    if (table === 'tenant' && role === 'tenant')
      return mode === 'user' || mode === 'job' ? 'id = $1' : 'false'
    if (OF_THE_INSTALLATION.includes(table) || OF_MASTER.includes(table))
      return !master ? 'false' : table === 'tenant_role' && command === 'DELETE' ? 'built_in is null' : 'true'
    const mayWrite = OF_PEOPLE.includes(table)
      ? mode === 'user' || mode === 'provider'
      : mode === 'user' || mode === 'job'
    if (!mayWrite || role === 'union') return 'false'
    if (role === 'master' && !master && ['resource', 'access_grant_all'].includes(table)) return 'false'
    // what a cap forbids to share is not shared for longer either
    if (table === 'access_grant' && command === 'UPDATE') return `owner_id = $1 and ${MAY_SHARE}`
    if (table === 'access_grant' || table === 'access_grant_all')
      return (command === 'DELETE' ? REMOVED[table] : undefined) ?? 'owner_id = $1'
    if (table in RESOURCE_ROOTED)
      return `${RESOURCE_ROOTED[table]} in (select id from resource where owner_id = $1)`
    return `${TENANT_ROOTED[table]} = $1 and ${FIXED[table] ?? 'true'}`
  }

  it.each(CASES)('K02 K07 are seen by %s: its own', async (...one) => {
    const [, role, tenant] = one
    let tried = 0
    for (const table of may(role, 'SELECT')) {
      const right = seen(table, one)
      if (right === null) continue
      const { rows } = await wall.as(role, sign(one), `select count(*) as n from ${table}`)
      expect([table, Number(rows[0].n)]).toEqual([table, await count(table, right, tenant)])
      tried++
    }
    expect(tried).toBeGreaterThan(role === 'union' ? 0 : 8)
  })

  /** A value for one of the columns that the role may change, which reads no row. */
  function change(role: Serving, table: string): string | undefined {
    // Its end has a reason beside it
    if (table === 'invitation') return 'gives_role_id = null'
    const columns = catalogue.columns.filter(
      (c) =>
        c.table === table &&
        catalogue.grants.some(
          (g) =>
            g.table === table &&
            g.grantee === `freehold_${role}` &&
            g.privilege === 'UPDATE' &&
            (g.column === null || g.column === c.name),
        ),
    )
    if (table === 'impersonation') return 'approved = true' // what is answered has an answer
    const time = columns.find(({ type }) => type.startsWith('timestamp'))
    if (time) return `${time.name} = now()`
    const plain = ['description', 'level', 'multi_tenant_enabled', 'position', 'provider_access', 'approval']
    const first = columns.find(({ name }) => plain.includes(name))
    const value =
      { boolean: 'true', integer: '0' }[first?.type ?? ''] ??
      { level: `'read'`, provider_access: `'never'` }[first?.name ?? ''] ??
      `''`
    return first && `${first.name} = ${value}`
  }

  it.each(CASES)('K11 are changed by %s: its own', async (...one) => {
    const [, role, tenant] = one
    for (const table of may(role, 'UPDATE')) {
      const set = change(role, table)
      expect([table, set !== undefined]).toEqual([table, true])
      const right = await count(table, written(table, 'UPDATE', one), tenant)
      // no row of it is read, so the policies of sight do not help
      const done = wall.as(role, sign(one), `update ${table} set ${set}`)
      expect([table, await done.then(({ rowCount }) => rowCount, refused(table))]).toEqual([table, right])
    }
  })

  /** What hangs on a row and would keep it. */
  const FIRST: Record<string, string[]> = {
    user_role: ['delete from role_assignment'],
    resource: ['delete from cloud_connection'],
  }

  it.each(CASES)('K11 are removed by %s: its own', async (...one) => {
    const [, role, tenant] = one
    for (const table of may(role, 'DELETE')) {
      const right = await count(table, written(table, 'DELETE', one), tenant)
      const done = wall.as(role, sign(one), ...(FIRST[table] ?? []), `delete from ${table}`)
      const found = await done.then(({ rowCount }) => rowCount).catch((error: Error) => error.message)
      expect([table, found]).toEqual([table, right])
    }
  })

  it('K02 a union sees what the tenants of the person see, and nobody else’s union', async () => {
    const union = (name: 'Tom' | 'Bo' | 'Cora') =>
      wall.sign('A', { mode: 'union', tenantId: null, userId: userId(name) })
    const ids = async (role: Serving, context: string, from: string) =>
      (await wall.as(role, context, `select id from ${from} order by 1`)).rows
    for (const [name, key] of [
      ['Tom', 'A'],
      ['Bo', 'B'],
    ] as const) {
      expect(await ids('union', union(name), 'resource')).toEqual(
        await ids('tenant', wall.sign(key), 'resource'),
      )
      expect(await ids('union', union(name), 'tenant')).toEqual([{ id: tenantId(key) }])
      const grants = await world.admin.query('select id from access_grant where tenant_id = $1 order by 1', [
        tenantId(key),
      ])
      expect(await ids('union', union(name), 'access_grant')).toEqual(grants.rows)
    }
    expect(await ids('union', union('Cora'), 'resource')).toEqual([]) // her only tenant is disabled
  })
})
