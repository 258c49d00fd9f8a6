import { z } from 'zod'
import { parseTableParams } from '@/ui/table-url'

/** Filters that the page keeps in its URL. */
export const ALL_TENANTS_FACETS = ['tenant']

/** Search, tenant and page from the URL; values that mean nothing are left out. */
export function allTenantsInput(query: Record<string, string | string[] | undefined>) {
  const { q, cursor, filters } = parseTableParams(query, ALL_TENANTS_FACETS)
  return {
    search: q,
    cursor: cursor ?? undefined,
    tenantId: z.uuid().safeParse(filters.tenant?.[0]).data,
  }
}
