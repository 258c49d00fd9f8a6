import { tenantOrigin } from '@/lib/paths'
import type { SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { inTenant, mutate } from '@/server/db/scope'
import { assertOwnPassword } from '@/server/features/account/own-password'
import { withEffects } from '@/server/features/roles/roles.effects'
import { ownedRoles } from '@/server/features/roles/roles.scope'
import { planWithin, RESTORE_DAYS, SLUG_REST_DAYS } from '@/server/features/tenants/tenants.lifecycle.service'
import { conflict, invalidField, notFound } from '@/server/platform/errors'
import { assertWithin, bucketOf, HOUR } from '@/server/platform/rate-limit'
import { organizationAbilities, type OrganizationAction, organizationRefusal } from './organization.policy'
import * as repo from './organization.repo'
import type { Organization, UpdateOrganization } from './organization.schema'

/** The same for taken and whatever else: a subtenant does not learn which tenants there are (attack A15). */
const NAME_REFUSED = 'This name cannot be used'

type Now = Pick<SignedInOp, 'rights' | 'tenant' | 'actor'>
function assertMay(op: Now, action: OrganizationAction): void {
  const refusal = organizationRefusal(op, action)
  if (refusal) throw refusal
}

/** What the tenant says of itself, and who owns it. */
export function getOrganization(op: SignedInOp): Promise<Organization> {
  const { id, isMaster } = op.tenant
  return inTenant(op, async (tx) => {
    const found = await repo.findOrganization(tx, id)
    if (!found) throw notFound()
    const owners = (await repo.ownersOf(tx, id)).map((one) => ({ ...one, you: one.id === op.actor.userId }))
    return {
      ...found,
      id,
      address: tenantOrigin(isMaster ? null : found.slug, siteConfig()),
      createdAt: found.createdAt.toISOString(),
      master: isMaster,
      owners,
      ...organizationAbilities(op),
    }
  })
}

/** Changes name, description and icon. @throws AppError 403, 409 on `name`, 429 after 10 names in an hour */
export async function updateOrganization(op: SignedInOp, input: UpdateOrganization): Promise<Organization> {
  assertMay(op, 'edit')
  const renames = input.name !== op.tenant.name && !op.tenant.isMaster
  if (renames)
    await assertWithin({ bucket: bucketOf('tenant-name', op.tenant.id), seconds: HOUR, attempts: 10 })
  await mutate(op, async ({ tx, audit, fresh }) => {
    assertMay(fresh, 'edit')
    const before = await repo.findOrganization(tx, op.tenant.id)
    if (!(await repo.updateOrganization(tx, input))) throw conflict(NAME_REFUSED, { name: NAME_REFUSED })
    const after = await repo.findOrganization(tx, op.tenant.id)
    const words = (o: typeof after) => o && { name: o.name, description: o.description, icon: o.icon }
    audit({
      targetKind: 'tenant',
      targetId: op.tenant.id,
      targetName: after?.name ?? '',
      before: words(before) ?? {},
      after: words(after) ?? {},
    })
  })
  return getOrganization(op)
}

/** People who could become the owner. @throws AppError 403 */
export function ownerCandidates(op: SignedInOp, search: string) {
  assertMay(op, 'transfer')
  return inTenant(op, (tx) => repo.members(tx, op.tenant.id, op.actor.userId, search))
}

/**
 * Hands the organization over to a member: they become its owner, who was it becomes Admin. Asks for the owner's password.
 * @throws AppError 400 on `password` or `userId`, 403, 404, 409, 429
 */
export async function transferOwnership(op: SignedInOp, userId: string, password: string) {
  assertMay(op, 'transfer')
  if (userId === op.actor.userId) throw invalidField('userId', 'You are the owner already')
  await assertOwnPassword(op, password, 'password')
  const tenantId = op.tenant.id
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      assertMay(fresh, 'transfer')
      const to = await repo.findMember(tx, tenantId, userId)
      if (!to) throw notFound()
      const me = op.actor.userId
      const now = { ...op, ...fresh }
      const of = ownedRoles(now, { provider: false, rights: fresh.rights, reach: fresh.reach }, tenantId)
      const effects = await withEffects(of, tx, { users: [me, userId] }, () =>
        repo.handOver(tx, tenantId, userId, [me], me),
      )
      audit({
        targetKind: 'user',
        targetId: userId,
        targetName: to.name,
        before: { owner: op.actor.displayName },
        after: { owner: to.name },
        effects,
      })
      return to
    },
    { exclusive: [tenantId] },
  )
}

/** All that dies with the organization. @throws AppError 403 */
export function organizationPlan(op: SignedInOp) {
  assertMay(op, 'delete')
  return inTenant(op, (tx) => planWithin(tx, op.tenant))
}

/**
 * Deletes the organization as its owner: soft, for 30 days the provider can restore it (PRODUCT rule 18). Everybody is out, the owner too.
 * @throws AppError 400 on `confirmName` or `password`, 403, 409, 429
 */
export async function deleteOrganization(op: SignedInOp, confirmName: string, password: string) {
  assertMay(op, 'delete')
  if (confirmName.trim() !== op.tenant.name)
    throw invalidField('confirmName', 'Type the name exactly as it is')
  await assertOwnPassword(op, password, 'password')
  const { id, name } = op.tenant
  // Whoever has a share of it loses it: their writes are waited for, and no acceptance comes after.
  const partners = await inTenant(op, (tx) => repo.partnersOf(tx, id))
  await mutate(
    op,
    async ({ tx, audit, fresh }) => {
      assertMay(fresh, 'delete')
      if ((await repo.partnersOf(tx, id)).some((one) => !partners.includes(one)))
        throw conflict('Something was shared meanwhile. Try again.')
      const days = { restore: RESTORE_DAYS, rest: SLUG_REST_DAYS }
      if (!(await repo.deleteOrganization(tx, days, op)))
        throw conflict('The organization cannot be deleted now')
      audit({ targetKind: 'tenant', targetId: id, targetName: name, after: { status: 'deleted' } })
    },
    { exclusive: [id, ...partners] },
  )
  return { restoreDays: RESTORE_DAYS, next: `${tenantOrigin(null, siteConfig())}/login` }
}
