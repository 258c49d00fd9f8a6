import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copyBinaries, findBinaries, hydrateLinks } from '@/server/platform/postgres/binaries'
import { startEmbedded, type EmbeddedServer } from '@/server/platform/postgres/embedded'
import { findPostmaster } from '@/server/platform/postgres/postmaster'
import { isRunning } from '@/server/platform/postgres/processes'
import { withClient } from '@/test/databases'

const SECRET = 'the secret of the embedded tests'
const isRoot = process.getuid?.() === 0
const NOBODY = 65534

let base: string
let dataDir: string
let open: EmbeddedServer[]
let children: ChildProcess[]

beforeEach(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-test-'))
  fs.chmodSync(base, 0o755)
  dataDir = path.join(base, 'data')
  open = []
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const server of open) await server.close()
  for (const dir of [dataDir, path.join(base, 'two')]) {
    const left = findPostmaster(path.join(dir, 'postgres'))
    if (left) process.kill(left.pid, 'SIGKILL')
  }
  fs.rmSync(base, { recursive: true, force: true, maxRetries: 10 })
})

const cluster = () => path.join(dataDir, 'postgres')
const postmaster = () => findPostmaster(cluster())

async function start(dir = dataDir, secret = SECRET): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir: dir, secret, settings: { fsync: 'off' } })
  open.push(server)
  return server
}

/** Another process on the same data directory. `said` is its first line. */
function startElsewhere(
  secret = SECRET,
  ids?: { uid: number; gid: number },
): { child: ChildProcess; said: Promise<string> } {
  const args = ['--import', 'tsx', 'server/platform/postgres/embedded.fixture.ts', dataDir, secret]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], ...ids })
  children.push(child)
  const said = new Promise<string>((resolve) =>
    child.stdout?.once('data', (chunk) => resolve(String(chunk).trim())),
  )
  return { child, said }
}

const ended = (child: ChildProcess) => new Promise<void>((resolve) => child.once('close', () => resolve()))

const query = (server: EmbeddedServer, sql: string) =>
  withClient(
    server.url('postgres'),
    async (client) => (await client.query<Record<string, unknown>>(sql)).rows,
  )

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition() && Date.now() < deadline;) await sleep(20)
  expect(condition()).toBe(true)
}

