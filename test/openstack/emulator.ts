import { randomUUID, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeKeyPair } from '@/server/connectors/incus/enrol'
import * as shapes from '@/test/openstack/shapes'

type Fault =
  | 'html'
  | 'truncated'
  | 'redirect'
  | 'no list'
  | 'endless'
  | 'silent'
  | 400
  | 401
  | 403
  | 404
  | 406
  | 429
  | 503
interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/**
 * An OpenStack at one address, as far as the connector asks it: answers in the shapes of the API reference (test/openstack/shapes.ts), with
 * the state of its servers, pages, tokens that end, and faults as it is told.
 */
export class OpenStackEmulator {
  readonly credential = { id: '5c2b9ab4d2c14f2cbdc3ad6e0a8f3d11', secret: 'Fr33-hold_secret' }
  readonly project = shapes.PROJECT
  /** What was asked, in order. */
  readonly asked: string[] = []
  servers: shapes.Server[] = []
  roles = ['member', 'reader']
  isRestricted = true
  /** Seconds. */
  life = 3600
  /** Of the catalogue, by type; what is not there stands at this address. */
  elsewhere: Record<string, string> = {}
  absent: string[] = []
  /** Rows of a page at most. */
  pageSize = 1000
  fault: Fault | null = null
  faultAt = ''
  /** How often a server is asked for until what is under way with it is done. */
  slowness = 2
  /** What comes of it: its status, where not the one that was wanted. */
  outcome: string | null = null
  keystone = '/identity/v3'
  port = 0
  fingerprint = ''
  private tokens = new Set<string>()
  private readonly underWay = new Map<string, { left: number; done: () => void }>()
  private server: https.Server | undefined

