import { idFor, scopeText } from './ids'
import { literal } from './literal'
import { expiring } from './model'
import { allKey, grantKey, type Op, type OpName, type OpOf } from './ops'
import { nthAssignment } from './rules-roles'
import type { Layer } from './connection'
import { homeOf, type Person, type State } from './state'
import { storedAccess, storedLevels } from './stored'

/** Text with every hole made a literal. */
const q = (strings: TemplateStringsArray, ...values: unknown[]): string =>
  strings.reduce((text, piece, i) => text + literal(values[i - 1]) + piece)
const PAST = '2001-01-01'

/** The statements of an operation as SQL of its actor's own: the first must hit a row, else it was refused. */
type Statements = { [Name in OpName]: (op: OpOf<Name>, state: State, layer: Layer) => string[] }

const grantId = (slot: string, to: string) => idFor(`grant ${grantKey(slot, to as 'A')}`)
const assignmentOf = (state: State, key: string | null) => {
  const a = state.assignments[key ?? '']
  return a
    ? q`tenant_id = ${idFor(a.tenant)} and user_id = ${idFor(a.user)} and role_id = ${idFor(a.role)} and scope = ${scopeText(a.scope, idFor)}`
    : 'false'
}
/** Moving assignments is taking away and giving: only ends may be changed in place. */
const move = (tenant: string, from: string, to: string) => [
  q`insert into role_assignment (id, tenant_id, user_id, role_id, scope, expires_at)
    select gen_random_uuid(), tenant_id, user_id, ${to}, scope, expires_at from role_assignment where tenant_id = ${tenant} and role_id = ${from}
    on conflict (tenant_id, user_id, role_id, scope) do nothing`,
  q`delete from role_assignment where tenant_id = ${tenant} and role_id = ${from}`,
]
const roleColumns = ({ levels, access }: OpOf<'editRole'>) =>
  q`levels = ${storedLevels(levels)}, access = ${storedAccess(access)}`

/** Without policies a statement says itself whose rows it means; else that is the policies' part. */
const mine = (by: Person, layer: Layer) =>
  layer === 'no-policies' ? q` and tenant_id = ${idFor(homeOf(by))}` : ''

const RESOURCES: Pick<
  Statements,
  'create' | 'rename' | 'edit' | 'remove' | 'assign' | 'publish' | 'member' | 'tag'
> = {
  create: ({ by, slot, kind, name, cloud }, state) => {
    const owner = homeOf(by)
    const stands = kind === 'cloud' ? slot : cloud
    const it = stands === null ? undefined : state.resources[stands]
    const assigned = owner === 'M' && it?.owner === 'M' ? it.assigned : owner
    return [
      q`insert into resource (id, kind, name, owner_id, assigned_id, cloud_id, created_by)
        values (${idFor(slot)}, ${kind}, ${name}, ${idFor(owner)}, ${idFor(assigned)}, ${stands && idFor(stands)}, ${idFor(by)})`,
    ]
  },
  rename: ({ slot, name }) => [q`update resource set name = ${name} where id = ${idFor(slot)}`],
  edit: ({ slot }) => [q`update resource set spec = '{"note":"x"}' where id = ${idFor(slot)}`],
  remove: ({ slot }) => [q`delete from resource where id = ${idFor(slot)}`],
  assign: ({ slot, to }) => [
    q`update resource set assigned_id = ${idFor(to)}, visibility = 'private'
      where owner_id = ${idFor('M')} and (id = ${idFor(slot)} or cloud_id = ${idFor(slot)})`,
  ],
  publish: ({ slot, visibility }) => [
    q`update resource set visibility = ${visibility} where id = ${idFor(slot)}`,
  ],
  member: ({ by, group, slot, add }, _state, layer) => [
    add
      ? q`insert into resource_group_member (tenant_id, group_id, resource_id) values (${idFor(homeOf(by))}, ${idFor(group)}, ${idFor(slot)})`
      : q`delete from resource_group_member where group_id = ${idFor(group)} and resource_id = ${idFor(slot)}` +
        mine(by, layer),
  ],
  tag: ({ by, slot, tag, add }, _state, layer) => [
    add
      ? q`insert into resource_tag (tenant_id, resource_id, tag) values (${idFor(homeOf(by))}, ${idFor(slot)}, ${tag})`
      : q`delete from resource_tag where resource_id = ${idFor(slot)} and tag = ${tag}` + mine(by, layer),
  ],
}

const GRANTS: Pick<
  Statements,
  'grant' | 'changeGrant' | 'revoke' | 'accept' | 'acceptance' | 'grantAll' | 'revokeAll' | 'expire'
