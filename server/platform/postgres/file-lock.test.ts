import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withFileLock } from '@/server/platform/postgres/file-lock'
import { countSeats, takeSeat } from '@/server/platform/postgres/seats'

let dir: string
let lock: string
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fh-lock-'))
  lock = path.join(dir, 'lock')
})
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }))

it('lets one in at a time and leaves nothing behind', async () => {
  let inside = 0
  const visit = () =>
    withFileLock(lock, async () => {
      expect(++inside).toBe(1)
      await sleep(5)
      inside--
    })
  await Promise.all([visit(), visit(), visit(), visit(), visit()])
  await expect(withFileLock(lock, () => Promise.reject(new Error('work failed')))).rejects.toThrow(
    'work failed',
  )
  expect(fs.readdirSync(dir)).toEqual([])
})

it('takes over from a holder that died, also when its process id is in use again', async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  for (const pid of [gone, process.pid]) {
    fs.writeFileSync(lock, JSON.stringify({ pid, stamp: 'of another process', key: 'x' }))
    const results = await Promise.all([1, 2, 3].map((n) => withFileLock(lock, async () => n)))
    expect(results).toEqual([1, 2, 3])
  }
})

it('gives up on a live holder after the time it was given', async () => {
  await withFileLock(lock, async () => {
    await expect(withFileLock(lock, async () => 1, 100)).rejects.toThrow(/has held/)
  })
})

it('counts live users only', () => {
  const seats = path.join(dir, 'users')
  const seat = takeSeat(seats)
  fs.writeFileSync(path.join(seats, '999999999-dead'), 'stamp')
  expect(countSeats(seats)).toBe(1)
  seat.leave()
  expect(countSeats(seats)).toBe(0)
})
