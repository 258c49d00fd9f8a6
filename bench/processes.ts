import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from '../scripts/lib/run'
import { SERVER } from '../scripts/lib/serve'

/** Clock ticks of /proc/<pid>/stat: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10

/** CPU time that a process has used so far, in milliseconds; with `children`, that of its direct children instead. 0 without /proc. */
export function cpuMs(pid: number, children = false): number {
  if (!fs.existsSync('/proc/self/stat')) return 0
  if (!children) return statOf(pid)?.cpu ?? 0
  const all = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return all.map(Number).reduce((sum, each) => {
    const stat = statOf(each)
    return stat?.parent === pid ? sum + stat.cpu : sum
  }, 0)
}

function statOf(pid: number): { parent: number; cpu: number } | null {
  try {
    // The second field is the name in brackets and may hold blanks: count from behind it.
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return { parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) * TICK_MS }
  } catch {
    return null // it ended meanwhile
  }
}

/** Resident memory of a process in MB; 0 without /proc. */
export function rssMb(pid: number): number {
  try {
    const kb = /^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Math.round(Number(kb ?? 0) / 1024)
  } catch {
    return 0
  }
}

/** A server that was started for the benchmark and answers by now. */
export interface Started {
  pid: number
  url: string
  /** Milliseconds from spawn to the first good answer. */
  startedIn: number
  stop: () => Promise<void>
}

/**
 * Starts a Node program and waits until `ready` answers 200. Its output is dropped, but for errors.
 * @throws Error when it ends or is not ready within `patience` milliseconds
 */
export async function startServer(
  script: string,
  env: Record<string, string>,
  url: string,
  ready: string,
  patience = 120_000,
): Promise<Started> {
  const began = performance.now()
  const child = spawn(process.execPath, [...SERVER.args, script], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...SERVER.env, ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
  })
  const stop = () => stopChild(child)
  const emergency = () => child.kill('SIGKILL')
  process.once('exit', emergency)
  child.once('exit', () => process.removeListener('exit', emergency))
  while (performance.now() - began < patience) {
    if (child.exitCode !== null) throw new Error(`${path.basename(script)} ended with ${child.exitCode}`)
    const answer = await fetch(url + ready, { signal: AbortSignal.timeout(5000) }).catch(() => null)
    await answer?.arrayBuffer().catch(() => null)
    if (answer?.ok) return { pid: child.pid ?? 0, url, startedIn: performance.now() - began, stop }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await stop()
  throw new Error(`${path.basename(script)} was not ready within ${patience / 1000} s`)
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(hard)
}
