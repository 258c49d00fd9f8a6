import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

interface TokenRecord {
  id: string
  name: string
  maxUses: number
  uses: number
  expiresAt: Date
  revokedAt: Date | null
  createdAt: Date
  /** Microseconds, exact, for the cursor. */
  sortKey: string
  state: 'live' | 'used' | 'expired' | 'revoked'
  total: bigint
}

/** The tenant's tokens, newest first, `limit` + 1 of them; the state by the database's clock. */
export function listTokens(
  tx: Tx,
  tenantId: string,
  position: Position | null,
  limit: number,
): Promise<TokenRecord[]> {
  const order = position?.back ? sql`asc` : sql`desc`
  const beyond = position?.back ? sql`>` : sql`<`
  const [key, id] = position?.values ?? []
  const after = position
    ? sql`where (k."sortKey"::bigint, k.id) ${beyond} (${key}::bigint, ${id}::uuid)`
    : nothing
  return tx.$queryRaw<TokenRecord[]>`
    select k.*, (select count(*) from (select 1 from enrolment_token t where t.tenant_id = ${tenantId}::uuid limit ${COUNT_CAP + 1}) c) as total
    from (
      select t.id, t.name, t.max_uses as "maxUses", t.uses, t.expires_at as "expiresAt", t.revoked_at as "revokedAt", t.created_at as "createdAt",
        (extract(epoch from t.created_at) * 1000000)::bigint::text as "sortKey",
        case when t.revoked_at is not null then 'revoked' when t.uses >= t.max_uses then 'used' when t.expires_at <= now() then 'expired' else 'live' end as state
      from enrolment_token t where t.tenant_id = ${tenantId}::uuid
    ) k ${after} order by k."sortKey"::bigint ${order}, k.id ${order} limit ${limit + 1}`
}

interface NewToken {
  tenantId: string
  name: string
  tokenHash: Buffer
  maxUses: number
  expiresInHours: number
  createdBy: string
}

/** Its expiry goes by the database's clock, like all that decides. */
export async function insertToken(tx: WriteTx, token: NewToken): Promise<{ id: string; expiresAt: Date }> {
  const rows = await tx.$queryRaw<{ id: string; expiresAt: Date }[]>`
    insert into enrolment_token (tenant_id, name, token_hash, max_uses, expires_at, created_by)
    values (${token.tenantId}::uuid, ${token.name}, ${token.tokenHash}, ${token.maxUses}, now() + make_interval(hours => ${token.expiresInHours}::int),
      ${token.createdBy}::uuid)
    returning id, expires_at as "expiresAt"`
  const [row] = rows
  if (!row) throw new Error('an insert returns its row')
  return row
}

/** @returns its name; null when the tenant has no such token. Revoking twice is no error. */
export async function revokeToken(tx: WriteTx, tenantId: string, id: string): Promise<string | null> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    update enrolment_token set revoked_at = coalesce(revoked_at, now()) where id = ${id}::uuid and tenant_id = ${tenantId}::uuid returning name`
  return rows[0]?.name ?? null
}
