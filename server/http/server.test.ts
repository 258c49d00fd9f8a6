import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { runRoute } from '@/server/http/route'
import { createGuardedServer } from '@/server/http/server'
import type * as LogModule from '@/server/platform/log'
import { idOf } from '@/test/canary'
import { tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const { lines } = vi.hoisted(() => ({ lines: [] as string[] }))
vi.mock('@/server/platform/log', async (original) => {
  const { createLogger } = await original<typeof LogModule>()
  const logger = createLogger('info', { write: (line) => void lines.push(line) })
  return { createLogger, log: () => logger }
})

const CANARY = `CNRY-${idOf('server test')}`
let world: World
let server: http.Server
let port: number

beforeAll(async () => {
  world = await createWorld()
  // What Next would answer; one path breaks.
  server = createGuardedServer(
    (req, res) => {
      if (req.url === '/breaks') return Promise.reject(new Error(`select ${CANARY} from secret_table`))
      res.end('page')
      return Promise.resolve()
    },
    { trustedProxies: [], dev: false },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await world.close()
})
beforeEach(() => void lines.splice(0))

interface Ask {
  method?: string
  host?: string
  headers?: Record<string, string>
  body?: string | Buffer | Readable
}
interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
  json: () => { error?: string; message?: string; requestId?: string }
}

function ask(
  path: string,
  { method = 'GET', host = 'acme.localhost:3000', headers = {}, body }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', method, path, headers: { host, ...headers }, agent: false }
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const json = () => JSON.parse(text) as ReturnType<Answer['json']>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    request.on('error', reject)
    if (body instanceof Readable) body.pipe(request)
    else request.end(body)
  })
}

const JSON_TYPE = { 'content-type': 'application/json' }
const cookieOf = (name: 'Ada' | 'Mara' | 'Bo') => ({ cookie: world.factsOf(name).cookie ?? '' })
const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

describe('the body', () => {
  const endless = () => {
    const state = { sent: 0 }
    const chunk = Buffer.alloc(65_536, 'x')
    const stream = new Readable({
      read() {
        state.sent += chunk.length
        this.push(state.sent > 50_000_000 ? null : chunk)
      },
    })
    return { state, stream }
  }
  const post = { method: 'POST', headers: { ...JSON_TYPE } }

  it('J03 over the limit is refused by its length, before it is read', async () => {
    const headers = { ...JSON_TYPE, 'content-length': '50000000', expect: '100-continue' }
    const answer = await ask('/api/trpc/account.changePassword', {
      method: 'POST',
      headers,
      body: Readable.from(['{']),
    })
    expect(answer.status).toBe(413)
    expect(answer.json()).toMatchObject({ error: 'too_large' })
    expect(answer.headers.connection).toBe('close')
  })

  it('J03 without a length is read no further than the limit', async () => {
    const { state, stream } = endless()
    const answer = await ask('/api/trpc/account.changePassword', { ...post, body: stream }).catch(() => null)
    // A client that never stops writing may see the connection close before the answer.
    if (answer) expect(answer.status).toBe(413)
    await sleep(200)
    expect(state.sent, 'bytes that left the client').toBeLessThan(20_000_000)
    expect(logged()).toMatchObject([{ status: 413 }])
  })

  it('J03 is not read at all where nothing takes one', async () => {
    for (const [path, status] of [
      ['/api/nope', 404],
      ['/api/health', 405],
    ] as const) {
      const headers = { 'content-length': '50000000' }
      const answer = await ask(path, { method: 'POST', headers, body: Readable.from(['x']) })
      expect(answer.status, path).toBe(status)
      expect(answer.headers.connection).toBe('close')
    }
  })

  it('J03 is refused when it is compressed', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' }
    const answer = await ask('/api/trpc/account.changePassword', {
      method: 'POST',
      headers,
      body: Buffer.alloc(50),
    })
    expect(answer.status).toBe(415)
  })

  it('that ends early is the caller’s fault and no alarm', async () => {
    const request = http.request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/api/trpc/account.changePassword',
      agent: false,
    })
    request.on('error', () => undefined)
    request.setHeader('host', 'acme.localhost:3000').setHeader('content-length', '100')
    request.write('{"a":')
    await sleep(100)
    request.destroy()
    for (let i = 0; lines.length === 0 && i < 50; i++) await sleep(50)
    expect(logged().filter(({ level }) => level === 'error')).toEqual([])
  })

  it('J07 may come slowly: nothing waits for it in the database', async () => {
    const slow = Readable.from(
      (async function* () {
        yield '{"currentPassword":'
        await sleep(1500)
        yield '"x"}'
      })(),
    )
    const asked = ask('/api/trpc/account.changePassword', {
      ...post,
      headers: { ...JSON_TYPE, ...cookieOf('Ada') },
      body: slow,
    })
    await sleep(1000)
    const { rows } = await world.admin.query(
      `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`,
    )
    expect(rows).toEqual([])
    expect((await asked).status).toBe(400)
  })
})

