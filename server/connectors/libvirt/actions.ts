import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import {
  type Action,
  type ActionName,
  ACTIONS,
  ConnectorError,
  type ConnectorContext,
  type Outcome,
} from '../contract'
import { statusOf, uuidOf } from './domain'
import * as procedures from './procedures'
import type { Domain } from './procedures'
import { reboot } from './reboot'
import { ERROR, Refusal, whereThere } from './refusal'
import { type Session, withSession } from './session'
import { existing, findSnapshot, snapshotXml } from './snapshots'

type Context = ConnectorContext<{ uri: string }>

/** libvirt answers when it is done: a machine is there at once, its memory in a snapshot takes longer. In ms. */
const ANSWER_MS = 120_000
const SNAPSHOT_MS = 300_000
/** How long the end of an action is waited for, in ms: a guest may take its time to shut down. */
const END_MS = 30_000
const SHUTDOWN_MS = 120_000
const POLL_MS = 500

/** Of undefining: managed save, metadata of snapshots, NVRAM, metadata of checkpoints, TPM. Older drivers know fewer. */
const UNDEFINE = [1 | 2 | 4 | 16 | 32, 1 | 2 | 4, 1 | 2, 0] as const

/** What `follow` needs, also in another process. */
const handleSchema = z.strictObject({
  name: z.enum(ACTIONS),
  target: z.string(),
  snapshot: z.string().optional(),
  /** When waiting ends: milliseconds since 1970. */
  until: z.number(),
  /** The server's words where it refused. */
  refused: z.string().optional(),
  /** It was asked for, and no answer came. */
  isLost: z.literal(true).optional(),
  /** Of a reboot: the guest was seen to do it. */
  isSeen: z.boolean().optional(),
})
type Handle = z.infer<typeof handleSchema>

/** Asks once. What the server refuses in its own words is an outcome, told by `follow`. @throws ConnectorError */
export async function act(context: Context, action: Action): Promise<string> {
  const { name, target, snapshot } = action
  if (name === 'snapshot') snapshotXml(snapshot)
  if (name === 'rollback' || name === 'delete_snapshot') existing(snapshot)
  return withSession(context, async (session) => {
    const domain = await lookUp(session, target.externalId)
    const refused = await notNow(session, domain, name)
    const ended = refused === undefined ? await perform(session, domain, action) : { refused }
    const until = Date.now() + (name === 'shutdown' ? SHUTDOWN_MS : END_MS)
    const handle: Handle = { name, target: target.externalId, snapshot, until, ...ended }
    return JSON.stringify(handle)
  })
}

/** @throws ConnectorError not_found */
async function lookUp(session: Session, externalId: string): Promise<Domain> {
  const uuid = uuidOf(externalId)
  if (uuid === null) throw new ConnectorError('unsupported', 'Only virtual machines can be acted on')
  return session.call(procedures.DOMAIN_LOOKUP, uuid)
}

/** libvirt would forget the definition of one that runs, and let it run on. */
async function notNow(session: Session, domain: Domain, name: ActionName): Promise<string | undefined> {
  if (name !== 'delete') return undefined
  const { state } = await session.call(procedures.DOMAIN_STATE, domain)
  return statusOf(state) === 'stopped' ? undefined : 'The machine is running: stop it first'
}

type Ended = Pick<Handle, 'refused' | 'isLost' | 'isSeen'>

async function perform(session: Session, domain: Domain, action: Action): Promise<Ended> {
  try {
    return await DO[action.name](session, domain, action)
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    // It may be done all the same, and must not be asked for again.
    if (!(error instanceof Refusal)) return { isLost: true }
    if (['forbidden', 'unauthenticated'].includes(error.code) || error.number === ERROR.noDomain) throw error
    return { refused: error.words || error.message }
  }
}

const simply =
  (procedure: procedures.Procedure<[Domain], unknown>) =>
  async (session: Session, domain: Domain): Promise<Ended> => {
    await session.callFor(ANSWER_MS, procedure, domain)
    return {}
  }
