import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startEmbedded } from '@/server/platform/postgres/embedded'
import { chooseUser } from '@/server/platform/postgres/os-user'
import { freePort } from '@/test/free-port'

export type LocalPostgres = { adminUrl: string; stop(): void }

/** Where Debian installs a major version's programs; undefined when it is not installed. */
export function localPostgres(major: number): string | undefined {
  const bin = `/usr/lib/postgresql/${major}/bin`
  return fs.existsSync(bin) ? bin : undefined
}

/** Starts a throw-away server of an installed PostgreSQL on a free port of 127.0.0.1. */
export async function startLocalPostgres(bin: string): Promise<LocalPostgres> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-local-pg-'))
  const user = chooseUser(dir)
  if (user) fs.chownSync(dir, user.uid, user.gid)
  const run = (name: string, ...args: string[]) =>
    execFileSync(path.join(bin, name), ['-D', dir, ...args], { ...user, cwd: '/', stdio: 'ignore' })
  run('initdb', '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C', '--no-sync')
  const port = await freePort()
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`
  run('pg_ctl', '-w', '-l', path.join(dir, 'server.log'), '-o', options, 'start')
  return {
    adminUrl: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    stop() {
      run('pg_ctl', '-w', '-m', 'immediate', 'stop')
      fs.rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Starts an embedded server of the test's own, for what would disturb the one that all tests share. */
export async function startSpareServer(): Promise<{ adminUrl: string; stop(): Promise<void> }> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-test-'))
  fs.chmodSync(dir, 0o711)
  const server = await startEmbedded({ dataDir: dir, secret: 'spare', settings: { fsync: 'off' } })
  return {
    adminUrl: server.url('postgres'),
    async stop() {
      await server.close()
      fs.rmSync(dir, { recursive: true, force: true })
    },
  }
}
