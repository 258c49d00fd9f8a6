import { KINDS } from '@/lib/resource-kinds/registry'
import type { Found } from '@/server/connectors/contract'
import { systemValue } from '@/server/db/system'
import { createCrew } from '@/server/platform/crew'
import { log } from '@/server/platform/log'
import { dial, type Live, tellable } from './dial'
import { type FoundRow, newLook, readFound } from './found'
import { readStreams } from './streams'

/** A look, as wall.sync_claim() hands it out. */
export interface Claim extends Live {
  run: string
}

/** The longest that a look may take, in ms. */
const LOOK_MS = 10 * 60_000
const BEAT_MS = 10_000
const BATCH = 2000
/** At once in one process: a cloud that is slow to answer holds up no other. */
const AT_ONCE = 8

/** What stands in what: `virtual_machine>host`. */
const PLACES = KINDS.flatMap(({ kind, parent }) => (parent?.kinds ?? []).map((one) => `${kind}>${one}`))

/** Another look has taken over, or the connection is gone or changed: what this one saw is of no interest any more. */
class Superseded extends Error {}

function beating(run: string, abort: AbortController): NodeJS.Timeout {
  return setInterval(() => {
    systemValue<boolean, 'sync_beat'>('sync_beat', [run]).then(
      (goesOn) => !goesOn && abort.abort(),
      (error: unknown) => log().warn({ err: error }, 'a look could not say that it goes on'),
    )
  }, BEAT_MS)
}

/** Writes a part of a look: what is as it was is noted as seen, and only the rest is sent. */
async function write(run: string, part: readonly FoundRow[], leftOut: number): Promise<void> {
  const columns = (['e', 'h', 'g'] as const).map((name) => part.map((row) => row[name])) as [
    string[],
    string[],
    string[],
  ]
  const rest = await systemValue<string[] | null, 'sync_seen'>('sync_seen', [run, ...columns])
  if (!rest) throw new Superseded()
  if (rest.length === 0 && leftOut === 0) return
  const told = new Set(rest)
  const rows = part.filter((row) => told.has(row.e))
  const isOurs = await systemValue<boolean, 'sync_batch'>('sync_batch', [run, JSON.stringify(rows), leftOut])
  if (!isOurs) throw new Superseded()
}

/** Writes what comes in parts of a size that a transaction takes well. */
async function take(run: string, batches: AsyncIterable<Found[]>): Promise<void> {
  const look = newLook()
  let rows: FoundRow[] = []
  let leftOut = 0
  for await (const batch of batches) {
    for (const found of batch) {
      const row = readFound(look, found)
      if (row) rows.push(row)
      else leftOut++
      if (rows.length < BATCH) continue
      await write(run, rows, leftOut)
      rows = []
      leftOut = 0
    }
  }
  if (rows.length > 0 || leftOut > 0) await write(run, rows, leftOut)
}

async function fail(claim: Claim, error: unknown): Promise<void> {
  const told = tellable(error)
  if (!told) log().error({ err: error, cloud: claim.cloudId }, 'a look into a cloud failed')
  const { code, message, retryAfter } = told ?? {
    code: 'internal',
    message: 'Something went wrong on our side. It is tried again.',
    retryAfter: null,
  }
  await systemValue<null, 'sync_fail'>('sync_fail', [claim.run, code, message, retryAfter])
}

/**
 * One look into one cloud, to its end or its failure; never throws for what a cloud does.
 * @param stop gives it up: another process begins it anew at once
 */
export async function lookInto(claim: Claim, stop?: AbortSignal): Promise<void> {
  const abort = new AbortController()
  const timer = beating(claim.run, abort)
  try {
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(LOOK_MS), ...(stop ? [stop] : [])])
    const { connector, context } = dial(claim, signal)
    await take(claim.run, connector.discover(context))
    await readStreams(claim.run, connector, context)
    await systemValue<string | null, 'sync_finish'>('sync_finish', [claim.run, PLACES])
  } catch (error) {
    if (stop?.aborted) await systemValue<null, 'sync_release'>('sync_release', [claim.run])
    else if (!(error instanceof Superseded) && !abort.signal.aborted) await fail(claim, error)
  } finally {
    clearInterval(timer)
  }
}

let stopping = new AbortController()

/** Looks into each cloud whose time has come, several at once; and waiting for their end. */
export const { tick: syncTick, ended: looksEnded } = createCrew<Claim>(
  AT_ONCE,
  () => systemValue<Claim | null, 'sync_claim'>('sync_claim', []),
  (claim) => lookInto(claim, stopping.signal),
  'a look into a cloud could not be ended',
)

/** Gives up the looks under way, as this process stops: another one has them at once, and not a minute later. */
export async function stopLooks(): Promise<void> {
  stopping.abort()
  await looksEnded()
  stopping = new AbortController()
}
