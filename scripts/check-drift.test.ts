import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'

const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'fh-schema-'))
afterAll(() => fs.rmSync(copy, { recursive: true, force: true }))

const check = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'scripts/check-drift.ts', ...args], { encoding: 'utf8' })

it('finds a table of the schema that no migration makes, and prints what is missing', () => {
  fs.cpSync('prisma/schema', copy, { recursive: true })
  fs.appendFileSync(path.join(copy, 'base.prisma'), '\nmodel forgotten {\n  id String @id\n}\n')
  const { status, stderr } = check(copy)
  expect(stderr).toContain('CREATE TABLE "forgotten"')
  expect(status).toBe(1)
}, 60_000)
