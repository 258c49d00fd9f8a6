'use client'

import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import { levelOf, LEVEL_WORDS } from '@/lib/matrix'
import type { MatrixRow, MatrixTenant } from '@/server/features/matrix/matrix.schema'
import { cn } from '@/ui/cn'
import { cellWords } from './cell-words'
import { CellMark, LETTERS } from './cell-mark'
import { moved, type Place, rectangle, targetOf } from './grid-keys'
import { RowHead } from './row-head'
import type { MatrixData } from './use-matrix-data'
import { type MatrixEdit, pairOf, type Pending } from './use-matrix-edit'
import { COLUMN, HEAD, ROW, useGridWindow } from './use-grid-window'

const FIRST = 288
const MOST_AT_ONCE = 500

interface Props {
  data: MatrixData
  edit: MatrixEdit
  pending: Pending
  total: number
  /** What is said of the cell that has the focus. */
  onActive: (words: string) => void
}

/** Resources down, tenants across: only what is in sight is drawn. One stop for Tab; arrows move, Space selects, Shift extends. */
export function MatrixGrid({ data, edit, pending, total, onActive }: Props) {
  const { rows, tenants, reasonsOf, setSight } = data
  const box = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<Place>({ row: 0, column: 0 })
  const [anchor, setAnchor] = useState<Place>({ row: 0, column: 0 })
  const { r0, r1, c0, c1, shown, reveal } = useGridWindow(box, {
    rows: rows.length,
    columns: tenants.length,
    first: FIRST,
  })
  useEffect(
    // The first column is the master's, which is not loaded.
    () => setSight({ rows: [r0, Math.max(r0, r1 - 1)], columns: [Math.max(0, c0 - 1), Math.max(0, c1 - 2)] }),
    [r0, r1, c0, c1, setSight],
  )
  const pairAt = ({ row, column }: Place): string | null => {
    const [one, tenant] = [rows[row], tenants[column]]
    return one && tenant ? pairOf(one, tenant) : null
  }
  const pairsOf = (places: readonly Place[]) =>
    places.slice(0, MOST_AT_ONCE + 1).flatMap((place) => pairAt(place) ?? [])
  const go = (to: Place, extend: boolean) => {
    setActive(to)
    reveal(to.row, to.column)
    if (extend) edit.select(pairsOf(rectangle(anchor, to)), false)
    else setAnchor(to)
    const [row, tenant] = [rows[to.row], tenants[to.column]]
    if (row && tenant)
      onActive(cellWords(row, tenant, reasonsOf(row, tenant), pending.cells.get(pairOf(row, tenant))))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const to = moved(active, event, { rows: rows.length, columns: tenants.length, page: shown })
    const target = event.ctrlKey || event.metaKey || event.altKey ? undefined : targetOf(event.key)
    if (to) go(to, event.shiftKey)
    else if (event.key === ' ') {
      const pair = pairAt(active)
      if (pair) edit.toggle(pair)
    } else if (event.key === 'Escape') edit.clear()
    else if (target && edit.selected.size > 0) edit.setCells(target)
    else return
    event.preventDefault()
  }
  const onCell = (event: MouseEvent, place: Place) => {
    const pair = pairAt(place)
    if (!pair) return
    if (event.shiftKey) go(place, true)
    else {
      go(place, false)
      if (event.ctrlKey || event.metaKey) edit.toggle(pair)
      else if (edit.selected.size === 1 && edit.selected.has(pair)) edit.clear()
      else edit.select([pair], false)
    }
  }
  const column = (c: number) => edit.select(pairsOf(rows.map((_, row) => ({ row, column: c }))), false)
  const line = (r: number) =>
    edit.select(pairsOf(tenants.slice(1).map((_, i) => ({ row: r, column: i + 1 }))), false)
  const indexes = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
  const drawn = active.row >= r0 && active.row < r1 && active.column >= c0 && active.column < c1
  const activeId = drawn && rows.length > 0 ? `cell-${active.row}-${active.column}` : undefined
  return (
    <div
      ref={box}
      role="grid"
      aria-label="Access of tenants to resources"
      aria-multiselectable
      aria-rowcount={total + 1}
      aria-colcount={tenants.length + 1}
      aria-activedescendant={activeId}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="relative max-h-[max(18rem,calc(100dvh-23rem))] overflow-auto overscroll-contain rounded-lg border border-line bg-surface shadow-card select-none"
    >
      <div
        role="presentation"
        className="relative"
        style={{ width: FIRST + tenants.length * COLUMN, height: HEAD + rows.length * ROW }}
      >
        <Heads tenants={tenants} from={c0} to={c1} active={active} onColumn={column} />
        {indexes(r0, r1).map((r) => {
          const row = rows[r]
          return (
            row && (
              <div
                key={row.id}
                role="row"
                aria-rowindex={r + 2}
                className="absolute left-0 flex w-full border-b border-line"
                style={{ top: HEAD + r * ROW, height: ROW }}
              >
                <RowHead
                  row={row}
                  width={FIRST}
                  pending={pending.rows.get(row.id)}
                  onSelect={() => line(r)}
                />
                {indexes(c0, c1).map((c) => cellAt(row, r, c))}
              </div>
            )
          )
        })}
      </div>
    </div>
  )

  function cellAt(row: MatrixRow, r: number, c: number) {
    const tenant = tenants[c]
    if (!tenant) return null
    const pair = pairOf(row, tenant)
    return (
      <Cell
        key={tenant.id}
        id={`cell-${r}-${c}`}
        column={c}
        row={row}
        tenant={tenant}
        reasons={reasonsOf(row, tenant)}
        change={pending.cells.get(pair)}
        selected={edit.selected.has(pair)}
        active={r === active.row && c === active.column}
        onClick={(event) => onCell(event, { row: r, column: c })}
      />
    )
  }
}

