import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureDebian } from '@/test/debian'
import { doorTo } from '@/test/engines'
import { freePort } from '@/test/free-port'

const BUSYBOX = '/bin/busybox'
const SOURCES = '/etc/apt/sources.list.d'
/** Of the users whose ranges of ids containers get. */
const RANGES = ['/etc/subuid', '/etc/subgid']

/** The daemons that speak the same API. */
const INCUS = { program: '/usr/libexec/incus/incusd', variable: 'INCUS_DIR', package: 'incus-base' }
const LXD = { program: '/usr/bin/lxd', variable: 'LXD_DIR', package: 'lxd' }
type Brand = typeof INCUS

const isRoot = () => process.platform === 'linux' && process.getuid?.() === 0
const isHere = ({ program }: Brand) => fs.existsSync(program) && fs.existsSync(BUSYBOX)
const ensure = (brand: Brand) =>
  ensureDebian(() => isHere(brand), [brand.package, 'busybox-static']) && isRoot()

/** Debian 12 has Incus in its backports only, which apt takes nothing from unless no other suite has it. */
function allowBackports(): void {
  const isBookworm = /VERSION_CODENAME=bookworm/.test(fs.readFileSync('/etc/os-release', 'utf8'))
  if (!isBookworm || process.getuid?.() !== 0 || !fs.existsSync(SOURCES)) return
  const line = 'deb http://deb.debian.org/debian bookworm-backports main\n'
  fs.writeFileSync(path.join(SOURCES, 'freehold-backports.list'), line)
}

/** Whether Incus' server is here and may run (as root), or can be brought from Debian. @throws see ensureDebian */
export function ensureIncus(): boolean {
  if (process.platform !== 'linux') return false
  if (!isHere(INCUS)) allowBackports()
  return ensure(INCUS)
}

/**
 * As `ensureIncus`, for LXD. Its package gives root a second range of ids, with which no container of Incus starts any more: a range that
 * root had before is kept as the only one. @throws see ensureDebian
 */
export function ensureLxd(): boolean {
  if (!isRoot()) return false
  if (isHere(LXD)) return ensure(LXD)
  const before = RANGES.map((file) => rootsOf(file))
  const isThere = ensure(LXD)
  for (const [index, file] of RANGES.entries()) {
    const kept = before[index] ?? []
    const added = rootsOf(file).filter((line) => kept.length > 0 && !kept.includes(line))
    if (added.length === 0) continue
    const lines = fs.readFileSync(file, 'utf8').split('\n')
    fs.writeFileSync(file, lines.filter((line) => !added.includes(line)).join('\n'))
  }
  return isThere
}

const rootsOf = (file: string): string[] =>
  fs.existsSync(file)
    ? fs
        .readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('root:'))
    : []

/** Incus, or LXD. */
export interface Incus {
  socket: string
  port: number
  /** Of its certificate: SHA-256 in lower-case hex. */
  fingerprint: string
  /** As its administrator; waits for the operation. @throws Error in the server's words */
  admin: (method: string, path: string, body?: object | Buffer) => Promise<unknown>
  /** A token for one more certificate: for these projects only, or for all. */
  token: (projects?: string[]) => Promise<string>
  /** A container of busybox, not started. */
  launch: (name: string, project?: string) => Promise<void>
  stop: () => Promise<void>
  /** Asks it to end its containers and itself, and waits for nothing: for the end of a process. */
  shutDown: () => void
}

/** The first process of a container: ends it cleanly when Incus asks for that, and starts it anew. */
const INIT = `#!/bin/sh
trap 'poweroff -f' PWR
trap 'reboot -f' INT
while :; do sleep 3600 & wait $!; done
`

