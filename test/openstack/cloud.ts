import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '@/test/databases'
import { ensureDebian } from '@/test/debian'
import { freePort } from '@/test/free-port'
import { startSpareServer } from '@/test/local-postgres'
import { startBalancer, type Balancer } from '@/test/openstack/balancer'
import { configure, DATABASES, PASSWORD, type Ports } from '@/test/openstack/config'

const PACKAGES = [
  ...[
    'keystone',
    'placement-api',
    'glance-api',
    'nova-api',
    'nova-conductor',
    'nova-scheduler',
    'nova-compute',
  ],
  ...['neutron-server', 'rabbitmq-server', 'uwsgi-core', 'uwsgi-plugin-python3', 'python3-psycopg2'],
]
const NEEDED = [
  'keystone-wsgi-public',
  'placement-api',
  'glance-wsgi-api',
  'nova-api-wsgi',
  'nova-compute',
  'neutron-server',
]

/** @returns why no OpenStack can be run here; empty where it can. @throws see ensureDebian */
export function whyNoOpenStack(): string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'not root on Linux'
  const isHere = () =>
    [...NEEDED.map((name) => `/usr/bin/${name}`), '/usr/sbin/rabbitmq-server', '/usr/bin/uwsgi-core'].every(
      (file) => fs.existsSync(file),
    )
  return ensureDebian(isHere, PACKAGES) ? '' : 'no keystone, nova, glance and neutron from Debian'
}

/** A whole cloud behind one address, with nova's fake driver: its servers are states without machines. */
export interface Cloud extends Balancer {
  credential: { id: string; secret: string }
  project: { id: string; name: string }
  /** As its administrator, below the address; in the project `shop`. @throws Error in the cloud's words */
  admin: (method: string, path: string, body?: unknown) => Promise<Record<string, never>>
  stop: () => Promise<void>
}

/** What is started is ended in the opposite order, whatever happened. */
class Undo {
  private readonly steps: (() => unknown)[] = []
  add(step: () => unknown): void {
    this.steps.push(step)
  }
  async run(): Promise<void> {
    for (const step of this.steps.reverse()) await Promise.resolve(step()).catch(console.warn)
  }
}

