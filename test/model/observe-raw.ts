import type pg from 'pg'
import { type Connection, servingOf } from './connection'
import { slotFor } from './ids'
import { sees } from './sight'
import { type State, type Tenant, TENANTS } from './state'

const byId = (slots: string[]) => [...slots].sort()

/** What one tenant finds in its tables with SQL of its own. */
export interface Raw {
  resources: string[]
  grants: string[]
  all: string[]
  clouds: string[]
  members: string[]
  tags: string[]
  roles: string[]
  assignments: string[]
}
const QUERIES: Record<keyof Raw, string> = {
  resources: 'json_build_array(id)) from resource',
  grants: 'json_build_array(resource_id, tenant_id, role, status)) from access_grant',
  all: 'json_build_array(tenant_id, kind, role)) from access_grant_all',
  clouds: 'json_build_array(cloud_id)) from tenant_cloud',
  members: 'json_build_array(group_id, resource_id)) from resource_group_member',
  tags: 'json_build_array(resource_id, tag)) from resource_tag',
  roles: 'json_build_array(id, template_id)) from user_role',
  assignments: 'json_build_array(user_id, role_id, scope)) from role_assignment',
}
export const ALL_RAW = Object.keys(QUERIES) as (keyof Raw)[]

const named = (value: string | null): string =>
  value === null ? '' : value.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, slotFor)

/** Prepares the looks into the tables, once for each role as policies depend on it. */
export async function prepareRaw({ db, roleOf }: Connection): Promise<void> {
  for (const serving of ['tenant', 'master'] as const) {
    const looks = ALL_RAW.map((name) => `prepare raw_${name}_${serving} as select json_agg(${QUERIES[name]};`)
    await db.query(`set role ${roleOf(serving)}; ${looks.join(' ')} reset role`)
  }
}

/** What each tenant's own SQL finds in these tables, in one round trip. */
export async function rawOf(
  { db, become }: Connection,
  names: readonly (keyof Raw)[],
): Promise<Record<Tenant, Partial<Raw>>> {
  const looks = (tenant: Tenant) => names.map((name) => `execute raw_${name}_${servingOf(tenant)};`).join(' ')
  const text = TENANTS.map((tenant) => `${become(tenant, null)} ${looks(tenant)}`).join('\n')
  const results = (await db.query(`${text} reset role`)) as unknown as pg.QueryResult<{
    json_agg?: (string | null)[][] | null
  }>[]
  const found = results.flatMap(({ rows: [row] }) =>
    row?.json_agg === undefined ? [] : [row.json_agg ?? []],
  )
  const linesOf = (list: (string | null)[][] = []) => byId(list.map((row) => row.map(named).join(' ')))
  return Object.fromEntries(
    TENANTS.map((tenant, t) => [
      tenant,
      Object.fromEntries(names.map((name, n) => [name, linesOf(found[t * names.length + n])])),
    ]),
  ) as Record<Tenant, Partial<Raw>>
}

/** What the model says that they find. */
export function expectedRaw(state: State, tenant: Tenant): Raw {
  const none = {
    resources: [],
    grants: [],
    all: [],
    clouds: [],
    members: [],
    tags: [],
    roles: [],
    assignments: [],
  }
  if (!state.tenants[tenant].active) return none
  const grants = Object.values(state.grants).filter((g) => [g.owner, g.tenant].includes(tenant))
  const all = Object.values(state.grantsOfAll).filter((g) => tenant === 'M' || g.tenant === tenant)
  const groups = Object.entries(state.groups).filter(([, group]) => group.tenant === tenant)
  const roles = Object.entries(state.roles).filter(([, role]) => role.tenant === tenant || role.multi)
  const assignments = Object.values(state.assignments).filter((a) => a.tenant === tenant)
  return {
    resources: byId(Object.keys(state.resources).filter((slot) => sees(state, tenant, slot))),
    grants: byId(grants.map((g) => [g.resource, g.tenant, g.role, g.status].join(' '))),
    all: byId(all.map((g) => [g.tenant, g.kind, g.role].join(' '))),
    clouds: byId(state.added[tenant]),
    members: byId(groups.flatMap(([id, { members }]) => members.map((slot) => `${id} ${slot}`))),
    tags: byId(state.tags[tenant]),
    roles: byId(roles.map(([slot, role]) => `${slot} ${role.template ?? ''}`)),
    assignments: byId(assignments.map((a) => [a.user, a.role, a.scope].join(' '))),
  }
}
