import { can, type SignedInOp } from '@/server/context/op'
import { unless } from '@/server/features/resources/resources.policy'
import type { Verdict } from '@/server/features/resources/resources.schema'

const MAY_NOT = 'You may see groups, but not change them'

/** Making groups, renaming them, putting things in and out. */
export const mayEditGroups = (op: SignedInOp): Verdict => unless(!can(op, 'groups', 'full') && MAY_NOT)

/** Deleting a group that roles name changes what people reach, so it is for who may change roles (PRODUCT rule 8). */
export function mayDeleteGroup(op: SignedInOp, used: { assignments: number; roles: string[] }): Verdict {
  const named = used.assignments > 0 || used.roles.length > 0
  return unless(
    !can(op, 'groups', 'full') && MAY_NOT,
    named &&
      !can(op, 'roles', 'full') &&
      'Roles reach things by this group, so only who may edit roles deletes it',
  )
}
