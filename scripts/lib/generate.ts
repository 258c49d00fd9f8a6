import fs from 'node:fs'
import path from 'node:path'
import { hashTree, readStamp, writeStamp } from './hash-tree'
import { bin, ROOT, run } from './run'

const OUTPUT = 'server/generated/prisma'
const STAMP = 'server/generated/.stamp'

/**
 * Makes the Prisma client from prisma/schema, unless the one there was made from the same schema by the same Prisma.
 * Called by build, check and test, so that a clean checkout needs no step of its own (also after `--ignore-scripts`).
 * @throws with Prisma's own words if the schema is wrong
 */
export async function ensureGenerated(): Promise<void> {
  const hash = hashTree(['prisma/schema', 'prisma.config.ts', 'node_modules/prisma/package.json'])
  if (readStamp(STAMP) === hash && fs.existsSync(path.join(ROOT, OUTPUT))) return
  const { code, output } = await run(bin('prisma'), ['generate'], {
    quiet: true,
    env: { PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
  })
  if (code !== 0) throw new Error(`prisma generate failed\n${output}`)
  writeStamp(STAMP, hash)
}
