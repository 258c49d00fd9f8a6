import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import { parseTableParams } from '@/ui/table-url'

const ROLES = ['viewer', 'editor', 'admin'] as const
const STATUSES = ['pending', 'live', 'suspended'] as const

/** The list's input from the URL; values that mean nothing are left out. */
export function sharesInput(query: Record<string, string | string[] | undefined>) {
  const { q, cursor, filters } = parseTableParams(query, ['status', 'role'])
  return {
    search: q,
    role: ROLES.filter((role) => filters.role?.includes(role)),
    status: STATUSES.filter((status) => filters.status?.includes(status)),
    cursor: cursor ?? undefined,
  }
}

/** The page of each shared resource, by the share's id; what waits is not in sight and has none. */
export function shareLinks(
  paths: ConsolePaths,
  rows: readonly { id: string; kind: string; resourceId: string; status: string }[],
  own: boolean,
): Record<string, string> {
  return Object.fromEntries(
    rows.flatMap((row) => {
      const kind = kindOf(row.kind)
      return kind && (own || row.status === 'live') ? [[row.id, paths.resource(kind, row.resourceId)]] : []
    }),
  )
}
