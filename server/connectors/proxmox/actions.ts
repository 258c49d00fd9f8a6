import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { type Action, ConnectorError, type Outcome, type Snapshot } from '@/server/connectors/contract'
import { ask, type Context, rowsOf, seconds } from '@/server/connectors/proxmox/client'

const guestRow = z.object({ id: z.string(), node: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/) })
const GUEST = /^(qemu|lxc)\/[1-9]\d{0,8}$/
const SNAPSHOT = /^[A-Za-z][\w-]{0,39}$/
const UPID = /^UPID:([A-Za-z0-9][A-Za-z0-9.-]{0,62}):[^/\s]{1,300}$/
const POLL_MS = 1000

/** Where a guest is at this moment: it may have moved. @throws ConnectorError not_found */
export async function placeOf(context: Context, externalId: string): Promise<string> {
  if (!GUEST.test(externalId))
    throw new ConnectorError('unsupported', 'Only machines and containers are acted on')
  const rows = rowsOf(guestRow, await ask(context, '/cluster/resources?type=vm', { large: true }))
  const node = rows.find(({ id }) => id === externalId)?.node
  if (node === undefined) throw new ConnectorError('not_found', 'It is not there any more')
  return `/nodes/${node}/${externalId}`
}

function snapshotOf({ snapshot }: Action): string {
  if (snapshot !== undefined && SNAPSHOT.test(snapshot) && snapshot !== 'current') return snapshot
  throw new ConnectorError(
    'unsupported',
    'A snapshot is named by a letter and up to 39 letters, digits, _ and -',
  )
}

/** Which request an action is. */
function requestOf(
  action: Action,
  place: string,
): { method: 'POST' | 'DELETE'; path: string; body?: string } {
  switch (action.name) {
    case 'snapshot':
      return { method: 'POST', path: `${place}/snapshot`, body: `snapname=${snapshotOf(action)}` }
    case 'rollback':
      return { method: 'POST', path: `${place}/snapshot/${snapshotOf(action)}/rollback`, body: '' }
    case 'delete_snapshot':
      return { method: 'DELETE', path: `${place}/snapshot/${snapshotOf(action)}` }
    case 'delete':
      return { method: 'DELETE', path: place }
    default:
      return { method: 'POST', path: `${place}/status/${action.name}`, body: '' }
  }
}

/** Asks for it, once. @returns the id of the task that does it @throws ConnectorError */
export async function act(context: Context, action: Action): Promise<string> {
  const { path, ...request } = requestOf(action, await placeOf(context, action.target.externalId))
  const upid = await ask(context, path, request)
  if (typeof upid === 'string' && UPID.test(upid)) return upid
  throw new ConnectorError('bad_answer', 'The server did not say which task does it')
}

const taskStatus = z.object({ status: z.string(), exitstatus: z.string().max(10_000).optional() })

/** Waits for the end of a task. Only its exit status tells how it went: the request itself is answered with 200 either way. */
export async function follow(context: Context, upid: string): Promise<Outcome> {
  const node = UPID.exec(upid)?.[1]
  if (node === undefined) throw new ConnectorError('bad_answer', 'This is no task of Proxmox VE')
  for (;;) {
    const read = taskStatus.safeParse(
      await ask(context, `/nodes/${node}/tasks/${encodeURIComponent(upid)}/status`),
    )
    if (!read.success) throw new ConnectorError('bad_answer', 'The server does not tell how the task is')
    const { status, exitstatus = '' } = read.data
    // `WARNINGS: 2` has done what it was asked for.
    if (status === 'stopped')
      return {
        ok: /^(OK|WARNINGS: \d+)$/.test(exitstatus),
        message: exitstatus === 'OK' ? '' : exitstatus.slice(0, 500),
      }
    await pause(POLL_MS, undefined, { signal: context.signal })
  }
}

const snapshotRow = z.object({
  name: z.string(),
  snaptime: seconds.optional().catch(undefined),
  description: z.string().max(2000).optional().catch(undefined),
})

/** Snapshots of a guest; the present is none. @throws ConnectorError */
export async function snapshots(context: Context, externalId: string): Promise<Snapshot[]> {
  const rows = rowsOf(snapshotRow, await ask(context, `${await placeOf(context, externalId)}/snapshot`))
  return rows
    .filter(({ name }) => name !== 'current')
    .map(({ name, snaptime, description }) => ({
      name,
      ...(snaptime !== undefined && { takenAt: new Date(snaptime * 1000).toISOString() }),
      ...(description && { description: description.trim() }),
    }))
}
