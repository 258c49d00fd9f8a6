import { can, type SignedInOp } from '@/server/context/op'
import { eventStream } from '@/server/features/events/event-stream'
import { seenNow } from '@/server/features/hosts/hosts.service'
import { AppError } from '@/server/platform/errors'
import { type Notice, onChange } from '@/server/platform/listen'
import { log } from '@/server/platform/log'

const BATCH_MS = 500
/** How long a lost right may go unnoticed when no notice of it comes (PRODUCT rule 11 and work order 4: 5 s). */
const CHECK_MS = 4_000
const BEAT_MS = 15_000
/** More changed rows than this in one batch: the page loads anew instead. */
const MOST_IDS = 200
const MOST_FAILED_CHECKS = 2
const PER_SESSION = 6

const open = new Map<string, number>()

/**
 * Opens a live connection: tells which resources changed, of those that the operation sees at that moment, and ends within
 * 5 s of the right to it being lost.
 * @param rebuild the operation anew, from the database; throws AppError once it is no longer allowed
 * @throws AppError 429 beyond six connections of one session
 */
export function openLive(op: SignedInOp, rebuild: () => Promise<SignedInOp>, signal: AbortSignal): Response {
  const sessionId = op.session.id
  const mine = open.get(sessionId) ?? 0
  if (mine >= PER_SESSION) throw new AppError('rate_limited', 'Too many live pages are open', { retryAfter: 5 })
  open.set(sessionId, mine + 1)

  const state = { op, ids: new Set<string>(), refresh: false, busy: false, checkNow: false, failed: 0 }
  const stream = eventStream({ drain: () => void step(), gone: leave })
  let batch: NodeJS.Timeout | undefined
  const timers = [setInterval(() => stream.beat(), BEAT_MS), setInterval(() => void wake(true), CHECK_MS)]
  const stop = onChange((notice) => void hear(notice))
  signal.addEventListener('abort', () => stream.close())
  if (signal.aborted) stream.close()
  else stream.send('hello')

  function leave(): void {
    stop()
    clearTimeout(batch)
    for (const timer of timers) clearInterval(timer)
    const left = (open.get(sessionId) ?? 1) - 1
    if (left > 0) open.set(sessionId, left)
    else open.delete(sessionId)
  }

  function hear(notice: Notice): void {
    switch (notice.kind) {
      case 'resources':
        for (const id of notice.ids) if (state.ids.size <= MOST_IDS) state.ids.add(id)
        return later()
      case 'public':
      case 'missed':
        state.refresh = true
        return later()
      case 'tenant':
        if (notice.id !== state.op.tenant.id && !state.op.tenant.isMaster) return
        state.refresh = true
        return notice.id === state.op.tenant.id ? wake(true) : later()
      case 'session':
        if (notice.id === sessionId) wake(true)
    }
  }

  function later(): void {
    batch ??= setTimeout(() => {
      batch = undefined
      wake(false)
    }, BATCH_MS)
  }

  function wake(check: boolean): void {
    state.checkNow ||= check
    void step()
  }

  /** One at a time: first whether the right is still there, then what there is to tell. */
  async function step(): Promise<void> {
    if (state.busy) return
    state.busy = true
    try {
      while (state.checkNow) {
        state.checkNow = false
        if (!(await stillAllowed())) return
      }
      await tell()
    } finally {
      state.busy = false
    }
    if (state.checkNow) await step()
  }

  async function stillAllowed(): Promise<boolean> {
    try {
      state.op = await rebuild()
      state.failed = 0
      return true
    } catch (error) {
      const over = error instanceof AppError
      // A database that is away is no verdict on the right; but what cannot be checked is not kept open for long.
      if (!over && ++state.failed < MOST_FAILED_CHECKS) return true
      if (over) stream.send('bye')
      stream.close()
      return false
    }
  }

  async function tell(): Promise<void> {
    if (!state.refresh && state.ids.size === 0) return
    if (state.ids.size > MOST_IDS) state.refresh = true
    const ids = [...state.ids]
    try {
      const seen = state.refresh || !can(state.op, 'hosts', 'read') ? [] : await seenNow(state.op, ids)
      const sent = state.refresh ? stream.send('refresh') : seen.length === 0 || stream.send('changed', seen)
      if (!sent) return // a slow reader: `drain` comes back here
      state.refresh = false
      for (const id of ids) state.ids.delete(id)
    } catch (error) {
      log().debug({ err: error }, 'live page not told now')
      state.refresh = true
    }
  }

  return stream.response
}
