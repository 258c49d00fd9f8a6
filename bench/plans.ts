import pg from 'pg'
import type { ViewerName } from '@/prisma/seed/large'
import { signContext } from '@/server/db/context-token'
import { database } from '@/server/db/runtime'
import { roleUrl } from '@/server/db/urls'
import { findResources } from '@/server/features/resources/resources.repo'
import { countResources, listResources } from '@/server/features/resources/resource-list.repo'
import { opOf } from './database-part'
import { catchStatement, LIST, type Statement } from './same-sql'

/** What was not needed for this viewer, and the many small questions to the context. */
const NOISE = /never executed|InitPlan \d+$|SubPlan \d+$|Index Searches|^ +-> {2}Result \(actual/

/** EXPLAIN ANALYZE of list, count and get behind the wall, as Markdown. */
export async function plansOf(runtimeUrl: string, secret: string, size: number): Promise<string> {
  const parts = [
    `# Plans at ${size.toLocaleString('en')} hosts\n`,
    'Written by `npm run bench`, as the serving roles behind the wall (EXPLAIN ANALYZE with its own cost: slower than the real run).\n',
  ]
  for (const viewer of ['typical', 'master'] as const) {
    const op = await opOf(viewer)
    const role = op.tenant.isMaster ? 'master' : 'tenant'
    const client = new pg.Client({ connectionString: roleUrl(runtimeUrl, role, secret) })
    await client.connect()
    try {
      await client.query('begin')
      const context = signContext(database().key, {
        mode: 'user',
        tenantId: op.tenant.id,
        userId: op.actor.userId,
        sessionId: op.session.id,
      })
      await client.query('select wall.enter($1, false, null, null)', [context])
      for (const [what, statement] of await statementsOf(client, viewer)) {
        const explain = `explain (analyze, buffers off, costs off, timing off, summary on) ${statement.text}`
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(explain, statement.values)
        const lines = rows.map((row) => row['QUERY PLAN'].slice(0, 160)).filter((line) => !NOISE.test(line))
        parts.push(`## ${viewer}: ${what}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\`\n`)
      }
    } finally {
      await client.end()
    }
  }
  return parts.join('\n')
}

async function statementsOf(client: pg.Client, viewer: ViewerName): Promise<[string, Statement][]> {
  const { tenant } = await opOf(viewer)
  const view = { tenantId: tenant.id, isMaster: tenant.isMaster }
  const list = catchStatement((tx) => listResources(tx, view, { ...LIST, counted: false }))
  const first = (await client.query<{ id: string }>(list.text, list.values)).rows[0]?.id ?? ''
  return [
    ['list of 50', list],
    ['count', catchStatement((tx) => countResources(tx, view, LIST))],
    ['get', catchStatement((tx) => findResources(tx, view, [first]))],
  ]
}
