import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SiteConfig } from '@/lib/host'
import { MASTER_TENANT_ID } from '@/lib/master'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { isPerson, readSwitch, signPerson, signSwitch } from '@/server/features/switching/switching.ticket'
import { dispatch } from '@/server/http/dispatch'

const site = vi.hoisted(() => {
  process.env.LOG_LEVEL = 'silent'
  const current: SiteConfig = { scheme: 'http', baseHost: 'localhost', port: '3000', tenantUrls: 'subdomain' }
  return { current }
})
vi.mock('@/server/context/site', () => ({ siteConfig: () => site.current }))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const CORP = 'http://corp.localhost:3000'

let world: SignInWorld
let corp: string
const browser = () => new Browser(dispatch)
const location = (response: Response) => {
  expect(response.status).toBe(303)
  return response.headers.get('location') ?? ''
}
const whoAmI = async (b: Browser, base: string) =>
  (await b.call<{ username: string }>(base, 'account.me')).data?.username
const ask = (b: Browser, base: string, tenant: string, next?: string) =>
  b.post(`${base}/api/switch`, { tenant, next })
const nextOf = async (response: Response) => ((await response.json()) as { next: string }).next

/** As far as the address of the last step, which holds the code. */
async function untilCode(b: Browser, from: string, tenant: string, next?: string): Promise<string> {
  const begin = await nextOf(await ask(b, from, tenant, next))
  return location(await b.get(location(await b.get(begin))))
}
/** All the way; where it lands. */
async function hop(b: Browser, from: string, tenant: string, next?: string): Promise<string> {
  return location(await b.get(await untilCode(b, from, tenant, next)))
}
async function tom(base = ACME): Promise<Browser> {
  const b = browser()
  expect((await b.signIn(base, 'tom', PASSWORD)).status).toBe(200)
  return b
}
const sessions = (where: string) =>
  world.sql<{ id: string }>(`select id from session where revoked_at is null and ${where}`)
const refused = async (response: Response, base: string) =>
  expect(location(response)).toBe(`${base}/login?problem=hand-off`)

beforeAll(async () => {
  world = await openWorld()
  corp = await world.tenant('corp', 'Corp')
})
beforeEach(async () => {
  site.current = { scheme: 'http', baseHost: 'localhost', port: '3000', tenantUrls: 'subdomain' }
  await world.forgive()
  await world.sql('delete from session')
  await world.sql('delete from membership where tenant_id = $1 and user_id = $2', [world.bolt, world.ids.tom])
  await world.sql(`update tenant set status = 'active' where slug in ('acme', 'bolt', 'corp')`)
  await world.sql(`update user_account set status = 'active'`)
  await world.sql('update user_credential set must_change = false')
  await world.sql('update installation set multi_tenant_enabled = true')
  await world.member(world.bolt, world.ids.tom, 'editor')
})
afterAll(() => world.close())

