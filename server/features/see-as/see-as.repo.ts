import type { Tx } from '@/server/db/scope'
import type { RoleFact } from '@/server/authz/explain/facts'
import type { StoredRole } from '@/server/authz/rights'

type RoleRecord = Pick<RoleFact, 'id' | 'name' | 'builtIn' | 'levels' | 'access'>

/** Roles that people of the tenant can hold: its own, and templates that it has not made its own. @param id one of them only */
export function rolesThere(tx: Tx, tenantId: string, id: string | null): Promise<RoleRecord[]> {
  return tx.$queryRaw<RoleRecord[]>`
    select r.id, r.name, r.built_in as "builtIn", r.levels, r.access from user_role r
    where (r.tenant_id = ${tenantId}::uuid or r.multi_tenant
      and not exists (select 1 from user_role c where c.template_id = r.id and c.tenant_id = ${tenantId}::uuid))
      and (${id}::uuid is null or r.id = ${id}::uuid)
    order by r.built_in is null, r.name, r.id limit 200`
}

/** What the tenant role of a subtenant allows at most, for the master. */
export async function capThere(tx: Tx, tenantId: string): Promise<StoredRole | null> {
  const rows = await tx.$queryRaw<StoredRole[]>`
    select r.built_in as "builtIn", r.levels from tenant t join tenant_role r on r.id = t.tenant_role_id where t.id = ${tenantId}::uuid`
  return rows[0] ?? null
}
