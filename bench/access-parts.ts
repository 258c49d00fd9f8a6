// Parts of `npm run bench -- access`: a statement alone, what a whole request asks, the matrix, the move of a cloud.
import pg from 'pg'
import type { SignedInOp } from '@/server/context/op'
import { signContext } from '@/server/db/context-token'
import { database } from '@/server/db/runtime'
import { inTenant, mutate } from '@/server/db/scope'
import { roleUrl } from '@/server/db/urls'
import { viewerOf } from '@/server/authz/sight'
import { cellsOf } from '@/server/features/matrix/matrix.repo'
import { assign } from '@/server/features/resources/resources.assign.service'
import { listResources } from '@/server/features/resources/resource-list.repo'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import type { Declaration } from '@/server/rpc/declaration'
import type { Cells, Measured, Move } from './access-report'
import { LIST, type Statement, catchStatement } from './same-sql'

const WARM = 8
const PAUSE_MS = 20
const CELLS = 50

const sorted = (times: number[]): number[] => [...times].sort((a, b) => a - b)
export function measured(times: readonly number[]): Measured {
  const all = sorted([...times])
  return { best: all[0] ?? 0, p50: all[all.length >> 1] ?? 0, p95: all[Math.floor(all.length * 0.95)] ?? 0 }
}

/** A client of the serving role of who asks, inside the wall. */
async function behindTheWall(op: SignedInOp, runtimeUrl: string, secret: string): Promise<pg.Client> {
  const url = roleUrl(runtimeUrl, op.tenant.isMaster ? 'master' : 'tenant', secret)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('begin')
  const who = { tenantId: op.tenant.id, userId: op.actor.userId, sessionId: op.session.id }
  const context = signContext(database().key, { mode: 'user', ...who })
  // As a scope with `keepPlans`.
  const text = `select wall.enter($1, false, null, null), set_config('plan_cache_mode', 'force_generic_plan', true)`
  await client.query(text, [context])
  return client
}

/** The statement alone: prepared, as the server has it after a few requests, in a transaction that is open already. */
export async function statementAlone(
  op: SignedInOp,
  { runtimeUrl, secret }: { runtimeUrl: string; secret: string },
  statement: Statement,
  rounds: number,
): Promise<Measured> {
  const client = await behindTheWall(op, runtimeUrl, secret)
  const times: number[] = []
  try {
    for (let i = 0; i < rounds + WARM; i++) {
      const start = performance.now()
      await client.query({ name: 'measured', ...statement })
      if (i >= WARM) times.push(performance.now() - start)
    }
  } finally {
    await client.end()
  }
  return measured(times)
}

/** How many statements go to the database while `work` runs: all that pg sends in this process. */
export async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const real = Reflect.get(pg.Client.prototype, 'query') as (...args: unknown[]) => unknown
  let sent = 0
  Reflect.set(pg.Client.prototype, 'query', function count(this: unknown, ...args: unknown[]) {
    sent += 1
    return Reflect.apply(real, this, args)
  })
  try {
    await work()
  } finally {
    Reflect.set(pg.Client.prototype, 'query', real)
  }
  return sent
}

/** The cells of a grid of 50 by 50, and which of the large tables were read as a whole for it. */
export async function matrixCells(
  op: SignedInOp,
  urls: { runtimeUrl: string; secret: string },
  rounds: number,
): Promise<Cells> {
  const client = await behindTheWall(op, urls.runtimeUrl, urls.secret)
  const ids = async (text: string) => (await client.query<{ id: string }>(text)).rows.map(({ id }) => id)
  try {
    const resources = await ids(`select id from resource where kind = 'host' order by name limit ${CELLS}`)
    const tenants = await ids(`select id from tenant where slug like 'b-%' order by slug limit ${CELLS}`)
    const statement = catchStatement((tx) => cellsOf(tx, viewerOf(op), resources, tenants))
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `explain (analyze, buffers, timing off) ${statement.text}`,
      statement.values,
    )
    const plan = rows.map((row) => row['QUERY PLAN'])
    const whole = plan.flatMap((line) => /Seq Scan on (resource|access_grant)\b/.exec(line)?.[1] ?? [])
    const buffers = Number(/Buffers: shared hit=(\d+)/.exec(plan.join('\n'))?.[1] ?? 0)
    const cells = tenants.length * resources.length
    return { cells, whole, buffers, statement: await statementAlone(op, urls, statement, rounds) }
  } finally {
    await client.end()
  }
}

const asCall = (op: SignedInOp, name: string, declaration: Declaration): SignedInOp => ({
  ...op,
  call: { name, declaration, audited: false },
})

/** Works again and again until it is told to stop. @returns what ends it and answers the times in ms, and how many failed */
function again(work: () => Promise<unknown>): () => Promise<{ times: number[]; failed: number }> {
  const found = { times: [] as number[], failed: 0 }
  let going = true
  const run = (async () => {
    while (going) {
      const start = performance.now()
      await work().catch(() => (found.failed += 1))
      found.times.push(performance.now() - start)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  })()
  return async () => {
    going = false
    await run
    return found
  }
}

/** Moves a cloud to a tenant as the task does, while a person of another tenant reads its list and one of a third writes. */
export async function moveOf(
  admin: pg.Client,
  master: SignedInOp,
  reader: SignedInOp,
  writer: SignedInOp,
  cloud: string,
  to: string,
): Promise<Move> {
  const view = viewerOf(reader)
  const read = () =>
    inTenant(reader, (tx) => listResources(tx, view, { ...LIST, counted: false }), { keepPlans: true })
  const { rows } = await admin.query<{ id: string }>(
    'select id from resource where assigned_id = $1 limit 1',
    [writer.tenant.id],
  )
  const target = rows[0]?.id ?? ''
  const editing = asCall(writer, 'bench', {
    scope: 'tenant',
    permission: ['hosts', 'full'],
    audit: 'resource.update',
    summary: '',
  })
  const write = () =>
    mutate(editing, ({ tx, audit }) => {
      audit({ targetKind: 'host', targetId: target })
      return tx.$executeRaw`update resource set updated_at = now() where id = ${target}::uuid`
    })
  const calm = [again(read), again(write)]
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const before = await Promise.all(calm.map((stop) => stop()))
  const moving = asCall(master, 'resources.assign', {
    scope: 'master',
    permission: ['clouds', 'full'],
    audit: 'resource.assign',
    summary: '',
  })
  await assign(moving, 'cloud', [cloud], to)
  const meanwhile = [again(read), again(write)]
  const start = performance.now()
  await runTasks()
  const took = performance.now() - start
  const during = await Promise.all(meanwhile.map((stop) => stop()))
  const moved = await admin.query('select 1 from resource where cloud_id = $1 and assigned_id = $2', [
    cloud,
    to,
  ])
  const longest = (one: { times: number[] } | undefined) => Math.max(0, ...(one?.times ?? []))
  return {
    moved: moved.rowCount ?? 0,
    took,
    reader: { before: longest(before[0]), during: longest(during[0]) },
    writer: { before: longest(before[1]), during: longest(during[1]), refused: during[1]?.failed ?? 0 },
  }
}
