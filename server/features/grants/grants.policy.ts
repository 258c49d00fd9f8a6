import { can, type SignedInOp } from '@/server/context/op'
import { abilities, unless, verdict } from '@/server/features/resources/resources.policy'
import type { Verdict } from '@/server/features/resources/resources.schema'
import type { Resource } from '@/server/features/resources/resources.service'
import { kindOf } from '@/lib/resource-kinds/registry'
import { denied } from '@/server/platform/errors'

/** @throws AppError 403 with the reason */
export function assertMay({ allowed, reason }: Verdict): void {
  if (!allowed) throw denied(reason)
}

/**
 * Whether this person decides about shares in the tenant: accepts, declines, leaves and takes back. A cap without sharing
 * stops giving, not taking, so it is the role's own level that counts (PRODUCT rule 16).
 */
export const mayAnswer = (op: SignedInOp): Verdict =>
  unless(
    !can(op, 'sharing', 'read') && 'You may not see shares',
    !op.reach.held.some(({ scope, levels }) => scope === null && levels.sharing === 'full') &&
      'Ask an admin of this tenant: your roles let you see shares, not decide about them',
  )

/** Whether this person may share anything at all. */
export const mayGive = (op: SignedInOp): Verdict =>
  unless(
    !op.tenant.isMaster && !op.tenant.cap?.sharing && 'Your provider has not allowed this tenant to share',
    !can(op, 'sharing', 'full') && 'Your roles let you see shares, not make them',
  )

/** Whether this person may give that role on a resource: nobody gives more than they hold (PRODUCT rule 8). */
export const mayGiveRole = (op: SignedInOp, row: Resource, role: string): Verdict => {
  const { share } = abilities(op, row)
  return unless(
    !share.allowed && (share.reason ?? 'You may not share'),
    role !== 'viewer' &&
      kindOf(row.kind)?.canBeActedOn === true &&
      !row.reachAct &&
      'Your roles let you see it, but not use it: share it as viewer',
  )
}

/** Whether this person may take a share of this resource back; also when the tenant may not share any more. */
export const mayRevoke = (op: SignedInOp, row: Resource): Verdict => {
  const answer = mayAnswer(op)
  const edit = verdict(op, row, 'edit')
  return unless(
    !answer.allowed && (answer.reason ?? ''),
    row.ownerId !== op.tenant.id && 'Its owner alone takes it back',
    !edit.allowed && (edit.reason ?? ''),
  )
}
