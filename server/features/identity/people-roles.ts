import type { HeldRole } from '@/server/authz/reach'
import type { Tx } from '@/server/db/scope'
import { type Sql, sql } from '@/server/db/sql'

/** Whom it says who they are: the people who sign in by a source, and those whom a connection provisions, of either through the other, too. */
const PEOPLE: Record<'source' | 'connection', (tenantId: string) => Sql> = {
  source: (tenantId) => sql`
    select i.source_id as id, i.user_id from user_identity i where i.tenant_id = ${tenantId}::uuid
    union select c.source_id, p.user_id from scim_user p join scim_connection c on c.id = p.connection_id and c.tenant_id = p.tenant_id
    where p.tenant_id = ${tenantId}::uuid and c.source_id is not null`,
  connection: (tenantId) => sql`
    select p.connection_id as id, p.user_id from scim_user p where p.tenant_id = ${tenantId}::uuid
    union select c.id, i.user_id from scim_connection c join user_identity i on i.source_id = c.source_id
    where c.tenant_id = ${tenantId}::uuid and i.tenant_id = ${tenantId}::uuid`,
}

/**
 * The live roles, with their scopes, of everybody of each source or connection of the tenant, whoever gave them: who changes a source or
 * holds a connection's token may become any of its people (PRODUCT rule 8).
 * @param id of the only one that is meant
 */
export async function rolesOfPeople(
  tx: Tx,
  tenantId: string,
  kind: 'source' | 'connection',
  id?: string,
): Promise<Map<string, HeldRole[]>> {
  const rows = await tx.$queryRaw<(HeldRole & { of: string })[]>`
    with people as (${PEOPLE[kind](tenantId)}),
      held as (select distinct p.id, ra.role_id, ra.scope from people p join role_assignment ra on ra.user_id = p.user_id
        where ra.tenant_id = ${tenantId}::uuid and (ra.expires_at is null or ra.expires_at > now())
          and (${id ?? null}::uuid is null or p.id = ${id ?? null}::uuid))
    select h.id as of, r.built_in as "builtIn", r.levels, r.access, h.scope from held h join user_role r on r.id = h.role_id
    where r.tenant_id = ${tenantId}::uuid or r.multi_tenant`
  const found = new Map<string, HeldRole[]>()
  for (const { of, ...role } of rows) found.set(of, [...(found.get(of) ?? []), role])
  return found
}
