import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { env } from '@/server/platform/env'
import { ask, call } from '@/server/sweep/call'
import { procedures, surface } from '@/server/sweep/declared'
import { unfiltered } from '@/server/sweep/filters'
import { prepare, VALID, validInput } from '@/server/sweep/inputs'
import type { ActorName, PersonName } from '@/test/actors'
import { createWorld, type World } from '@/test/world'

// The application's half of the wall as its statements say it: whatever the policies would leave of them.

const ALL = procedures()
const ROUTERS = [...new Set(ALL.map(({ name }) => name.split('.')[0] ?? ''))]
const SERVING = /_(?:tenant|master|union)(?:_bp)?$/
const OF_SUBJECT = ['tenant_id', 'home_tenant_id', 'owner_id', 'assigned_id']
/** All logs are the master's to read (rule 15). */
const OF_ALL = new Set(['audit.all'])

// where the filters are switched off, there is nothing to read
describe.skipIf(env().FREEHOLD_TEST_LAYER === 'no-filters')('statements say whose rows they mean', () => {
  let world: World
  let owned: ReadonlySet<string>
  /** Statement to the call that sent it first. */
  const sent = new Map<string, string>()
  let now = ''
  const original = pg.Client.prototype.query
  beforeAll(async () => {
    world = await createWorld()
    const { rows } = await world.admin.query<{ name: string }>(
      `select distinct c.relname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = any ($1)`,
      [OF_SUBJECT],
    )
    // addresses are one space for all tenants
    owned = new Set(rows.map(({ name }) => name).filter((name) => name !== 'slug_rest'))
    const send = pg.Client.prototype.query as unknown as (this: pg.Client, ...all: unknown[]) => unknown
    pg.Client.prototype.query = function (this: pg.Client, ...all: unknown[]) {
      const [first] = all
      const text = typeof first === 'string' ? first : (first as { text?: string }).text
      if (text !== undefined && SERVING.test(this.user ?? '')) sent.set(text, sent.get(text) ?? now)
      return send.apply(this, all)
    } as never
  })
  afterAll(async () => {
    pg.Client.prototype.query = original
    await world.close()
  })

  const findings = () =>
    [...sent].flatMap(([text, by]) => unfiltered(text, owned).map((one) => `${by}: ${one} in ${text}`))

  it.each(ROUTERS)(
    'A11 %s',
    async (router) => {
      sent.clear()
      for (const p of ALL.filter(({ name }) => name.startsWith(`${router}.`) && !OF_ALL.has(name))) {
        const { by } = VALID[p.name] ?? { by: 'Mara' as PersonName }
        for (const actor of new Set<PersonName>([by, 'Ada', 'Mara', 'Eve'])) {
          now = `${p.name} by ${actor}`
          const prepared = await prepare(world, p.name, actor)
          const { status } = await call(world, actor, p, await validInput(world, p.name, actor))
          if (prepared || (p.type === 'mutation' && status < 400)) await world.restore()
          await world.admin.query('delete from rate_limit')
        }
      }
      if (router !== 'setup') expect(sent.size).toBeGreaterThan(1)
      expect(findings()).toEqual([])
    },
    60_000,
  )

  it('A11 files to download', async () => {
    sent.clear()
    for (const { path } of surface().routes.filter((route) => route.path.includes('export')))
      for (const actor of ['Mara', 'Ada', 'Tom'] as ActorName[]) {
        now = `${path} by ${actor}`
        await ask(world, actor, path)
      }
    expect(sent.size).toBeGreaterThan(3)
    expect(findings()).toEqual([])
  })

  it('and what says it not is found (positive twin)', () => {
    const of = (sql: string) =>
      unfiltered(sql, new Set(['resource', 'access_grant', 'membership', 'user_account']))
    expect(of('select 1 from resource r where r.id = $1')).toEqual(['resource r'])
    expect(of('select 1 from resource r where r.owner_id = $1 and r.id = $2')).toEqual([])
    expect(of('update resource set name = $1 where id = $2')).toEqual(['resource resource'])
    expect(of('update "public"."resource" set name = $1 where "public"."resource"."owner_id" = $2')).toEqual(
      [],
    )
    expect(
      of('select 1 from membership m join user_account u on u.id = m.user_id where m.tenant_id = $1'),
    ).toEqual([])
    expect(of('select 1 from membership m join user_account u on u.id = m.user_id where true')).toEqual([
      'membership m',
      'user_account u',
    ])
    expect(
      of('select (select 1 from access_grant r where r.owner_id = $1) from resource r where r.id = $2'),
    ).toEqual(['resource r'])
    expect(
      of('(select 1 from resource r where r.owner_id = $1) union (select 1 from resource r where true)'),
    ).toEqual(['resource r'])
    expect(
      of('select 1 from resource r where r.owner_id = $1 union select 1 from resource r where true'),
    ).toEqual(['resource r'])
    expect(
      of('select 1 from membership m join user_account u on u.id = m.user_id and m.user_id = u.id'),
    ).toEqual(['membership m', 'user_account u'])
    expect(of("select 1 from resource r where r.name = 'r.owner_id = $1'")).toEqual(['resource r'])
  })
})
