import fs from 'node:fs'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { isSameProcess, processStamp, writeOwned } from '@/server/platform/postgres/processes'

/** Notes in `dir` that this process uses the cluster. Call under the cluster's lock. */
export function takeSeat(dir: string): { leave(): void } {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = path.join(dir, `${process.pid}-${randomBytes(4).toString('hex')}`)
  writeOwned(file, processStamp(process.pid))
  return { leave: () => fs.rmSync(file, { force: true }) }
}

/** How many live users the cluster has; notes of processes that died are removed. Call under the cluster's lock. */
export function countSeats(dir: string): number {
  const names = fs.existsSync(dir) ? fs.readdirSync(dir) : []
  return names.filter((name) => {
    const file = path.join(dir, name)
    if (isSameProcess(Number.parseInt(name, 10), fs.readFileSync(file, 'utf8'))) return true
    fs.rmSync(file, { force: true })
    return false
  }).length
}
