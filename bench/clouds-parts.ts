// Parts of `npm run bench -- clouds`: what a procedure asks the database, how that is planned behind the wall, and what functions of workers do.
import pg from 'pg'
import { signContext } from '@/server/db/context-token'
import { database } from '@/server/db/runtime'
import { roleUrl } from '@/server/db/urls'
import type { SignedInOp } from '@/server/context/op'

const WARM = 5
const ROUNDS = 20
/** More rows than this, read for a page, are worth a remark. */
const MANY = 12_000
/** Stands for several plans. */
const ALL = 'All'

export const middle = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0

interface Asked {
  text: string
  values: unknown[]
  generic: boolean
  times: number[]
  rows: number
}
export interface Recorded {
  ms: number
  /** All that went to the database for one call, with what opens and ends the transaction. */
  sent: number
  statements: Asked[]
}

const HOUSEKEEPING = /^\s*(begin|commit|rollback|set\b|select (\* from )?wall\.|select set_config)/i

/** Calls a procedure again and again. @returns its time, and the statements that it ran in its scope */
export async function record(work: () => Promise<unknown>): Promise<Recorded> {
  const real = Reflect.get(pg.Client.prototype, 'query') as (...args: unknown[]) => unknown
  const found = new Map<string, Asked>()
  const times: number[] = []
  let [sent, generic, noting] = [0, false, false]
  Reflect.set(pg.Client.prototype, 'query', function query(this: unknown, ...args: unknown[]) {
    sent += 1
    const first = args[0] as string | { text: string; values?: unknown[] }
    const text = typeof first === 'string' ? first : first.text
    if (text.includes('wall.enter(')) generic = text.includes('force_generic_plan')
    const began = performance.now()
    const answer = Reflect.apply(real, this, args)
    if (noting && answer instanceof Promise && !HOUSEKEEPING.test(text))
      return answer.then((result: { rows?: unknown[] }) => {
        const values = typeof first === 'string' ? [] : (first.values ?? [])
        const one = found.get(text) ?? { text, values, generic, times: [], rows: 0 }
        one.times.push(performance.now() - began)
        one.rows = result.rows?.length ?? 0
        found.set(text, one)
        return result
      })
    return answer
  })
  try {
    for (let i = 0; i < WARM + ROUNDS; i++) {
      noting = i >= WARM
      sent = 0
      const began = performance.now()
      await work()
      if (noting) times.push(performance.now() - began)
    }
  } finally {
    Reflect.set(pg.Client.prototype, 'query', real)
  }
  return { ms: middle(times), sent, statements: [...found.values()] }
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Shared Hit Blocks'?: number
  'Shared Read Blocks'?: number
  Plans?: Node[]
}
export interface Plan {
  /** What was read by what, the most rows first. */
  ways: string[]
  pages: number
  remarks: string[]
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

/** What a plan comes to: which indexes, which tables as a whole, what was sorted. */
export function summary(root: Node): Plan {
  const read = new Map<string, number>()
  const remarks: string[] = []
  for (const node of nodesOf(root)) {
    const loops = node['Actual Loops']
    if (loops === 0) continue
    const rows = Math.round((node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * loops)
    const whole = node['Node Type'] === 'Seq Scan'
    const what = node['Index Name'] ?? (whole ? `all of ${node['Relation Name']}` : '')
    if (what !== '') read.set(what, (read.get(what) ?? 0) + rows)
    if (whole && rows > 2000) remarks.push(`reads all of ${node['Relation Name']}`)
    const from = node.Plans?.[0]
    const sorted = from ? Math.round(from['Actual Rows'] * from['Actual Loops']) : 0
    if (/^(Incremental )?Sort$/.test(node['Node Type']) && sorted > MANY) remarks.push(`sorts ${sorted}`)
  }
  const ways = [...read].sort((a, b) => b[1] - a[1]).map(([name, rows]) => `${name} ${rows}`)
  const most = Math.max(0, ...read.values())
  if (most > MANY) remarks.push(`reads ${most} rows`)
  const roots = root['Node Type'] === ALL ? (root.Plans ?? []) : [root]
  const pages = roots.reduce(
    (n, one) => n + (one['Shared Hit Blocks'] ?? 0) + (one['Shared Read Blocks'] ?? 0),
    0,
  )
  return { ways, pages, remarks: [...new Set(remarks)] }
}

const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value))
    return pg.escapeLiteral(`{${value.map((one) => JSON.stringify(String(one))).join(',')}}`)
  return pg.escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value))
}

/** EXPLAIN ANALYZE of statements as the serving role behind the wall, planned as the scope has them planned. */
export async function plansBehindTheWall(
  op: SignedInOp,
  wall: { runtimeUrl: string; secret: string },
  statements: readonly Asked[],
): Promise<Plan[]> {
  const role = op.tenant.isMaster ? 'master' : 'tenant'
  const client = new pg.Client({ connectionString: roleUrl(wall.runtimeUrl, role, wall.secret) })
  await client.connect()
  try {
    await client.query('begin')
    const who = { tenantId: op.tenant.id, userId: op.actor.userId, sessionId: op.session.id }
    await client.query('select wall.enter($1, false, null, null)', [
      signContext(database().key, { mode: 'user', ...who }),
    ])
    const plans: Plan[] = []
    for (const [i, { text, values, generic }] of statements.entries()) {
      await client.query(`select set_config('plan_cache_mode', $1, true)`, [
        generic ? 'force_generic_plan' : 'auto',
      ])
      await client.query(`prepare asked_${i} as ${text}`)
      const given = values.length > 0 ? `(${values.map(literal).join(', ')})` : ''
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
        `explain (analyze, buffers, timing off, format json) execute asked_${i}${given}`,
      )
      const plan = rows[0]?.['QUERY PLAN'][0].Plan
      if (plan) plans.push(summary(plan))
    }
    return plans
  } finally {
    await client.end()
  }
}

export interface Called {
  ms: number
  plan: Plan
}

/** A function of the workers', as their role, each time undone; its statements' plans by auto_explain. @param adminUrl a superuser's */
export async function functionOf(
  adminUrl: string,
  call: string,
  before: readonly string[] = [],
): Promise<Called> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  const told: Node[] = []
  const times: number[] = []
  client.on('notice', ({ message = '' }) => {
    const at = message.indexOf('plan:')
    if (at >= 0) told.push((JSON.parse(message.slice(at + 5)) as { Plan: Node }).Plan)
  })
  const once = async (explained: boolean) => {
    await client.query('begin')
    for (const text of before) await client.query(text)
    if (explained)
      await client.query(
        `load 'auto_explain'; set local auto_explain.log_min_duration = 0; set local auto_explain.log_nested_statements = on;
         set local auto_explain.log_analyze = on; set local auto_explain.log_buffers = on; set local auto_explain.log_timing = off;
         set local auto_explain.log_format = json; set local auto_explain.log_level = notice`,
      )
    await client.query('set local role freehold_system')
    const began = performance.now()
    await client.query(call)
    if (!explained) times.push(performance.now() - began)
    await client.query('rollback')
  }
  try {
    for (let i = 0; i < 7; i++) await once(false)
    await once(true)
    const plan = summary({ 'Node Type': ALL, 'Actual Rows': 0, 'Actual Loops': 1, Plans: told })
    return { ms: middle(times), plan }
  } finally {
    await client.end()
  }
}
