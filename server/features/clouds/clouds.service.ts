import { effectLines } from '@/lib/effects'
import { KINDS, labelOfKind } from '@/lib/resource-kinds/registry'
import { viewerOf } from '@/server/authz/sight'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Tx } from '@/server/db/scope'
import { unless } from '@/server/features/resources/resources.policy'
import { findOne } from '@/server/features/resources/resources.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { conflict, notFound } from '@/server/platform/errors'
import { countsByKind } from './clouds.move'
import { backgroundAbove, planMove } from './clouds.move.service'
import * as repo from './clouds.repo'
import type * as schema from './clouds.schema'

const NAMED = 5
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const mayAdd = (op: SignedInOp) =>
  unless(
    op.tenant.isMaster && 'The master tenant has its clouds already',
    !can(op, 'clouds', 'full') && 'You may see clouds, but not add them',
  )

function byKind(counts: ReadonlyMap<string, number>) {
  return KINDS.filter(({ kind }) => counts.has(kind)).map(({ kind, plural }) => ({
    kind,
    label: plural,
    count: counts.get(kind) ?? 0,
  }))
}

/** The public clouds that the provider's tenant role grants this tenant, added or not (PRODUCT rule 5). */
export async function offered(op: SignedInOp): Promise<schema.CloudOffers> {
  const rows = await inTenant(op, (tx) => repo.offersOf(tx))
  return {
    rows: rows.map(({ id, name, spec, level, added }) => ({
      id,
      name,
      description: text(spec.description),
      location: text(spec.location),
      level,
      added,
    })),
    can: { add: mayAdd(op) },
  }
}

/** Adds an offered cloud to the tenant, with a group of its name. @throws AppError not_found, 409 when it is there */
export function addCloud(op: SignedInOp, id: string) {
  return mutate(op, async ({ tx, audit }) => {
    const offer = (await repo.offersOf(tx)).find((one) => one.id === id)
    if (!offer) throw notFound()
    if (offer.added) throw conflict(`${offer.name} is added already`)
    const group = await repo.groupFor(tx, op.tenant.id, offer)
    await repo.addCloud(tx, op.tenant.id, id, group.id)
    audit({
      targetKind: 'cloud',
      targetId: id,
      targetName: offer.name,
      after: { added: true, level: offer.level, group: group.name },
    })
    return { id, name: offer.name, group }
  })
}

/** Takes an added cloud off the tenant's list; its group stays. @throws AppError not_found, 409 naming what the tenant has in it */
export function removeAdded(op: SignedInOp, id: string) {
  return mutate(
    op,
    async ({ tx, audit }) => {
      const offer = (await repo.offersOf(tx)).find((one) => one.id === id && one.added)
      if (!offer) throw notFound()
      const own = await repo.ownIn(tx, op.tenant.id, id, NAMED + 1)
      if (own.length > 0)
        throw conflict(
          `You have ${own.slice(0, NAMED).join(', ')}${own.length > NAMED ? ' and more' : ''} in it. Remove what you made there first.`,
        )
      if (!(await repo.removeCloud(tx, op.tenant.id, id))) throw notFound()
      audit({
        targetKind: 'cloud',
        targetId: id,
        targetName: offer.name,
        before: { added: true },
        after: { added: false },
      })
      return { id, name: offer.name }
    },
    { exclusive: [op.tenant.id] },
  )
}

/** What the page of a cloud says of it beside its fields. @throws AppError not_found */
export function overview(op: SignedInOp, id: string): Promise<schema.CloudOverview> {
  return inTenant(op, async (tx) => {
    const cloud = await findOne(tx, op, 'cloud', id)
    const counts = await repo.countIn(tx, viewerOf(op), id)
    return {
      counts: byKind(new Map(counts.map(({ kind, count }) => [kind, count]))),
      added: await addedOf(tx, op, id),
      offer: op.tenant.isMaster ? await offerOf(tx, cloud) : null,
    }
  })
}

async function offerOf(
  tx: Tx,
  cloud: { id: string; visibility: string },
): Promise<schema.CloudOverview['offer']> {
  return {
    public: cloud.visibility === 'public',
    roles: await repo.rolesGranting(tx, cloud.id),
    tenants: await repo.tenantsWith(tx, cloud.id),
  }
}

async function addedOf(tx: Tx, op: SignedInOp, id: string): Promise<schema.CloudOverview['added']> {
  const offer = (await repo.offersOf(tx)).find((one) => one.id === id && one.added)
  if (!offer) return null
  const name = await repo.groupName(tx, op.tenant.id, offer.groupId)
  return {
    level: offer.level,
    group: name === null || offer.groupId === null ? null : { id: offer.groupId, name },
    remove: unless(!can(op, 'clouds', 'full') && 'You may see clouds, but not remove them'),
  }
}

/** What assigning a cloud would move, for whom, and what stands in its way (PRODUCT rule 4). @throws AppError not_found */
export function movePreview(op: SignedInOp, id: string, tenantId: string): Promise<schema.MovePreview> {
  return inTenant(op, async (tx) => {
    const cloud = await findOne(tx, op, 'cloud', id)
    const to = await tenantChoice(tx, tenantId)
    const plan = await planMove(tx, op, cloud, to)
    return {
      total: plan.total,
      counts: byKind(new Map(Object.entries(countsByKind(plan.shares)))).map((one) =>
        one.count === 1 ? { ...one, label: labelOfKind(one.kind) } : one,
      ),
      lines: effectLines(plan.effects),
      blockers: plan.blockers.map(({ kind, name, tenant }) => ({
        kind,
        label: labelOfKind(kind),
        name,
        tenant,
      })),
      blocked: Number(plan.blockers[0]?.total ?? 0),
      background: plan.total > backgroundAbove(),
    }
  })
}

/** The clouds that a new tenant with this tenant role has from the start (PRODUCT rule 5). @throws AppError not_found */
export function startsWith(op: SignedInOp, tenantRoleId: string) {
  return inTenant(op, async (tx) => {
    if (!(await repo.tenantRoleExists(tx, tenantRoleId))) throw notFound()
    return { rows: await repo.cloudsOfRole(tx, op.tenant.id, tenantRoleId) }
  })
}
