import { kindOf } from '@/lib/resource-kinds/registry'
import { reachSql } from '@/server/authz/reach-sql'
import { can, type SignedInOp } from '@/server/context/op'
import { unless } from '@/server/features/resources/resources.policy'
import type { Verdict } from '@/server/features/resources/resources.schema'

/** Whether this person may say what a tenant is given. */
export const maySetMap = (op: SignedInOp): Verdict =>
  unless(
    !can(op, 'tenants', 'full') && 'Your roles let you see tenants, not change them',
    !can(op, 'sharing', 'full') && 'Your roles do not let you share',
  )

/** Whether this person may give all of a kind, or take it back: who reaches but some of it may not (PRODUCT rule 8). */
export const mayGiveAll = (op: SignedInOp, kind: string): Verdict =>
  unless(
    reachSql(op.reach, 'edit', [kind]) !== null &&
      `You may not give all ${kindOf(kind)?.plural.toLowerCase() ?? kind}: your roles do not reach all of them`,
  )