describe('from one tenant to another of the same person', () => {
  it('opens a session of its own there, and the one that was left stays: two tabs, two tenants', async () => {
    const b = await tom()
    const begin = await nextOf(await ask(b, ACME, world.bolt))
    expect(begin).toMatch(/^http:\/\/bolt\.localhost:3000\/api\/switch\/begin\?from=acme&as=\d+\.[\w-]+$/)
    const back = location(await b.get(begin))
    expect(back).toMatch(/^http:\/\/acme\.localhost:3000\/api\/switch\/continue\?tenant=bolt&n=[0-9a-f]{64}$/)
    const finish = location(await b.get(back))
    expect(finish).toMatch(/^http:\/\/bolt\.localhost:3000\/api\/switch\/finish\?code=[\w-]{43}$/)
    const done = await b.get(finish)
    expect(location(done)).toBe('/')
    expect(done.headers.get('referrer-policy')).toBe('no-referrer')
    expect([await whoAmI(b, ACME), await whoAmI(b, BOLT), await whoAmI(b, MAIN)]).toEqual([
      'tom',
      'tom',
      undefined,
    ])
    expect([...b.cookiesOf('acme.localhost').keys()].sort()).toEqual(['fh', 'fh-csrf', 'fh-known'])
    expect([...b.cookiesOf('bolt.localhost').keys()]).toEqual(['fh'])
    const [row] = await world.sql<{ event: string; actor_name: string; tenant_id: string }>(
      `select event, actor_name, tenant_id from audit_event where event = 'session.switch'`,
    )
    expect(row).toEqual({ event: 'session.switch', actor_name: 'tom Test (tom)', tenant_id: world.bolt })
    // Signing out of one leaves the other.
    await b.signOut(BOLT)
    expect([await whoAmI(b, ACME), await whoAmI(b, BOLT)]).toEqual(['tom', undefined])
  })

  it('lands on the page that was asked for, and on none of anybody else', async () => {
    const b = await tom()
    expect(await hop(b, ACME, world.bolt, '/infrastructure/hosts?q=a')).toBe('/infrastructure/hosts?q=a')
    for (const next of [
      '//evil.example',
      '/\\evil',
      'javascript:1',
      'https://evil.example',
      '/t/acme',
      '/api/x',
    ])
      expect(await hop(await tom(), ACME, world.bolt, next), next).toBe('/')
    const code = await untilCode(await tom(), ACME, world.bolt)
    expect(code).not.toContain('next=')
    const forged = await tom()
    const finish = await untilCode(forged, ACME, world.bolt)
    expect(location(await forged.get(`${finish}&next=${encodeURIComponent('//evil.example')}`))).toBe('/')
  })

  it('goes to the master and back for who is at home there, and stands in both logs', async () => {
    const b = browser()
    await b.signIn(MAIN, 'mara', PASSWORD)
    await hop(b, MAIN, world.acme)
    expect(await whoAmI(b, ACME)).toBe('mara')
    const logs = await world.sql<{ tenant_id: string }>(
      `select tenant_id from audit_event where event = 'session.switch' and actor_id = $1`,
      [world.ids.mara],
    )
    expect(logs.map((l) => l.tenant_id).sort()).toEqual([MASTER_TENANT_ID, world.acme].sort())
    // From a subtenant to another, and to the master from there.
    await hop(b, ACME, corp)
    expect(await whoAmI(b, CORP)).toBe('mara')
    await b.signOut(MAIN)
    await hop(b, CORP, MASTER_TENANT_ID)
    expect(await whoAmI(b, MAIN)).toBe('mara')
  })

  it('works where tenants are paths, under https', async () => {
    site.current = { scheme: 'https', baseHost: 'portal.example', port: '', tenantUrls: 'path' }
    const main = 'https://portal.example'
    const b = await tom(`${main}/t/acme`)
    const finish = await untilCode(b, `${main}/t/acme`, world.bolt, '/audit')
    expect(finish).toMatch(/^https:\/\/portal\.example\/t\/bolt\/api\/switch\/finish\?code=/)
    expect(location(await b.get(finish))).toBe('/t/bolt/audit')
    expect([await whoAmI(b, `${main}/t/acme`), await whoAmI(b, `${main}/t/bolt`)]).toEqual(['tom', 'tom'])
    expect(b.cookiesOf('portal.example').has('__Host-fh.bolt')).toBe(true)
  })

  it('uses the session that the same person has there already, and makes no code', async () => {
    const b = await tom()
    await hop(b, ACME, world.bolt)
    const before = await world.sql('select 1 from sign_in_code')
    const begin = await nextOf(await ask(b, ACME, world.bolt, '/audit'))
    expect(location(await b.get(begin))).toBe('/audit')
    expect(await sessions(`tenant_id = '${world.bolt}'`)).toHaveLength(1)
    expect(await world.sql('select 1 from sign_in_code')).toHaveLength(before.length)
  })

  it('replaces the session of somebody else there', async () => {
    const b = await tom()
    await b.signIn(BOLT, 'bo', PASSWORD)
    await hop(b, ACME, world.bolt)
    expect(await whoAmI(b, BOLT)).toBe('tom')
    expect(await sessions(`user_id = '${world.ids.bo}'`)).toEqual([])
  })

  it('stays where it is when the tenant is this one', async () => {
    const b = await tom()
    expect(await nextOf(await ask(b, ACME, world.acme, '/audit'))).toBe('/audit')
    expect(await nextOf(await ask(b, ACME, world.acme))).toBe('/')
  })

  it('C15: hopping makes nothing last longer or look fresh', async () => {
    const b = await tom()
    await world.sql(
      `update session set created_at = now() - interval '11 hours 50 minutes', authenticated_at = now() - interval '11 hours 50 minutes', absolute_expires_at = now() + interval '10 minutes'`,
    )
    await hop(b, ACME, world.bolt)
    await world.member(corp, world.ids.tom, 'viewer')
    await hop(b, BOLT, corp)
    const rows = await world.sql<{ minutes: number; idle: number; proved: number }>(
      `select round(extract(epoch from absolute_expires_at - now()) / 60)::int as minutes, round(extract(epoch from idle_expires_at - now()) / 60)::int as idle,
        round(extract(epoch from now() - authenticated_at) / 60)::int as proved from session where tenant_id <> $1`,
      [world.acme],
    )
    expect(rows).toEqual([
      { minutes: 10, idle: 10, proved: 710 },
      { minutes: 10, idle: 10, proved: 710 },
    ])
    await world.sql('delete from membership where tenant_id = $1', [corp])
  })
})

