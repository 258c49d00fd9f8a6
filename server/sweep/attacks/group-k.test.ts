import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { patchAdvice } from '@/server/platform/postgres/floor'
import { ask, call, withValue } from '@/server/sweep/call'
import { fieldsOf, procedures } from '@/server/sweep/declared'
import { prepare, VALID, validInput } from '@/server/sweep/inputs'
import { type PersonName, tenantOf } from '@/test/actors'
import { canary, foreignCanaries } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const tracked = () =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8')

describe('group K: the data layer, seen from outside', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  it('K13 no answer holds a plan, a statistic, a statement or the name of a table', async () => {
    const words =
      /Rows Removed|Seq Scan|Index Scan|cost=\d|pg_|reltuples|prisma|\bselect\b.*\bfrom\b|relation "|constraint "|SQLSTATE|\bat .*\.ts:\d/i
    for (const p of procedures()) {
      const by = VALID[p.name]?.by ?? 'Ada'
      const input = await validInput(world, p.name, by)
      const odd =
        p.type === 'mutation' && !p.input ? [] : [{ nonsense: 1 }, 'x', null, [1], { id: 'x'.repeat(500) }]
      for (const bad of [input, ...odd]) {
        const answer = await call(world, by, p, bad)
        // A challenge is random: any three letters may stand in it.
        const text = answer.text.replace(/"challenge":"[\w-]+"/g, '')
        expect([p.name, answer.status < 500, words.exec(text + answer.headers)?.[0]]).toEqual([
          p.name,
          true,
          undefined,
        ])
        if (p.type === 'mutation' && answer.status < 400) await world.restore()
      }
    }
    expect((await ask(world, 'Ada', '/api/trpc/hosts.list?input=%7B')).status).toBe(400)
  }, 60_000)

  it('K14 notices carry opaque ids only, whatever is done', async () => {
    const listener = new pg.Client({ connectionString: world.database.adminUrl })
    const heard: string[] = []
    listener.on('notification', ({ payload }) => heard.push(payload ?? ''))
    await listener.connect()
    await listener.query('listen freehold')
    for (const p of procedures().filter(({ type }) => type === 'mutation')) {
      const by = VALID[p.name]?.by ?? 'Ada'
      await prepare(world, p.name, by)
      await call(world, by, p, await validInput(world, p.name, by))
      await world.restore()
    }
    await world.admin.query(`update resource set name = $1 where id = $2`, [
      canary('A', 'renamed'),
      resourceId('A web'),
    ])
    await world.admin.query(`update resource_state set status = 'offline' where resource_id = $1`, [
      resourceId('A web'),
    ])
    await listener.query('select 1')
    await listener.end()
    expect(heard.length).toBeGreaterThan(5)
    for (const payload of heard)
      expect(payload).toMatch(/^[rtsp]:([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12},?)*$/)
    for (const of of [
      ['Ada', 'A'],
      ['Bo', 'B'],
    ] as const)
      expect(foreignCanaries(heard.join(), of[1])).toEqual([])
  }, 60_000)

  it('K17 an id is the same id in any spelling, and no other; names compare byte by byte once normalised', async () => {
    const get = (id: string) => call(world, 'Tom', { name: 'hosts.get', type: 'query' }, { id })
    const mine = resourceId('A web')
    expect((await get(mine)).status).toBe(200)
    const upper = await get(mine.toUpperCase())
    expect([200, 400]).toContain(upper.status)
    if (upper.status === 200) expect(upper.text).toBe((await get(mine)).text)
    for (const odd of [
      `{${mine}}`,
      mine.replaceAll('-', ''),
      ` ${mine}`,
      `${mine}\u0000`,
      mine.replace(/\d/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
    ]) {
      expect([odd, (await get(odd)).status]).toEqual([odd, 400])
    }
    expect([400, 404]).toContain((await get(resourceId('B web').toUpperCase())).status)
    const clash = world.admin.query(
      `insert into user_account (home_tenant_id, username, email) values ($1, 'TOM', 'x')`,
      [tenantId('A')],
    )
    await expect(clash).rejects.toMatchObject({ code: '23514' })
  })

  it('K18 no SQL is built from text: not in the code, and not by what is typed', async () => {
    const sources = tracked().filter(
      (file) =>
        /^(server|app|lib|ui|scripts)\/.*\.(ts|tsx|mjs)$/.test(file) &&
        !/\.test\.|generated|scripts\/lib\/lint/.test(file),
    )
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.filter((file) => /\$(?:query|execute)RawUnsafe|Prisma\.raw\b/.test(read(file)))).toEqual(
      [],
    )
    const corpus = [
      `' or 1=1 --`,
      `'; drop table resource; --`,
      `" or ""="`,
      `\\'; select pg_sleep(1); --`,
      `$$; select 1; $$`,
      `%' or '%'='`,
      `${'x'}\u0000`,
      `1) union select password_hash from user_credential --`,
    ]
    const before = await world.state(['audit_event', 'audit_seal'])
    let tried = 0
    for (const p of procedures().filter(({ type }) => type === 'query')) {
      const texts = fieldsOf(p.input).filter(({ schema }) => schema.type === 'string' && !schema.format)
      for (const { path: field, array } of texts) {
        for (const text of corpus) {
          for (const actor of ['Ada', 'Mara'] as PersonName[]) {
            const started = performance.now()
            const answer = await call(
              world,
              actor,
              p,
              withValue(await validInput(world, p.name, actor), field, array ? [text] : text),
            )
            expect([p.name, field, text, answer.status < 500]).toEqual([p.name, field, text, true])
            expect(foreignCanaries(answer.text, tenantOf(actor), p.declaration?.scope === 'master')).toEqual(
              [],
            )
            expect(answer.text).not.toMatch(/argon2/)
            expect(performance.now() - started).toBeLessThan(5000)
            tried++
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(100)
    expect(await world.state(['audit_event', 'audit_seal'])).toEqual(before)
    const stored = await call(
      world,
      'Ada',
      { name: 'hosts.rename', type: 'mutation' },
      { id: resourceId('A web'), name: `'; drop table resource; --` },
    )
    expect(stored.status).toBe(200)
    const { rows } = await world.admin.query('select name from resource where id = $1', [resourceId('A web')])
    expect(rows).toEqual([{ name: `'; drop table resource; --` }])
  }, 60_000)

  it('K19 the database and the libraries are above the releases with known holes; an older server is named at start', async () => {
    const { rows } = await world.admin.query(`select current_setting('server_version_num')::int as num`)
    expect(patchAdvice(rows[0].num as number)).toBeNull()
    for (const [num, told] of [
      [150013, true],
      [150014, false],
      [160009, true],
      [160010, false],
      [170005, true],
      [170006, false],
      [180000, false],
    ] as const) {
      expect([num, patchAdvice(num) !== null]).toEqual([num, told])
    }
    expect(read('server/platform/postgres/open.ts')).toContain('patchAdvice(')
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    const floor = {
      next: [16, 0, 7],
      'next-auth': [4, 24, 12],
      '@trpc/server': [11, 8, 0],
      pg: [8, 16, 0],
    } as const
    for (const [name, least] of Object.entries(floor)) {
      const have = (dependencies[name] ?? '0.0.0').split('.').map(Number)
      const at = have.findIndex((part, i) => part !== least[i])
      expect([name, at < 0 || (have[at] ?? 0) > (least[at] ?? 0)]).toEqual([name, true])
    }
  })

  it('K21 no secret is in the repository, and none in an answer', async () => {
    const secret =
      /-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|xox[bp]-[A-Za-z0-9-]{20,}|sk_live_[A-Za-z0-9]{20,}|\bfh[ea]_[A-Za-z0-9_-]{43}\b/
    const texts = tracked().filter(
      (file) =>
        !/\.(png|ico|woff2?|jpg|lock)$|package-lock/.test(file) &&
        fs.existsSync(path.join(ROOT, file)) &&
        fs.statSync(path.join(ROOT, file)).size < 500_000,
    )
    expect(texts.length).toBeGreaterThan(200)
    expect(texts.filter((file) => secret.test(read(file)) && !/\.test\.ts$/.test(file))).toEqual([])
    expect(tracked().filter((file) => /(^|\/)\.env($|\.(?!example))|\.pem$|\.key$/.test(file))).toEqual([])
    const { rows } = await world.admin.query(
      `select password_hash as text from user_credential where user_id = $1 union all select encode(token_hash, 'hex') from session where user_id = $1`,
      [userId('Ada')],
    )
    for (const p of procedures().filter(({ type }) => type === 'query')) {
      const by = VALID[p.name]?.by ?? 'Ada'
      const { text } = await call(world, by, p, await validInput(world, p.name, by))
      for (const row of rows as { text: string }[]) expect(text).not.toContain(row.text)
      expect(text).not.toMatch(/\$argon2|"passwordHash"|"tokenHash"/)
    }
  }, 30_000)
})
