import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostSweep } from '@/server/features/agents/agents.jobs'
import { enrolmentTokensRouter } from '@/server/features/enrolment-tokens/enrolment-tokens.router'
import { bodyLimit, dispatch } from '@/server/http/dispatch'
import { sendResponse, toRequest } from '@/server/http/node'
import { errorResponse } from '@/server/http/route'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { agentToken, enrolmentToken, resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ enrolmentTokens: enrolmentTokensRouter }))

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const machineId = () => randomBytes(32).toString('hex')
const facts = (more: Record<string, unknown> = {}) => ({
  agent_version: '1.0.0',
  machine_id: machineId(),
  boot_id: randomUUID(),
  hostname: 'web-7',
  os: { name: 'Debian GNU/Linux 12' },
  memory: { total: 1000, available: 400 },
  disks: [],
  addresses: [],
  ...more,
})

type Answer = { status: number; lines: string[]; text: string }
let ip = 0
async function post(
  path: string,
  secret: string | null,
  body: unknown,
  from = `198.51.${++ip >> 8}.${ip & 255}`,
): Promise<Answer> {
  const request = new Request(`http://x/api/agent/v1/${path}`, {
    method: 'POST',
    headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const response = await dispatch(request, `/api/agent/v1/${path}`, { ...world.factsOf('nobody'), ip: from })
  const text = (await response?.text()) ?? ''
  return { status: response?.status ?? 0, lines: text.trimEnd().split('\n'), text }
}
const word = (answer: Answer, name: string) =>
  answer.lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''

async function enrolled(more: Record<string, unknown> = {}, token = enrolmentToken('A', 1)) {
  const said = facts(more)
  const answer = await post('enrol', token, said)
  expect(answer).toMatchObject({ status: 201 })
  return { said, host: word(answer, 'host'), credential: word(answer, 'credential') }
}
const quiet = (host: string) =>
  world.admin.query(
    `update resource_state set last_seen_at = now() - interval '1 minute' where resource_id = $1`,
    [host],
  )
const stateOf = async (host: string) =>
  (
    await world.admin.query('select status, conflict_at, facts from resource_state where resource_id = $1', [
      host,
    ])
  ).rows[0]
const hosts = async () =>
  Number((await world.admin.query(`select count(*) from resource where kind = 'host'`)).rows[0].count)
const audited = async (event: string, host: string) =>
  (
    await world.admin.query(
      'select tenant_id from audit_event where event = $1 and target_id = $2 order by 1',
      [event, host],
    )
  ).rows.map((r) => r.tenant_id)

describe('enrolling', () => {
  it('makes a host of the token’s tenant, whatever the machine says of itself (G13)', async () => {
    const { host, credential } = await enrolled({
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
    expect(JSON.stringify((await stateOf(host)).facts)).not.toContain(tenantId('B'))
    expect(await audited('host.enrol', host)).toEqual([tenantId('A')])
    const stored = await world.admin.query('select token_hash from agent_credential where resource_id = $1', [
      host,
    ])
    expect(stored.rows[0].token_hash).toEqual(createHash('sha256').update(credential).digest())
  })

  it('never takes over another tenant’s host by its machine id (G14); in its own tenant it is the same host again', async () => {
    const first = await enrolled()
    const again = await enrolled({ machine_id: first.said.machine_id })
    expect(again.host).toBe(first.host)
    expect((await post('report', first.credential, { ...first.said, seq: 1 })).status).toBe(401)
    expect((await post('report', again.credential, { ...first.said, seq: 1 })).status).toBe(200)
    const elsewhere = await enrolled({ machine_id: first.said.machine_id }, enrolmentToken('B', 1))
    expect(elsewhere.host).not.toBe(first.host)
    expect((await post('goodbye', again.credential, '{}')).status).toBe(200)
    expect((await enrolled({ machine_id: first.said.machine_id })).host).toBe(first.host)
  })

  it('takes a one-time token once out of 50 at the same moment, and none that is used up, expired or revoked (G10)', async () => {
    const api = caller({ op: await world.opOf('Ada') })
    const { token, id } = await api.enrolmentTokens.create({ name: 'once' })
    const before = await hosts()
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('enrol', token, facts())))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(49).fill(401)])
    expect(await hosts()).toBe(before + 1)
    const refused = await post('enrol', token, facts())
    expect((await post('enrol', `fhe_${'x'.repeat(43)}`, facts())).text).toBe(refused.text)
    await world.admin.query(
      `update enrolment_token set uses = 0, expires_at = now() - interval '1 second' where id = $1`,
      [id],
    )
    expect((await post('enrol', token, facts())).text).toBe(refused.text)
    await world.admin.query(
      `update enrolment_token set expires_at = now() + interval '1 hour' where id = $1`,
      [id],
    )
    await api.enrolmentTokens.revoke({ id })
    expect((await post('enrol', token, facts())).text).toBe(refused.text)
    expect(await hosts()).toBe(before + 1)
  })

  it('holds the licence’s limit of hosts exactly under 20 at once, and frees a place with each host removed', async () => {
    const before = await hosts()
    await world.admin.query('update licence set host_limit = $1', [before + 7])
    await world.admin.query('update enrolment_token set max_uses = 100')
    const tokens = [enrolmentToken('A', 1), enrolmentToken('B', 1), enrolmentToken('M', 1)]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => post('enrol', tokens[i % 3] ?? '', facts())),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(7)
    expect(
      answers.filter(({ status, text }) => status === 402 && text.startsWith('error license_limit ')),
    ).toHaveLength(13)
    expect(await hosts()).toBe(before + 7)
    await world.admin.query('delete from resource where id = $1', [resourceId('A web')])
    expect((await post('enrol', tokens[0] ?? '', facts())).status).toBe(201)
  })

  it('answers the gate of rule 14 to subtenants; the master always works', async () => {
    await world.admin.query(
      `update licence set starts_at = now() - interval '9 days', expires_at = now() - interval '1 day'`,
    )
    expect(await post('enrol', enrolmentToken('A', 1), facts())).toMatchObject({ status: 402 })
    expect((await post('enrol', enrolmentToken('M', 1), facts())).status).toBe(201)
    await world.admin.query('update installation set multi_tenant_enabled = false')
    expect(await post('enrol', enrolmentToken('A', 1), facts())).toMatchObject({ status: 501 })
    expect((await post('enrol', enrolmentToken('M', 1), facts())).status).toBe(201)
  })

  it('refuses a disabled tenant’s token, and wrong or missing ones after 30 in a minute without locking others out', async () => {
    expect((await post('enrol', enrolmentToken('C', 1), facts())).status).toBe(403)
    const from = '203.0.113.9'
    const wrong = []
    for (let i = 0; i < 32; i++)
      wrong.push(
        (await post('enrol', i % 2 ? null : `fhe_${randomBytes(32).toString('base64url')}`, facts(), from))
          .status,
      )
    expect(wrong.slice(0, 30)).toEqual(Array<number>(30).fill(401))
    expect(wrong.slice(30)).toEqual([429, 429])
    expect((await post('enrol', enrolmentToken('A', 1), facts(), from)).status).toBe(201)
  })
})