/** @throws Error with what it said, where it fails */
function run(env: NodeJS.ProcessEnv, ...[program = '', ...args]: string[]): Promise<string> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (said = (said + String(chunk)).slice(-5000)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${program} ${args.join(' ')}: ${said}`)),
    )
  })
}

/** A program that runs until it is ended, with all that it starts. */
function daemon(
  undo: Undo,
  env: NodeJS.ProcessEnv,
  dir: string,
  ...[program = '', ...args]: string[]
): ChildProcess {
  const log = fs.openSync(path.join(dir, `${path.basename(program)}-${Date.now()}.log`), 'a')
  const child = spawn(program, args, { env, stdio: ['ignore', log, log], detached: true })
  fs.closeSync(log)
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), signal)
    } catch {
      // gone already
    }
  }
  undo.add(async () => {
    kill('SIGTERM')
    await Promise.race([exit, sleep(5000)])
    kill('SIGKILL')
  })
  return child
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo().catch(() => false)); tries++, await sleep(250))
    if (tries > 400) throw new Error(`Waited too long for ${what}`)
}

const answers =
  (port: number, at = '/') =>
  async () =>
    (await fetch(`http://127.0.0.1:${port}${at}`, { signal: AbortSignal.timeout(5000) })).status < 500

/** An API under uWSGI. */
function serve(undo: Undo, env: NodeJS.ProcessEnv, dir: string, program: string, port: number): void {
  daemon(
    undo,
    env,
    dir,
    ...[
      'uwsgi-core',
      '--plugin',
      'python3',
      '--http-socket',
      `127.0.0.1:${port}`,
      '--wsgi-file',
      `/usr/bin/${program}`,
    ],
    ...['--master', '--processes', '1', '--threads', '4', '--enable-threads', '--buffer-size', '65535'],
    ...[
      '--add-header',
      'Connection: close',
      '--die-on-term',
      '--logto',
      path.join(dir, 'log', `${program}.log`),
    ],
  )
}

async function startRabbit(undo: Undo, env: NodeJS.ProcessEnv, dir: string, { epmd }: Ports): Promise<void> {
  fs.writeFileSync(path.join(dir, 'rabbit-plugins'), '[].\n')
  undo.add(() => spawnSync('epmd', ['-port', String(epmd), '-kill'], { env, stdio: 'ignore' }))
  daemon(undo, env, dir, '/usr/lib/rabbitmq/bin/rabbitmq-server')
  const ping = () => run(env, '/usr/lib/rabbitmq/bin/rabbitmqctl', '-q', 'await_startup')
  await until('RabbitMQ', async () => (await ping()) !== null)
}

type Furnish = () => Promise<Pick<Cloud, 'credential' | 'project' | 'admin'>>

async function startKeystone(
  undo: Undo,
  env: NodeJS.ProcessEnv,
  dir: string,
  ports: Ports,
  { port }: Balancer,
): Promise<Furnish> {
  const manage = (...args: string[]) =>
    run(env, 'keystone-manage', '--config-file', path.join(dir, 'keystone/keystone.conf'), ...args)
  await manage('db_sync')
  for (const what of ['fernet_setup', 'credential_setup'])
    await manage(what, '--keystone-user', 'root', '--keystone-group', 'root')
  const urls = [
    '--bootstrap-public-url',
    `https://127.0.0.1:${port}/identity`,
    '--bootstrap-region-id',
    'RegionOne',
  ]
  const internal = ['--bootstrap-internal-url', `http://127.0.0.1:${ports.identity}/v3`]
  await manage('bootstrap', '--bootstrap-password', PASSWORD, ...urls, ...internal)
  serve(undo, env, dir, 'keystone-wsgi-public', ports.identity)
  await until('Keystone', answers(ports.identity, '/v3'))
  return administer(ports, port)
}

async function startOthers(undo: Undo, env: NodeJS.ProcessEnv, dir: string, ports: Ports): Promise<void> {
  const nova = ['--config-file', path.join(dir, 'nova/nova.conf')]
  const neutron = ['--config-file', path.join(dir, 'neutron/neutron.conf')]
  const manage = (...args: string[]) => run(env, 'nova-manage', ...nova, ...args)
  const novaDatabases = async () => {
    await manage('api_db', 'sync')
    await manage('cell_v2', 'map_cell0')
    await manage('db', 'sync')
    await manage('cell_v2', 'create_cell', '--name', 'cell1')
  }
  await Promise.all([
    run(env, 'placement-manage', '--config-file', path.join(dir, 'placement/placement.conf'), 'db', 'sync'),
    run(env, 'glance-manage', '--config-file', path.join(dir, 'glance/glance-api.conf'), 'db_sync'),
    run(env, 'neutron-db-manage', ...neutron, 'upgrade', 'heads'),
    novaDatabases(),
  ])
  serve(undo, env, dir, 'placement-api', ports.placement)
  serve(undo, env, dir, 'glance-wsgi-api', ports.image)
  serve(undo, env, dir, 'nova-api-wsgi', ports.compute)
  for (const name of ['nova-conductor', 'nova-scheduler', 'nova-compute'])
    daemon(undo, env, dir, name, ...nova, '--log-file', path.join(dir, 'log', `${name}.log`))
  daemon(undo, env, dir, 'neutron-server', ...neutron, '--log-file', path.join(dir, 'log/neutron.log'))
  await until('Placement', answers(ports.placement))
  await until('Glance', answers(ports.image, '/versions'))
  await until('Nova', answers(ports.compute))
  await until('Neutron', answers(ports.network))
  await until('a hypervisor', async () => {
    await manage('cell_v2', 'discover_hosts')
    return (await manage('cell_v2', 'list_hosts')).includes('fake')
  })
}

/** Starts it: some two minutes, and 2 GB of memory. */
export async function startCloud(): Promise<Cloud> {
  const undo = new Undo()
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-openstack-'))
  try {
    fs.chmodSync(dir, 0o755)
    undo.add(() => fs.rmSync(dir, { recursive: true, force: true }))
    const postgres = await startSpareServer()
    undo.add(() => postgres.stop())
    await withClient(postgres.adminUrl, async (client) => {
      for (const name of DATABASES) await client.query(`create database ${name}`)
    })
    const names = [
      'identity',
      'placement',
      'image',
      'compute',
      'network',
      'rabbit',
      'erlang',
      'epmd',
    ] as const
    const ports = {} as Ports
    for (const name of names) ports[name] = await freePort()
    const env = configure(dir, ports, postgres.adminUrl)
    const balancer = await startBalancer(ports)
    undo.add(() => balancer.close())
    await startRabbit(undo, env, dir, ports)
    const furnish = await startKeystone(undo, env, dir, ports, balancer)
    // the others sign in with an account that is made here
    const made = await furnish()
    await startOthers(undo, env, dir, ports)
    return { ...balancer, ...made, stop: () => undo.run() }
  } catch (error) {
    console.warn(errorsIn(path.join(dir, 'log')))
    await undo.run()
    throw error
  }
}

/** What the services said was wrong, the last lines of each. */
function errorsIn(dir: string): string {
  const files = fs.existsSync(dir) ? fs.readdirSync(dir) : []
  const lines = files.flatMap((file) => {
    const all = fs.readFileSync(path.join(dir, file), 'utf8').split('\n')
    return all.filter((line) => /error|critical/i.test(line)).slice(-5)
  })
  return lines.map((line) => line.slice(0, 300)).join('\n')
}

type Body = Record<string, unknown>

/** One request to a service on its own port. @throws Error in the cloud's words */
async function call(url: string, method: string, token: string, body?: unknown) {
  const isBytes = Buffer.isBuffer(body)
  const answer = await fetch(url, {
    method,
    headers: {
      'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      ...(token && { 'x-auth-token': token }),
      'x-openstack-nova-api-version': '2.47',
    },
    body: body === undefined ? undefined : isBytes ? new Uint8Array(body) : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text.slice(0, 500)}`)
  const value = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, never>
  return { value, token: answer.headers.get('x-subject-token') ?? '' }
}

/** Fills the catalogue, and makes a project with a person and a credential of theirs. */
function administer(ports: Ports, balancer: number): Furnish {
  const identity = (path: string) => `http://127.0.0.1:${ports.identity}/v3${path}`
  const signIn = async (name: string, project: string): Promise<string> => {
    const domain = { id: 'default' }
    const password = { user: { name, domain, password: PASSWORD } }
    const scope = { project: { name: project, domain } }
    const auth = { identity: { methods: ['password'], password }, scope }
    return (await call(identity('/auth/tokens'), 'POST', '', { auth })).token
  }
  const inShop = async (method: string, at: string, body?: unknown) => {
    const [, name = '', rest = ''] = /^\/(\w+)(\/.*)$/.exec(at) ?? []
    const url = `http://127.0.0.1:${ports[name as keyof Ports]}${rest}`
    return (await call(url, method, await signIn('admin', 'shop'), body)).value
  }
  return async () => {
    const token = await signIn('admin', 'admin')
    const make = async (kind: string, body: Body): Promise<{ id: string }> => {
      const { value } = await call(identity(`/${kind}s`), 'POST', token, { [kind]: body })
      return value[kind] as unknown as { id: string }
    }
    const grant = (project: string, user: string, role: string) =>
      call(identity(`/projects/${project}/users/${user}/roles/${role}`), 'PUT', token)
    const roles = (await call(identity('/roles'), 'GET', token)).value.roles as unknown as {
      id: string
      name: string
    }[]
    const role = (name: string) => roles.find((one) => one.name === name)?.id ?? ''
    const users = (await call(identity('/users?name=admin'), 'GET', token)).value.users as unknown as {
      id: string
    }[]
    const own = await make('project', { name: 'service' })
    const service = await make('user', { name: 'service', password: PASSWORD })
    await grant(own.id, service.id, role('admin'))
    const serviceRole = await make('role', { name: 'service' }).catch(() => ({ id: role('service') }))
    await grant(own.id, service.id, serviceRole.id)
    for (const name of ['placement', 'image', 'compute', 'network'] as const) {
      const { id } = await make('service', { type: name, name })
      const suffix = name === 'compute' ? '/v2.1' : ''
      const urls = {
        public: `https://127.0.0.1:${balancer}/${name}`,
        internal: `http://127.0.0.1:${ports[name]}`,
      }
      for (const [face, url] of Object.entries(urls))
        await make('endpoint', { service_id: id, interface: face, region: 'RegionOne', url: url + suffix })
    }
    const project = await make('project', { name: 'shop' })
    const ada = await make('user', { name: 'ada', password: PASSWORD, default_project_id: project.id })
    await grant(project.id, ada.id, role('member'))
    await grant(project.id, users[0]?.id ?? '', role('admin'))
    const hers = await signIn('ada', 'shop')
    const wanted = { application_credential: { name: 'freehold', roles: [{ name: 'member' }] } }
    const made = (await call(identity(`/users/${ada.id}/application_credentials`), 'POST', hers, wanted))
      .value
    const credential = made.application_credential as unknown as Cloud['credential']
    return {
      credential: { id: credential.id, secret: credential.secret },
      project: { id: project.id, name: 'shop' },
      admin: inShop,
    }
  }
}
