'use client'

import { ArrowRightLeft } from 'lucide-react'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { HostMoveList, HostMoveRow } from '@/server/features/host-moves/host-moves.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS: readonly string[] = []
const nameOf = ({ hosts, to }: HostMoveRow) =>
  `${hosts.toLocaleString('en')} ${hosts === 1 ? 'host' : 'hosts'} to ${to}`

const COLUMNS: Column<HostMoveRow>[] = [
  { id: 'what', header: 'Migration', className: 'min-w-48', cell: nameOf },
  {
    id: 'state',
    header: 'State',
    className: 'w-40',
    cell: (row) =>
      row.undoneAt ? <Badge>Undone by {row.undoneBy}</Badge> : <Badge tone="success">Done</Badge>,
  },
  { id: 'by', header: 'By', cell: (row) => row.createdBy },
  { id: 'at', header: 'When', className: 'w-32', cell: (row) => <RelativeTime date={row.createdAt} /> },
]

/** Migrations that can be undone or were, newest first. */
export function MigrationsTable({ list, prefix }: { list: HostMoveList; prefix: TenantPrefix }) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  return (
    <DataTable
      label="Migrations"
      columns={COLUMNS}
      rows={list.rows}
      rowId={(row) => row.id}
      rowName={nameOf}
      rowHref={(row) => paths.hostMigration(row.id)}
      loading={table.pending}
      page={table.pageOf(list)}
      empty={
        <EmptyState bare icon={<ArrowRightLeft />} title="No migrations">
          No host went from one tenant to another in the last 7 days. Choose hosts in their list, then Actions
          and Migrate devices. Those of a tenant’s own are on its page, under Resources.
        </EmptyState>
      }
    />
  )
}