> = {
  grant: ({ by, slot, to, role }) => [
    q`insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role)
      values (${grantId(slot, to)}, ${idFor(slot)}, '', '', ${idFor(homeOf(by))}, ${idFor(to)}, ${role})`,
  ],
  changeGrant: ({ slot, to, role }) => [
    q`update access_grant set role = ${role} where id = ${grantId(slot, to)}`,
  ],
  revoke: ({ slot, to }) => [q`delete from access_grant where id = ${grantId(slot, to)}`],
  accept: ({ by, slot }) => [
    q`select 1 from wall.grant_accept(${grantId(slot, homeOf(by))}) done where done`,
  ],
  acceptance: ({ on }) => [q`update installation set shares_require_acceptance = ${on}`],
  grantAll: ({ to, kind, role }) => [
    q`insert into access_grant_all (owner_id, tenant_id, kind, role) values (${idFor('M')}, ${idFor(to)}, ${kind}, ${role})
      on conflict (owner_id, tenant_id, kind) do update set role = excluded.role, expires_at = null`,
  ],
  revokeAll: ({ to, kind }) => [
    q`delete from access_grant_all where tenant_id = ${idFor(to)} and kind = ${kind}`,
  ],
  expire: (op, state) => {
    const key = expiring(state, op)
    if (op.what === 'assignment')
      return [q`update role_assignment set expires_at = ${PAST} where ` + assignmentOf(state, key)]
    const grant = state.grants[key ?? '']
    if (grant)
      return [
        q`update access_grant set expires_at = ${PAST} where id = ${grantId(grant.resource, grant.tenant)}`,
      ]
    const all = Object.values(state.grantsOfAll).find((one) => allKey(one.tenant, one.kind) === key)
    return [
      q`update access_grant_all set expires_at = ${PAST} where tenant_id = ${all && idFor(all.tenant)} and kind = ${all?.kind}`,
    ]
  },
}

const CAPS: Pick<
  Statements,
  'capCloud' | 'capDefault' | 'capLevels' | 'setCap' | 'setStatus' | 'addCloud' | 'dropCloud'
> = {
  capCloud: ({ cap, cloud, level }) => [
    level === null
      ? q`with gone as (delete from tenant_role_cloud where tenant_role_id = ${idFor(cap)} and cloud_id = ${idFor(cloud)} returning 1)
          select count(*) from gone`
      : q`insert into tenant_role_cloud (tenant_role_id, cloud_id, level) values (${idFor(cap)}, ${idFor(cloud)}, ${level})
          on conflict (tenant_role_id, cloud_id) do update set level = excluded.level`,
  ],
  capDefault: ({ cap, level }) => [
    q`update tenant_role set default_cloud_level = ${level} where id = ${idFor(cap)}`,
  ],
  capLevels: ({ cap, levels }) => [
    q`update tenant_role set levels = ${storedLevels(levels)}, sharing = ${levels.sharing === 'full'} where id = ${idFor(cap)}`,
  ],
  setCap: ({ tenant, cap }) => [
    q`update tenant set tenant_role_id = ${idFor(cap)} where id = ${idFor(tenant)}`,
  ],
  setStatus: ({ tenant, active }) => [
    q`update tenant set status = ${active ? 'active' : 'disabled'} where id = ${idFor(tenant)}`,
  ],
  addCloud: ({ by, cloud }) => [
    q`insert into tenant_cloud (tenant_id, cloud_id) values (${idFor(homeOf(by))}, ${idFor(cloud)})`,
  ],
  dropCloud: ({ by, cloud }, _state, layer) => [
    q`delete from tenant_cloud where cloud_id = ${idFor(cloud)}` + mine(by, layer),
  ],
}

const insertRole = (
  slot: string,
  by: Parameters<typeof homeOf>[0],
  more: string,
  values: string,
  of: OpOf<'editRole'>,
) =>
  q`insert into user_role (id, tenant_id, name, levels, access` +
  more +
  q`) values (${idFor(slot)}, ${idFor(homeOf(by))}, ${slot}, ${storedLevels(of.levels)}, ${storedAccess(of.access)}` +
  `${values})`

const ROLES: Pick<
  Statements,
  'createRole' | 'editRole' | 'deleteRole' | 'diverge' | 'relink' | 'assignRole' | 'unassign'
> = {
  createRole: ({ by, role, multi, levels, access }) => {
    const [more, value] = multi || homeOf(by) === 'M' ? [', multi_tenant', `, ${multi}`] : ['', '']
    return [insertRole(role, by, more, value, { op: 'editRole', by, role, levels, access })]
  },
  editRole: (op) => [q`update user_role set ` + roleColumns(op) + q` where id = ${idFor(op.role)}`],
  deleteRole: ({ role }) => [q`delete from user_role where id = ${idFor(role)}`],
  diverge: ({ by, template, role, levels, access }) => [
    insertRole(role, by, ', template_id', q`, ${idFor(template)}`, {
      op: 'editRole',
      by,
      role,
      levels,
      access,
    }),
    ...move(idFor(homeOf(by)), idFor(template), idFor(role)),
  ],
  relink: ({ by, role }, state) => [
    q`select 1 from user_role where id = ${idFor(role)} and template_id is not null for update`,
    ...move(idFor(homeOf(by)), idFor(role), idFor(state.roles[role]?.template ?? '')),
    q`delete from user_role where id = ${idFor(role)}`,
  ],
  assignRole: ({ by, user, role, scope, expired }) => [
    q`insert into role_assignment (id, tenant_id, user_id, role_id, scope, expires_at) values (${idFor(`a ${by} ${user} ${role} ${scope}`)},
      ${idFor(homeOf(by))}, ${idFor(user)}, ${idFor(role)}, ${scopeText(scope, idFor)}, ${expired ? PAST : null})`,
  ],
  unassign: ({ by, nth }, state) => [
    `delete from role_assignment where ${assignmentOf(state, nthAssignment(state, homeOf(by), nth))}`,
  ],
}

const ALL: Statements = { ...RESOURCES, ...GRANTS, ...CAPS, ...ROLES }

/** What an operation is in SQL; the first statement must hit a row. */
export const statementsOf = (state: State, op: Op, layer: Layer): string[] =>
  (ALL[op.op] as (op: Op, state: State, layer: Layer) => string[])(op, state, layer)
