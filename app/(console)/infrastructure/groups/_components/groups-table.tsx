'use client'

import { FolderTree } from 'lucide-react'
import type { ReactNode } from 'react'
import { LiveRefresh } from '@/app/_components/live-refresh'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { GroupList, GroupRow } from '@/server/features/groups/groups.schema'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS: readonly string[] = []
const COLUMNS: Column<GroupRow>[] = [
  { id: 'name', header: 'Name', className: 'min-w-40', cell: (row) => row.name },
  {
    id: 'description',
    header: 'Description',
    className: 'max-w-80 truncate',
    cell: (row) => row.description || <span className="text-faint">–</span>,
  },
  {
    id: 'members',
    header: 'In it',
    align: 'end',
    className: 'w-20',
    cell: (row) => row.members.toLocaleString('en'),
  },
  { id: 'clouds', header: 'Clouds', align: 'end', className: 'w-20', cell: (row) => row.clouds },
  { id: 'created', header: 'Made', className: 'w-32', cell: (row) => <RelativeTime date={row.createdAt} /> },
]

interface Props {
  list: GroupList
  prefix: TenantPrefix
  create: ReactNode
}

/** The tenant's groups, with what the person sees of each. */
export function GroupsTable({ list, prefix, create }: Props) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  return (
    <>
      <LiveRefresh />
      <DataTable
        label="Groups"
        columns={COLUMNS}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => paths.group(row.id)}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search groups' }}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        page={table.pageOf(list)}
        empty={
          <EmptyState bare icon={<FolderTree />} title="No groups yet" action={create}>
            Make one, put hosts, clouds and the like into it, and let a role reach just these.
          </EmptyState>
        }
      />
    </>
  )
}
