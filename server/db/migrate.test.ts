import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bootstrapRoles } from '@/server/db/bootstrap'
import { migrate, pendingMigrations } from '@/server/db/migrate'
import { roleUrl } from '@/server/db/urls'
import { createEmptyDatabase, type TestDatabase } from '@/test/database'
import { withClient } from '@/test/databases'
import { localPostgres, startLocalPostgres, type LocalPostgres } from '@/test/local-postgres'

const FIRST = 'create table first (n int); insert into first select generate_series(1, 3);'
const SECOND = 'create function twice(n int) returns int language plpgsql as $$ begin return n * 2; end $$;'

let folder: string
let db: TestDatabase

function write(name: string, sql: string): void {
  fs.mkdirSync(path.join(folder, name), { recursive: true })
  fs.writeFileSync(path.join(folder, name, 'migration.sql'), sql)
}

const value = async (url: string, sql: string) =>
  Object.values(
    (await withClient(url, (client) => client.query<Record<string, unknown>>(sql))).rows[0] ?? {},
  )[0]

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fh-migrations-'))
  fs.writeFileSync(path.join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n')
  write('1_first', FIRST)
  write('2_second', SECOND)
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

describe('migrate', () => {
  beforeEach(async () => {
    db = await createEmptyDatabase()
    await bootstrapRoles(db.adminUrl, db.secret)
  })
  afterEach(() => db.drop())

  it('applies what is missing, in order, as the owner, and then nothing more', async () => {
    expect(await pendingMigrations(db.adminUrl, folder)).toEqual(['1_first', '2_second'])
    expect(await migrate(db.adminUrl, folder)).toEqual(['1_first', '2_second'])
    expect(await migrate(db.adminUrl, folder)).toEqual([])
    write('3_third', 'select 1')
    expect(await pendingMigrations(db.url('system'), folder)).toEqual(['3_third'])
    expect(await migrate(db.adminUrl, folder)).toEqual(['3_third'])
    expect(await value(db.adminUrl, `select tableowner from pg_tables where tablename = 'first'`)).toBe(
      'freehold_owner',
    )
    expect(await value(db.adminUrl, 'select twice(count(*)::int) from first')).toBe(6)
  })

  it('applies each migration once when five processes start together', async () => {
    const applied = await Promise.all([1, 2, 3, 4, 5].map(() => migrate(db.adminUrl, folder)))
    expect(applied.flat().sort()).toEqual(['1_first', '2_second'])
    expect(await value(db.adminUrl, 'select count(*)::int from _prisma_migrations')).toBe(2)
  })

  it('refuses an edited migration and a database newer than the code', async () => {
    await migrate(db.adminUrl, folder)
    write('1_first', FIRST + ' -- edited')
    await expect(migrate(db.adminUrl, folder)).rejects.toThrow(
      /^Migration 1_first was edited after it was applied[^\n]*$/,
    )
    write('1_first', FIRST)
    fs.rmSync(path.join(folder, '2_second'), { recursive: true })
    await expect(migrate(db.adminUrl, folder)).rejects.toThrow(
      /^The database is newer than this Freehold[^\n]*2_second/,
    )
    await expect(pendingMigrations(db.adminUrl, folder)).rejects.toThrow(/newer/)
  })

  it('leaves nothing of a failed migration, names its line, and goes on once it is repaired', async () => {
    write('3_bad', 'create table half (n int);\nselect no_such_function();\n')
    await expect(migrate(db.adminUrl, folder)).rejects.toThrow(
      /^Migration 3_bad failed: [^\n]*no_such_function[^\n]*line 2/,
    )
    expect(await value(db.adminUrl, `select to_regclass('half') is null`)).toBe(true)
    expect(await value(db.adminUrl, 'select count(*)::int from _prisma_migrations')).toBe(2)
    write('3_bad', 'create table half (n int);')
    expect(await migrate(db.adminUrl, folder)).toEqual(['3_bad'])
  })

  it('refuses a migration that ends the transaction it runs in', async () => {
    write('3_commit', 'create table half (n int); commit; begin; select 1')
    await expect(migrate(db.adminUrl, folder)).rejects.toThrow(/3_commit failed: it must not begin or end/)
  })
})

const old = localPostgres(15)
describe.skipIf(!old)('migrate on PostgreSQL 15', () => {
  let server: LocalPostgres
  beforeAll(async () => {
    server = await startLocalPostgres(old ?? '')
  }, 30_000)
  afterAll(() => server.stop())

  it('does the same, five times at once', async () => {
    await bootstrapRoles(server.adminUrl, 'secret')
    const applied = await Promise.all([1, 2, 3, 4, 5].map(() => migrate(server.adminUrl, folder)))
    expect(applied.flat().sort()).toEqual(['1_first', '2_second'])
    expect(await pendingMigrations(roleUrl(server.adminUrl, 'system', 'secret'), folder)).toEqual([])
  })

  it("applies this project's own migrations", async () => {
    await withClient(server.adminUrl, (client) => client.query('create database own'))
    const url = new URL(server.adminUrl)
    url.pathname = '/own'
    await bootstrapRoles(url.href, 'secret')
    expect((await migrate(url.href)).length).toBeGreaterThan(0)
  })
})
