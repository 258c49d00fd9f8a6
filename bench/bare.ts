// What Freehold is compared with: Node's http and a pool of pg, no framework, no row-level security, no sign-in. It runs as
// superuser. GET /<viewer> answers the list by the SQL that run.ts handed over; POST /<host id> writes a report's row.
import { createServer, type IncomingMessage } from 'node:http'
import pg from 'pg'
import type { Statement } from './same-sql'

interface Handed {
  url: string
  port: number
  lists: Record<string, Statement>
}

const UPSERT = `insert into resource_state (resource_id, status, last_seen_at, facts, updated_at) values ($1, 'online', now(), $2, now())
  on conflict (resource_id) do update set status = excluded.status, last_seen_at = excluded.last_seen_at, facts = excluded.facts, updated_at = excluded.updated_at`

const { url, port, lists } = JSON.parse(process.env.BENCH_BARE ?? '') as Handed
const pool = new pg.Pool({ connectionString: url, max: 10 })

async function bodyOf(req: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = []
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString()) as object
}

async function answer(req: IncomingMessage): Promise<unknown> {
  const name = (req.url ?? '/').slice(1)
  if (req.method === 'POST') {
    await pool.query({ name: 'upsert', text: UPSERT, values: [name, await bodyOf(req)] })
    return { interval: 30 }
  }
  const list = lists[name]
  return list ? (await pool.query({ name: `list-${name}`, ...list })).rows : 'ready'
}

createServer((req, res) => {
  answer(req).then(
    (value) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
    (error: unknown) => res.writeHead(500).end(String(error)),
  )
}).listen(port, '127.0.0.1')

process.on('SIGTERM', () => process.exit(0))
