import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { run } from '@/scripts/lib/run'

const SERVICES = '/usr/sbin/policy-rc.d'

/** Installs Debian packages, starting none of their services: what a test needs, it starts for itself. @returns what apt-get said, where it did not work */
async function install(packages: string[]): Promise<string | null> {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const own = !fs.existsSync(SERVICES)
  if (own) fs.writeFileSync(SERVICES, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await run('apt-get', [...options, 'update'], { quiet: true, env })
    const wish = [...options, 'install', '-y', '--no-install-recommends', ...packages]
    const { code, output } = await run('apt-get', wish, { quiet: true, env })
    return code === 0 ? null : output
  } finally {
    if (own) fs.rmSync(SERVICES, { force: true })
  }
}

/**
 * Whether a program of Debian's is here, or can be brought.
 * @returns false where it cannot: its tests are skipped, and say so
 * @throws as root with CI=true, where they are never skipped
 */
export async function ensureProgram(program: string, packages: string[]): Promise<boolean> {
  if (fs.existsSync(program)) return true
  const may =
    process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  const problem = may ? await install(packages) : 'only root may install it, with apt-get'
  if (fs.existsSync(program)) return true
  const words = `${program} is not here: ${problem ?? 'the package does not bring it'}`
  if (process.env.CI === 'true' && process.getuid?.() === 0) throw new Error(words)
  console.warn(`SKIPPED: tests against a real server. ${words}. Install ${packages.join(', ')} to run them.`)
  return false
}