describe('startEmbedded', { timeout: 60_000 }, () => {
  it('makes a cluster that is not run by root, listens on 127.0.0.1 only, and keeps its port and rows', async () => {
    const first = await start()
    const pid = postmaster()?.pid ?? 0
    expect(fs.statSync(`/proc/${pid}`).uid).not.toBe(0)
    expect(fs.statSync(cluster()).mode & 0o777).toBe(0o700)
    const [settings] = await query(
      first,
      `select current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets,
              current_setting('client_connection_check_interval') as alive, current_setting('max_connections') as connections,
              current_setting('server_version_num')::int / 10000 as major, datlocprovider, datlocale
         from pg_database where datname = 'postgres'`,
    )
    expect(settings).toEqual({
      listen: '127.0.0.1',
      sockets: '',
      alive: '2s',
      connections: '200',
      major: 18,
      datlocprovider: 'b',
      datlocale: 'C.UTF-8',
    })
    await query(first, 'create table t as select 7 as n')
    await first.close()
    expect(isRunning(pid)).toBe(false)
    const second = await start()
    expect(second.port).toBe(first.port)
    expect(await query(second, 'select n from t')).toEqual([{ n: 7 }])
  })

  it('asks for the password, and says so when the secret is another one', async () => {
    const server = await start()
    const address = new URL(server.url('postgres'))
    address.password = 'guess'
    await expect(withClient(address.href, async () => {})).rejects.toMatchObject({ code: '28P01' })
    await expect(start(dataDir, 'another secret')).rejects.toThrow(
      /^The database in DATA_DIR was made with another secret/,
    )
    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('comes back with its rows after kill -9 of the server', async () => {
    const server = await start()
    await query(server, 'create table t as select 7 as n')
    process.kill(postmaster()?.pid ?? 0, 'SIGKILL')
    await server.close()
    expect(fs.existsSync(path.join(cluster(), 'postmaster.pid'))).toBe(true)
    expect(await query(await start(), 'select n from t')).toEqual([{ n: 7 }])
  })

  it('waits for the backends of a killed server to be gone', async () => {
    const server = await start()
    const busy = query(
      server,
      `do $$ begin perform pg_sleep(0); for i in 1..30000000 loop end loop; end $$`,
    ).catch(() => [])
    await sleep(100)
    process.kill(postmaster()?.pid ?? 0, 'SIGKILL')
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }])
    await busy
  })

  it('is not fooled by a process id that belongs to somebody else by now', async () => {
    await (await start()).close()
    const stale = [process.pid, cluster(), 1, 1, '', '127.0.0.1', '1 1', 'ready']
    fs.writeFileSync(path.join(cluster(), 'postmaster.pid'), stale.join('\n') + '\n')
    if (isRoot)
      fs.chownSync(
        path.join(cluster(), 'postmaster.pid'),
        fs.statSync(cluster()).uid,
        fs.statSync(cluster()).gid,
      )
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('is shared by two processes that start at once; the last to leave stops it', async () => {
    const [a, b] = [startElsewhere(), startElsewhere()]
    const said = await Promise.all([a.said, b.said])
    expect(said[0]).toMatch(/^port \d+$/)
    expect(said[1]).toBe(said[0])
    a.child.stdin?.end()
    await ended(a.child)
    expect(postmaster()?.status).toBe('ready')
    b.child.stdin?.end()
    await ended(b.child)
    expect(postmaster()).toBeUndefined()
  })

  it('goes on when a process is killed, and the next one takes it over', async () => {
    const { child, said } = startElsewhere()
    const port = Number((await said).split(' ')[1])
    const pid = postmaster()?.pid
    child.kill('SIGKILL')
    await ended(child)
    const server = await start()
    expect([server.port, postmaster()?.pid]).toEqual([port, pid])
    await server.close()
    await until(() => postmaster() === undefined)
  })

  it('runs a second copy beside the first', async () => {
    const [one, two] = await Promise.all([start(), start(path.join(base, 'two'))])
    expect(two.port).not.toBe(one.port)
    await one.close()
    expect(await query(two, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('takes another port when its own is occupied, and refuses a fixed one', async () => {
    const first = await start()
    await first.close()
    const other = await startEmbedded({ dataDir: path.join(base, 'two'), secret: SECRET, port: first.port })
    open.push(other)
    expect((await start()).port).not.toBe(first.port)
    const fixed = startEmbedded({ dataDir: path.join(base, 'three'), secret: SECRET, port: first.port })
    await expect(fixed).rejects.toThrow(/^The embedded PostgreSQL did not start: [^\n]*$/)
  })

  it("refuses another major version's cluster, and a folder that holds something else", async () => {
    fs.mkdirSync(cluster(), { recursive: true, mode: 0o700 })
    fs.writeFileSync(path.join(cluster(), 'notes.txt'), 'mine')
    await expect(start()).rejects.toThrow(/holds files but no PostgreSQL cluster/)
    fs.writeFileSync(path.join(cluster(), 'PG_VERSION'), '15\n')
    await expect(start()).rejects.toThrow(
      /^[^\n]*was made by PostgreSQL 15, and this Freehold brings PostgreSQL 18[^\n]*$/,
    )
  })

  it.runIf(isRoot)('works as root when program and data lie where no other user may enter', async () => {
    const repo = process.cwd()
    const own = path.dirname(findBinaries().dir)
    fs.cpSync(own, path.join(base, own.slice(own.lastIndexOf('node_modules'))), { recursive: true })
    fs.chmodSync(base, 0o700)
    process.chdir(base)
    try {
      const server = await start()
      expect(fs.statSync(`/proc/${postmaster()?.pid}`).uid).not.toBe(0)
      expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
      await server.close()
      expect(postmaster()).toBeUndefined()
      // Data where that user may go: the program is copied there, and no capability is needed.
      dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-test-'))
      fs.chmodSync(dataDir, 0o755)
      await (await start()).close()
      expect(fs.readdirSync(dataDir).filter((name) => name.startsWith('postgres-18'))).toHaveLength(1)
    } finally {
      process.chdir(repo)
      if (!dataDir.startsWith(base)) fs.rmSync(dataDir, { recursive: true, force: true })
    }
  })

  it.runIf(isRoot)('works as a normal user, and root joins in', async () => {
    fs.mkdirSync(dataDir)
    fs.chownSync(dataDir, NOBODY, NOBODY)
    const { child, said } = startElsewhere(SECRET, { uid: NOBODY, gid: NOBODY })
    expect(await said).toMatch(/^port \d+$/)
    expect(fs.statSync(cluster()).uid).toBe(NOBODY)
    await start()
    child.stdin?.end()
    await ended(child)
    expect(child.exitCode).toBe(0)
    expect(postmaster()?.status).toBe('ready')
  })
})

describe('the binaries', () => {
  it('get the links that npm ci --ignore-scripts leaves out, and can be copied away', () => {
    const own = findBinaries()
    const bare = path.join(base, 'bare', 'native')
    fs.cpSync(own.dir, bare, { recursive: true, filter: (file) => !fs.lstatSync(file).isSymbolicLink() })
    const links = fs.readdirSync(path.join(own.dir, 'lib'))
    expect(fs.readdirSync(path.join(bare, 'lib')).length).toBeLessThan(links.length)
    const copy = copyBinaries({ ...own, dir: bare }, base)
    expect(fs.readdirSync(path.join(copy.dir, 'lib')).sort()).toEqual(links.sort())
    expect(hydrateLinks(bare)).toBe(true)
    expect(fs.readdirSync(path.join(bare, 'lib')).sort()).toEqual(links.sort())
    expect(copyBinaries(own, base)).toEqual(copy)
  })
})