describe('who may not', () => {
  it('another, a disabled, a deleted and an unknown tenant are refused alike', async () => {
    const b = await tom()
    const closed = await world.tenant('closed-one', 'Closed')
    const ended = await world.tenant('ended-one', 'Ended')
    for (const id of [closed, ended]) await world.member(id, world.ids.tom, 'viewer')
    await world.sql(`update tenant set status = 'disabled' where id = $1`, [closed])
    await world.sql(`update tenant set status = 'deleted', deleted_at = now() where id = $1`, [ended])
    const answers = []
    for (const id of [corp, closed, ended, MASTER_TENANT_ID, '9b2f8a0e-0000-4000-8000-00000000abcd']) {
      const response = await ask(b, ACME, id)
      const { requestId: _, ...body } = (await response.json()) as Record<string, unknown>
      answers.push(JSON.stringify([response.status, body, response.headers.getSetCookie()]))
    }
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('not_found')
    expect((await ask(b, ACME, world.bolt)).status).toBe(200)
    expect((await ask(b, ACME, 'bolt')).status).toBe(400)
  })

  it('a password that is due comes first', async () => {
    const b = await tom()
    await world.sql('update user_credential set must_change = true where user_id = $1', [world.ids.tom])
    expect((await ask(b, ACME, world.bolt)).status).toBe(403)
    await world.sql('update user_credential set must_change = false where user_id = $1', [world.ids.tom])
    expect((await ask(b, ACME, world.bolt)).status).toBe(200)
  })

  it('rule 14: into a subtenant only while multi-tenancy is on and licensed', async () => {
    const b = browser()
    await b.signIn(MAIN, 'mara', PASSWORD)
    await world.sql('update installation set multi_tenant_enabled = false')
    expect((await ask(b, MAIN, world.acme)).status).toBe(501)
    expect((await ask(b, MAIN, corp)).status).toBe(501)
    await world.sql('update installation set multi_tenant_enabled = true')
    await world.sql(`update licence set capabilities = '{}'`)
    expect((await ask(b, MAIN, world.acme)).status).toBe(402)
    await world.sql(`update licence set capabilities = '{multi_tenant}'`)
    expect((await ask(b, MAIN, world.acme)).status).toBe(200)
  })

  it('B09: the form of another origin, B01: the session of another host', async () => {
    const b = await tom()
    const send = (headers: Record<string, string>) =>
      b.post(`${ACME}/api/switch`, { tenant: world.bolt }, { headers })
    expect((await send({ origin: BOLT, 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await send({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(415)
    expect((await b.get(`${ACME}/api/switch`)).status).toBe(405)
    expect((await send({})).status).toBe(200)
    b.cookiesOf('bolt.localhost').set('fh', b.cookiesOf('acme.localhost').get('fh') ?? '')
    expect((await ask(b, BOLT, world.acme)).status).toBe(401)
    expect((await ask(browser(), ACME, world.bolt)).status).toBe(401)
  })
})

describe('on the way', () => {
  it('nothing goes on without the ticket of this session for that tenant', async () => {
    const b = await tom()
    const n = 'a'.repeat(64)
    const go = (tenant: string, base = ACME) => b.get(`${base}/api/switch/continue?tenant=${tenant}&n=${n}`)
    expect(location(await go('bolt'))).toBe('/')
    await ask(b, ACME, world.bolt)
    expect(location(await go('corp'))).toBe('/')
    const ticket = b.cookiesOf('acme.localhost').get('fh-switch.bolt') ?? ''
    b.cookiesOf('acme.localhost').set('fh-switch.corp', ticket)
    expect(location(await go('corp'))).toBe('/')
    b.cookiesOf('acme.localhost').set('fh-switch.bolt', `${ticket}x`)
    expect(location(await go('bolt'))).toBe('/')
    // Of another session of the same person.
    const other = await tom()
    other.cookiesOf('acme.localhost').set('fh-switch.bolt', ticket)
    expect(location(await other.get(`${ACME}/api/switch/continue?tenant=bolt&n=${n}`))).toBe('/')
    b.cookiesOf('acme.localhost').set('fh-switch.bolt', ticket)
    expect(location(await go('bolt'))).toContain('/api/switch/finish?code=')
    expect(location(await browser().get(`${ACME}/api/switch/continue?tenant=bolt&n=${n}`))).toBe(
      `${ACME}/login`,
    )
  })

  it('a ticket and the word who comes are worth nothing after a minute', async () => {
    const [session = { id: '' }] = (await tom()) && (await sessions(`tenant_id = '${world.acme}'`))
    const fields = { sessionId: session.id, tenantId: world.bolt, slug: 'bolt', next: '' }
    const ago = (seconds: number) => Date.now() - seconds * 1000
    expect(readSwitch(signSwitch(fields, ago(59)), session.id, 'bolt')).toMatchObject(fields)
    expect(readSwitch(signSwitch(fields, ago(61)), session.id, 'bolt')).toBe(null)
    const { tom: id, bo } = world.ids
    expect(isPerson(signPerson(id, 'bolt', ago(59)), id, 'bolt')).toBe(true)
    expect(isPerson(signPerson(id, 'bolt', ago(61)), id, 'bolt')).toBe(false)
    expect(isPerson(signPerson(id, 'bolt'), bo, 'bolt')).toBe(false)
    expect(isPerson(signPerson(id, 'bolt'), id, 'acme')).toBe(false)
  })

  it('B11: leads to hosts of ours only', async () => {
    const b = browser()
    for (const from of ['evil.example', 'a.b', '//evil', '', 'admin'])
      await refused(await b.get(`${BOLT}/api/switch/begin?from=${encodeURIComponent(from)}&as=x`), BOLT)
    expect(location(await b.get(`${BOLT}/api/switch/begin?from=default&as=x`))).toContain(
      `${MAIN}/api/switch/continue?`,
    )
  })

  it('the code is worth nothing without the nonce, with another one, or on another host', async () => {
    const b = await tom()
    const finish = await untilCode(b, ACME, world.bolt)
    await refused(await browser().get(finish), BOLT)
    const other = browser()
    other.cookiesOf('bolt.localhost').set('fh-switch-nonce', 'x'.repeat(43))
    await refused(await other.get(finish), BOLT)
    const nonce = b.cookiesOf('bolt.localhost').get('fh-switch-nonce') ?? ''
    b.cookiesOf('corp.localhost').set('fh-switch-nonce', nonce)
    await refused(await b.get(finish.replace(BOLT, CORP)), CORP)
    // Nor does the sign-in's way take it, which would begin twelve hours anew.
    b.cookiesOf('bolt.localhost').set('fh-nonce', nonce)
    await refused(await b.get(finish.replace('/api/switch/finish', '/api/sign-in/hand-off/finish')), BOLT)
    expect(await sessions(`tenant_id = '${world.bolt}'`)).toEqual([])
    expect(location(await b.get(finish))).toBe('/')
    expect(await sessions(`tenant_id = '${world.bolt}'`)).toHaveLength(1)
  })

  it('the code works once, in a race of 20, too', async () => {
    const b = await tom()
    const finish = await untilCode(b, ACME, world.bolt)
    const nonce = b.cookiesOf('bolt.localhost').get('fh-switch-nonce') ?? ''
    const racers = Array.from({ length: 20 }, () => {
      const racer = browser()
      racer.cookiesOf('bolt.localhost').set('fh-switch-nonce', nonce)
      return racer
    })
    const places = await Promise.all(racers.map(async (racer) => location(await racer.get(finish))))
    expect(places.filter((place) => place === '/')).toHaveLength(1)
    expect(await sessions(`tenant_id = '${world.bolt}'`)).toHaveLength(1)
    await refused(await b.get(finish), BOLT)
  })

  const CHANGES: [string, string][] = [
    ['the code was too old', `update sign_in_code set expires_at = now() - interval '1 second'`],
    ['the session that it came from ended', `update session set revoked_at = now()`],
    ['that session ran out', `update session set idle_expires_at = now() - interval '1 second'`],
    [
      'that session is twelve hours old',
      `update session set absolute_expires_at = now() - interval '1 second'`,
    ],
    [
      'the membership there was removed',
      `delete from membership where tenant_id = (select id from tenant where slug = 'bolt') and user_id = (select id from user_account where username = 'tom')`,
    ],
    ['the tenant was disabled', `update tenant set status = 'disabled' where slug = 'bolt'`],
    ["the person's home was disabled", `update tenant set status = 'disabled' where slug = 'acme'`],
    ['the person was disabled', `update user_account set status = 'disabled' where username = 'tom'`],
    ['a password became due', `update user_credential set must_change = true`],
    ['the password was changed', `update user_credential set changed_at = now() + interval '1 second'`],
  ]
  it.each(CHANGES)('the finish is refused when %s meanwhile', async (_what, change) => {
    const b = await tom()
    const finish = await untilCode(b, ACME, world.bolt)
    await world.sql(change)
    await refused(await b.get(finish), BOLT)
    expect(await sessions(`tenant_id = '${world.bolt}'`)).toEqual([])
    await world.sql(`update user_credential set changed_at = now() - interval '1 day'`)
  })

  it('a second tab that comes later finds the tenant open', async () => {
    const b = await tom()
    const [first, second] = [await untilCode(b, ACME, world.bolt), await untilCode(b, ACME, world.bolt)]
    expect(location(await b.get(second))).toBe('/')
    expect(location(await b.get(first))).toBe('/')
    expect(await whoAmI(b, BOLT)).toBe('tom')
  })
})

describe('the tenants that one may switch to', () => {
  const list = async (b: Browser, base: string, search?: string) => {
    const url = `${base}/api/trpc/switching.list?input=${encodeURIComponent(JSON.stringify({ search }))}`
    const body = (await (await b.get(url)).json()) as {
      result: { data: { rows: { slug: string; current: boolean; home: boolean }[]; total: number } }
    }
    return body.result.data
  }

  it('are one’s own, active ones: the latest first; the current and the home are marked', async () => {
    const b = await tom()
    expect((await list(b, ACME)).rows.map((r) => [r.slug, r.current, r.home])).toEqual([
      ['acme', true, true],
      ['bolt', false, false],
    ])
    await hop(b, ACME, world.bolt)
    expect((await list(b, BOLT)).rows.map((r) => [r.slug, r.current, r.home])).toEqual([
      ['bolt', true, false],
      ['acme', false, true],
    ])
    expect((await list(b, BOLT, 'aCM')).rows.map((r) => r.slug)).toEqual(['acme'])
    await world.sql(`update tenant set status = 'disabled' where slug = 'bolt'`)
    expect((await list(b, ACME)).rows.map((r) => r.slug)).toEqual(['acme'])
    expect((await list(b, ACME, 'corp')).total).toBe(0)
  })

  it('are all active ones for who is of parent level; none while multi-tenancy is off', async () => {
    const b = browser()
    await b.signIn(MAIN, 'mara', PASSWORD)
    const { rows, total } = await list(b, MAIN)
    expect(rows.map((r) => r.slug)).toEqual(['default', 'acme', 'bolt', 'corp'])
    expect(total).toBe(4)
    await world.sql('update installation set multi_tenant_enabled = false')
    expect((await list(b, MAIN)).rows).toEqual([])
  })
})
