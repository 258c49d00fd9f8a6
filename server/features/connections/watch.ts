import { CONNECTORS } from '@/server/connectors/registry'
import { systemValue } from '@/server/db/system'
import { log } from '@/server/platform/log'
import { dial, type Live, tellable } from './dial'
import { wakeSync } from './sync.wake'

/** As wall.watch_claim() hands it out. */
interface Held extends Live {
  run: string
}

const WATCHING = CONNECTORS.filter(({ capabilities, watch }) => capabilities.watches && watch).map(
  ({ id }) => id,
)
/** At once in one process: each is one connection or a few. */
const AT_ONCE = 200
/** Changes come in swarms. */
const SWARM_MS = 1000
/** While a look is under way. */
const AGAIN_MS = 2000
/** A stream that lived so long was a good one. */
const LIVED_MS = 60_000

/** What this process listens to, by its run. */
const held = new Map<string, { stop: AbortController; ended: Promise<void> }>()
/** Counts the ends of the worker: what was claimed before one is given back. */
let ends = 0

/** Passes on that something changed, a swarm at once, until the look that sees it is due. */
function teller(run: string, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | null = null
  signal.addEventListener('abort', () => timer && clearTimeout(timer), { once: true })
  const later = (ms: number) => {
    timer = setTimeout(() => void tell(), ms)
  }
  const tell = async () => {
    timer = null
    try {
      const due = await systemValue<number | null, 'watch_told'>('watch_told', [run])
      if (signal.aborted) return
      if (due === null) later(AGAIN_MS)
      else setTimeout(wakeSync, due + 50).unref()
    } catch (error) {
      log().warn({ err: error }, 'that a cloud changed could not be passed on')
    }
  }
  return () => {
    if (timer === null && !signal.aborted) later(SWARM_MS)
  }
}

const end = (run: string, lost: boolean, lived: boolean) =>
  systemValue<null, 'watch_end'>('watch_end', [run, lost, lived])

/** Listens to one cloud until it is told to stop or the stream is lost; never throws for what a cloud does. */
async function listen(one: Held, stop: AbortController): Promise<void> {
  const begun = Date.now()
  let lost = false
  try {
    const { connector, context } = dial(one, stop.signal)
    const changed = teller(one.run, stop.signal)
    changed() // what changed while nobody listened
    await connector.watch?.(context, changed)
    lost = !stop.signal.aborted
  } catch (error) {
    lost = !stop.signal.aborted
    if (lost && !tellable(error))
      log().error({ err: error, cloud: one.cloudId }, 'listening to a cloud failed')
  } finally {
    stop.abort()
    held.delete(one.run)
    await end(one.run, lost, Date.now() - begun > LIVED_MS)
  }
}

/** Goes on with what this process may still listen to, ends the rest, and takes up what nobody listens to. @returns how many are new */
export async function watchTick(): Promise<number> {
  const runs = [...held.keys()]
  const still = new Set(runs.length ? await systemValue<string[], 'watch_beat'>('watch_beat', [runs]) : [])
  for (const run of runs) if (!still.has(run)) held.get(run)?.stop.abort()
  let begun = 0
  const mine = ends
  while (held.size < AT_ONCE && ends === mine) {
    const one = await systemValue<Held | null, 'watch_claim'>('watch_claim', [WATCHING])
    if (!one) break
    if (ends !== mine) {
      await end(one.run, false, false)
      break
    }
    begun++
    const stop = new AbortController()
    const ended = listen(one, stop).catch((error: unknown) =>
      log().error({ err: error }, 'the end of listening to a cloud could not be written down'),
    )
    held.set(one.run, { stop, ended })
    if (stop.signal.aborted) held.delete(one.run)
  }
  return begun
}

/** Ends all of them, so that another process takes them up at once. */
export async function endWatches(): Promise<void> {
  ends++
  const all = [...held.values()]
  for (const { stop } of all) stop.abort()
  await Promise.all(all.map(({ ended }) => ended))
}
