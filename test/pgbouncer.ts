import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseUser } from '@/server/platform/postgres/os-user'
import { withClient } from '@/test/databases'
import { freePort } from '@/test/free-port'

const PROGRAM = '/usr/sbin/pgbouncer'

/** Whether PgBouncer is installed here (Debian: `apt-get install pgbouncer`). */
export const hasPgBouncer = (): boolean => fs.existsSync(PROGRAM)

export interface PgBouncer {
  /** The address of the database by way of PgBouncer. */
  url: string
  stop: () => Promise<void>
}

/**
 * Starts PgBouncer in transaction mode before a database. It knows the logins by their SCRAM verifiers only, as
 * docs/operations.md says: whoever can sign in to it is signed in to PostgreSQL with the same keys.
 * @param adminUrl direct address of a superuser, who may read the verifiers
 * @param poolSize server connections per login
 */
export async function startPgBouncer(
  adminUrl: string,
  logins: string[],
  poolSize: number,
): Promise<PgBouncer> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-pgbouncer-'))
  const target = new URL(adminUrl)
  const { rows } = await withClient(adminUrl, (client) =>
    client.query<{ line: string }>(
      `select format('"%s" "%s"', rolname, rolpassword) as line from pg_authid where rolname = any ($1)`,
      [logins],
    ),
  )
  const port = await freePort()
  fs.writeFileSync(path.join(dir, 'users.txt'), rows.map(({ line }) => `${line}\n`).join(''), { mode: 0o600 })
  fs.writeFileSync(
    path.join(dir, 'pgbouncer.ini'),
    `[databases]
* = host=${target.hostname} port=${target.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${dir}/users.txt
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
logfile = ${dir}/log
`,
    { mode: 0o600 },
  )
  const user = chooseUser(path.join(dir, 'absent')) // it refuses to run as root
  if (user)
    for (const name of ['', 'users.txt', 'pgbouncer.ini'])
      fs.chownSync(path.join(dir, name), user.uid, user.gid)
  const child = spawn(PROGRAM, [path.join(dir, 'pgbouncer.ini')], { ...user, cwd: '/', stdio: 'ignore' })
  const exit = new Promise((resolve) => child.once('exit', resolve))
  await answering(port, () => fs.readFileSync(path.join(dir, 'log'), 'utf8'))
  const url = new URL(adminUrl)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return {
    url: url.href,
    stop: async () => {
      child.kill('SIGQUIT')
      await exit
      fs.rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function answering(port: number, words: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries++, await sleep(100)) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (open) return
  }
  throw new Error(`PgBouncer did not start: ${words()}`)
}
