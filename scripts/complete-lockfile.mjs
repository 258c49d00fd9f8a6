// npm leaves a package out of the lockfile when the registry answers 404 for it, even if it is one for another system
// that would never be installed here; `npm ci` then refuses the lockfile as incomplete. Some registry mirrors hold the
// packages of one system only. This adds the missing entries with what their names and versions say; on the system
// they are for, npm finds them in its own registry. Run it after `npm install`; `--check` only says what is missing.
import fs from 'node:fs'

const OS = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openharmony: 'openharmony',
  win32: 'win32',
}
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'))

/** Is `name` found from the package at `at`, as Node would: in its own node_modules, or in one further up? */
function isLocked(at, name) {
  if (lock.packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true
  if (!at) return false
  const up = at.lastIndexOf('/node_modules/')
  return isLocked(up < 0 ? '' : at.slice(0, up), name)
}

/** @returns {{ os?: string[], cpu: string[] } | undefined} the system a package is for; undefined if its name says none */
function systemOf(name) {
  const words = name.split(/[/-]/)
  const os = words.map((word) => OS[word]).find(Boolean)
  const cpu = words.find((word) => CPU.includes(word))
  if (!cpu) return undefined
  return os ? { os: [os], cpu: [cpu] } : { cpu: [cpu] }
}

const missing = []
for (const [at, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(at, name)) continue
    const system = systemOf(name)
    if (!system)
      throw new Error(`${name} is not in the lockfile, and its name does not say which system it is for`)
    missing.push([`node_modules/${name}`, { version, ...system, ...(dev ? { dev } : {}), optional: true }])
  }
}

if (process.argv.includes('--check')) {
  for (const [at] of missing) console.error(`missing from package-lock.json: ${at}`)
  process.exitCode = missing.length > 0 ? 1 : 0
} else if (missing.length > 0) {
  const entries = [...Object.entries(lock.packages), ...missing]
  lock.packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')))
  fs.writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`package-lock.json: ${missing.length} entries for other systems added`)
}
