import { kindOf, labelOfKind } from '@/lib/resource-kinds/registry'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, mutate, type Mutation, type Tx } from '@/server/db/scope'
import { MOST_NAMES, tellOfReturn } from '@/server/features/hosts/hosts.returned'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { partnerLocks } from './tenants.partners.service'
import { assertTenantAction, type TenantAction } from './tenants.policy'
import * as repo from './tenants.repo'
import type { BulkResult, DeletionPlan } from './tenants.schema'
import { subtenantOf } from './tenants.service'

/** A deleted tenant can be restored for so long; its subdomain rests longer (PRODUCT rule 18). In days. */
export const RESTORE_DAYS = 30
export const SLUG_REST_DAYS = 90
const DAY_MS = 86_400_000
const NAME_TAKEN = 'Another tenant has taken this name. Give another one.'

type Ref = { id: string; name: string }

/**
 * Finds the tenant under its exclusive lock, so that no write of its people is under way, and asks whether it may be done. Where it
 * ends what the tenant shares, under the locks of those who have it, too.
 */
async function change(
  op: SignedInOp,
  id: string,
  action: TenantAction,
  fn: (m: Mutation, t: repo.FullTenant) => Promise<void>,
): Promise<Ref> {
  const closes = action === 'disable' || action === 'delete'
  const { partners, assertHeld } = await partnerLocks(op, async () => (closes ? [id] : []))
  return mutate(
    op,
    async (m) => {
      await assertHeld(m.tx)
      const t = await repo.findTenant(m.tx, id)
      if (!t) throw notFound()
      assertTenantAction(op, t, action)
      await fn(m, t)
      return { id, name: t.name }
    },
    { exclusive: [id, ...partners] },
  )
}

/**
 * Disables a tenant: its people are out, its agents refused, its data stays (PRODUCT rule 11). All of it holds once this
 * returns. @throws AppError 404, 409
 */
export function disableTenant(op: SignedInOp, id: string, reason: string): Promise<Ref> {
  return change(op, id, 'disable', async ({ tx, audit }, t) => {
    await repo.updateTenant(tx, id, { status: 'disabled', statusReason: reason, disabledAt: new Date() })
    const sessionsEnded = await repo.endSessions(tx, id)
    const states = { before: { status: t.status }, after: { status: 'disabled', sessionsEnded } }
    audit({ targetKind: 'tenant', targetId: id, targetName: t.name, reason, ...states, alsoIn: [id] })
  })
}

/** Lets a disabled tenant's people in again. Growth: needs a current licence. @throws AppError 402, 404, 409 */
export function enableTenant(op: SignedInOp, id: string): Promise<Ref> {
  return change(op, id, 'enable', async ({ tx, audit }, t) => {
    await repo.updateTenant(tx, id, { status: 'active', statusReason: '', disabledAt: null })
    const states = { before: { status: t.status, reason: t.statusReason }, after: { status: 'active' } }
    audit({ targetKind: 'tenant', targetId: id, targetName: t.name, ...states, alsoIn: [id] })
  })
}

/**
 * Does something to many tenants, each in a transaction of its own: the answer says which it worked for, and why not.
 * @throws AppError 404 when any is unknown, before anything is done; 409 when it worked for none
 */
export async function changeTenants(
  op: SignedInOp,
  ids: readonly string[],
  one: (id: string) => Promise<Ref>,
): Promise<BulkResult> {
  const names = await inTenant(op, async (tx) => {
    const found: string[] = []
    for (const id of ids) found.push((await repo.findTenant(tx, id))?.name ?? '')
    return found
  })
  if (names.includes('')) throw notFound()
  const results: BulkResult = []
  for (const [i, id] of ids.entries()) {
    const why = await one(id).then(
      () => '',
      (error: unknown) => {
        if (error instanceof AppError) return error.message
        throw error
      },
    )
    results.push({ id, name: names[i] ?? '', ok: why === '', why })
  }
  if (!results.some(({ ok }) => ok))
    throw conflict(results.map(({ name, why }) => `${name}: ${why}`).join('; '))
  return results
}

