import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { type EventStream, eventStream } from '@/server/features/events/event-stream'
import { seenNow } from '@/server/features/resources/resources.service'
import { AppError } from '@/server/platform/errors'
import { type Notice, onChange, recentChanges } from '@/server/platform/listen'
import { log } from '@/server/platform/log'

const BATCH_MS = 500
/** How long a lost right may go unnoticed when no notice of it comes (work order, section 4: ended within 5 s). */
const CHECK_MS = 4_000
const BEAT_MS = 15_000
/** More changed rows than this in one batch: the page loads anew instead. */
const MOST_IDS = 200
const MOST_FAILED_CHECKS = 2
const PER_SESSION = 6

/** Connections of each session in this process. */
const open = new Map<string, number>()

function countIn(sessionId: string, step: 1 | -1): void {
  const now = (open.get(sessionId) ?? 0) + step
  if (now > 0) open.set(sessionId, now)
  else open.delete(sessionId)
}

interface Live {
  stream: EventStream
  /** The operation as of the last check. */
  op: SignedInOp
  /** The operation anew, from the database; throws AppError once it is no longer allowed. */
  rebuild: () => Promise<SignedInOp>
  /** Changed since the last batch, whoever may see it. */
  ids: Set<string>
  refresh: boolean
  checkNow: boolean
  busy: boolean
  failed: number
  batch: NodeJS.Timeout | undefined
}

/** Between a commit and its notice, in ms. */
const LAG_MS = 500

/**
 * Opens a live connection: tells which resources changed, of those that the operation sees at that moment, and ends within
 * 5 s of the right to it being lost.
 * @param since how old the page is that is kept current, in ms: what changed meanwhile is told at once
 * @throws AppError 429 beyond six connections of one session
 */
export function openLive(
  op: SignedInOp,
  rebuild: () => Promise<SignedInOp>,
  signal: AbortSignal,
  since = 0,
): Response {
  const sessionId = op.session.id
  if ((open.get(sessionId) ?? 0) >= PER_SESSION)
    throw new AppError('rate_limited', 'Too many live pages are open', { retryAfter: 5 })
  countIn(sessionId, 1)
  const gone = () => {
    stop()
    clearTimeout(live.batch)
    for (const timer of timers) clearInterval(timer)
    countIn(sessionId, -1)
  }
  const stream = eventStream({ drain: () => void step(live), gone: () => gone() })
  const live: Live = {
    stream,
    op,
    rebuild,
    ids: new Set(),
    refresh: false,
    checkNow: false,
    busy: false,
    failed: 0,
    batch: undefined,
  }
  const timers = [setInterval(() => stream.beat(), BEAT_MS), setInterval(() => wake(live, true), CHECK_MS)]
  const stop = onChange((notice) => hear(live, notice))
  signal.addEventListener('abort', () => stream.close())
  if (signal.aborted) stream.close()
  else {
    stream.send('hello')
    if (since > 0) for (const notice of recentChanges(since + LAG_MS)) hear(live, notice)
  }
  return stream.response
}

function hear(live: Live, notice: Notice): void {
  switch (notice.kind) {
    case 'resources':
      for (const id of notice.ids) if (live.ids.size <= MOST_IDS) live.ids.add(id)
      return later(live)
    case 'public':
    case 'missed':
      live.refresh = true
      return later(live)
    case 'tenant':
      // The master sees what it owns wherever it is assigned; a subtenant hears of itself only.
      if (notice.id === live.op.tenant.id) wake(live, true)
      // Who impersonates may lose the right to it in the master.
      else if (live.op.impersonator && notice.id === MASTER_TENANT_ID) return wake(live, true)
      else if (!live.op.tenant.isMaster) return
      live.refresh = true
      return later(live)
    case 'session':
      if (notice.id === live.op.session.id) wake(live, true)
  }
}

function later(live: Live): void {
  live.batch ??= setTimeout(() => {
    live.batch = undefined
    wake(live, false)
  }, BATCH_MS)
}

function wake(live: Live, check: boolean): void {
  live.checkNow ||= check
  void step(live)
}

/** One at a time: first whether the right is still there, then what there is to tell. */
async function step(live: Live): Promise<void> {
  if (live.busy) return
  live.busy = true
  try {
    do {
      const check = live.checkNow
      live.checkNow = false
      if (check && !(await stillAllowed(live))) return
      if (live.batch === undefined) await tell(live)
    } while (live.checkNow)
  } finally {
    live.busy = false
  }
}

async function stillAllowed(live: Live): Promise<boolean> {
  try {
    live.op = await live.rebuild()
    live.failed = 0
    return true
  } catch (error) {
    const over = error instanceof AppError
    // A database that is away is no verdict on the right; but what cannot be checked is not kept open for long.
    if (!over && ++live.failed < MOST_FAILED_CHECKS) return true
    if (over) live.stream.send('bye')
    live.stream.close()
    return false
  }
}

async function tell(live: Live): Promise<void> {
  const ids = [...live.ids]
  if (ids.length > MOST_IDS) live.refresh = true
  if (!live.refresh && ids.length === 0) return
  live.ids.clear()
  try {
    const seen = live.refresh ? [] : await seenNow(live.op, ids)
    if (!live.refresh && seen.length === 0) return
    // A slow reader is told nothing now; `drain` comes back here, and then it loads everything anew.
    live.refresh = !(live.refresh ? live.stream.send('refresh') : live.stream.send('changed', seen))
  } catch (error) {
    log().debug({ err: error }, 'a live page was not told now')
    live.refresh = true
  }
}
