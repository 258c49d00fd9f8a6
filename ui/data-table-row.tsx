'use client'
import { ArrowDown, ArrowUp, ChevronsUpDown, Ellipsis } from 'lucide-react'
import { Link } from './link'
import { useRouter } from 'next/navigation'
import { memo, type MouseEvent, type ReactNode } from 'react'
import { Checkbox } from './checkbox'
import { cn } from './cn'
import type { Column } from './data-table-types'
import { DropdownMenu } from './dropdown-menu'
import { IconButton } from './icon-button'
import type { SortState } from './table-url'

/** Cells that stay in place while the rest scrolls sideways need a background of their own. */
const STICKY = 'sticky z-10 bg-inherit'
const CELL = 'h-10 border-b border-line px-3 py-1.5 group-last/row:border-b-0 pointer-coarse:h-12'
const HEAD = 'h-9 border-b border-line px-3 text-left text-xs font-medium text-muted whitespace-nowrap'

/** Where the first data column sticks: after the checkboxes, if there are any. */
const stickyFirst = (selectable: boolean) =>
  cn(STICKY, selectable ? 'left-9' : 'left-0', 'in-data-[scroll~=left]:border-r')

type HeaderProps<Row> = {
  columns: readonly Column<Row>[]
  sort: SortState | null
  onSort?: (sort: SortState | null) => void
  selection: { checked: boolean; some: boolean; onChange: (on: boolean) => void } | null
  hasActions: boolean
}

/** The header row. A press on a sortable header sorts upwards, downwards, not. */
export function HeaderRow<Row>({ columns, sort, onSort, selection, hasActions }: HeaderProps<Row>) {
  const next = (id: string): SortState | null =>
    sort?.id !== id ? { id, desc: false } : sort.desc ? null : { id, desc: true }
  return (
    <tr className="bg-subtle">
      {selection && (
        <th scope="col" className={cn(HEAD, STICKY, 'left-0 w-9 pr-2')}>
          <Checkbox
            aria-label="Select all on this page"
            checked={selection.checked}
            indeterminate={selection.some && !selection.checked}
            onChange={(event) => selection.onChange(event.target.checked)}
          />
        </th>
      )}
      {columns.map((column, index) => {
        const direction = sort?.id === column.id ? (sort.desc ? 'descending' : 'ascending') : undefined
        const Icon = direction ? (sort?.desc ? ArrowDown : ArrowUp) : ChevronsUpDown
        return (
          <th
            key={column.id}
            scope="col"
            aria-sort={direction}
            className={cn(
              HEAD,
              index === 0 && stickyFirst(selection !== null),
              column.align === 'end' && 'text-right',
              column.className,
            )}
          >
            {column.sortable && onSort ? (
              <button
                type="button"
                onClick={() => onSort(next(column.id))}
                className={cn(
                  'group/sort -mx-1.5 inline-flex h-6 items-center gap-1 rounded-sm px-1.5 hover:bg-active hover:text-fg pointer-coarse:h-9',
                  direction && 'text-fg',
                  column.align === 'end' && 'flex-row-reverse',
                )}
              >
                {column.header}
                <Icon
                  aria-hidden
                  className={cn(
                    'size-3',
                    direction
                      ? 'text-accent-ink'
                      : 'opacity-0 group-hover/sort:opacity-100 group-focus-visible/sort:opacity-100',
                  )}
                />
              </button>
            ) : (
              column.header
            )}
          </th>
        )
      })}
      {hasActions && (
        <th scope="col" className={cn(HEAD, STICKY, 'right-0 w-11 in-data-[scroll~=right]:border-l')}>
          <span className="sr-only">Actions</span>
        </th>
      )}
    </tr>
  )
}

type RowProps<Row> = {
  row: Row
  id: string
  name: string
  href?: string
  columns: readonly Column<Row>[]
  /** Null: rows cannot be selected. */
  selected: boolean | null
  onSelect: (id: string, on: boolean, range: boolean) => void
  actions?: (row: Row) => ReactNode
}

function DataRow<Row>({ row, id, name, href, columns, selected, onSelect, actions }: RowProps<Row>) {
  const router = useRouter()
  const follow = (event: MouseEvent<HTMLTableRowElement>) => {
    if (!href || event.defaultPrevented || window.getSelection()?.type === 'Range') return
    if ((event.target as Element).closest('a, button, input, label, select, textarea, dialog, [popover]'))
      return
    if (event.metaKey || event.ctrlKey) window.open(href, '_blank', 'noopener')
    else router.push(href)
  }
  return (
    <tr
      onClick={follow}
      data-row={id}
      aria-selected={selected ?? undefined}
      className={cn(
        'group/row transition-colors duration-75',
        selected ? 'bg-accent-soft' : 'bg-surface hover:bg-hover',
        href && 'cursor-pointer',
      )}
    >
      {selected !== null && (
        <td className={cn(CELL, STICKY, 'left-0 w-9 pr-2')}>
          <Checkbox
            aria-label={`Select ${name}`}
            checked={selected}
            onChange={(event) =>
              onSelect(
                id,
                event.target.checked,
                (event.nativeEvent as unknown as globalThis.MouseEvent).shiftKey,
              )
            }
          />
        </td>
      )}
      {columns.map((column, index) => (
        <td
          key={column.id}
          className={cn(
            CELL,
            'tabular-nums',
            index === 0 && cn(stickyFirst(selected !== null), 'max-w-72 max-sm:max-w-48'),
            column.align === 'end' && 'text-right',
            column.mono && 'font-mono text-xs',
            column.className,
          )}
        >
          {index === 0 && href ? (
            <Link href={href} className="rounded-sm font-medium underline-offset-4 hover:underline">
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
      {actions && (
        <td className={cn(CELL, STICKY, 'right-0 px-1.5 text-right in-data-[scroll~=right]:border-l')}>
          <RowMenu row={row} name={name} actions={actions} />
        </td>
      )}
    </tr>
  )
}

function RowMenu<Row>({ row, name, actions }: { row: Row; name: string; actions: (row: Row) => ReactNode }) {
  const items = actions(row)
  if (!items) return null
  return (
    <DropdownMenu
      align="end"
      label={`Actions for ${name}`}
      trigger={
        <IconButton
          size="icon-sm"
          label={`Actions for ${name}`}
          icon={<Ellipsis aria-hidden />}
          tooltip={false}
        />
      }
    >
      {items}
    </DropdownMenu>
  )
}

/** One row; drawn again only when its own props change. */
export const MemoRow = memo(DataRow) as typeof DataRow
