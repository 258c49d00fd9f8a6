import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, sql } from '@/server/db/sql'
import type { StoredGrant } from '@/server/features/grants/grants-bulk.service'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

/** A host, or what stands on one, before it goes. */
export interface Planned {
  id: string
  kind: string
  name: string
  /** A host that was chosen. */
  root: boolean
  ownerId: string
  owner: string
  assignedId: string
  assigned: string
  public: boolean
  /** Why it stays (wall.host_move_plan). */
  blocker: 'there' | 'owned' | 'cloud' | 'third' | null
  about: string | null
}

/** Hosts of any tenant with what stands on them; ids that are none of a host are missing. For parent-level users of the master. */
export function planOf(tx: Tx, ids: readonly string[], to: string): Promise<Planned[]> {
  return tx.$queryRaw<Planned[]>`
    select id, kind, name, root, owner_id as "ownerId", owner, assigned_id as "assignedId", assigned, public, blocker, about
    from wall.host_move_plan(${[...ids]}::uuid[], ${to}::uuid)`
}

/** Ids of all whose locks a migration takes. */
export async function tenantsOf(tx: Tx, ids: readonly string[], to: string): Promise<string[]> {
  const rows = await tx.$queryRaw<
    { id: string }[]
  >`select t as id from wall.host_move_tenants(${[...ids]}::uuid[], ${to}::uuid) t`
  return rows.map(({ id }) => id)
}

/** Moves them, and keeps what they were under the id of the move. @returns how many things moved */
export async function moveHosts(
  tx: WriteTx,
  moveId: string,
  ids: readonly string[],
  to: string,
): Promise<number> {
  const [row] = await tx.$queryRaw<
    { n: number }[]
  >`select wall.host_move(${moveId}::uuid, ${[...ids]}::uuid[], ${to}::uuid) as n`
  return row?.n ?? 0
}

/** What ended for a thing, as wall.host_move_keep kept it. */
export interface Kept {
  visibility: 'private' | 'public'
  groups?: { tenantId: string; name: string }[]
  tags?: { tenantId: string; tag: string }[]
  grants?: { tenant_id: string; tenant: string; status: StoredGrant['status']; expires_at: string | null }[]
  links?: { field: string }[]
}

export interface Item {
  id: string
  kind: string
  name: string
  root: boolean
  fromOwnerId: string
  fromAssignedId: string
  before: Kept
}

/** All that a migration moved, by kind and name. */
export function itemsOf(tx: Tx, tenantId: string, moveId: string): Promise<Item[]> {
  return tx.$queryRaw<Item[]>`
    select i.resource_id as id, i.kind, i.name, i.root, i.from_owner_id as "fromOwnerId", i.from_assigned_id as "fromAssignedId", i.before
    from host_move_item i where i.tenant_id = ${tenantId}::uuid and i.move_id = ${moveId}::uuid order by i.kind, i.name, i.resource_id`
}

export interface RoleUse {
  tenantId: string
  role: string
  entries: number
}

/** Roles that name one of these, of whatever tenant. */
export function roleUses(tx: Tx, ids: readonly string[]): Promise<RoleUse[]> {
  return tx.$queryRaw<RoleUse[]>`
    select tenant_id as "tenantId", role, entries::int as entries from wall.host_move_roles(${[...ids]}::uuid[])`
}

