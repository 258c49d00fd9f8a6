import type { SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import { createTask } from '@/server/features/tasks/tasks.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import type { Cloud } from './clouds.move'
import { assertMoves, backgroundAbove, planMove } from './clouds.move.service'

/** Puts a large move into the background. @returns the task's id; null: it is small enough to do at once @throws AppError 404, 409 */
export async function startMove(
  op: SignedInOp,
  clouds: readonly Cloud[],
  tenantId: string,
): Promise<string | null> {
  const { to, total } = await inTenant(op, async (tx) => {
    const to = await tenantChoice(tx, tenantId)
    let total = 0
    for (const cloud of clouds) {
      const plan = await planMove(tx, op, cloud, to)
      assertMoves(cloud, plan.blockers)
      total += plan.total
    }
    return { to, total }
  })
  if (total <= backgroundAbove()) return null
  const [first] = clouds
  const what = clouds.length === 1 && first ? `Cloud ${first.name}` : `${clouds.length} clouds`
  return createTask(op, {
    kind: 'cloud.assign',
    title: `Assign ${what} to ${to.name}`,
    total,
    input: { ids: clouds.map(({ id }) => id), tenantId },
  })
}
