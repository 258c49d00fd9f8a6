import fs from 'node:fs'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { childEnv } from '@/server/platform/env'

/**
 * How to run PostgreSQL, which refuses to run as root. `reachAll` = let it pass folders it has no right to pass
 * (a data directory under /root) by a capability of its own, instead of opening those folders to everybody.
 */
export type RunAs = { uid: number; gid: number; reachAll: boolean }

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv']

/**
 * Whom to run PostgreSQL as: undefined = as this process. As root: the owner of the cluster if it exists, else the
 * OS user postgres, else nobody.
 * @throws when the cluster belongs to another user and this process is not root
 */
export function chooseUser(cluster: string): Omit<RunAs, 'reachAll'> | undefined {
  if (!process.getuid) return undefined
  const owner = fs.statSync(cluster, { throwIfNoEntry: false })
  if (process.getuid() !== 0) {
    if (owner && owner.uid !== process.getuid()) {
      throw new Error(
        `${cluster} belongs to another user of this machine: start Freehold as that user, or as root`,
      )
    }
    return undefined
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const accounts = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const account =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody')
  return account ? { uid: Number(account[2]), gid: Number(account[3]) } : { uid: 65534, gid: 65534 }
}

/** Whether a user may pass all folders down to `target`. Knows modes only; an access list that allows more is ignored. */
export function canReach(user: { uid: number; gid: number }, target: string): boolean {
  for (let dir = fs.realpathSync(target); ; dir = path.dirname(dir)) {
    const { uid, gid, mode } = fs.statSync(dir)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if (!(mode & bit)) return false
    if (dir === path.dirname(dir)) return true
  }
}

/** The capability by which a child of root may pass any folder: `dac_read_search`, else `dac_override`, if there is one. */
export function reachCapability(): string | undefined {
  if (process.platform !== 'linux' || !SETPRIV.some((file) => fs.existsSync(file))) return undefined
  const own = /^CapEff:\s*([0-9a-f]+)/m.exec(fs.readFileSync('/proc/self/status', 'latin1'))
  const bits = Number.parseInt(own?.[1]?.slice(-2) ?? '0', 16)
  return bits & 4 ? 'dac_read_search' : bits & 2 ? 'dac_override' : undefined
}

/** Starts a program as the given user, from the root folder, with next to no environment. */
export function spawnAs(
  user: RunAs | undefined,
  file: string,
  args: string[],
  log: number | 'pipe',
  detached = false,
) {
  const stdio = ['ignore', log, log] as ('ignore' | 'pipe' | number)[]
  const options = { stdio, env: childEnv(), cwd: path.parse(file).root, detached, windowsHide: true }
  if (!user) return spawn(file, args, options)
  if (!user.reachAll) return spawn(file, args, { ...options, uid: user.uid, gid: user.gid })
  const cap = `+${reachCapability()}`
  const who = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  const setpriv = SETPRIV.find((candidate) => fs.existsSync(candidate)) ?? 'setpriv'
  // Without the securebit, access(2) would ignore the capability, and initdb asks by it whether it may run postgres.
  const how = [`--inh-caps=${cap}`, `--ambient-caps=${cap}`, '--securebits=+no_setuid_fixup']
  return spawn(setpriv, [...who, ...how, file, ...args], options)
}

/** Runs a program to its end. @returns its exit code and everything it printed */
export async function runAs(
  user: RunAs | undefined,
  file: string,
  args: string[],
): Promise<{ code: number; output: string }> {
  const child = spawnAs(user, file, args, 'pipe')
  let output = ''
  child.stdout?.on('data', (chunk) => (output += String(chunk)))
  child.stderr?.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output: output.trim() }))
  })
}
