'use client'

import { PenLine, Share2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { EditShareDialog } from '@/app/(console)/_components/sharing/edit-share-dialog'
import { RevokeDialog } from '@/app/(console)/_components/sharing/revoke-dialog'
import { SHARE_FACETS, shareColumns, shareFacets } from '@/app/(console)/_components/sharing/share-table'
import type { Outgoing, OutgoingRow } from '@/server/features/grants/grants.schema'
import { DataTable } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { useTableUrlState } from '@/ui/use-table-url-state'

interface Props {
  list: Outgoing
  /** Page of each resource, by the share's id. */
  links: Record<string, string>
}

const COLUMNS = shareColumns<OutgoingRow>('Shared with', (row) => row.tenant.name)

/** What the tenant shares with others. */
export function OutgoingTable({ list, links }: Props) {
  const table = useTableUrlState({ facets: SHARE_FACETS })
  const [edit, setEdit] = useState<OutgoingRow | null>(null)
  const [revoke, setRevoke] = useState<{ ids: readonly string[]; what: string } | null>(null)
  const { give, revoke: mayRevoke } = list.can
  return (
    <>
      <DataTable
        label="Shares with others"
        columns={COLUMNS}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => `${row.name}, shared with ${row.tenant.name}`}
        rowHref={(row) => links[row.id]}
        rowActions={(row) => (
          <>
            <MenuItem
              icon={<PenLine aria-hidden />}
              disabledReason={give.reason}
              onSelect={() => setEdit(row)}
            >
              Role and end…
            </MenuItem>
            <MenuItem
              icon={<Undo2 aria-hidden />}
              tone="danger"
              disabledReason={mayRevoke.reason}
              onSelect={() => setRevoke({ ids: [row.id], what: `${row.name} from ${row.tenant.name}` })}
            >
              Take back…
            </MenuItem>
          </>
        )}
        bulkActions={[
          {
            label: 'Take back…',
            icon: <Undo2 aria-hidden />,
            tone: 'danger',
            disabledReason: () => mayRevoke.reason ?? null,
            onSelect: (ids) =>
              setRevoke({ ids, what: ids.length === 1 ? 'this share' : `${ids.length} shares` }),
          },
        ]}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search name or tenant' }}
        facets={shareFacets(table, ['pending', 'live', 'suspended'])}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        page={table.pageOf(list)}
        empty={
          <EmptyState bare icon={<Share2 />} title="Nothing is shared with others">
            {give.allowed
              ? 'Open a host, an image or anything else that is yours, and choose Share.'
              : give.reason}
          </EmptyState>
        }
      />
      {edit && <EditShareDialog grant={edit} onClose={() => setEdit(null)} />}
      {revoke && <RevokeDialog {...revoke} onClose={() => setRevoke(null)} />}
    </>
  )
}
