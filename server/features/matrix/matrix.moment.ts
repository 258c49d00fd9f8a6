import type { Reason } from '@/lib/matrix'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import type { Tx } from '@/server/db/scope'
import { grantsOn, type StoredGrant } from '@/server/features/grants/grants-bulk.service'
import { findWithAbilities } from '@/server/features/resources/resources.service'
import { conflict, notFound } from '@/server/platform/errors'
import type { State } from './matrix-change.repo'
import { effectsBetween, type Moment, type Standing } from './matrix.effects'
import type { PlanRow, Present } from './matrix.plan'
import * as repo from './matrix.repo'

/** Largest number of cells and shares that one change may concern, beside those that it names. */
const MOST_PAIRS = 20_000
const MOST_GRANTS = 5_000
const NONE: readonly Reason[] = []

/** What there is of some resources, and who has what of them. */
export interface Look extends Moment, Present {
  rows: ReadonlyMap<string, PlanRow & Standing>
  grants: readonly StoredGrant[]
  /** `<resource> <tenant>` of all that was asked for, and of all that have something of their own. */
  pairs: readonly string[]
}

/** Cells by pair. */
async function reasonsAt(tx: Tx, op: SignedInOp, pairs: readonly string[]): Promise<Look['reasonsOf']> {
  const cells = await repo.cellsAt(tx, viewerOf(op), pairs)
  const of = new Map(cells.map((cell) => [repo.pairOf(cell.resourceId, cell.tenantId), cell.reasons]))
  return (resourceId, tenantId) => of.get(repo.pairOf(resourceId, tenantId)) ?? NONE
}

async function rowsAt(tx: Tx, op: SignedInOp, ids: readonly string[]): Promise<Look['rows']> {
  const found = await findWithAbilities(tx, op, ids)
  return new Map(
    found.map(({ row, can, canHere }) => {
      const refusals = {
        assign: can.assign.reason ?? null,
        publish: canHere.publish.reason ?? null,
        share: canHere.share.reason ?? null,
      }
      return [row.id, { ...row, refusals }]
    }),
  )
}

/**
 * Looks at resources, with all tenants that have something of their own of them.
 * @param named pairs that are looked at in any case
 * @throws AppError not_found for a resource or tenant that is not there, conflict where too much is concerned
 */
export async function lookAt(
  tx: Tx,
  op: SignedInOp,
  ids: readonly string[],
  named: readonly string[],
): Promise<Look> {
  const rows = await rowsAt(tx, op, ids)
  const concerned = await repo.concerned(tx, viewerOf(op), ids, MOST_PAIRS + 1)
  if (concerned.length > MOST_PAIRS)
    throw conflict('Too many tenants are concerned. Choose fewer resources at once.')
  const pairs = [...new Set([...named, ...concerned])]
  const tenantIds = [...new Set(pairs.map((pair) => pair.split(' ')[1] ?? ''))]
  const tenants = new Map((await repo.findTenants(tx, tenantIds)).map((one) => [one.id, one]))
  if (named.some((pair) => !tenants.has(pair.split(' ')[1] ?? ''))) throw notFound()
  const grants = await grantsOn(tx, op, ids, MOST_GRANTS)
  const grantOf = new Map(grants.map((one) => [repo.pairOf(one.resourceId, one.tenantId), one]))
  return {
    rows,
    tenants,
    grants,
    pairs,
    reasonsOf: await reasonsAt(tx, op, pairs),
    grantOf: (resourceId, tenantId) => grantOf.get(repo.pairOf(resourceId, tenantId)),
  }
}

/** Who gained and who lost what since an earlier look. */
export async function effectsSince(tx: Tx, op: SignedInOp, before: Look, now: Look) {
  const pairs = [...new Set([...before.pairs, ...now.pairs])]
  const reasonsOf = await reasonsAt(tx, op, pairs)
  const turned = [...now.rows.values()].filter(
    (row) => row.visibility !== before.rows.get(row.id)?.visibility,
  )
  const clouds = turned.flatMap(({ cloudId }) => cloudId ?? [])
  const audiences = turned.length > 0 ? await repo.audiences(tx, clouds) : new Map<string, Set<string>>()
  const nameOf = (id: string) => now.tenants.get(id)?.name ?? before.tenants.get(id)?.name ?? ''
  return effectsBetween(before, { rows: now.rows, reasonsOf }, pairs, nameOf, audiences)
}

/** A resource as it stands; of its shares those of these tenants, or all. */
export function stateOf(look: Look, id: string, tenants: readonly string[] | null): State {
  const row = look.rows.get(id)
  if (!row) throw new Error('a look holds all that was looked at')
  return {
    assignedId: row.assignedId,
    visibility: row.visibility,
    grants: look.grants.filter(
      (one) => one.resourceId === id && (tenants === null || tenants.includes(one.tenantId)),
    ),
  }
}
