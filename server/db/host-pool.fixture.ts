import { randomUUID } from 'node:crypto'
import type { SignedInOp } from '@/server/context/op'
import { mutate } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { insertResource } from '@/server/features/resources/resources.repo'
import { hostMovesRouter } from '@/server/features/host-moves/host-moves.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import { errorBody } from '@/server/rpc/errors'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { agentsOf, machineFacts } from '@/test/agent'
import type { PersonName, TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { enrolmentToken, tenantId } from '@/test/factories'
import type { World } from '@/test/world'

const caller = createCallerFactory(
  router({ hostMoves: hostMovesRouter, resources: resourcesRouter, tenants: tenantsRouter }),
)

const CLOUDS = 10
const AWAY = 12
const SPARE = 8
const GOING = 4
const cloud = (i: number) => idOf(`racing cloud ${i}`)
const run = (i: number) => idOf(`racing run ${i}`)
const away = (i: number) => idOf(`racing tenant ${i}`)
const spare = (i: number) => idOf(`racing host ${i}`)
const going = (i: number) => idOf(`racing migrant ${i}`)

/** How an attempt ended: a host more, one host moved to Bolt, or refused with 402 (left out, for a connector). */
export type Ending = 'more' | 'moved' | 'full'

/** Clouds that are being looked into, deleted tenants with a host each, hosts of the master to be given away, and hosts of Acme to migrate. */
export async function plantRace({ admin }: World): Promise<void> {
  const M = tenantId('M')
  await admin.query('update enrolment_token set max_uses = 100')
  for (let i = 0; i < CLOUDS; i++) {
    await admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id) values ($1, 'cloud', $2, $3, $3, $1)`,
      [cloud(i), `racing ${i}`, M],
    )
    await admin.query(
      `insert into cloud_connection (cloud_id, connector, endpoint, sealed_secret) values ($1, 'proxmox', 'https://pve.example:8006', 'x')`,
      [cloud(i)],
    )
    await admin.query(
      `update cloud_sync set run = $2, status = 'running', heartbeat_at = now() where cloud_id = $1`,
      [cloud(i), run(i)],
    )
  }
  for (let i = 0; i < AWAY; i++) {
    await admin.query(
      `insert into tenant (id, slug, name, status, deleted_at, purge_after, tenant_role_id)
       select $1, $2, $2, 'deleted', now(), now() + interval '9 days', tenant_role_id from tenant where id = $3`,
      [away(i), `racing-${i}`, tenantId('A')],
    )
    await admin.query(
      `insert into resource (kind, name, owner_id, assigned_id) values ('host', 'away', $1, $1)`,
      [away(i)],
    )
  }
  await admin.query(
    `insert into resource (id, kind, name, owner_id, assigned_id) select x, 'host', 'spare', $2, $2 from unnest($1::uuid[]) x`,
    [Array.from({ length: SPARE }, (_, i) => spare(i)), M],
  )
  await admin.query(
    `insert into resource (id, kind, name, owner_id, assigned_id) select x, 'host', 'going', $2, $2 from unnest($1::uuid[]) x`,
    [Array.from({ length: GOING }, (_, i) => going(i)), tenantId('A')],
  )
}

/** Room for so many hosts in the licence, and in Bolt's slice. */
export async function leave({ admin }: World, { licence, slice }: { licence: number; slice: number }) {
  await admin.query(
    `update licence set host_limit = $1 + (select sum(p.hosts) from host_pool p join tenant t on t.id = p.tenant_id where t.status <> 'deleted')`,
    [licence],
  )
  await admin.query('update host_pool set slice = hosts + $1 where tenant_id = $2', [slice, tenantId('B')])
}

async function ending(call: Promise<unknown>, won: Ending): Promise<Ending> {
  try {
    await call
    return won
  } catch (error) {
    const body = errorBody(error)
    if (body.status === 402 && body.error === 'license_limit') return 'full'
    throw error
  }
}

const DECLARATION = {
  scope: 'tenant',
  permission: ['hosts', 'read'],
  audit: 'resource.create',
  summary: 'as one that makes hosts',
} as const

/** Makes a host as a procedure would that creates one: through the scope, as the tenant's role. */
function make(op: SignedInOp): Promise<unknown> {
  const id = randomUUID()
  const call = { name: 'test', declaration: DECLARATION, audited: false }
  return mutate({ ...op, call }, async ({ tx, audit }) => {
    const place = { ownerId: op.tenant.id, assignedId: op.tenant.id, cloudId: null, parentId: null }
    await insertResource(tx, {
      id,
      kind: 'host',
      name: 'made',
      ...place,
      createdBy: op.actor.userId,
      spec: {},
    })
    audit({ targetKind: 'host', targetId: id, targetName: 'made' })
  })
}

/** A connector finds a host; whether there was room stands in its cloud. */
async function find(i: number): Promise<null> {
  const rows = JSON.stringify([
    { e: `node/${randomUUID()}`, k: 'host', n: 'found', s: {}, t: 'online', f: {}, h: '', g: '' },
  ])
  const told = await systemValue<boolean, 'sync_batch'>('sync_batch', [run(i), rows, 0])
  if (!told) throw new Error('the run is over')
  return null
}

/** Does the migrations that wait. @returns how each ended */
async function migrate({ admin }: World, tasks: readonly string[]): Promise<Ending[]> {
  await runTasks()
  const { rows } = await admin.query<{ status: string; error: string }>(
    'select status, error from background_task where id = any ($1)',
    [tasks],
  )
  return rows.map(({ status, error }) => {
    if (status === 'done') return 'moved'
    if (error.startsWith('Bolt may have ')) return 'full'
    throw new Error(`a migration is ${status}: ${error}`)
  })
}

/** 100 attempts at once, of every kind that there is. @returns how each ended; connectors apart, as they leave out what does not fit */
export async function race(world: World): Promise<{ endings: Ending[]; found: number }> {
  const agents = agentsOf(world)
  const keys = ['A', 'B', 'M'] as const satisfies TenantKey[]
  const ops = await Promise.all((['Ada', 'Bo', 'Mara'] as PersonName[]).map((name) => world.opOf(name)))
  const mara = caller({ op: await world.opOf('Mara') })
  const enrol = async (i: number): Promise<Ending> => {
    const answer = await agents.post('enrol', enrolmentToken(keys[i % 3] ?? 'A', 1), machineFacts())
    if (answer.status === 201) return 'more'
    if (answer.status === 402 && answer.text.startsWith('error license_limit ')) return 'full'
    throw new Error(answer.text)
  }
  const times = <T>(n: number, one: (i: number) => T) => Array.from({ length: n }, (_, i) => one(i))
  const shuffled: (() => Promise<Ending | null>)[] = [
    ...times(2 * CLOUDS, (i) => () => find(i % CLOUDS)),
    ...times(35, (i) => () => enrol(i)),
    ...times(21, (i) => () => ending(make(ops[i % 3] as SignedInOp), 'more')),
    ...times(AWAY, (i) => () => ending(mara.tenants.restore({ id: away(i) }), 'more')),
    ...times(
      SPARE,
      (i) => () =>
        ending(mara.resources.assign({ kind: 'host', ids: [spare(i)], tenantId: tenantId('B') }), 'moved'),
    ),
  ].sort(() => Math.random() - 0.5)
  const tasks: string[] = []
  for (let i = 0; i < GOING; i++)
    tasks.push((await mara.hostMoves.start({ ids: [going(i)], tenantId: tenantId('B') })).taskId)
  const migrations = migrate(world, tasks)
  const ended = await Promise.all(shuffled.map((one) => one()))
  const endings = [...ended.filter((one) => one !== null), ...(await migrations)]
  const { rows } = await world.admin.query<{ n: number }>(
    `select count(*)::int as n from cloud_item i join resource r on r.id = i.resource_id where r.kind = 'host' and i.cloud_id = any ($1)`,
    [times(CLOUDS, cloud)],
  )
  return { endings, found: rows[0]?.n ?? 0 }
}

/** Hosts of the licence, of Bolt, and whether the pool's numbers are those of the table. */
export async function countedIn({ admin }: World) {
  const { rows } = await admin.query<{
    over: number
    bolt: number
    wrong: number
    deadlocks: number
  }>(
    `select (select count(*)::int from resource r join tenant t on t.id = r.assigned_id where r.kind = 'host' and t.status <> 'deleted') - l.host_limit as over,
       (select count(*)::int from resource r where r.kind = 'host' and r.assigned_id = $1) - (select slice from host_pool where tenant_id = $1) as bolt,
       (select count(*)::int from tenant t left join host_pool p on p.tenant_id = t.id
        where p.hosts is distinct from (select count(*) from resource r where r.kind = 'host' and r.assigned_id = t.id)) as wrong,
       (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks
     from licence l order by l.created_at desc limit 1`,
    [tenantId('B')],
  )
  return rows[0]
}
