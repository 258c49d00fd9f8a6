import type { z } from 'zod'
import { UNDO_DAYS } from '@/lib/matrix'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import { pageOfAll, seenWithin } from '@/server/features/resources/resources.service'
import { pageOf, readPosition } from '@/server/platform/cursor'
import { notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { listChanges } from './matrix-change.repo'
import * as repo from './matrix.repo'
import type {
  MatrixCells,
  matrixCellsInput,
  matrixHistoryInput,
  MatrixRows,
  matrixRowsInput,
  matrixTenantsInput,
  MatrixTenants,
} from './matrix.schema'

const DAY_MS = 86_400_000

/** The master's resources that the person sees, a page at a time, by kind and name. @throws AppError for a cursor of another list */
export async function rowsOfMatrix(
  op: SignedInOp,
  { differing, ...input }: z.output<typeof matrixRowsInput>,
): Promise<MatrixRows> {
  const page = await pageOfAll(op, 'matrix', { ...input, differing })
  return {
    ...page,
    rows: page.rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      name: row.name,
      visibility: row.visibility,
      cloud: row.cloudId !== null && row.cloudName !== null ? { id: row.cloudId, name: row.cloudName } : null,
      assigned: { id: row.assignedId, name: row.assignedName ?? '' },
    })),
  }
}

/** Active subtenants, a page at a time, by name. @throws AppError for a cursor of another list */
export async function tenantsOfMatrix(
  op: SignedInOp,
  { search, cursor, limit }: z.output<typeof matrixTenantsInput>,
): Promise<MatrixTenants> {
  const scope = `matrix tenants:${search}`
  const position = readPosition(op, scope, cursor)
  return inTenant(op, async (tx) => {
    const fetched = await repo.listTenants(tx, search, position, limit)
    const page = pageOf(op, scope, fetched, limit, position, (row) => [row.key, row.id])
    const rows = page.rows.map(({ id, name, icon }) => ({ id, name, icon }))
    return { ...page, rows, ...totals(await repo.countTenants(tx, search)) }
  })
}

/** Why each of these tenants has what it has of each of these resources. @throws AppError not_found when one is not there */
export async function cellsOfMatrix(
  op: SignedInOp,
  { resourceIds, tenantIds }: z.output<typeof matrixCellsInput>,
): Promise<MatrixCells> {
  const found = await inTenant(op, async (tx) => {
    const seen = await seenWithin(tx, op, resourceIds)
    const tenants = await repo.findTenants(tx, tenantIds)
    if (seen.length < new Set(resourceIds).size || tenants.length < new Set(tenantIds).size) throw notFound()
    return repo.cellsOf(tx, viewerOf(op), resourceIds, tenantIds)
  })
  const of = new Map(found.map((cell) => [repo.pairOf(cell.resourceId, cell.tenantId), cell.reasons]))
  return {
    rows: resourceIds.map((id) => ({
      id,
      cells: tenantIds.map((tenantId) => of.get(repo.pairOf(id, tenantId)) ?? []),
    })),
  }
}

/** Bulk changes of the last 7 days, the newest first. @throws AppError for a cursor of another list */
export async function historyOfMatrix(
  op: SignedInOp,
  { cursor, limit }: z.output<typeof matrixHistoryInput>,
) {
  const scope = 'matrix history'
  const position = readPosition(op, scope, cursor)
  const fetched = await inTenant(op, (tx) => listChanges(tx, op.tenant.id, position, limit))
  const page = pageOf(op, scope, fetched, limit, position, (row) => [row.key, row.id])
  return {
    ...page,
    ...totals(Number(fetched[0]?.total ?? 0)),
    rows: page.rows.map((row) => ({
      id: row.id,
      createdAt: row.createdAt.toISOString(),
      createdBy: row.createdByName,
      changed: row.changed,
      lines: row.lines,
      undoneAt: row.undoneAt?.toISOString() ?? null,
      undoneBy: row.undoneByName,
      until: new Date(row.createdAt.getTime() + UNDO_DAYS * DAY_MS).toISOString(),
    })),
  }
}
