import type { Catalogue, Policy } from '@/test/catalogue'
import * as reviewed from '@/test/wall-reviewed'
import { DEFINER_FUNCTIONS } from '@/test/wall-reviewed-functions'

// The contract of the wall: each rule answers what it found wrong, nothing when all is well.

const SERVING = ['freehold_tenant', 'freehold_master', 'freehold_union', 'freehold_system', 'freehold_worker']
const GRANTEES = [...SERVING, 'freehold_definer', 'freehold_owner']
const COMMANDS: Record<string, string> = { SELECT: 'r', INSERT: 'a', UPDATE: 'w', DELETE: 'd' }
const PARTITION_KINDS = ['p']

/** K02: row-level security on and forced; every table is registered in one of the three shapes. */
function tableFindings({ relations, columns, indexes, foreignKeys }: Catalogue): string[] {
  const tables = relations.filter(({ kind }) => kind === 'r' || kind === 'p')
  const known = { ...reviewed.TENANT_ROOTED, ...reviewed.RESOURCE_ROOTED }
  return tables.flatMap(({ name, rls, force }) => {
    const found: string[] = []
    if (!rls) found.push(`${name}: row-level security is off`)
    if (!force) found.push(`${name}: row-level security is not forced on its owner`)
    const root = known[name]
    if (root === undefined && !reviewed.OF_THE_INSTALLATION.includes(name))
      found.push(`${name}: is of no registered shape`)
    if (root === undefined || name in reviewed.RESOURCE_ROOTED) return found
    const column = columns.find((c) => c.table === name && c.name === root)
    if (!column?.notNull || column.type !== 'uuid') found.push(`${name}: ${root} is not a uuid NOT NULL`)
    const leads = indexes.some((i) => i.table === name && !i.partial && i.columns[0] === root)
    if (!leads && !(name in reviewed.NO_LEADING_INDEX)) found.push(`${name}: no index leads with ${root}`)
    const tied = name === 'tenant' || foreignKeys.some((k) => k.table === name && k.columns.includes(root))
    if (!tied && name !== 'sign_in_code') found.push(`${name}: ${root} has no foreign key (A21)`)
    return found
  })
}

/** K10: a link between rows of tenants carries the tenant, so that none points across. */
function foreignKeyFindings({ foreignKeys }: Catalogue): string[] {
  const root = (table: string) => reviewed.TENANT_ROOTED[table] ?? reviewed.RESOURCE_ROOTED[table]
  const tenantOf = (columns: string[]) =>
    columns.some((c) => ['tenant_id', 'owner_id', 'home_tenant_id'].includes(c))
  const plain = foreignKeys.filter(
    (k) =>
      k.target !== 'tenant' &&
      root(k.target) !== undefined &&
      !(tenantOf(k.columns) && tenantOf(k.targetColumns)),
  )
  const unlisted = plain.filter((k) => !(k.name in reviewed.PLAIN_FOREIGN_KEYS))
  const gone = Object.keys(reviewed.PLAIN_FOREIGN_KEYS).filter((name) => !plain.some((k) => k.name === name))
  return [
    ...unlisted.map((k) => `${k.table}: ${k.name} does not carry the tenant`),
    ...gone.map((name) => `${name}: reviewed, but not there`),
  ]
}

/** K02, K12: per command and role a policy that asks the signed context; writing is never widened by sight. */
function policyFindings(catalogue: Catalogue): string[] {
  const { policies, grants, relations } = catalogue
  const found = policies.flatMap((policy) => judge(policy))
  for (const { name } of relations.filter(({ kind }) => kind === 'r')) {
    const granted = new Set(
      grants
        .filter((g) => g.table === name && g.privilege in COMMANDS)
        .map((g) => `${g.grantee} ${g.privilege}`),
    )
    for (const each of granted) {
      const [grantee = '', privilege = ''] = each.split(' ')
      const fits = (p: Policy) =>
        p.table === name && p.permissive && p.command === COMMANDS[privilege] && p.roles.includes(grantee)
      if (!policies.some(fits)) found.push(`${name}: ${grantee} may ${privilege} without a policy`)
    }
  }
  for (const command of ['a', 'd']) {
    const guard = (p: Policy) =>
      p.table === 'resource' && !p.permissive && p.command === command && p.roles.includes('freehold_tenant')
    if (!policies.some(guard)) found.push(`resource: no restrictive guard for ${command}`)
  }
  return found
}

const WIDE = /'public'|access_grant|ctx_clouds|ctx_granted_kinds|ctx_tenants\b/

function judge({ table, name, command, permissive, roles, using, check }: Policy): string[] {
  const found: string[] = []
  const say = (why: string) => found.push(`${table}: policy ${name} ${why}`)
  const texts = [using, check].filter((text) => text !== null)
  if (command === '*') say('is FOR ALL')
  if (roles.includes('PUBLIC')) say('is for PUBLIC')
  const behind =
    roles.every((role) => role === 'freehold_definer') ||
    (table === 'ctx_key' && roles.every((role) => role === 'freehold_owner'))
  for (const text of texts) {
    if (text === 'true' && !behind) say('is true')
    const asks =
      /wall\.ctx_/.test(text) || (table in reviewed.RESOURCE_ROOTED && /FROM resource r/.test(text))
    if (!behind && !asks) say('does not ask the signed context')
  }
  if (command === 'r' || behind) return found
  if (command === 'w' && check === null) say('lets rows move away: no WITH CHECK')
  if (texts.some((text) => WIDE.test(text))) say('lets sight widen a write')
  if (permissive && texts.some((text) => / OR /.test(text)) && !(name in reviewed.REVIEWED_OR))
    say('has an OR that nobody reviewed')
  return found
}

