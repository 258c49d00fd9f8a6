'use client'

import { Building2, Check, UserRoundPlus, X } from 'lucide-react'
import { useState } from 'react'
import { AnswerDialog } from '@/app/(console)/settings/sign-up/answer-dialog'
import { consolePaths } from '@/lib/paths'
import type { PolicyState, SignUpPage, SignUpRow } from '@/server/features/sign-up/sign-up.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { RelativeTime } from '@/ui/relative-time'
import type { Tone } from '@/ui/tone'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['status'] as const
const STATUS: Record<SignUpRow['status'], { label: string; tone: Tone }> = {
  waiting: { label: 'Waits for you', tone: 'warning' },
  mailed: { label: 'Link is mailed', tone: 'info' },
  approved: { label: 'Approved', tone: 'info' },
  expired: { label: 'Ran out', tone: 'neutral' },
  done: { label: 'Made', tone: 'success' },
  declined: { label: 'Declined', tone: 'neutral' },
}
const OPTIONS = Object.entries(STATUS).map(([value, { label }]) => ({ value, label }))
const COLUMNS: Column<SignUpRow>[] = [
  {
    id: 'name',
    header: 'Organization',
    className: 'min-w-48',
    cell: (row) => (
      <span className="grid gap-0.5">
        <span className="font-medium wrap-anywhere">{row.name}</span>
        <span className="font-mono text-xs text-muted">{row.slug}</span>
      </span>
    ),
  },
  { id: 'email', header: 'E-mail address', className: 'min-w-48', cell: (row) => row.email },
  {
    id: 'status',
    header: 'Status',
    className: 'w-48',
    cell: (row) => (
      <span className="grid gap-0.5">
        <span>
          <Badge tone={STATUS[row.status].tone}>{STATUS[row.status].label}</Badge>
        </span>
        {row.decidedBy && <span className="text-xs text-muted">by {row.decidedBy}</span>}
        {row.reason && <span className="text-xs text-muted">{row.reason}</span>}
      </span>
    ),
  },
  { id: 'created', header: 'Asked', className: 'w-32', cell: (row) => <RelativeTime date={row.createdAt} /> },
]
/** The master's own: without a prefix. */
const PATHS = consolePaths('')
const idOf = (row: SignUpRow) => row.id
const nameOf = (row: SignUpRow) => `sign-up of ${row.email}`

interface Props {
  page: SignUpPage
  state: PolicyState
}

/** Who signed up lately: approve and decline who waits, open what was made. */
export function SignUpsTable({ page, state }: Props) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  const [answering, setAnswering] = useState<{ row: SignUpRow; approve: boolean } | null>(null)
  const actions = (row: SignUpRow) => {
    const over = row.status !== 'waiting' && 'It does not wait for an answer'
    return (
      <>
        <MenuItem
          icon={<Check aria-hidden />}
          disabledReason={state.why.manage ?? (over || state.why.approve)}
          onSelect={() => setAnswering({ row, approve: true })}
        >
          Approve
        </MenuItem>
        <MenuItem
          icon={<X aria-hidden />}
          tone="danger"
          disabledReason={state.why.manage ?? over}
          onSelect={() => setAnswering({ row, approve: false })}
        >
          Decline
        </MenuItem>
        {row.tenantId !== null && (
          <MenuItem icon={<Building2 aria-hidden />} href={PATHS.tenant(row.tenantId)}>
            Open the tenant
          </MenuItem>
        )}
      </>
    )
  }
  return (
    <>
      <DataTable
        label="Sign-ups"
        columns={COLUMNS}
        rows={page.rows}
        rowId={idOf}
        rowName={nameOf}
        rowActions={actions}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search name, address' }}
        facets={[
          {
            id: 'status',
            label: 'Status',
            options: OPTIONS,
            value: table.filters.status ?? [],
            onChange: (value) => table.setFilter('status', value),
          },
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        page={table.pageOf(page)}
        empty={
          <EmptyState bare icon={<UserRoundPlus />} title="Nobody signed up lately">
            {state.enabled
              ? `Whoever signs up at ${state.address} appears here.`
              : 'Switch it on above: whoever signs up appears here.'}
          </EmptyState>
        }
      />
      {answering && <AnswerDialog {...answering} close={() => setAnswering(null)} />}
    </>
  )
}