/** A root file system of busybox alone, as an image. @returns the tarball */
function imageOf(dir: string): Buffer {
  const root = path.join(dir, 'image/rootfs')
  for (const name of ['bin', 'sbin', 'proc', 'sys', 'dev', 'etc', 'tmp'])
    fs.mkdirSync(path.join(root, name), { recursive: true })
  fs.copyFileSync(BUSYBOX, path.join(root, 'bin/busybox'))
  fs.chmodSync(path.join(root, 'bin/busybox'), 0o755)
  const applets = spawnSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n')
  for (const name of applets) if (name !== 'busybox') fs.symlinkSync('busybox', path.join(root, 'bin', name))
  fs.writeFileSync(path.join(root, 'sbin/init'), INIT, { mode: 0o755 })
  fs.writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
  const metadata =
    'architecture: x86_64\ncreation_date: 1700000000\nproperties:\n  os: Busybox\n  description: Busybox\n'
  fs.writeFileSync(
    path.join(dir, 'image/metadata.yaml'),
    metadata.replace('x86_64', os.arch() === 'arm64' ? 'aarch64' : 'x86_64'),
  )
  const { status, stdout } = spawnSync(
    'tar',
    ['-cz', '-C', path.join(dir, 'image'), 'metadata.yaml', 'rootfs'],
    { maxBuffer: 50e6 },
  )
  if (status !== 0) throw new Error('tar made no image')
  return stdout
}

function ask(
  socket: string,
  method: string,
  path: string,
  body?: object | Buffer,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: socket, method, path, timeout: 30_000 }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>))
    })
    request.on('error', reject)
    request.end(body === undefined ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body))
  })
}

async function administer(
  socket: string,
  method: string,
  path: string,
  body?: object | Buffer,
): Promise<unknown> {
  const reply = await ask(socket, method, path, body)
  if (reply.type === 'error') throw new Error(`${method} ${path}: ${String(reply.error)}`)
  if (reply.type !== 'async') return reply.metadata
  const metadata = reply.metadata as { class: string; metadata: unknown }
  if (metadata.class === 'token') return metadata.metadata
  const end = await ask(socket, 'GET', `${String(reply.operation).split('?')[0]}/wait?timeout=30`)
  if (!end.metadata) throw new Error(`${method} ${path}: ${String(end.error)}`)
  const { status_code, err } = end.metadata as { status_code: number; err: string }
  if (status_code !== 200) throw new Error(`${method} ${path}: ${err}`)
  return metadata
}

interface Kept {
  dir: string
  port: number
}

/**
 * Starts Incus of its own on 127.0.0.1, with a pool `local`, an image `busybox`, a project `acme`, and no bridge.
 * @param kept where its state lies and its port, where both are to outlast it
 */
export const startIncus = (kept?: Kept): Promise<Incus> => start(INCUS, kept)

/** As `startIncus`, LXD. */
export const startLxd = (): Promise<Incus> => start(LXD)

/** As `startIncus` and `startLxd`, for bridges: in a network of its own, with a port out of it. */
export const startApart = (name: 'Incus' | 'LXD'): Promise<Incus> =>
  start(name === 'LXD' ? LXD : INCUS, undefined, true)

/** Whether what makes bridges and their DHCP is here, or can be brought from Debian. @throws see ensureDebian */
export const ensureBridges = (): boolean =>
  isRoot() &&
  ensureDebian(
    () => ['/usr/sbin/dnsmasq', '/usr/sbin/nft', '/sbin/ip'].every((program) => fs.existsSync(program)),
    ['dnsmasq-base', 'nftables', 'iproute2'],
  )

/** The daemon looks at /sys for its bridges. */
const APART = `
ip link set lo up
mkdir -p "$0/cgroup" && mount --rbind /sys/fs/cgroup "$0/cgroup" && mount -t sysfs sysfs /sys && mount --rbind "$0/cgroup" /sys/fs/cgroup
exec "$@"`

