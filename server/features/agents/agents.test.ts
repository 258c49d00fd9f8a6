import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostSweep } from '@/server/features/agents/agents.jobs'
import { enrolmentTokensRouter } from '@/server/features/enrolment-tokens/enrolment-tokens.router'
import { bodyLimit, dispatch } from '@/server/http/dispatch'
import { sendResponse, toRequest } from '@/server/http/node'
import { errorResponse } from '@/server/http/route'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { agentsOf, machineFacts } from '@/test/agent'
import { enrolmentToken, resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ enrolmentTokens: enrolmentTokensRouter }))

let world: World
let agents: ReturnType<typeof agentsOf>
beforeAll(async () => {
  world = await createWorld()
  agents = agentsOf(world)
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const hosts = async () =>
  Number(
    (
      await world.admin.query(
        `select count(*) from resource r join tenant t on t.id = r.assigned_id where r.kind = 'host' and t.status <> 'deleted'`,
      )
    ).rows[0].count,
  )

describe('enrolling', () => {
  it('makes a host of the token’s tenant, whatever the machine says of itself (G13)', async () => {
    const { host, credential } = await agents.enrolled({
      tenantId: tenantId('B'),
      cloudId: resourceId('public cloud'),
      enabled: false,
    })
    const { rows } = await world.admin.query(
      'select owner_id, assigned_id, visibility, cloud_id, name from resource where id = $1',
      [host],
    )
    expect(rows).toEqual([
      {
        owner_id: tenantId('A'),
        assigned_id: tenantId('A'),
        visibility: 'private',
        cloud_id: null,
        name: 'web-7',
      },
    ])
    expect(credential).toMatch(/^fha_[A-Za-z0-9_-]{43}$/)
    expect(JSON.stringify((await agents.stateOf(host)).facts)).not.toContain(tenantId('B'))
    expect(await agents.audited('host.enrol', host)).toEqual([tenantId('A')])
    const stored = await world.admin.query('select token_hash from agent_credential where resource_id = $1', [
      host,
    ])
    expect(stored.rows[0].token_hash).toEqual(createHash('sha256').update(credential).digest())
  })

  it('never takes over another tenant’s host by its machine id (G14); in its own tenant it is the same host again', async () => {
    const first = await agents.enrolled()
    const again = await agents.enrolled({ machine_id: first.said.machine_id })
    expect(again.host).toBe(first.host)
    expect((await agents.post('report', first.credential, { ...first.said, seq: 1 })).status).toBe(401)
    expect((await agents.post('report', again.credential, { ...first.said, seq: 1 })).status).toBe(200)
    const elsewhere = await agents.enrolled({ machine_id: first.said.machine_id }, enrolmentToken('B', 1))
    expect(elsewhere.host).not.toBe(first.host)
    expect((await agents.post('goodbye', again.credential, '{}')).status).toBe(200)
    expect((await agents.enrolled({ machine_id: first.said.machine_id })).host).toBe(first.host)
  })

  it('takes a one-time token once out of 50 at the same moment, and none that is used up, expired or revoked (G10)', async () => {
    const api = caller({ op: await world.opOf('Ada') })
    const { token, id } = await api.enrolmentTokens.create({ name: 'once' })
    const before = await hosts()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => agents.post('enrol', token, machineFacts())),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(49).fill(401)])
    expect(await hosts()).toBe(before + 1)
    const refused = await agents.post('enrol', token, machineFacts())
    expect((await agents.post('enrol', `fhe_${'x'.repeat(43)}`, machineFacts())).text).toBe(refused.text)
    await world.admin.query(
      `update enrolment_token set uses = 0, expires_at = now() - interval '1 second' where id = $1`,
      [id],
    )
    expect((await agents.post('enrol', token, machineFacts())).text).toBe(refused.text)
    await world.admin.query(
      `update enrolment_token set expires_at = now() + interval '1 hour' where id = $1`,
      [id],
    )
    await api.enrolmentTokens.revoke({ id })
    expect((await agents.post('enrol', token, machineFacts())).text).toBe(refused.text)
    expect(await hosts()).toBe(before + 1)
  })

  it('holds the licence’s limit of hosts exactly under 20 at once, and frees a place with each host removed', async () => {
    const before = await hosts()
    await world.admin.query('update licence set host_limit = $1', [before + 7])
    await world.admin.query('update enrolment_token set max_uses = 100')
    const tokens = [enrolmentToken('A', 1), enrolmentToken('B', 1), enrolmentToken('M', 1)]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => agents.post('enrol', tokens[i % 3] ?? '', machineFacts())),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(7)
    expect(
      answers.filter(({ status, text }) => status === 402 && text.startsWith('error license_limit ')),
    ).toHaveLength(13)
    expect(await hosts()).toBe(before + 7)
    await world.admin.query('delete from resource where id = $1', [resourceId('A web')])
    expect((await agents.post('enrol', tokens[0] ?? '', machineFacts())).status).toBe(201)
  })

  it('answers the gate of rule 14 to subtenants; the master always works', async () => {
    await world.admin.query(
      `update licence set starts_at = now() - interval '9 days', expires_at = now() - interval '1 day'`,
    )
    expect(await agents.post('enrol', enrolmentToken('A', 1), machineFacts())).toMatchObject({ status: 402 })
    expect((await agents.post('enrol', enrolmentToken('M', 1), machineFacts())).status).toBe(201)
    await world.admin.query('update installation set multi_tenant_enabled = false')
    expect(await agents.post('enrol', enrolmentToken('A', 1), machineFacts())).toMatchObject({ status: 501 })
    expect((await agents.post('enrol', enrolmentToken('M', 1), machineFacts())).status).toBe(201)
  })

  it('refuses a disabled tenant’s token, and wrong or missing ones after 30 in a minute without locking others out', async () => {
    expect((await agents.post('enrol', enrolmentToken('C', 1), machineFacts())).status).toBe(403)
    const from = '203.0.113.9'
    const wrong = []
    for (let i = 0; i < 32; i++)
      wrong.push(
        (
          await agents.post(
            'enrol',
            i % 2 ? null : `fhe_${randomBytes(32).toString('base64url')}`,
            machineFacts(),
            from,
          )
        ).status,
      )
    expect(wrong.slice(0, 30)).toEqual(Array<number>(30).fill(401))
    expect(wrong.slice(30)).toEqual([429, 429])
    expect((await agents.post('enrol', enrolmentToken('A', 1), machineFacts(), from)).status).toBe(201)
  })
})

