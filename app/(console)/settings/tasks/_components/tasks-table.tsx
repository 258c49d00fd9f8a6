'use client'

import { ListChecks } from 'lucide-react'
import { PollWhile } from '@/app/(console)/settings/tasks/_components/poll-while'
import { TaskProgress, TaskStatus } from '@/app/(console)/settings/tasks/_components/task-status'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { TaskList, TaskRow } from '@/server/features/tasks/tasks.schema'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS: readonly string[] = []
const COLUMNS: Column<TaskRow>[] = [
  { id: 'title', header: 'Task', className: 'min-w-56', cell: (row) => row.title },
  { id: 'status', header: 'Status', className: 'w-28', cell: (row) => <TaskStatus status={row.status} /> },
  { id: 'progress', header: 'Progress', className: 'min-w-44', cell: (row) => <TaskProgress task={row} /> },
  { id: 'by', header: 'By', cell: (row) => (row.mine ? 'You' : row.by || 'Somebody else') },
  {
    id: 'created',
    header: 'Started',
    className: 'w-32',
    cell: (row) => <RelativeTime date={row.createdAt} />,
  },
]

/** Work in the background, newest first. */
export function TasksTable({ list, prefix }: { list: TaskList; prefix: TenantPrefix }) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  return (
    <>
      <PollWhile active={list.rows.some(({ status }) => status === 'queued' || status === 'running')} />
      <DataTable
        label="Tasks"
        columns={COLUMNS}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => row.title}
        rowHref={(row) => paths.task(row.id)}
        loading={table.pending}
        page={table.pageOf(list)}
        empty={
          <EmptyState bare icon={<ListChecks />} title="No tasks">
            Nothing has taken long yet. Migrating hosts, or assigning a cloud with more than 10,000 things in
            it, for instance, appears here.
          </EmptyState>
        }
      />
    </>
  )
}
