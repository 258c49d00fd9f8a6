import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVERYONE_LOCK } from '@/lib/master'
import { OF_KINDS, PERMISSION_NAMES, type Permission, PERMISSIONS } from '@/lib/permissions'
import { env } from '@/server/platform/env'
import { actingIn } from '@/server/sweep/acting'
import { ask, call } from '@/server/sweep/call'
import { procedures, surface } from '@/server/sweep/declared'
import { unfiltered } from '@/server/sweep/filters'
import { prepare, VALID, validInput } from '@/server/sweep/inputs'
import { IN_PLACES, MORE } from '@/server/sweep/more-inputs'
import { locksOf, shapeOf } from '@/server/sweep/statements'
import { type ActorName, type PersonName, TENANTS, type TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// The application's half of the wall as its statements say it, whatever the policies would leave of them: each says whose rows it
// means, and what each says, and which locks each change takes, stands in statements.golden.txt. After a change of statements:
// UPDATE_GOLDEN=1 npx vitest run server/sweep/filters.test.ts, and review the diff.

const GOLDEN = path.join(import.meta.dirname, 'statements.golden.txt')
const ALL = procedures()
const ROUTERS = [...new Set(ALL.map(({ name }) => name.split('.')[0] ?? ''))]
const SERVING = /_(?:tenant|master|union)(?:_bp)?$/
const OF_SUBJECT = ['tenant_id', 'home_tenant_id', 'owner_id', 'assigned_id']
/** All logs are the master's to read (rule 15). */
const OF_ALL = new Set(['audit.all', 'mail.list', 'mail.read', 'mail.retry'])
/** Asked by the system's functions alone, which take whose rows they mean as parameters. */
const OF_SYSTEM = new Set(['setup', 'secondFactor'])
const PLACES = {
  cloud: `cloud:${resourceId('public cloud')}`,
  group: `group:${idOf('group A 1')}`,
  tag: 'tag:prod',
  resource: `resource:${resourceId('A web')}`,
}

const LOCK_NAMES = new Map([
  [EVERYONE_LOCK, 'everyone'],
  ...(Object.keys(TENANTS) as TenantKey[]).map((key) => [tenantId(key), TENANTS[key].name] as const),
])
const lockName = (id: string) => LOCK_NAMES.get(id) ?? 'a new tenant'
/** Ids to start from are nobody's answer: what comes of them is asked again for whose it is. */
const STARTS = /small as materialized \(select x\.id from \(.*?\) x\(id\) limit 1001\),/s
/** The file's sections by their titles. */
const golden = () =>
  new Map(
    (fs.existsSync(GOLDEN) ? fs.readFileSync(GOLDEN, 'utf8') : '')
      .split(/^## /m)
      .slice(1)
      .map((section) => section.trim().split('\n'))
      .map(([title = '', ...lines]) => [title, lines] as const),
  )

// where the filters are switched off, there is nothing to read
describe.skipIf(env().FREEHOLD_TEST_LAYER === 'no-filters')('statements say whose rows they mean', () => {
  let world: World
  let owned: ReadonlySet<string>
  /** Statement to the call that sent it first. */
  const sent = new Map<string, string>()
  const locks = new Set<string>()
  const found = new Map<string, string[]>()
  let now = ''
  const original = pg.Client.prototype.query
  const note = (text: string, values: readonly unknown[]) => {
    if (/^\s*(?:begin|commit|rollback)/i.test(text)) return
    sent.set(text, sent.get(text) ?? now)
    const taken = locksOf(text, values, lockName)
    if (taken !== null) locks.add(`${now}: ${taken}`)
  }
  beforeAll(async () => {
    world = await createWorld()
    const { rows } = await world.admin.query<{ name: string }>(
      `select distinct c.relname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = any ($1)`,
      [OF_SUBJECT],
    )
    // addresses are one space for all tenants, and who signs up has no tenant yet
    const ofNone = ['slug_rest', 'sign_up']
    owned = new Set(rows.map(({ name }) => name).filter((name) => !ofNone.includes(name)))
    const send = pg.Client.prototype.query as unknown as (this: pg.Client, ...all: unknown[]) => unknown
    pg.Client.prototype.query = function (this: pg.Client, ...all: unknown[]) {
      const [first, second] = all
      const config = (typeof first === 'string' ? { text: first } : first) as {
        text?: string
        values?: unknown[]
      }
      const values = config.values ?? (Array.isArray(second) ? second : [])
      if (config.text !== undefined && SERVING.test(this.user ?? '')) note(config.text, values)
      return send.apply(this, all)
    } as never
  })
  afterAll(async () => {
    pg.Client.prototype.query = original
    await world.close()
    if (process.env.UPDATE_GOLDEN !== '1') return
    const sections = [...golden(), ...found].map(([title, lines]) => [title, lines.join('\n')] as const)
    const text = [...new Map(sections)].sort(([a], [b]) => a.localeCompare(b))
    fs.writeFileSync(GOLDEN, text.map(([title, lines]) => `## ${title}\n${lines}\n`).join('\n'))
  })

  const begin = () => {
    sent.clear()
    locks.clear()
  }
  /** Asserts what was sent since the beginning. */
  function check(title: string): void {
    const findings = [...sent].flatMap(([text, by]) =>
      unfiltered(text.replace(STARTS, ''), owned).map((one) => `${by}: ${one} in ${text}`),
    )
    // each text counts, so that what differs in nothing but its list of columns is not lost behind another
    const shapes = new Map<string, Set<string>>()
    for (const text of sent.keys()) {
      const shape = shapeOf(text)
      shapes.set(
        shape,
        (shapes.get(shape) ?? new Set()).add(text.replace(/\$\d+/g, '?').replace(/(?:\?, ?)+/g, '?')),
      )
    }
    const lines = [...shapes]
      .map(([shape, texts]) => (texts.size > 1 ? `${shape}  ×${texts.size}` : shape))
      .sort()
    found.set(title, [...lines, ...[...locks].sort()])
    expect(findings).toEqual([])
    if (process.env.UPDATE_GOLDEN !== '1') expect(found.get(title)).toEqual(golden().get(title))
  }
  const procedure = (name: string) => ALL.find((one) => one.name === name) ?? { name, type: 'query' as const }
  const sendOne = async (name: string, actor: PersonName, input: unknown, prepared: boolean) => {
    now = `${name} by ${actor}`
    const p = procedure(name)
    const { status } = await call(world, actor, p, input)
    if (prepared || (p.type === 'mutation' && status < 400)) await world.restore()
    await world.admin.query('delete from rate_limit')
    return status
  }

  it.each(ROUTERS)(
    'A11 %s',
    async (router) => {
      begin()
      for (const p of ALL.filter(({ name }) => name.startsWith(`${router}.`) && !OF_ALL.has(name))) {
        const { by } = VALID[p.name] ?? { by: 'Mara' as PersonName }
        for (const actor of new Set<PersonName>([by, 'Ada', 'Mara', 'Eve'])) {
          const prepared = await prepare(world, p.name, actor)
          await sendOne(p.name, actor, await validInput(world, p.name, actor), prepared)
        }
      }
      for (const { name, by, input, before } of MORE.filter((more) => more.name.startsWith(`${router}.`))) {
        await before?.(world)
        expect([name, await sendOne(name, by, input, before !== undefined)]).toEqual([name, 200])
      }
      if (!OF_SYSTEM.has(router)) expect(sent.size).toBeGreaterThan(1)
      check(router)
    },
    60_000,
  )

  const { give } = actingIn(() => world)
  /** All there is of these permissions. */
  const top = (permissions: readonly Permission[]) =>
    Object.fromEntries(permissions.map((one) => [one, PERMISSIONS[one].levels.at(-1)]))
  const OF_NO_PLACE = PERMISSION_NAMES.filter((one) => !OF_KINDS.includes(one))

  it.each(Object.entries(PLACES))('A11 somebody whose roles reach one %s', async (place, scope) => {
    begin()
    for (const { name, input } of IN_PLACES) {
      await give('Nora', top(PERMISSION_NAMES), { scope, role: 'All there' })
      await give('Nora', top(OF_NO_PLACE), { role: 'What is of no place' })
      await sendOne(name, 'Nora', input, true)
    }
    expect(sent.size).toBeGreaterThan(10)
    check(`in one ${place}`)
  })

  it('A11 files to download', async () => {
    begin()
    for (const { path: at } of surface().routes.filter((route) => route.path.includes('export')))
      for (const actor of ['Mara', 'Ada', 'Tom'] as ActorName[]) {
        now = `${at} by ${actor}`
        await ask(world, actor, at)
      }
    expect(sent.size).toBeGreaterThan(3)
    check('files to download')
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
      of(
        'select 1 from resource r where r.owner_id = $1 union select 1 from resource r where r.owner_id = $1 union select 1 from access_grant g where g.tenant_id = $1 union select 1 from resource r where true',
      ),
    ).toEqual(['resource r'])
    expect(
      of('select 1 from membership m join user_account u on u.id = m.user_id and m.user_id = u.id'),
    ).toEqual(['membership m', 'user_account u'])
    expect(of("select 1 from resource r where r.name = 'r.owner_id = $1'")).toEqual(['resource r'])
    expect(
      of('with seen as (select r.id from resource r) select 1 from seen join resource x on x.id = seen.id'),
    ).toEqual(['resource r'])
  })
})
