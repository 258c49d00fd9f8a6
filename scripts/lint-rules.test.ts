import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '..')
const CONFIG = path.join(ROOT, 'eslint.config.mjs')
/** Typed rules need the file in the TypeScript project; most examples are of files that do not exist. */
const UNTYPED = {
  files: ['**/*.{ts,tsx}'],
  languageOptions: { parserOptions: { projectService: false, project: false } },
  rules: tseslint.configs.disableTypeChecked.rules,
}

const untyped = new ESLint({ cwd: ROOT, overrideConfigFile: CONFIG, overrideConfig: [UNTYPED] })
const typed = new ESLint({ cwd: ROOT, overrideConfigFile: CONFIG })

/** Which rules complain about this text, were it in this file. */
async function complaints(eslint: ESLint, file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: file })
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message)
}

type Example = [rule: string, file: string, code: string]

const lines = (count: number, text: string) => `${text}\n`.repeat(count)
const longFunction = `export function long(x: number) {\n${lines(51, 'x++')}return x\n}`
const SERVICE = 'server/features/hosts/hosts.service.ts'
const REPO = 'server/features/hosts/hosts.repo.ts'

const BAD: Example[] = [
  ['@typescript-eslint/no-explicit-any', SERVICE, 'export const x: any = 1'],
  ['freehold/no-barrel', 'lib/index.ts', "export * from './slug'"],
  ['freehold/no-barrel', 'ui/all.ts', "import { a } from './a'\nexport { a }"],
  ['freehold/no-built-sql', REPO, 'export const f = (db, x) => db.query(`select ${x}`)'],
  ['freehold/no-built-sql', REPO, "export const f = (db, x) => db.query('select ' + x)"],
  ['freehold/no-built-sql', REPO, 'export const f = (db, x) => db.query({ text: `select ${x}` })'],
  ['freehold/no-default-export', SERVICE, 'export default 1'],
  ['freehold/no-default-export', 'app/(console)/list.tsx', 'const a = 1\nexport { a as default }'],
  ['freehold/no-process-env', SERVICE, 'export const port = process.env.PORT'],
  ['freehold/no-process-env', 'app/page.tsx', "export const port = process['env'].PORT"],
  ['freehold/no-process-env', SERVICE, 'const { env } = process\nexport const port = env.PORT'],
  ['freehold/no-process-env', SERVICE, "import { env } from 'node:process'\nexport const port = env.PORT"],
  ['freehold/no-resource-find-many', REPO, 'export const f = (tx) => tx.resource.findMany({ take: 5 })'],
  ['freehold/no-role-names', SERVICE, "export const f = (role: string) => role === 'Admin'"],
  ['freehold/no-role-names', SERVICE, "export const f = (r: string) => ['super_admin'].includes(r)"],
  ['freehold/no-role-names', SERVICE, "export type R = 'Owner' | 'x'"],
  ['freehold/no-role-names', 'app/page.tsx', 'export const f = (r: string) => r === `Viewer`'],
  [
    'freehold/no-trpc-error',
    SERVICE,
    "import { TRPCError } from '@trpc/server'\nthrow new TRPCError({ code: 'NOT_FOUND' })",
  ],
  ['no-restricted-imports', 'ui/tabs.tsx', "import Link from 'next/link'\nexport const f = Link"],
  ['freehold/no-unsafe-sql', REPO, "export const f = (tx) => tx.$queryRawUnsafe('select 1')"],
  ['freehold/no-unsafe-sql', REPO, "export const f = (tx) => tx['$executeRawUnsafe']('select 1')"],
  ['freehold/no-unsafe-sql', REPO, 'export const f = ({ $queryRawUnsafe }) => $queryRawUnsafe'],
  [
    'freehold/no-unsafe-sql',
    REPO,
    "import { Prisma } from '@prisma/client'\nexport const s = Prisma.raw('x')",
  ],
  ['freehold/no-unsafe-sql', 'e2e/x.spec.ts', "export const f = (tx) => tx.$queryRawUnsafe('select 1')"],
  ['max-lines', 'app/page.tsx', lines(401, 'void 0')],
  ['max-lines-per-function', SERVICE, longFunction],
  ['max-lines-per-function', 'lib/slug.ts', longFunction],
  ['no-console', SERVICE, "console.log('x')"],
  ['react-hooks/rules-of-hooks', 'ui/x.tsx', 'export function X(p) { if (p.a) useState(1); return null }'],
]

