import type pg from 'pg'
import { idFor, scopeText } from './ids'
import { literal } from './literal'
import { grantKey } from './ops'
import { PERSONS, type State, type Tenant } from './state'
import { storedAccess, storedLevels } from './stored'

type Row = Record<string, unknown>
const insert = (table: string, rows: Row[]): string => {
  const columns = Object.keys(rows[0] ?? {})
  const values = rows.map((row) => `(${columns.map((column) => literal(row[column])).join(', ')})`)
  return rows.length === 0 ? '' : `insert into ${table} (${columns.join(', ')}) values ${values.join(', ')};`
}
const PAST = '2001-01-01'
const until = ({ expired }: { expired: boolean }) => (expired ? PAST : null)

const EMPTIED = [
  'resource',
  'resource_state',
  'access_grant',
  'access_grant_all',
  'tenant_cloud',
  'tenant_role_cloud',
]
EMPTIED.push('resource_group', 'resource_group_member', 'resource_tag', 'resource_link', 'role_assignment')

function ofTenants(state: State): string[] {
  const tenants = Object.entries(state.tenants).map(
    ([key, { active, cap }]) =>
      `update tenant set status = '${active ? 'active' : 'disabled'}', tenant_role_id = ${literal(cap && idFor(cap))} where id = '${idFor(key)}';`,
  )
  const caps = Object.entries(state.caps).map(([slot, cap]) =>
    cap.builtIn
      ? `update tenant_role set default_cloud_level = '${cap.cloudDefault}' where id = '${idFor(slot)}';`
      : insert('tenant_role', [
          {
            id: idFor(slot),
            name: slot,
            levels: storedLevels(cap.levels),
            sharing: cap.levels.sharing === 'full',
            default_cloud_level: cap.cloudDefault,
          },
        ]),
  )
  const clouds = Object.entries(state.caps).flatMap(([slot, cap]) =>
    Object.entries(cap.clouds).map(([cloud, level]) => ({
      tenant_role_id: idFor(slot),
      cloud_id: idFor(cloud),
      level,
    })),
  )
  const added = (Object.keys(state.added) as Tenant[]).flatMap((key) =>
    state.added[key].map((cloud) => ({ tenant_id: idFor(key), cloud_id: idFor(cloud) })),
  )
  return [...caps, ...tenants, insert('tenant_role_cloud', clouds), insert('tenant_cloud', added)]
}

function ofResources(state: State): string[] {
  const resources = Object.entries(state.resources).map(([slot, it]) => ({
    id: idFor(slot),
    kind: it.kind,
    name: it.name,
    owner_id: idFor(it.owner),
    assigned_id: idFor(it.assigned),
    visibility: it.visibility,
    cloud_id: it.cloud && idFor(it.cloud),
    created_by: it.createdBy && idFor(it.createdBy),
  }))
  const grants = Object.values(state.grants).map((g) => ({
    id: idFor(`grant ${grantKey(g.resource, g.tenant)}`),
    resource_id: idFor(g.resource),
    kind: state.resources[g.resource]?.kind,
    name: state.resources[g.resource]?.name,
    owner_id: idFor(g.owner),
    tenant_id: idFor(g.tenant),
    role: g.role,
    status: g.status,
    expires_at: until(g),
  }))
  const all = Object.values(state.grantsOfAll).map((g) => ({
    owner_id: idFor('M'),
    tenant_id: idFor(g.tenant),
    kind: g.kind,
    role: g.role,
    expires_at: until(g),
  }))
  const groups = Object.entries(state.groups)
  const members = groups.flatMap(([id, { tenant, members: of }]) =>
    of.map((slot) => ({ tenant_id: idFor(tenant), group_id: idFor(id), resource_id: idFor(slot) })),
  )
  const tags = Object.entries(state.tags).flatMap(([tenant, list]) =>
    list
      .map((text) => text.split(' '))
      .map(([slot = '', tag]) => ({ tenant_id: idFor(tenant), resource_id: idFor(slot), tag })),
  )
  return [
    insert('resource', resources),
    insert('access_grant', grants),
    insert('access_grant_all', all),
    insert(
      'resource_group',
      groups.map(([id, { tenant }]) => ({ id: idFor(id), tenant_id: idFor(tenant), name: id })),
    ),
    insert('resource_group_member', members),
    insert('resource_tag', tags),
  ]
}

function ofPeople(state: State): string[] {
  const roles = Object.entries(state.roles).filter(([, role]) => !role.builtIn)
  return [
    insert(
      'user_role',
      roles.map(([slot, role]) => ({
        id: idFor(slot),
        tenant_id: idFor(role.tenant),
        name: slot,
        multi_tenant: role.multi,
        locked: role.locked,
        template_id: role.template && idFor(role.template),
        levels: storedLevels(role.levels),
        access: storedAccess(role.access),
      })),
    ),
    insert(
      'role_assignment',
      Object.values(state.assignments).map((a) => ({
        tenant_id: idFor(a.tenant),
        user_id: idFor(a.user),
        role_id: idFor(a.role),
        scope: scopeText(a.scope, idFor),
        expires_at: until(a),
      })),
    ),
  ]
}

/** Makes a world of test/world.ts into what the model knows; beside the wall and its triggers. */
export async function plant(db: pg.Client, state: State): Promise<void> {
  const gone = [
    ...EMPTIED.map((table) => `delete from ${table};`),
    'delete from user_role where built_in is null;',
  ]
  gone.push(`delete from tenant_role where built_in is null;`)
  // At length it takes longer than a session rests.
  gone.push('update session set idle_expires_at = absolute_expires_at;')
  const people = PERSONS.map((name) => `'${idFor(name)}'`).join(', ')
  gone.push(`update user_account set status = 'disabled' where id not in (${people});`)
  await db.query(
    [
      'begin; set local session_replication_role = replica;',
      ...gone,
      ...ofTenants(state),
      ...ofResources(state),
      ...ofPeople(state),
      'commit',
    ].join('\n'),
  )
}
