import type { Tx, WriteTx } from '@/server/db/scope'
import { likeAnywhere } from '@/server/platform/page-schema'

interface Person {
  id: string
  name: string
}

export async function findOrganization(tx: Tx, id: string) {
  const rows = await tx.$queryRaw<
    { name: string; description: string; icon: string; slug: string; createdAt: Date }[]
  >`select name, description, icon, slug, created_at as "createdAt" from tenant where id = ${id}::uuid`
  return rows[0] ?? null
}

/** Active people who hold the built-in Owner role in the whole tenant. */
export function ownersOf(tx: Tx, tenantId: string): Promise<Person[]> {
  return tx.$queryRaw<Person[]>`
    select u.id, coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) as name
    from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id
    where ra.tenant_id = ${tenantId}::uuid and r.built_in = 'owner' and ra.scope = '' and u.status = 'active'
      and (ra.expires_at is null or ra.expires_at > now())
    order by 2, 1`
}

/** Active members by name, without this one, for whoever chooses a new owner. */
export function members(tx: Tx, tenantId: string, not: string, search: string) {
  const like = likeAnywhere(search)
  return tx.$queryRaw<(Person & { username: string })[]>`
    select u.id, coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) as name, u.username
    from membership m join user_account u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid and u.status = 'active' and u.id <> ${not}::uuid
      and (u.username ilike ${like} or u.first_name || ' ' || u.last_name ilike ${like})
    order by 2, 1 limit 20`
}

/** An active member; null: none. */
export async function findMember(tx: Tx, tenantId: string, id: string): Promise<Person | null> {
  const rows = await tx.$queryRaw<Person[]>`
    select u.id, coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) as name
    from membership m join user_account u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid and u.id = ${id}::uuid and u.status = 'active'`
  return rows[0] ?? null
}

/** `to` becomes owner; whoever was one becomes Admin. */
export async function handOver(
  tx: WriteTx,
  tenantId: string,
  to: string,
  from: readonly string[],
  by: string,
): Promise<void> {
  const give = (who: readonly string[], builtIn: string) => tx.$executeRaw`
    insert into role_assignment (tenant_id, user_id, role_id, scope, expires_at, created_by)
    select ${tenantId}::uuid, u.id, r.id, '', null, ${by}::uuid
    from user_role r, unnest(${[...who]}::uuid[]) u(id) where r.built_in = ${builtIn} and r.multi_tenant
    on conflict (tenant_id, user_id, role_id, scope) do update set expires_at = null`
  await give([to], 'owner')
  await give(from, 'admin')
  await tx.$executeRaw`
    delete from role_assignment ra using user_role r
    where r.id = ra.role_id and r.built_in = 'owner' and ra.tenant_id = ${tenantId}::uuid and ra.user_id = any (${[...from]}::uuid[])`
}

export async function updateOrganization(
  tx: WriteTx,
  { name, description, icon }: { name: string; description: string; icon: string },
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ code: string }[]>`
    select wall.organization_update(${name}, ${description}, ${icon}) as code`
  return rows[0]?.code === 'ok'
}

/** Tenants that have a share of this one, or were offered one. */
export async function partnersOf(tx: Tx, tenantId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select distinct g.tenant_id as id from access_grant g where g.owner_id = ${tenantId}::uuid`
  return rows.map(({ id }) => id)
}

/** @returns whether the person may, and it is done; the log has it */
export async function deleteOrganization(
  tx: WriteTx,
  days: { restore: number; rest: number },
  facts: { ip: string; requestId: string },
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ done: object | null }[]>`
    select wall.organization_delete(${days.restore}::int, ${days.rest}::int, ${facts.ip}, ${facts.requestId}) as done`
  return rows[0]?.done != null
}
