import { MASTER_TENANT_ID } from '@/lib/master'
import { levelOf, LEVEL_WORDS, type Reason } from '@/lib/matrix'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { StoredGrant, WantedGrant } from '@/server/features/grants/grants-bulk.service'
import type { CellChange, MatrixChange, Problem } from './matrix.schema'

/** What of a resource decides a plan. */
export interface PlanRow {
  id: string
  kind: string
  name: string
  assignedId: string
  visibility: 'private' | 'public'
  /** Why this person may not, or null. `share`: as if the master used it. */
  refusals: { assign: string | null; publish: string | null; share: string | null }
}

/** What there is: the resources and tenants of a change as they are now. */
export interface Present {
  rows: ReadonlyMap<string, PlanRow>
  tenants: ReadonlyMap<string, { name: string; status: string }>
  reasonsOf: (resourceId: string, tenantId: string) => readonly Reason[]
  grantOf: (resourceId: string, tenantId: string) => StoredGrant | undefined
}

/** What has to be done, in this order; nothing where `problems` names what stands in the way. */
export interface Plan {
  assigns: { kind: string; id: string; tenantId: string }[]
  publishes: { kind: string; id: string; visibility: 'private' | 'public' }[]
  revokes: { resourceId: string; tenantId: string }[]
  grants: WantedGrant[]
  problems: Problem[]
  /** Of the problems, one at least is that the person may not. */
  denied: boolean
}

/** A row with what is to become of it. */
interface Aim {
  row: PlanRow
  assignedId: string
  visibility: 'private' | 'public'
}

const STALE = 'It was changed meanwhile'
const isShare = (reason: Reason) => reason === 'viewer' || reason === 'editor' || reason === 'admin'
const isEditing = (reason: Reason) => levelOf([reason]) === 'edits'
const thing = (row: PlanRow) => `${kindOf(row.kind)?.label ?? row.kind} ${row.name}`

/** Who uses it afterwards, and whether it is public then; in one row everything has to go together. */
function aimOf(row: PlanRow, cells: readonly CellChange[], to: 'private' | 'public' | undefined): Aim {
  const taker = cells.find((cell) => cell.to === 'uses')
  const leaver = cells.find((cell) => cell.tenantId === row.assignedId && cell.to !== 'uses')
  const assignedId = taker?.tenantId ?? (leaver ? MASTER_TENANT_ID : row.assignedId)
  const visibility = to ?? (assignedId === row.assignedId ? row.visibility : 'private')
  return { row, assignedId, visibility }
}

function rowProblem({ row, assignedId, visibility }: Aim, to: string | undefined): string | null {
  const moved = assignedId !== row.assignedId
  if (moved && row.kind === 'cloud') return 'Assign a cloud on its own page: everything in it goes with it'
  if (to !== undefined && row.kind === 'cloud')
    return 'Publish a cloud, or take it back, on its own page: it concerns everything in it'
  if (moved && row.refusals.assign !== null) return row.refusals.assign
  if (to === undefined) return null
  if (visibility === 'public' && assignedId !== MASTER_TENANT_ID)
    return 'It is assigned to a tenant, so it is private'
  if (!moved && row.visibility === to) return STALE
  return row.refusals.publish
}

/** Why a cell cannot become what is wished, or null. */
function cellProblem(there: Present, aim: Aim, cell: CellChange, takers: number): string | null {
  const { row } = aim
  const tenant = there.tenants.get(cell.tenantId)
  const now = there.reasonsOf(row.id, cell.tenantId)
  if (cell.from !== levelOf(now)) return `${STALE}: ${LEVEL_WORDS[levelOf(now)].toLowerCase()} now`
  if (cell.to === 'uses') return takers > 1 ? 'One tenant at a time can use it' : activeProblem(tenant)
  if (cell.tenantId === MASTER_TENANT_ID) return 'The provider owns it'
  if (cell.to === 'none') return stillSees(there, aim, cell)
  if (aim.assignedId !== MASTER_TENANT_ID) {
    const user = there.tenants.get(aim.assignedId)?.name ?? 'a tenant'
    return `It is assigned to ${user}, which alone uses it`
  }
  if (cell.to === 'sees' && keepsKind(now).some(isEditing))
    return `All ${kindOf(row.kind)?.plural.toLowerCase() ?? 'of its kind'} are shared with it to edit`
  return row.refusals.share ?? activeProblem(tenant)
}

const activeProblem = (tenant: { name: string; status: string } | undefined): string | null =>
  tenant?.status === 'active' ? null : `${tenant?.name ?? 'The tenant'} is disabled`

const keepsKind = (reasons: readonly Reason[]) => reasons.filter((reason) => reason.startsWith('all'))