describe('around the reports', () => {
  it('hosts that stop reporting go offline after 95 s', async () => {
    const { host, credential, said } = await agents.enrolled()
    await agents.post('report', credential, { ...said, seq: 1 })
    await hostSweep()
    expect((await agents.stateOf(host)).status).toBe('online')
    await world.admin.query(
      `update resource_state set last_seen_at = now() - interval '96 seconds' where resource_id = $1`,
      [host],
    )
    expect(await hostSweep()).toBe(1)
    expect((await agents.stateOf(host)).status).toBe('offline')
  })

  it('G21 a body of 50 MB is refused without reading it, and so are bombs, depths and crowds', async () => {
    const server = createServer((req, res) => {
      const url = new URL(req.url ?? '/', 'http://x')
      toRequest(req, res, url, bodyLimit(url.pathname))
        .then((request) => dispatch(request, url.pathname, world.factsOf('nobody')))
        .catch((error: unknown) => errorResponse(error, 'r'))
        .then((response) => sendResponse(response ?? new Response(null, { status: 404 }), res))
        .catch(() => res.destroy())
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const send = (head: string) =>
      new Promise<{ first: string; sent: number }>((resolve) => {
        const socket = connect(port, '127.0.0.1')
        let first = ''
        let sent = 0
        const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`)
        const pump = () => {
          while (sent < 50_000_000 && first === '' && !socket.destroyed) {
            sent += chunk.length
            if (!socket.write(chunk)) return void socket.once('drain', pump)
          }
        }
        socket.on('data', (data) => {
          first ||= data.toString().split('\r\n')[0] ?? ''
          socket.destroy()
        })
        socket.on('error', () => undefined)
        socket.on('close', () => resolve({ first, sent }))
        socket.write(`POST /api/agent/v1/report HTTP/1.1\r\nHost: acme.localhost:3000\r\n${head}\r\n\r\n`)
        pump()
      })
    const { credential } = await agents.enrolled()
    const post = async (
      path: string,
      body: string | Uint8Array<ArrayBuffer>,
      headers: Record<string, string> = {},
    ) => {
      const authorization = `Bearer ${credential}`
      const url = `http://127.0.0.1:${port}/api/agent/v1/${path}`
      return (await fetch(url, { method: 'POST', headers: { authorization, ...headers }, body })).status
    }
    const heap = process.memoryUsage().rss
    for (const path of ['report', 'inventory']) {
      // 50 MB of zeros in 50 KB.
      expect(
        await post(path, new Uint8Array(gzipSync(Buffer.alloc(50_000_000))), { 'content-encoding': 'gzip' }),
      ).toBe(415)
      const deep = `{"disks":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
      expect(await post(path, deep)).toBe(400)
      expect(await post(path, JSON.stringify({ disks: Array(100_000).fill({}) }))).toBe(413)
      expect(await post(path, JSON.stringify({ disks: Array(20_000).fill(0) }))).toBe(400)
    }
    expect((await send('Content-Length: 50000000')).first).toContain(' 413 ')
    const chunked = await send('Transfer-Encoding: chunked')
    expect(chunked.first).toContain(' 413 ')
    expect(chunked.sent).toBeLessThan(20_000_000)
    expect(process.memoryUsage().rss - heap).toBeLessThan(50_000_000)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('the installer is one script for each name a tenant could have, known or not, with no secret in it (B15)', async () => {
    const script = async (host: string) => {
      const response = await dispatch(new Request('http://x/agent/install.sh'), '/agent/install.sh', {
        ...world.factsOf('nobody'),
        host,
        path: '/agent/install.sh',
      })
      return {
        status: response?.status,
        type: response?.headers.get('content-type'),
        text: await response?.text(),
      }
    }
    const acme = await script('acme.localhost:3000')
    expect(acme).toMatchObject({ status: 200, type: 'text/x-shellscript; charset=utf-8' })
    expect(acme.text).toContain('FREEHOLD_URL="http://acme.localhost:3000"')
    expect((await script('nosuch.localhost:3000')).text).toBe(acme.text?.replaceAll('acme', 'nosuch'))
    expect((await script('localhost:3000')).text).toContain('FREEHOLD_URL="http://localhost:3000"')
    expect((await script('evil.example')).status).toBe(404)
  })
})
