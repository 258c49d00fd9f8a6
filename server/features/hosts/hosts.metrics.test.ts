import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inTenant } from '@/server/db/scope'
import { tidy } from '@/server/features/agents/agents.jobs'
import { agentRelease } from '@/server/features/agents/script/render'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import { agentsOf, wordOf } from '@/test/agent'
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

describe('hosts.inventory', () => {
  const told = {
    packages: {
      manager: 'dpkg',
      total: 700,
      updates: 1,
      list: [
        ['openssl', '3.0.1', '3.0.2'],
        ['<b>=1+1\u001b[31m', '1'],
      ],
    },
    services: {
      manager: 'systemd',
      total: 2,
      failed: 1,
      list: [
        ['nginx', 'failed'],
        ['cron', 'running'],
      ],
    },
  }
  const revision = '0123456789abcdef'

  /** A host whose agent was asked for its inventory and sent it. */
  async function withInventory() {
    const { host, credential, said } = await agents.enrolled({ inventory_revision: revision })
    const answer = await agents.post('report', credential, { ...said, seq: 1 })
    expect(answer.lines).toContain('inventory')
    const body = { seq: 1, machine_id: said.machine_id, revision, ...told }
    const send = (more: object = {}) => agents.post('inventory', credential, { ...body, ...more })
    expect(await send()).toMatchObject({ status: 200, lines: ['taken'] })
    return { host, credential, said, send }
  }
  const seenBy = async (who: Parameters<typeof as>[0], id: string) => (await as(who)).hosts.inventory({ id })

  it('is what the agent told last, asked for when it changed, inert, and for who sees the host (G12, G22)', async () => {
    const { host, credential, said } = await withInventory()
    for (const who of ['Ada', 'Tom'] as const) {
      const { packages, services } = await seenBy(who, host)
      expect(packages).toMatchObject({
        total: 700,
        updates: 1,
        list: [
          ['openssl', '3.0.1', '3.0.2'],
          ['<b>=1+1\ufffd[31m', '1'],
        ],
      })
      expect(services).toMatchObject(told.services)
    }
    const refused = async (id: string) => errorBody(await seenBy('Bo', id).catch((error: unknown) => error))
    expect(await refused(host)).toMatchObject({ status: 404 })
    expect(await refused(host)).toEqual(await refused(crypto.randomUUID()))
    expect(await inTenant(await world.opOf('Bo'), (tx) => tx.hostInventory.count())).toBe(0)
    expect(await inTenant(await world.opOf('Ada'), (tx) => tx.hostInventory.count())).toBe(1)
    await ago(host)
    const again = await agents.post('report', credential, { ...said, seq: 2 })
    expect(again.lines).not.toContain('inventory')
    await ago(host)
    const changed = { ...said, seq: 3, inventory_revision: 'f'.repeat(16) }
    expect((await agents.post('report', credential, changed)).lines).toContain('inventory')
  })

  it('belongs to the last report of that machine, and nothing else is taken (G18, G21)', async () => {
    const { host, credential, said, send } = await withInventory()
    for (const wrong of [{ seq: 2 }, { revision: 'f'.repeat(16) }])
      expect((await send(wrong)).status).toBe(409)
    expect((await send({ machine_id: 'a'.repeat(64) })).status).toBe(403)
    for (const list of [Array(1001).fill(['a', '1']), [['', '1']]])
      expect((await send({ packages: { ...told.packages, list } })).status).toBe(400)
    await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
    expect((await send()).status).toBe(403)
    await world.admin.query(`update tenant set status = 'active' where id = $1`, [tenantId('A')])
    await ago(host)
    await agents.post('report', credential, { ...said, seq: 2 })
    expect((await send()).status).toBe(409) // of the report before
    expect((await seenBy('Ada', host)).packages?.total).toBe(700)
  })

  it('ends when the host is assigned to another tenant; its next report tells it anew (G16)', async () => {
    const host = resourceId('assigned A')
    await world.admin.query(
      `insert into host_inventory (resource_id, revision, packages) values ($1, $2, $3)`,
      [host, revision, told.packages],
    )
    expect((await seenBy('Ada', host)).packages?.total).toBe(700)
    await (await as('Mara')).hosts.assign({ ids: [host], tenantId: tenantId('B') })
    for (const who of ['Bo', 'Mara'] as const)
      expect(await seenBy(who, host)).toEqual({ at: null, packages: null, services: null })
  })

  it('the page says whether the agent is the current one, and whether it replaces itself', async () => {
    const { version, sha256 } = agentRelease()
    const agentOf = async (facts: Record<string, unknown>) => {
      const { host, credential, said } = await agents.enrolled(facts)
      const answer = await agents.post('report', credential, { ...said, seq: 1 })
      const { agent } = await (await as('Ada')).hosts.get({ id: host })
      return { due: agent?.updateDue, itself: agent?.updatesItself, word: wordOf(answer, 'agent') }
    }
    const offer = `${version} ${sha256}`
    expect(await agentOf({ agent_sha256: sha256 })).toEqual({ due: false, itself: true, word: '' })
    expect(await agentOf({ agent_sha256: 'a'.repeat(64) })).toEqual({ due: true, itself: true, word: offer })
    expect(await agentOf({ agent_sha256: 'a'.repeat(64), self_update: false })).toEqual({
      due: true,
      itself: false,
      word: '',
    })
    expect(await agentOf({ agent_version: '1.2.0' })).toEqual({ due: true, itself: false, word: '' })
  })
})
