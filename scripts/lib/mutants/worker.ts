// A process of `npm run test:mutants`: keeps a Vitest whose modules hold all mutants of the code, each asleep, and starts
// a host in it (host.ts) whenever it is told to. The host speaks with the parent by itself.
import fs from 'node:fs'
import path from 'node:path'
import { createVitest, type Vitest } from 'vitest/node'
import { ROOT } from '../run'
import { withEdits } from './edits'
import { findInCode } from './find-code'
import { NOT_ASKED } from './mutant'

/** Settings of one host, for its environment. */
export interface Opening {
  address: string
  layer: string
  /** A mutant that is awake from the start. */
  id: string
}

const HERE = path.join(ROOT, 'scripts/lib/mutants')
const STAGE = path.join(HERE, 'stage.ts')

/** Puts the mutants into the product's files as they are loaded, and the stage under the suites. */
function instrument(files: readonly string[]) {
  const found = findInCode()
  return {
    name: 'freehold-mutants',
    enforce: 'pre' as const,
    transform(code: string, id: string) {
      if (files.includes(id)) return { code: code.replace(/from 'vitest'/g, `from '${STAGE}'`), map: null }
      const file = path.relative(ROOT, id.split('?')[0] ?? '')
      const searched = found.get(file)
      // the text as it was searched: somebody may be at work on the file
      return searched && { code: withEdits(searched.text, searched.edits), map: null }
    },
  }
}

/** The suites' files, from the root. */
function filesOf(suites: readonly string[]): string[] {
  const all = ['server', 'test'].flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.posix.join(folder, name.split(path.sep).join('/'))),
  )
  return all
    .filter(
      (file) =>
        file.endsWith('.test.ts') && suites.some((part) => file.includes(part)) && !NOT_ASKED.includes(file),
    )
    .sort()
}

function startVitest(files: readonly string[]): Promise<Vitest> {
  return createVitest(
    'test',
    {
      config: false,
      root: ROOT,
      watch: false,
      maxWorkers: 1,
      reporters: [{}],
      include: ['scripts/lib/mutants/host.ts'],
      globalSetup: ['./scripts/lib/generate-setup.ts', './test/global-setup.ts'],
      dangerouslyIgnoreUnhandledErrors: true,
    },
    {
      resolve: { alias: { '@': ROOT, 'server-only': path.join(ROOT, 'node_modules/server-only/empty.js') } },
      plugins: [instrument(files.map((file) => path.join(ROOT, file)))],
      logLevel: 'silent',
    },
  )
}

const files = filesOf(process.argv.slice(2))
const vitest = await startVitest(files)
process.on('message', (message) => {
  const opening = message as Opening | 'end'
  if (opening === 'end') return void vitest.close().then(() => process.exit(0))
  Object.assign(process.env, {
    NODE_ENV: 'test',
    FREEHOLD_TEST_LAYER: opening.layer,
    FREEHOLD_TEST_MUTANT: opening.id,
    FREEHOLD_MUTANTS_ADDRESS: opening.address,
    FREEHOLD_MUTANTS_FILES: JSON.stringify(files),
  })
  const spec = vitest.getRootProject().createSpecification(path.join(HERE, 'host.ts'))
  void vitest.runTestSpecifications([spec]).finally(() => process.send?.('closed'))
})
process.on('disconnect', () => process.exit(1))
process.send?.('ready')
