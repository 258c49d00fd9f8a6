import { z } from 'zod'
import { RESOURCE_FACETS } from '@/app/(console)/_components/resources/resources-facets'
import { parseTableParams } from '@/ui/table-url'

const idOf = (values: string[] | undefined) => z.uuid().safeParse(values?.[0]).data

/** Search, filters, order and page of a kind's list from its URL; values that mean nothing are left out. */
export function resourcesInput(query: Record<string, string | string[] | undefined>) {
  const { q, cursor, sort, filters } = parseTableParams(query, RESOURCE_FACETS)
  return {
    search: q,
    cursor: cursor ?? undefined,
    cloudId: idOf(filters.cloud),
    groupId: idOf(filters.group),
    tag: filters.tag?.[0]?.slice(0, 60),
    tenantId: idOf(filters.tenant),
    sort: sort?.id === 'created' ? ('created' as const) : ('name' as const),
    desc: sort?.desc ?? false,
  }
}
