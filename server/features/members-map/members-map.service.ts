import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { effectLines, type Effect } from '@/lib/effects'
import { kindOf } from '@/lib/resource-kinds/registry'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { writeAudit } from '@/server/db/audit-write'
import { inTenant, mutate, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import { assertMay } from '@/server/features/grants/grants.policy'
import { type Grant, givenTo } from '@/server/features/grants/grants.service'
import { createWithin, revokeWithin } from '@/server/features/grants/grants.write.service'
import { findSeen } from '@/server/features/resources/resources.service'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { conflict, invalidField } from '@/server/platform/errors'
import { mayGiveAll, maySetMap } from './members-map.policy'
import { isId, readMap, TYPES, typeOf, type Wanted } from './members-map.read'
import * as repo from './members-map.repo'
import type { MembersMap, MembersMapView, setInput } from './members-map.schema'

type SetInput = z.output<typeof setInput>
type Whole = Awaited<ReturnType<typeof repo.wholeKinds>>[number]
interface Held {
  grants: Grant[]
  whole: Whole[]
}

async function heldBy(tx: Tx, op: SignedInOp, tenantId: string): Promise<Held> {
  return {
    grants: await givenTo(tx, op, tenantId),
    whole: await repo.wholeKinds(tx, op.tenant.id, tenantId),
  }
}

/** Changes whenever what the map says changes. */
const versionOf = ({ grants, whole }: Held): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        grants.map(({ id, role, status }) => [id, role, status]),
        whole.map((w) => [w.kind, w.role]),
      ]),
    )
    .digest('base64url')

/** The map as text: names, or ids where a name is not one alone or could be read as something else. */
async function mapOf(tx: Tx, op: SignedInOp, { grants, whole }: Held): Promise<MembersMap> {
  const map: MembersMap = {}
  for (const { kind } of whole) map[typeOf(kind)] = ['*']
  const kinds = [...new Set(grants.map(({ kind }) => kind))].filter((kind) => !(typeOf(kind) in map))
  for (const kind of kinds) {
    const of = grants.filter((grant) => grant.kind === kind)
    const names = of.map(({ name }) => name)
    const unclear = await repo.ambiguous(tx, viewerOf(op), kind, names)
    map[typeOf(kind)] = of.map(({ name, resourceId }) =>
      unclear.includes(name) || name === '*' || isId(name) || name !== name.trim() ? resourceId : name,
    )
  }
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function rowsOf({ grants, whole }: Held): MembersMapView['rows'] {
  const label = (kind: string) => kindOf(kind)?.plural ?? kind
  return [
    ...whole.map(({ kind, role, status }) => ({
      type: typeOf(kind),
      label: label(kind),
      id: null,
      name: 'All, also those to come',
      role,
      status,
    })),
    ...grants.map(({ kind, resourceId, name, role, status }) => ({
      type: typeOf(kind),
      label: label(kind),
      id: resourceId,
      name,
      role,
      status,
    })),
  ].sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0))
}

/** What the master gives a tenant, as the members map of seed 004 (PRODUCT rule 17). @throws AppError 404 */
export async function getMap(op: SignedInOp, tenantId: string): Promise<MembersMapView> {
  await subtenantOf(op, tenantId)
  const may = maySetMap(op)
  return inTenant(op, async (tx) => {
    const held = await heldBy(tx, op, tenantId)
    return {
      map: await mapOf(tx, op, held),
      version: versionOf(held),
      rows: rowsOf(held),
      types: TYPES.map(({ member, plural }) => ({ type: member, label: plural })),
      can: { set: may.allowed },
      why: { set: may.reason },
    }
  })
}

/** What of the held is not asked for any more. Where all of a kind is, single shares that give more than all does stay. */
const goneOf = (held: Held, wanted: readonly Wanted[]) => {
  const of = (kind: string) => wanted.find((one) => one.kind.kind === kind)
  return {
    grants: held.grants.filter(({ kind, resourceId, role, direct }) =>
      of(kind)?.all ? direct && role === 'viewer' : !of(kind)?.ids.includes(resourceId),
    ),
    whole: held.whole.filter(({ kind }) => !of(kind)?.all),
  }
}

interface Target {
  id: string
  name: string
}

