import { MASTER_TENANT_ID } from '@/lib/master'
import type { ChainRow } from '@/server/features/audit/audit.chain'
import type { AuditFilters } from '@/server/features/audit/audit.schema'
import type { Tx } from '@/server/db/scope'
import { Prisma } from '@/server/generated/prisma/client'
import type { Position } from '@/server/platform/cursor'

export interface AuditDbRow {
  id: string
  n: bigint
  at: Date
  /** `at` in microseconds since 1970: a Date has milliseconds only, too coarse to page by. */
  at_us: bigint
  tenant_id: string
  tenant_name: string
  tenant_slug: string
  tenant_icon: string
  actor_id: string | null
  actor_name: string
  actor_tenant_id: string | null
  subject_id: string | null
  subject_name: string
  acting_session_id: string | null
  acting_reason: string
  event: string
  target_kind: string
  target_id: string
  target_name: string
  result: 'ok' | 'denied' | 'failed'
  reason: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  ip: string
  request_id: string
}

const COLUMNS = Prisma.sql`e.id, s.n, e.at, (extract(epoch from e.at) * 1000000)::bigint as at_us, e.tenant_id, t.name as tenant_name, t.slug as tenant_slug, t.icon as tenant_icon, e.actor_id, e.actor_name,
  e.actor_tenant_id, e.subject_id, e.subject_name, e.acting_session_id, e.acting_reason, e.event, e.target_kind, e.target_id, e.target_name, e.result, e.reason, e.before, e.after, e.ip, e.request_id`

function where(filters: AuditFilters): Prisma.Sql {
  const q = filters.search?.toLowerCase()
  const parts = [Prisma.sql`true`]
  if (q)
    parts.push(
      Prisma.sql`position(${q} in lower(e.actor_name || ' ' || e.subject_name || ' ' || e.event || ' ' || e.target_name || ' ' || e.target_id || ' ' || e.reason)) > 0`,
    )
  if (filters.result?.length) parts.push(Prisma.sql`e.result = any (${filters.result})`)
  if (filters.area?.length) parts.push(Prisma.sql`split_part(e.event, '.', 1) = any (${filters.area})`)
  if (filters.actingSession) parts.push(Prisma.sql`e.acting_session_id = ${filters.actingSession}::uuid`)
  if (filters.ofProvider)
    parts.push(Prisma.sql`e.actor_tenant_id = ${MASTER_TENANT_ID}::uuid and e.acting_session_id is null`)
  if (filters.from) parts.push(Prisma.sql`e.at >= ${filters.from}::timestamptz`)
  if (filters.to) parts.push(Prisma.sql`e.at < ${filters.to}::timestamptz`)
  return Prisma.join(parts, ' and ')
}

/** A tenant's log by seal number, newest first: a window that was read once never changes (security.md 4.3). */
export function findOfTenant(
  tx: Tx,
  tenantId: string,
  filters: AuditFilters,
  position: Position | null,
): Promise<AuditDbRow[]> {
  const n = position && BigInt(String(position.values[0]))
  const place = !position ? Prisma.sql`true` : position.back ? Prisma.sql`s.n > ${n}` : Prisma.sql`s.n < ${n}`
  const order = position?.back ? Prisma.sql`asc` : Prisma.sql`desc`
  return tx.$queryRaw<AuditDbRow[]>`
    select ${COLUMNS} from audit_seal s
    join audit_event e on e.id = s.event_id and e.tenant_id = s.tenant_id
    join tenant t on t.id = s.tenant_id
    where s.tenant_id = ${tenantId}::uuid and ${place} and ${where(filters)}
    order by s.n ${order} limit ${filters.limit + 1}`
}

/** All logs together, newest first; the master's only. */
export function findOfAll(
  tx: Tx,
  tenantId: string | undefined,
  filters: AuditFilters,
  position: Position | null,
): Promise<AuditDbRow[]> {
  const [us, id] = position?.values ?? []
  const row = Prisma.sql`('epoch'::timestamptz + ${String(us)}::bigint * interval '1 microsecond', ${String(id)}::uuid)`
  const place = !position
    ? Prisma.sql`true`
    : position.back
      ? Prisma.sql`(e.at, e.id) > ${row}`
      : Prisma.sql`(e.at, e.id) < ${row}`
  const order = position?.back ? Prisma.sql`e.at asc, e.id asc` : Prisma.sql`e.at desc, e.id desc`
  const only = tenantId === undefined ? Prisma.sql`true` : Prisma.sql`e.tenant_id = ${tenantId}::uuid`
  return tx.$queryRaw<AuditDbRow[]>`
    select ${COLUMNS} from audit_event e
    join audit_seal s on s.event_id = e.id
    join tenant t on t.id = e.tenant_id
    where ${only} and ${place} and ${where(filters)}
    order by ${order} limit ${filters.limit + 1}`
}

export interface SealRow {
  n: bigint
  prev: string
  hash: string
  fits: boolean
}

/** Part of a tenant's chain in order, each link recomputed from its event by the database. */
export function findSeals(tx: Tx, tenantId: string, afterN: bigint, limit: number): Promise<SealRow[]> {
  return tx.$queryRaw<SealRow[]>`
    select s.n, encode(s.prev, 'hex') as prev, encode(s.hash, 'hex') as hash, wall.audit_digest(e, s.n, s.prev) = s.hash as fits
    from audit_seal s join audit_event e on e.id = s.event_id and e.tenant_id = s.tenant_id
    where s.tenant_id = ${tenantId}::uuid and s.n > ${afterN} order by s.n limit ${limit}`
}

/** How many events and seals a tenant has: an event without a seal, or the reverse, is a break. */
export async function countChain(tx: Tx, tenantId: string): Promise<{ events: number; seals: number }> {
  const [row] = await tx.$queryRaw<{ events: bigint; seals: bigint }[]>`
    select (select count(*) from audit_event where tenant_id = ${tenantId}::uuid) as events,
      (select count(*) from audit_seal where tenant_id = ${tenantId}::uuid) as seals`
  return { events: Number(row?.events ?? 0), seals: Number(row?.seals ?? 0) }
}

export async function tenantExists(tx: Tx, tenantId: string): Promise<boolean> {
  return (await tx.tenant.count({ where: { id: tenantId } })) > 0
}

/** Part of a tenant's chain as text, for a recomputation outside of the database. An event without a seal has n 0. */
export function findChain(tx: Tx, tenantId: string, afterN: number, limit: number): Promise<ChainRow[]> {
  return tx.$queryRaw<ChainRow[]>`
    select s.tenant_id::text as tenant, s.n::text as n, encode(s.prev, 'hex') as prev, encode(s.hash, 'hex') as hash,
      array[e.id::text, e.tenant_id::text, (extract(epoch from e.at) * 1000000)::bigint::text, e.actor_id::text, e.actor_name, e.subject_id::text,
        e.subject_name, e.actor_tenant_id::text, e.event, e.target_kind, e.target_id, e.target_name, e.result, e.reason, e.before::text,
        e.after::text, e.ip, e.request_id] as fields,
      array[e.acting_session_id::text, e.acting_reason] as acting
    from audit_seal s join audit_event e on e.id = s.event_id and e.tenant_id = s.tenant_id
    where s.tenant_id = ${tenantId}::uuid and s.n > ${afterN} order by s.n limit ${limit}`
}

export function findTenants(tx: Tx): Promise<{ id: string; slug: string }[]> {
  return tx.tenant.findMany({ select: { id: true, slug: true }, orderBy: { createdAt: 'asc' } })
}
