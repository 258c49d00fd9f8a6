import type { AccessViewer } from '@/prisma/seed/large-access'

/** Milliseconds. */
export interface Measured {
  /** The fastest round: what it takes when nothing else takes the core. */
  best: number
  p50: number
  p95: number
}

/** The cells of one screen of the matrix. */
export interface Cells {
  cells: number
  /** Large tables that were read as a whole. */
  whole: string[]
  /** Pages of 8 kB, most of them several times. */
  buffers: number
  statement: Measured
}

/** Milliseconds; longest waits of others meanwhile. */
export interface Move {
  moved: number
  took: number
  reader: { before: number; during: number }
  writer: { before: number; during: number; refused: number }
}

interface ViewerResult {
  /** Hosts; 10,001 for more than 10,000. */
  seen: number
  /** The list as PostgreSQL answers it, prepared, in a transaction that is open. */
  alone: Measured
  /** The procedure from the cookie on: who it is, list with count, checked output. */
  request: Measured
  /** What that sends to the database. */
  statements: number
  list: Measured
  count: Measured
  search: Measured
  miss: Measured
  get: Measured | null
}

export interface AccessResult {
  tenants: number
  size: number
  viewers: Partial<Record<AccessViewer, ViewerResult>>
  writes?: Record<string, number>
  cells?: Cells
  move?: Move
}

/** The statement of a list (reference/access-model.md). */
const ALONE_AIM = 3
/** A list through Prisma and the wall, in milliseconds: 3 of the statement (reference/access-model.md), and what the scope's round trips cost. */
const LIST_AIM = 3 + 2
/** Flat: 1M against 200k. */
const FLAT = 1.3

const number = (n: number) => n.toLocaleString('en')
const ms = (m: Measured | null) =>
  m ? `${m.best.toFixed(1)} / ${m.p50.toFixed(1)} / ${m.p95.toFixed(1)}` : '–'
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`
const table = (head: string[], rows: string[]) =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n')

function aims(results: readonly AccessResult[], busy: boolean): string {
  const of = ({ best, p50 }: Measured) => (busy ? best : p50)
  const rows = results.flatMap((result) =>
    Object.entries(result.viewers).map(([viewer, one]) => {
      const small = results.find((other) => other.tenants === result.tenants && other.size === 200_000)
      const before = small?.viewers[viewer as AccessViewer]
      const flat = result.size === 1_000_000 && before ? of(one.list) / of(before.list) : null
      return row(
        number(result.tenants),
        number(result.size),
        viewer,
        one.alone.best.toFixed(1),
        one.alone.best <= ALONE_AIM ? 'met' : '**not met**',
        of(one.list).toFixed(1),
        of(one.list) <= LIST_AIM ? 'met' : '**not met**',
        flat === null ? '' : `${flat.toFixed(2)}x, ${flat <= FLAT ? 'met' : '**not met**'}`,
      )
    }),
  )
  const head = [
    'Tenants',
    'Resources',
    'Viewer',
    'Statement ms',
    `At most ${ALONE_AIM} ms`,
    'List ms',
    `At most ${LIST_AIM} ms`,
    `1M against 200k, at most ${FLAT}x`,
  ]
  return table(head, rows)
}

function figures(results: readonly AccessResult[]): string {
  const rows = results.flatMap(({ tenants, size, viewers }) =>
    Object.entries(viewers).map(([viewer, one]) =>
      row(
        number(tenants),
        number(size),
        viewer,
        one.seen > 10_000 ? '10,000+' : number(one.seen),
        ms(one.alone),
        ms(one.list),
        ms(one.request),
        one.statements.toString(),
        ms(one.count),
        ms(one.search),
        ms(one.miss),
        ms(one.get),
      ),
    ),
  )
  return table(
    [
      'Tenants',
      'Resources',
      'Viewer',
      'Hosts seen',
      'Statement',
      'List 50',
      'Request',
      'Statements',
      'Count',
      'Search: found',
      'Search: nothing',
      'Get',
    ],
    rows,
  )
}

function cellsTable(results: readonly AccessResult[]): string {
  const rows = results.flatMap(({ tenants, size, cells }) =>
    cells
      ? [
          row(
            number(tenants),
            number(size),
            number(cells.cells),
            ms(cells.statement),
            number(cells.buffers),
            cells.whole.join(', ') || 'none',
          ),
        ]
      : [],
  )
  return table(['Tenants', 'Resources', 'Cells', 'Statement', 'Pages touched', 'Read as a whole'], rows)
}

function moveText({ tenants, size, move }: AccessResult): string {
  if (!move) return ''
  const { reader, writer } = move
  const longest = (one: { before: number; during: number }) =>
    `${one.during.toFixed(0)} ms (${one.before.toFixed(0)} ms in two seconds without it)`
  return `- ${number(tenants)} tenants, ${number(size)} resources: ${number(move.moved)} moved in ${(move.took / 1000).toFixed(1)} s. Longest read meanwhile: ${longest(reader)}. Longest write: ${longest(writer)}, ${writer.refused} refused.`
}

/** bench/access.md. */
export function accessReadme(
  results: readonly AccessResult[],
  machine: string,
  rounds: number,
  busy: boolean,
): string {
  const writes = results.filter((result) => result.writes)
  const moves = results.filter((result) => result.move)
  return `# Benchmark of access

\`npm run bench -- access [--sizes 10000,200000,1000000 --tenants 10,1000,10000 --rounds 60 --out bench/access.md]\` makes databases of its own in a
temporary DATA_DIR, fills them, measures, writes this file, and cleans up.

Milliseconds, fastest / p50 / p95 of ${rounds} rounds, in this process: through service, scope, Prisma and row-level security (BEGIN, signed context, statement, COMMIT).
Kinds are mixed; a list is the first 50 hosts, a search goes over all kinds, a get reads what it refers to and what is attached as well. *typical*
sees 1 % of all (own, assigned, public, in an added cloud, by grant); *small* has 10 hosts, *empty* none: both see what is public; *many grants* holds 10,000;
*big cloud* has added a public cloud of 100,000; *group*, *scoped* and *own* are people of *typical* whose roles reach two groups, one cloud, what they made.
Hosts seen are counted up to 10,000. *Statement* is that of the list alone, prepared, as the serving role with a signed context; the aim takes its fastest
round. *Request* is \`resources.list\` called in this process from the session token on, with the count of all and the checked output, without HTTP;
*Statements* is all that it sends to the database, BEGIN and COMMIT too.

${machine}

## Aims

${busy ? 'The machine was busy with other work: the fastest round counts here.\n\n' : ''}${aims(results, busy)}

## Figures

${figures(results)}

## Matrix

The cells of 50 resources by 50 tenants, as the master; "as a whole" would name a large table that is read from end to end.

${cellsTable(results)}

## Moving a cloud

The task that assigns a cloud with all that is in it to one tenant, in one transaction, while a person of another tenant reads a list and one of a third
writes to a host, again and again. Whoever reads waits for nobody. Whoever writes waits for the lock of everyone (decision 0012), which the task holds
from its first row to its commit since what is public is taken from all; a wait of 5 s is refused, to be tried again.

${moves.map(moveText).join('\n')}

## Writes

Rows of \`resource\` that a change of access writes, whatever it opens or shuts:

${writes
  .map(
    ({ tenants, size, writes }) =>
      `${number(tenants)} tenants, ${number(size)} resources:\n\n${Object.entries(writes ?? {})
        .map(([what, n]) => `- ${what}: ${number(n)}`)
        .join('\n')}`,
  )
  .join('\n\n')}
`
}
