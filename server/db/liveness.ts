import pg from 'pg'

// A server that is black-holed (no RST) or a line that died leaves a query waiting for as long as TCP retries, a quarter of
// an hour. pg's own query_timeout would cut what is merely slow, and keeps the hung connection in the pool (fault R05).

/** How long a query may go unanswered before we ask whether the server answers at all. */
const PATIENCE_MS = 1500
const PROBE_MS = 2500
const TICK_MS = 250
/** Longer than any statement_timeout of the serving roles (server/db/bootstrap.ts): only a dead line is silent beyond it. */
const LONGEST_MS = 35_000

/** A connection that knows since when it waits for an answer. */
class WatchedClient extends pg.Client {
  waitingSince: number | null = null

  override query = ((...args: Parameters<pg.Client['query']>) => {
    this.waitingSince ??= performance.now()
    return super.query(...args)
  }) as pg.Client['query']

  /** Cuts the line: whatever waits on it fails at once, and the pool drops it. */
  abandon(): void {
    const { connection } = this as unknown as { connection: pg.Connection }
    connection.stream.destroy()
  }
}

interface Liveness {
  /** The class of connections for `new pg.Pool({ Client })`. */
  Client: typeof pg.Client
  stop: () => void
}

/**
 * Watches over connections: when one waits long for its answer, a fresh connection to `probeUrl` tells whether the server
 * is there. If not, all that wait are cut, so that requests fail within seconds; slow queries of a live server go on.
 */
export function watchLiveness(probeUrl: string): Liveness {
  const clients = new Set<WatchedClient>()
  let probing = false
  const waiting = (ms: number) =>
    [...clients].filter((c) => c.waitingSince !== null && performance.now() - c.waitingSince > ms)
  const abandon = (ms: number) => waiting(ms).forEach((client) => client.abandon())

  const tick = async () => {
    abandon(LONGEST_MS)
    if (probing || waiting(PATIENCE_MS).length === 0) return
    probing = true
    if (!(await answers(probeUrl))) abandon(PATIENCE_MS)
    probing = false
  }
  const timer = setInterval(() => void tick(), TICK_MS).unref()

  class Client extends WatchedClient {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      clients.add(this)
      this.on('drain', () => (this.waitingSince = null))
      this.on('end', () => clients.delete(this))
    }
  }
  return { Client, stop: () => clearInterval(timer) }
}

/** Whether the server says anything at all, be it a refusal. Never throws. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  const ended = new Promise<boolean>((resolve) => {
    client.on('error', (error) => resolve('severity' in error))
    client.connect().then(
      () =>
        client.query('select 1').then(
          () => resolve(true),
          (error: object) => resolve('severity' in error),
        ),
      (error: object) => resolve('severity' in error),
    )
    // Once more round the event loop: after a stall of our own, the answer may be there unread.
    setTimeout(() => setTimeout(() => resolve(false), 50), PROBE_MS)
  })
  const answered = await ended
  const { connection } = client as unknown as { connection: pg.Connection }
  connection.stream.destroy()
  return answered
}