/** Names of tenants by their ids. */
export async function tenantNames(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.$queryRaw<
    { id: string; name: string }[]
  >`select t.id, t.name from tenant t where t.id = any (${[...ids]}::uuid[])`
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export interface MoveRecord {
  id: string
  toId: string
  to: string
  hosts: number
  createdAt: Date
  createdBy: string
  undoneAt: Date | null
  undoneBy: string
}

const COLUMNS = sql`m.id, m.to_tenant_id as "toId", coalesce(t.name, '') as "to", m.hosts, m.created_at as "createdAt",
  m.created_by_name as "createdBy", m.undone_at as "undoneAt", m.undone_by_name as "undoneBy"`
const KEPT = sql`m.created_at > now() - interval '7 days'`
const KEY = sql`(extract(epoch from m.created_at) * 1000000)::bigint`

/** Up to `limit` + 1 migrations of the last 7 days, the newest first, in the order of reading. */
export function listMoves(
  tx: Tx,
  tenantId: string,
  position: Position | null,
  limit: number,
): Promise<(MoveRecord & { key: string; total: bigint })[]> {
  const [key, id] = position?.values ?? []
  const [order, beyond] = position?.back ? [sql`asc`, sql`>`] : [sql`desc`, sql`<`]
  const after = position
    ? sql`and (m.created_at, m.id) ${beyond} ('epoch'::timestamptz + ${String(key)}::bigint * interval '1 microsecond', ${String(id)}::uuid)`
    : nothing
  return tx.$queryRaw<(MoveRecord & { key: string; total: bigint })[]>`
    select ${COLUMNS}, ${KEY}::text as key,
      (select count(*) from (select 1 from host_move m where m.tenant_id = ${tenantId}::uuid and ${KEPT} limit ${COUNT_CAP + 1}) x) as total
    from host_move m left join tenant t on t.id = m.to_tenant_id where m.tenant_id = ${tenantId}::uuid and ${KEPT} ${after}
    order by m.created_at ${order}, m.id ${order} limit ${limit + 1}`
}

/** A migration of the last 7 days. */
export async function findMove(tx: Tx, tenantId: string, id: string): Promise<MoveRecord | undefined> {
  const [row] = await tx.$queryRaw<MoveRecord[]>`
    select ${COLUMNS} from host_move m left join tenant t on t.id = m.to_tenant_id
    where m.tenant_id = ${tenantId}::uuid and m.id = ${id}::uuid and ${KEPT}`
  return row
}

/** Who gained and lost what by it, as its task told. */
export async function linesOfMove(tx: Tx, tenantId: string, id: string): Promise<string[]> {
  const [row] = await tx.$queryRaw<{ lines: string[] | null }[]>`
    select k.result -> 'lines' as lines from background_task k where k.tenant_id = ${tenantId}::uuid and k.id = ${id}::uuid`
  return row?.lines ?? []
}

/** Names of the first hosts of a migration, and how many things stood on all of them. */
export async function contentOf(
  tx: Tx,
  tenantId: string,
  id: string,
  limit: number,
): Promise<{ names: string[]; things: number }> {
  const [row] = await tx.$queryRaw<{ names: string[]; things: number }[]>`
    select array(select i.name from host_move_item i where i.tenant_id = ${tenantId}::uuid and i.move_id = ${id}::uuid and i.root
        order by i.name, i.resource_id limit ${limit}) as names,
      (select count(*)::int from host_move_item i where i.tenant_id = ${tenantId}::uuid and i.move_id = ${id}::uuid and not i.root) as things`
  return row ?? { names: [], things: 0 }
}

export interface BackBlocker {
  kind: string
  name: string
  blocker: 'gone' | 'moved' | 'since' | 'tenant'
  about: string
  total: bigint
}

/** What keeps a migration from being undone; at most `limit`. */
export function backBlockers(tx: Tx, id: string, limit: number): Promise<BackBlocker[]> {
  return tx.$queryRaw<BackBlocker[]>`
    select p.kind, p.name, p.blocker, p.about, count(*) over () as total from wall.host_move_back_plan(${id}::uuid) p
    order by p.blocker, p.kind, p.name limit ${limit}`
}

/** Ids of all whose locks the way back takes. */
export async function backTenants(tx: Tx, id: string): Promise<string[]> {
  const rows = await tx.$queryRaw<
    { id: string }[]
  >`select t as id from wall.host_move_back_tenants(${id}::uuid) t`
  return rows.map((row) => row.id)
}

type Counts = Record<'groups' | 'tags' | 'grants' | 'links', number>
/** What ended by an undo, and how much of what had ended came back. */
export interface Back {
  ended: Counts
  back: Counts
}

/** @throws a refusal of the database where something keeps it */
export async function moveBack(tx: WriteTx, id: string): Promise<Back> {
  const [row] = await tx.$queryRaw<{ value: Back }[]>`select wall.host_move_back(${id}::uuid) as value`
  if (!row) throw new Error('wall.host_move_back answers with one row')
  return row.value
}