/** K06: no rights that go round row-level security, nothing for PUBLIC, no secrets, no change of whose a row is. */
function grantFindings({ grants, schemaGrants, columns }: Catalogue): string[] {
  const found: string[] = []
  for (const { table, column, grantee, privilege } of grants) {
    if (!GRANTEES.includes(grantee)) found.push(`${table}: ${grantee} has ${privilege}`)
    else if (!(privilege in COMMANDS)) found.push(`${table}: ${grantee} has ${privilege}`)
    else if (['freehold_system', 'freehold_worker'].includes(grantee))
      found.push(`${table}: ${grantee} has ${privilege}, and calls functions only`)
    else if (grantee === 'freehold_union' && privilege !== 'SELECT')
      found.push(`${table}: ${grantee} has ${privilege}`)
    if (!SERVING.includes(grantee)) continue
    const of = column === null ? columns.filter((c) => c.table === table).map((c) => c.name) : [column]
    const bad =
      privilege === 'SELECT' ? reviewed.SECRET_COLUMNS : privilege === 'UPDATE' ? reviewed.FIXED_COLUMNS : []
    const master =
      privilege === 'UPDATE' && grantee !== 'freehold_master' && table !== 'user_account'
        ? reviewed.MASTER_COLUMNS
        : []
    for (const name of of.filter((c) => bad.includes(c) || master.includes(c)))
      found.push(`${table}: ${grantee} may ${privilege} ${name}`)
  }
  for (const { schema, grantee, privilege } of schemaGrants) {
    if (!GRANTEES.includes(grantee)) found.push(`schema ${schema}: ${grantee} has ${privilege}`)
    if (privilege === 'CREATE' && grantee !== 'freehold_definer')
      found.push(`schema ${schema}: ${grantee} may CREATE`)
  }
  return found
}

/** K03, K05: no view, materialized view, foreign table or partition that would answer beside the policies. */
function relationFindings({ relations }: Catalogue): string[] {
  return relations.flatMap(({ name, kind, partition, options, owner }) => {
    if (kind === 'v' && !options.includes('security_invoker=true'))
      return [`${name}: view without security_invoker`]
    if (kind === 'm' || kind === 'f')
      return [`${name}: ${kind === 'm' ? 'materialized view' : 'foreign table'}`]
    if (partition || PARTITION_KINDS.includes(kind)) return [`${name}: partitions are not registered`]
    return kind === 'r' && owner !== 'freehold_owner' ? [`${name}: owned by ${owner}`] : []
  })
}

/** K04: SECURITY DEFINER functions are the reviewed ones, each with a fixed search_path, owned and callable as reviewed. */
function functionFindings({ routines }: Catalogue): string[] {
  const found: string[] = []
  for (const { name, definer, owner, config, execute } of routines) {
    if (execute.includes('PUBLIC')) found.push(`${name}: PUBLIC may call it`)
    if (!config.includes('search_path=pg_catalog, pg_temp'))
      found.push(`${name}: its search_path is not fixed`)
    if (!definer) continue
    const may = DEFINER_FUNCTIONS[name]
    if (!may) found.push(`${name}: SECURITY DEFINER and not reviewed`)
    if (owner !== 'freehold_definer') found.push(`${name}: SECURITY DEFINER owned by ${owner}`)
    const who = execute.filter((role) => role !== 'freehold_definer').sort()
    if (may && who.join() !== [...may].sort().join())
      found.push(`${name}: ${who.join() || 'nobody'} may call it`)
  }
  const gone = Object.keys(DEFINER_FUNCTIONS).filter(
    (name) => !routines.some((r) => r.name === name && r.definer),
  )
  return [...found, ...gone.map((name) => `${name}: reviewed, but not there`)]
}

/** K09: what is unique is so within a tenant, or says nothing about others. */
function uniqueFindings({ indexes }: Catalogue): string[] {
  const global = indexes.filter((i) => {
    const root = reviewed.TENANT_ROOTED[i.table]
    // a unique target of a composite foreign key repeats the primary key
    return i.unique && !(root !== undefined && i.table !== 'tenant' && i.columns.includes(root))
  })
  const unlisted = global.filter(({ name }) => !(name in reviewed.GLOBAL_UNIQUE))
  return unlisted.map(({ table, name }) => `${table}: ${name} is unique over all tenants`)
}

/** K01: what the serving roles are, and are not. */
function roleFindings({ roles }: Catalogue): string[] {
  return roles.flatMap((r) => {
    const found = (['super', 'bypass', 'createRole', 'createDb', 'replication'] as const)
      .filter((flag) => r[flag])
      .map((flag) => `${r.name}: ${flag}`)
    const group = r.name.startsWith('freehold_')
    if (group && (r.login || r.inherit)) found.push(`${r.name}: a group that signs in or inherits`)
    const expected = group
      ? r.name === 'freehold_owner'
        ? ['freehold_definer']
        : []
      : [`freehold_${r.name.split('_').at(-1)}`]
    if (r.memberOf.join() !== expected.join())
      found.push(`${r.name}: member of ${r.memberOf.join() || 'nothing'}`)
    return found
  })
}

export const RULES = {
  tableFindings,
  foreignKeyFindings,
  policyFindings,
  grantFindings,
  relationFindings,
  functionFindings,
  uniqueFindings,
  roleFindings,
}

/** All that is wrong with the wall of a database. */
export const wallFindings = (catalogue: Catalogue): string[] =>
  Object.values(RULES).flatMap((rule) => rule(catalogue))
