import type { ReactNode } from 'react'
import type { SortState } from './table-url'

export type Column<Row> = {
  id: string
  header: string
  cell: (row: Row) => ReactNode
  sortable?: boolean
  /** May be hidden in the column menu. The first column never is. */
  hideable?: boolean
  /** Hidden until chosen. */
  defaultHidden?: boolean
  align?: 'start' | 'end'
  /** For ids and addresses. */
  mono?: boolean
  /** Width and the like: 'w-40', 'min-w-56'. */
  className?: string
}

export type Facet = {
  id: string
  label: string
  options: readonly { value: string; label: string; icon?: ReactNode; count?: number }[]
  value: readonly string[]
  onChange: (value: string[]) => void
  /** One at a time. */
  single?: boolean
}

export type PageInfo = {
  /** 1-based numbers of the first and last row shown. */
  from: number
  to: number
  /** Unset when unknown. */
  total?: number
  /** `total` is a lower bound: shown as "10,000+". */
  totalCapped?: boolean
  hasNext: boolean
  hasPrev: boolean
  onNext: () => void
  onPrev: () => void
}

export type BulkAction = {
  label: string
  icon?: ReactNode
  tone?: 'default' | 'danger'
  /** Why it cannot be done to these rows. */
  disabledReason?: (ids: readonly string[]) => string | null
  /** Call `clear` when done. */
  onSelect: (ids: readonly string[], clear: () => void) => void
}

export type DataTableProps<Row> = {
  /** What it lists: "Hosts". The table's accessible name. */
  label: string
  columns: readonly Column<Row>[]
  /** Undefined: loading for the first time. */
  rows: readonly Row[] | undefined
  rowId: (row: Row) => string
  /** The row's name, for its checkbox and menu. */
  rowName?: (row: Row) => string
  /** The first cell becomes a link and a click on the row follows it. */
  rowHref?: (row: Row) => string | undefined
  /** `MenuItem`s of the row's menu; null: no menu. Called when it opens. */
  rowActions?: (row: Row) => ReactNode
  sort?: SortState | null
  onSort?: (sort: SortState | null) => void
  search?: { value: string; onChange: (value: string) => void; placeholder?: string }
  facets?: readonly Facet[]
  /** Whether search or facets narrow the list, and how to undo that. */
  filtered?: boolean
  onClearFilters?: () => void
  page?: PageInfo
  /** Remembers the column choice in localStorage under this key and shows the column menu. */
  storageKey?: string
  bulkActions?: readonly BulkAction[]
  /** New rows are on their way: the old ones stay, dimmed. */
  loading?: boolean
  /** When there is nothing yet: an `EmptyState bare`. */
  empty?: ReactNode
  error?: { message: string; onRetry?: () => void } | null
  /** A link that downloads the list as CSV. */
  exportHref?: string
  /** More controls at the end of the toolbar. */
  toolbar?: ReactNode
}
