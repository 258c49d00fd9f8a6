import { type Effect, effectLines } from '@/lib/effects'
import { EVERYONE_LOCK } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, rehearse, type WriteTx } from '@/server/db/scope'
import type { AuditEntry } from '@/server/db/audit-write'
import { tenantChoices } from '@/server/features/tenants/tenants.service'
import { invalidField } from '@/server/platform/errors'
import { assignWithin, publishWithin } from './resources.assign.service'
import { assertMay } from './resources.content'
import { mayHandOut } from './resources.policy'
import type { ResourceRecord } from './resources.repo'
import { findOne } from './resources.service'

/** Visibility and Tenant of the master's edit form (seed 002); what is left out stays. */
export interface AccessChange {
  visibility?: 'private' | 'public'
  tenantId?: string
}

/** Whose lock a change of access takes: of who uses the thing, of who gets it, and of all who may see it now. */
export async function locksOfAccess(
  op: SignedInOp,
  kind: string,
  id: string,
  access: AccessChange | undefined,
): Promise<string[]> {
  if (!access) return []
  assertMay(mayHandOut(op, kind))
  const row = await inTenant(op, (tx) => findOne(tx, op, kind, id))
  return [row.assignedId, access.tenantId ?? row.assignedId, EVERYONE_LOCK]
}

/**
 * Hands a resource on and publishes it as the form says, inside a transaction; assigning makes private (PRODUCT rule 4).
 * @returns what its audit rows say, and who gains or loses what @throws AppError 400, 403, 404, 409
 */
export async function changeAccess(
  tx: WriteTx,
  op: SignedInOp,
  row: ResourceRecord,
  { tenantId = row.assignedId, visibility }: AccessChange,
) {
  if (visibility === 'public' && tenantId !== op.tenant.id)
    throw invalidField('visibility', 'What is assigned to another tenant is private')
  const entries: AuditEntry[] = []
  const effects: Effect[] = []
  const moves = tenantId !== row.assignedId
  if (moves) {
    const done = await assignWithin(tx, op, row.kind, [row.id], tenantId)
    entries.push(...done.entries.map((one) => ({ ...one, event: 'resource.assign' })))
    effects.push(...done.effects)
  }
  const now = moves ? 'private' : row.visibility
  if (visibility !== undefined && visibility !== now) {
    const done = await publishWithin(tx, op, row.kind, [row.id], visibility)
    entries.push(...done.entries.map((one) => ({ ...one, event: 'resource.visibility' })))
    effects.push(...done.effects)
  }
  return { entries, effects }
}

/** Who would gain and lose what by these choices of the edit form. @throws AppError as changeAccess */
export const accessPreview = (op: SignedInOp, kind: string, id: string, access: AccessChange) =>
  rehearse(op, async (tx) =>
    effectLines((await changeAccess(tx, op, await findOne(tx, op, kind, id), access)).effects),
  )

/** Tenants that things may be assigned to, the master among them. */
export const assignable = (op: SignedInOp, search: string) => tenantChoices(op, search)
