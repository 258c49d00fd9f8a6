// Which Chromium the end-to-end tests drive: CHROMIUM_PATH, then one on this machine, then Debian's package where it
// may be installed, then Playwright's own download.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { chromium } from '@playwright/test'
import { bin, run } from './lib/run'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const FIXED = [
  '/usr/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const isRoot = process.getuid?.() === 0

/** Starts, and says what it is. Ubuntu's /usr/bin/chromium-browser, for one, only says that a snap is wanted. */
function works(file: string): boolean {
  if (!fs.existsSync(file)) return false
  return spawnSync(file, ['--version'], { timeout: 20_000, stdio: 'ignore' }).status === 0
}

function onThisMachine(): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)
  const named = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)))
  return [...FIXED, ...named].find(works)
}

/**
 * A Chromium that is here already.
 * @returns its path; undefined means Playwright's own, if that was ever downloaded
 * @throws if CHROMIUM_PATH names something that does not start: a wrong wish is not passed over in silence
 */
export function findChromium(): string | undefined {
  const wish = process.env.CHROMIUM_PATH
  if (wish && !works(wish)) throw new Error(`CHROMIUM_PATH is ${wish}, which does not start`)
  return wish || onThisMachine()
}

async function installDebian(): Promise<boolean> {
  if (!isRoot || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return false
  console.log("Chromium: installing Debian's package")
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']
  await run('apt-get', [...options, 'update'], { quiet: true, env })
  const install = [...options, 'install', '-y', '--no-install-recommends', 'chromium']
  const { code, output } = await run('apt-get', install, { quiet: true, env })
  if (code !== 0) console.log(output)
  return code === 0
}

/**
 * Finds a Chromium or brings one.
 * @returns its path, or undefined for Playwright's own
 * @throws if there is none to be had
 */
export async function ensureChromium(): Promise<string | undefined> {
  const found = findChromium()
  if (found) return found
  if (fs.existsSync(chromium.executablePath())) return undefined
  if (await installDebian()) {
    const installed = onThisMachine()
    if (installed) return installed
  }
  console.log("Chromium: downloading Playwright's own")
  const { code } = await run(bin('playwright'), ['install', 'chromium'])
  if (code !== 0) throw new Error('No Chromium to be had: install one and set CHROMIUM_PATH to it')
  return undefined
}

/** No sandbox only as root, where Chromium refuses to have one; and nothing that asks the internet on its own account. */
export const CHROMIUM_ARGS = [
  ...(isRoot ? ['--no-sandbox'] : []),
  ...['--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]
