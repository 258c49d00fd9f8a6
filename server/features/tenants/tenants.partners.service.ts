import type { SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import { conflict } from '@/server/platform/errors'
import * as repo from './tenants.repo'

interface PartnerLocks {
  /** Tenants whose exclusive locks the change takes beside those of whom it is about. */
  partners: string[]
  /** Under the locks, first. @throws AppError 409 where somebody was given a share between the first look and the locks */
  assertHeld: (tx: Tx) => Promise<void>
}

/**
 * Whose locks a change takes that keeps tenants from sharing: what they share is suspended, so its takers lose it, and neither a write
 * nor an acceptance of theirs may come after (docs/decisions/0012, "Locks"; PRODUCT rule 16).
 * @param owners those whom it keeps from sharing; asked again under the locks
 */
export async function partnerLocks(
  op: SignedInOp,
  owners: (tx: Tx) => Promise<string[]>,
): Promise<PartnerLocks> {
  const look = async (tx: Tx): Promise<string[]> => {
    const ids = await owners(tx)
    return ids.length === 0 ? [] : repo.sharePartners(tx, ids)
  }
  const partners = await inTenant(op, look)
  return {
    partners,
    assertHeld: async (tx) => {
      if ((await look(tx)).some((id) => !partners.includes(id)))
        throw conflict('Something was shared meanwhile. Try again.')
    },
  }
}
