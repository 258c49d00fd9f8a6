import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ABOUT_SNAPSHOTS, MACHINE_ACTIONS, type MachineActionName, whyNotIn } from '@/lib/machine-actions'
import type { Connector, ConnectorContext } from '@/server/connectors/contract'
import { connectorOf } from '@/server/connectors/registry'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Tx } from '@/server/db/scope'
import { dial, type Live, liveConnection, tellable } from '@/server/features/connections/dial'
import { unless, verdict } from '@/server/features/resources/resources.policy'
import { findOne } from '@/server/features/resources/resources.service'
import { conflict, denied, invalidField } from '@/server/platform/errors'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { isBeingMade } from './creations.repo'
import * as repo from './machines.repo'
import type * as schema from './machines.schema'
import { wakeActions } from './machines.wake'

const LAST = 10
const KIND = 'virtual_machine'
type Row = Awaited<ReturnType<typeof findOne>>
type Verdict = schema.MachineView['actions'][number]['may']

const figure = z.number().nonnegative().nullable().catch(null).default(null)
/** Facts as server/features/connections/found.ts writes them. */
const facts = z.object({
  usage: z
    .object({
      cpu: figure,
      memoryUsed: figure,
      memoryTotal: figure,
      diskUsed: figure,
      diskTotal: figure,
      since: z.iso.datetime().nullable().catch(null).default(null),
    })
    .prefault({}),
  told: z.record(z.string(), z.string()).catch({}).default({}),
})

/** Whether its cloud can be asked how it was doing. */
const mayTellHistory = ({ connector, missingSince }: repo.FoundRecord): Verdict =>
  unless(
    connector === null && 'Its cloud is not connected',
    connector !== null &&
      connectorOf(connector)?.capabilities.metrics !== true &&
      'Its cloud keeps no history of usage',
    missingSince !== null && 'Its cloud does not tell of it any more',
  )

function foundView(found: repo.FoundRecord): NonNullable<schema.MachineView['found']> {
  const { usage, told } = facts.catch(() => facts.parse({})).parse(found.facts)
  return {
    externalId: found.externalId,
    missingSince: found.missingSince?.toISOString() ?? null,
    state: found.state,
    usage,
    history: mayTellHistory(found),
    told: Object.entries(told).map(([label, value]) => ({ label, value })),
    asOf: found.okAt?.toISOString() ?? null,
  }
}

/** Whether it may be done: by the tenant and the person, in this state, by a cloud that can. */
function mayDo(
  op: SignedInOp,
  row: Row,
  found: repo.FoundRecord,
  name: MachineActionName,
  busy: boolean,
): Verdict {
  const act = verdict(op, row, 'act')
  const remove = verdict(op, row, 'delete')
  const able: readonly string[] =
    (found.connector && connectorOf(found.connector)?.capabilities.actions) || []
  return unless(
    !act.allowed && (act.reason ?? 'You may see it, but not use it'),
    name === 'delete' && !remove.allowed && (remove.reason ?? 'Its owner alone deletes it'),
    found.connector === null && 'Its cloud is not connected any more',
    !able.includes(name) && 'Its cloud cannot do this',
    busy && 'Something is being done with it',
    whyNotIn(name, found.state) ?? false,
  )
}

const isOpen = ({ status }: { status: string }) => status !== 'ok' && status !== 'failed'

/** What its cloud tells of a machine, what may be done with it, and what was done last. @throws AppError not_found */
export function getMachine(op: SignedInOp, id: string): Promise<schema.MachineView> {
  return inTenant(op, async (tx) => {
    const row = await findOne(tx, op, KIND, id)
    const found = await repo.findFound(tx, id)
    const doings = await repo.doingsOf(tx, op.tenant.id, id, LAST)
    const busy = doings.some(isOpen) || (await isBeingMade(tx, op.tenant.id, id))
    return {
      found: found ? foundView(found) : null,
      actions: found
        ? (Object.keys(MACHINE_ACTIONS) as MachineActionName[]).map((action) => ({
            action,
            may: mayDo(op, row, found, action, busy),
          }))
        : [],
      doings: doings.map((one) => ({
        ...one,
        createdAt: one.createdAt.toISOString(),
        finishedAt: one.finishedAt?.toISOString() ?? null,
      })),
    }
  })
}

async function assertMay(tx: Tx, op: SignedInOp, id: string, name: MachineActionName): Promise<Row> {
  const row = await findOne(tx, op, KIND, id)
  const found = await repo.findFound(tx, id)
  if (!found) throw conflict('It was entered by hand: nothing can be done with it from here')
  const { allowed, reason } = mayDo(op, row, found, name, await isBeingMade(tx, op.tenant.id, id))
  if (!allowed) throw denied(reason)
  return row
}

