import { once } from 'node:events'
import type http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { enterScreen } from '@/server/connectors/rfb'
import type { SignedInOp } from '@/server/context/op'
import { mutate } from '@/server/db/scope'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { allowLocal, foundIn, look, plantConnection } from '@/server/features/connections/connections.fixture'
import { closeConsoleSockets } from '@/server/http/console-socket'
import { createGuardedServer } from '@/server/http/server'
import { listenForChanges } from '@/server/platform/listen'
import { call } from '@/server/sweep/call'
import type { PersonName } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { consolesTick } from './consoles.jobs'
import { endConsoles } from './consoles.live'

const SOON = AbortSignal.timeout(120_000)

let world: World
let server: http.Server
let port: number
let listener: { close: () => Promise<void> }
let pve: ProxmoxEmulator
let vm: string
let n = 0

beforeAll(async () => {
  world = await createWorld()
  listener = await listenForChanges(world.database.adminUrl, world.database.secret)
  server = createGuardedServer(async (_req, res) => void res.end('page'), { trustedProxies: [], dev: false })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  await endConsoles()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await listener.close()
  await world.close()
})
beforeEach(async () => {
  pve = await new ProxmoxEmulator().start()
  pve.add({ vmid: 101, name: 'web', status: 'running' })
  const cloud = await plantThing(world, `Consoles ${n++}`, { kind: 'cloud', assigned: 'A' })
  await plantConnection(world, cloud, pve)
  allowLocal(`127.0.0.1:${pve.port}`)
  await look(world, cloud)
  vm = (await foundIn(world, cloud)).get('qemu/101')?.id ?? ''
  return async () => {
    await endConsoles()
    await pve.stop()
    await world.admin.query('delete from machine_console')
    await world.admin.query('delete from cloud_connection')
  }
})

const ask = async (who: PersonName) =>
  call(world, who, { name: 'consoles.open', type: 'mutation' }, { id: vm })
const ticketOf = async (who: PersonName): Promise<string> =>
  ((await ask(who)).data as { ticket: string }).ticket

interface Dialled {
  socket: WebSocket
  /** All that comes after the first message. */
  stream: () => Duplex
  /** What came first, or how it was closed. */
  first: Promise<string>
  closed: Promise<{ code: number; reason: string }>
}

/** A console as the browser of somebody opens it. */
function open(who: PersonName, ticket: string, headers: Record<string, string> = {}): Dialled {
  const { cookie, host } = world.factsOf(who)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/console`, {
    headers: { cookie: cookie ?? '', host: host ?? '', origin: `http://${host ?? ''}`, ...headers },
  })
  let stream: Duplex
  socket.on('error', () => undefined)
  socket.once('open', () => socket.send(ticket))
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  const first = Promise.race([
    new Promise<string>((resolve) =>
      socket.once('message', (data: Buffer) => {
        stream = createWebSocketStream(socket)
        stream.on('error', () => undefined)
        resolve(data.toString())
      }),
    ),
    closed.then(({ code, reason }) => `${code} ${reason}`),
  ])
  return { socket, stream: () => stream, first, closed }
}

async function log(): Promise<{ tenant: string; event: string; reason: string }[]> {
  const { rows } = await world.admin.query<{ tenant: string; event: string; reason: string }>(
    `select t.slug as tenant, e.event, coalesce(e.reason, '') as reason from audit_event e join tenant t on t.id = e.tenant_id
     where e.target_id = $1 and e.event like 'machine.console%' order by e.event, t.slug`,
    [vm],
  )
  return rows
}

describe('the console of a machine', () => {
  test('opens once, is signed in to here, takes keys, and stands in the logs with its end', async () => {
    const ticket = await ticketOf('Ada')
    const { stream: opened, first, closed } = open('Ada', ticket)
    expect(JSON.parse(await first)).toEqual({ kind: 'screen', name: 'web' })
    const stream = opened()
    await enterScreen(stream, '', SOON)
    stream.write(Buffer.from([1]))
    stream.write(Buffer.from([4, 1, 0, 0, 0, 0, 0xff, 0x0d]))
    await vi.waitFor(() => expect(pve.consoles.screen.keys).toEqual([0xff0d]))
    expect(await open('Ada', ticket).first).toMatch(/^4403 .*open it again/)
    stream.end()
    await closed
    await vi.waitFor(async () =>
      expect(await log()).toEqual([
        { tenant: 'acme', event: 'machine.console', reason: '' },
        { tenant: 'acme', event: 'machine.console_end', reason: 'It was closed' },
        { tenant: 'default', event: 'machine.console_end', reason: 'It was closed' },
        { tenant: 'acme', event: 'machine.console_open', reason: '' },
        { tenant: 'default', event: 'machine.console_open', reason: '' },
      ]),
    )
    expect(JSON.stringify((await world.admin.query('select * from audit_event')).rows)).not.toContain(ticket)
  })

  test('is not for a viewer, the master that assigned it away, or a sibling', async () => {
    expect((await ask('Tom')).status).toBe(403)
    expect((await ask('Mara')).status).toBe(403)
    expect((await ask('Bo')).status).toBe(404)
    expect(pve.asked.some((one) => one.includes('vnc'))).toBe(false)
  })

  test('only while it runs, and where its cloud is connected', async () => {
    const set = (status: string) =>
      world.admin.query('update resource_state set status = $2 where resource_id = $1', [vm, status])
    await set('stopped')
    expect((await ask('Ada')).status).toBe(403)
    await set('running')
    await world.admin.query('delete from cloud_connection')
    expect((await ask('Ada')).status).toBe(403)
  })

  test('ten at once of one person', async () => {
    const answers: number[] = []
    for (let i = 0; i < 11; i++) answers.push((await ask('Ada')).status)
    expect(answers).toEqual([...Array<number>(10).fill(200), 409])
  })
})