/** All that dies with the tenant, and what comes back to the master (PRODUCT rule 18). @throws AppError 404 */
export async function planDeletion(op: SignedInOp, id: string): Promise<DeletionPlan> {
  const tenant = await subtenantOf(op, id)
  assertTenantAction(op, tenant, 'delete')
  return inDrill(op, id, (tx) => planWithin(tx, tenant))
}

/** The same, read in the tenant itself. */
export async function planWithin(
  tx: Tx,
  { id, name, slug }: { id: string; name: string; slug: string },
): Promise<DeletionPlan> {
  const { total, names } = await repo.usersOf(tx, id)
  const { owned, returned, agents } = await repo.thingsOf(tx, id)
  const named = (all: typeof owned) =>
    all.map(({ kind, ...of }) => ({
      kind,
      label: labelOfKind(kind),
      plural: kindOf(kind)?.plural ?? kind,
      ...of,
    }))
  return {
    ...{ id, name, slug },
    users: { total, names },
    owned: named(owned),
    returned: named(returned),
    agents,
    ...(await repo.rulesOf(tx, id)),
    ...(await repo.keysOf(tx, id)),
    ...{ restoreDays: RESTORE_DAYS, restDays: SLUG_REST_DAYS },
  }
}

/**
 * Deletes a tenant, softly: sign-in and agents stop, its subdomain rests, what the master had assigned to it comes back, and
 * for 30 days it can be restored. @throws AppError 400 when the typed name does not match, 404, 409
 */
export function deleteTenant(op: SignedInOp, id: string, confirmName: string): Promise<Ref> {
  return change(op, id, 'delete', async (m, t) => {
    const { tx, audit } = m
    if (confirmName.trim() !== t.name) throw invalidField('confirmName', 'Type the name exactly as it is')
    const now = Date.now()
    const purgeAfter = new Date(now + RESTORE_DAYS * DAY_MS)
    await repo.updateTenant(tx, id, { status: 'deleted', deletedAt: new Date(now), purgeAfter })
    await repo.restSlug(tx, t.slug, id, SLUG_REST_DAYS)
    const dedicated = await repo.dedicatedHosts(tx, id, MOST_NAMES)
    const resourcesReturned = await repo.returnResources(tx, id)
    const sessionsEnded = await repo.endSessions(tx, id)
    const after = {
      status: 'deleted',
      purgeAfter: purgeAfter.toISOString(),
      resourcesReturned,
      ...(dedicated.total > 0 && { hostsReturned: dedicated }),
      sessionsEnded,
    }
    await tellOfReturn(m, op, { from: t.name, ended: true, ...dedicated })
    audit({
      targetKind: 'tenant',
      targetId: id,
      targetName: t.name,
      before: { status: t.status },
      after,
      alsoIn: [id],
    })
  })
}

/**
 * Brings a deleted tenant back, as it was but for what returned to the master; one that was disabled stays so. Growth: needs a
 * current licence. @param name a new one, where another tenant took the old
 * @throws AppError 402, 404, 409 (on `name` when it is taken)
 */
export async function restoreTenant(op: SignedInOp, id: string, name?: string): Promise<Ref> {
  const taken = () => conflict(NAME_TAKEN, { name: NAME_TAKEN })
  const restored = change(op, id, 'restore', async ({ tx, audit }, t) => {
    if (!t.purgeAfter || t.purgeAfter.getTime() <= Date.now())
      throw conflict('The 30 days in which it could be restored are over')
    const as = { name: name ?? t.name, status: t.disabledAt ? 'disabled' : 'active' }
    if (await repo.nameTaken(tx, as.name, id)) throw taken()
    await repo.updateTenant(tx, id, { ...as, deletedAt: null, purgeAfter: null })
    await repo.wakeSlug(tx, t.slug)
    audit({
      targetKind: 'tenant',
      targetId: id,
      targetName: as.name,
      before: { name: t.name, status: t.status },
      after: as,
      alsoIn: [id],
    })
  })
  return restored.catch((error: unknown) => {
    throw isUniqueViolation(error) ? taken() : error
  })
}
