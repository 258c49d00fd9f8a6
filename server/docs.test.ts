import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateDocs } from '@/scripts/lib/docs/all'
import { readWall } from '@/scripts/lib/docs/wall'
import { matchPath } from '@/server/http/route'
import { routes } from '@/server/http/routes'
import { createTestDatabase, type TestDatabase } from '@/test/database'

const ROOT = process.cwd()
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8')
const exists = (file: string) => fs.existsSync(path.join(ROOT, file))

function markdownIn(folder: string): string[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name)
    if (entry.isDirectory()) return markdownIn(file)
    return entry.name.endsWith('.md') ? [file] : []
  })
}

/** What people read; the generated pages are compared with the code instead. */
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')].filter(
  (file) => !file.startsWith('docs/generated/'),
)
const FOLDERS = /^(?:app|ui|lib|server|cli|prisma|scripts|e2e|test|bench|docs|public|\.ci)\//
const found = (pattern: RegExp) =>
  PAGES.flatMap((file) => [...read(file).matchAll(pattern)].map(([, text = '']) => ({ file, text })))

/** A file's headings as GitHub makes anchors of them. */
const anchors = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

/** npm run screenshots makes them; a checkout without any is no broken link. */
const hasScreenshots =
  exists('docs/screenshots') && fs.readdirSync(path.join(ROOT, 'docs/screenshots')).length > 0

describe('the documents', () => {
  it('name only commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = found(/\bnpm (?:run (?:--silent )?)?((?<=run |run --silent )[\w:-]+|start|test)\b/g)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter(({ text }) => !(text in scripts))).toEqual([])
  })

  it('give the two commands of the README exactly', () => {
    expect(read('README.md')).toContain('\nnpm ci && npm run demo\n')
    expect(read('README.md')).toContain('\nnpm ci && npm test\n')
  })

  it('name only files and folders that exist', () => {
    const named = found(/`([^`\s]+)`/g)
      .map(({ file, text }) => ({ file, text: text.replace(/[/:]+$/, '') }))
      .filter(({ text }) => FOLDERS.test(`${text}/`) && !/[<>*{}$…@]|NNNN/.test(text))
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter(({ text }) => !exists(text))).toEqual([])
  })

  it('link only to what exists', () => {
    const links = found(/\]\(([^)\s]+)\)/g).filter(({ text }) => !/^https?:/.test(text))
    const broken = links.filter(({ file, text }) => {
      const [target = '', anchor] = text.split('#')
      const to = target === '' ? file : path.posix.join(path.posix.dirname(file), target)
      if (to.startsWith('docs/screenshots/') && !hasScreenshots) return false
      return !exists(to) || (anchor !== undefined && !anchors(to).includes(anchor))
    })
    expect(broken).toEqual([])
  })

  it('call only addresses that answer', () => {
    const calls = found(/\bcurl ([^\n`|]*)/g).flatMap(({ file, text }) => {
      const [, address] = /https?:\/\/[^/\s"']+(\/[^\s"'?]*)/.exec(text) ?? []
      if (!address) return []
      const method =
        /(?:-X|--request) (\w+)/.exec(text)?.[1] ?? (/ (?:-d|--data\S*) /.test(text) ? 'POST' : 'GET')
      return [{ file, method, address: address.replace(/^\/t\/[\w-]+(?=\/)/, '') }]
    })
    expect(calls.map(({ address }) => address)).toContain('/agent/install.sh')
    expect(
      calls.filter(
        ({ method, address }) => !routes.some((r) => r.method === method && matchPath(r.path, address)),
      ),
    ).toEqual([])
  })
})

describe('the generated documents', () => {
  it('are up to date', async () => {
    const pages = await generateDocs()
    const stale = Object.keys(pages).filter((file) => !exists(file) || read(file) !== pages[file])
    expect(stale, 'run: npm run docs').toEqual([])
    expect(markdownIn('docs/generated').sort()).toEqual(Object.keys(pages).sort())
  }, 60_000)
})

// The rights in docs/generated/database.md are read from the text of the migrations: here they meet the real catalogue.
describe('the rights read from the migrations', () => {
  let db: TestDatabase
  let admin: pg.Client
  const wall = readWall()
  const rows = async (sql: string) =>
    (await admin.query<{ value: string }>(sql)).rows.map(({ value }) => value).sort()
  const qualified = (table: string) => (table.includes('.') ? table : `public.${table}`)

  beforeAll(async () => {
    db = await createTestDatabase()
    admin = new pg.Client({ connectionString: db.adminUrl })
    await admin.connect()
  })
  afterAll(async () => {
    await admin.end()
    await db.drop()
  })

  it('have every policy, for the same command and roles', async () => {
    const ours = wall.policies.map(({ name, table, command, roles, restrictive }) =>
      [
        qualified(table),
        name,
        command,
        [...roles].sort().join(),
        restrictive ? 'RESTRICTIVE' : 'PERMISSIVE',
      ].join(' '),
    )
    const real = await rows(`
      select concat_ws(' ', schemaname || '.' || tablename, policyname, cmd, (select string_agg(r::text, ',' order by r::text collate "C")
        from unnest(roles) r), permissive) as value from pg_policies where schemaname in ('public', 'wall')`)
    expect(real.length).toBeGreaterThan(20)
    expect(ours.sort()).toEqual(real)
  })

  it('have every grant on a table or column', async () => {
    const ours = [...wall.grants].flatMap(([table, grants]) =>
      [...grants].flatMap(([role, commands]) =>
        [...commands].flatMap(([command, columns]) =>
          (columns ?? ['*']).map((column) => [qualified(table), role, command, column].join(' ')),
        ),
      ),
    )
    const real = await rows(`
      with acl as (
        select c.oid, c.relname, n.nspname, '*' as col, a.* from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
        where c.relkind = 'r'
        union all
        select c.oid, c.relname, n.nspname, t.attname, a.* from pg_attribute t join pg_class c on c.oid = t.attrelid
          join pg_namespace n on n.oid = c.relnamespace, aclexplode(t.attacl) a where c.relkind = 'r')
      select concat_ws(' ', nspname || '.' || relname, grantee::regrole, privilege_type, col) as value from acl
      where nspname in ('public', 'wall') and relname <> '_prisma_migrations' and grantee::regrole::text like 'freehold_%'
        and grantee::regrole::text <> 'freehold_owner'`)
    expect(real.length).toBeGreaterThan(20)
    expect(ours.sort()).toEqual(real)
  })

  it('have every definer function and who may call it', async () => {
    const ours = wall.definers.map(
      ({ name, roles }) => `${name} ${roles.filter((role) => role !== 'freehold_definer').join()}`,
    )
    const real = await rows(`
      select p.proname || ' ' || coalesce(string_agg(a.grantee::regrole::text, ',' order by a.grantee::regrole::text collate "C")
        filter (where a.grantee::regrole::text <> 'freehold_definer'), '') as value
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace left join lateral aclexplode(p.proacl) a on true
      where n.nspname = 'wall' and p.prosecdef group by p.oid, p.proname`)
    expect(real.length).toBeGreaterThan(20)
    expect(ours.sort()).toEqual(real)
  })
})
