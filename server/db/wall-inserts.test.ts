import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { type Catalogue, readCatalogue } from '@/test/catalogue'
import { resourceId, tenantId, userId } from '@/test/factories'
import { OF_THE_INSTALLATION, RESOURCE_ROOTED, TENANT_ROOTED } from '@/test/wall-reviewed'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { connectedCloud, plantConnections } from '@/test/plant-connections'
import { createWorld, type World } from '@/test/world'

// A row of somebody else, or one that this role or mode of a context does not write at all, is made by nobody: every table,
// tried with rows that are there already, so that nothing but the wall is in the way.

type Role = 'tenant' | 'master'
type Case = [who: string, role: Role, tenant: TenantKey, mode: 'user' | 'provider' | 'job' | 'union']
const CASES: Case[] = [
  ['a subtenant', 'tenant', 'A', 'user'],
  ['its provider', 'tenant', 'A', 'provider'],
  ['the master', 'master', 'M', 'user'],
  ['a subtenant that got the master’s role', 'master', 'A', 'user'],
  ['the master as if it were its own provider', 'master', 'M', 'provider'],
  ['a union', 'tenant', 'A', 'union'],
]
const OF_PEOPLE = [
  'user_role',
  'user_account',
  'user_credential',
  'membership',
  'role_assignment',
  'session',
  'mail_message',
  'invitation',
  'identity_source',
  'identity_role_map',
  'scim_connection',
  'scim_role_map',
  'tenant_network',
]
/** The column that says who makes the row, where it is another than whose the row is. */
const MAKER: Record<string, string> = { access_grant: 'owner_id', access_grant_all: 'owner_id' }

describe('rows that nobody makes', () => {
  let world: World
  let wall: WallSql
  let catalogue: Catalogue
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
    catalogue = await readCatalogue(world.admin)
    await plantConnections(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })

  const sign = ([, , tenant, mode]: Case) =>
    wall.sign(tenant, mode === 'union' ? { mode, tenantId: null, userId: userId('Tom') } : { mode })
  const columns = (role: Role, table: string) => {
    const grants = catalogue.grants.filter(
      (g) => g.table === table && g.grantee === `freehold_${role}` && g.privilege === 'INSERT',
    )
    const all = catalogue.columns.filter((c) => c.table === table).map(({ name }) => name)
    return all.filter((name) => grants.some(({ column }) => column === null || column === name))
  }
  const isJson = (table: string, name: string) =>
    catalogue.columns.some((c) => c.table === table && c.name === name && c.type === 'jsonb')
  const tables = (role: Role) =>
    [...new Set(catalogue.columns.map(({ table }) => table))].filter((t) => columns(role, t).length > 0)

  function allowed(table: string, maker: TenantKey, [, role, tenant, mode]: Case): boolean {
    const master = role === 'master' && tenant === 'M' && mode === 'user'
    if (mode === 'union') return false
    if (
      OF_THE_INSTALLATION.includes(table) ||
      ['tenant', 'matrix_change', 'tenant_egress', 'tenant_machine_limit'].includes(table)
    )
      return master
    if (role === 'master' && !master && ['resource', 'user_role', 'access_grant_all'].includes(table))
      return false
    const may = OF_PEOPLE.includes(table) ? mode === 'user' || mode === 'provider' : mode === 'user'
    return may && maker === tenant
  }

  /** A row that is there, as a new one of that maker. */
  async function rowOf(table: string, maker: TenantKey): Promise<Record<string, unknown> | undefined> {
    const root = MAKER[table] ?? TENANT_ROOTED[table]
    const owned =
      table in RESOURCE_ROOTED
        ? `${RESOURCE_ROOTED[table]} in ('${resourceId(`${maker} web`)}', '${connectedCloud(maker)}')`
        : root === undefined
          ? 'true'
          : `${root} = '${tenantId(maker)}'`
    const { rows } = await world.admin.query<Record<string, unknown>>(
      `select * from ${table} where ${owned} ${table === 'user_role' ? 'and built_in is null and not multi_tenant' : ''} limit 1`,
    )
    const [row] = rows
    return row && { ...row, ...('id' in row && table !== 'tenant' && { id: idOf(`new ${table}`) }) }
  }

  it.each(CASES)('K02 K11 %s makes no row but its own', async (...one) => {
    const [, role] = one
    let tried = 0
    for (const table of tables(role)) {
      const makers =
        table in TENANT_ROOTED || table in RESOURCE_ROOTED ? (['A', 'B', 'M'] as const) : (['M'] as const)
      for (const maker of makers.filter((key) => !allowed(table, key, one))) {
        const row = await rowOf(table, maker)
        if (!row) continue
        const names = columns(role, table)
        const values = names.map((name) => (isJson(table, name) ? JSON.stringify(row[name]) : row[name]))
        const insert = `insert into ${table} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`
        const done = wall.as(role, sign(one), [insert, values])
        await expect(done, `${table} of ${maker}`).rejects.toMatchObject({ code: '42501' })
        tried++
      }
    }
    expect(tried).toBeGreaterThan(15)
  })
})
