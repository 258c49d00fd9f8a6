import fs from 'node:fs'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSameProcess, processStamp, writeOwned } from '@/server/platform/postgres/processes'

const POLL_MS = 40
const STEAL_STALE_MS = 10_000

/**
 * Runs `work` while holding a lock file that works between processes. A holder that died is noticed by its process id
 * and start time, and its lock taken over.
 * @param timeoutMs how long to wait for the holder
 * @throws when the lock is still held after that time, and whatever `work` throws
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>, timeoutMs = 120_000): Promise<T> {
  const owner = JSON.stringify({
    pid: process.pid,
    stamp: processStamp(process.pid),
    key: randomBytes(6).toString('hex'),
  })
  const deadline = Date.now() + timeoutMs
  while (!claim(file, owner)) {
    dropIfDead(file)
    if (Date.now() > deadline)
      throw new Error(`Another process has held ${file} for ${timeoutMs / 1000} seconds`)
    await sleep(POLL_MS)
  }
  try {
    return await work()
  } finally {
    if (read(file) === owner) fs.rmSync(file, { force: true })
  }
}

/** The lock appears whole, with its owner inside, or not at all. */
function claim(file: string, owner: string): boolean {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeOwned(draft, owner)
  try {
    fs.linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    fs.rmSync(draft, { force: true })
  }
}

/** Only one process at a time may remove a dead holder's lock: else the second would remove the first one's new lock. */
function dropIfDead(file: string): void {
  if (!holderIsDead(file)) return
  const steal = `${file}.steal`
  if (!claim(steal, String(process.pid))) {
    if (Date.now() - (fs.statSync(steal, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > STEAL_STALE_MS) {
      fs.rmSync(steal, { force: true })
    }
    return
  }
  try {
    if (holderIsDead(file)) fs.rmSync(file, { force: true })
  } finally {
    fs.rmSync(steal, { force: true })
  }
}

function holderIsDead(file: string): boolean {
  const text = read(file)
  if (text === undefined) return false
  const { pid, stamp } = parseOwner(text)
  return !isSameProcess(pid, stamp)
}

function parseOwner(text: string): { pid: number; stamp: string } {
  try {
    return JSON.parse(text) as { pid: number; stamp: string }
  } catch {
    return { pid: 0, stamp: 'damaged' }
  }
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
