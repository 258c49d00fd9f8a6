import type { ViewerName } from '@/prisma/seed/large'
import type { Load } from './load'
import type { Results, SizeResult } from './results'

const size = (n: number) => (n >= 1e6 ? `${n / 1e6}M` : n >= 1000 ? `${n / 1000}k` : String(n))
const ms = (n: number) => (n < 10 ? n.toFixed(2) : n.toFixed(1))
const rate = (n: number) => Math.round(n).toLocaleString('en')
const times = (n: number) => `${n.toFixed(2)}x`
const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`
const table = (head: string[], rows: string[]) =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n')
const verdict = (met: boolean) => (met ? 'met' : '**not met**')

const viewersOf = (result: SizeResult) => Object.keys(result.lists) as ViewerName[]

/** Aims of the work order, each with what came out. Ratios first: they hold on other machines, too. */
function aims(results: Results): string {
  const [first, last] = [results.sizes[0], results.sizes.at(-1)]
  if (!first || !last) return ''
  const rows: string[] = []
  const span = `${size(first.size)} to ${size(last.size)}`
  for (const viewer of viewersOf(last)) {
    const [a, b] = [first.lists[viewer], last.lists[viewer]]
    if (!a || !b || first === last) continue
    const growth = b.freehold.p50 / a.freehold.p50
    const seen = `${rate(a.database.seen)} and ${rate(b.database.seen)} hosts seen`
    rows.push(
      row(times(growth), `list, ${viewer}: p50 at ${span} (${seen})`, 'at most 1.3x', verdict(growth <= 1.3)),
    )
  }
  for (const viewer of viewersOf(last)) {
    for (const each of results.sizes) {
      const part = each.lists[viewer]?.database
      if (!part) continue
      const ratio = part.scoped / part.bare
      const what = `database part against bare SQL, ${viewer}, ${size(each.size)}: ${ms(part.scoped)} ms / ${ms(part.bare)} ms`
      rows.push(row(times(ratio), what, 'at most 1.5x', verdict(ratio <= 1.5)))
    }
  }
  for (const each of results.sizes) {
    const { freehold, bare } = each.reports
    const ratio = freehold.perSecond / bare.perSecond
    const what = `agent reports against bare inserts, ${size(each.size)}: ${rate(freehold.perSecond)} / ${rate(bare.perSecond)} a second`
    rows.push(row(times(ratio), what, 'at least 0.5x', verdict(ratio >= 0.5)))
  }
  rows.push(...absolutes(results))
  return table(['Ratio or value', 'What', 'Aim', 'Result'], rows)
}

function absolutes({ sizes, pages, demo, withNext }: Results): string[] {
  const loads = sizes.flatMap((each) => [
    ...Object.values(each.lists).map(({ freehold }) => freehold),
    each.reports.freehold,
  ])
  const rss = Math.max(...loads.map((load) => load.rss))
  const rows = [
    row(`${rss} MB`, 'RSS of the server under load', 'at most 400 MB', verdict(rss > 0 && rss <= 400)),
  ]
  for (const page of pages) {
    const good = page.status === 200 && page.kb <= 170
    rows.push(
      row(
        `${page.kb.toFixed(0)} kB`,
        `JavaScript of ${page.page}, compressed`,
        'at most 170 kB',
        verdict(good),
      ),
    )
  }
  if (pages.length === 0)
    rows.push(
      row('-', 'JavaScript of a first page', 'at most 170 kB', withNext ? '-' : 'no build, not measured'),
    )
  rows.push(
    demo === null
      ? row('-', 'demo up', 'within 60 s', 'not measured in this run')
      : row(
          `${(demo / 1000).toFixed(0)} s`,
          'demo up, nothing built before',
          'within 60 s',
          verdict(demo <= 60_000),
        ),
  )
  return rows
}

function lists(results: Results): string {
  const line = (at: number, viewer: string, who: string, load: Load, ratio: string) =>
    row(
      ratio,
      size(at),
      viewer,
      who,
      rate(load.perSecond),
      ms(load.p50),
      ms(load.p95),
      ms(load.cpu),
      ms(load.databaseCpu),
      load.rss,
      load.failed,
    )
  const rows = results.sizes.flatMap((each) =>
    viewersOf(each).flatMap((viewer) => {
      const pair = each.lists[viewer]
      if (!pair) return []
      const ratio = times(pair.freehold.perSecond / pair.bare.perSecond)
      return [
        line(each.size, viewer, 'Freehold', pair.freehold, ratio),
        line(each.size, viewer, 'bare', pair.bare, ''),
      ]
    }),
  )
  const reports = results.sizes.flatMap((each) => {
    const { freehold, bare, agents } = each.reports
    const ratio = times(freehold.perSecond / bare.perSecond)
    const what = `reports of ${rate(agents)} agents`
    return [line(each.size, what, 'Freehold', freehold, ratio), line(each.size, what, 'bare', bare, '')]
  })
  const head = [
    'Ratio',
    'Hosts',
    'Load',
    'Server',
    'Requests/s',
    'p50 ms',
    'p95 ms',
    'CPU ms',
    'PostgreSQL CPU ms',
    'RSS MB',
    'Failed',
  ]
  return table(head, [...rows, ...reports])
}

/** bench/README.md. */
export function readme(results: Results): string {
  const { machine } = results
  const server = results.withNext
    ? 'the production server (`dist/server.mjs`)'
    : '`bench/api-server.ts`: the production server less Next (no pages), since no build was asked for or it failed; API requests take the same path in both'
  return `# Benchmark

\`npm run bench [-- --sizes 10000,100000,1000000 --seconds 5 --out bench/README.md --api-only --demo]\` makes a database of its own in a
temporary DATA_DIR, fills it, measures, writes this file and \`bench/plans.md\`, and cleans up. \`--out -\` only prints, \`--api-only\` does
without Next, \`--demo\` also measures \`npm run demo\` from an unbuilt tree.

How to read it: the **ratio** comes first because it is taken within one run and holds on other machines; figures do not. *Bare* is
\`bench/bare.ts\`: Node's http and a pool of pg that run the product's own list SQL as a superuser, without row-level security, sign-in,
context or checks of the output, with the tenant's clouds as bound values; for reports, one upsert of the same row. *Database part*: the
same list through scope, Prisma and the wall (BEGIN, context, list with count, COMMIT) against the bare statement, in this process, in turn.
Measured was ${server}. Load: autocannon, 16 connections over loopback on the same machine, ${results.seconds} s each after a warm-up, one after the
other; the load itself takes part of the cores. 1,000 subtenants; *typical* sees 1 % of all hosts (own, assigned, public, in an added
cloud, by grant), *small* and *empty* what is public, the *master* owns half. Each list is the first page of 50 with the count of all,
exact up to 10,000. Logs are written (to nowhere), the worker rests during load.

${machine.date}, commit ${machine.commit}: ${machine.cores} cores (${machine.cpu}), Node ${machine.node}, PostgreSQL ${machine.postgres} embedded, load average before: ${machine.loadBefore.toFixed(1)}

## Aims

${aims(results)}

## Figures

${lists(results)}

Start, until \`/api/health/ready\` is good: cold (empty DATA_DIR: cluster, roles, migrations) ${ms(results.start.cold / 1000)} s, warm ${ms(results.start.warm / 1000)} s.

What the database does for list, count and get: [plans.md](plans.md).
`
}
