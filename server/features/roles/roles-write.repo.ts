import type { Levels } from '@/lib/permissions'
import type { StoredAccess } from '@/lib/access'
import type { WriteTx } from '@/server/db/scope'

export interface RoleContent {
  name: string
  description: string
  levels: Levels
  access: StoredAccess
  landing: string
}

/** A new role of the tenant. @param kind a template of the master, or a subtenant's copy of one */
export async function insertRole(
  tx: WriteTx,
  tenantId: string,
  id: string,
  role: RoleContent,
  kind: { multiTenant?: boolean; templateId?: string } = {},
): Promise<void> {
  const { name, description, landing } = role
  const [levels, access] = [JSON.stringify(role.levels), JSON.stringify(role.access)]
  if (kind.multiTenant) {
    await tx.$executeRaw`
      insert into user_role (id, tenant_id, name, description, levels, access, landing, multi_tenant)
      values (${id}::uuid, ${tenantId}::uuid, ${name}, ${description}, ${levels}::jsonb, ${access}::jsonb, ${landing}, true)`
  } else if (kind.templateId !== undefined) {
    await tx.$executeRaw`
      insert into user_role (id, tenant_id, name, description, levels, access, landing, template_id)
      values (${id}::uuid, ${tenantId}::uuid, ${name}, ${description}, ${levels}::jsonb, ${access}::jsonb, ${landing}, ${kind.templateId}::uuid)`
  } else {
    await tx.$executeRaw`
      insert into user_role (id, tenant_id, name, description, levels, access, landing)
      values (${id}::uuid, ${tenantId}::uuid, ${name}, ${description}, ${levels}::jsonb, ${access}::jsonb, ${landing})`
  }
}

/** Changes a role of the tenant. @returns false when it is none of its */
export async function updateRole(
  tx: WriteTx,
  tenantId: string,
  id: string,
  role: RoleContent,
): Promise<boolean> {
  const [levels, access] = [JSON.stringify(role.levels), JSON.stringify(role.access)]
  const n = await tx.$executeRaw`
    update user_role set name = ${role.name}, description = ${role.description}, levels = ${levels}::jsonb, access = ${access}::jsonb,
      landing = ${role.landing}, updated_at = clock_timestamp()
    where id = ${id}::uuid and tenant_id = ${tenantId}::uuid`
  return n === 1
}

/** Locks a template of the master, or unlocks it; `updated_at` stays, so that no open form is refused for it. */
export async function setLocked(tx: WriteTx, id: string, locked: boolean): Promise<void> {
  await tx.$executeRaw`update user_role set locked = ${locked} where id = ${id}::uuid and multi_tenant`
}

/** Removes a role that nobody holds; ended assignments go with it. */
export async function deleteRole(tx: WriteTx, tenantId: string, id: string): Promise<void> {
  await tx.$executeRaw`
    delete from role_assignment where tenant_id = ${tenantId}::uuid and role_id = ${id}::uuid and expires_at <= now()`
  await tx.$executeRaw`delete from user_role where id = ${id}::uuid and tenant_id = ${tenantId}::uuid`
}

/** Whoever holds one role in the tenant holds the other instead, in the same scope and until the same end. @returns how many assignments */
export async function moveAssignments(
  tx: WriteTx,
  tenantId: string,
  from: string,
  to: string,
): Promise<number> {
  const n = await tx.$executeRaw`
    insert into role_assignment (tenant_id, user_id, role_id, scope, expires_at, created_by, created_at)
    select tenant_id, user_id, ${to}::uuid, scope, expires_at, created_by, created_at from role_assignment
    where tenant_id = ${tenantId}::uuid and role_id = ${from}::uuid`
  await tx.$executeRaw`delete from role_assignment where tenant_id = ${tenantId}::uuid and role_id = ${from}::uuid`
  return n
}