describe('what is asked', () => {
  it('must be a method that is there, else 405 says which are', async () => {
    const cases: [string, string, string][] = [
      ['DELETE', '/api/health', 'GET, HEAD'],
      ['PUT', '/api/trpc/account.me', 'GET, HEAD, POST'],
      ['TRACE', '/', 'GET, HEAD, POST'],
    ]
    for (const [method, path, allow] of cases) {
      const answer = await ask(path, { method })
      expect(answer.status, `${method} ${path}`).toBe(405)
      expect(answer.headers.allow).toBe(allow)
    }
    expect((await ask('/api/health', { method: 'HEAD' })).status).toBe(200)
  })

  it('B03 must name a host of ours: 404 for a strange one, 400 for a broken one', async () => {
    for (const host of ['evil.example', 'acme.localhost.evil.example', 'a.b.localhost:3000']) {
      expect((await ask('/api/trpc/account.me', { host })).status, host).toBe(404)
    }
    for (const host of [
      'acme localhost',
      'acme.localhost:99999',
      'user@acme.localhost',
      'acme.localhost/x',
    ]) {
      expect((await ask('/api/trpc/account.me', { host })).status, host).toBe(400)
    }
    for (const path of ['/api/health', '/api/health/ready']) {
      expect([200, 503], 'a health check comes by address').toContain(
        (await ask(path, { host: '10.0.0.5:3000' })).status,
      )
    }
  })

  it('B09 must be JSON, and no other site’s', async () => {
    const path = '/api/trpc/account.changePassword'
    const post = (headers: Record<string, string>) =>
      ask(path, { method: 'POST', headers: { ...cookieOf('Ada'), ...headers }, body: '{}' })
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      '',
    ]) {
      expect((await post(type ? { 'content-type': type } : {})).status, type).toBe(415)
    }
    const strangers = [
      { origin: 'http://bolt.localhost:3000' },
      { origin: 'http://localhost:3000' },
      { origin: 'https://acme.localhost:3000' },
      { origin: 'http://acme.localhost:3001' },
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'http://acme.localhost:3000' },
    ]
    for (const headers of strangers) {
      const answer = await post({ ...JSON_TYPE, ...(headers as Record<string, string>) })
      expect(answer.status, JSON.stringify(headers)).toBe(403)
      expect(answer.json()).toMatchObject({ error: 'access_denied' })
    }
    const own = { origin: 'http://acme.localhost:3000', 'sec-fetch-site': 'same-origin' }
    expect((await post({ ...JSON_TYPE, ...own })).status, 'twin: gets as far as its input').toBe(400)
  })

  it('B02 may name a tenant, but only the host’s', async () => {
    const me = (headers: Record<string, string>) =>
      ask('/api/trpc/account.me', { headers: { ...cookieOf('Ada'), ...headers } })
    for (const named of ['bolt', 'default', '', '*', 'nobody', tenantId('B')]) {
      for (const header of ['x-org-id', 'x-pulse-org-id']) {
        const answer = await me({ [header]: named })
        expect(answer.status, `${header}: ${named}`).toBe(400)
        expect(answer.json()).toMatchObject({ error: 'invalid_org' })
      }
    }
    expect((await me({ 'x-org-id': 'acme' })).status).toBe(200)
    expect((await me({ 'x-org-id': tenantId('A') })).status).toBe(200)
  })

  it('J01 is at most ten calls at once', async () => {
    const batch = (n: number) =>
      ask(`/api/trpc/${Array.from({ length: n }, () => 'account.me').join(',')}?batch=1&input={}`, {
        headers: cookieOf('Ada'),
      })
    expect((await batch(10)).status).toBe(200)
    expect((await batch(11)).status).toBe(400)
  })
})

