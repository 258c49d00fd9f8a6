import type { Activity, Backup, Connector, ConnectorContext } from '@/server/connectors/contract'
import { systemValue } from '@/server/db/system'
import { log } from '@/server/platform/log'
import { tellable } from './dial'
import { printable } from './found'

/** The longest that a cloud may take for its tasks, and for its backups, in ms. */
const READ_MS = 90_000
const BATCH = 500
/** The newest ones; more of them say nothing to a person. */
const MOST_ACTIVITY = 2000
const MOST_BACKUPS = 20_000

const time = (text: unknown): string | null => {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) || Math.abs(at) > 4e12 ? null : new Date(at).toISOString()
}
const STATUS = new Set<string>(['running', 'ok', 'failed', 'info'])

/** A task as wall.activity_take() takes it; null where it is not as it should be. */
function activityRow(one: Activity) {
  const [e, n, b] = [printable(one.externalId, 300), printable(one.title, 200), time(one.startedAt)]
  if (e === '' || e !== one.externalId || n === '' || b === null || !STATUS.has(one.status)) return null
  return {
    ...{ e, n, b, k: one.kind, s: one.status, t: printable(one.target, 300), a: printable(one.actor, 200) },
    ...{ m: printable(one.message, 500), z: time(one.endedAt) },
  }
}

/** A backup as wall.backups_take() takes it. */
function backupRow(one: Backup) {
  const [e, b] = [printable(one.externalId, 300), time(one.takenAt)]
  if (e === '' || e !== one.externalId || b === null) return null
  const { size = -1 } = one
  return {
    ...{ e, b, g: printable(one.guest, 300), d: printable(one.datastore, 300) },
    ...{ n: Number.isSafeInteger(size) && size >= 0 ? size : null, f: printable(one.format, 60) },
    ...{ p: one.protected === true, v: one.verified ?? '', o: printable(one.notes, 500) },
  }
}

/** What is as it should be, each id once. */
function rowsOf<T, R extends { e: string }>(
  told: readonly T[],
  most: number,
  read: (one: T) => R | null,
): R[] {
  const rows = new Map<string, R>()
  for (const one of told) {
    if (rows.size >= most) break
    const row = read(one)
    if (row && !rows.has(row.e)) rows.set(row.e, row)
  }
  return [...rows.values()]
}

/** @returns false: it is another look's turn */
async function keep<R extends { e: string }>(
  name: 'activity_take' | 'backups_take',
  run: string,
  rows: readonly R[],
): Promise<boolean> {
  for (let at = 0; at < rows.length; at += BATCH)
    if (!(await systemValue<boolean, typeof name>(name, [run, JSON.stringify(rows.slice(at, at + BATCH))])))
      return false
  return true
}

/** What a cloud tells when it is asked; null where it failed, which `fail` is told of. */
async function asked<T>(
  context: ConnectorContext,
  what: string,
  ask: ((context: ConnectorContext) => Promise<T[]>) | undefined,
  fail: (note: string) => void,
): Promise<T[] | null> {
  if (!ask) return null
  try {
    return await ask({ ...context, signal: AbortSignal.any([context.signal, AbortSignal.timeout(READ_MS)]) })
  } catch (error) {
    const told = tellable(error)
    if (!told) log().error({ err: error }, `reading ${what} of a cloud failed`)
    fail(`Its ${what} could not be read: ${told?.message ?? 'something went wrong on our side'}`)
    return null
  }
}

/**
 * At the end of a look: the cloud's own tasks, events and backups. That they cannot be read fails no look, and is said where the look is
 * told of.
 */
export async function readStreams(
  run: string,
  connector: Connector,
  context: ConnectorContext,
): Promise<void> {
  const notes: string[] = []
  const note = (text: string) => void notes.push(text)
  const told = await asked(context, 'tasks and events', connector.activity?.bind(connector), note)
  const activity = told && rowsOf(told, MOST_ACTIVITY, activityRow)
  if (activity && !(await keep('activity_take', run, activity))) return
  // They change seldom, and a large backup server takes long to tell of them.
  const isDue = connector.backups && (await systemValue<boolean, 'backups_due'>('backups_due', [run]))
  const listed = isDue ? await asked(context, 'backups', connector.backups?.bind(connector), note) : null
  const backups = listed && rowsOf(listed, MOST_BACKUPS, backupRow)
  if (backups && !(await keep('backups_take', run, backups))) return
  const running = activity?.filter(({ s }) => s === 'running').map(({ e }) => e) ?? null
  // More than are kept: then nobody knows of the others whether they are gone.
  const ids = backups && backups.length < MOST_BACKUPS ? backups.map(({ e }) => e) : null
  await systemValue<null, 'streams_end'>('streams_end', [run, running, ids, notes.join(' ')])
}

/** What happened more than 30 days ago, also in clouds that nobody looks into any more. */
export const forgetActivity = (): Promise<null> => systemValue<null, 'activity_purge'>('activity_purge', [])
