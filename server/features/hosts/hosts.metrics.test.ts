import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inTenant } from '@/server/db/scope'
import { tidy } from '@/server/features/agents/agents.jobs'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import { agentsOf } from '@/test/agent'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ hosts: hostsRouter }))

let world: World
let agents: ReturnType<typeof agentsOf>
beforeAll(async () => {
  world = await createWorld()
  agents = agentsOf(world)
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: Parameters<World['opOf']>[0]) => caller({ op: await world.opOf(name) })
const GB = 1e9

/** Its last report was 10 seconds ago. */
const ago = (host: string) =>
  world.admin.query(
    `update resource_state set last_seen_at = now() - interval '10 seconds' where resource_id = $1`,
    [host],
  )
/** Who sent the reports of `twoReports`, and with what. */
let last: Pick<Awaited<ReturnType<typeof agents.enrolled>>, 'credential' | 'said'>

/** Two reports, 10 seconds apart by the server's time, of a machine that is half busy and takes in 1,000 bytes a second. */
async function twoReports(second: Record<string, unknown> = {}) {
  const first = {
    cpu: { count: 2, ticks: 1000, busy: 100 },
    network: { rx: 5000, tx: 0 },
    memory: { total: 4 * GB, available: 3 * GB },
    swap: { total: GB, free: GB },
    load: [0.5, 0, 0],
    disks: [{ mount: '/', fs: 'ext4', size: 200, used: 50 }],
  }
  const { host, credential, said } = await agents.enrolled(first)
  expect((await agents.post('report', credential, { ...said, seq: 1 })).status).toBe(200)
  await ago(host)
  last = { credential, said }
  const cpu = { count: 2, ticks: 2000, busy: 600 }
  const later = { ...said, cpu, network: { rx: 15_000, tx: 20_000 }, ...second, seq: 2 }
  expect((await agents.post('report', credential, later)).status).toBe(200)
  return host
}

/** A sample of a minute (or a quarter), so many minutes ago. */
const sample = (host: string, minutes: number, cpu: number, step = 60) =>
  world.admin.query(
    `insert into host_sample (resource_id, step, at, cpu) values ($1, $4::smallint,
      date_bin(make_interval(secs => $4::int), now() - make_interval(mins => $2::int), 'epoch'), $3) on conflict do nothing`,
    [host, minutes, cpu, step],
  )

describe('a report', () => {
  it('leaves a sample: figures as means, rates from the counters of two reports', async () => {
    const host = await twoReports()
    const { step, points } = await (await as('Ada')).hosts.metrics({ id: host, range: 'hour' })
    expect(step).toBe(60)
    const last = points.at(-1)
    expect(last).toMatchObject({ cpu: 50, memory: GB, swap: 0, load: 0.5, disks: { '/': 25 } })
    expect(last?.rx).toBeGreaterThan(900)
    expect(last?.rx).toBeLessThan(1001)
    expect(last?.tx).toBeGreaterThan(1800)
  })

  it.each([
    ['after a reboot', { boot_id: 'd31b4f3c-c6be-43ad-b812-84a9ea304c27' }],
    ['when counters go back', { cpu: { ticks: 1, busy: 1 }, network: { rx: 1, tx: 0 } }],
    ['without counters', { cpu: undefined, network: undefined }],
  ])('tells no rate %s', async (_when, second) => {
    const host = await twoReports(second)
    const { points } = await (await as('Ada')).hosts.metrics({ id: host })
    expect(points.at(-1)).toMatchObject({ cpu: null, memory: GB })
    expect(points.at(-1)?.rx ?? 0).toBe(0)
  })

  it('that claims nonsense is clamped (G21, G22)', async () => {
    const mount = '<b>=1+1'
    const host = await twoReports({
      cpu: { ticks: 1001, busy: 9_000_000_000_000_000 },
      memory: { total: 1, available: 2 },
      network: { rx: Number.MAX_SAFE_INTEGER },
      disks: [...Array(32).keys()].map((n) => ({ mount: `${mount}${n}`, fs: 'x', size: n, used: 1e9 })),
    })
    const { points } = await (await as('Ada')).hosts.metrics({ id: host })
    const last = points.at(-1)
    expect(last?.cpu).toBe(100)
    expect(Object.values(last?.disks ?? {})).toEqual(Array(7).fill(100)) // eight, and one of no size
    for (const figure of [last?.memory, last?.rx]) expect(figure).toBeGreaterThanOrEqual(0)
  })
})

describe('hosts.metrics', () => {
  it('is for who sees the host; a foreign one is as one that never was (G12, G16)', async () => {
    const host = resourceId('A web')
    await sample(host, 3, 42)
    for (const who of ['Ada', 'Tom'] as const)
      expect((await (await as(who)).hosts.metrics({ id: host })).points).toHaveLength(1)
    const refused = async (id: string) => {
      const answer: unknown = await (await as('Bo')).hosts.metrics({ id }).catch((error: unknown) => error)
      return errorBody(answer)
    }
    expect(await refused(host)).toMatchObject({ status: 404 })
    expect(await refused(host)).toEqual(await refused(crypto.randomUUID()))
    // The wall by itself, without the procedure's own look-up.
    const seen = await inTenant(await world.opOf('Bo'), (tx) => tx.hostSample.count())
    expect(seen).toBe(0)
    expect(await inTenant(await world.opOf('Ada'), (tx) => tx.hostSample.count())).toBe(1)
  })

  it('shows a host’s next tenant nothing of the one before (G16)', async () => {
    const host = resourceId('assigned A')
    await sample(host, 3, 42)
    expect((await (await as('Ada')).hosts.metrics({ id: host })).points).toHaveLength(1)
    const mara = await as('Mara')
    await mara.hosts.assign({ ids: [host], tenantId: tenantId('B') })
    expect((await (await as('Bo')).hosts.metrics({ id: host })).points).toEqual([])
    expect((await mara.hosts.metrics({ id: host })).points).toEqual([])
  })

  it('keeps nothing of a report while a host changes hands, and no rate that reaches back before it', async () => {
    const host = await twoReports()
    const { credential, said } = last
    const again = async (seq: number, ticks: number) => {
      const report = {
        ...said,
        seq,
        memory: { total: 4 * GB, available: GB },
        cpu: { count: 2, ticks, busy: ticks / 2 },
      }
      expect((await agents.post('report', credential, report)).status).toBe(200)
      await ago(host)
    }
    await ago(host)
    // Assigned anew, and its owner stays: by a migration the history would go along.
    await world.admin.query('update resource set owner_id = $2 where id = $1', [host, tenantId('M')])
    await world.admin.query('begin')
    await world.admin.query('update resource set assigned_id = $2 where id = $1', [host, tenantId('B')])
    // The report neither waits for the move nor leaves anything.
    const report = { ...said, seq: 3, cpu: { count: 2, ticks: 3000, busy: 1500 } }
    expect((await agents.post('report', credential, report)).status).toBe(200)
    await world.admin.query('commit')
    const samples = async () => (await (await as('Bo')).hosts.metrics({ id: host })).points
    expect(await samples()).toEqual([])
    await ago(host)
    await again(4, 4000)
    expect(await samples()).toMatchObject([{ cpu: null, memory: 3 * GB }])
    await again(5, 5000)
    expect((await samples()).at(-1)).toMatchObject({ cpu: 50 })
  })

  it('has at most 200 points in each range; the hourly job rolls up and forgets', async () => {
    const host = resourceId('A web')
    await world.admin.query(
      `insert into host_sample (resource_id, step, at, cpu, disks)
        select $1, 60, date_trunc('minute', now()) - make_interval(mins => n), 10 + 20 * (n % 2), '{"/": 5}' from generate_series(0, 3200) n`,
      [host],
    )
    for (const days of [3, 6, 29, 31]) await sample(host, days * 1440, 70, 900)
    await tidy()
    await tidy()
    const { rows } = await world.admin.query(
      `select step, count(*)::int as n, min(at) > now() - interval '31 days' as young, min(cpu) as least, max(cpu) as most
        from host_sample where resource_id = $1 group by step order by step`,
      [host],
    )
    expect(rows[0]).toMatchObject({ step: 60, least: 10, most: 30 })
    expect(rows[0].n).toBeGreaterThan(2870)
    expect(rows[0].n).toBeLessThan(2882)
    expect(rows[1]).toMatchObject({ step: 900, young: true, most: 70 })
    expect(rows[1].n).toBeGreaterThan(190)
    expect(rows[1].n).toBeLessThan(200)
    const ada = await as('Ada')
    const sizes: Record<string, number> = {}
    for (const range of ['hour', 'day', 'week'] as const) {
      const { points } = await ada.hosts.metrics({ id: host, range })
      sizes[range] = points.length
      expect(points.at(-1)).toMatchObject({ disks: { '/': 5 } })
      expect(points.map(({ at }) => at)).toEqual(points.map(({ at }) => at).toSorted())
    }
    // A minute may turn while this runs.
    for (const [range, most] of Object.entries({ hour: 60, day: 96 })) {
      expect(sizes[range], range).toBeGreaterThanOrEqual(most - 1)
      expect(sizes[range], range).toBeLessThanOrEqual(most)
    }
    expect(sizes.week).toBeGreaterThanOrEqual(50)
    expect(sizes.week).toBeLessThanOrEqual(168)
  })
})
