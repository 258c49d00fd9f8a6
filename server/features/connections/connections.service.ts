import type { z } from 'zod'
import { tidyNetworks } from '@/lib/networks'
import { CONNECTORS, connectorOf } from '@/server/connectors/registry'
import { can, type SignedInOp } from '@/server/context/op'
import { database } from '@/server/db/runtime'
import { inTenant, mutate, type Tx } from '@/server/db/scope'
import { createResource } from '@/server/features/resources/resources.create.service'
import { abilities, unless } from '@/server/features/resources/resources.policy'
import { findOne } from '@/server/features/resources/resources.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { AppError, conflict, denied, invalidField } from '@/server/platform/errors'
import { seal } from '@/server/platform/seal'
import * as repo from './connections.repo'
import type * as schema from './connections.schema'
import { remedyOf } from './connections.words'
import { dial, liveConnection } from './dial'
import { isStale } from './stale'
import { secretPlace } from './secret-place'
import { wakeSync } from './sync.wake'
import { assertMayTry, attempt, lookAt, verify, type Verified } from './verify'

type Cloud = Awaited<ReturnType<typeof findOne>>

const mayConnect = (op: SignedInOp) =>
  unless(!can(op, 'clouds', 'full') && 'You may see clouds, but not connect them')

/** Who controls a cloud decides how it is reached. */
const mayManage = (op: SignedInOp, cloud: Cloud) => {
  const { edit } = abilities(op, cloud)
  return unless(
    cloud.ownerId !== op.tenant.id && 'Your provider manages it',
    !edit.allowed && (edit.reason ?? 'You may see it, but not change it'),
    !can(op, 'clouds', 'full') && 'You may see clouds, but not connect them',
  )
}

const mayRefresh = (op: SignedInOp, cloud: Cloud) =>
  unless(
    cloud.ownerId !== op.tenant.id && cloud.assignedId !== op.tenant.id && 'Your provider manages it',
    !can(op, 'clouds', 'user') && 'You may see clouds, but not use them',
  )

/** The cloud, for who controls it. @throws AppError 403, 404 */
async function managed(tx: Tx, op: SignedInOp, id: string): Promise<Cloud> {
  const cloud = await findOne(tx, op, 'cloud', id)
  const { allowed, reason } = mayManage(op, cloud)
  if (!allowed) throw denied(reason)
  return cloud
}

/** What can be connected, and what is to be entered for it. */
export function connectors(op: SignedInOp): schema.ConnectorList {
  return {
    rows: CONNECTORS.map(({ id, label, endpoint, fields, capabilities }) => ({
      id,
      label,
      endpoint: { placeholder: endpoint.placeholder, hint: endpoint.hint },
      fields: fields.map((field) => ({ ...field })),
      finds: [...capabilities.finds],
      actions: [...capabilities.actions],
    })),
    can: { connect: mayConnect(op) },
  }
}

/** Looks which certificate a server shows before anything is said to it. @throws AppError 400, 429 */
export async function look(op: SignedInOp, connector: string, endpoint: string): Promise<schema.LookAnswer> {
  await assertMayTry(op.tenant.id)
  const answer = await lookAt(op.tenant.id, connector, endpoint)
  await mutate(op, ({ audit }) => {
    audit({
      targetKind: 'cloud',
      targetId: '',
      targetName: endpoint,
      after: { connector, answer: answer.ok ? 'ok' : answer.code },
    })
    return Promise.resolve()
  })
  return answer
}

function syncView(sync: repo.SyncRecord): schema.SyncView {
  const { okAt, everySeconds, nextAt, startedAt, finishedAt } = sync
  return {
    ...sync,
    nextAt: nextAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    okAt: okAt?.toISOString() ?? null,
    stale: isStale(okAt, everySeconds),
    remedy: remedyOf(sync.code),
  }
}

/** How a cloud is connected and how its looks go, as far as it is the tenant's to know. @throws AppError not_found */
export function getConnection(op: SignedInOp, id: string): Promise<schema.ConnectionView> {
  return inTenant(op, async (tx) => {
    const cloud = await findOne(tx, op, 'cloud', id)
    const found = await repo.findConnection(tx, op.tenant.id, id)
    const sync = await repo.findSync(tx, op.tenant.id, id)
    return {
      connection: found
        ? {
            connector: found.connector,
            label: connectorOf(found.connector)?.label ?? found.connector,
            endpoint: found.endpoint,
            fingerprint: found.fingerprint,
            ca: found.ca !== null,
            activity: connectorOf(found.connector)?.capabilities.activity ?? false,
            backups: connectorOf(found.connector)?.capabilities.backups ?? false,
            updatedAt: found.updatedAt.toISOString(),
          }
        : null,
      sync: sync ? syncView(sync) : null,
      can: { manage: mayManage(op, cloud), refresh: mayRefresh(op, cloud) },
    }
  })
}

