import { code, fence, page, table } from './markdown'
import { readTables, type Reference, type Table } from './prisma-schema'

const DOMAINS: Record<string, string> = {
  tenancy: 'Tenants and the installation',
  access: 'People and roles',
  infra: 'Infrastructure',
  audit: 'Audit log',
}

const line = (from: string, { table: to, columns, optional, unique }: Reference): string =>
  `  ${to} ${optional ? '|o' : '||'}--${unique ? 'o|' : 'o{'} ${from} : "${columns.join(', ')}"`

const entity = ({ name, columns }: Table): string =>
  [
    `  ${name} {`,
    ...columns.map(
      (c) => `    ${[c.type, c.name, c.key, c.nullable ? '"null"' : ''].filter(Boolean).join(' ')}`,
    ),
    '  }',
  ].join('\n')

function section(domain: string, tables: readonly Table[]): string[] {
  const own = tables.filter((one) => one.domain === domain)
  if (own.length === 0) return []
  const links = own.flatMap((one) => one.references.map((reference) => line(one.name, reference)))
  return [
    `## ${DOMAINS[domain] ?? domain}`,
    table(
      ['Table', 'What it holds'],
      own.map(({ name, doc }) => [code(name), doc]),
    ),
    fence('mermaid', ['erDiagram', ...links, ...own.map(entity)].join('\n')),
  ]
}

/** docs/generated/erd.md: every table, column and foreign key of prisma/schema. */
export function erdPage(): Promise<string> {
  const tables = readTables()
  const known = Object.keys(DOMAINS)
  const domains = [...new Set(tables.map(({ domain }) => domain))].sort(
    (a, b) => known.indexOf(a) - known.indexOf(b),
  )
  return page('Tables', [
    'From `prisma/schema`. PK: part of the primary key; FK: part of a foreign key; UK: unique alone; "null": may be empty. Who may read and write which row is in [database.md](database.md).',
    ...domains.flatMap((domain) => section(domain, tables)),
  ])
}
