import type { SignedInOp } from '@/server/context/op'
import { assertStillAllowed } from '@/server/context/still-allowed'
import type { HttpRoute } from '@/server/http/route'
import { csvResponse } from '@/server/platform/csv'
import { tenantFilter } from './tenants.schema'
import { everyTenant } from './tenants.service'
import { z } from 'zod'

const query = z.object({ ...tenantFilter, desc: z.stringbool().default(false) })

const HEADER = ['Name', 'Subdomain', 'Role', 'Total Instances', 'Total Users', 'Status', 'Reason', 'Created']

/** The list of tenants as CSV, with the list's own search, filter and sort. */
export const tenantExport: HttpRoute = {
  name: 'tenants.export',
  method: 'GET',
  path: '/api/tenants/export.csv',
  declaration: {
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    audit: 'none',
    impersonating: 'refused',
    summary: 'All tenants that fit the filter, as CSV',
  },
  maxBody: 0,
  handle: async ({ request, op }) => {
    const params = new URL(request.url).searchParams
    const filter = query.parse({ ...Object.fromEntries(params), status: params.getAll('status') })
    return csvResponse('tenants', HEADER, lines(op as SignedInOp, filter))
  },
}

async function* lines(op: SignedInOp, filter: z.output<typeof query>) {
  for await (const batch of everyTenant(op, filter)) {
    await assertStillAllowed(op)
    yield batch.map((t) => [
      t.name,
      t.slug,
      t.role?.name,
      t.totalInstances,
      t.totalUsers,
      t.status,
      t.statusReason,
      t.createdAt,
    ])
  }
}
