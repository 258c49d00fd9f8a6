import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import recorded from '@/test/docker/recorded.json'

type EngineName = 'docker' | 'podman'
type Fault =
  'html' | 'truncated' | 'huge' | 'silent' | 'redirect' | 'no list' | 400 | 401 | 403 | 404 | 429 | 500
interface Container {
  Id: string
  Names: string[]
  State: string
  Status: string
  [field: string]: unknown
}

/** What a real engine answered. */
export function answerOf(engine: EngineName, method: string, path: string) {
  const entry = recorded.entries.find((e) => e.engine === engine && e.method === method && e.path === path)
  if (!entry) throw new Error(`Not recorded: ${engine} ${method} ${path}`)
  return {
    status: entry.status,
    body: structuredClone(entry.body) as unknown,
    headers: { ...(entry.headers as Record<string, string> | undefined) },
  }
}

/** What an engine refuses in a state, by the request that was recorded for it. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  start: { running: 'POST /containers/web/start' },
  stop: { exited: 'POST /containers/job/stop' },
  pause: { exited: 'POST /containers/job/pause', paused: 'POST /containers/job/pause' },
  unpause: { running: 'POST /containers/web/unpause', exited: 'POST /containers/web/unpause' },
  delete: { running: 'DELETE /containers/web', paused: 'DELETE /containers/cache' },
}
const ENDS: Readonly<Record<string, string>> = {
  start: 'running',
  stop: 'exited',
  restart: 'running',
  pause: 'paused',
  unpause: 'running',
}

/** An engine on a unix socket that answers with what real ones answered, keeps the state of its containers, and fails as it is told. */
export class EngineEmulator {
  private readonly dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-engine-'))
  readonly socket = path.join(this.dir, 'engine.sock')
  /** What was asked, in order. */
  readonly asked: string[] = []
  containers: Container[] = []
  /** Of every answer but the one to /_ping, or of those to one path. */
  fault: Fault | null = null
  faultAt = ''
  /** What it says of itself. */
  ping: Record<string, string> = {}
  /** The oldest version of the API that it takes, 1.x. */
  oldest = 12
  /** What becomes of a container that is started. */
  afterStart = { State: 'running', Status: 'Up 1 second' }
  private readonly streams = new Set<http.ServerResponse>()
  private readonly server = http.createServer((req, res) => this.serve(req, res))

  constructor(readonly engine: EngineName) {
    this.reset()
  }
  reset(): void {
    this.containers = answerOf(this.engine, 'GET', '/containers/json').body as Container[]
    this.ping = answerOf(this.engine, 'GET', '/_ping').headers
    this.oldest = 12
    this.asked.length = 0
    this.fault = null
    this.faultAt = ''
    this.afterStart = { State: 'running', Status: 'Up 1 second' }
  }
  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(this.socket, resolve))
    return this
  }
  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
    fs.rmSync(this.dir, { recursive: true, force: true })
  }
  get(name: string): Container {
    const found = this.containers.find(({ Names }) => Names.includes(`/${name}`))
    if (!found) throw new Error(`No container ${name}`)
    return found
  }
  /** Writes to everybody who listens to events. */
  tell(text: string): void {
    for (const stream of this.streams) stream.write(text)
  }
  get listeners(): number {
    return this.streams.size
  }
  /** Ends all streams, as an engine that is stopped. */
  hangUp(): void {
    for (const stream of this.streams) stream.destroy()
  }

  private serve(req: http.IncomingMessage, res: http.ServerResponse): void {
    const url = new URL(req.url ?? '/', 'http://engine')
    const path = url.pathname.replace(/^\/v1\.\d+/, '')
    this.asked.push(`${req.method} ${req.url}`)
    if (this.fault !== null && (this.faultAt ? path === this.faultAt : path !== '/_ping'))
      return fail(res, this.fault)
    if (path === '/_ping') return void res.writeHead(200, this.ping).end('OK')
    const version = Number(/^\/v1\.(\d+)\//.exec(url.pathname)?.[1])
    if (version < this.oldest)
      return reply(res, 400, {
        message: `client version 1.${version} is too old. Minimum supported API version is 1.${this.oldest}`,
      })
    if (path === '/events') return this.events(res, url.searchParams.has('since'))
    if (path === '/containers/json') return reply(res, 200, this.listed(url.searchParams.get('filters')))
    if (req.method === 'GET') {
      const { status, body } = answerOf(this.engine, 'GET', path)
      return reply(res, status, body)
    }
    const { status, body } = this.change(req.method ?? '', path)
    reply(res, status, body)
  }
  private listed(filters: string | null): Container[] {
    const { id = null } = JSON.parse(filters ?? '{}') as { id?: string[] | null }
    return this.containers.filter(({ Id }) => !id || id.includes(Id))
  }
  private events(res: http.ServerResponse, isPast: boolean): void {
    res.writeHead(200, { 'content-type': 'application/json' })
    if (isPast) return void res.end((answerOf(this.engine, 'GET', '/events').body as string[]).join('\n'))
    this.streams.add(res)
    res.on('close', () => this.streams.delete(res))
    res.flushHeaders()
  }
  private change(method: string, path: string): { status: number; body: unknown } {
    const [, id, rest = ''] = /^\/containers\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? []
    const verb = method === 'DELETE' ? 'delete' : rest
    const container = this.containers.find(({ Id }) => Id === id)
    if (!container) return answerOf(this.engine, 'POST', '/containers/nobody/start')
    const refused = REFUSED[verb]?.[container.State]?.split(' ')
    if (refused) return answerOf(this.engine, refused[0] ?? '', refused[1] ?? '')
    if (verb === 'delete') this.containers = this.containers.filter((one) => one !== container)
    else if (verb === 'start') Object.assign(container, this.afterStart)
    else
      Object.assign(container, {
        State: ENDS[verb],
        Status: verb === 'stop' ? 'Exited (137) 1 second ago' : 'Up',
      })
    return { status: 204, body: '' }
  }
}

function reply(res: http.ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(status === 204 || status === 304 ? undefined : text)
}

function fail(res: http.ServerResponse, fault: Fault): void {
  switch (fault) {
    case 'html':
      return void res.writeHead(200).end('<!DOCTYPE html><title>Router</title>')
    case 'truncated':
      res.writeHead(200, { 'content-length': '5000' })
      return void res.write('[{"Id":"abc', () => res.destroy())
    case 'huge':
      return flood(res.writeHead(200))
    case 'silent':
      return
    case 'redirect':
      return void res.writeHead(302, { location: 'https://elsewhere.example/' }).end()
    case 'no list':
      return reply(res, 200, { a: 1 })
    case 429:
      return void res.writeHead(429, { 'retry-after': '7' }).end()
    default:
      return reply(res, fault, { message: 'secret path /etc/docker' })
  }
}

/** More than anybody reads. */
function flood(res: http.ServerResponse): void {
  const part = Buffer.alloc(1_000_000, 0x20)
  const more = () => {
    if (!res.destroyed) res.write(part, more)
  }
  more()
}
