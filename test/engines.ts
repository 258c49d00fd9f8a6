import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureDebian } from '@/test/debian'

const BUSYBOX = '/bin/busybox'
const isRoot = () => process.platform === 'linux' && process.getuid?.() === 0
const has = (...programs: string[]) => programs.every((program) => fs.existsSync(program))

/** @returns why Docker Engine cannot be run here; empty where it can. @throws see ensureDebian */
export function whyNoDocker(): string {
  if (!isRoot()) return 'not root on Linux'
  const isHere = () => has('/usr/sbin/dockerd', '/usr/sbin/runc', '/sbin/ip', BUSYBOX)
  return ensureDebian(isHere, ['docker.io', 'iproute2', 'busybox-static']) ? '' : 'no docker.io from Debian'
}
/** @returns why Podman cannot be run here; empty where it can. @throws see ensureDebian */
export function whyNoPodman(): string {
  if (!isRoot()) return 'not root on Linux'
  const isHere = () => has('/usr/bin/podman', '/usr/sbin/runc', BUSYBOX)
  return ensureDebian(isHere, ['podman', 'runc', 'busybox-static']) ? '' : 'no podman from Debian'
}

export interface RealEngine {
  socket: string
  /** A container that runs `command` of busybox' shell, made but not started; see `Made`. @returns its id */
  create: (name: string, command: string, more?: object) => Promise<string>
  ask: (method: string, path: string, body?: object | Buffer) => Promise<unknown>
  stop: () => Promise<void>
}
export interface RealDocker extends RealEngine {
  /** On 127.0.0.1, with the certificates that it was started with. */
  port: number
}
/** Files in PEM for `dockerd --tlsverify`. */
export interface ServerFiles {
  ca: string
  certificate: string
  key: string
}

