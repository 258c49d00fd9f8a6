'use client'

import { Check, Inbox, LogOut, X } from 'lucide-react'
import { useState } from 'react'
import { AnswerDialog, type Answer } from '@/app/(console)/_components/sharing/answer-dialog'
import { SHARE_FACETS, shareColumns, shareFacets } from '@/app/(console)/_components/sharing/share-table'
import type { Incoming, IncomingRow } from '@/server/features/grants/grants.schema'
import { Button } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { useTableUrlState } from '@/ui/use-table-url-state'

interface Props {
  list: Incoming
  /** Page of each resource that is in sight, by the share's id. */
  links: Record<string, string>
}

/** What others share with the tenant; what waits for an answer first. */
export function IncomingTable({ list, links }: Props) {
  const table = useTableUrlState({ facets: SHARE_FACETS })
  const [asked, setAsked] = useState<{ row: IncomingRow; answer: Answer } | null>(null)
  const { reason } = list.can.answer
  const answering: Column<IncomingRow> = {
    id: 'answer',
    header: 'Answer',
    className: 'w-48',
    cell: (row) =>
      row.status === 'pending' && (
        <span className="flex gap-1.5">
          <Button
            size="sm"
            variant="primary"
            disabledReason={reason}
            onClick={() => setAsked({ row, answer: 'accept' })}
          >
            Accept
          </Button>
          <Button size="sm" disabledReason={reason} onClick={() => setAsked({ row, answer: 'decline' })}>
            Decline
          </Button>
        </span>
      ),
  }
  const columns = list.pending > 0 ? [...COLUMNS, answering] : COLUMNS
  return (
    <>
      <DataTable
        label="Shared with this tenant"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => `${row.name} from ${row.from}`}
        rowHref={(row) => links[row.id]}
        rowActions={(row) =>
          row.status === 'pending' ? (
            <>
              <MenuItem
                icon={<Check aria-hidden />}
                disabledReason={reason}
                onSelect={() => setAsked({ row, answer: 'accept' })}
              >
                Accept…
              </MenuItem>
              <MenuItem
                icon={<X aria-hidden />}
                disabledReason={reason}
                onSelect={() => setAsked({ row, answer: 'decline' })}
              >
                Decline…
              </MenuItem>
            </>
          ) : (
            <MenuItem
              icon={<LogOut aria-hidden />}
              tone="danger"
              disabledReason={reason}
              onSelect={() => setAsked({ row, answer: 'leave' })}
            >
              Leave…
            </MenuItem>
          )
        }
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search name or giver' }}
        facets={shareFacets(table, ['pending', 'live'])}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        page={table.pageOf(list)}
        empty={
          <EmptyState bare icon={<Inbox />} title="Nothing is shared with this tenant">
            To get something, give your sharing address, above, to whoever has it.
          </EmptyState>
        }
      />
      {asked && <AnswerDialog {...asked} onClose={() => setAsked(null)} />}
    </>
  )
}

const COLUMNS = shareColumns<IncomingRow>('Given by', (row) => row.from)
