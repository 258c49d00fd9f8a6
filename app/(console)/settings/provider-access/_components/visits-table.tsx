'use client'

import { Check, DoorOpen, ListTree, Scissors, X } from 'lucide-react'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { ActsSheet } from '@/app/(console)/settings/provider-access/_components/acts-sheet'
import type { Visit } from '@/server/features/provider-access/provider-access.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { RelativeTime } from '@/ui/relative-time'
import { StatusDot } from '@/ui/status-dot'
import { useTableUrlState } from '@/ui/use-table-url-state'

const STATE = {
  waiting: { label: 'Waits for you', status: 'pending' },
  approved: { label: 'Agreed', status: 'pending' },
  declined: { label: 'Declined', status: 'disabled' },
  void: { label: 'Not used', status: 'disabled' },
  live: { label: 'In now', status: 'warning' },
  ended: { label: 'Over', status: 'disabled' },
} as const
const FACETS: readonly string[] = []

interface Props {
  rows: Visit[]
  nextCursor?: string
  prevCursor?: string
  /** Why this person may not answer or cut off; null: they may. */
  why: string | null
}

/** Impersonations and requests of the provider, newest first, with what a tenant can do about each. */
export function VisitsTable({ rows, nextCursor, prevCursor, why }: Props) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  const [open, setOpen] = useState<Visit | null>(null)
  const { pending, error, run } = useChange(() => undefined)
  const decide = (row: Visit, approve: boolean) =>
    void run(
      () => api().providerAccess.decide.mutate({ id: row.id, approve }),
      approve ? `${row.who} may come in, for ${row.minutes} minutes.` : 'Declined.',
    )
  const cut = (row: Visit) =>
    void run(() => api().providerAccess.cutOff.mutate({ id: row.id }), `${row.who} is out.`)
  const waiting = rows.filter(({ state }) => state === 'waiting')
  const live = rows.filter(({ state }) => state === 'live')
  return (
    <div className="grid gap-3">
      {error && <Alert tone="danger">{error}</Alert>}
      {live.map((row) => (
        <Alert
          key={row.id}
          tone="warning"
          title={`${row.who} is in as ${row.subject}`}
          action={
            <Button
              size="sm"
              variant="danger"
              icon={<Scissors aria-hidden />}
              loading={pending}
              disabledReason={why}
              onClick={() => cut(row)}
            >
              Cut off now
            </Button>
          }
        >
          “{row.reason}”{row.readOnly && ', only to look'}. Ends by itself {until(row)}.
        </Alert>
      ))}
      {waiting.map((row) => (
        <Alert
          key={row.id}
          tone="info"
          title={`${row.who} asks to act as ${row.subject} for ${row.minutes} minutes`}
          action={
            <>
              <Button
                size="sm"
                variant="primary"
                icon={<Check aria-hidden />}
                loading={pending}
                disabledReason={why}
                onClick={() => decide(row, true)}
              >
                Let them in
              </Button>
              <Button
                size="sm"
                icon={<X aria-hidden />}
                loading={pending}
                disabledReason={why}
                onClick={() => decide(row, false)}
              >
                Decline
              </Button>
            </>
          }
        >
          “{row.reason}”{row.readOnly ? ', only to look' : ', and to change what that user may change'}.
        </Alert>
      ))}
      <DataTable
        label="Impersonation"
        columns={COLUMNS}
        rows={rows}
        rowId={(row) => row.id}
        rowName={(row) => `${row.who} as ${row.subject}`}
        rowActions={(row) => (
          <MenuItem
            icon={<ListTree aria-hidden />}
            disabledReason={row.acts === 0 && 'Nothing stands in the log'}
            onSelect={() => setOpen(row)}
          >
            What they did
          </MenuItem>
        )}
        loading={table.pending}
        page={{
          from: 1,
          to: rows.length,
          hasNext: nextCursor !== undefined,
          hasPrev: prevCursor !== undefined,
          onNext: () => table.setCursor(nextCursor ?? null),
          onPrev: () => table.setCursor(prevCursor ?? null),
        }}
        empty={
          <EmptyState bare icon={<DoorOpen />} title="Nobody was in">
            When somebody of your provider acts as one of your users, it stands here: who, as whom, why, how
            long and what they did.
          </EmptyState>
        }
      />
      {open && <ActsSheet visit={open} onClose={() => setOpen(null)} />}
    </div>
  )
}

const until = (row: Visit): string =>
  row.until ? `at ${new Date(row.until).toISOString().slice(11, 16)} UTC` : ''

const minutesOf = (row: Visit): string => {
  if (row.until === null) return `${row.minutes} min`
  const end = row.state === 'live' ? Date.parse(row.until) : Math.min(Date.parse(row.until), Date.now())
  return `${Math.max(1, Math.round((end - Date.parse(row.at)) / 60_000))} min`
}

const COLUMNS: Column<Visit>[] = [
  { id: 'who', header: 'Who', className: 'min-w-40', cell: (row) => row.who },
  { id: 'subject', header: 'As', className: 'min-w-40', cell: (row) => row.subject },
  {
    id: 'state',
    header: 'State',
    className: 'w-36',
    cell: (row) => <StatusDot status={STATE[row.state].status} label={STATE[row.state].label} />,
  },
  {
    id: 'reason',
    header: 'Reason',
    className: 'min-w-56',
    cell: (row) => (
      <span className="grid">
        <span className="wrap-anywhere">{row.reason}</span>
        {row.note !== '' && <span className="text-xs text-muted">{row.note}</span>}
      </span>
    ),
  },
  {
    id: 'mode',
    header: 'Could',
    cell: (row) => (
      <Badge tone={row.readOnly ? 'neutral' : 'info'}>{row.readOnly ? 'Only look' : 'Change'}</Badge>
    ),
  },
  { id: 'acts', header: 'In the log', align: 'end', cell: (row) => (row.acts >= 100 ? '100+' : row.acts) },
  {
    id: 'long',
    header: 'For',
    align: 'end',
    cell: (row) => <span suppressHydrationWarning>{minutesOf(row)}</span>,
  },
  { id: 'at', header: 'When', className: 'w-32', cell: (row) => <RelativeTime date={row.at} /> },
]
