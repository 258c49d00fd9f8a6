import { spawnSync } from 'node:child_process'

const APT = '-q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3'

/** One process at a time: apt's lists have no lock that waits, and what one installs another would start. */
const LOCK = '/tmp/freehold-debian.lock'
const SERVICES = '/usr/sbin/policy-rc.d'
/** Nothing that is installed along is started: what a test needs, it starts for itself. */
const QUIETLY = `
own=; [ -e ${SERVICES} ] || { own=1; printf '#!/bin/sh\\nexit 101\\n' > ${SERVICES}; chmod 755 ${SERVICES}; }
apt-get ${APT} update
apt-get ${APT} install -y --no-install-recommends "$@"
code=$?
[ -z "$own" ] || rm -f ${SERVICES}
exit $code`

function install(packages: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync('flock', [LOCK, 'sh', '-c', QUIETLY, 'sh', ...packages], {
    env,
    encoding: 'utf8',
  })
  if (status !== 0) console.warn(stdout, stderr)
}

/**
 * A real server for a test, from Debian's packages: here already, or installed where that may be done (as root, with apt-get).
 * @param isHere looks for it @returns whether it is here; where not, its tests are to be skipped, and this has said so
 * @throws Error in CI as root: there it can be had, and its tests do not skip
 */
export function ensureDebian(isHere: () => boolean, packages: string[]): boolean {
  if (isHere()) return true
  const isRoot = process.getuid?.() === 0
  if (isRoot && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0) {
    console.warn(`Installing ${packages.join(' ')} from Debian`)
    install(packages)
  }
  if (isHere()) return true
  const wanted = `apt-get install ${packages.join(' ')}`
  if (process.env.CI === 'true' && isRoot) throw new Error(`A server for tests cannot be had: ${wanted}`)
  console.warn(`A server is not here, and its tests are SKIPPED: ${wanted}`)
  return false
}
