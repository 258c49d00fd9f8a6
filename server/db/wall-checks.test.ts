import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CUSTOMER_ROLE, resourceId, tenantId, userId } from '@/test/factories'
import { HOST_MOVE } from '@/test/plant-host-move'
import { createWorld, type World } from '@/test/world'
import { idOf } from '@/test/canary'

// What no row may say of whose it is, whoever writes it: tried as the owner of everything, whom no policy holds.

const [M, A, B] = (['M', 'A', 'B'] as const).map((key) => `'${tenantId(key)}'`)
const resource = (label: string) => `'${resourceId(label)}'`
const grant = (owner: string, tenant: string, label: string) =>
  `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role) values (${resource(label)}, 'host', 'x', ${owner}, ${tenant}, 'viewer')`
const grantAll = (owner: string, tenant: string) =>
  `insert into access_grant_all (owner_id, tenant_id, kind, role) values (${owner}, ${tenant}, 'host', 'viewer')`
const role = (tenant: string, more: string) =>
  `update user_role set ${more} where id = '${idOf(`role ${tenant} 1`)}'`

const directory = (key: 'A' | 'B') => idOf(`scim connection ${key}`)
const scimUser = (tenant: 'A' | 'B', name: 'Tom' | 'Bo', key: 'A' | 'B') =>
  `insert into scim_user (tenant_id, user_id, connection_id) values ('${tenantId(tenant)}', '${userId(name)}', '${directory(key)}')`
const scimGroup = (tenant: 'A' | 'B', key: 'A' | 'B') =>
  `insert into scim_group (id, tenant_id, connection_id, display_name) values ('${idOf('scim group')}', '${tenantId(tenant)}', '${directory(key)}', 'x')`
const scimMember = (name: 'Tom' | 'Bo') =>
  `insert into scim_member (tenant_id, connection_id, group_id, user_id) values (${A}, '${directory('A')}', '${idOf('scim group')}', '${userId(name)}')`

