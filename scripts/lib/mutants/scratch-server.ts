import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { startEmbedded } from '@/server/platform/postgres/embedded'
import { ensureTemplate, withClient, withDatabase } from '@/test/databases'
import { findInDatabase } from './find-database'
import type { Mutant } from './mutant'

const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '128MB' }

/** Gives `work` a PostgreSQL server that is gone afterwards. */
export async function withScratchServer<T>(work: (adminUrl: string) => Promise<T>): Promise<T> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-mutants-'))
  fs.chmodSync(dir, 0o711) // as root, PostgreSQL runs as another user, who has to get in
  const server = await startEmbedded({ dataDir: dir, secret: 'mutants', settings: FAST })
  const stopped = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)))
  })
  try {
    return await Promise.race([work(server.url('postgres')), stopped])
  } finally {
    await server.close()
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

/** The mutants of a migrated database, and those of them that PostgreSQL does not take. */
export async function databaseMutants(adminUrl: string): Promise<{ found: Mutant[]; impossible: string[] }> {
  const template = await ensureTemplate(adminUrl, `m${randomBytes(3).toString('hex')}`, 'mutants')
  return withClient(withDatabase(adminUrl, template), async (db) => {
    const impossible: string[] = []
    const found: Mutant[] = []
    for (const mutant of await findInDatabase(db)) {
      const problem = await problemWith(db, mutant)
      if (problem === undefined) found.push(mutant)
      else impossible.push(`${mutant.id}: ${problem}`)
    }
    return { found, impossible }
  })
}

async function problemWith(db: pg.Client, { sql = [] }: Mutant): Promise<string | undefined> {
  await db.query('begin')
  try {
    for (const statement of sql) await db.query(statement)
  } catch (error) {
    return (error as Error).message
  } finally {
    await db.query('rollback')
  }
}
