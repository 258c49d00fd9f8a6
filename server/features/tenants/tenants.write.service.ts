import { randomUUID } from 'node:crypto'
import type { Effect } from '@/lib/effects'
import { MASTER_TENANT_ID } from '@/lib/master'
import { checkSlug, RESERVED_SLUGS } from '@/lib/slug'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate, rehearse, type WriteTx } from '@/server/db/scope'
import { effectsAnswer } from '@/server/features/roles/roles.effects'
import type { Effects } from '@/server/features/roles/roles.schema'
import { withBaseRole } from '@/server/features/roles/tenant-roles.service'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import {
  assertWithin,
  bucketOf,
  countAttempt,
  forgetAttempts,
  type Limit,
} from '@/server/platform/rate-limit'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { partnerLocks } from './tenants.partners.service'
import { assertTenantAction } from './tenants.policy'
import * as repo from './tenants.repo'
import type { CreateTenant, UpdateTenant } from './tenants.schema'

/** The same words for taken, resting and reserved (attack A15). */
export const SLUG_REFUSED = 'This subdomain cannot be used'
const NAME_TAKEN = 'Another tenant has this name'
/** Questions whether a subdomain is free, saved or asked: ten an hour in a session. */
const probes = (op: SignedInOp): Limit => ({
  bucket: bucketOf('slug-probe', op.session.id),
  seconds: 3600,
  attempts: 10,
})

/** @throws AppError invalid_input on the field `slug` */
export function readSlug(text: string): string {
  const check = checkSlug(text)
  if (check.ok) return check.slug
  throw invalidField('slug', RESERVED_SLUGS.has(text.toLowerCase()) ? SLUG_REFUSED : check.reason)
}

/** Whether a subdomain could be had now, at most 10 times an hour in a session: then only saving tells. */
export async function checkTenantSlug(op: SignedInOp, text: string) {
  try {
    const slug = readSlug(text)
    if ((await countAttempt([probes(op)])) > 0)
      return { state: 'later' as const, slug, why: 'Checked when you save' }
    const taken = await inTenant(op, (tx) => repo.slugTaken(tx, slug))
    return taken
      ? { state: 'refused' as const, slug, why: SLUG_REFUSED }
      : { state: 'free' as const, slug, why: '' }
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_input')
      return { state: 'refused' as const, slug: '', why: error.message }
    throw error
  }
}

/**
 * Creates a subtenant, empty and active; it begins without an owner, the master runs it (PRODUCT rule 8).
 * @throws AppError 400 on `slug`, 409 on `name`, 404 for an unknown base role, 429 after 10 refused subdomains in an hour
 */
export async function createTenant(
  op: SignedInOp,
  input: CreateTenant,
): Promise<{ id: string; name: string }> {
  const slug = readSlug(input.slug)
  await assertWithin(probes(op))
  const id = randomUUID()
  await mutate(op, async ({ tx, audit }) => {
    if (!(await repo.tenantRoleExists(tx, input.tenantRoleId))) throw notFound()
    if (await repo.nameTaken(tx, input.name)) throw conflict(NAME_TAKEN, { name: NAME_TAKEN })
    if ((await repo.slugTaken(tx, slug)) || !(await repo.insertTenant(tx, id, { ...input, slug })))
      throw await taken(tx, input.name)
    audit({
      targetKind: 'tenant',
      targetId: id,
      targetName: input.name,
      after: { ...input, slug },
      alsoIn: [id],
    })
  })
  await forgetAttempts(probes(op).bucket)
  return { id, name: input.name }
}

/** Which of the two somebody else was quicker with. */
async function taken(tx: WriteTx, name: string): Promise<AppError> {
  return (await repo.nameTaken(tx, name))
    ? conflict(NAME_TAKEN, { name: NAME_TAKEN })
    : invalidField('slug', SLUG_REFUSED)
}

const EDITABLE = [
  'name',
  'description',
  'icon',
  'tenantRoleId',
  'currency',
  'accountNumber',
  'accountName',
  'customerNumber',
] as const

