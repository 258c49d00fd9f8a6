import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, mutate } from '@/server/db/scope'
import { notFound } from '@/server/platform/errors'
import { assertTenantAction } from './tenants.policy'
import * as repo from './tenants.repo'
import type { SetupState } from './tenants.schema'
import { subtenantOf } from './tenants.service'

type Step = SetupState['steps'][number]['id']

const STEPS: readonly Step[] = ['role', 'infrastructure', 'users', 'handover']

function skippedOf(setup: unknown): string[] {
  const { skipped } = (setup ?? {}) as { skipped?: unknown }
  return Array.isArray(skipped) ? skipped.filter((step): step is string => typeof step === 'string') : []
}

/** How far a tenant's guided set-up is: what is done comes from its data, only what was skipped is kept. @throws AppError 404 */
export async function tenantSetup(op: SignedInOp, id: string): Promise<SetupState> {
  const tenant = await subtenantOf(op, id)
  assertTenantAction(op, tenant, 'setUp')
  const counts = (await inTenant(op, (tx) => repo.totalsOf(tx, [id]))).get(id)
  const { signedIn } = await inDrill(op, id, (tx) => repo.usersOf(tx, id))
  const done: Record<Step, boolean> = {
    role: tenant.tenantRoleId !== null,
    infrastructure: (counts?.instances ?? 0) > 0,
    users: (counts?.users ?? 0) > 0,
    handover: signedIn,
  }
  const skipped = skippedOf(tenant.setup)
  const steps = STEPS.map((step) => ({
    id: step,
    done: done[step],
    skipped: !done[step] && skipped.includes(step),
  }))
  return { steps, finished: steps.every((step) => step.done || step.skipped) }
}

/** Skips a step of the guided set-up, or takes it up again. @throws AppError 404, 409 */
export async function skipSetupStep(
  op: SignedInOp,
  id: string,
  step: Step,
  skip: boolean,
): Promise<SetupState> {
  await mutate(op, async ({ tx, audit }) => {
    const t = await repo.findTenant(tx, id)
    if (!t) throw notFound()
    assertTenantAction(op, t, 'setUp')
    const before = skippedOf(t.setup)
    const skipped = [...before.filter((other) => other !== step), ...(skip ? [step] : [])]
    await repo.saveSetup(tx, id, { skipped })
    audit({
      targetKind: 'tenant',
      targetId: id,
      targetName: t.name,
      before: { skipped: before },
      after: { skipped },
      alsoIn: [id],
    })
  })
  return tenantSetup(op, id)
}
