import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

function linuxStat(pid: number): { state: string; started: string } | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', started: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

/** Tells a process apart from a later one that got the same id: boot and start time on Linux, empty elsewhere. */
export function processStamp(pid: number): string {
  if (process.platform !== 'linux') return ''
  const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return `${boot}:${linuxStat(pid)?.started ?? ''}`
}

/** True while the process runs; false for one that is gone and for a zombie that nobody has reaped. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return process.platform !== 'linux' || !['Z', 'X', ''].includes(linuxStat(pid)?.state ?? '')
}

/** True when the process runs and is the very one that the stamp was taken of. */
export function isSameProcess(pid: number, stamp: string): boolean {
  return isRunning(pid) && processStamp(pid) === stamp
}

/** The command line of a process, its words joined by spaces; undefined where the system does not tell. */
export function commandLine(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    }
    if (process.platform === 'win32') return undefined
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return undefined
  }
}

/**
 * Writes a small file that others may not read. As root it goes to the owner of its folder, so that a normal user's
 * processes and root's can share a data directory.
 */
export function writeOwned(file: string, text: string): void {
  fs.writeFileSync(file, text, { mode: 0o600 })
  const { uid, gid } = fs.statSync(path.dirname(file))
  if (process.getuid?.() === 0 && uid !== 0) fs.chownSync(file, uid, gid)
}
