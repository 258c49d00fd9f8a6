import type { SignedInOp } from '@/server/context/op'
import { mutate } from '@/server/db/scope'
import { BOOT_SECONDS, bootAddress } from '@/server/features/boot/boot-address'
import { findOne, linksFrom } from '@/server/features/resources/resources.service'
import { conflict, denied } from '@/server/platform/errors'

/**
 * A signed address of a boot environment that the tenant uses, for one of its machines or for any. It works for 30 days and as
 * long as the tenant uses the environment.
 * @throws AppError 404, 403 for what the master assigned away, 409 for a machine that boots another one
 */
export function addressOf(
  op: SignedInOp,
  id: string,
  machineId: string | undefined,
): Promise<{ url: string; expiresAt: string }> {
  return mutate(op, async ({ tx, audit, fresh }) => {
    const now: SignedInOp = { ...op, ...fresh }
    const environment = await findOne(tx, now, 'boot_environment', id)
    if (environment.ownerId === now.tenant.id && environment.assignedId !== now.tenant.id)
      throw denied('Assigned to another tenant, which uses it')
    if (machineId !== undefined) {
      const machine = await findOne(tx, now, 'bare_metal', machineId)
      if (![machine.ownerId, machine.assignedId].includes(now.tenant.id))
        throw denied('It is not yours to boot')
      const boots = (await linksFrom(tx, now, machine.id)).some(
        ({ field, targetId }) => field === 'bootEnvironment' && targetId === id,
      )
      if (!boots) throw conflict(`${machine.name} does not boot this`)
    }
    const expires = Math.floor(Date.now() / 1000) + BOOT_SECONDS
    audit({
      targetKind: 'boot_environment',
      targetId: id,
      targetName: environment.name,
      after: { machine: machineId ?? null, until: new Date(expires * 1000).toISOString() },
    })
    const url = bootAddress({ slug: now.tenant.slug, environment: id, machine: machineId ?? null, expires })
    return { url, expiresAt: new Date(expires * 1000).toISOString() }
  })
}
