import type { NetworkLine } from '@/lib/networks'
import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, type Sql, sql } from '@/server/db/sql'

/** A tenant's list, in its order. */
export const listNetworks = (tx: Tx, tenantId: string): Promise<NetworkLine[]> =>
  tx.$queryRaw<NetworkLine[]>`
    select abbrev(network::inet) as network, note from tenant_network where tenant_id = ${tenantId}::uuid order by position, id`

/** Puts a list in place of the one that there is. */
export async function replaceNetworks(
  tx: WriteTx,
  tenantId: string,
  lines: readonly NetworkLine[],
): Promise<void> {
  await tx.$executeRaw`delete from tenant_network where tenant_id = ${tenantId}::uuid`
  await tx.$executeRaw`
    insert into tenant_network (tenant_id, position, network, note)
    select ${tenantId}::uuid, x.n, (x.line ->> 'network')::cidr, x.line ->> 'note'
    from jsonb_array_elements(${JSON.stringify(lines)}::jsonb) with ordinality x(line, n)`
}

export interface Person {
  userId: string
  name: string
  username: string
}
export interface Account extends Person {
  works: boolean
  appointedBy: string
  appointedAt: Date
}

const NAME = sql`coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username)`
/** As wall.break_glass_able, which has the last word; and the password is their own. @param rpId of the tenant's host */
const able = (tenantId: string, rpId: string): Sql => sql`u.status = 'active'
  and exists (select 1 from user_credential c where c.user_id = u.id and c.tenant_id = ${tenantId}::uuid and (c.expires_at is null or c.expires_at > now()) and not c.must_change)
  and not exists (select 1 from user_identity i where i.user_id = u.id and i.tenant_id = ${tenantId}::uuid)
  and (exists (select 1 from user_totp f where f.user_id = u.id and f.tenant_id = ${tenantId}::uuid) or exists (select 1 from user_passkey k where k.user_id = u.id and k.tenant_id = ${tenantId}::uuid and k.rp_id = ${rpId}))`

/** Accounts that get in from anywhere, the first appointed first. */
export const listAccounts = (tx: Tx, tenantId: string, rpId: string): Promise<Account[]> =>
  tx.$queryRaw<Account[]>`
    select u.id as "userId", ${NAME} as name, u.username, b.rp_id = ${rpId} and ${able(tenantId, rpId)} as works, b.appointed_by_name as "appointedBy",
      b.appointed_at as "appointedAt"
    from break_glass b join user_account u on u.id = b.user_id where b.tenant_id = ${tenantId}::uuid order by b.appointed_at, u.id`

/** People homed in the tenant who could be appointed, by name. @param only this one */
export const candidates = (tx: Tx, tenantId: string, rpId: string, only?: string): Promise<Person[]> =>
  tx.$queryRaw<Person[]>`
    select u.id as "userId", ${NAME} as name, u.username from user_account u
    where u.home_tenant_id = ${tenantId}::uuid ${only === undefined ? nothing : sql`and u.id = ${only}::uuid`} and ${able(tenantId, rpId)}
      and not exists (select 1 from break_glass b where b.user_id = u.id and b.tenant_id = ${tenantId}::uuid)
    order by 2, 1 limit 100`

/** Somebody homed in the tenant; null: nobody. */
export async function findPerson(tx: Tx, tenantId: string, userId: string): Promise<Person | null> {
  const rows = await tx.$queryRaw<Person[]>`
    select u.id as "userId", ${NAME} as name, u.username from user_account u
    where u.id = ${userId}::uuid and u.home_tenant_id = ${tenantId}::uuid`
  return rows[0] ?? null
}

/** Lets an account in from anywhere. @throws Error of the database for who does not qualify, and for a third one */
export async function appoint(
  tx: WriteTx,
  who: { userId: string; tenantId: string; rpId: string; by: string },
): Promise<void> {
  await tx.$executeRaw`
    insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name)
    values (${who.userId}::uuid, ${who.tenantId}::uuid, ${who.rpId}, ${who.by})`
}

/** Takes that back; what it opened ends. @returns whether it was one */
export async function dismiss(tx: WriteTx, tenantId: string, userId: string): Promise<boolean> {
  const n = await tx.$executeRaw`
    delete from break_glass where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid`
  return n === 1
}
