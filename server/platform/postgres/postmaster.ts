import fs from 'node:fs'
import path from 'node:path'
import { commandLine, isRunning } from '@/server/platform/postgres/processes'

/** What postmaster.pid says about a server that runs, starts or stops. */
export type Postmaster = { pid: number; port: number; status: string }

/**
 * The live server of a cluster, by its postmaster.pid; undefined when there is none. A file left behind does not
 * count: its process is gone, or a zombie, or by now an unrelated one under the same id (a restarted container).
 */
export function findPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[]
  try {
    lines = fs.readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const pid = Number.parseInt(lines[0] ?? '', 10)
  if (!(pid > 0) || !isRunning(pid)) return undefined
  const command = commandLine(pid)
  if (command !== undefined && !command.includes(cluster)) return undefined
  return { pid, port: Number.parseInt(lines[3] ?? '', 10), status: (lines[7] ?? '').trim() }
}

/**
 * Removes a postmaster.pid that no live server owns. PostgreSQL does so too, but not while the old process id is taken
 * by another process or a zombie. Orphaned backends still keep a new server out, through the shared memory they hold.
 */
export function removeStalePidFile(cluster: string): void {
  if (!findPostmaster(cluster)) fs.rmSync(path.join(cluster, 'postmaster.pid'), { force: true })
}