/** @throws AppError 400 with what the cloud, or the way to it, said; on the endpoint where that is wrong */
async function verified(op: SignedInOp, how: schema.How): Promise<Verified> {
  if (!how.untested) await assertMayTry(op.tenant.id)
  const answer = await verify(op.tenant.id, how)
  if (answer.ok) return answer
  const why = [answer.message, answer.remedy].filter(Boolean).join(' ')
  const field = ['unauthenticated', 'forbidden'].includes(answer.code) ? 'secret' : 'endpoint'
  throw new AppError('invalid_input', why, { fields: { [field]: answer.message } })
}

/** Keeps a verified connection of a cloud of the acting tenant's; the first look follows at once. */
function keep(op: SignedInOp, id: string, made: Verified): Promise<string> {
  return mutate(op, async ({ tx, fresh, audit, after }) => {
    const cloud = await managed(tx, { ...op, ...fresh }, id)
    const before = await repo.findConnection(tx, op.tenant.id, id)
    if (before && before.connector !== made.connector.id)
      throw conflict('It is connected to another kind of cloud. Disconnect it first.')
    const place = secretPlace(op.tenant.id, id, made.endpoint)
    const row = {
      connector: made.connector.id,
      endpoint: made.endpoint,
      settings: made.settings,
      sealed: new Uint8Array(seal(database().key, place, JSON.stringify(made.secret))),
      fingerprint: made.fingerprint,
      ca: made.ca,
    }
    if (before) await repo.updateConnection(tx, id, row)
    else await repo.insertConnection(tx, id, op.actor.userId, row)
    audit({
      event: 'cloud.connect',
      targetKind: 'cloud',
      targetId: id,
      targetName: cloud.name,
      ...(before && { before: { endpoint: before.endpoint, fingerprint: before.fingerprint } }),
      after: {
        connector: row.connector,
        endpoint: row.endpoint,
        fingerprint: row.fingerprint,
        ca: row.ca !== null,
        tested: made.report !== null,
      },
      alsoIn: [cloud.assignedId],
    })
    after(() => Promise.resolve(wakeSync()))
    return cloud.name
  })
}

/** Connects a cloud that is there, or changes how it is reached; the secret is asked for each time (attack I07). @throws AppError 400, 403, 404, 409, 429 */
export async function connect(
  op: SignedInOp,
  { id, ...how }: z.output<typeof schema.connectInput>,
): Promise<z.output<typeof schema.connected>> {
  await inTenant(op, (tx) => managed(tx, op, id))
  const made = await verified(op, how)
  const name = await keep(op, id, made)
  return { id, name, report: made.report }
}

/** Names of the cloud's field "Type". */
const PROVIDERS: Readonly<Record<string, string>> = {
  proxmox: 'proxmox ve',
  incus: 'incus',
  libvirt: 'libvirt',
  docker: 'docker',
  openstack: 'openstack',
}

/** The same call, which writes its row of the log under another event. */
const under = (op: SignedInOp, audit: string): SignedInOp =>
  op.call ? { ...op, call: { ...op.call, declaration: { ...op.call.declaration, audit } } } : op

/**
 * Makes a cloud and connects it: the cloud is asked before anything is made. For the master also for which tenant it is.
 * @throws AppError 400, 403, 404, 409, 429
 */
export async function create(
  op: SignedInOp,
  { name, location, tenantId, ...how }: z.output<typeof schema.createInput>,
): Promise<z.output<typeof schema.connected>> {
  const { allowed, reason } = mayConnect(op)
  if (!allowed) throw denied(reason)
  if (tenantId !== undefined && !op.tenant.isMaster)
    throw denied('Only the provider connects clouds for others')
  const made = await verified(op, how)
  const cloud = await createResource(under(op, 'resource.create'), {
    kind: 'cloud',
    name,
    spec: { location, provider: PROVIDERS[made.connector.id] ?? 'other' },
    refs: [],
    ...(tenantId !== undefined && tenantId !== op.tenant.id && { access: { tenantId } }),
  })
  await keep(op, cloud.id, made)
  return { id: cloud.id, name, report: made.report }
}

