import { AUDIT_AREAS } from '@/lib/audit-words'
import type { AuditFilters } from '@/server/features/audit/audit.schema'
import { parseTableParams } from '@/ui/table-url'

const RESULTS = ['ok', 'denied', 'failed'] as const

/** The filters of an audit page from its URL; values that mean nothing are left out. */
export function auditInput(query: Record<string, string | string[] | undefined>): Partial<AuditFilters> {
  const { q, cursor, filters } = parseTableParams(query, ['result', 'area'])
  return {
    search: q || undefined,
    cursor: cursor ?? undefined,
    result: RESULTS.filter((result) => filters.result?.includes(result)),
    area: AUDIT_AREAS.map(({ value }) => value).filter((area) => filters.area?.includes(area)),
  }
}
