import type { StoredGrant } from '@/server/features/grants/grants-bulk.service'
import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

/** A resource at one moment, as far as a change concerned it. */
export interface State {
  assignedId: string
  visibility: 'private' | 'public'
  /** Of all tenants where the resource changed hands, else of those whose cells were changed. */
  grants: StoredGrant[]
}

/** What a change found and left of one resource. */
export interface ChangedRow {
  id: string
  kind: string
  name: string
  /** Tenants whose cells were changed; null: it changed hands, which concerns all. */
  tenants: string[] | null
  before: State
  after: State
}

export interface ChangeRecord {
  id: string
  createdAt: Date
  createdByName: string
  changed: number
  lines: string[]
  undoneAt: Date | null
  undoneByName: string
  /** Microseconds by which it is sorted. */
  key: string
  total: bigint
}

const KEPT = sql`c.created_at > now() - interval '7 days'`
const KEY = sql`(extract(epoch from c.created_at) * 1000000)::bigint`

/** Keeps what a change found and left. */
export async function insertChange(
  tx: WriteTx,
  c: {
    id: string
    tenantId: string
    by: string
    byName: string
    changed: number
    lines: string[]
    states: ChangedRow[]
  },
): Promise<void> {
  await tx.$executeRaw`
    insert into matrix_change (id, tenant_id, created_by, created_by_name, changed, lines, states)
    values (${c.id}::uuid, ${c.tenantId}::uuid, ${c.by}::uuid, ${c.byName}, ${c.changed}, ${JSON.stringify(c.lines)}::jsonb,
      ${JSON.stringify(c.states)}::jsonb)`
}

/** Up to `limit` + 1 changes of the last 7 days, the newest first, in the order of reading. */
export function listChanges(
  tx: Tx,
  tenantId: string,
  position: Position | null,
  limit: number,
): Promise<ChangeRecord[]> {
  const [key, id] = position?.values ?? []
  const [order, beyond] = position?.back ? [sql`asc`, sql`>`] : [sql`desc`, sql`<`]
  const after = position ? sql`and (${KEY}, c.id) ${beyond} (${key}::bigint, ${id}::uuid)` : nothing
  return tx.$queryRaw<ChangeRecord[]>`
    select c.id, c.created_at as "createdAt", c.created_by_name as "createdByName", c.changed, c.lines, c.undone_at as "undoneAt",
      c.undone_by_name as "undoneByName", ${KEY}::text as key,
      (select count(*) from (select 1 from matrix_change c where c.tenant_id = ${tenantId}::uuid and ${KEPT} limit ${COUNT_CAP + 1}) x) as total
    from matrix_change c where c.tenant_id = ${tenantId}::uuid and ${KEPT} ${after}
    order by ${KEY} ${order}, c.id ${order} limit ${limit + 1}`
}

/** A change of the last 7 days with all that it found and left. */
export async function findChange(
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<{ createdAt: Date; undoneAt: Date | null; changed: number; states: ChangedRow[] } | null> {
  const [row] = await tx.$queryRaw<
    { createdAt: Date; undoneAt: Date | null; changed: number; states: ChangedRow[] }[]
  >`
    select c.created_at as "createdAt", c.undone_at as "undoneAt", c.changed, c.states
    from matrix_change c where c.tenant_id = ${tenantId}::uuid and c.id = ${id}::uuid and ${KEPT}`
  return row ?? null
}

/** @returns whether it was not undone before */
export async function markUndone(
  tx: WriteTx,
  tenantId: string,
  id: string,
  byName: string,
): Promise<boolean> {
  const marked = await tx.$executeRaw`
    update matrix_change set undone_at = now(), undone_by_name = ${byName}
    where tenant_id = ${tenantId}::uuid and id = ${id}::uuid and undone_at is null`
  return marked === 1
}