/** What a tenant would go on seeing by, though its share and assignment end. */
function stillSees(there: Present, { row, visibility, assignedId }: Aim, cell: CellChange): string | null {
  const now = there.reasonsOf(row.id, cell.tenantId)
  if (assignedId !== MASTER_TENANT_ID) return null
  if (keepsKind(now).length > 0)
    return `All ${kindOf(row.kind)?.plural.toLowerCase() ?? 'of its kind'} are shared with it`
  if (visibility === 'private') return null
  if (now.includes('cloud')) return 'It is public in a cloud that the tenant has added'
  return now.includes('public') ? 'It is public. Make it private first.' : null
}

/** The share that a cell needs, beside what the tenant has anyway; null: none has to be written. */
function wantedGrant(there: Present, aim: Aim, { resourceId, tenantId, to }: CellChange): WantedGrant | null {
  if (to !== 'sees' && to !== 'edits') return null
  const now = there.reasonsOf(resourceId, tenantId)
  const grant = aim.assignedId === aim.row.assignedId ? there.grantOf(resourceId, tenantId) : undefined
  const wide = aim.visibility === 'public' && now.some((r) => r === 'public' || r === 'cloud')
  const others = [...keepsKind(now), ...(wide ? (['public'] as const) : [])]
  if (to === 'edits' && (others.some(isEditing) || now.some((r) => isShare(r) && isEditing(r)))) return null
  const role = to === 'edits' ? 'editor' : 'viewer'
  if (to === 'sees' && grant === undefined && others.length > 0) return null
  if (grant?.role === role && grant.status === 'live') return null
  return { resourceId, tenantId, role, expiresAt: grant?.expiresAt ?? null }
}

interface OneRow {
  cells: CellChange[]
  to?: 'private' | 'public'
}

function byRow({ cells, rows }: MatrixChange): Map<string, OneRow> {
  const of = new Map<string, OneRow>()
  const at = (id: string): OneRow => {
    const one = of.get(id) ?? { cells: [] }
    of.set(id, one)
    return one
  }
  for (const cell of cells) at(cell.resourceId).cells.push(cell)
  for (const { resourceId, to } of rows) at(resourceId).to = to
  return of
}

/**
 * What the wishes come to: assignments first, then what is public, then shares. Of cells that are so already nothing is done.
 * Pure: what there is comes in, so that a preview and the change itself say the same.
 */
export function planOf(there: Present, change: MatrixChange): Plan {
  const plan: Plan = { assigns: [], publishes: [], revokes: [], grants: [], problems: [], denied: false }
  const say = (row: PlanRow, tenantId: string | null, reason: string | null) => {
    if (reason === null) return false
    plan.problems.push({ resourceId: row.id, tenantId, reason })
    plan.denied ||= Object.values(row.refusals).includes(reason)
    return true
  }
  for (const [id, { cells, to }] of byRow(change)) {
    const row = there.rows.get(id)
    if (!row) continue // the caller has said not found
    const aim = aimOf(row, cells, to)
    const takers = cells.filter((cell) => cell.to === 'uses').length
    const wrong = cells.map((cell) => say(row, cell.tenantId, cellProblem(there, aim, cell, takers)))
    if (say(row, null, rowProblem(aim, to)) || wrong.includes(true)) continue
    addRow(plan, there, aim, cells)
  }
  return plan
}

function addRow(plan: Plan, there: Present, aim: Aim, cells: readonly CellChange[]): void {
  const { row } = aim
  const moved = aim.assignedId !== row.assignedId
  if (moved) plan.assigns.push({ kind: row.kind, id: row.id, tenantId: aim.assignedId })
  const left = moved ? 'private' : row.visibility
  if (aim.visibility !== left) plan.publishes.push({ kind: row.kind, id: row.id, visibility: aim.visibility })
  for (const cell of cells) {
    const pair = { resourceId: row.id, tenantId: cell.tenantId }
    // Assigning ends all shares by itself.
    if (cell.to === 'none' && !moved && there.grantOf(row.id, cell.tenantId)) plan.revokes.push(pair)
    const grant = wantedGrant(there, aim, cell)
    if (grant) plan.grants.push(grant)
  }
}

/** Up to five problems in words, for a refusal. */
export function problemText(there: Present, problems: readonly Problem[]): string {
  const lines = problems.slice(0, 5).map(({ resourceId, tenantId, reason }) => {
    const row = there.rows.get(resourceId)
    const tenant = tenantId === null ? undefined : there.tenants.get(tenantId)?.name
    return `${row ? thing(row) : 'A resource'}${tenant ? `, ${tenant}` : ''}: ${reason.replace(/\.$/, '')}.`
  })
  const more = problems.length - lines.length
  return more > 0 ? `${lines.join(' ')} And ${more} more.` : lines.join(' ')
}