/** Signs in with what is kept and looks around: what works, what would work with more rights. @throws AppError 403, 404, 429 */
export async function check(op: SignedInOp, id: string): Promise<schema.CheckAnswer> {
  const cloud = await inTenant(op, (tx) => managed(tx, op, id))
  await assertMayTry(op.tenant.id)
  const live = await liveConnection(id)
  if (!live) throw conflict('It is not connected')
  const answer = await attempt(async (signal) => {
    const { connector, context } = dial(live, signal)
    return { report: await connector.test(context) }
  })
  await mutate(op, ({ audit }) => {
    audit({
      targetKind: 'cloud',
      targetId: id,
      targetName: cloud.name,
      after: { answer: answer.ok ? 'ok' : answer.code },
    })
    return Promise.resolve()
  })
  return answer
}

/** Ends a connection: what was found stays, as if entered by hand. @throws AppError 400, 403, 404 */
export function remove(op: SignedInOp, id: string, confirmName: string) {
  return mutate(op, async ({ tx, fresh, audit }) => {
    const cloud = await managed(tx, { ...op, ...fresh }, id)
    if (confirmName.trim() !== cloud.name) throw invalidField('confirmName', `Type ${cloud.name}`)
    const before = await repo.findConnection(tx, op.tenant.id, id)
    if (!before || !(await repo.deleteConnection(tx, id))) throw conflict('It is not connected')
    audit({
      targetKind: 'cloud',
      targetId: id,
      targetName: cloud.name,
      before: { connector: before.connector, endpoint: before.endpoint },
      alsoIn: [cloud.assignedId],
    })
    return { id, name: cloud.name }
  })
}

/** Looks into the cloud now; also for who only uses it. @throws AppError 403, 404, 409 */
export function refresh(op: SignedInOp, id: string) {
  return mutate(op, async ({ tx, fresh, audit, after }) => {
    const now = { ...op, ...fresh }
    const cloud = await findOne(tx, now, 'cloud', id)
    const { allowed, reason } = mayRefresh(now, cloud)
    if (!allowed) throw denied(reason)
    if (!(await repo.lookSoon(tx, id))) throw conflict('It is not connected, or its looks are paused')
    audit({ targetKind: 'cloud', targetId: id, targetName: cloud.name })
    after(() => Promise.resolve(wakeSync()))
    return { id, name: cloud.name }
  })
}

/** How often, or not at present. @throws AppError 403, 404, 409 */
export function schedule(
  op: SignedInOp,
  { id, everySeconds, paused }: z.output<typeof schema.scheduleInput>,
) {
  return mutate(op, async ({ tx, fresh, audit }) => {
    const cloud = await managed(tx, { ...op, ...fresh }, id)
    const before = await repo.findSync(tx, op.tenant.id, id)
    if (!before || !(await repo.setSchedule(tx, id, everySeconds, paused)))
      throw conflict('It is not connected')
    audit({
      targetKind: 'cloud',
      targetId: id,
      targetName: cloud.name,
      before: { everySeconds: before.everySeconds, paused: before.paused },
      after: { everySeconds, paused },
    })
    return { id, name: cloud.name }
  })
}

/** Says that a look which told of much less was right. @throws AppError 403, 404, 409 */
export function accept(op: SignedInOp, id: string) {
  return mutate(op, async ({ tx, fresh, audit, after }) => {
    const cloud = await managed(tx, { ...op, ...fresh }, id)
    if (!(await repo.acceptShrink(tx, id))) throw conflict('There is nothing to accept any more')
    audit({ targetKind: 'cloud', targetId: id, targetName: cloud.name })
    after(() => Promise.resolve(wakeSync()))
    return { id, name: cloud.name }
  })
}

/** Private networks that the connections of a tenant may reach. @throws AppError not_found */
export function getEgress(op: SignedInOp, tenantId: string): Promise<schema.EgressView> {
  return inTenant(op, async (tx) => {
    await tenantChoice(tx, tenantId)
    return { networks: (await repo.findEgress(tx, tenantId)) ?? [] }
  })
}

/** @throws AppError not_found */
export function setEgress(
  op: SignedInOp,
  tenantId: string,
  networks: readonly string[],
): Promise<schema.EgressView> {
  const tidy = tidyNetworks(networks.map((network) => ({ network, note: '' }))).map(({ network }) => network)
  return mutate(op, async ({ tx, audit }) => {
    const tenant = await tenantChoice(tx, tenantId)
    const before = (await repo.findEgress(tx, tenantId)) ?? []
    await repo.writeEgress(tx, tenantId, tidy)
    audit({
      targetKind: 'tenant',
      targetId: tenantId,
      targetName: tenant.name,
      before: { networks: before },
      after: { networks: tidy },
      alsoIn: [tenantId],
    })
    return { networks: tidy }
  })
}