async function start({ program, variable }: Brand, kept?: Kept, isApart = false): Promise<Incus> {
  const dir = kept?.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-incus-'))
  const socket = path.join(dir, 'unix.socket')
  const port = kept?.port ?? (await freePort())
  fs.mkdirSync(dir, { recursive: true, mode: 0o711 })
  const env = { ...process.env, [variable]: dir }
  const apart = ['-n', '-m', '--propagation', 'private', 'sh', '-c', APART, dir, program]
  const [first, ...rest] = [...(isApart ? ['unshare', ...apart] : [program]), '--group', 'root']
  const child = spawn(first ?? program, rest, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-5000)))
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const admin = (method: string, path: string, body?: object | Buffer) =>
    administer(socket, method, path, body)
  let door: Server | undefined
  const stop = async () => {
    door?.close()
    await stopAll(admin).catch(() => undefined)
    // told of a power failure, it ends its bridges too
    child.kill(isApart ? 'SIGPWR' : 'SIGTERM')
    await Promise.race([exit, sleep(10_000).then(() => child.kill('SIGKILL'))])
    // what it mounted for itself
    for (const name of ['devlxd', 'guestapi', 'shmounts'])
      spawnSync('umount', ['-l', path.join(dir, name)], { stdio: 'ignore' })
    if (!kept) fs.rmSync(dir, { recursive: true, force: true })
  }
  try {
    for (let tries = 0; !(await ask(socket, 'GET', '/1.0').catch(() => null)); tries++, await sleep(50))
      if (tries > 400 || child.exitCode !== null) throw new Error(`${program} did not start: ${said}`)
    const pools = (await admin('GET', '/1.0/storage-pools')) as string[] | null
    if (!pools?.length) await furnish(admin, port, imageOf(dir))
    if (isApart) door = await doorTo(child.pid ?? 0, port)
    const { environment } = (await admin('GET', '/1.0')) as {
      environment: { certificate_fingerprint: string }
    }
    return {
      socket,
      port: door ? (door.address() as AddressInfo).port : port,
      fingerprint: environment.certificate_fingerprint,
      admin,
      token: tokens(admin),
      launch: launcher(admin),
      stop,
      shutDown: () => void child.kill('SIGPWR'),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

type Admin = Incus['admin']

async function furnish(admin: Admin, port: number, image: Buffer): Promise<void> {
  await admin('PUT', '/1.0', { config: { 'core.https_address': `127.0.0.1:${port}` } })
  await admin('POST', '/1.0/storage-pools', { name: 'local', driver: 'dir' })
  await admin('POST', '/1.0/images', image)
  const [fingerprint] = ((await admin('GET', '/1.0/images')) as string[]).map((each) =>
    each.split('/').at(-1),
  )
  await admin('POST', '/1.0/images/aliases', { name: 'busybox', target: fingerprint })
  const config = { 'features.images': 'false', 'features.profiles': 'false' }
  await admin('POST', '/1.0/projects', { name: 'acme', description: 'Of Acme', config })
}

const tokens = (admin: Admin) => async (projects?: string[]) => {
  const of = projects ? { restricted: true, projects } : {}
  const made = (await admin('POST', '/1.0/certificates', {
    name: 'freehold',
    type: 'client',
    token: true,
    ...of,
  })) as {
    fingerprint: string
    addresses: string[]
    secret: string
    expires_at?: string
  }
  const { fingerprint, addresses, secret, expires_at = '0001-01-01T00:00:00Z' } = made
  return Buffer.from(
    JSON.stringify({ client_name: 'freehold', fingerprint, addresses, secret, expires_at }),
  ).toString('base64')
}

const launcher =
  (admin: Admin) =>
  async (name: string, project = 'default') => {
    await admin('POST', `/1.0/instances?project=${project}`, {
      name,
      type: 'container',
      source: { type: 'image', alias: 'busybox' },
      config: { 'limits.memory': '64MiB', 'limits.cpu': '1' },
      devices: { root: { type: 'disk', path: '/', pool: 'local' } },
    })
  }

/** Containers outlive their server, and would outlive the test. */
async function stopAll(admin: Admin): Promise<void> {
  for (const project of ['default', 'acme']) {
    const all = (await admin('GET', `/1.0/instances?recursion=1&project=${project}`)) as {
      name: string
      status: string
    }[]
    for (const { name, status } of all)
      if (status !== 'Stopped')
        await admin('PUT', `/1.0/instances/${name}/state?project=${project}`, {
          action: 'stop',
          force: true,
          timeout: 10,
        })
  }
}