const GOOD: Example[] = [
  ['@typescript-eslint/no-explicit-any', SERVICE, 'export const x: unknown = 1'],
  ['freehold/no-barrel', 'lib/index.ts', "import { a } from './slug'\nexport const b = a + 1"],
  ['freehold/no-barrel', 'app/api/x/route.ts', "export { GET } from '@/server/features/x/x.http'"],
  ['freehold/no-built-sql', REPO, "export const f = (db, x) => db.query('select $1', [x])"],
  [
    'freehold/no-built-sql',
    REPO,
    'export const f = (db, x) => db.query(`create role ${escapeIdentifier(x)}`)',
  ],
  ['freehold/no-built-sql', REPO, 'export const f = (db) => db.query(`select ${COLUMNS} from host`)'],
  ['freehold/no-built-sql', REPO, 'export const f = (tx, x) => tx.$queryRaw`select ${x}`'],
  ['freehold/no-default-export', 'app/(console)/page.tsx', 'export default function Page() { return null }'],
  ['freehold/no-default-export', 'vitest.config.ts', 'export default {}'],
  ['freehold/no-process-env', 'server/platform/env.ts', 'export const port = process.env.PORT'],
  ['freehold/no-process-env', SERVICE, 'export const pid = process.pid'],
  ['freehold/no-resource-find-many', REPO, 'export const f = (tx) => tx.host.findMany({ take: 5 })'],
  ['freehold/no-resource-find-many', 'test/factory.ts', 'export const f = (tx) => tx.resource.findMany()'],
  ['freehold/no-role-names', SERVICE, "export const f = (op) => can(op, 'hosts', 'full')"],
  ['freehold/no-role-names', 'app/page.tsx', "export const column = { header: 'Owner', key: 'owner' }"],
  ['freehold/no-role-names', 'server/authz/roles.ts', "export const names = ['Owner', 'Admin']"],
  ['freehold/no-role-names', 'server/features/hosts/hosts.policy.ts', "export const names = ['Owner']"],
  [
    'freehold/no-trpc-error',
    'server/rpc/errors.ts',
    "import { TRPCError } from '@trpc/server'\nexport const E = TRPCError",
  ],
  ['freehold/no-unsafe-sql', REPO, 'export const f = (tx) => tx.$queryRaw`select 1`'],
  ['max-lines', 'app/page.tsx', lines(400, 'void 0')],
  ['max-lines-per-function', SERVICE, longFunction.replace(lines(51, 'x++'), lines(47, 'x++'))],
  ['no-console', 'scripts/x.ts', "console.log('x')"],
  ['react-hooks/rules-of-hooks', 'ui/x.tsx', 'export function X() { useState(1); return null }'],
]

describe('house rules', () => {
  it.each(BAD)('%s complains in %s: %s', async (rule, file, code) => {
    expect(await complaints(untyped, file, code)).toContain(rule)
  })

  it.each(GOOD)('%s is content in %s: %s', async (rule, file, code) => {
    expect(await complaints(untyped, file, code)).not.toContain(rule)
  })

  it('has a bad and a good example of every rule of our own', async () => {
    const config = (await untyped.calculateConfigForFile(SERVICE)) as { rules: Record<string, unknown> }
    const own = Object.keys(config.rules).filter((rule) => rule.startsWith('freehold/'))
    const shown = own.filter((rule) => [BAD, GOOD].every((set) => set.some(([name]) => name === rule)))
    expect([...shown, 'freehold/import-boundaries'].sort()).toEqual(own.sort())
  })
})

describe('rules that know types', () => {
  const cases: Example[] = [
    [
      '@typescript-eslint/no-floating-promises',
      'async function f() {}\nf()',
      'async function f() {}\nawait f()',
    ],
    [
      '@typescript-eslint/no-misused-promises',
      'export async function f() {}\n[1].forEach(async () => f())\nif (f()) void 0',
      'export async function f() {}\nif (await f()) void 0',
    ],
    [
      '@typescript-eslint/consistent-type-imports',
      "import { Stats } from 'node:fs'\nexport type S = Stats",
      "import type { Stats } from 'node:fs'\nexport type S = Stats",
    ],
  ]
  // The first look reads the whole TypeScript project.
  beforeAll(() => complaints(typed, 'scripts/check.ts', 'void 0'), 180_000)

  // The text is ours, the name that of a file which the TypeScript project knows
  it.each(cases)('%s', { timeout: 30_000 }, async (rule, bad, good) => {
    expect(await complaints(typed, 'scripts/check.ts', bad)).toContain(rule)
    expect(await complaints(typed, 'scripts/check.ts', good)).not.toContain(rule)
  })
})

