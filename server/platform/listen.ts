import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { roleUrl } from '@/server/db/urls'
import { log } from '@/server/platform/log'

/**
 * What changed, as the database tells it: ids only, no name, no value (attack K14). `public`: something that everybody may
 * see; `missed`: the connection was away, so anything may have changed.
 */
export type Notice =
  | { kind: 'resources'; ids: string[] }
  | { kind: 'tenant'; id: string }
  | { kind: 'session'; id: string }
  | { kind: 'public' }
  | { kind: 'missed' }

type Hear = (notice: Notice) => void

const RETRY_MS = [100, 250, 500, 1000, 2000, 5000]
const PING_MS = 15_000
const PING_TIMEOUT_MS = 5_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** How long what was told can be told again, in ms. */
const REMEMBERED_MS = 30_000
const MOST_REMEMBERED = 2000

interface Changes {
  hearers: Set<Hear>
  recent: { at: number; notice: Notice }[]
  /** When something was forgotten early, for there was too much. */
  forgotten: number
}

// Next bundles its own copy of this module beside the server's: both must share one connection.
const SLOT = Symbol.for('freehold.changes')
const slot = globalThis as typeof globalThis & { [SLOT]?: Changes }
const changes = (slot[SLOT] ??= { hearers: new Set<Hear>(), recent: [], forgotten: 0 })
const { hearers } = changes

/** What was told in the last `ms` (at most REMEMBERED_MS), the oldest first; `missed` where that was too much to keep. */
export function recentChanges(ms: number): Notice[] {
  const from = Date.now() - Math.min(ms, REMEMBERED_MS)
  if (changes.forgotten >= from) return [{ kind: 'missed' }]
  return changes.recent.filter(({ at }) => at >= from).map(({ notice }) => notice)
}

function remember(notice: Notice): void {
  const now = Date.now()
  changes.recent.push({ at: now, notice })
  let stale = 0
  while ((changes.recent[stale]?.at ?? now) < now - REMEMBERED_MS) stale++
  const surplus = changes.recent.length - MOST_REMEMBERED
  if (surplus > stale) changes.forgotten = changes.recent[surplus - 1]?.at ?? now
  changes.recent.splice(0, Math.max(stale, surplus))
}

/** Calls `hear` for every notice of the database until the returned function is called. */
export function onChange(hear: Hear): () => void {
  hearers.add(hear)
  return () => void hearers.delete(hear)
}

/**
 * Keeps the process's one LISTEN open, over broken connections. Needs a direct address: PgBouncer in transaction mode
 * forgets who listens.
 * @throws Error when the first connection fails
 */
export async function listenForChanges(
  directUrl: string,
  secret: string,
): Promise<{ close: () => Promise<void> }> {
  const url = roleUrl(directUrl, 'system', secret)
  const state = { closed: false, client: await connect(url) }
  const loop = (async () => {
    for (;;) {
      await lost(state.client)
      const next = await reconnect(url, () => state.closed)
      if (!next) return
      state.client = next
      tell({ kind: 'missed' })
    }
  })()
  return {
    close: async () => {
      state.closed = true
      await state.client.end().catch(() => undefined)
      await loop
    },
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'freehold changes',
  })
  client.on('error', () => undefined) // `end` follows, and `lost` waits for it
  client.on('notification', ({ payload }) => {
    const notice = readNotice(payload ?? '')
    if (notice) tell(notice)
  })
  try {
    await client.connect()
    await client.query('listen freehold')
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** Resolves when the connection is gone: told so, or because it does not answer any more. */
async function lost(client: pg.Client): Promise<void> {
  await new Promise<void>((resolve) => {
    let late: NodeJS.Timeout | undefined
    const timer = setInterval(() => {
      late = setTimeout(gone, PING_TIMEOUT_MS)
      client.query('select 1').then(() => clearTimeout(late), gone)
    }, PING_MS)
    function gone() {
      clearInterval(timer)
      clearTimeout(late)
      resolve()
    }
    client.once('end', gone)
  })
  void client.end().catch(() => undefined)
}

async function reconnect(url: string, isClosed: () => boolean): Promise<pg.Client | null> {
  for (let attempt = 0; ; attempt++) {
    if (isClosed()) return null
    try {
      const client = await connect(url)
      if (!isClosed()) return client
      await client.end().catch(() => undefined)
    } catch {
      if (attempt === 0) log().warn('lost the connection that hears of changes; trying again')
      await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0)
    }
  }
}

function tell(notice: Notice): void {
  remember(notice)
  for (const hear of [...hearers]) {
    try {
      hear(notice)
    } catch (error) {
      log().error({ err: error }, 'a listener failed')
    }
  }
}

/** `r:<id>,<id>…`, `t:<id>`, `s:<id>`, `p:`; null for anything else. */
export function readNotice(payload: string): Notice | null {
  const body = payload.slice(2)
  switch (payload.slice(0, 2)) {
    case 'r:': {
      const ids = body.split(',').filter((id) => UUID.test(id))
      return ids.length > 0 ? { kind: 'resources', ids } : null
    }
    case 't:':
      return UUID.test(body) ? { kind: 'tenant', id: body } : null
    case 's:':
      return UUID.test(body) ? { kind: 'session', id: body } : null
    case 'p:':
      return { kind: 'public' }
    default:
      return null
  }
}