describe('what is answered', () => {
  it('has a request id, is not sniffed and not stored', async () => {
    const answers = await Promise.all([
      ask('/'),
      ask('/breaks'),
      ask('/api/health'),
      ask('/api/nope'),
      ask('/api/trpc/account.me'),
      ask('/api/trpc/account.me', { headers: cookieOf('Ada') }),
      ask('/api/trpc/account.me', { host: 'evil.example' }),
      ask('/api/health', { method: 'DELETE' }),
    ])
    for (const { status, headers } of answers) {
      expect(headers['x-request-id'], String(status)).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers['x-content-type-options'], String(status)).toBe('nosniff')
    }
    for (const { headers } of answers.slice(1)) expect(headers['cache-control']).toContain('no-store')
    const refused = await ask('/api/health', { host: 'a b' })
    expect(refused.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(answers.length)
  })

  it('says nothing of what broke inside; the log does, under the same request id', async () => {
    const page = await ask('/breaks')
    expect(page.status).toBe(500)
    expect(page.text).not.toMatch(/CNRY|select|secret_table|\.ts/)
    expect(logged().find(({ level }) => level === 'error')).toMatchObject({
      requestId: page.headers['x-request-id'],
      err: { message: expect.stringContaining(CANARY) as string },
    })

    const route = {
      name: 'test.breaks',
      method: 'GET',
      path: '/api/breaks',
      declaration: { scope: 'public', audit: 'none', summary: 'Breaks' },
      maxBody: 0,
      bare: true,
      handle: () => Promise.reject(new Error(CANARY)),
    } as const
    const facts = world.factsOf('Ada')
    const response = await runRoute(route, new Request('http://x/api/breaks'), facts, {})
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      error: 'internal',
      message: 'Something went wrong on our side',
      status: 500,
      requestId: facts.requestId,
    })
  })

  it('says nothing of the database either', async () => {
    await world.admin.query('alter table audit_event rename to audit_event_away')
    try {
      const answer = await ask('/api/trpc/audit.list?input={}', { headers: cookieOf('Ada') })
      expect(answer.status).toBe(500)
      expect(answer.text).not.toMatch(/audit_event|42P01|prisma|select|relation|\.ts|node_modules|stack/i)
      expect(logged().find(({ level }) => level === 'error')).toMatchObject({
        requestId: answer.headers['x-request-id'],
      })
    } finally {
      await world.admin.query('alter table audit_event_away rename to audit_event')
    }
    expect((await ask('/api/trpc/audit.list?input={}', { headers: cookieOf('Ada') })).status).toBe(200)
  })
})

describe('the log', () => {
  it('has one JSON line a request: id, tenant, actor; no query, no cookie, no body', async () => {
    const answer = await ask(`/api/trpc/account.me?input={}&secret=${CANARY}`, {
      headers: { ...cookieOf('Ada'), 'x-note': CANARY },
    })
    await ask('/api/trpc/account.changePassword', {
      method: 'POST',
      headers: { ...JSON_TYPE, ...cookieOf('Mara') },
      host: 'localhost:3000',
      body: JSON.stringify({ currentPassword: CANARY, newPassword: CANARY }),
    })
    for (let i = 0; logged().filter(({ msg }) => msg === 'request').length < 2 && i < 50; i++) await sleep(20)
    const [first, second] = logged().filter(({ msg }) => msg === 'request')
    const me = await world.opOf('Ada')
    expect(first).toMatchObject({
      level: 'info',
      requestId: answer.headers['x-request-id'],
      tenant: 'acme',
      actor: me.actor.userId,
      method: 'GET',
      path: '/api/trpc/account.me',
      status: 200,
      ip: '127.0.0.1',
    })
    expect(second).toMatchObject({ tenant: 'master', path: '/api/trpc/account.changePassword' })
    const all = lines.join('')
    expect(all).not.toContain(CANARY)
    expect(all).not.toContain('fh=')
    for (const line of lines) expect(line).toMatch(/^\{[\u0020-\u007e]*\}\n$/)
  })

  it('encodes what a path carries', async () => {
    await ask('/api/x%0a%1b%5b31m%C2%9B')
    await ask('/api/%E2%80%A8x')
    for (let i = 0; lines.length < 1 && i < 50; i++) await sleep(20)
    for (const line of lines) expect(line).toMatch(/^\{[\u0020-\u007e]*\}\n$/)
  })
})
