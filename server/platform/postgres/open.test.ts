import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bootstrapRoles } from '@/server/db/bootstrap'
import { roleUrl } from '@/server/db/urls'
import { readEnv } from '@/server/platform/env'
import { openDatabase } from '@/server/platform/postgres/open'
import { loadSecret } from '@/server/platform/secret'
import { createEmptyDatabase } from '@/test/database'
import { withClient } from '@/test/databases'

let dir: string
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-test-'))
  fs.chmodSync(dir, 0o711)
})
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }))

it('opens the embedded database, in which the roles can sign in', { timeout: 30_000 }, async () => {
  const env = readEnv({ DATA_DIR: dir })
  const database = await openDatabase(env)
  try {
    expect(database.embedded).toBe(true)
    expect(database.serverVersion).toMatch(/^18\./)
    await bootstrapRoles(database.adminUrl, loadSecret(env))
    const url = roleUrl(database.runtimeUrl, 'master', loadSecret(env))
    const { rows } = await withClient(url, (client) =>
      client.query('select current_database() as name, current_user as login'),
    )
    expect(rows).toEqual([{ name: 'freehold', login: 'fh_freehold_master' }])
  } finally {
    await database.close()
  }
})

it('opens the database in DATABASE_URL, directly where a direct address is given', async () => {
  const given = await createEmptyDatabase()
  const env = readEnv({
    DATABASE_URL: 'postgresql://pooled@127.0.0.1:6432/x',
    DIRECT_DATABASE_URL: given.adminUrl,
  })
  const database = await openDatabase(env)
  expect(database).toMatchObject({ embedded: false, adminUrl: given.adminUrl, directUrl: given.adminUrl })
  expect(database.runtimeUrl).toBe(env.DATABASE_URL)
  await database.close()
  await given.drop()
})

it('says in one line, without the password, why it cannot', async () => {
  const given = await createEmptyDatabase()
  await given.drop()
  const refused = openDatabase(readEnv({ DATABASE_URL: given.adminUrl, DATA_DIR: dir }))
  await expect(refused).rejects.toThrow(
    /^The database in DATABASE_URL does not answer: [^\n]*does not exist$/,
  )
  await expect(refused).rejects.not.toThrow(new URL(given.adminUrl).password || 'no password')
})
