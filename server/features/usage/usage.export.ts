import type { SignedInOp } from '@/server/context/op'
import { assertStillAllowed } from '@/server/context/still-allowed'
import { inTenant } from '@/server/db/scope'
import type { HttpRoute } from '@/server/http/route'
import { csvResponse } from '@/server/platform/csv'
import { invalidField } from '@/server/platform/errors'
import { batchEnd, linesOf, type UsageLine } from './usage.repo'
import { MONTHS_KEPT, usageRange } from './usage.schema'
import { lastMonths } from './usage.words'

/** Tenants of one short transaction. */
const BATCH = 200
const FIGURES = ['Month', 'Days counted', 'Peak hosts', 'Average hosts', 'Users', 'Virtual machines']

/** The months that the query names, at most all that is kept. @throws AppError invalid_input */
function rangeOf(request: Request): { from: string; to: string } {
  const asked = usageRange.parse(Object.fromEntries(new URL(request.url).searchParams))
  const kept = lastMonths(MONTHS_KEPT + 1)
  const range = { from: asked.from ?? kept.at(-1) ?? '', to: asked.to ?? kept[0] ?? '' }
  if (range.from > range.to) throw invalidField('from', 'The first month is after the last')
  return range
}

const figures = (line: UsageLine) => [
  line.month,
  line.days,
  line.peak,
  line.average,
  line.users,
  line.machines,
]

/** Usage of all tenants by month, as CSV. */
export const usageExport: HttpRoute = {
  name: 'usage.export',
  method: 'GET',
  path: '/api/usage/export.csv',
  declaration: {
    scope: 'master',
    permission: ['tenants', 'read'],
    audit: 'none',
    impersonating: 'refused',
    summary: 'Usage of all tenants in a range of months, as CSV',
  },
  maxBody: 0,
  handle: ({ request, op }) => {
    const range = rangeOf(request)
    const header = ['Tenant', 'Subdomain', ...FIGURES]
    return Promise.resolve(
      csvResponse(`usage-${range.from}-${range.to}`, header, allLines(op as SignedInOp, range)),
    )
  },
}

/** Usage of the tenant by month, as CSV. */
export const ownUsageExport: HttpRoute = {
  name: 'usage.ownExport',
  method: 'GET',
  path: '/api/usage/own.csv',
  declaration: {
    scope: 'tenant',
    permission: ['billing', 'read'],
    audit: 'none',
    impersonating: 'refused',
    summary: 'Usage of the tenant in a range of months, as CSV',
  },
  maxBody: 0,
  handle: ({ request, op }) => {
    const range = rangeOf(request)
    return Promise.resolve(
      csvResponse(`usage-${range.from}-${range.to}`, FIGURES, ownLines(op as SignedInOp, range)),
    )
  },
}

type Range = ReturnType<typeof rangeOf>

async function* allLines(op: SignedInOp, range: Range) {
  for (let after: string | undefined; ;) {
    await assertStillAllowed(op)
    const { end, lines } = await inTenant(op, async (tx) => ({
      lines: await linesOf(tx, range, { after, limit: BATCH }),
      end: await batchEnd(tx, after, BATCH),
    }))
    yield lines.map((line) => [line.name, line.slug, ...figures(line)])
    if (end === null) return
    after = end
  }
}

async function* ownLines(op: SignedInOp, range: Range) {
  await assertStillAllowed(op)
  const lines = await inTenant(op, (tx) => linesOf(tx, range, { only: op.tenant.id, limit: 1 }))
  yield lines.map(figures)
}