const wholeEffect = (to: Target, kind: string, change: Effect['change']): Effect => ({
  tenantId: to.id,
  tenant: to.name,
  who: '',
  change,
  what: `all ${kindOf(kind)?.plural ?? kind}, also those to come`,
})

async function giveWhole(tx: WriteTx, op: SignedInOp, to: Target, held: Held, wanted: readonly Wanted[]) {
  const gone = goneOf(held, wanted).whole
  const fresh = wanted.filter(({ kind, all }) => all && held.whole.every((w) => w.kind !== kind.kind))
  for (const kind of [...gone.map((w) => w.kind), ...fresh.map((w) => w.kind.kind)])
    assertMay(mayGiveAll(op, kind))
  for (const { kind } of gone) await repo.deleteWhole(tx, op.tenant.id, to.id, kind)
  for (const { kind } of fresh) await repo.insertWhole(tx, op.tenant.id, to.id, kind.kind)
  return [
    ...gone.map(({ kind }) => wholeEffect(to, kind, 'loses')),
    ...fresh.map(({ kind }) => wholeEffect(to, kind.kind, 'gains')),
  ]
}

async function giveSingle(tx: WriteTx, op: SignedInOp, to: Target, held: Held, wanted: readonly Wanted[]) {
  const effects = (await revokeWithin(tx, op, goneOf(held, wanted).grants, false)).effects
  const ids = wanted
    .flatMap((one) => one.ids)
    .filter((id) => held.grants.every(({ resourceId }) => resourceId !== id))
  for (const row of await findSeen(tx, op, ids)) {
    if (row.assignedId !== op.tenant.id)
      throw invalidField(
        'map',
        `${typeOf(row.kind)}: ${row.name} is assigned to ${row.assignedName ?? 'a tenant'}`,
      )
    const worth = { role: 'viewer' as const, expiresAt: null, direct: true }
    effects.push(...(await createWithin(tx, op, row, to, worth)).effects)
  }
  return effects
}

async function setWithin(tx: WriteTx, op: SignedInOp, to: Target, input: SetInput): Promise<Effect[]> {
  assertMay(maySetMap(op))
  const held = await heldBy(tx, op, to.id)
  if (input.version !== undefined && input.version !== versionOf(held))
    throw conflict('Somebody changed it meanwhile. Reload and try again.')
  const wanted = await readMap(tx, op, input.map)
  return [...(await giveWhole(tx, op, to, held, wanted)), ...(await giveSingle(tx, op, to, held, wanted))]
}

/** The subtenant, to which something may be given. @throws AppError 404, 409 */
async function receiver(op: SignedInOp, id: string): Promise<Target> {
  const tenant = await subtenantOf(op, id)
  if (tenant.status !== 'active') throw conflict(`${tenant.name} is not active. Enable it first.`)
  return tenant
}

/**
 * Replaces what the master gives a tenant: what the map does not name is nothing (deny by default), `*` is all of a type, also
 * what is to come. What is new is given to look at and refer to; shares that are there keep their role.
 * @throws AppError 400 that names an unknown type or item, 403, 404, 409 when it was changed meanwhile
 */
export async function setMap(op: SignedInOp, input: SetInput): Promise<MembersMapView> {
  const to = await receiver(op, input.tenantId)
  await mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const now: SignedInOp = { ...op, ...fresh }
      const before = await mapOf(tx, now, await heldBy(tx, now, to.id))
      const lines = effectLines(await setWithin(tx, now, to, input))
      const after = await mapOf(tx, now, await heldBy(tx, now, to.id))
      const entry = {
        targetKind: 'tenant',
        targetId: to.id,
        targetName: to.name,
        before: { map: before },
        after: { map: after, effects: lines },
      }
      await writeAudit(tx, op, { ...entry, onlyIn: [to.id] })
      audit(entry)
    },
    { exclusive: [to.id] },
  )
  return getMap(op, to.id)
}

/** Who would gain and lose what. @throws AppError as `setMap` */
export async function previewMap(op: SignedInOp, input: SetInput): Promise<string[]> {
  const to = await receiver(op, input.tenantId)
  return rehearse(op, async (tx) => effectLines(await setWithin(tx, op, to, input)))
}
