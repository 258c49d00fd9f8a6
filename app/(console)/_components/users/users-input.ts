import { parseTableParams } from '@/ui/table-url'

const SORTS = ['name', 'username', 'email', 'status', 'lastSignIn'] as const
const STATUSES = ['active', 'disabled'] as const
const KINDS = ['home', 'guest', 'provider'] as const

/** The list's input from the URL of a page of users; values that mean nothing are left out. */
export function usersInput(query: Record<string, string | string[] | undefined>) {
  const { q, sort, cursor, filters } = parseTableParams(query, ['status', 'kind'])
  return {
    search: q,
    sort: SORTS.find((id) => id === sort?.id) ?? 'name',
    desc: sort?.desc ?? false,
    status: STATUSES.filter((status) => filters.status?.includes(status)),
    kind: KINDS.filter((kind) => filters.kind?.includes(kind)),
    cursor: cursor ?? undefined,
  }
}
