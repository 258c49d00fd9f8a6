import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { copyBinaries, findBinaries, hydrateLinks, type Binaries } from '@/server/platform/postgres/binaries'
import { canReach, chooseUser, reachCapability, type RunAs } from '@/server/platform/postgres/os-user'

/** Where things of the embedded server are: the cluster itself, and a folder for its lock, users, port and log. */
export type Layout = { cluster: string; lock: string; seats: string; port: string; log: string; home: string }

/** Folders of one DATA_DIR; makes them. */
export function layoutOf(dataDir: string): Layout {
  fs.mkdirSync(dataDir, { recursive: true })
  const home = fs.realpathSync(dataDir)
  const run = path.join(home, 'postgres-run')
  fs.mkdirSync(run, { recursive: true, mode: 0o700 })
  const at = (name: string) => path.join(run, name)
  return {
    home,
    cluster: path.join(home, 'postgres'),
    lock: at('lock'),
    seats: at('users'),
    port: at('port'),
    log: at('log'),
  }
}

/**
 * Picks the OS user and the binaries it can run, copying these into DATA_DIR when they lie where it may not go.
 * @throws when that user can reach neither and the system offers no way
 */
export function prepare(layout: Layout): { user: RunAs | undefined; binaries: Binaries } {
  const own = findBinaries()
  const account = chooseUser(layout.cluster)
  const linked = hydrateLinks(own.dir)
  if (!account) return { user: undefined, binaries: linked ? own : copyBinaries(own, layout.home) }
  if (canReach(account, layout.home)) {
    const inPlace = linked && canReach(account, path.join(own.dir, 'bin'))
    return { user: { ...account, reachAll: false }, binaries: inPlace ? own : copyBinaries(own, layout.home) }
  }
  if (!reachCapability()) {
    throw new Error(
      `PostgreSQL runs as another OS user than root, and that user cannot reach ${layout.home}: set DATA_DIR to a folder such as /var/lib/freehold`,
    )
  }
  return { user: { ...account, reachAll: true }, binaries: linked ? own : copyBinaries(own, layout.home) }
}

/** A port of 127.0.0.1 to start on: the remembered one while it is free, so that open tools keep working. */
export async function pickPort(layout: Layout, avoid?: number): Promise<number> {
  const text = fs.existsSync(layout.port) ? fs.readFileSync(layout.port, 'utf8') : ''
  const remembered = Number.parseInt(text, 10)
  if (remembered > 0 && remembered !== avoid && (await tryListen(remembered))) return remembered
  const port = await tryListen(0)
  if (!port) throw new Error('No free port on 127.0.0.1 for the embedded PostgreSQL')
  return port
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.on('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const { port: bound } = server.address() as net.AddressInfo
      server.close(() => resolve(bound))
    })
  })
}