interface HeadsProps {
  tenants: readonly MatrixTenant[]
  from: number
  to: number
  active: Place
  onColumn: (column: number) => void
}

function Heads({ tenants, from, to, active, onColumn }: HeadsProps) {
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="sticky top-0 z-20 border-b border-line bg-subtle"
      style={{ height: HEAD }}
    >
      <div
        role="columnheader"
        aria-colindex={1}
        className="sticky left-0 z-10 flex h-full items-center border-r border-line bg-subtle px-3 text-xs font-medium text-muted"
        style={{ width: FIRST }}
      >
        Resource
      </div>
      {tenants.slice(from, to).map((tenant, i) => (
        <div
          key={tenant.id}
          role="columnheader"
          aria-colindex={from + i + 2}
          title={`${tenant.name}: select the column`}
          onClick={() => onColumn(from + i)}
          className={cn(
            'absolute top-0 flex h-full cursor-pointer items-center justify-center px-1.5 text-xs font-medium hover:bg-hover',
            active.column === from + i ? 'text-fg' : 'text-muted',
          )}
          style={{ left: FIRST + (from + i) * COLUMN, width: COLUMN }}
        >
          <span className="line-clamp-2 text-center leading-tight wrap-anywhere">{tenant.name}</span>
        </div>
      ))}
    </div>
  )
}

interface CellProps {
  id: string
  column: number
  row: MatrixRow
  tenant: MatrixTenant
  reasons: ReturnType<MatrixData['reasonsOf']>
  change: ReturnType<Pending['cells']['get']>
  selected: boolean
  active: boolean
  onClick: (event: MouseEvent) => void
}

function Cell({ id, column, row, tenant, reasons, change, selected, active, onClick }: CellProps) {
  const words = cellWords(row, tenant, reasons, change)
  return (
    <div
      id={id}
      role="gridcell"
      aria-colindex={column + 2}
      aria-selected={selected}
      aria-label={words}
      title={words}
      onClick={onClick}
      className={cn(
        'absolute top-0 flex h-full cursor-pointer items-center justify-center gap-0.5 hover:bg-hover',
        selected && 'bg-active',
        change && 'bg-accent-soft',
        active && 'outline-2 -outline-offset-2 outline-ring',
      )}
      style={{ left: FIRST + column * COLUMN, width: COLUMN }}
    >
      {reasons && <CellMark level={levelOf(reasons)} reasons={reasons} />}
      {change && (
        <>
          <span aria-hidden className="text-xs text-accent-ink">
            →
          </span>
          <span
            aria-hidden
            title={LEVEL_WORDS[change.to]}
            className="grid size-6 place-items-center rounded-sm border border-dashed border-accent bg-surface text-xs font-semibold text-accent-ink"
          >
            {LETTERS[change.to]}
          </span>
        </>
      )}
    </div>
  )
}
