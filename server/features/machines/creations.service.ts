import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { VIRTUAL_MACHINE } from '@/lib/resource-kinds/virtual-machine'
import { formatBytes } from '@/lib/units'
import { mayCreate } from '@/server/authz/reach'
import { viewerOf } from '@/server/authz/sight'
import type { Creates } from '@/server/connectors/contract'
import { connectorOf } from '@/server/connectors/registry'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Tx, type WriteTx } from '@/server/db/scope'
import { usableAmong, writeLinks } from '@/server/features/resources/resources.content'
import { bornEffects, insertNew } from '@/server/features/resources/resources.create.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { AppError, conflict } from '@/server/platform/errors'
import * as repo from './creations.repo'
import type * as schema from './creations.schema'
import { wakeCreations } from './machines.wake'

const MOST = 500
const LAST = 10
const KIND = VIRTUAL_MACHINE.kind
type Input = z.output<typeof schema.createInput>

/** Connected clouds that this person may put machines into, with what can be made there. */
async function cloudsOf(tx: Tx, op: SignedInOp): Promise<(repo.ConnectedCloud & { creates: Creates })[]> {
  const seen = (await repo.connectedClouds(tx, viewerOf(op), MOST)).flatMap((cloud) => {
    const creates = connectorOf(cloud.connector)?.capabilities.creates
    return creates && mayCreate(op.reach, KIND, cloud.id) ? [{ ...cloud, creates }] : []
  })
  const ids = seen.map(({ id }) => id)
  const mine = await usableAmong(tx, op, ['cloud'], ids, 'cloud')
  return seen.filter(({ id }) => mine.has(id))
}

const figure = (spec: unknown, name: string): number | null => {
  const value = (spec as Record<string, unknown> | null)?.[name]
  return typeof value === 'number' ? value : null
}
const textOf = (spec: unknown, name: string): string => {
  const value = (spec as Record<string, unknown> | null)?.[name]
  return typeof value === 'string' ? value : ''
}

/** What there is to choose in one cloud, of what is this person's to use. */
async function choicesIn(
  tx: Tx,
  op: SignedInOp,
  cloudId: string,
  { from, place, network }: Creates,
): Promise<NonNullable<schema.Choices['cloud']>> {
  const kinds = [from, place.kind, 'datastore', ...(network ? ['network'] : [])]
  const found = await repo.choicesIn(tx, viewerOf(op), cloudId, kinds, MOST)
  const ids = found.map(({ id }) => id)
  const refs = await usableAmong(tx, op, kinds, ids)
  const places = await usableAmong(tx, op, [place.kind], ids, 'parent')
  const of = (kind: string, mine: ReadonlySet<string>) =>
    found.filter((one) => one.kind === kind && mine.has(one.id))
  const named = (kind: string, mine: ReadonlySet<string>) =>
    of(kind, mine).map(({ id, name }) => ({ id, name }))
  return {
    id: cloudId,
    sourceLabel: from === 'virtual_image' ? 'Image' : 'Template',
    sources: of(from, refs).map(({ id, name, spec }) => ({
      ...{ id, name, cores: figure(spec, 'cores'), memory: figure(spec, 'memory') },
      ...{ disk: figure(spec, 'disk'), os: textOf(spec, 'os') },
    })),
    placeLabel: place.label,
    placeRequired: place.required,
    places: named(place.kind, places),
    datastores: named('datastore', refs),
    networks: network ? named('network', refs) : null,
  }
}

/** What a machine can be made of and where, the tenant's limits, and the last ones that were asked for. */
export function choices(op: SignedInOp, cloudId: string | undefined): Promise<schema.Choices> {
  return inTenant(op, async (tx) => {
    const clouds = await cloudsOf(tx, op)
    const cloud = clouds.find(({ id }) => id === cloudId)
    const creations = await repo.creationsOf(tx, viewerOf(op), op.tenant.id, op.actor.userId, LAST)
    return {
      clouds: clouds.map(({ id, name }) => ({ id, name })),
      cloud: cloud ? await choicesIn(tx, op, cloud.id, cloud.creates) : null,
      limits: await repo.limitsOf(tx, op.tenant.id),
      creations: creations.map((one) => ({
        ...one,
        createdAt: one.createdAt.toISOString(),
        finishedAt: one.finishedAt?.toISOString() ?? null,
      })),
    }
  })
}

const gone = (field: string) => {
  const why = 'This is not there, or not yours to use'
  return new AppError('not_found', why, { fields: { [field]: why } })
}