  async start(): Promise<this> {
    const { certificate, key } = await makeKeyPair()
    this.fingerprint = new X509Certificate(certificate).fingerprint256
    this.server = https.createServer({ cert: certificate, key }, (req, res) => this.serve(req, res))
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve))
    this.port = (this.server.address() as AddressInfo).port
    return this
  }
  stop(): Promise<void> {
    this.server?.closeAllConnections()
    return new Promise((resolve) => this.server?.close(() => resolve()))
  }
  reset(): void {
    this.asked.length = 0
    this.servers = [shapes.serverOf('web', 'ACTIVE'), shapes.serverOf('db', 'SHUTOFF')]
    const { roles, isRestricted, life, pageSize, slowness } = FRESH
    Object.assign(this, { roles: [...roles], isRestricted, life, pageSize, slowness })
    Object.assign(this, {
      elsewhere: {},
      absent: [],
      fault: null,
      faultAt: '',
      outcome: null,
      keystone: '/identity/v3',
    })
    this.underWay.clear()
    this.endTokens()
  }
  /** As when Keystone's keys are changed. */
  endTokens(): void {
    this.tokens.clear()
  }
  byName(name: string): shapes.Server {
    const found = this.servers.find((one) => one.name === name)
    if (!found) throw new Error(`No server ${name}`)
    return found
  }

  private serve(req: IncomingMessage, res: ServerResponse): void {
    this.asked.push(`${req.method} ${req.url}`)
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { pathname, searchParams } = new URL(req.url ?? '/', 'https://emulator')
      if (this.fault !== null && pathname.includes(this.faultAt || '/servers'))
        return this.fail(res, this.fault, pathname)
      const { status, body, headers } = this.answer(
        req,
        pathname,
        searchParams,
        Buffer.concat(chunks).toString(),
      )
      res.writeHead(status, { 'content-type': 'application/json', ...headers })
      res.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  private answer(req: IncomingMessage, path: string, query: URLSearchParams, body: string): Answer {
    if (path === this.keystone) return { status: 200, body: shapes.KEYSTONE }
    if (path === `${this.keystone}/auth/tokens`) return this.signIn(body)
    if (!/^\/(compute|networking|image|volume)\//.test(path)) return { status: 404 }
    const token = req.headers['x-auth-token']
    if (typeof token !== 'string' || !this.tokens.has(token))
      return {
        status: 401,
        body: { error: { code: 401, title: 'Unauthorized', message: 'secret path /etc/nova' } },
      }
    const lists = shapes.listsOf(this.project.id)
    if (path.startsWith('/compute/v2.1/'))
      return req.headers['x-openstack-nova-api-version'] === '2.47'
        ? this.compute(req.method ?? '', path.slice('/compute/v2.1'.length), query, body)
        : { status: 400 }
    const list = Object.hasOwn(lists, path) ? lists[path as keyof typeof lists] : undefined
    if (!list) return { status: 404, body: { error: 'not found' } }
    return { status: 200, body: this.page(path, list.field, list.rows, query) }
  }

  private signIn(text: string): Answer {
    const { identity } = (JSON.parse(text) as { auth: { identity: Record<string, unknown> } }).auth
    if (JSON.stringify(identity.application_credential) !== JSON.stringify(this.credential))
      return {
        status: 401,
        body: { error: { code: 401, message: 'The request you have made requires authentication.' } },
      }
    const token = `gAAAAABm${randomUUID()}`
    this.tokens.add(token)
    const { port, roles, life, isRestricted, elsewhere, absent } = this
    const body = shapes.tokenOf({
      port,
      roles,
      life,
      isRestricted,
      elsewhere,
      absent,
      id: this.credential.id,
    })
    return { status: 201, body, headers: { 'x-subject-token': token } }
  }

  /** Rows after the marker; whether there are more is said as the service says it. */
  private page(path: string, field: string, rows: readonly { id: string }[], query: URLSearchParams): object {
    const marker = query.get('marker')
    const from = marker ? rows.findIndex(({ id }) => id === marker) + 1 : 0
    const size = Math.min(Number(query.get('limit') ?? 1000), this.pageSize)
    const page = rows.slice(from, from + size)
    // as the real ones: there is said to be more after any full page
    if (page.length < size) return { [field]: page }
    // an address of the server's own, which nobody may follow
    const next = `https://internal.example${path}?marker=${page.at(-1)?.id}`
    return field === 'images'
      ? { [field]: page, next }
      : { [field]: page, [`${field}_links`]: [{ rel: 'next', href: next }] }
  }

  private compute(method: string, path: string, query: URLSearchParams, body: string): Answer {
    if (path === '/') return { status: 200, body: shapes.NOVA }
    if (path === '/servers/detail')
      return { status: 200, body: this.page(path, 'servers', this.servers, query) }
    const [, id = '', rest = ''] = /^\/servers\/([^/]+)(\/action)?$/.exec(path) ?? []
    this.progress(id)
    const server = this.servers.find((one) => one.id === id)
    if (!server)
      return {
        status: 404,
        body: { itemNotFound: { code: 404, message: `Instance ${id} could not be found.` } },
      }
    if (method === 'GET') return { status: 200, body: { server } }
    const verb =
      method === 'DELETE' ? 'delete' : rest ? (Object.keys(JSON.parse(body) as object)[0] ?? '') : ''
    return this.begin(server, verb)
  }

  private begin(server: shapes.Server, verb: string): Answer {
    const change = shapes.CHANGES[verb]
    if (!change)
      return {
        status: 400,
        body: { badRequest: { code: 400, message: `There is no such action: ${verb}.` } },
      }
    if (!change.from.includes(server.status)) {
      const state = `Cannot '${verb}' instance ${server.id} while it is in vm_state ${server.status.toLowerCase()}`
      return { status: 409, body: { conflictingRequest: { code: 409, message: state } } }
    }
    server['OS-EXT-STS:task_state'] = change.task
    const done = () => {
      server['OS-EXT-STS:task_state'] = null
      server.status = this.outcome ?? change.to
      if (server.status === 'ERROR')
        server.fault = { code: 500, created: '2026-11-29T12:00:00Z', message: 'No valid host was found.' }
      if (server.status === 'DELETED') this.servers = this.servers.filter((one) => one !== server)
    }
    this.underWay.set(server.id, { left: this.slowness, done })
    return { status: verb === 'delete' ? 204 : 202 }
  }
  private progress(id: string): void {
    const work = this.underWay.get(id)
    if (!work || work.left-- > 0) return
    this.underWay.delete(id)
    work.done()
  }

  private fail(res: ServerResponse, fault: Fault, path: string): void {
    switch (fault) {
      case 'html':
        return void res.writeHead(200).end('<!DOCTYPE html><title>Balancer</title>')
      case 'truncated':
        return void res.writeHead(200).end('{"servers":[{"id":"5')
      case 'redirect':
        return void res.writeHead(302, { location: 'https://elsewhere.example/' }).end()
      case 'no list':
        return void res.writeHead(200).end('{"servers":{"a":1}}')
      case 'endless': {
        const links = [{ rel: 'next', href: `https://x${path}` }]
        return void res.writeHead(200).end(JSON.stringify({ servers: this.servers, servers_links: links }))
      }
      case 'silent':
        return
      case 429:
        return void res.writeHead(429, { 'retry-after': '7' }).end()
      default:
        return void res.writeHead(fault).end(JSON.stringify({ error: { message: 'secret path /etc/nova' } }))
    }
  }
}

const FRESH = { roles: ['member', 'reader'], isRestricted: true, life: 3600, pageSize: 1000, slowness: 2 }
