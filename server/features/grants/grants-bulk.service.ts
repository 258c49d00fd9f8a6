import type { SignedInOp } from '@/server/context/op'
import type { Tx, WriteTx } from '@/server/db/scope'
import { conflict } from '@/server/platform/errors'
import * as repo from './grants-bulk.repo'

export type { StoredGrant, WantedGrant } from './grants-bulk.repo'

/** Grants of the acting tenant's resources that have not expired. @throws AppError conflict where there are more than `most` */
export async function grantsOn(
  tx: Tx,
  op: SignedInOp,
  resources: readonly string[],
  most: number,
): Promise<repo.StoredGrant[]> {
  const found = await repo.grantsOn(tx, op.tenant.id, resources, most + 1)
  if (found.length > most)
    throw conflict(`More than ${most} shares are concerned. Choose fewer resources at once.`)
  return found
}

/**
 * Makes or changes many grants of what the acting tenant owns. The caller has asked whether the person may share each thing;
 * the database refuses what is assigned away and tenants that are not active.
 */
export async function writeGrants(
  tx: WriteTx,
  op: SignedInOp,
  wanted: readonly repo.WantedGrant[],
): Promise<void> {
  if (wanted.length === 0) return
  const written = await repo.writeGrants(tx, op.tenant.id, op.actor.userId, wanted)
  if (written !== wanted.length) throw conflict('It was changed meanwhile. Reload and try again.')
}

/** Ends many grants of what the acting tenant owns; one that is gone already is no mistake. */
export async function endGrants(
  tx: WriteTx,
  op: SignedInOp,
  pairs: readonly { resourceId: string; tenantId: string }[],
): Promise<void> {
  if (pairs.length > 0) await repo.deleteGrants(tx, op.tenant.id, pairs)
}