function ask(socketPath: string, method: string, path: string, body?: object | Buffer): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const isBytes = Buffer.isBuffer(body)
    const headers = { 'content-type': isBytes ? 'application/x-tar' : 'application/json' }
    const request = http.request({ socketPath, method, path, headers, timeout: 30_000 }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${text}`))
        else
          resolve(text.startsWith('{') || text.startsWith('[') ? JSON.parse(text.split('\n')[0] ?? '') : text)
      })
    })
    request.on('error', reject)
    request.end(body === undefined ? undefined : isBytes ? body : JSON.stringify(body))
  })
}

/** A root file system of busybox alone. @returns the tarball */
function busyboxImage(dir: string): Buffer {
  const root = path.join(dir, 'rootfs')
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp'])
    fs.mkdirSync(path.join(root, name), { recursive: true })
  fs.copyFileSync(BUSYBOX, path.join(root, 'bin/busybox'))
  fs.chmodSync(path.join(root, 'bin/busybox'), 0o755)
  for (const name of ['sh', 'sleep']) fs.symlinkSync('busybox', path.join(root, 'bin', name))
  const { status, stdout } = spawnSync('tar', ['-c', '-C', root, '.'], { maxBuffer: 50e6 })
  if (status !== 0) throw new Error('tar made no image')
  return stdout
}

/** Waits until it answers, and gives it an image of busybox. */
async function ready(socket: string, child: ChildProcess, dir: string): Promise<RealEngine['create']> {
  let said = ''
  child.stderr?.on('data', (chunk) => (said = (said + String(chunk)).slice(-3000)))
  for (let tries = 0; !(await ask(socket, 'GET', '/_ping').catch(() => null)); tries++, await sleep(50))
    if (tries > 400 || child.exitCode !== null) throw new Error(`The engine did not start: ${said}`)
  await ask(socket, 'POST', '/images/create?fromSrc=-&repo=fh/busybox&tag=latest', busyboxImage(dir))
  return async (name, command, more = {}) => {
    const body = { Image: 'fh/busybox:latest', Cmd: ['/bin/sh', '-c', command], ...more }
    const { Id } = (await ask(socket, 'POST', `/containers/create?name=${name}`, body)) as { Id: string }
    return Id
  }
}

async function stopAll(socket: string): Promise<void> {
  const all = (await ask(socket, 'GET', '/containers/json?all=1')) as { Id: string }[]
  for (const { Id } of all) await ask(socket, 'DELETE', `/containers/${Id}?force=1&v=1`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await Promise.race([exit, sleep(15_000).then(() => child.kill('SIGKILL'))])
}

function tidy(dir: string): void {
  const mounts = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n')
  const ours = mounts.map((line) => line.split(' ')[1] ?? '').filter((at) => at.startsWith(`${dir}/`))
  for (const at of ours.reverse()) spawnSync('umount', ['-l', at], { stdio: 'ignore' })
  fs.rmSync(dir, { recursive: true, force: true })
}

/** Podman's service on a unix socket, with state of its own, by runc (crun wants more of cgroups than there may be). */
export async function startPodman(): Promise<RealEngine> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-podman-'))
  const socket = path.join(dir, 'podman.sock')
  // what Podman asks for by default may be more than this machine's root may have
  const config = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
  fs.writeFileSync(path.join(dir, 'containers.conf'), config)
  const own = ['root', 'runroot', 'tmpdir'].flatMap((name) => [`--${name}`, path.join(dir, name)])
  const how = ['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file']
  const args = [...own, ...how, '--runtime', 'runc', 'system', 'service', '--time', '0', `unix://${socket}`]
  const env = { ...process.env, CONTAINERS_CONF: path.join(dir, 'containers.conf') }
  const child = spawn('podman', args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = async () => {
    await stopAll(socket).catch(() => undefined)
    await end(child)
    tidy(dir)
  }
  try {
    const create = await ready(socket, child, dir)
    return { socket, create, ask: (method, path, body) => ask(socket, method, path, body), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** In a network of its own, for the bridges that it makes; dockerd looks at /sys for them. */
const ALONE = `
ip link set lo up
mkdir -p "$0/cgroup" && mount --rbind /sys/fs/cgroup "$0/cgroup" && mount -t sysfs sysfs /sys && mount --rbind "$0/cgroup" /sys/fs/cgroup
exec dockerd "$@"`

/** From 127.0.0.1 into the network of a process: every connection is carried by a program that was started there. */
export async function doorTo(pid: number, port: number): Promise<net.Server> {
  const server = net.createServer((socket) => {
    const args = ['-t', String(pid), '-n', BUSYBOX, 'nc', '127.0.0.1', String(port)]
    const carrier = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'ignore'] })
    socket.pipe(carrier.stdin).on('error', () => socket.destroy())
    carrier.stdout.pipe(socket).on('error', () => carrier.kill())
    socket.on('close', () => carrier.kill())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Docker Engine on a unix socket and by TLS, with state and a network of its own. */
export async function startDocker({ ca, certificate, key }: ServerFiles): Promise<RealDocker> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-docker-'))
  const socket = path.join(dir, 'docker.sock')
  const own = [
    '--data-root',
    path.join(dir, 'data'),
    '--exec-root',
    path.join(dir, 'exec'),
    '-p',
    path.join(dir, 'pid'),
  ]
  const tls = ['--tlsverify', '--tlscacert', ca, '--tlscert', certificate, '--tlskey', key]
  const listen = ['-H', `unix://${socket}`, '-H', 'tcp://127.0.0.1:2376', ...tls]
  const args = ['--iptables=false', '--exec-opt', 'native.cgroupdriver=cgroupfs', ...own, ...listen]
  const apart = ['-n', '-m', '--propagation', 'private', 'sh', '-c', ALONE, dir]
  const child = spawn('unshare', [...apart, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let door: net.Server | undefined
  const stop = async () => {
    door?.close()
    await stopAll(socket).catch(() => undefined)
    await end(child)
    tidy(dir)
  }
  try {
    const create = await ready(socket, child, dir)
    door = await doorTo(child.pid ?? 0, 2376)
    const { port } = door.address() as AddressInfo
    return { socket, port, create, ask: (method, path, body) => ask(socket, method, path, body), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
