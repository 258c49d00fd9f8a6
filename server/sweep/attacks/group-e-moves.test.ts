import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { listenAs, sleep } from '@/server/features/events/listen.fixture'
import { listenForChanges } from '@/server/platform/listen'
import { actingIn } from '@/server/sweep/acting'
import { ask } from '@/server/sweep/call'
import { unusedId } from '@/server/sweep/inputs'
import type { PersonName } from '@/test/actors'
import { agentsOf, wordOf } from '@/test/agent'
import { enrolmentToken, ORGANIZATION_ROLE, resourceId, tenantId } from '@/test/factories'
import { RESOURCE_ROOTED } from '@/test/wall-reviewed'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

const layer = process.env.FREEHOLD_TEST_LAYER

describe('group E: what moves, with what hangs on it', () => {
  let world: World
  let wall: WallSql
  let agents: ReturnType<typeof agentsOf>
  let listener: { close: () => Promise<void> }
  const pages: AbortController[] = []
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
    agents = agentsOf(world)
    listener = await listenForChanges(world.database.adminUrl, world.database.secret)
  })
  afterAll(async () => {
    await listener.close()
    await wall.close()
    await world.close()
  })
  beforeEach(() => world.restore())
  afterEach(() => {
    for (const one of pages.splice(0)) one.abort()
  })

  const { run, status } = actingIn(() => world)
  const made = async (who: PersonName, kind: string, name: string, spec: object, more: object = {}) =>
    ((await run(who, 'resources.create', { kind, name, spec, ...more })).data as { id: string }).id
  const move = (kind: string, id: string, to: 'A' | 'B') =>
    status('Mara', 'resources.assign', { kind, ids: [id], tenantId: tenantId(to) })
  const listen = (actor: PersonName) => {
    const gone = new AbortController()
    pages.push(gone)
    return listenAs(world, actor, gone)
  }
  const save = async (who: PersonName, id: string, more: object) => {
    const row = (await run(who, 'resources.get', { kind: 'host', id })).data as {
      name: string
      updatedAt: string
    }
    return status(who, 'resources.update', {
      kind: 'host',
      id,
      name: row.name,
      updatedAt: row.updatedAt,
      ...more,
    })
  }
  const given = (word: string) => Buffer.from(word.split(' ')[1] ?? '', 'base64').toString('utf8')

  describe('E13 a host that moves while its agent reports', () => {
    type Machine = Awaited<ReturnType<ReturnType<typeof agentsOf>['enrolled']>>
    let machine: Machine
    let seq = 0
    beforeEach(async () => {
      machine = await agents.enrolled({}, enrolmentToken('M', 1))
      seq = 0
    })
    /** One report, in which the machine calls itself so. */
    const report = async (hostname: string) => {
      await agents.quiet(machine.host)
      return agents.post('report', machine.credential, { ...machine.said, hostname, seq: ++seq })
    }
    /** Everything that a person can ask about the host. */
    const all = async (who: PersonName) => {
      const about = { kind: 'host', id: machine.host }
      const answers = [
        await run(who, 'hosts.get', { id: machine.host }),
        await run(who, 'resources.get', about),
        await run(who, 'resources.insight', about),
        await run(who, 'resources.list', { kind: 'host' }),
        await run(who, 'hosts.list', {}),
        await ask(world, who, '/api/hosts/export.csv'),
        await run(who, 'audit.list', {}),
      ]
      return { codes: answers.map((one) => one.status), text: answers.map((one) => one.text).join('\n') }
    }
    const children = async () => {
      const counts: Record<string, unknown> = {}
      for (const [table, column] of Object.entries(RESOURCE_ROOTED))
        counts[table] = (
          await world.admin.query(`select count(*)::int as n from ${table} where ${column} = $1`, [
            machine.host,
          ])
        ).rows[0]
      return counts
    }

    it('tells the old tenant nothing more, row by row, and keeps its agent and all that hangs on it', async () => {
      const profile = await made('Mara', 'profile', 'provider profile', { params: { secret: 'xyzzy-1' } })
      expect(await save('Mara', machine.host, { refs: [{ field: 'profiles', ids: [profile] }] })).toBe(200)
      const { host_sample: _none, ...before } = await children()
      expect(before).toMatchObject({
        resource_state: { n: 1 },
        agent_credential: { n: 1 },
        resource_link: { n: 1 },
      })
      for (let round = 0; round < 12; round++) {
        // A credential reports ten times in a row at most: the machine takes a new one.
        if (round % 4 === 3) {
          machine = await agents.enrolled({ machine_id: machine.said.machine_id }, enrolmentToken('M', 1))
          seq = 0
        }
        const [to, old, now] = round % 2 === 0 ? (['A', 'Bo', 'Ada'] as const) : (['B', 'Ada', 'Bo'] as const)
        const other = to === 'A' ? 'B' : 'A'
        const marker = `only-${to}-${round}`
        // The machine reports and the old tenant asks while it moves.
        const moving = move('host', machine.host, to)
        const asked: string[] = []
        const asking = (async () => {
          for (let i = 0; i < 3; i++) asked.push((await run(old, 'hosts.get', { id: machine.host })).text)
        })()
        expect((await report(`while-${round}`)).status).toBe(200)
        expect(await moving).toBe(200)
        const word = await report(marker)
        expect(word.status).toBe(200)
        expect(given(wordOf(word, 'parameters'))).toBe('secret=xyzzy-1\n')
        await asking
        const [theirs, ours] = [await all(old), await all(now)]
        expect(theirs.codes.slice(0, 3)).toEqual([404, 404, 404])
        expect(ours.codes).toEqual([200, 200, 200, 200, 200, 200, 200])
        expect(ours.text).toContain(marker)
        expect(`${asked.join()}${theirs.text}`).not.toContain(marker)
        expect(`${theirs.text}${ours.text}`).not.toContain('xyzzy-1')
        const { host_sample: samples, ...kept } = await children()
        expect(kept).toEqual(before)
        // Those of the tenant before are forgotten: what there is, is of the reports since, within one minute or two.
        expect([1, 2]).toContain((samples as { n: number }).n)
        if (layer === 'no-policies') continue
        const stateOf = `select facts ->> 'hostname' as name from resource_state where resource_id = '${machine.host}'`
        expect((await wall.as('tenant', wall.sign(to), stateOf)).rows).toEqual([{ name: marker }])
        expect((await wall.as('tenant', wall.sign(other), stateOf)).rows).toEqual([])
      }
    }, 120_000)

    it('an open page of the old tenant hears that it went, and nothing of it after', async () => {
      expect(await move('host', machine.host, 'A')).toBe(200)
      const [ada, bo] = [await listen('Ada'), await listen('Bo')]
      expect((await report('before')).status).toBe(200)
      await ada.until('changed')
      expect(await move('host', machine.host, 'B')).toBe(200)
      await Promise.all([ada.until('refresh'), bo.until('refresh')])
      expect((await report('after')).status).toBe(200)
      await world.admin.query(`update resource_state set status = 'offline' where resource_id = $1`, [
        machine.host,
      ])
      expect((await bo.until('changed')).data).toEqual([machine.host])
      await sleep(1200)
      expect(ada.events).toEqual([])
    }, 30_000)

    it('neither tenant’s enrolment token takes it over; the provider’s brings it back as the same', async () => {
      expect(await move('host', machine.host, 'A')).toBe(200)
      const { machine_id } = machine.said
      for (const key of ['A', 'B'] as const)
        expect((await agents.enrolled({ machine_id }, enrolmentToken(key, 1))).host).not.toBe(machine.host)
      expect((await report('still mine')).status).toBe(200)
      expect((await agents.enrolled({ machine_id }, enrolmentToken('M', 1))).host).toBe(machine.host)
      expect((await report('replaced')).status).toBe(401)
      const row = await world.admin.query('select owner_id, assigned_id from resource where id = $1', [
        machine.host,
      ])
      expect(row.rows).toEqual([{ owner_id: MASTER_TENANT_ID, assigned_id: tenantId('A') }])
    })
  })

  it('E13 a signed boot address of the old tenant renders nothing of a machine that moved on', async () => {
    const environment = await made('Mara', 'boot_environment', 'installer', {
      kernel: 'https://x.example/k',
      arguments: 'rack={{rack}}',
    })
    await run('Mara', 'resources.setVisibility', {
      kind: 'boot_environment',
      ids: [environment],
      visibility: 'public',
    })
    const node = await made(
      'Mara',
      'bare_metal',
      'node',
      { params: { rack: 'xyzzy-2' } },
      {
        refs: [{ field: 'bootEnvironment', ids: [environment] }],
      },
    )
    expect(await move('bare_metal', node, 'A')).toBe(200)
    const address = async (who: PersonName) =>
      (await run(who, 'boot.address', { id: environment, machineId: node })) as unknown as {
        status: number
        data: { url: string }
      }
    const open = async (url: string) => {
      const { pathname, search } = new URL(url)
      return ask(world, 'nobody', pathname + search, {}, { cookie: null, host: new URL(url).host })
    }
    const { url } = (await address('Ada')).data
    expect((await open(url)).text).toContain('rack=xyzzy-2')
    expect(await move('bare_metal', node, 'B')).toBe(200)
    const after = await open(url)
    expect([after.status, after.text.includes('xyzzy-2')]).toEqual([404, false])
    expect((await address('Ada')).status).toBe(404)
    expect((await open((await address('Bo')).data.url)).text).toContain('rack=xyzzy-2')
  })

  it('E11 what a tenant’s profile holds reaches a machine of two tenants only where both may use it', async () => {
    await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [
      ORGANIZATION_ROLE,
      tenantId('A'),
    ])
    const { host, credential, said } = await agents.enrolled()
    const share = (who: PersonName, kind: string, id: string, to: 'A' | 'B', role: string) =>
      run(who, 'grants.create', { kind, resourceId: id, tenantId: tenantId(to), role })
    await share('Ada', 'host', host, 'B', 'editor')
    const secret = (who: PersonName, value: string) =>
      made(who, 'profile', 'keys', { params: { [who]: value } })
    const [ours, theirs] = [await secret('Ada', 'xyzzy-acme'), await secret('Bo', 'xyzzy-bolt')]
    const refs = (ids: string[]) => ({ refs: [{ field: 'profiles', ids }] })
    let seq = 0
    const handed = async () => {
      await agents.quiet(host)
      const answer = await agents.post('report', credential, { ...said, seq: ++seq })
      return given(wordOf(answer, 'parameters'))
    }
    const shown = async (who: PersonName) =>
      (await run(who, 'resources.insight', { kind: 'host', id: host })).text

    // Bolt, who may edit the host, names no profile of Acme's that it does not see; Acme's own stays its own.
    expect(await save('Bo', host, refs([ours]))).toBe(404)
    expect(await save('Ada', host, refs([ours]))).toBe(200)
    expect(await handed()).toBe('Ada=xyzzy-acme\n')
    expect(await shown('Ada')).toContain('xyzzy-acme')
    expect(await shown('Bo')).not.toContain('xyzzy-acme')

    // What Bolt names of its own stays out of Acme's machine, as Acme has no right on it.
    expect(await save('Bo', host, refs([ours, theirs]))).toBe(200)
    expect(await handed()).toBe('Ada=xyzzy-acme\n')
    expect(await shown('Ada')).not.toContain('xyzzy-bolt')

    // With a right of both it is handed over, and goes with either's.
    const { id } = (await share('Bo', 'profile', theirs, 'A', 'viewer')).data as { id: string }
    expect(await handed()).toBe('Ada=xyzzy-acme\nBo=xyzzy-bolt\n')
    expect(await status('Bo', 'grants.revoke', { ids: [id] })).toBe(200)
    expect(await handed()).toBe('Ada=xyzzy-acme\n')

    // Nor does a credential of one tenant's machine, or its token, speak for the other's.
    const bolts = await agents.enrolled({ machine_id: said.machine_id }, enrolmentToken('B', 1))
    expect(bolts.host).not.toBe(host)
    await agents.quiet(bolts.host)
    expect((await agents.post('report', bolts.credential, { ...bolts.said, seq: 1 })).status).toBe(200)
    expect(await shown('Bo')).not.toContain('xyzzy-acme')
  })

  describe('E12 many at once with one that may not be', () => {
    const plant = (ids: string[], cloud: string | null) =>
      world.admin.query(
        `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id) select x, 'network', x::text, $2, $2, $3 from unnest($1::uuid[]) x`,
        [ids, MASTER_TENANT_ID, cloud],
      )
    const at = async (where: string, value: unknown, to: 'A' | 'M') =>
      (
        await world.admin.query<{ n: number }>(
          `select count(*)::int as n from resource where ${where} and assigned_id = $2`,
          [value, tenantId(to)],
        )
      ).rows[0]?.n

    it('E12 a hundred by their ids: nothing is applied', async () => {
      const ids = Array.from({ length: 100 }, (_, i) => unusedId(`e12 ${i}`))
      await plant(ids, null)
      const of = (list: string[]) =>
        status('Mara', 'resources.assign', { kind: 'network', ids: list, tenantId: tenantId('A') })
      const moved = () => at('id = any ($1)', ids, 'A')
      // Foreign; of another kind; none that ever was.
      for (const odd of [resourceId('A secret'), resourceId('master private'), unusedId('e12')])
        expect([await of([...ids.slice(1), odd]), await moved()]).toEqual([404, 0])
      // Bound to a cloud that went elsewhere.
      const cloud = await made('Mara', 'cloud', 'gone', {})
      const bound = await made('Mara', 'network', 'bound', { cidr: '10.0.0.0/24' }, { cloudId: cloud })
      expect(await move('cloud', cloud, 'B')).toBe(200)
      expect([await of([...ids.slice(1), bound]), await moved()]).toEqual([409, 0])
      expect([await of(ids), await moved()]).toEqual([200, 100])
    })

    it('E12 ten thousand in a cloud: nothing is applied, and without the one all of it', async () => {
      const cloud = await made('Mara', 'cloud', 'large', {})
      const ids = Array.from({ length: 10_000 }, (_, i) => unusedId(`e12 in cloud ${i}`))
      await plant(ids, cloud)
      const [odd] = [unusedId('e12 of Bolt')]
      await world.admin.query(
        `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id) values ($1, 'network', 'theirs', $2, $2, $3)`,
        [odd, tenantId('B'), cloud],
      )
      const before = await at('cloud_id = $1', cloud, 'M')
      expect(before).toBe(10_001)
      expect(await move('cloud', cloud, 'A')).toBe(409)
      expect([await at('cloud_id = $1', cloud, 'A'), await at('cloud_id = $1', cloud, 'M')]).toEqual([
        0, 10_001,
      ])
      await world.admin.query('delete from resource where id = $1', [odd])
      expect(await move('cloud', cloud, 'A')).toBe(200)
      expect(await at('cloud_id = $1', cloud, 'A')).toBe(10_001)
    }, 60_000)
  })
})