describe('import boundaries', () => {
  const FORBIDDEN: [boundary: string, file: string, source: string][] = [
    ['lib-is-pure', 'lib/a.ts', "import { b } from '@/server/platform/env'"],
    ['lib-is-pure', 'lib/deep/a.ts', "import { b } from '../../ui/button'"],
    ['lib-is-isomorphic', 'lib/b.ts', "import fs from 'node:fs'"],
    ['ui-knows-only-lib', 'ui/a.tsx', "import type { AppRouter } from '@/server/router'"],
    ['ui-knows-only-lib', 'ui/b.tsx', "import { nav } from '../app/nav'"],
    ['middleware-knows-only-lib', 'middleware.ts', "import { db } from '@/server/platform/env'"],
    ['server-knows-no-ui', 'server/platform/a.ts', "export { Button } from '@/ui/button'"],
    ['server-knows-no-ui', 'server/main.ts', "const page = await import('../app/page')"],
    ['product-knows-no-tooling', 'server/platform/b.ts', "import { actor } from '@/test/actors'"],
    [
      'repo-is-private-to-its-feature',
      'server/features/tenants/tenants.service.ts',
      "import { r } from '../hosts/hosts.repo'",
    ],
    [
      'repo-is-private-to-its-feature',
      'app/page.tsx',
      "import { r } from '@/server/features/hosts/hosts.repo'",
    ],
    [
      'repo-is-private-to-its-feature',
      'server/jobs/a.ts',
      "import { r } from '@/server/features/hosts/hosts.repo'",
    ],
    ['routes-do-not-query', 'app/(console)/hosts/page.tsx', "import { inTenant } from '@/server/db/scope'"],
    [
      'prisma-only-in-db-and-repos',
      'server/features/hosts/hosts.service.ts',
      "import { Prisma } from '@prisma/client'",
    ],
    [
      'prisma-only-in-db-and-repos',
      'app/b.ts',
      "import { PrismaClient } from '@/server/generated/prisma/client'",
    ],
    ['pg-only-in-the-basement', 'server/features/hosts/hosts.policy.ts', "import { Pool } from 'pg'"],
    [
      'connectors-behind-features',
      'server/features/tenants/tenants.repo.ts',
      "import { p } from '@/server/connectors/proxmox/client'",
    ],
  ]
  const ALLOWED: [file: string, source: string][] = [
    ['lib/ok.ts', "import { z } from 'zod'\nimport { slug } from './slug'"],
    ['ui/ok.tsx', "import { slug } from '@/lib/slug'\nimport { Button } from './button'"],
    [
      'app/ok.tsx',
      "import { list } from '@/server/features/hosts/hosts.service'\nimport { B } from '@/ui/button'",
    ],
    [
      'server/features/hosts/ok.service.ts',
      "import { r } from './hosts.repo'\nimport { inTenant } from '@/server/db/scope'",
    ],
    ['server/features/hosts/ok.repo.ts', "import { Prisma } from '@/server/generated/prisma/client'"],
    ['server/features/tenants/ok.service.ts', "import { s } from '@/server/features/hosts/hosts.service'"],
    ['server/features/connections/ok.service.ts', "import { p } from '@/server/connectors/proxmox/client'"],
    ['server/db/ok.ts', "import { Pool } from 'pg'\nimport { PrismaPg } from '@prisma/adapter-pg'"],
    ['server/features/tenants/ok.test.ts', "import { r } from '../hosts/hosts.repo'"],
    ['test/ok.ts', "import { PrismaClient } from '@/server/generated/prisma/client'"],
  ]
  const messages = new Map<string, string[]>()
  let tree: string

  beforeAll(async () => {
    tree = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'freehold-lint-')))
    const files = [...FORBIDDEN.map(([, file, source]) => [file, source]), ...ALLOWED] as [string, string][]
    for (const [file, source] of files) {
      await fs.mkdir(path.dirname(path.join(tree, file)), { recursive: true })
      await fs.writeFile(path.join(tree, file), source)
    }
    const eslint = new ESLint({ cwd: tree, overrideConfigFile: CONFIG, overrideConfig: [UNTYPED] })
    for (const result of await eslint.lintFiles(['.'])) {
      const own = result.messages.filter((message) => message.ruleId === 'freehold/import-boundaries')
      messages.set(
        path.relative(tree, result.filePath),
        own.map((message) => message.message),
      )
    }
  })
  afterAll(() => fs.rm(tree, { recursive: true, force: true }))

  it.each(FORBIDDEN)('%s: %s may not say %s', (boundary, file) => {
    expect(messages.get(file)).toEqual([expect.stringMatching(`^${boundary}: `)])
  })

  it.each(ALLOWED)('%s may say %s', (file) => {
    expect(messages.get(file)).toEqual([])
  })
})
