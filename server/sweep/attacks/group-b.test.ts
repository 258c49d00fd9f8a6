import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { guard } from '@/server/sweep/attacks/guard.fixture'
import { ask, call } from '@/server/sweep/call'
import { type PersonName } from '@/test/actors'
import { canariesIn, foreignCanaries } from '@/test/canary'
import { tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const ME = { name: 'account.me', type: 'query' } as const

describe('group B: host names, headers, cookies, routing', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const me = (actor: PersonName, host: string | null) =>
    call(world, actor, ME, undefined, { facts: { host } })

  it('B01 a session is worth something on its own tenant’s host only', async () => {
    expect((await me('Ada', 'acme.localhost:3000')).status).toBe(200)
    for (const host of [
      'bolt.localhost:3000',
      'localhost:3000',
      'newco.localhost:3000',
      'closed.localhost:3000',
      'nosuch.localhost:3000',
    ]) {
      expect([host, (await me('Ada', host)).status]).toEqual([host, 401])
    }
    expect((await me('Mara', 'acme.localhost:3000')).status).toBe(401)
    expect((await me('Mara', 'localhost:3000')).status).toBe(200)
  })

  it('B02 forwarding and identity headers mean nothing unless a trusted proxy sent the former', async () => {
    const spoof: [string, string][] = [
      ['X-Forwarded-Host', 'bolt.localhost:3000'],
      ['X-Forwarded-For', '10.0.0.1'],
      ['X-Forwarded-Proto', 'https'],
      ['Forwarded', 'host=bolt.localhost'],
      ['X-Tenant-Id', tenantId('B')],
      ['X-User-Id', 'x'],
      ['X-Real-IP', '10.0.0.1'],
      ['X-Original-URL', '/admin/tenants'],
      ['X-Freehold-Path', '/t/bolt'],
      ['X-Freehold-Ip', '10.0.0.1'],
    ]
    const { req, result } = guard(spoof)
    expect(result).toMatchObject({
      ok: true,
      host: 'acme.localhost:3000',
      clientIp: '203.0.113.9',
      proto: 'http',
    })
    expect(req.headers).toMatchObject({
      'x-forwarded-host': 'acme.localhost:3000',
      'x-freehold-path': '/api/trpc/account.me',
      'x-freehold-ip': '203.0.113.9',
    })
    for (const name of ['forwarded', 'x-tenant-id', 'x-user-id', 'x-real-ip', 'x-original-url'])
      expect(req.headers).not.toHaveProperty(name)
    expect(guard(spoof.slice(0, 1), undefined, '10.0.0.1').result).toMatchObject({
      host: 'bolt.localhost:3000',
    })
    const plain = await ask(world, 'Ada', '/api/trpc/account.me')
    const spoofed = await ask(world, 'Ada', '/api/trpc/account.me', { headers: Object.fromEntries(spoof) })
    expect([spoofed.status, spoofed.text]).toEqual([200, plain.text])
    for (const named of ['bolt', tenantId('B'), 'nosuch', '']) {
      expect([
        named,
        (await ask(world, 'Ada', '/api/trpc/account.me', { headers: { 'x-org-id': named } })).status,
      ]).toEqual([named, 400])
    }
    expect(
      (await ask(world, 'Ada', '/api/trpc/account.me', { headers: { 'x-org-id': 'acme' } })).status,
    ).toBe(200)
  })

  it('B03 a host is its canonical tenant, or nobody', async () => {
    for (const host of ['ACME.localhost:3000', 'acme.localhost.:3000', 'Acme.LocalHost'])
      expect([host, (await me('Ada', host)).status]).toEqual([host, 200])
    const wrong = [
      '',
      null,
      'acme',
      'acme.localhost:99999',
      'acme.localhost:3000,bolt.localhost',
      'acme.localhost@evil.example',
      'acme.localhost/..',
      'acme..localhost',
      ' acme.localhost',
    ]
    wrong.push(
      'x.acme.localhost',
      'acme.localhost.evil.example',
      'xn--cme-7cd.localhost',
      'аcme.localhost',
      'acme.localhost%00',
      '127.1',
      '[::2]',
      '0x7f.1',
      'acme_.localhost',
      'http://acme.localhost',
    )
    for (const host of wrong) {
      const answer = await ask(world, 'Ada', '/api/trpc/account.me', {}, { host })
      expect([host, [400, 401, 404].includes(answer.status), canariesIn(answer.text)]).toEqual([
        host,
        true,
        0,
      ])
    }
    const doubled = guard([
      ['Host', 'acme.localhost:3000'],
      ['Host', 'bolt.localhost:3000'],
    ])
    expect(doubled.result).toEqual({ ok: false, status: 400 })
    expect(guard([], 'http://bolt.localhost/api/trpc/account.me').result).toEqual({ ok: false, status: 400 })
  })

  it('B04 Next’s own internal headers are dropped, and change no answer', async () => {
    const internal: [string, string][] = [
      ['x-middleware-subrequest', 'middleware:middleware:middleware:middleware:middleware'],
      ['x-middleware-rewrite', '/admin'],
      ['x-middleware-next', '1'],
      ['x-nextjs-data', '1'],
      ['x-invoke-path', '/admin'],
      ['x-invoke-status', '200'],
      ['x-matched-path', '/admin'],
      ['x-action-forwarded', '1'],
      ['x-prerender-revalidate', 'x'],
      ['x-vercel-id', 'x'],
    ]
    const { req } = guard(internal)
    for (const [name] of internal) expect(req.headers, name).not.toHaveProperty(name)
    const headers = {
      ...Object.fromEntries(internal),
      rsc: '1',
      'next-action': 'x',
      'next-router-state-tree': 'x',
    }
    for (const actor of ['Ada', 'nobody'] as const) {
      const [plain, odd] = [
        await ask(world, actor, '/api/trpc/account.me'),
        await ask(world, actor, '/api/trpc/account.me', { headers }),
      ]
      expect([odd.status, odd.text]).toEqual([plain.status, plain.text])
    }
  })

  it('B05 odd spellings of a path get the same authorization, or nothing', async () => {
    for (const at of [
      '//api/trpc/account.me',
      '/api//trpc/account.me',
      '/api/%2e%2e/api/trpc/account.me',
      '/api%2Ftrpc/account.me',
      '/api/trpc/../x',
      '/api/trpc\\account.me',
      '/%5c',
      '/a%00b',
      '/%c0%af',
    ]) {
      expect([at, guard([], at).result]).toEqual([at, { ok: false, status: 400 }])
    }
    for (const at of [
      '/api/trpc/users.list/',
      '/api/trpc/users.list.rsc',
      '/api/trpc/users.list.segments',
      '/api/trpc/Users.List',
      '/api/trpc/',
      '/api/hosts/export.csv/',
      '/api/hosts/export.csv.rsc',
      '/en/api/hosts/export.csv',
    ]) {
      const [stranger, owner] = [await ask(world, 'nobody', at), await ask(world, 'Bo', at)]
      expect([at, stranger.status === 200 && canariesIn(stranger.text) > 0]).toEqual([at, false])
      expect([at, foreignCanaries(owner.text, 'B')]).toEqual([at, []])
    }
    expect((await ask(world, 'nobody', '/api/hosts/export.csv?_rsc=1')).status).toBe(401)
  })

  it('B06 nothing is upgraded, and no absolute address is followed', () => {
    for (const upgrade of ['websocket', 'WebSocket', 'h2', 'TLS/1.0']) {
      expect(
        guard([
          ['Upgrade', upgrade],
          ['Connection', 'Upgrade'],
        ]).result,
      ).toEqual({ ok: false, status: 400 })
    }
    for (const url of [
      'http://169.254.169.254/latest/meta-data',
      'http://127.0.0.1:5432/',
      'ws://127.0.0.1/',
      '*',
      'evil.example:443',
    ]) {
      expect([url, guard([], url).result]).toEqual([url, { ok: false, status: 400 }])
    }
  })

  it('B08 no other origin may read: no CORS answer, to a preflight or a credentialed request', async () => {
    for (const origin of [
      'http://bolt.localhost:3000',
      'null',
      'https://evil.example',
      'http://localhost:3000',
    ]) {
      const preflight = await ask(world, 'Ada', '/api/trpc/account.me', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
      const read = await ask(world, 'Ada', '/api/trpc/account.me', { headers: { origin } })
      expect(preflight.headers + read.headers).not.toMatch(/access-control/i)
    }
  })
})
