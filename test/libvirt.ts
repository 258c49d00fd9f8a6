import { spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeAuthority, makeCertificate } from '@/test/certificates'
import { ensureDebian } from '@/test/debian'
import { freePort } from '@/test/free-port'

export const PROGRAM = '/usr/sbin/libvirtd'
const VIRSH = '/usr/bin/virsh'

/** Whether libvirt's daemon is here and may run (as root), or can be brought from Debian: 12 MB. @throws see ensureDebian */
export function ensureLibvirt(): boolean {
  if (process.platform !== 'linux') return false
  const isHere = () => [PROGRAM, VIRSH, '/usr/bin/openssl'].every((file) => fs.existsSync(file))
  const packages = ['libvirt-daemon', 'libvirt-clients', 'openssl']
  return ensureDebian(isHere, packages) && process.getuid?.() === 0
}

export interface Libvirt {
  socket: string
  /** Through which one may only read. */
  readOnlySocket: string
  /** On 127.0.0.1, with TLS and a certificate asked of clients. */
  port: number
  /** Of its certificate: SHA-256 in lower-case hex. */
  fingerprint: string
  /** Pairs that its authority, and that another one, signed. */
  client: { certificate: string; key: string }
  stranger: { certificate: string; key: string }
  /** As libvirt's own client, one line for each argument list. @throws Error in its words */
  virsh: (...commands: string[]) => string
  /** A domain by its XML, not started. */
  define: (xml: string) => void
  stop: () => Promise<void>
}

const configOf = (dir: string, port: number) => `
unix_sock_dir = "${dir}"
auth_unix_ro = "none"
auth_unix_rw = "none"
listen_tls = 1
listen_tcp = 0
listen_addr = "127.0.0.1"
tls_port = "${port}"
auth_tls = "none"
ca_file = "${dir}/ca.pem"
cert_file = "${dir}/server.pem"
key_file = "${dir}/server.key"
`

/** How a daemon is started: for which hypervisor, and by which wrapper. */
interface Start {
  uri: string
  /** The program and its first arguments; libvirtd's own follow. */
  command: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Its network is its own: only its socket is reached from here. */
  isApart?: true
}

/** Starts a daemon of libvirt's without any driver but its mock hypervisor `test:///default`. */
export function startLibvirt(): Promise<Libvirt> {
  const dir = makeDirectory()
  const drivers = path.join(dir, 'drivers')
  fs.mkdirSync(drivers)
  return startIn(dir, {
    uri: 'test:///default',
    command: [PROGRAM],
    env: { ...process.env, LIBVIRT_DRIVER_DIR: drivers },
  })
}

/** For a daemon and its certificates; `stop` removes it. */
export const makeDirectory = () => fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-libvirt-'))

/** Starts a daemon in a directory of its own. @throws Error with what it said */
export async function startIn(
  dir: string,
  { uri, command, env = process.env, isApart }: Start,
): Promise<Libvirt> {
  for (const name of ['ca', 'other']) makeAuthority(dir, name)
  makeCertificate(dir, 'ca', 'server')
  makeCertificate(dir, 'ca', 'client')
  makeCertificate(dir, 'other', 'stranger')
  const port = await freePort()
  const socket = path.join(dir, 'libvirt-sock')
  fs.writeFileSync(path.join(dir, 'libvirtd.conf'), configOf(dir, port))
  const [program = PROGRAM, ...first] = command
  const args = [...first, '--listen', '-f', path.join(dir, 'libvirtd.conf'), '-p', path.join(dir, 'pid')]
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-5000)))
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await Promise.race([exit, sleep(10_000).then(() => child.kill('SIGKILL'))])
    fs.rmSync(dir, { recursive: true, force: true })
  }
  for (
    let tries = 0;
    !((await listens({ path: socket })) && (isApart || (await listens({ port }))));
    tries++, await sleep(50)
  )
    if (tries > 400 || child.exitCode !== null) {
      await stop()
      throw new Error(`libvirtd did not start: ${said}`)
    }
  const text = (name: string) => fs.readFileSync(path.join(dir, name), 'utf8')
  const pair = (name: string) => ({ certificate: text(`${name}.pem`), key: text(`${name}.key`) })
  const virsh = virshTo(uri.replace('://', '+unix://') + `?socket=${socket}`)
  return {
    socket,
    readOnlySocket: `${socket}-ro`,
    port,
    fingerprint: new X509Certificate(text('server.pem')).fingerprint256.replaceAll(':', '').toLowerCase(),
    client: pair('client'),
    stranger: pair('stranger'),
    virsh,
    define: (xml) => {
      fs.writeFileSync(path.join(dir, 'domain.xml'), xml)
      virsh(`define ${path.join(dir, 'domain.xml')}`)
    },
    stop,
  }
}

const virshTo =
  (uri: string) =>
  (...commands: string[]): string => {
    const { status, stdout, stderr } = spawnSync(VIRSH, ['-q', '-c', uri, commands.join('; ')], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`virsh ${commands.join('; ')}: ${stderr}`)
    return stdout
  }

function listens(to: { path: string } | { port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', ...to } as net.NetConnectOpts)
    socket.once('connect', () => socket.destroy() && resolve(true))
    socket.once('error', () => resolve(false))
  })
}
