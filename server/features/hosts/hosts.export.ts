import { z } from 'zod'
import type { SignedInOp } from '@/server/context/op'
import { assertStillAllowed } from '@/server/context/still-allowed'
import { hostFilterSchema } from '@/server/features/hosts/hosts.schema'
import { everyHost } from '@/server/features/hosts/hosts.service'
import type { HttpRoute } from '@/server/http/route'
import { csvResponse } from '@/server/platform/csv'

const query = hostFilterSchema.extend({ desc: z.stringbool().default(false) })

const HEADER = [
  'Name',
  'Status',
  'Operating system',
  'Address',
  'CPUs',
  'Memory (bytes)',
  'Memory used (bytes)',
  'Load',
  'Tenant',
  'Visibility',
  'Last seen',
  'Created',
]

/** The list of hosts as CSV, with the list's own search and filters, by name. */
export const hostsExport: HttpRoute = {
  name: 'hosts.export',
  method: 'GET',
  path: '/api/hosts/export.csv',
  declaration: {
    scope: 'tenant',
    permission: ['hosts', 'read'],
    audit: 'none',
    impersonating: 'refused',
    summary: 'All hosts that fit the filter, as CSV',
  },
  maxBody: 0,
  handle: async ({ request, op }) => {
    const params = new URL(request.url).searchParams
    const filter = query.parse({ ...Object.fromEntries(params), status: params.getAll('status') })
    return csvResponse('hosts', HEADER, lines(op as SignedInOp, filter))
  },
}

async function* lines(op: SignedInOp, filter: z.output<typeof query>) {
  for await (const batch of everyHost(op, filter)) {
    await assertStillAllowed(op)
    yield batch.map((h) => [
      h.name,
      h.status,
      h.os,
      h.address,
      h.cpus,
      h.memoryTotal,
      h.memoryUsed,
      h.load1,
      h.assignedTenant?.name,
      h.visibility,
      h.lastSeenAt,
      h.createdAt,
    ])
  }
}
