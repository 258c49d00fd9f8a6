import { z } from 'zod'
import { ACTIVITY_FACETS, BACKUP_FACETS } from '@/app/(console)/_components/streams/streams-facets'
import { parseTableParams } from '@/ui/table-url'

type Query = Record<string, string | string[] | undefined>
const idOf = (values: string[] | undefined) => z.uuid().safeParse(values?.[0]).data

const STATUSES = ['running', 'ok', 'failed', 'info', 'unknown'] as const
const STATES = ['protected', 'verified', 'broken', 'gone'] as const

/** Search, filters and page of a stream of tasks or events from its URL; values that mean nothing are left out. */
export function activityInput(query: Query) {
  const { q, cursor, filters } = parseTableParams(query, [...ACTIVITY_FACETS, 'about'])
  return {
    search: q,
    cursor: cursor ?? undefined,
    status: STATUSES.filter((status) => filters.status?.includes(status)),
    resourceId: idOf(filters.about),
  }
}

export function backupsInput(query: Query) {
  const { q, cursor, filters } = parseTableParams(query, [...BACKUP_FACETS, 'about'])
  return {
    search: q,
    cursor: cursor ?? undefined,
    state: STATES.filter((state) => filters.state?.includes(state)),
    resourceId: idOf(filters.about),
  }
}
