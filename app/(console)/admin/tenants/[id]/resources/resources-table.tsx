'use client'

import { ArrowRightLeft, Boxes } from 'lucide-react'
import { useState } from 'react'
import type { z } from 'zod'
import { MigrateDialog } from '@/app/(console)/_components/host-moves/migrate-dialog'
import { seeAsHref } from '@/app/(console)/admin/tenants/[id]/resources/see-as-href'
import type { tenantResourceRow, tenantResourcesOutput } from '@/server/features/see-as/see-as.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { BulkAction, Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { StatusDot } from '@/ui/status-dot'
import { useTableUrlState } from '@/ui/use-table-url-state'

type Row = z.output<typeof tenantResourceRow>

const DOT = { online: 'live', offline: 'offline', pending: 'pending' } as const
const WORD = { online: 'Online', offline: 'Offline', pending: 'Waiting' } as const
const THROUGH = { own: 'Its own', assigned: 'Assigned', public: 'Public', granted: 'Shared' } as const

const COLUMNS: Column<Row>[] = [
  { id: 'name', header: 'Name', className: 'min-w-40', cell: (row) => row.name },
  { id: 'kind', header: 'Kind', cell: (row) => row.kindLabel },
  { id: 'through', header: 'Comes to it as', cell: (row) => <Badge>{THROUGH[row.through]}</Badge> },
  {
    id: 'status',
    header: 'Status',
    // of what has no agent there is none
    cell: (row) =>
      row.kind === 'host' ? <StatusDot status={DOT[row.status]} label={WORD[row.status]} /> : null,
  },
  {
    id: 'lastSeen',
    header: 'Last seen',
    cell: (row) =>
      row.lastSeenAt ? <RelativeTime date={row.lastSeenAt} /> : row.kind === 'host' ? 'never' : null,
  },
  { id: 'created', header: 'Created', cell: (row) => <RelativeTime date={row.createdAt} /> },
]

/** What a tenant sees, to look at only. */
export function ResourcesTable({
  list,
  href,
  kind,
  roleId,
  migrates,
}: {
  list: z.output<typeof tenantResourcesOutput>
  href: string
  kind: string | undefined
  roleId: string | undefined
  /** Hosts are listed, and this person migrates them. */
  migrates: boolean
}) {
  const table = useTableUrlState()
  const [migrating, setMigrating] = useState<readonly Row[] | null>(null)
  const bulk: BulkAction[] = [
    {
      label: 'Migrate devices…',
      icon: <ArrowRightLeft aria-hidden />,
      onSelect: (chosen) => setMigrating(list.rows.filter(({ id }) => chosen.includes(id))),
    },
  ]
  return (
    <>
      <DataTable
        label={`Resources that ${list.tenant.name} sees`}
        columns={COLUMNS}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => seeAsHref(href, { kind, role: roleId, thing: row.id })}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search by name' }}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        page={table.pageOf(list)}
        bulkActions={migrates ? bulk : undefined}
        empty={
          <EmptyState
            bare
            icon={<Boxes />}
            title={roleId ? 'Nothing with this role' : `${list.tenant.name} sees nothing of this`}
          >
            {roleId
              ? 'Somebody who holds this role alone reaches nothing of this here.'
              : 'Nothing of this is its own, assigned to it, shared with it, or public in a cloud that it has added.'}
          </EmptyState>
        }
      />
      {migrating && <MigrateDialog hosts={migrating} onClose={() => setMigrating(null)} />}
    </>
  )
}
