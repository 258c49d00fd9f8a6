'use client'
import { SearchX } from 'lucide-react'
import { useMemo, type ReactNode } from 'react'
import { Alert } from './alert'
import { Button } from './button'
import { cn } from './cn'
import { BulkBar, DataTableFooter } from './data-table-footer'
import { HeaderRow, MemoRow } from './data-table-row'
import { DataTableToolbar } from './data-table-toolbar'
import type { DataTableProps } from './data-table-types'
import { EmptyState } from './empty-state'
import { Skeleton } from './skeleton'
import { useColumnChoice } from './use-column-choice'
import { useRowSelection } from './use-row-selection'
import { useScrollEdges } from './use-scroll-edges'

const NO_ROWS: readonly never[] = []

/** A table for data that the server pages, sorts and filters. It knows no route and no request: state comes and goes by props. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    columns,
    rows,
    rowId,
    rowHref,
    rowActions,
    sort = null,
    onSort,
    page,
    bulkActions,
    loading = false,
    filtered = false,
  } = props
  const list = rows ?? NO_ROWS
  const pageIds = useMemo(() => list.map(rowId), [list, rowId])
  const selection = useRowSelection(pageIds)
  const { visible, setVisible } = useColumnChoice(columns, props.storageKey)
  const selectable = bulkActions !== undefined && bulkActions.length > 0
  const span = visible.length + (selectable ? 1 : 0) + (rowActions ? 1 : 0)
  const nothing = rows !== undefined && rows.length === 0
  const name = (row: Row) => props.rowName?.(row) ?? rowId(row)
  return (
    <div className="grid min-w-0 gap-3">
      {/* With nothing in it yet there is nothing to search. */}
      {!(nothing && !filtered && !props.error) && (
        <DataTableToolbar
          search={props.search}
          facets={props.facets ?? []}
          filtered={filtered}
          onClearFilters={props.onClearFilters}
          columns={columns}
          visible={visible}
          onColumn={props.storageKey ? setVisible : undefined}
          exportHref={props.exportHref}
          extra={props.toolbar}
        />
      )}
      {props.error && (
        <Alert
          tone="danger"
          title="The list could not be loaded"
          action={
            props.error.onRetry && (
              <Button size="sm" onClick={props.error.onRetry}>
                Try again
              </Button>
            )
          }
        >
          {props.error.message}
        </Alert>
      )}
      {!(props.error && list.length === 0) && (
        <TableFrame
          label={props.label}
          loading={loading && rows !== undefined}
          below={
            nothing &&
            (filtered ? (
              <NoMatch onClear={props.onClearFilters} />
            ) : (
              (props.empty ?? <EmptyState bare title="Nothing here yet" />)
            ))
          }
        >
          <thead>
            <HeaderRow
              columns={visible}
              sort={sort}
              onSort={onSort}
              hasActions={rowActions !== undefined}
              selection={
                selectable
                  ? {
                      checked: list.length > 0 && selection.ids.length === list.length,
                      some: selection.ids.length > 0,
                      onChange: selection.setAll,
                    }
                  : null
              }
            />
          </thead>
          <tbody className={cn('transition-opacity duration-150', loading && rows && 'opacity-80')}>
            {rows === undefined && <LoadingRows span={span} label={props.label} />}
            {list.map((row) => {
              const id = rowId(row)
              return (
                <MemoRow
                  key={id}
                  row={row}
                  id={id}
                  name={name(row)}
                  href={rowHref?.(row)}
                  columns={visible}
                  selected={selectable ? selection.has(id) : null}
                  onSelect={selection.toggle}
                  actions={rowActions}
                />
              )
            })}
          </tbody>
        </TableFrame>
      )}
      {selectable && selection.ids.length > 0 && (
        <BulkBar ids={selection.ids} actions={bulkActions} onClear={selection.clear} />
      )}
      {page && list.length > 0 && <DataTableFooter page={page} loading={loading} />}
    </div>
  )
}

/** Scrolls sideways inside itself, also by keyboard. */
function TableFrame({
  label,
  loading,
  below,
  children,
}: {
  label: string
  loading: boolean
  /** Does not scroll with it. */ below: ReactNode
  children: ReactNode
}) {
  const region = useScrollEdges()
  return (
    <div className="relative min-w-0 overflow-hidden rounded-lg border border-line bg-surface shadow-card">
      {loading && (
        <div aria-hidden className="absolute inset-x-0 top-0 z-20 h-0.5 overflow-hidden">
          <div className="h-full w-1/4 animate-slide bg-accent" />
        </div>
      )}
      <div
        role="region"
        aria-label={label}
        tabIndex={0}
        ref={region}
        className="overflow-x-auto -outline-offset-2"
      >
        <table
          aria-label={label}
          aria-busy={loading || undefined}
          className="w-full border-separate border-spacing-0 text-sm whitespace-nowrap"
        >
          {children}
        </table>
      </div>
      {below}
    </div>
  )
}

const SKELETON_WIDTHS = ['w-28', 'w-20', 'w-32', 'w-24', 'w-16']

function LoadingRows({ span, label }: { span: number; label: string }) {
  return [0, 1, 2, 3, 4, 5].map((row) => (
    <tr key={row}>
      {Array.from({ length: span }, (_, cell) => (
        <td key={cell} className="h-10 border-b border-line px-3">
          {row + cell === 0 && (
            <span role="status" className="sr-only">
              Loading {label.toLowerCase()}
            </span>
          )}
          <Skeleton
            className={cn('h-3 max-w-full', SKELETON_WIDTHS[(row + cell * 2) % SKELETON_WIDTHS.length])}
          />
        </td>
      ))}
    </tr>
  ))
}

function NoMatch({ onClear }: { onClear?: () => void }) {
  return (
    <EmptyState
      bare
      icon={<SearchX />}
      title="No match"
      action={onClear && <Button onClick={onClear}>Clear filters</Button>}
    >
      Nothing fits the search and filters you set.
    </EmptyState>
  )
}
