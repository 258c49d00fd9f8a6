import { ConnectorError, type ConnectorContext } from '../contract'
import { EVENT, GET_LIB_VERSION, WATCH_DOMAINS, WATCH_NETWORKS, WATCH_POOLS } from './procedures'
import { whereTold } from './refusal'
import { withSession } from './session'

/** How often to ask whether the server is still there: a connection that died without a word looks like one without events. */
const ASK_MS = 30_000
const LIFECYCLE = 0
const EVENTS: readonly number[] = [EVENT.domainLifecycle, EVENT.networkLifecycle, EVENT.poolLifecycle]

/**
 * Tells when a domain, a network or a pool was made, started, stopped or removed.
 * @param askMs how often to ask whether the server is there @throws ConnectorError when the stream is lost
 */
export async function watch(
  context: ConnectorContext<{ uri: string }>,
  changed: () => void,
  askMs = ASK_MS,
): Promise<void> {
  try {
    await withSession(context, async (session) => {
      session.onEvent = (procedure) => {
        if (EVENTS.includes(procedure)) changed()
      }
      await session.call(WATCH_DOMAINS, LIFECYCLE, null)
      await whereTold(session.call(WATCH_NETWORKS))
      await whereTold(session.call(WATCH_POOLS))
      // Its answer is not needed: without one the session ends.
      const asking = setInterval(
        () => void session.callFor(askMs, GET_LIB_VERSION).catch(() => undefined),
        askMs,
      )
      const why = await session.ended.finally(() => clearInterval(asking))
      throw why instanceof ConnectorError && why.code !== 'timeout'
        ? why
        : new ConnectorError('unreachable', 'The stream of events was lost')
    })
  } catch (error) {
    if (!context.signal.aborted) throw error
  }
}
