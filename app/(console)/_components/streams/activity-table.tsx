'use client'

import { SquareActivity } from 'lucide-react'
import type { ReactNode } from 'react'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { About, InCloud } from '@/app/(console)/_components/streams/about'
import { ACTIVITY_FACETS } from '@/app/(console)/_components/streams/streams-facets'
import type { TenantPrefix } from '@/lib/host'
import { type ConsolePaths, consolePaths } from '@/lib/paths'
import type { ActivityList, ActivityRow } from '@/server/features/streams/streams.schema'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { type Status, StatusDot } from '@/ui/status-dot'
import { useTableUrlState } from '@/ui/use-table-url-state'

const DOT: Record<ActivityRow['status'], { status: Status; label: string }> = {
  running: { status: 'pending', label: 'Running' },
  ok: { status: 'live', label: 'Done' },
  failed: { status: 'offline', label: 'Failed' },
  info: { status: 'unknown', label: 'Event' },
  unknown: { status: 'unknown', label: 'End not known' },
}
const dash = <span className="text-faint">–</span>

/** How it went, in a word. */
export const ActivityStatus = ({ row }: { row: Pick<ActivityRow, 'status'> }) => (
  <StatusDot {...DOT[row.status]} pulse={row.status === 'running'} />
)

const columnsOf = (kind: ActivityRow['kind'], paths: ConsolePaths, inCloud: boolean): Column<ActivityRow>[] =>
  [
    {
      id: 'title',
      header: kind === 'task' ? 'Task' : 'Event',
      className: 'min-w-40',
      cell: (row: ActivityRow) => (
        <span className="grid">
          <span>{row.title}</span>
          {row.message !== '' && (
            <span className="max-w-96 text-2xs break-words text-muted">{row.message}</span>
          )}
        </span>
      ),
    },
    {
      id: 'about',
      header: 'About',
      className: 'min-w-36',
      cell: (row: ActivityRow) => <About row={row} paths={paths} />,
    },
    kind === 'task' && {
      id: 'status',
      header: 'Status',
      className: 'w-32',
      cell: (row: ActivityRow) => <ActivityStatus row={row} />,
    },
    {
      id: 'actor',
      header: 'By',
      hideable: true,
      className: 'max-w-48 truncate',
      cell: (row: ActivityRow) => (row.actor === '' ? dash : row.actor),
    },
    !inCloud && {
      id: 'cloud',
      header: 'Cloud',
      hideable: true,
      className: 'max-w-40 truncate',
      cell: (row: ActivityRow) => <InCloud cloud={row.cloud} paths={paths} />,
    },
    {
      id: 'at',
      header: 'When',
      className: 'w-32',
      cell: (row: ActivityRow) => <RelativeTime date={row.startedAt} />,
    },
  ].filter((column) => column !== false)

const STATUSES = (['running', 'ok', 'failed', 'unknown'] as const).map((value) => ({
  value,
  label: DOT[value].label,
}))

interface Props {
  list: ActivityList
  kind: ActivityRow['kind']
  prefix: TenantPrefix
  /** On the page of one cloud. */
  inCloud?: boolean
  empty: ReactNode
}

/** Tasks or events of clouds, newest first, kept current. */
export function ActivityTable({ list, kind, prefix, inCloud = false, empty }: Props) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: ACTIVITY_FACETS, defaultSort: null })
  const word = kind === 'task' ? 'Tasks' : 'Events'
  return (
    <>
      <LiveRefresh />
      <DataTable
        label={word}
        columns={columnsOf(kind, paths, inCloud)}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => row.title}
        search={{
          value: table.q,
          onChange: table.setQ,
          placeholder: `Search ${word.toLowerCase()}, machines, people`,
        }}
        facets={
          kind === 'task'
            ? [
                {
                  id: 'status',
                  label: 'Status',
                  options: STATUSES,
                  value: table.filters.status ?? [],
                  onChange: (value) => table.setFilter('status', value),
                },
              ]
            : undefined
        }
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey={`activity.${kind}`}
        page={table.pageOf(list)}
        empty={
          <EmptyState bare icon={<SquareActivity />} title={`No ${word.toLowerCase()}`}>
            {empty}
          </EmptyState>
        }
      />
    </>
  )
}
