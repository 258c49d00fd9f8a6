import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { env } from '@/server/platform/env'
import { type Answer, ask, call, valueAt, withValue } from '@/server/sweep/call'
import { type Declared, fieldsOf, idFields, procedures } from '@/server/sweep/declared'
import { foreignId, ownId, prepare, unusedId, VALID, validInput } from '@/server/sweep/inputs'
import { type ActorName, type PersonName, tenantOf, type TenantKey } from '@/test/actors'
import { canary, canariesIn, foreignCanaries } from '@/test/canary'
import { tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// Every procedure of the router, whatever was added since: as nobody, as a stranger from a sibling tenant, as each role.

const ALL = procedures()
const QUERIES = ALL.filter(({ type }) => type === 'query')
/** One test for each: a fault is found in its own, and quickly. */
const ROUTERS = [...new Set(ALL.map(({ name }) => name.split('.')[0] ?? ''))]
const of = (router: string, all: Declared[]) => all.filter(({ name }) => name.startsWith(`${router}.`))
const idsOf = (all: Declared[]): number => all.flatMap(idFields).length
const optionalIn = (input: Declared['input']) =>
  fieldsOf(input).filter((field) => field.optional && !field.path.includes('.'))
const MUTATIONS = ALL.filter(({ type }) => type === 'mutation')
const OF_ACME: PersonName[] = ['Ada', 'Ann', 'Eve', 'Tom', 'Nora']
const BUILT: PersonName[] = ['Mara', 'Sam', ...OF_ACME, 'Bo']
const LOGS = ['audit_event', 'audit_seal']

describe('group A: across tenants, over every procedure', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.restore()
  })

  const run = (actor: ActorName, p: Declared, input: unknown) => call(world, actor, p, input)
  const valid = (actor: ActorName, p: Declared) => validInput(world, p.name, actor)
  /** Nothing in an answer to this actor that is not theirs to see. */
  const clean = (actor: ActorName, p: Declared, answer: Answer) => {
    // all logs are the master's to read (rule 15): that its own page shows one is a filter, not a wall
    const log = env().FREEHOLD_TEST_LAYER === 'no-filters' && p.name.startsWith('audit.')
    // what the provider's people may see in every tenant, the union of all shows them (rule 10)
    const union = p.name === 'allTenants.list'
    const everything = (p.declaration?.scope === 'master' || log || union) && answer.status < 400
    // who of the provider looked into the tenant is the tenant's to know (rule 12): Sam does, in this very sweep
    const names =
      p.name === 'providerAccess.others' ? ['first', 'last'].map((one) => canary('M', `Sam ${one}`)) : []
    const text = names.reduce((all, name) => all.replaceAll(name, ''), answer.text)
    const found = foreignCanaries(text + answer.headers, tenantOf(actor), everything)
    expect(found, `${p.name} shows ${actor} what is not theirs`).toEqual([])
  }
  const same = ({ status, text }: Answer) => ({ status, text })
  /** The input with a foreign id, and with one that never was. */
  const pairs = async (actor: ActorName, p: Declared) => {
    const input = await valid(actor, p)
    return idFields(p).map(({ path, kind, array, optional }) => {
      const put = (id: string) => withValue(input, path, array ? [id] : id)
      return {
        path,
        kind,
        optional,
        foreign: put(foreignId(kind, tenantOf(actor))),
        unused: put(unusedId(path)),
      }
    })
  }
  const auditCount = async (tenant: TenantKey, result = 'denied') => {
    const { rows } = await world.admin.query(
      'select count(*)::int as n from audit_event where tenant_id = $1 and result = $2',
      [tenantId(tenant), result],
    )
    return rows[0].n as number
  }

  it('A00 there is enough to try', () => {
    expect(ROUTERS.length).toBeGreaterThan(20)
    expect(idsOf(QUERIES)).toBeGreaterThan(20)
    expect(idsOf(MUTATIONS)).toBeGreaterThan(40)
    expect(QUERIES.filter(({ input }) => optionalIn(input).length > 0).length).toBeGreaterThan(10)
  })

  it.each(ROUTERS)(
    'A00 every valid call works for whom it is (positive twin of all): %s',
    async (router) => {
      for (const p of of(router, ALL)) {
        const { by, status = 200 } = VALID[p.name] ?? { by: 'Mara' }
        const prepared = await prepare(world, p.name, by)
        const answer = await run(by, p, await valid(by, p))
        expect([p.name, answer.status, status === 200 ? '' : answer.text]).toEqual([
          p.name,
          status,
          status === 200 ? '' : answer.text,
        ])
        clean(by, p, answer)
        if (prepared || p.type === 'mutation') await world.restore()
      }
    },
    60_000,
  )

  it.each(ROUTERS)(
    'A01 a query with a foreign id answers exactly as with an unused one: %s',
    async (router) => {
      let tried = 0
      for (const p of of(router, QUERIES)) {
        for (const actor of [...OF_ACME, 'Mara'] as PersonName[]) {
          if (actor === 'Mara' && p.declaration?.scope === 'master') continue
          for (const { path, kind, optional, foreign, unused } of await pairs(actor, p)) {
            if (actor === 'Mara' && kind === 'tenant') continue // subtenants are hers to name
            const [real, never] = [await run(actor, p, foreign), await run(actor, p, unused)]
            expect(same(real), `${p.name} ${path} as ${actor}`).toEqual(same(never))
            expect(real.status, `${p.name} ${path} as ${actor}`).toBeLessThan(500)
            if (!optional) expect(real.status, `${p.name} ${path} as ${actor}`).toBeGreaterThanOrEqual(403)
            clean(actor, p, real)
            tried++
          }
        }
      }
      expect(tried).toBeGreaterThanOrEqual(4 * idsOf(of(router, QUERIES)))
    },
    60_000,
  )

  it.each(ROUTERS)(
    'A02 a mutation with a foreign id: not found, nothing changed, the denial in the actor’s log only: %s',
    async (router) => {
      const before = await world.state(LOGS)
      let tried = 0
      for (const p of of(router, MUTATIONS)) {
        for (const actor of ['Ada', 'Eve', 'Tom', 'Mara'] as PersonName[]) {
          if (actor === 'Mara' && p.declaration?.scope === 'master') continue
          const home = tenantOf(actor)
          for (const { path, kind, foreign, unused } of await pairs(actor, p)) {
            if (actor === 'Mara' && kind === 'tenant') continue // subtenants are hers to name
            const never = await run(actor, p, unused)
            const logs = { mine: await auditCount(home), theirs: await auditCount('B') }
            const real = await run(actor, p, foreign)
            expect(same(real), `${p.name} ${path} as ${actor}`).toEqual(same(never))
            expect([403, 404], `${p.name} ${path} as ${actor}`).toContain(real.status)
            expect(real.text).not.toContain(foreignId(kind, home))
            clean(actor, p, real)
            expect(
              { mine: await auditCount(home), theirs: await auditCount('B') },
              `${p.name} as ${actor}`,
            ).toEqual({ mine: logs.mine + 1, theirs: logs.theirs })
            await world.admin.query('delete from rate_limit')
            tried++
          }
        }
      }
      expect(tried).toBeGreaterThanOrEqual(3 * idsOf(of(router, MUTATIONS)))
      expect(await world.state(LOGS)).toEqual(before)
    },
    60_000,
  )

  it('A03 lists, counts and exports hold one’s own rows only, and as many as the model says', async () => {
    for (const p of QUERIES) {
      for (const actor of BUILT) {
        const answer = await run(actor, p, await valid(actor, p))
        clean(actor, p, answer)
      }
    }
    const named = (name: string) => ALL.find((p) => p.name === name) as Declared
    const total = async (name: string, actor: PersonName) =>
      ((await run(actor, named(name), {})).data as { total: number }).total
    const of = async (name: string) =>
      Object.fromEntries(
        await Promise.all((['Mara', 'Ada', 'Bo'] as const).map(async (who) => [who, await total(name, who)])),
      )
    expect(await of('hosts.list')).toEqual({ Mara: 10, Ada: 8, Bo: 5 })
    // with the three of the provider, whom the master has at home
    expect(await of('users.list')).toEqual({ Mara: 3, Ada: 9, Bo: 6 })
    expect(await of('enrolmentTokens.list')).toEqual({ Mara: 2, Ada: 2, Bo: 2 })
    for (const actor of ['Mara', 'Tom', 'Bo'] as const) {
      const file = await ask(world, actor, '/api/hosts/export.csv')
      expect(file.status).toBe(200)
      expect(canariesIn(file.text)).toBeGreaterThan(2)
      expect(foreignCanaries(file.text, tenantOf(actor))).toEqual([])
    }
    expect((await ask(world, 'Ada', '/api/tenants/export.csv')).status).toBe(403)
    const other = await ask(world, 'Ada', `/api/hosts/export.csv?tenantId=${tenantId('B')}`)
    expect(foreignCanaries(other.text, 'A')).toEqual([])
  }, 60_000)

  it('A04 a list of own and foreign ids is refused whole, and the foreign one not named', async () => {
    let tried = 0
    for (const p of ALL) {
      const actor = VALID[p.name]?.by ?? 'Ada'
      for (const { path, kind } of idFields(p).filter(({ array }) => array)) {
        const input = (await valid(actor, p)) as Record<string, unknown>
        const own = valueAt(input, path) as string[]
        const master = p.declaration?.scope === 'master'
        // the master deals with the invitations of all tenants
        const all =
          kind === 'tenant' || kind === 'anyHost' || (kind === 'invitation' && !('tenantId' in input))
        const foreign =
          master && all
            ? unusedId()
            : master && 'tenantId' in input
              ? ownId(kind, 'B')
              : foreignId(kind, tenantOf(actor))
        const before = await world.state(LOGS)
        const real = await run(actor, p, withValue(input, path, [...own, foreign]))
        const never = await run(actor, p, withValue(input, path, [...own, unusedId('array')]))
        expect(same(real), p.name).toEqual(same(never))
        expect(real.status, p.name).toBe(404)
        expect(real.text).not.toContain(foreign)
        expect(await world.state(LOGS), p.name).toEqual(before)
        tried++
      }
    }
    expect(tried).toBeGreaterThan(4)
  }, 30_000)

  it.each(ROUTERS)(
    'A05 leaving out what may be left out never shows more: %s',
    async (router) => {
      let tried = 0
      for (const p of of(router, QUERIES)) {
        const optional = optionalIn(p.input)
        if (optional.length === 0) continue
        for (const actor of ['Ada', 'Bo', 'Mara'] as PersonName[]) {
          const input = (await valid(actor, p)) as Record<string, unknown>
          const narrowed = Object.fromEntries(
            idFields(p).map(({ path, kind, array }) => [
              path,
              array ? [ownId(kind, tenantOf(actor))] : ownId(kind, tenantOf(actor)),
            ]),
          )
          for (const { path } of [...optional, { path: '' }]) {
            const { [path]: _left, ...rest } = { ...narrowed, ...input }
            clean(actor, p, await run(actor, p, rest))
            tried++
          }
        }
      }
      for (const p of of(router, ALL).filter(({ input }) => (input?.required ?? []).length > 0)) {
        const by = VALID[p.name]?.by ?? 'Ada'
        const input = (await valid(by, p)) as Record<string, unknown>
        for (const path of idFields(p)
          .filter(({ optional }) => !optional)
          .map((field) => field.path)) {
          const rest = withValue(input, path, undefined)
          expect((await run(by, p, rest)).status, `${p.name} without ${path}`).toBe(400)
        }
      }
      expect(tried).toBeGreaterThanOrEqual(
        2 * of(router, QUERIES).filter(({ input }) => optionalIn(input).length > 0).length,
      )
    },
    60_000,
  )

  it.each(ROUTERS)(
    'A06 null, empty, "*", numbers, objects and long text for an id are refused, and never mean all: %s',
    async (router) => {
      const nonsense = [
        null,
        '',
        [],
        '*',
        0,
        -1,
        {},
        ['*'],
        ['00000000-0000-4000-8000-000000000001', '*'],
        'a'.repeat(10_000),
        `${tenantId('B')}'--`,
      ]
      const before = await world.state(LOGS)
      let tried = 0
      for (const p of of(router, ALL)) {
        const by = VALID[p.name]?.by ?? 'Ada'
        const input = await valid(by, p)
        for (const { path } of idFields(p)) {
          // A claim's "*" (seed 004) means all that the person who holds it reaches: what is no part of that, D06 holds.
          const wild = fieldsOf(p.input).some((field) => field.path === path && field.schema.const === '*')
          for (const value of nonsense) {
            if (wild && Array.isArray(value) && value.includes('*')) continue
            if (p.name === 'tenants.update' && path === 'tenantRoleId' && value === null) continue // the master has none
            const answer = await run(by, p, withValue(input, path, value))
            expect(answer.status, `${p.name} ${path} = ${JSON.stringify(value)?.slice(0, 40)}`).toBe(400)
            clean(by, p, answer)
            tried++
          }
        }
      }
      expect(tried).toBeGreaterThanOrEqual(7 * idsOf(of(router, ALL)))
      expect(await world.state(LOGS)).toEqual(before)
    },
    60_000,
  )

  it('A07 naming another tenant in the input changes nothing', async () => {
    const before = await world.state(LOGS)
    for (const p of ALL.filter(({ declaration }) => declaration?.scope !== 'master')) {
      const known = fieldsOf(p.input).map(({ path }) => path)
      for (const name of [
        'tenantId',
        'orgId',
        'accountId',
        'tenant',
        'owner_id',
        '__proto__',
        'constructor',
      ].filter((one) => !known.includes(one))) {
        const input = (await valid('Ada', p)) as object | undefined
        const answer = await run(
          'Ada',
          p,
          JSON.parse(
            `${JSON.stringify(input ?? {}).replace(/}$/, input && Object.keys(input).length > 0 ? ',' : '')}"${name}":"${tenantId('B')}"}`,
          ),
        )
        clean('Ada', p, answer)
        if (p.type === 'mutation' && p.input)
          expect(answer.status, `${p.name} ${name}`).toBeGreaterThanOrEqual(400)
        if (p.type === 'mutation' && !p.input) await world.restore()
      }
    }
    expect(await world.state(LOGS)).toEqual(before)
  }, 60_000)

  it('A09 a cursor of Bolt, or one tampered with, is worth nothing in Acme', async () => {
    let tried = 0
    for (const p of ALL.filter(
      ({ input, declaration }) =>
        fieldsOf(input).some(({ path }) => path === 'cursor') && declaration?.scope === 'tenant',
    )) {
      const one = async (actor: PersonName, cursor?: string) => ({
        ...((await valid(actor, p)) as object | undefined),
        limit: 1,
        cursor,
      })
      const cursorOf = async (actor: PersonName) =>
        ((await run(actor, p, await one(actor))).data as { nextCursor?: string }).nextCursor ?? ''
      const prepared = await prepare(world, p.name, 'Ada')
      const [mine, theirs] = [await cursorOf('Ada'), await cursorOf('Bo')]
      expect([p.name, mine !== '' && theirs !== '']).toEqual([p.name, true])
      expect((await run('Ada', p, await one('Ada', mine))).status, p.name).toBe(200)
      const [payload = '', mac = ''] = mine.split('.')
      const forged = Buffer.from(JSON.stringify([false, 'host', '', tenantId('B')])).toString('base64url')
      for (const cursor of [
        theirs,
        payload,
        `${payload}.`,
        `${payload}.${'0'.repeat(mac.length)}`,
        `${forged}.${mac}`,
        'x',
        '.',
        '[]',
      ]) {
        const answer = await run('Ada', p, await one('Ada', cursor))
        expect(answer.status, `${p.name} ${cursor}`).toBe(400)
        clean('Ada', p, answer)
      }
      if (prepared) await world.restore()
      tried++
    }
    expect(tried).toBeGreaterThan(3)
  })

  it('D11 what is the master’s alone is refused to a tenant’s owner, and audited where it is an act', async () => {
    const masters = ALL.filter(({ declaration }) => declaration?.scope === 'master')
    expect(masters.length).toBeGreaterThan(25)
    const before = await world.state(LOGS)
    for (const p of masters) {
      for (const actor of ['Ada', 'Tom'] as PersonName[])
        expect((await run(actor, p, await valid(actor, p))).status, p.name).toBe(403)
    }
    expect(await world.state(LOGS)).toEqual(before)
    expect(await auditCount('A')).toBeGreaterThan(5)
  }, 30_000)

  it('A00 nobody, a garbage cookie, an ended session and people of closed tenants are nobody', async () => {
    for (const p of ALL.filter(({ declaration }) => declaration?.scope !== 'public')) {
      for (const actor of ['nobody', 'garbage', 'Exa', 'Cai', 'Eli'] as ActorName[]) {
        const answer = await run(actor, p, await valid(actor, p))
        expect([p.name, answer.status, foreignCanaries(answer.text, null)]).toEqual([p.name, 401, []])
      }
    }
  }, 30_000)
})
