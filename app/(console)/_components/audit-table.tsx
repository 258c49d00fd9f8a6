'use client'

import { ScrollText } from 'lucide-react'
import { useMemo, useState } from 'react'
import { AuditDetail } from '@/app/(console)/_components/audit-detail'
import { AUDIT_AREAS, eventWords, whoOf } from '@/lib/audit-words'
import type { AuditRow } from '@/server/features/audit/audit.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { TenantMark } from '@/ui/tenant-mark'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['result', 'area'] as const
const RESULTS = [
  { value: 'ok', label: 'Done' },
  { value: 'denied', label: 'Refused' },
  { value: 'failed', label: 'Failed' },
]
const TONE = { ok: 'neutral', denied: 'warning', failed: 'danger' } as const
const WORD = { ok: 'Done', denied: 'Refused', failed: 'Failed' } as const

interface Props {
  rows: AuditRow[]
  nextCursor?: string
  prevCursor?: string
  /** Shows in whose log each row stands. */
  withTenant?: boolean
}

/** An audit log: who did what to what, when, and with what result. A row opens what was before and after. */
export function AuditTable({ rows, nextCursor, prevCursor, withTenant = false }: Props) {
  const table = useTableUrlState({ facets: FACETS })
  const [open, setOpen] = useState<AuditRow | null>(null)
  const columns = useMemo(() => columnsOf(setOpen), [])
  return (
    <>
      <DataTable
        label="Audit log"
        columns={columns.filter(({ id }) => withTenant || id !== 'tenant')}
        rows={rows}
        rowId={(row) => row.id}
        rowName={(row) => `${eventWords(row.event)} by ${whoOf(row)}`}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search people, events, targets' }}
        facets={[
          {
            id: 'result',
            label: 'Result',
            options: RESULTS,
            value: table.filters.result ?? [],
            onChange: (v) => table.setFilter('result', v),
          },
          {
            id: 'area',
            label: 'Area',
            options: AUDIT_AREAS,
            value: table.filters.area ?? [],
            onChange: (v) => table.setFilter('area', v),
          },
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey="audit"
        page={{
          from: 1,
          to: rows.length,
          hasNext: nextCursor !== undefined,
          hasPrev: prevCursor !== undefined,
          onNext: () => table.setCursor(nextCursor ?? null),
          onPrev: () => table.setCursor(prevCursor ?? null),
        }}
        empty={
          <EmptyState bare icon={<ScrollText />} title="Nothing has happened yet">
            Every sign-in, change and refusal will stand here.
          </EmptyState>
        }
      />
      {open && <AuditDetail row={open} onClose={() => setOpen(null)} />}
    </>
  )
}

const columnsOf = (open: (row: AuditRow) => void): Column<AuditRow>[] => [
  {
    id: 'event',
    header: 'Event',
    className: 'min-w-52',
    cell: (row) => (
      <button type="button" onClick={() => open(row)} className="grid rounded-sm text-left hover:underline">
        <span>{eventWords(row.event)}</span>
        <span className="font-mono text-2xs text-muted">{row.event}</span>
      </button>
    ),
  },
  {
    id: 'result',
    header: 'Result',
    cell: (row) => <Badge tone={TONE[row.result]}>{WORD[row.result]}</Badge>,
  },
  {
    id: 'actor',
    header: 'Who',
    className: 'min-w-44',
    cell: (row) => (
      <span className="inline-flex items-center gap-2">
        {whoOf(row)}
        {row.actor.fromProvider && <Badge tone="info">Provider</Badge>}
      </span>
    ),
  },
  {
    id: 'target',
    header: 'Target',
    className: 'min-w-40',
    cell: (row) => row.target.name || '–',
  },
  {
    id: 'tenant',
    header: 'Tenant',
    hideable: true,
    cell: ({ tenant }) => (
      <span className="inline-flex items-center gap-2">
        <TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="sm" />
        {tenant.name}
      </span>
    ),
  },
  { id: 'ip', header: 'Address', mono: true, hideable: true, cell: (row) => row.ip || '–' },
  { id: 'at', header: 'When', className: 'w-36', cell: (row) => <RelativeTime date={row.at} /> },
]
