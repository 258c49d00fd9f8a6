import type { Tx, WriteTx } from '@/server/db/scope'
import { joinSql, nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import type { UsageListInput, UsageMonth } from './usage.schema'

/** First day of a month that is written as 2026-11. */
const firstDay = (month: string) => sql`${`${month}-01`}::date`
const nextMonth = (month: string) => sql`(${firstDay(month)} + interval '1 month')::date`
/** What a month of daily counts comes to; `u` is usage_day. */
const SUMS = sql`count(*)::int as days, max(u.hosts) as peak, round(avg(u.hosts), 1)::float8 as average,
  (array_agg(u.users order by u.day desc))[1] as users, (array_agg(u.machines order by u.day desc))[1] as machines`

/** Months of one tenant that were counted, the oldest first. */
export function monthsOf(tx: Tx, tenantId: string, limit: number): Promise<UsageMonth[]> {
  return tx.$queryRaw<UsageMonth[]>`
    select * from (
      select to_char(u.day, 'YYYY-MM') as month, ${SUMS} from usage_day u where u.tenant_id = ${tenantId}::uuid
      group by 1 order by 1 desc limit ${limit}) x order by month`
}

export interface PoolMonth {
  month: string
  peak: number
  average: number
  limit: number | null
}

/** Months of all tenants together, with what the licence covered at the end, the oldest first. */
export function poolMonths(tx: Tx, limit: number): Promise<PoolMonth[]> {
  return tx.$queryRaw<PoolMonth[]>`
    select * from (
      select to_char(d.day, 'YYYY-MM') as month, max(d.hosts) as peak, round(avg(d.hosts), 1)::float8 as average,
        (array_agg(d.host_limit order by d.day desc))[1] as limit
      from pool_day d group by 1 order by 1 desc limit ${limit}) x order by month`
}

/** Tenants with a slice, and the hosts of all slices together. */
export async function sliceSum(tx: Tx): Promise<{ tenants: number; hosts: number }> {
  const [row] = await tx.$queryRaw<{ tenants: number; hosts: number }[]>`
    select count(*)::int as tenants, coalesce(sum(p.slice), 0)::int as hosts
    from tenant t join host_pool p on p.tenant_id = t.id where t.status <> 'deleted' and p.slice is not null`
  return row ?? { tenants: 0, hosts: 0 }
}

export interface TenantNow {
  hosts: number
  slice: number | null
}

/** Hosts that a tenant uses, and may use. */
export async function tenantNow(tx: Tx, tenantId: string): Promise<TenantNow> {
  const [row] = await tx.$queryRaw<TenantNow[]>`
    select p.hosts, p.slice from host_pool p where p.tenant_id = ${tenantId}::uuid`
  return row ?? { hosts: 0, slice: null }
}

/** Gives a tenant at most so many hosts; null: as many as there are. */
export async function setSlice(tx: WriteTx, tenantId: string, hosts: number | null): Promise<void> {
  await tx.$executeRaw`
    update host_pool p set slice = ${hosts}, updated_at = now() where p.tenant_id = ${tenantId}::uuid`
}

export interface UsageRecord extends TenantNow {
  id: string
  name: string
  icon: string
  status: 'active' | 'disabled' | 'deleted'
  peak: number | null
  average: number | null
  users: number | null
  machines: number | null
  key: string
}

const KEYS = {
  name: [sql`lower(t.name)`, sql`text`],
  hosts: [sql`p.hosts`, sql`int`],
  // Without a slice: after all that have one; not counted: before all that were.
  slice: [sql`coalesce(p.slice, 2147483647)`, sql`int`],
  peak: [sql`coalesce(u.peak, -1)`, sql`int`],
} as const

/** Tenants with what a month came to. Deleted ones only where they were counted in it. */
function tenantsWith(month: string, input: Pick<UsageListInput, 'search' | 'sort'>): Sql {
  const like = likeAnywhere(input.search)
  return sql`
    select t.id, t.name, t.icon, t.status, p.hosts, p.slice, u.peak, u.average, u.users, u.machines, ${KEYS[input.sort][0]} as key
    from tenant t join host_pool p on p.tenant_id = t.id
    left join lateral (select ${SUMS} from usage_day u where u.tenant_id = t.id and u.day >= ${firstDay(month)} and u.day < ${nextMonth(month)}
      having count(*) > 0) u on true
    where (t.status <> 'deleted' or u.peak is not null)
      ${input.search === '' ? nothing : sql`and (t.name ilike ${like} or t.slug ilike ${like})`}`
}

/** Up to `limit` + 1 tenants from `position` on; reversed when that says back. */
export function listUsage(
  tx: Tx,
  month: string,
  input: UsageListInput,
  position: Position | null,
): Promise<UsageRecord[]> {
  const down = input.desc !== (position?.back ?? false)
  const [order, beyond] = down ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`]
  const [key, id] = position?.values ?? []
  const after = position
    ? sql`where (x.key, x.id) ${beyond} (${String(key)}::${KEYS[input.sort][1]}, ${String(id)}::uuid)`
    : nothing
  return tx.$queryRaw<UsageRecord[]>`
    select x.id, x.name, x.icon, x.status, x.hosts, x.slice, x.peak, x.average, x.users, x.machines, x.key::text as key
    from (${tenantsWith(month, input)}) x ${after} order by x.key ${order}, x.id ${order} limit ${input.limit + 1}`
}

/** How many fit; stops counting at COUNT_CAP + 1. */
export async function countUsage(tx: Tx, month: string, input: UsageListInput): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from (${tenantsWith(month, input)}) x limit ${COUNT_CAP + 1}) y`
  return Number(row?.n ?? 0)
}

export type UsageLine = UsageMonth & { id: string; name: string; slug: string }

/** Months of up to `limit` tenants, by tenant and month. @param after the last tenant of the batch before @param only this tenant's */
export function linesOf(
  tx: Tx,
  range: { from: string; to: string },
  { after, only, limit }: { after?: string; only?: string; limit: number },
): Promise<UsageLine[]> {
  const which = [...(after ? [sql`t.id > ${after}::uuid`] : []), ...(only ? [sql`t.id = ${only}::uuid`] : [])]
  return tx.$queryRaw<UsageLine[]>`
    select t.id, t.name, t.slug, to_char(u.day, 'YYYY-MM') as month, ${SUMS}
    from (select t.* from tenant t ${which.length > 0 ? sql`where ${joinSql(which, ' and ')}` : nothing} order by t.id limit ${limit}) t
    join usage_day u on u.tenant_id = t.id and u.day >= ${firstDay(range.from)} and u.day < ${nextMonth(range.to)}
    group by t.id, t.name, t.slug, 4 order by t.id, 4`
}

/** The last tenant of the batch that begins after one; null: there are no more. */
export async function batchEnd(tx: Tx, after: string | undefined, limit: number): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    select x.id from (select t.id from tenant t ${after ? sql`where t.id > ${after}::uuid` : nothing} order by t.id limit ${limit}) x
    order by x.id desc limit 1`
  return row?.id ?? null
}

/** What else a tenant has: members, machines and clouds that it uses. */
export async function holdingsOf(tx: Tx, tenantId: string) {
  const [row] = await tx.$queryRaw<{ users: number; machines: number; clouds: number }[]>`
    select (select count(*)::int from membership m where m.tenant_id = ${tenantId}::uuid) as users,
      (select count(*)::int from resource r where r.assigned_id = ${tenantId}::uuid and r.kind = 'virtual_machine') as machines,
      (select count(*)::int from resource r where r.assigned_id = ${tenantId}::uuid and r.kind = 'cloud')
        + (select count(*)::int from tenant_cloud c where c.tenant_id = ${tenantId}::uuid) as clouds`
  return row ?? { users: 0, machines: 0, clouds: 0 }
}

/** What the provider is called. */
export async function providerName(tx: Tx): Promise<string> {
  const [row] = await tx.$queryRaw<{ name: string }[]>`select wall.provider_name() as name`
  return row?.name ?? ''
}
