import { parseTableParams } from '@/ui/table-url'

const STATUSES = ['pending', 'expired', 'accepted', 'declined', 'revoked'] as const

/** The list's input from the URL of a page of invitations; those that wait come unless others are asked for. */
export function invitationsInput(query: Record<string, string | string[] | undefined>) {
  const { q, cursor, filters } = parseTableParams(query, ['status'])
  return {
    search: q,
    status: STATUSES.filter((status) => filters.status?.includes(status)),
    cursor: cursor ?? undefined,
  }
}