/**
 * Changes a tenant; its subdomain stays. Another base role may take rights away, also from whom it shares with, so writes under
 * way are waited for.
 * @throws AppError 404; 409 when somebody else changed it since `updatedAt`, when it is deleted, or on a `name` in use
 */
export async function updateTenant(
  op: SignedInOp,
  input: UpdateTenant,
): Promise<{ id: string; name: string }> {
  const { partners, assertHeld } = await partnerLocks(op, async (tx) => {
    const t = await repo.findTenant(tx, input.id)
    return t && t.tenantRoleId !== input.tenantRoleId ? [t.id] : []
  })
  const write = mutate(
    op,
    async ({ tx, audit }) => {
      await assertHeld(tx)
      const t = await repo.findTenant(tx, input.id)
      if (!t) throw notFound()
      assertTenantAction(op, t, 'edit')
      if (t.updatedAt.toISOString() !== new Date(input.updatedAt).toISOString()) {
        throw conflict('Somebody else changed this tenant in the meantime. Reload it and try again.')
      }
      await assertFieldsFit(tx, t, input)
      const changed = EDITABLE.filter((field) => t[field] !== input[field])
      const effects = await changeBaseRole(tx, t, input.tenantRoleId)
      const pick = (from: Pick<UpdateTenant, (typeof EDITABLE)[number]>) =>
        Object.fromEntries(changed.map((field) => [field, from[field]]))
      await repo.updateTenant(tx, t.id, pick(input))
      audit({
        targetKind: 'tenant',
        targetId: t.id,
        targetName: input.name,
        before: pick(t),
        after: pick(input),
        alsoIn: [t.id],
        ...(effects && { effects }),
      })
    },
    { exclusive: [input.id, ...partners] },
  )
  await write.catch((error: unknown) => {
    throw isUniqueViolation(error) ? conflict(NAME_TAKEN, { name: NAME_TAKEN }) : error
  })
  return { id: input.id, name: input.name }
}

/** Gives a subtenant another base role, if it is another. @returns who gains and who loses what; null: it stays */
async function changeBaseRole(
  tx: WriteTx,
  t: repo.FullTenant,
  tenantRoleId: string | null,
): Promise<Effect[] | null> {
  if (tenantRoleId === null || tenantRoleId === t.tenantRoleId) return null
  return withBaseRole(tx, t, tenantRoleId, () => repo.updateTenant(tx, t.id, { tenantRoleId }))
}

/** Who would gain and who would lose what by another base role: the lines that the audit row will have (D14). @throws AppError 400, 403, 404, 409 */
export function previewBaseRole(
  op: SignedInOp,
  { id, tenantRoleId }: { id: string; tenantRoleId: string },
): Promise<Effects> {
  return rehearse(op, async (tx, fresh) => {
    const t = await repo.findTenant(tx, id)
    if (!t) throw notFound()
    assertTenantAction(fresh, t, 'edit')
    assertBaseRole(t, tenantRoleId)
    return effectsAnswer((await changeBaseRole(tx, t, tenantRoleId)) ?? [])
  })
}

/** @throws AppError 400 for the master, which has none, and for a subtenant without one; whether it is there, withBaseRole asks */
function assertBaseRole(t: repo.FullTenant, tenantRoleId: string | null): void {
  if (t.id === MASTER_TENANT_ID) {
    if (tenantRoleId !== null) throw invalidField('tenantRoleId', 'The master tenant has no base role')
    return
  }
  if (tenantRoleId === null) throw invalidField('tenantRoleId', 'Choose a base role')
}

async function assertFieldsFit(tx: WriteTx, t: repo.FullTenant, input: UpdateTenant): Promise<void> {
  const isMaster = t.id === MASTER_TENANT_ID
  if (isMaster && input.name !== t.name)
    throw conflict('The master tenant keeps its name', { name: 'The master tenant keeps its name' })
  assertBaseRole(t, input.tenantRoleId)
  if (!isMaster && (await repo.nameTaken(tx, input.name, t.id)))
    throw conflict(NAME_TAKEN, { name: NAME_TAKEN })
}
