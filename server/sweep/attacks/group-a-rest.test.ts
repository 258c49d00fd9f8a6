import fs from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sightArms } from '@/server/authz/sight'
import { inTenant } from '@/server/db/scope'
import { listenForChanges } from '@/server/platform/listen'
import { env } from '@/server/platform/env'
import { dispatch } from '@/server/http/dispatch'
import { call } from '@/server/sweep/call'
import { procedureOf, procedures } from '@/server/sweep/declared'
import { unusedId, validInput } from '@/server/sweep/inputs'
import { type PersonName, tenantOf, tokenOf } from '@/test/actors'
import { foreignCanaries, idOf } from '@/test/canary'
import { resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { TENANT_ROOTED } from '@/test/wall-reviewed'
import { withoutFilters } from '@/test/no-filters'
import { plantConnections } from '@/test/plant-connections'
import { plantAccounts } from '@/test/plant-accounts'
import { createWorld, type World } from '@/test/world'

describe('group A: attacks with a shape of their own', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const run = (actor: PersonName, name: string, input?: unknown) =>
    call(world, actor, procedureOf(name), input)

  it('A11 the layer that is said to be off is off, and only then', async () => {
    const layer = env().FREEHOLD_TEST_LAYER
    const op = await world.opOf('Ada')
    const rows = await inTenant(op, (tx) => tx.$queryRaw<{ n: bigint }[]>`select count(*) as n from resource`)
    const everything = await world.admin.query<{ n: string }>('select count(*) as n from resource')
    const seesAll = Number(rows[0]?.n) === Number(everything.rows[0]?.n)
    expect(seesAll).toBe(layer === 'no-policies')
    expect(sightArms({ tenantId: tenantId('A'), isMaster: false }).length === 1).toBe(layer === 'no-filters')
    const statement =
      'select 1 from "public"."session" where ("public"."session"."tenant_id" = $1 and t.home_tenant_id = $2::uuid)'
    expect(withoutFilters(statement)).toBe(
      'select 1 from "public"."session" where (("public"."session"."tenant_id" = $1 or true) and (t.home_tenant_id = $2::uuid or true))',
    )
    expect(withoutFilters('update resource set assigned_id = $1')).toBe(
      'update resource set assigned_id = $1',
    )
    const foreign = await inTenant(op, (tx) =>
      tx.enrolmentToken.count({ where: { tenantId: tenantId('B') } }),
    )
    expect(foreign > 0).toBe(layer !== undefined) // by RLS without filters: one's own two; by filters without RLS: Bolt's
    // the script that switches them off runs this folder, twice
    const script = fs.readFileSync(new URL('../../../scripts/test-layers.ts', import.meta.url), 'utf8')
    expect(script).toMatch(/'no-policies', 'no-filters'/)
    expect(script).toContain("'server/sweep/'")
  })

  it('A13 what hangs under a tenant or a user answers like the parent: not found', async () => {
    for (const name of [
      'tenantUsers.get',
      'tenantUsers.update',
      'tenantUsers.delete',
      'tenantUsers.endSessions',
    ]) {
      const input = { ...((await validInput(world, name, 'Mara')) as object), tenantId: tenantId('A') }
      const crossed = await run('Mara', name, { ...input, id: userId('Bo') })
      const never = await run('Mara', name, { ...input, id: unusedId() })
      expect([name, crossed.status, crossed.text]).toEqual([name, 404, never.text])
    }
    for (const name of [
      'tenantResources.list',
      'tenants.setup.get',
      'tenants.deletionPlan',
      'rolesIn.assignable',
      'audit.ofTenant',
    ]) {
      const key = name.startsWith('tenants.') ? 'id' : 'tenantId'
      expect([name, (await run('Mara', name, { [key]: unusedId() })).status]).toEqual([name, 404])
    }
  })

  describe('A14', () => {
    /** Opens the live stream as somebody and collects what it says. */
    async function listen(actor: PersonName) {
      const facts = world.factsOf(actor, { path: '/api/events' })
      const gone = new AbortController()
      const request = new Request('http://x/api/events', { signal: gone.signal })
      const response = await dispatch(request, '/api/events', facts)
      const reader = response?.body?.getReader()
      const heard = { text: '', ended: 0 }
      const loop = (async () => {
        for (;;) {
          const chunk = await reader?.read()
          if (!chunk || chunk.done) break
          heard.text += new TextDecoder().decode(chunk.value)
        }
        heard.ended = performance.now()
      })().catch(() => undefined)
      return { heard, close: async () => (gone.abort(), await reader?.cancel().catch(() => undefined), loop) }
    }
    const until = async (what: () => boolean, ms: number) => {
      const end = performance.now() + ms
      while (!what() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 25))
      return what()
    }
    const touch = (label: string) =>
      world.admin.query(
        `update resource_state set status = case status when 'online' then 'offline' else 'online' end where resource_id = $1`,
        [resourceId(label)],
      )

    it('A14 a live page hears of its own hosts, never of Bolt’s, and ends within 5 s of losing the right', async () => {
      const listener = await listenForChanges(world.database.adminUrl, world.database.secret)
      const ada = await listen('Ada')
      try {
        for (const label of ['B web', 'B db', 'assigned B', 'master private']) await touch(label)
        await touch('A web')
        expect(await until(() => ada.heard.text.includes(resourceId('A web')), 5000)).toBe(true)
        for (const label of ['B web', 'B db', 'assigned B', 'master private'])
          expect(ada.heard.text).not.toContain(resourceId(label))
        expect(foreignCanaries(ada.heard.text, 'A')).toEqual([])
        const lost = performance.now()
        await world.admin.query('delete from membership where user_id = $1', [userId('Ada')])
        expect(await until(() => ada.heard.ended > 0, 8000)).toBe(true)
        expect(ada.heard.ended - lost).toBeLessThan(6000) // 5 s, and one for a busy machine
      } finally {
        await ada.close()
        await listener.close()
      }
    }, 20_000)
  })

  it('A15 names are taken within a tenant only; subdomains say the same of taken, resting and reserved, ten times an hour', async () => {
    const person = { firstName: '', lastName: '', email: 'x@example.com', roleIds: [VIEWER_ROLE] }
    expect((await run('Ada', 'users.create', { ...person, username: 'bo' })).status).toBe(200)
    expect((await run('Ada', 'users.create', { ...person, username: 'tom' })).status).toBe(409)
    const words = new Set<string>()
    for (const slug of ['acme', 'closed', 'ended', 'rested', 'admin'])
      words.add(
        JSON.stringify({ ...((await run('Mara', 'tenants.checkSlug', { slug })).data as object), slug: '' }),
      )
    expect(words.size).toBe(1)
    expect((await run('Mara', 'tenants.checkSlug', { slug: 'surely-free' })).data).toMatchObject({
      state: 'free',
    })
    const answers: string[] = []
    for (let i = 0; i < 12; i++)
      answers.push(
        ((await run('Mara', 'tenants.checkSlug', { slug: `probe-${i}` })).data as { state: string }).state,
      )
    expect(answers.at(-1)).toBe('later')
  })

  it('A16 a foreign id takes as long as one that never was', async () => {
    const gaps: { auc: number; ms: number }[] = []
    // 2,000 pairs on a quiet machine give 0.05 and 1 ms. Here are 150, and up to three tries where other things run.
    for (let attempt = 0; attempt < 3; attempt++) {
      const times: Record<'foreign' | 'unused', number[]> = { foreign: [], unused: [] }
      for (let i = 0; i < 160; i++) {
        const order = i % 2 === 0 ? (['foreign', 'unused'] as const) : (['unused', 'foreign'] as const)
        for (const which of order) {
          const id = which === 'foreign' ? resourceId(i % 4 < 2 ? 'B web' : 'B db') : unusedId(String(i))
          const started = performance.now()
          await run('Tom', 'hosts.get', { id })
          if (i >= 10) times[which].push(performance.now() - started)
        }
      }
      // what a machine under load adds is in the slow ones: the fast fifth tells what the work itself takes
      const fast = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 5)] ?? 0
      let greater = 0
      for (const a of times.foreign) for (const b of times.unused) greater += a > b ? 1 : a === b ? 0.5 : 0
      const auc = greater / (times.foreign.length * times.unused.length)
      const gap = { auc: Math.abs(auc - 0.5), ms: Math.abs(fast(times.foreign) - fast(times.unused)) }
      if (gap.auc < 0.1 && gap.ms < Math.max(1, fast(times.unused) / 4)) return
      gaps.push(gap)
    }
    expect(gaps).toEqual([])
  }, 60_000)

  it('A18 nothing of one’s own can be hung on something foreign', async () => {
    const refused = [
      await run('Ada', 'users.setRoles', { id: userId('Tom'), roleIds: [idOf('role B 1')] }),
      await run('Ada', 'users.setRoles', { id: userId('Tom'), roleIds: [VIEWER_ROLE, idOf('role M 1')] }),
      await run('Ada', 'users.create', {
        firstName: '',
        lastName: '',
        username: 'x',
        email: 'x@example.com',
        roleIds: [idOf('role B 1')],
      }),
      await run('Mara', 'hosts.assign', { ids: [resourceId('A web')], tenantId: tenantId('B') }),
      await run('Mara', 'hosts.assign', { ids: [resourceId('master private')], tenantId: unusedId() }),
      await run('Mara', 'tenantUsers.setRoles', {
        tenantId: tenantId('A'),
        id: userId('Tom'),
        roleIds: [idOf('role B 1')],
      }),
    ]
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 404))
    expect((await run('Ada', 'users.setRoles', { id: userId('Tom'), roleIds: [VIEWER_ROLE] })).status).toBe(
      200,
    )
  })

  it('A20 a user made again under an old name has nothing of the old one; a deleted tenant’s subdomain rests', async () => {
    expect((await run('Tom', 'account.me')).status).toBe(200)
    expect((await run('Ada', 'users.delete', { id: userId('Tom') })).status).toBe(200)
    const made = await run('Ada', 'users.create', {
      firstName: '',
      lastName: '',
      username: 'tom',
      email: 'tom@example.com',
      roleIds: [VIEWER_ROLE],
    })
    expect(made.status).toBe(200)
    const { id } = made.data as { id: string }
    expect(id).not.toBe(userId('Tom'))
    expect((await run('Tom', 'account.me')).status).toBe(401)
    const { rows } = await world.admin.query(
      `select (select count(*) from session where user_id = $1)::int as sessions, (select count(*) from role_assignment where user_id = $1)::int as roles`,
      [id],
    )
    expect(rows[0]).toEqual({ sessions: 0, roles: 1 })
    expect((await run('Mara', 'tenants.delete', { id: tenantId('B'), confirmName: 'Bolt' })).status).toBe(200)
    const again = {
      ...((await validInput(world, 'tenants.create', 'Mara')) as object),
      name: 'Bolt',
      slug: 'bolt',
    }
    expect((await run('Mara', 'tenants.create', again)).status).toBe(400)
    expect((await run('Bo', 'account.me')).status).toBe(401)
  })

  it('A21 a row of no tenant, or of one that never was, cannot be', async () => {
    await plantAccounts(world)
    await plantConnections(world)
    let tried = 0
    for (const [table, column] of Object.entries(TENANT_ROOTED)) {
      const none = ['tenant', 'audit_event', 'audit_seal', 'sign_in_code', 'identity_answer']
      if (none.includes(table)) continue
      for (const value of [null, '00000000-0000-0000-0000-000000000000', unusedId()]) {
        const plant = world.admin.query(
          `update ${table} set ${column} = $1 where ctid = (select ctid from ${table} limit 1)`,
          [value],
        )
        await expect(plant, `${table}.${column} = ${value}`).rejects.toMatchObject({
          code: expect.stringMatching(/^(23502|23503|23514)$/),
        })
        tried++
      }
    }
    for (const value of [null, unusedId()]) {
      const event = world.admin.query(
        `insert into audit_event (tenant_id, actor_name, event) values ($1, 'x', 'x')`,
        [value],
      )
      await expect(event).rejects.toMatchObject({ code: expect.stringMatching(/^(23502|23503)$/) })
    }
    expect(tried).toBeGreaterThan(30)
  })

  it('A22 a thousand requests at once, of two tenants and the master, some given up half-way, never mix', async () => {
    const queries = procedures().filter(
      ({ type, declaration, name }) =>
        type === 'query' &&
        declaration?.scope !== 'master' &&
        // over all tenants of a person on purpose: group A's own tests and its feature's hold it
        !['audit.verify', 'allTenants.list'].includes(name),
    )
    const people: PersonName[] = ['Ada', 'Bo', 'Mara', 'Tom', 'Bolt Tom', 'Sam']
    const inputs = new Map<string, unknown>()
    for (const p of queries)
      for (const actor of people) inputs.set(`${p.name} ${actor}`, await validInput(world, p.name, actor))
    let leaks = 0
    let answered = 0
    const one = async (i: number) => {
      const p = queries[i % queries.length] as (typeof queries)[number]
      const actor = people[(i * 7) % people.length] as PersonName
      const gone = new AbortController()
      if (i % 5 === 0) setTimeout(() => gone.abort(), i % 17)
      const answer = await call(world, actor, p, inputs.get(`${p.name} ${actor}`), {
        signal: gone.signal,
      }).catch(() => null)
      if (!answer) return
      answered++
      if (foreignCanaries(answer.text, tenantOf(actor)).length > 0) leaks++
    }
    for (let i = 0; i < 1000; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => one(i + k)))
    expect({ leaks, answered: answered > 800 }).toEqual({ leaks: 0, answered: true })
    const { rows } = await world.admin.query(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    )
    expect(rows[0].n).toBe(0)
  }, 60_000)

  it('A00 what people did left nothing foreign in any log', async () => {
    await run('Ada', 'users.setRoles', { id: userId('Bo'), roleIds: [idOf('role B 1')] })
    await run('Ada', 'hosts.rename', { id: resourceId('B web'), name: 'x' })
    await run('Mara', 'hosts.assign', { ids: [resourceId('master private')], tenantId: tenantId('A') })
    await run('Mara', 'tenants.disable', { id: tenantId('A'), reason: 'x' })
    const { rows } = await world.admin.query(
      `select row_to_json(e)::text as text from audit_event e where tenant_id = $1`,
      [tenantId('A')],
    )
    const text = rows.map((row: { text: string }) => row.text).join('\n')
    // what is assigned to Acme is Acme’s to know from then on
    const found = foreignCanaries(text, 'A').filter((one) => !one.includes('CNRY-M'))
    expect(found).toEqual([])
    expect(text).not.toContain(tokenOf('Ada'))
  })
})
