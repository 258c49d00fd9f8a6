import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './run'

/** Every file below a folder, or the file itself; nothing if it does not exist. Sorted, relative to the root. */
function list(entry: string): string[] {
  const full = path.join(ROOT, entry)
  const found = fs.statSync(full, { throwIfNoEntry: false })
  if (!found) return []
  if (found.isFile()) return [entry]
  const names = fs.readdirSync(full).sort()
  return names.flatMap((name) => list(path.posix.join(entry, name)))
}

/**
 * One hash over the names and the contents of files and folders.
 * @param entries files and folders, relative to the root; missing ones are left out
 * @param skip files that do not count
 */
export function hashTree(entries: string[], skip: RegExp = /^$/): string {
  const hash = createHash('sha256')
  for (const file of entries.flatMap(list)) {
    if (skip.test(file)) continue
    const content = fs.readFileSync(path.join(ROOT, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** What an earlier run noted in `file`, or '' */
export function readStamp(file: string): string {
  try {
    return fs.readFileSync(path.join(ROOT, file), 'utf8')
  } catch {
    return ''
  }
}

/** Notes that the work for `hash` is done. Written last, so that a run cut short is done again. */
export function writeStamp(file: string, hash: string): void {
  const full = path.join(ROOT, file)
  fs.mkdirSync(path.dirname(full), { recursive: true })
  fs.writeFileSync(full, hash)
}