test('the database refuses consoles and actions on what the tenant does not use, whatever the application asks', async () => {
  const ask = async (who: PersonName, table: 'machine_console' | 'cloud_action') => {
    const declaration = {
      scope: 'tenant',
      permission: ['virtualMachines', 'user'],
      audit: 'machine.console',
      summary: '',
    } as const
    const call = { name: 'consoles.open', declaration, audited: false }
    const op = { ...(await world.opOf(who)), call } as SignedInOp
    const [tenant, user, session] = [op.tenant.id, op.actor.userId, op.session.id]
    return mutate(op, async ({ tx, audit }) => {
      audit({ targetKind: 'virtual_machine', targetId: vm, targetName: 'web' })
      await (table === 'machine_console'
        ? tx.$executeRaw`insert into machine_console (tenant_id, resource_id, created_by, session_id, ticket_hash)
            values (${tenant}::uuid, ${vm}::uuid, ${user}::uuid, ${session}::uuid, sha256(${who}::bytea))`
        : tx.$executeRaw`insert into cloud_action (tenant_id, resource_id, created_by, name)
            values (${tenant}::uuid, ${vm}::uuid, ${user}::uuid, 'stop')`)
    }).then(
      () => 'written',
      (error: unknown) => (/row-level security/.test(String(error)) ? 'refused' : String(error)),
    )
  }
  for (const table of ['machine_console', 'cloud_action'] as const) {
    expect(await ask('Ada', table)).toBe('written')
    // It is Acme's: neither its owner nor a sibling
    expect(await ask('Mara', table)).toBe('refused')
    expect(await ask('Bo', table)).toBe('refused')
  }
})

describe('A13 a ticket', () => {
  test('is of the session that asked: not another one’s, nor another tenant’s, nor nobody’s', async () => {
    const ticket = await ticketOf('Ada')
    for (const who of ['Eve', 'Bo', 'Mara'] as const)
      expect(await open(who, ticket).first, who).toMatch(/^4403/)
    expect(await open('Ada', ticket, { cookie: '' }).first).toMatch(/^4403/)
    // Used up by none of these
    expect(await open('Ada', ticket).first).toContain('screen')
  })

  test('is over after half a minute, and told in the log as never opened', async () => {
    const ticket = await ticketOf('Ada')
    await world.admin.query(`update machine_console set created_at = now() - interval '31 seconds'`)
    expect(await open('Ada', ticket).first).toMatch(/^4403/)
    await world.admin.query(`update machine_console set created_at = now() - interval '2 minutes'`)
    await consolesTick()
    expect((await log()).filter(({ reason }) => reason === 'It was never opened')).toHaveLength(2)
  })

  test('opens nothing once the right is gone', async () => {
    const ticket = await ticketOf('Ada')
    await world.admin.query(
      'update resource set assigned_id = $2 where cloud_id = (select cloud_id from resource where id = $1)',
      [vm, tenantId('B')],
    )
    expect(await open('Ada', ticket).first).toMatch(/^4403/)
    expect(pve.asked.some((one) => one.includes('vnc'))).toBe(false)
  })

  test('is nothing that is made up, and no ticket is nothing', async () => {
    expect(await open('Ada', 'x'.repeat(5000)).first).toMatch(/^4403/)
    expect(await open('Ada', '').first).toMatch(/^4403/)
  })
})

