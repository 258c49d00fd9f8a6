import { z } from 'zod'
import { parseTableParams } from '@/ui/table-url'

const STATUSES = ['pending', 'online', 'offline'] as const
const SORTS = ['name', 'status', 'lastSeen', 'created'] as const

/** Search, filters, order and page of the hosts page from its URL; values that mean nothing are left out. */
export function hostsInput(query: Record<string, string | string[] | undefined>) {
  const { q, cursor, sort, filters } = parseTableParams(query, ['status', 'tenant'])
  const tenant = z.uuid().safeParse(filters.tenant?.[0])
  return {
    search: q,
    cursor: cursor ?? undefined,
    status: STATUSES.filter((status) => filters.status?.includes(status)),
    tenantId: tenant.data,
    sort: SORTS.find((name) => name === sort?.id) ?? ('name' as const),
    desc: sort?.desc ?? false,
  }
}
