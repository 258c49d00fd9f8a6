import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resolveTenant } from '@/lib/host'
import { safeReturnPath } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { handOffTarget, signInTarget } from '@/server/features/sign-in/sign-in.policy'
import { dispatch } from '@/server/http/dispatch'
import { guard } from '@/server/sweep/attacks/guard.fixture'
import { ask, call } from '@/server/sweep/call'
import { procedures } from '@/server/sweep/declared'
import { validInput } from '@/server/sweep/inputs'
import { PASSWORD, type PersonName, tokenOf } from '@/test/actors'
import { canariesIn, foreignCanaries } from '@/test/canary'
import { agentToken, enrolmentToken, tenantId, VIEWER_ROLE } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const ME = { name: 'account.me', type: 'query' } as const
const LIST = { name: 'hosts.list', type: 'query' } as const

describe('group B: forms, cookies, names, caches', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const me = (actor: PersonName, host: string | null) =>
    call(world, actor, ME, undefined, { facts: { host } })

  it('B09 no mutation is taken from another origin, nor in another form than JSON', async () => {
    const before = await world.state()
    const json = { 'content-type': 'application/json' }
    const tries: [number, Record<string, string>][] = [
      [403, { ...json, origin: 'http://bolt.localhost:3000' }],
      [403, { ...json, origin: 'http://localhost:3000' }],
      [403, { ...json, origin: 'http://acme.localhost:3001' }],
      [403, { ...json, origin: 'null' }],
      [403, { ...json, 'sec-fetch-site': 'same-site' }],
      [403, { ...json, 'sec-fetch-site': 'cross-site' }],
      [415, { 'content-type': 'text/plain' }],
      [415, { 'content-type': 'multipart/form-data; boundary=x' }],
      [415, { 'content-type': 'application/octet-stream' }],
      [415, { 'content-type': 'application/x-www-form-urlencoded' }],
      [415, { 'content-type': 'application/jsonx' }],
    ]
    for (const p of procedures().filter(({ type }) => type === 'mutation')) {
      const actor = p.declaration?.scope === 'master' ? 'Mara' : 'Ada'
      const body = JSON.stringify((await validInput(world, p.name, actor)) ?? {})
      for (const [status, headers] of tries) {
        if (actor === 'Mara' && headers.origin === 'http://localhost:3000') continue // her own
        const answer = await ask(world, actor, `/api/trpc/${p.name}`, { method: 'POST', headers, body })
        expect([p.name, headers, answer.status]).toEqual([p.name, headers, status])
      }
      expect([p.name, (await ask(world, actor, `/api/trpc/${p.name}`, {})).status]).toEqual([p.name, 405]) // not by GET
      expect([400, 415]).toContain(
        (await ask(world, actor, `/api/trpc/${p.name}`, { method: 'POST' })).status,
      )
    }
    expect(await world.state()).toEqual(before)
    const own = { ...json, origin: 'http://acme.localhost:3000', 'sec-fetch-site': 'same-origin' }
    expect(
      (await ask(world, 'Ada', '/api/trpc/sessions.endOthers', { method: 'POST', headers: own, body: '{}' }))
        .status,
    ).toBe(200)
  }, 60_000)

  it('B10 a sibling’s planted cookie signs nobody in, and too many are refused without a 500', async () => {
    const [ada, bo] = [tokenOf('Ada'), tokenOf('Bo')]
    for (const cookie of [
      `fh=${ada}; fh=${bo}`,
      `fh=${bo}; fh=${ada}`,
      `fh=${bo}`,
      `fh=`,
      `fh="${ada}"`,
      `FH=${ada}`,
      `fh.acme=${ada}`,
      `__Host-fh=${ada}`,
    ]) {
      const answer = await call(world, 'Ada', ME, undefined, { facts: { cookie } })
      expect([cookie, answer.status]).toEqual([cookie, 401])
    }
    const junk = Array.from({ length: 60 }, (_, i) => `c${i}=${'x'.repeat(20)}`).join('; ')
    expect(
      (await call(world, 'Ada', ME, undefined, { facts: { cookie: `${junk}; fh=${ada}` } })).status,
    ).toBe(200)
    expect(
      guard([['Cookie', Array.from({ length: 60 }, (_, i) => `c${i}=${'x'.repeat(4000)}`).join('; ')]])
        .result,
    ).toEqual({ ok: false, status: 431 })
  })

  it('B11 after signing in one lands in one’s own tenant, whatever the link said', async () => {
    const away = [
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      'data:text/html,x',
      '/%2f%2fevil.example',
      'http://bolt.localhost:3000/',
      '/../x',
      '/api/x',
      '/login',
      '/t/bolt',
      ' /x',
      '/x\n',
      '',
      null,
    ]
    for (const next of away) expect([next, safeReturnPath(next, '')]).toEqual([next, '/'])
    expect(safeReturnPath('/infrastructure/hosts?q=x', '')).toBe('/infrastructure/hosts?q=x')
    for (const next of ['/t/bolt/audit', '/t/acme2', '/'])
      expect(safeReturnPath(next, '/t/acme')).toBe('/t/acme')
    const browser = new Browser(dispatch)
    const answer = await browser.signIn('http://acme.localhost:3000', 'tom', PASSWORD, {
      next: '//evil.example',
    })
    expect([answer.status, await answer.json()]).toEqual([200, { next: '/' }])
  })

  it('B12 of a deleted tenant all is dead: cookies, agents, enrolment tokens, its name', async () => {
    const report = (label: string) =>
      ask(world, 'nobody', '/api/agent/v1/report', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${agentToken(label)}` },
      })
    const enrol = () =>
      ask(world, 'nobody', '/api/agent/v1/enrol', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${enrolmentToken('B', 1)}` },
      })
    expect((await me('Bo', 'bolt.localhost:3000')).status).toBe(200)
    const master = procedures().find(({ name }) => name === 'tenants.delete')
    expect(
      (await call(world, 'Mara', master as never, { id: tenantId('B'), confirmName: 'Bolt' })).status,
    ).toBe(200)
    expect((await me('Bo', 'bolt.localhost:3000')).status).toBe(401)
    expect((await report('B web')).status).toBeGreaterThanOrEqual(400)
    expect((await enrol()).status).toBeGreaterThanOrEqual(400)
    // even if the name were free again: a new Bolt is another tenant
    await world.admin.query(`update tenant set slug = 'bolt-gone' where id = $1`, [tenantId('B')])
    await world.admin.query(
      `insert into tenant (slug, name, tenant_role_id) values ('bolt', 'Bolt', (select tenant_role_id from tenant where id = $1))`,
      [tenantId('A')],
    )
    expect((await me('Bo', 'bolt.localhost:3000')).status).toBe(401)
    expect((await me('Ada', 'acme.localhost:3000')).status).toBe(200)
  })

  it('B13 look-alike and reserved names are refused or normalised', async () => {
    const check = async (slug: string) => {
      await world.admin.query('delete from rate_limit')
      return (
        (await call(world, 'Mara', { name: 'tenants.checkSlug', type: 'query' }, { slug })).data as {
          state: string
        }
      ).state
    }
    for (const slug of [
      'admin',
      'www',
      'api',
      'master',
      'default',
      '_acme-challenge',
      'a'.repeat(64),
      '-acme',
      'acme-',
      'ac.me',
      'аcme',
      'ａcme',
      'xn--acme',
      'ACME',
      'acme',
    ]) {
      expect([slug, await check(slug)]).toEqual([slug, 'refused'])
    }
    expect(await check('acme-two')).toBe('free')
    const user = (username: string) =>
      call(
        world,
        'Ada',
        { name: 'users.create', type: 'mutation' },
        { firstName: '', lastName: '', email: 'x@example.com', roleIds: [VIEWER_ROLE], username },
      )
    for (const username of [
      'tоm',
      'a\\b',
      'a b',
      'a/b',
      '',
      '.tom',
      'x'.repeat(65),
      'tom\u0000',
      'tom\u202e',
    ])
      expect([username, (await user(username)).status]).toEqual([username, 400])
    for (const username of ['TOM', 'Ｔom', 'tom'])
      expect([username, (await user(username)).status]).toEqual([username, 409])
  })

  it('B14 only the exact `sub\\user` names somebody on the main host', async () => {
    const main = resolveTenant('localhost:3000', '/', siteConfig())
    expect(handOffTarget(main, 'acme\\tom')).toMatchObject({ host: 'acme', home: 'acme', username: 'tom' })
    expect(signInTarget(main, 'tom')).toMatchObject({ host: 'default', username: 'tom' })
    for (const name of [
      'master\\admin',
      '\\u',
      'a\\b\\c',
      'A\\u ',
      'a/../b\\u',
      'acme\\tom\u0000',
      'acme＼tom',
      'acme\\',
      ' acme\\tom',
      'acme\\ tom',
      'a'.repeat(300),
    ]) {
      expect([name, handOffTarget(main, name), signInTarget(main, name)]).toEqual([name, null, null])
    }
    const answers = new Set<string>()
    for (const name of ['tom', 'acme\\tom', 'a\\b\\c', 'nobody', 'closed\\tom']) {
      const browser = new Browser(dispatch)
      const answer = await browser.signIn('http://localhost:3000', name, PASSWORD)
      const body = (await answer.json()) as Record<string, unknown>
      answers.add(JSON.stringify([answer.status, { ...body, requestId: '' }]))
    }
    expect(answers.size).toBe(1)
  }, 30_000)

  it('B15 before signing in, an unknown, a disabled, a deleted and a live subdomain are the same', async () => {
    const forms = new Set<string>()
    const refusals = new Set<string>()
    for (const slug of ['acme', 'closed', 'ended', 'nosuch', 'rested']) {
      const browser = new Browser(dispatch)
      const base = `http://${slug}.localhost:3000`
      const form = await browser.get(`${base}/api/auth/csrf`)
      forms.add(
        JSON.stringify([
          form.status,
          [...form.headers.keys()].sort(),
          Object.keys((await form.json()) as object),
        ]),
      )
      const nobody = await browser.get(`${base}/api/trpc/account.me`)
      const refused = await browser.signIn(base, 'tom', 'wrong password')
      const texts = [await nobody.text(), await refused.text()].map((text) =>
        text.replace(/"requestId":"[^"]*"/g, ''),
      )
      refusals.add(JSON.stringify([nobody.status, refused.status, texts, [...refused.headers.keys()].sort()]))
    }
    expect([forms.size, refusals.size]).toEqual([1, 1])
  }, 30_000)

  it('B16 no answer may be kept, and the same path shows each host its own', async () => {
    for (let i = 0; i < 6; i++) {
      for (const [actor, key] of [
        ['Ada', 'A'],
        ['Bo', 'B'],
        ['nobody', null],
      ] as const) {
        const answer = await call(world, actor, LIST, {})
        expect(answer.headers).toMatch(/cache-control: [^\n]*no-store/)
        expect(foreignCanaries(answer.text, key)).toEqual([])
        expect(answer.status).toBe(actor === 'nobody' ? 401 : 200)
      }
    }
    const file = await ask(world, 'Ada', '/api/hosts/export.csv')
    expect(file.headers).toMatch(/cache-control: [^\n]*no-store/)
    for (const at of [
      '/api/trpc/hosts.list/x.css',
      '/api/hosts/export.csv/x.css',
      '/api/trpc/hosts.list;x.css',
    ]) {
      const answer = await ask(world, 'Ada', at)
      expect([at, canariesIn(answer.text)]).toEqual([at, 0])
    }
    const batch = await ask(
      world,
      'nobody',
      `/api/trpc/account.me,hosts.list?batch=1&input=${encodeURIComponent('{"0":{},"1":{}}')}`,
    )
    expect(batch.headers).toMatch(/no-store/)
    expect(canariesIn(batch.text)).toBe(0)
  })
})
