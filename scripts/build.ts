// Builds the production server: the Prisma client, Next's pages, and dist/server.mjs (what Next does not build).
// Skipped when nothing that goes into it has changed since the last build; `--force` builds anyway.
import fs from 'node:fs'
import path from 'node:path'
import { build as bundle } from 'esbuild'
import { ensureGenerated } from './lib/generate'
import { hashTree, readStamp, writeStamp } from './lib/hash-tree'
import { bin, ROOT, run, seconds } from './lib/run'

const STAMP = 'dist/.stamp'
const OUTPUTS = ['.next/BUILD_ID', 'dist/server.mjs']
const SOURCES = [
  ...['app', 'ui', 'lib', 'server', 'public', 'prisma/schema', 'middleware.ts', 'scripts/build.ts'],
  ...['next.config.ts', 'postcss.config.mjs', 'tsconfig.json', 'prisma.config.ts', 'package-lock.json'],
]
const NOT_BUILT = /\.test\.tsx?$|^server\/generated\/|^server\/sweep\//

/** Packages stay in node_modules: some are native, and the lockfile already says which they are. */
async function bundleServer(): Promise<void> {
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: ['server/main.ts'],
    outfile: 'dist/server.mjs',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    alias: { '@': ROOT },
    sourcemap: 'linked',
    logLevel: 'warning',
  })
}

async function main(): Promise<number> {
  const began = performance.now()
  const hash = hashTree(SOURCES, NOT_BUILT) + process.version
  const complete = OUTPUTS.every((file) => fs.existsSync(path.join(ROOT, file)))
  if (complete && readStamp(STAMP) === hash && !process.argv.includes('--force')) {
    console.log('Build: up to date')
    return 0
  }
  fs.rmSync(path.join(ROOT, STAMP), { force: true })
  await ensureGenerated()
  await bundleServer()
  const { code } = await run(bin('next'), ['build'], { env: { NEXT_TELEMETRY_DISABLED: '1' } })
  if (code !== 0) return code
  writeStamp(STAMP, hash)
  console.log(`Build: done in ${seconds(performance.now() - began)}`)
  return 0
}

process.exitCode = await main()