/** What is missing in the question itself. @throws AppError invalid_input */
function assertAsked(
  { action, snapshot, confirmName }: z.output<typeof schema.actInput>,
  name: string,
): void {
  if (ABOUT_SNAPSHOTS.has(action) && snapshot === undefined) throw invalidField('snapshot', 'Enter a name')
  if (action === 'delete' && confirmName?.trim() !== name) throw invalidField('confirmName', `Type ${name}`)
}

/**
 * Asks for something to be done with a machine; a worker does it and follows it to its real end. The log has a row for the asking and one for
 * the end.
 * @throws AppError 400, 403, 404; 409 while something else is being done with it
 */
export async function act(op: SignedInOp, input: z.output<typeof schema.actInput>) {
  try {
    return await mutate(op, async ({ tx, fresh, audit, after }) => {
      const row = await assertMay(tx, { ...op, ...fresh }, input.id, input.action)
      assertAsked(input, row.name)
      const id = randomUUID()
      const snapshot = ABOUT_SNAPSHOTS.has(input.action) ? (input.snapshot ?? '') : ''
      await repo.insertAction(tx, {
        id,
        tenantId: op.tenant.id,
        resourceId: row.id,
        name: input.action,
        snapshot,
        requestId: op.requestId,
        ip: op.ip,
        createdBy: op.actor.userId,
      })
      audit({
        targetKind: KIND,
        targetId: row.id,
        targetName: row.name,
        after: { action: input.action, snapshot },
        ...(op.tenant.isMaster && { alsoIn: [row.assignedId] }),
      })
      after(() => Promise.resolve(wakeActions()))
      return { id, name: row.name }
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict('Something is being done with it already')
    throw error
  }
}

const LIST_MS = 20_000

/** Asks a machine's cloud. @returns the answer, or why there is none, in words that may be shown */
async function askCloud<T>(
  live: Live,
  question: (connector: Connector, context: ConnectorContext) => Promise<T> | undefined,
): Promise<{ answer?: T; why: string }> {
  try {
    const { connector, context } = dial(live, AbortSignal.timeout(LIST_MS))
    return { answer: await question(connector, context), why: '' }
  } catch (error) {
    const told = tellable(error)
    if (!told) throw error
    return { why: told.message }
  }
}

/** Snapshots of a machine, asked of its cloud. @throws AppError 403, 404 */
export async function snapshots(op: SignedInOp, id: string): Promise<schema.SnapshotList> {
  const found = await inTenant(op, async (tx) => {
    const row = await findOne(tx, op, KIND, id)
    const { allowed, reason } = verdict(op, row, 'act')
    if (!allowed) throw denied(reason)
    return repo.findFound(tx, id)
  })
  const live = found && (await liveConnection(found.cloudId))
  if (!found || !live) return { rows: [], why: 'Its cloud is not connected' }
  const { answer = [], why } = await askCloud(live, (connector, context) =>
    connector.snapshots?.(context, { kind: KIND, externalId: found.externalId }),
  )
  return {
    rows: answer.slice(0, 200).map(({ name, takenAt, description }) => ({
      name,
      takenAt: takenAt ?? null,
      description: description ?? '',
    })),
    why,
  }
}

const NO_FIGURES = {
  ...{ cpu: null, memoryUsed: null, memoryTotal: null },
  ...{ diskRead: null, diskWrite: null, netIn: null, netOut: null },
}

/**
 * How a machine was doing, asked of its cloud, for whoever sees it. Who owns the cloud sees all that it keeps; everybody else nothing from
 * before the machine was found or came to the tenant that uses it (as hosts.metrics; and a cloud gives the number of a deleted guest, with its
 * history, to a new one).
 * @throws AppError not_found
 */
export async function metrics(
  op: SignedInOp,
  { id, span }: z.output<typeof schema.metricsInput>,
): Promise<schema.MetricsView> {
  const found = await inTenant(op, async (tx) => {
    await findOne(tx, op, KIND, id)
    return repo.findFound(tx, id)
  })
  if (!found) return { points: [], why: 'It was entered by hand: no cloud tells of it' }
  const { allowed, reason = '' } = mayTellHistory(found)
  if (!allowed) return { points: [], why: reason }
  const live = await liveConnection(found.cloudId)
  if (!live) return { points: [], why: 'Its cloud is not connected' }
  const since = live.ownerId === op.tenant.id ? '' : found.usedSince.toISOString()
  const { answer = [], why } = await askCloud(live, (connector, context) =>
    connector.metrics?.(context, { kind: KIND, externalId: found.externalId }, span),
  )
  const points = answer.filter(({ at }) => at >= since).slice(-500)
  return { points: points.map((point) => ({ ...NO_FIGURES, ...point })), why }
}