describe('an open console ends', () => {
  const opened = async () => {
    const dialled = open('Ada', await ticketOf('Ada'))
    expect(await dialled.first).toContain('screen')
    await enterScreen(dialled.stream(), '', SOON)
    return dialled
  }

  test('E13 when the machine goes to another tenant', async () => {
    const { closed } = await opened()
    await world.admin.query(
      'update resource set assigned_id = $2 where cloud_id = (select cloud_id from resource where id = $1)',
      [vm, tenantId('B')],
    )
    expect(await closed).toMatchObject({ code: 4403 })
  })

  test('when the session is signed out, and when the tenant is disabled', async () => {
    const first = await opened()
    const second = await opened()
    await world.admin.query(
      `update session set revoked_at = now() where id = (select session_id from machine_console where opened_at is not null limit 1)`,
    )
    expect((await first.closed).code).toBe(4403)
    expect((await second.closed).code).toBe(4403)
    await world.restore()
  })

  test('when the machine closes it, and when this process stops', async () => {
    const first = await opened()
    pve.consoles.drop()
    expect(await first.closed).toEqual({ code: 4000, reason: 'The machine closed it' })
    const second = await opened()
    await endConsoles()
    expect((await second.closed).reason).toContain('restarts')
  })

  test('when its cloud is reached otherwise than it was', async () => {
    const { closed } = await opened()
    await world.admin.query(`update cloud_connection set sealed_secret = 'other'`)
    expect((await closed).reason).toContain('has changed')
  })

  test('when the browser goes as soon as it has sent the ticket', async () => {
    const { socket } = open('Ada', await ticketOf('Ada'))
    await once(socket, 'open')
    socket.terminate()
    await vi.waitFor(async () => {
      const { rows } = await world.admin.query<{ why: string }>(
        'select why from machine_console where resource_id = $1 and ended_at is not null',
        [vm],
      )
      expect(rows).toEqual([{ why: 'It was closed' }])
    }, 8000)
  })

  test('with its machine, which stands in the logs', async () => {
    await opened()
    await world.admin.query(`with c as (delete from cloud_connection returning 1) select from c`)
    await world.admin.query('delete from resource where id = $1', [vm])
    expect((await log()).filter(({ reason }) => reason === 'The machine is gone')).toHaveLength(2)
  })

  test('in the log too when its process was killed', async () => {
    await opened()
    await world.admin.query(
      `update machine_console set beat_at = now() - interval '2 minutes' where ended_at is null and opened_at is not null`,
    )
    await consolesTick()
    expect((await log()).filter(({ reason }) => reason === 'Freehold was interrupted')).toHaveLength(2)
  })
})

describe('B06 the websocket', () => {
  const status = (path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve) => {
      const { cookie, host } = world.factsOf('Ada')
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
        headers: { cookie: cookie ?? '', host: host ?? '', ...headers },
      })
      socket.on('error', () => undefined)
      socket.once('open', () => {
        socket.terminate()
        resolve(101)
      })
      socket.once('unexpected-response', (_request, answer) => {
        answer.destroy()
        resolve(answer.statusCode ?? 0)
      })
    })

  test('is at one path, for pages of the same origin', async () => {
    const { host } = world.factsOf('Ada')
    expect(await status('/api/console', { origin: `http://${host}` })).toBe(101)
    for (const origin of ['https://evil.example', 'http://bolt.localhost:3000', 'null'])
      expect(await status('/api/console', { origin }), origin).toBe(403)
    expect(await status('/api/console', { 'sec-fetch-site': 'same-site' })).toBe(403)
    for (const path of ['/', '/api/events', '/api/console/x', '/_next/hmr', '/api/trpc/boot.get'])
      expect(await status(path, { origin: `http://${host}` }), path).toBe(400)
  })

  test('that is refused leaves no socket behind, whatever the other side does', async () => {
    const refused = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const [its] = (await once(server, 'connection')) as [net.Socket]
    refused.on('error', () => undefined)
    refused.write(
      'GET / HTTP/1.1\r\nHost: acme.localhost:3000\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n',
    )
    const [answer] = (await once(refused, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /)
    refused.write('x')
    await vi.waitFor(() => expect(its.destroyed).toBe(true), 5000)
    refused.destroy()
  })

  test('does not hold up a server that stops, with a ticket or without', async () => {
    const other = createGuardedServer(async (_req, res) => void res.end('page'), {
      trustedProxies: [],
      dev: false,
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port: its } = other.address() as AddressInfo
    const silent = new WebSocket(`ws://127.0.0.1:${its}/api/console`, {
      headers: { host: 'acme.localhost:3000' },
    })
    silent.on('error', () => undefined)
    await once(silent, 'open')
    const stopped = new Promise((resolve) => other.close(resolve))
    const closed = once(silent, 'close')
    await closeConsoleSockets(other)
    // Cut off, and not when no ticket came
    expect((await closed)[0]).toBe(1006)
    await stopped
  })

  test('a request that offers h2c is answered as if it did not, with its body', async () => {
    const body = '{"json":{}}'
    const answer = await new Promise<string>((resolve) => {
      const socket = net.connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.on('close', () => resolve(text))
      socket.write(
        `POST /api/trpc/nothing.here HTTP/1.1\r\nHost: acme.localhost:3000\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
      void sleep(50).then(() => socket.write(body))
      void sleep(1500).then(() => socket.destroy())
    })
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  })
})