describe('a report', () => {
  it('updates the host of its credential and no other (G12)', async () => {
    const { host, credential, said } = await enrolled()
    const others = await world.admin.query(
      'select resource_id, facts from resource_state where resource_id <> $1 order by 1',
      [host],
    )
    const answer = await post('report', credential, {
      ...said,
      seq: 1,
      hostname: 'web-01',
      resource_id: resourceId('B web'),
      tenantId: tenantId('B'),
    })
    expect(answer).toMatchObject({ status: 200, lines: ['interval 30'] })
    expect(await stateOf(host)).toMatchObject({ status: 'online', facts: { hostname: 'web-01' } })
    expect(
      (
        await world.admin.query(
          'select resource_id, facts from resource_state where resource_id <> $1 order by 1',
          [host],
        )
      ).rows,
    ).toEqual(others.rows)
    expect((await world.admin.query('select name from resource where id = $1', [host])).rows[0].name).toBe(
      'web-7',
    )
  })

  it('is refused without the exact credential, and a person’s session is none (G05, G17)', async () => {
    const { credential, said } = await enrolled()
    const wrong = [
      null,
      '',
      credential.slice(0, -1),
      `${credential}A`,
      credential.toUpperCase(),
      ` ${credential}`,
      enrolmentToken('A', 1),
      `fha_${'A'.repeat(43)}`,
    ]
    for (const secret of wrong) expect((await post('report', secret, { ...said, seq: 1 })).status).toBe(401)
    expect((await post('report', credential, { ...said, seq: 1 })).status).toBe(200)
  })

  it('that was seen before is answered 409 with the counter, and changes nothing (G18)', async () => {
    const { host, credential, said } = await enrolled()
    expect((await post('report', credential, { ...said, seq: 9 })).status).toBe(200)
    for (const seq of [9, 3]) {
      const replay = await post('report', credential, { ...said, hostname: 'old', seq })
      expect(replay.status).toBe(409)
      expect(replay.lines).toContain('seq 9')
    }
    expect((await stateOf(host)).facts.hostname).toBe('web-7')
    await quiet(host)
    expect((await post('report', credential, { ...said, seq: 10 })).status).toBe(200)
  })

  it('that comes too soon is answered 429, by one agent’s pace only (G15)', async () => {
    const flood = await enrolled()
    const calm = await enrolled()
    expect((await post('report', flood.credential, { ...flood.said, seq: 1 })).status).toBe(200)
    const answers = []
    for (let seq = 2; seq < 40; seq++)
      answers.push(await post('report', flood.credential, { ...flood.said, seq }))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]))
    expect(answers[0]?.lines).toContain('interval 30')
    expect((await post('report', calm.credential, { ...calm.said, seq: 1 })).status).toBe(200)
  })

  it('from a second machine with the same credential is flagged, and neither is believed until one enrols anew (G11)', async () => {
    const { host, credential, said } = await enrolled()
    expect((await post('report', credential, { ...said, seq: 1 })).status).toBe(200)
    expect(await post('report', credential, { ...facts(), seq: 2, hostname: 'thief' })).toMatchObject({
      status: 403,
    })
    expect((await stateOf(host)).conflict_at).not.toBeNull()
    expect((await post('report', credential, { ...said, seq: 3 })).text).toMatch(
      /^error credential_conflict /,
    )
    expect((await stateOf(host)).facts.hostname).toBe('web-7')
    expect(await audited('host.credential_conflict', host)).toEqual([tenantId('A')])
    const again = await enrolled({ machine_id: said.machine_id })
    expect(again.host).toBe(host)
    await quiet(host)
    expect((await post('report', again.credential, { ...said, seq: 1 })).status).toBe(200)
    expect((await stateOf(host)).conflict_at).toBeNull()
  })

  it('that goes back to the boot before the last comes from a copy of the disk; a reboot and a missing boot id do not', async () => {
    const { host, credential, said } = await enrolled()
    let seq = 0
    const report = async (boot_id: string | undefined) => {
      await quiet(host)
      return (await post('report', credential, { ...said, boot_id, seq: ++seq })).status
    }
    const next = randomUUID()
    expect([await report(said.boot_id), await report(undefined), await report(next)]).toEqual([200, 200, 200])
    expect(await report(said.boot_id)).toBe(403)
    expect((await stateOf(host)).conflict_at).not.toBeNull()
  })

  it('gets a new credential after a day; the old one counts until the new one is used, and a lost answer is no end', async () => {
    const { host, credential, said } = await enrolled()
    await world.admin.query(
      `update agent_credential set rotated_at = now() - interval '25 hours' where resource_id = $1`,
      [host],
    )
    const report = async (secret: string, seq: number) => {
      await quiet(host)
      return post('report', secret, { ...said, seq })
    }
    const lost = word(await report(credential, 1), 'credential')
    const next = word(await report(credential, 2), 'credential')
    expect(next).toMatch(/^fha_/)
    expect(next).not.toBe(lost)
    expect((await report(lost, 3)).status).toBe(401)
    const used = await report(next, 3)
    expect(used).toMatchObject({ status: 200, lines: ['interval 30'] })
    expect((await report(credential, 4)).status).toBe(401)
    expect((await report(next, 4)).status).toBe(200)
  })

  it('of a disabled tenant is refused at once and taken again after enabling; its data stays (rule 11, G20)', async () => {
    const { host, credential, said } = await enrolled()
    expect((await post('report', credential, { ...said, seq: 1 })).status).toBe(200)
    await quiet(host)
    await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
    expect(await post('report', credential, { ...said, seq: 2, hostname: 'x' })).toMatchObject({
      status: 403,
      lines: ['error org_suspended This tenant is suspended'],
    })
    expect((await stateOf(host)).facts.hostname).toBe('web-7')
    await world.admin.query(`update tenant set status = 'active' where id = $1`, [tenantId('A')])
    expect((await post('report', credential, { ...said, seq: 3 })).status).toBe(200)
  })

  it('of a deleted host or a deleted tenant is told to uninstall; a host of the master’s only waits', async () => {
    const { host, credential, said } = await enrolled()
    await world.admin.query('delete from resource where id = $1', [host])
    expect(await post('report', credential, { ...said, seq: 1 })).toMatchObject({
      status: 200,
      lines: ['uninstall'],
    })
    expect(await post('report', agentToken('E web'), { ...said, seq: 1 })).toMatchObject({
      status: 200,
      lines: ['uninstall'],
    })
    await world.admin.query('update resource set assigned_id = $1 where id = $2', [
      tenantId('E'),
      resourceId('assigned B'),
    ])
    expect((await post('report', agentToken('assigned B'), { ...said, seq: 1 })).status).toBe(403)
  })

  it('follows the host to another tenant (G16)', async () => {
    const { host, credential, said } = await enrolled({}, enrolmentToken('M', 1))
    await world.admin.query('update resource set assigned_id = $1 where id = $2', [tenantId('C'), host])
    expect((await post('report', credential, { ...said, seq: 1 })).status).toBe(403)
    await world.admin.query('update resource set assigned_id = $1 where id = $2', [tenantId('A'), host])
    expect((await post('report', credential, { ...said, seq: 2 })).status).toBe(200)
  })

  it('with impossible or huge facts is 400, and a wrong clock changes no time of ours (G19, G21)', async () => {
    const { host, credential, said } = await enrolled()
    const bad: unknown[] = [
      '',
      '[]',
      'null',
      '{',
      '['.repeat(60_000),
      '{"seq":1}',
      { ...said, seq: 0 },
      { ...said, seq: 1.5 },
      { ...said, seq: '1' },
      { ...said, seq: 1, clock: 'NaN' },
      { ...said, seq: 1, clock: 9e15 },
      { ...said, seq: 1, disks: Array(100_000).fill(0) },
      { ...said, seq: 1, load: [1, 2, -1] },
    ]
    for (const [i, body] of bad.entries()) {
      const { credential: fresh } =
        i % 4 ? { credential } : await enrolled({}, enrolmentToken('M', (i / 4) % 2 ? 1 : 2))
      expect([400, 429]).toContain((await post('report', fresh, body)).status)
    }
    expect((await stateOf(host)).status).toBe('pending')
    const other = await enrolled()
    expect(
      (
        await post('report', other.credential, {
          ...other.said,
          seq: 1,
          clock: Math.floor(Date.now() / 1000) + 86_400,
        })
      ).status,
    ).toBe(200)
    const { rows } = await world.admin.query(
      'select abs(extract(epoch from now() - last_seen_at)) < 5 as ok from resource_state where resource_id = $1',
      [other.host],
    )
    expect(rows).toEqual([{ ok: true }])
  })

  it('ends with goodbye: the host stays, offline, and stands in its log', async () => {
    const { host, credential, said } = await enrolled()
    expect((await post('report', credential, { ...said, seq: 1 })).status).toBe(200)
    expect(await post('goodbye', credential, '{}')).toMatchObject({ status: 200 })
    expect((await stateOf(host)).status).toBe('offline')
    expect((await post('report', credential, { ...said, seq: 2 })).status).toBe(401)
    expect(await audited('host.agent_removed', host)).toEqual([tenantId('A')])
  })
})

describe('around the reports', () => {
  it('hosts that stop reporting go offline after 95 s', async () => {
    const { host, credential, said } = await enrolled()
    await post('report', credential, { ...said, seq: 1 })
    await hostSweep()
    expect((await stateOf(host)).status).toBe('online')
    await world.admin.query(
      `update resource_state set last_seen_at = now() - interval '96 seconds' where resource_id = $1`,
      [host],
    )
    expect(await hostSweep()).toBe(1)
    expect((await stateOf(host)).status).toBe('offline')
  })

  it('a body of 50 MB is refused without reading it (G21)', async () => {
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
    const heap = process.memoryUsage().rss
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
