import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tokenHash } from '@/server/context/build'
import { machineFacts } from '@/test/agent'
import { enrolmentToken } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

/** Hosts that are there; `npm run bench -- hosts` takes 100,000, and the figures from HOST_SIZE_OUT. */
const HOSTS = Number(process.env.HOST_SIZE ?? '5000')
const TENANTS = Math.min(1000, HOSTS / 50)
const ENROLLED = 200

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())

const sql = async <T extends object>(text: string, values: unknown[] = []) =>
  (await world.admin.query<T>(text, values)).rows
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
const enrol = () => {
  const facts = machineFacts()
  return sql('select wall.agent_enrol($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    tokenHash(enrolmentToken('A', 1)),
    randomBytes(32),
    'host',
    facts.machine_id,
    facts.boot_id,
    JSON.stringify(facts),
    'on',
    '',
    '',
  ])
}
/** Rows of hosts and other things that this transaction has read so far. */
const read = async () =>
  (
    await sql<{ n: number }>(
      `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables where schemaname = 'public' and relname = 'resource'`,
    )
  )[0]?.n ?? 0

it(
  `an enrolment among ${HOSTS.toLocaleString('en')} hosts of ${TENANTS} tenants reads a few rows, not all of them`,
  { timeout: 300_000 },
  async () => {
    await sql('update licence set host_limit = 1000000')
    await sql('update enrolment_token set max_uses = 1000, uses = 0')
    await sql(
      `insert into tenant (slug, name, tenant_role_id) select 'many-' || i, 'Many ' || i, (select tenant_role_id from tenant where slug = 'acme') from generate_series(1, $1::int) i`,
      [TENANTS],
    )
    const insertMs = await timed(() =>
      sql(
        `insert into resource (kind, name, owner_id, assigned_id) select 'host', 'h' || i, t.id, t.id
         from generate_series(1, $1::int) i join (select id, row_number() over () as n from tenant where slug like 'many-%') t on t.n = 1 + i % $2::int`,
        [HOSTS, TENANTS],
      ),
    )
    await sql('analyze resource; analyze host_pool; analyze tenant')
    await sql('begin')
    const before = await read()
    const enrolMs =
      (await timed(async () => {
        for (let i = 0; i < ENROLLED; i++) await enrol()
      })) / ENROLLED
    const rows = ((await read()) - before) / ENROLLED
    await sql('rollback')
    // As it was counted before the pool: every host, at each enrolment.
    const scanMs = await timed(() => sql(`select count(*) from resource r where r.kind = 'host'`))
    const countMs =
      (await timed(async () => {
        for (let i = 0; i < 50; i++) await sql('select wall.hosts_counted()')
      })) / 50
    const moveMs = await timed(() =>
      sql(
        `update resource set assigned_id = (select id from tenant where slug = 'bolt'), owner_id = (select id from tenant where slug = 'bolt')
         where id in (select id from resource where kind = 'host' and name like 'h%' limit 10000)`,
      ),
    )
    const [wrong] = await sql<{ n: number }>(
      `select count(*)::int as n from host_pool p where p.hosts <> (select count(*) from resource r where r.kind = 'host' and r.assigned_id = p.tenant_id)`,
    )
    expect(wrong).toEqual({ n: 0 })
    expect(rows).toBeLessThan(20)
    if (!process.env.HOST_SIZE_OUT) return
    const plan = async (text: string) =>
      (
        await sql<{ 'QUERY PLAN': string }>(
          `explain (analyze, costs off, timing off, summary off, buffers off) ${text}`,
        )
      ).map((row) => row['QUERY PLAN'])
    const plans = {
      pool: await plan(
        `select coalesce(sum(p.hosts), 0)::int from public.host_pool p join public.tenant t on t.id = p.tenant_id where t.status <> 'deleted'`,
      ),
      scan: await plan(`select count(*) from resource r where r.kind = 'host'`),
    }
    const figures = {
      hosts: HOSTS,
      tenants: TENANTS,
      insertMs,
      enrolMs,
      rows,
      scanMs,
      countMs,
      moveMs,
      plans,
    }
    fs.writeFileSync(process.env.HOST_SIZE_OUT, JSON.stringify(figures))
  },
)