/** Everything that was chosen is in this cloud and this person's to use. @throws AppError by field */
async function assertChosen(tx: Tx, op: SignedInOp, input: Input): Promise<void> {
  const cloud = (await cloudsOf(tx, op)).find(({ id }) => id === input.cloudId)
  if (!cloud) throw gone('cloudId')
  const { sources, places, datastores, networks, placeLabel } = await choicesIn(
    tx,
    op,
    cloud.id,
    cloud.creates,
  )
  const source = sources.find(({ id }) => id === input.sourceId)
  if (!source) throw gone('sourceId')
  const among = (field: 'placeId' | 'datastoreId' | 'networkId', all: readonly { id: string }[]) => {
    if (input[field] !== undefined && !all.some(({ id }) => id === input[field])) throw gone(field)
  }
  among('placeId', places)
  among('datastoreId', datastores)
  among('networkId', networks ?? [])
  const fields: Record<string, string> = {}
  if (cloud.creates.place.required && input.placeId === undefined) fields.placeId = `${placeLabel} is needed`
  if (source.disk !== null && input.disk < source.disk)
    fields.disk = `At least ${formatBytes(source.disk)}: that is what ${source.name} has`
  if (Object.keys(fields).length > 0)
    throw new AppError('invalid_input', 'Some fields are not right', { fields })
}

const WORDS: Record<keyof schema.Limits, (most: number, whose: string) => string> = {
  machines: (most, whose) => `${whose} may have ${most} virtual machines, and has them`,
  cores: (most, whose) => `${whose} may make machines of at most ${most} cores`,
  memory: (most, whose) => `${whose} may make machines of at most ${formatBytes(most)} of memory`,
  disk: (most, whose) => `${whose} may make machines with disks of at most ${formatBytes(most)}`,
}

/** Says which limit it is, on the field that it is about. */
async function refused(
  tx: Tx,
  op: SignedInOp,
  hit: keyof schema.Limits,
  assignedId: string,
): Promise<AppError> {
  const most = (await repo.limitsOf(tx, assignedId))[hit] ?? 0
  const whose = assignedId === op.tenant.id ? 'Your tenant' : (await tenantChoice(tx, assignedId)).name
  const why = WORDS[hit](most, whose)
  return hit === 'machines' ? conflict(why) : new AppError('invalid_input', why, { fields: { [hit]: why } })
}

async function enter(tx: WriteTx, op: SignedInOp, input: Input, resourceId: string): Promise<string> {
  const { cores, memory, disk, name, cloudId } = input
  const row = {
    id: resourceId,
    name,
    cloudId,
    parentId: input.placeId ?? null,
    spec: { cores, memory, disk },
  }
  const assignedId = await insertNew(tx, op, VIRTUAL_MACHINE, row)
  const links = new Map<string, string[]>()
  if (input.datastoreId !== undefined) links.set('datastores', [input.datastoreId])
  if (input.networkId !== undefined) links.set('networks', [input.networkId])
  await writeLinks(tx, resourceId, links)
  return assignedId
}

/**
 * Asks for a machine to be made in its cloud. Its row is there from now on, as what is entered by hand is: owned by the acting tenant. A
 * worker makes it and follows it to its real end; where it fails, the row goes. The log has a row for the asking and one for the end.
 * @throws AppError 400 by field, 403, 404; 409 where the tenant has as many machines as it may
 */
export function create(op: SignedInOp, input: Input): Promise<z.output<typeof schema.creating>> {
  return mutate(op, async ({ tx, fresh, audit, after }) => {
    const now: SignedInOp = { ...op, ...fresh }
    await assertChosen(tx, now, input)
    const [id, resourceId] = [randomUUID(), randomUUID()]
    const assignedId = await enter(tx, now, input, resourceId)
    const { name, cores, memory, disk, start, sourceId: source } = input
    const asked = {
      ...{ cores, memory, disk, start, source, place: input.placeId ?? null },
      ...{ datastore: input.datastoreId ?? null, network: input.networkId ?? null },
    }
    const hit = await repo.askFor(tx, { id, resourceId, asked, requestId: op.requestId, ip: op.ip })
    if (hit !== null) throw await refused(tx, now, hit, assignedId)
    const born = await bornEffects(tx, now, `${VIRTUAL_MACHINE.label} ${name}`, assignedId)
    audit({
      targetKind: KIND,
      targetId: resourceId,
      targetName: name,
      after: { name, ...asked, cloud: input.cloudId },
      alsoIn: [assignedId],
      ...(born.length > 0 && { effects: born }),
    })
    after(() => Promise.resolve(wakeCreations()))
    return { id, resourceId, name }
  })
}

/** How many machines a tenant may have, and how large ones it may make. @throws AppError not_found */
export function getLimits(op: SignedInOp, tenantId: string): Promise<schema.Limits> {
  return inTenant(op, async (tx) => {
    await tenantChoice(tx, tenantId)
    return repo.limitsOf(tx, tenantId)
  })
}

/** Holds from now on; what there is stays. @throws AppError not_found */
export function setLimits(
  op: SignedInOp,
  { tenantId, ...limits }: z.output<typeof schema.setLimitsInput>,
): Promise<schema.Limits> {
  return mutate(op, async ({ tx, audit }) => {
    const tenant = await tenantChoice(tx, tenantId)
    const before = await repo.limitsOf(tx, tenantId)
    await repo.writeLimits(tx, tenantId, limits)
    audit({
      targetKind: 'tenant',
      targetId: tenantId,
      targetName: tenant.name,
      before: { ...before },
      after: { ...limits },
      alsoIn: [tenantId],
    })
    return limits
  })
}