const withSnapshot =
  (procedure: procedures.Procedure<[procedures.SnapshotRef], unknown>) =>
  async (session: Session, domain: Domain, action: Action): Promise<Ended> => {
    await session.callFor(SNAPSHOT_MS, procedure, { name: existing(action.snapshot), domain })
    return {}
  }

const DO: Readonly<Record<ActionName, (session: Session, domain: Domain, action: Action) => Promise<Ended>>> =
  {
    start: simply(procedures.DOMAIN_CREATE),
    stop: simply(procedures.DOMAIN_DESTROY),
    shutdown: simply(procedures.DOMAIN_SHUTDOWN),
    suspend: simply(procedures.DOMAIN_SUSPEND),
    resume: simply(procedures.DOMAIN_RESUME),
    reboot: async (session, domain) => ({ isSeen: await reboot(session, domain) }),
    snapshot: async (session, domain, { snapshot }) => {
      await session.callFor(SNAPSHOT_MS, procedures.SNAPSHOT_CREATE, domain, snapshotXml(snapshot))
      return {}
    },
    rollback: withSnapshot(procedures.SNAPSHOT_REVERT),
    delete_snapshot: withSnapshot(procedures.SNAPSHOT_DELETE),
    delete: undefine,
  }

/** A refusal of flags has changed nothing, so it may be asked with fewer. */
async function undefine(session: Session, domain: Domain): Promise<Ended> {
  for (const flags of UNDEFINE)
    try {
      await session.callFor(ANSWER_MS, procedures.DOMAIN_UNDEFINE, domain, flags)
      return {}
    } catch (error) {
      const isUnknown = error instanceof Refusal && error.number === ERROR.invalidArgument
      if (!isUnknown || flags === 0) throw error
    }
  return {}
}

/** Waits until the machine is as the action wanted it, or the time is over. @throws ConnectorError */
export async function follow(context: Context, text: string): Promise<Outcome> {
  const handle = handleSchema.parse(JSON.parse(text))
  if (handle.refused !== undefined) return { ok: false, message: handle.refused }
  return withSession(context, async (session) => {
    for (;;) {
      const outcome = await judge(session, handle)
      if (outcome.ok || Date.now() > handle.until || !WAITS.has(handle.name)) return outcome
      await pause(POLL_MS, undefined, { signal: context.signal })
    }
  })
}

/** The end of these comes by itself. */
const WAITS: ReadonlySet<ActionName> = new Set(['start', 'stop', 'shutdown', 'suspend', 'resume', 'delete'])

const WANTED: Partial<Record<ActionName, string>> = {
  start: 'running',
  stop: 'stopped',
  shutdown: 'stopped',
  suspend: 'paused',
  resume: 'running',
  reboot: 'running',
}

const well: Outcome = { ok: true, message: '' }
const ill = ({ isLost }: Handle, why: string): Outcome => ({
  ok: false,
  message: isLost ? `The connection was lost before the server answered. ${why}` : why,
})

async function judge(session: Session, handle: Handle): Promise<Outcome> {
  const { name, target, snapshot, isLost } = handle
  const domain = await whereThere(lookUp(session, target))
  if (name === 'delete') return domain ? ill(handle, 'The machine is still there.') : well
  // One without a definition goes when it stops.
  if (!domain) return name === 'stop' || name === 'shutdown' ? well : ill(handle, 'The machine is gone.')
  const status = statusOf((await session.call(procedures.DOMAIN_STATE, domain)).state)
  if (name === 'reboot' && !handle.isSeen)
    return ill(handle, `The guest was not seen to reboot: it may not listen to ACPI. It is ${status}.`)
  if (WANTED[name])
    return status === WANTED[name] ? well : ill(handle, `The machine is ${status}.${hint(name)}`)
  const isThere = (await findSnapshot(session, domain, snapshot)) !== undefined
  if (name === 'delete_snapshot') return isThere ? ill(handle, 'The snapshot is still there.') : well
  if (!isThere) return ill(handle, 'There is no such snapshot.')
  return isLost ? ill(handle, `The snapshot is there, and the machine is ${status}.`) : well
}

const hint = (name: ActionName) =>
  name === 'shutdown' ? ' The guest may not listen to ACPI: it can be stopped without being asked.' : ''