/** Constraint to a statement that breaks it, and nothing that is asked before it. */
const BROKEN: Record<string, string> = {
  access_grant_other_check: grant(`${M}`, `${M}`, 'master private'),
  access_grant_all_other_check: grantAll(`${M}`, `${M}`),
  access_grant_target_check: grant(`${A}`, `${M}`, 'A web'),
  access_grant_direct_check: `${grant(`${A}`, `${B}`, 'A web').replace('role)', 'role, direct)').replace("'viewer')", "'viewer', true)")}`,
  access_grant_all_target_check: `alter table access_grant_all drop constraint access_grant_all_other_check; ${grantAll(`${M}`, `${M}`)}`,
  access_grant_all_owner_check: grantAll(`${A}`, `${B}`),
  resource_assigned_check: `update resource set assigned_id = ${B} where id = ${resource('A web')}`,
  resource_cloud_check: `update resource set cloud_id = ${resource('second public cloud')} where id = ${resource('public cloud')}`,
  resource_public_check: `update resource set visibility = 'public' where id = ${resource('A web')}`,
  resource_visibility_check: `update resource set visibility = 'all' where id = ${resource('master private')}`,
  matrix_change_master_check: `insert into matrix_change (tenant_id, created_by, created_by_name, changed, lines, states) values (${A}, '${userId('Mara')}', 'x', 1, '[]', '[]')`,
  host_move_master_check: `insert into host_move (tenant_id, to_tenant_id, hosts, created_by_name) values (${A}, ${B}, 1, 'x')`,
  host_move_item_move_id_tenant_id_fkey: `update host_move_item set tenant_id = ${A} where move_id = '${HOST_MOVE}'`,
  impersonation_tenant_check: `insert into impersonation (tenant_id, actor_id, actor_name, subject_id, subject_name, reason, minutes, read_only) values (${M}, '${userId('Mara')}', 'x', '${userId('Sam')}', 'x', 'for the test', 30, true)`,
  tenant_cap_check: `update tenant set tenant_role_id = null where id = ${A}`,
  tenant_role_built_in_check: `update tenant_role set levels = '{"users":"full"}' where id = '${CUSTOMER_ROLE}'`,
  tenant_role_sharing_check: `insert into tenant_role (name, sharing) values ('x', true)`,
  user_account_parent_check: `update user_account set parent_level = true where id = '${userId('Tom')}'`,
  sign_up_tenant_check: `insert into sign_up (email, name, slug, status, tenant_id, expires_at) values ('a@b.example', 'x', 'x', 'mailed', ${A}, now())`,
  user_role_built_in_check: `update user_role set levels = '{"users":"full"}' where built_in = 'viewer'`,
  user_role_locked_check: role('A', 'locked = true'),
  user_role_multi_tenant_check: role('A', 'multi_tenant = true'),
  user_role_template_check: role('M', `template_id = (select id from user_role where built_in = 'admin')`),
  // of links: both ends are one tenant's (K10)
  access_grant_resource_id_owner_id_fkey: `alter table access_grant disable trigger access_grant_guard; ${grant(`${A}`, `${B}`, 'master private')}`,
  account_link_user_id_tenant_id_fkey: `insert into account_link (tenant_id, user_id, kind, token_hash, email, from_email, password_changed_at, expires_at) values (${B}, '${userId('Tom')}', 'reset', 'x', 'a@b.example', 'a@b.example', now(), now())`,
  user_machine_login_user_id_tenant_id_fkey: `insert into user_machine_login (tenant_id, user_id, system, username, sealed_secret) values (${B}, '${userId('Tom')}', 'linux', 'x', 'x')`,
  user_passkey_user_id_tenant_id_fkey: `insert into user_passkey (tenant_id, user_id, rp_id, name, credential_id, public_key, counter) values (${B}, '${userId('Tom')}', 'x', 'x', 'x', 'x', 0)`,
  user_recovery_code_user_id_tenant_id_fkey: `insert into user_recovery_code (tenant_id, user_id, code_hash) values (${B}, '${userId('Tom')}', 'x')`,
  break_glass_user_id_tenant_id_fkey: `alter table break_glass disable trigger break_glass_guard; insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ('${userId('Tom')}', ${B}, 'x', 'x')`,
  user_totp_user_id_tenant_id_fkey: `insert into user_totp (tenant_id, user_id, sealed_secret, last_step) values (${B}, '${userId('Tom')}', 'x', 0)`,
  audit_seal_event_id_tenant_id_fkey: `with e as (insert into audit_event (tenant_id, actor_name, event) values (${A}, 'x', 'x') returning id) insert into audit_seal (tenant_id, n, event_id, prev, hash) select ${B}, 1000000, id, '\\x01', '\\x02' from e`,
  identity_role_map_source_id_tenant_id_fkey: `insert into identity_role_map (tenant_id, source_id, claim_value, role_id) values (${A}, '${idOf('identity source B')}', 'x', '${idOf('role A 1')}')`,
  identity_answer_source_id_tenant_id_fkey: `insert into identity_answer (request_hash, tenant_id, source_id, sealed, expires_at) values (decode(repeat('ab', 32), 'hex'), ${A}, '${idOf('identity source B')}', 'x', now())`,
  user_identity_source_id_tenant_id_fkey: `insert into user_identity (tenant_id, issuer, subject, user_id, source_id) values (${A}, 'https://x.example', 'x', '${userId('Tom')}', '${idOf('identity source B')}')`,
  user_identity_user_id_tenant_id_fkey: `insert into user_identity (tenant_id, issuer, subject, user_id, source_id) values (${A}, 'https://x.example', 'x', '${userId('Bo')}', '${idOf('identity source A')}')`,
  scim_connection_source_id_tenant_id_fkey: `update scim_connection set source_id = '${idOf('identity source B')}' where id = '${directory('A')}'`,
  scim_role_map_connection_id_tenant_id_fkey: `insert into scim_role_map (tenant_id, connection_id, group_name, role_id) values (${A}, '${directory('B')}', 'x', '${idOf('role A 1')}')`,
  scim_user_connection_id_tenant_id_fkey: scimUser('A', 'Tom', 'B'),
  scim_user_user_id_tenant_id_fkey: scimUser('A', 'Bo', 'A'),
  scim_group_connection_id_tenant_id_fkey: scimGroup('A', 'B'),
  scim_member_group_id_connection_id_tenant_id_fkey: `${scimUser('A', 'Tom', 'A')}; ${scimGroup('B', 'B')}; ${scimMember('Tom')}`,
  scim_member_user_id_connection_id_tenant_id_fkey: `${scimUser('B', 'Bo', 'B')}; ${scimGroup('A', 'A')}; ${scimMember('Bo')}`,
  resource_group_member_group_id_tenant_id_fkey: `insert into resource_group_member (tenant_id, group_id, resource_id) values (${A}, '${idOf('group B 1')}', ${resource('A web')})`,
  role_assignment_tenant_id_user_id_fkey: `insert into role_assignment (tenant_id, user_id, role_id) values (${A}, '${userId('Bo')}', '${idOf('role A 1')}')`,
  session_impersonation_id_tenant_id_fkey: `update session set impersonation_id = '${idOf('impersonation A asked')}' where id = '${idOf('session Bo')}'`,
  user_credential_user_id_tenant_id_fkey: `update user_credential set tenant_id = ${B} where user_id = '${userId('Tom')}'`,
}
/** Columns that say whose a row is or who sees it: what checks them has an attempt above. */
const WHOSE =
  'tenant_id home_tenant_id owner_id assigned_id visibility cloud_id parent_level multi_tenant locked template_id built_in sharing tenant_role_id'

describe('what no row may say of whose it is', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  it('K10 every constraint about it has an attempt to break it, and every attempt a constraint', async () => {
    const { rows } = await world.admin.query<{ name: string }>(
      `select c.conname as name from pg_constraint c where c.connamespace = 'public'::regnamespace
        and (c.contype = 'c' or c.contype = 'f' and cardinality(c.conkey) > 1)
        and exists (select 1 from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname = any (string_to_array($1, ' ')))
      order by 1`,
      [WHOSE],
    )
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(BROKEN).sort())
  })

  it.each(Object.entries(BROKEN))('K10 V4 %s holds', async (constraint, statement) => {
    await world.admin.query('begin')
    const done = world.admin.query(`${statement}; set constraints all immediate`)
    await expect(done.finally(() => world.admin.query('rollback'))).rejects.toMatchObject({ constraint })
  })
})
