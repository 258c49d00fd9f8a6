import { randomBytes } from 'node:crypto'
import { spawn, spawnSync, type SpawnOptionsWithoutStdio } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentReport } from '@/lib/agent-report'
import { renderAgentScript, renderInstallScript } from './render'

const ownRun = randomBytes(8).toString('hex')
// Of this test file alone: one that looks through all processes must not find another file's, run beside it.
export const TOKEN = `fhe_SecretEnrolmentToken${ownRun}`
export const CREDENTIAL = `fha_SecretCredential${ownRun}`
export const HOST_ID = '7d3f1c5e-0000-4000-8000-000000000001'

export interface Call {
  path: string
  secret: string
  type: string
  text: string
  /** As sent: whether it is one, the schema tells. */
  body: AgentReport
}
export type Reply = { status: number; text: string; headers?: Record<string, string> }

/** The far side: takes enrolments and reports as the server will; a test replaces `answer`. */
export class FarSide {
  readonly calls: Call[] = []
  /** What it hands out as the agent's script. */
  script = ''
  answer: (call: Call) => Reply | undefined | Promise<Reply | undefined> = () => undefined
  constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<FarSide> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if (request.method === 'GET') return void response.end(far.script)
        const secret = (request.headers.authorization ?? '').replace(/^Bearer /, '')
        const path = request.url ?? ''
        const call = {
          path,
          secret,
          type: request.headers['content-type'] ?? '',
          text,
          body: JSON.parse(text) as AgentReport,
        }
        far.calls.push(call)
        void Promise.resolve(far.answer(call)).then((given) => {
          const reply = given ?? far.usual(call)
          response.writeHead(reply.status, { 'content-type': 'text/plain', ...reply.headers }).end(reply.text)
        })
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const far = new FarSide(server, `http://acme.localhost:${(server.address() as AddressInfo).port}`)
    return far
  }

  usual(call: Call): Reply {
    if (!call.path.endsWith('/enrol')) return { status: 200, text: 'interval 1\n' }
    if (call.secret !== TOKEN) return { status: 401, text: 'error token_unknown This token is not known.\n' }
    return { status: 201, text: `host ${HOST_ID}\ncredential ${CREDENTIAL}\ninterval 1\n` }
  }

  to(end: string): Call[] {
    return this.calls.filter((call) => call.path.endsWith(end))
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}

export interface Outcome {
  code: number | null
  out: string
  err: string
  pid: number
}

/** A machine to install on: a state directory and a PATH of its own, where a test can put commands that lie. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'fh-agent-'))
  readonly dir = join(this.root, 'state')
  readonly fakes = join(this.root, 'fakes')
  readonly bin = join(this.dir, 'freehold-agent')
  env: Record<string, string>

  constructor(readonly shell: string[] = ['dash']) {
    mkdirSync(this.fakes)
    // What is installed here takes seconds to ask, and differs from machine to machine.
    this.fake('apt-get', `echo 'Inst openssl [3.0.1-1] (3.0.2-1 Debian:12/stable [amd64])'`)
    this.fake(
      'dpkg-query',
      `case $* in *Architecture*) printf amd64;; *) printf 'ii \\tbash\\t5.2-1\\nii \\tlibc6:amd64\\t2.36-9\\nrc \\told\\t1\\nii \\topenssl\\t3.0.1-1\\n';; esac`,
    )
    const applets = shell[0] === 'busybox' ? this.busybox() + ':' : ''
    this.env = {
      PATH: `${this.fakes}:${applets}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      HOME: join(this.root, 'home'),
      FREEHOLD_DIR: this.dir,
      FREEHOLD_SERVICE: 'none',
    }
  }

  /** A directory with every applet of busybox, to be found before the coreutils. */
  private busybox(): string {
    const applets = join(this.root, 'applets')
    mkdirSync(applets)
    const path = spawnSync('sh', ['-c', 'command -v busybox']).stdout.toString().trim()
    for (const name of spawnSync('busybox', ['--list']).stdout.toString().split('\n')) {
      if (name && name !== 'busybox' && !name.includes('/')) symlinkSync(path, join(applets, name))
    }
    return applets
  }

  fake(name: string, script: string): void {
    writeFileSync(join(this.fakes, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(this.fakes, name), 0o755)
  }

  /** Runs the shell on a script given on stdin, or on a file with arguments; at most 40 s. */
  run(args: string[], input: string | Buffer = '', env: Record<string, string> = {}): Promise<Outcome> {
    const [command, ...first] = this.shell as [string, ...string[]]
    // Next declares NODE_ENV a must of every environment; these commands have none.
    const environment = { ...this.env, ...env } as unknown as NodeJS.ProcessEnv
    const options: SpawnOptionsWithoutStdio = { env: environment, cwd: this.root, timeout: 40_000 }
    const child = spawn(command, [...first, ...args], options)
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    return new Promise((done) => child.on('close', (code) => done({ code, out, err, pid: child.pid ?? 0 })))
  }

  /** As people do: curl … | FREEHOLD_TOKEN=… sh */
  install(origin: string, token = TOKEN, env: Record<string, string> = {}): Promise<Outcome> {
    return this.run([], renderInstallScript(origin), { FREEHOLD_TOKEN: token, ...env })
  }

  agent(...args: string[]): Promise<Outcome> {
    return this.run([this.bin, ...args])
  }

  /** The facts as the script prints them, without installing it. */
  async facts(env: Record<string, string> = {}): Promise<string> {
    const script = join(this.root, 'agent.sh')
    writeFileSync(script, renderAgentScript())
    const { code, out, err } = await this.run([script, 'facts'], '', env)
    if (code !== 0 || err !== '') throw new Error(`facts: ${code} ${err}`)
    return out
  }

  state(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8').trim()
  }

  /** The pid that holds the lock. */
  lockPid(): number | undefined {
    try {
      return Number(readlinkSync(join(this.dir, 'lock')).split('_')[0])
    } catch {
      return undefined
    }
  }

  remove(): void {
    const pid = this.lockPid()
    if (pid !== undefined && pid > 1) {
      for (const target of [-pid, pid]) {
        try {
          process.kill(target, 'SIGKILL')
        } catch {
          // already gone
        }
      }
    }
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Waits until the condition holds; fails after 20 s. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`)
    await new Promise((done) => setTimeout(done, 25))
  }
}

export const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

export const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0

/** Busybox as a rescue shell (Debian's busybox-static) runs its own commands before any that a test puts into PATH. */
const isStandalone = spawnSync('busybox', ['sh', '-c', 'PATH=/nonexistent; ls /']).status === 0
/** Whether commands that lie are seen by this shell. */
export const takesFakes = ([name]: readonly string[]) => name !== 'busybox' || !isStandalone

/** The argv and environment of each process of the machine, as anyone who may look sees them. */
export function processes(): { pid: number; argv: string; environ: string }[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      argv: read(`/proc/${name}/cmdline`),
      environ: read(`/proc/${name}/environ`),
    }))
}
