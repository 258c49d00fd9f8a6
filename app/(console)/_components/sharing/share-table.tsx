'use client'

import { SHARE_STATUS, endsSoon } from '@/app/(console)/_components/sharing/share-words'
import { Badge } from '@/ui/badge'
import type { Column, Facet } from '@/ui/data-table-types'
import { RelativeTime } from '@/ui/relative-time'
import type { useTableUrlState } from '@/ui/use-table-url-state'

export const SHARE_FACETS = ['status', 'role'] as const
type Table = ReturnType<typeof useTableUrlState>
type Status = keyof typeof SHARE_STATUS

interface Row {
  name: string
  kindLabel: string
  role: string
  status: Status
  createdAt: string
  expiresAt: string | null
  endsInDays: number | null
}

const TONE = { pending: 'warning', live: 'success', suspended: 'neutral' } as const

/** Columns of a table of shares. @param header of the other side's column */
export const shareColumns = <R extends Row>(header: string, other: (row: R) => string): Column<R>[] => [
  { id: 'name', header: 'Name', className: 'min-w-36', cell: (row) => row.name },
  { id: 'kind', header: 'Kind', cell: (row) => row.kindLabel },
  { id: 'other', header, className: 'max-w-48 truncate', cell: other },
  { id: 'role', header: 'Role', cell: (row) => <Badge>{row.role}</Badge> },
  {
    id: 'status',
    header: 'Status',
    cell: (row) => <Badge tone={TONE[row.status]}>{SHARE_STATUS[row.status]}</Badge>,
  },
  { id: 'since', header: 'Since', className: 'w-32', cell: (row) => <RelativeTime date={row.createdAt} /> },
  {
    id: 'ends',
    header: 'Ends',
    className: 'w-36',
    cell: (row) =>
      row.expiresAt === null ? (
        <span className="text-muted">Never</span>
      ) : row.endsInDays === null ? (
        <RelativeTime date={row.expiresAt} />
      ) : (
        <Badge tone="warning">{endsSoon(row.endsInDays)}</Badge>
      ),
  },
]

export const shareFacets = (table: Table, statuses: readonly Status[]): Facet[] => [
  {
    id: 'status',
    label: 'Status',
    options: statuses.map((value) => ({ value, label: SHARE_STATUS[value] })),
    value: table.filters.status ?? [],
    onChange: (value) => table.setFilter('status', value),
  },
  {
    id: 'role',
    label: 'Role',
    options: [
      { value: 'viewer', label: 'Viewer' },
      { value: 'editor', label: 'Editor' },
      { value: 'admin', label: 'Admin' },
    ],
    value: table.filters.role ?? [],
    onChange: (value) => table.setFilter('role', value),
  },
]
