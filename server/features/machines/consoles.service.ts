import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { ConsoleKind } from '@/server/connectors/contract'
import { connectorOf } from '@/server/connectors/registry'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Tx } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { unless, verdict } from '@/server/features/resources/resources.policy'
import { findOne } from '@/server/features/resources/resources.service'
import { conflict, denied } from '@/server/platform/errors'
import * as repo from './consoles.repo'
import type * as schema from './consoles.schema'
import { type FoundRecord, findFound } from './machines.repo'

const KIND = 'virtual_machine'
/** Open at once, of one person in one tenant. */
const MOST_OPEN = 10

const hashOf = (ticket: string): Buffer => createHash('sha256').update(ticket).digest()

interface Looked {
  row: Awaited<ReturnType<typeof findOne>>
  found: FoundRecord | undefined
  kind: ConsoleKind | null
  may: schema.ConsoleView['may']
}

/** Whether this person may have the console of a machine now: whoever may switch it off may also type into it. @throws AppError not_found */
async function look(tx: Tx, op: SignedInOp, id: string): Promise<Looked> {
  const row = await findOne(tx, op, KIND, id)
  const found = await findFound(tx, id)
  const kind = (found?.connector && connectorOf(found.connector)?.capabilities.console) || null
  const act = verdict(op, row, 'act')
  const may = unless(
    !act.allowed && (act.reason ?? 'You may see it, but not use it'),
    !found && 'It was entered by hand: there is no console to open',
    found?.connector === null && 'Its cloud is not connected any more',
    !kind && 'Its cloud has no console to open',
    found?.state !== 'running' && 'Only while it is running',
  )
  return { row, found, kind, may }
}

/** What a page offers. @throws AppError not_found */
export function getConsole(op: SignedInOp, id: string): Promise<schema.ConsoleView> {
  return inTenant(op, async (tx) => {
    const { row, kind, may } = await look(tx, op, id)
    return { name: row.name, kind, may }
  })
}

/**
 * A ticket for the console of a machine. The log has a row for it, and one for the end of the console.
 * @throws AppError 403, 404; 409 beyond ten at once
 */
export function openConsole(
  op: SignedInOp,
  { id }: z.output<typeof schema.consoleIdInput>,
): Promise<z.output<typeof schema.consoleTicket>> {
  return mutate(op, async ({ tx, fresh, audit }) => {
    const { row, kind, may } = await look(tx, { ...op, ...fresh }, id)
    if (!may.allowed || !kind) throw denied(may.reason)
    if ((await repo.countOpen(tx, op.tenant.id, op.actor.userId)) >= MOST_OPEN)
      throw conflict(`You have ${MOST_OPEN} consoles open: close one first`)
    const ticket = randomBytes(32).toString('base64url')
    const opened = { id: randomUUID(), name: row.name, kind, ticket }
    await repo.insertConsole(tx, {
      id: opened.id,
      tenantId: op.tenant.id,
      resourceId: row.id,
      sessionId: op.session.id,
      ticketHash: hashOf(ticket),
      requestId: op.requestId,
      ip: op.ip,
      createdBy: op.actor.userId,
    })
    audit({
      targetKind: KIND,
      targetId: row.id,
      targetName: row.name,
      after: { kind },
      ...(op.tenant.isMaster && { alsoIn: [row.assignedId] }),
    })
    return opened
  })
}

/** What a ticket was for. */
export interface Taken {
  id: string
  tenantId: string
  resourceId: string
}

/** Uses a ticket up; null where it is none of this session's, or over. */
export const takeTicket = (op: SignedInOp, ticket: string): Promise<Taken | null> =>
  systemValue<Taken | null, 'console_take'>('console_take', [hashOf(ticket), op.session.id])

/** Where the console is, as long as the person may have it. @throws AppError 403, 404 */
export function placeOf(op: SignedInOp, resourceId: string): Promise<{ name: string; found: FoundRecord }> {
  return inTenant(op, async (tx) => {
    const { row, found, may } = await look(tx, op, resourceId)
    if (!may.allowed || !found) throw denied(may.reason)
    return { name: row.name, found }
  })
}
