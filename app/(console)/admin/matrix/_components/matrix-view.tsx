'use client'

import { History, Table2 } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import type { MatrixTenant } from '@/server/features/matrix/matrix.schema'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { toast } from '@/ui/toast'
import { useTableUrlState } from '@/ui/use-table-url-state'
import { Legend } from './cell-mark'
import { HistorySheet, UndoSheet } from './history-sheet'
import { MatrixFilters } from './matrix-filters'
import { MatrixGrid } from './matrix-grid'
import { MatrixList } from './matrix-list'
import { ReviewSheet } from './review-sheet'
import { SelectionBar } from './selection-bar'
import { type MatrixFilter, type MatrixStart, useMatrixData } from './use-matrix-data'
import { NOTHING, type Pending, useMatrixEdit } from './use-matrix-edit'

const FACETS = ['kind', 'cloud', 'tenants', 'differing'] as const
const PHONE = '(max-width: 767px)'

function usePhone(): boolean {
  return useSyncExternalStore(
    (tell) => {
      const query = window.matchMedia(PHONE)
      query.addEventListener('change', tell)
      return () => query.removeEventListener('change', tell)
    },
    () => window.matchMedia(PHONE).matches,
    () => false,
  )
}

interface Props {
  filter: MatrixFilter
  start: MatrixStart
  master: MatrixTenant
  clouds: readonly { id: string; name: string }[]
  refusal: string | null
}

/** The access matrix. What waits to be changed outlives its filters, so that one change may be put together from several views. */
export function MatrixView({ filter, start, master, clouds, refusal }: Props) {
  const table = useTableUrlState({ facets: FACETS })
  const [pending, setPending] = useState<Pending>(NOTHING)
  return (
    <div className="grid gap-3">
      <MatrixFilters table={table} clouds={clouds} />
      <Matrix
        key={JSON.stringify(filter)}
        filter={filter}
        start={start}
        master={master}
        refusal={refusal}
        pending={pending}
        setPending={setPending}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
      />
    </div>
  )
}

type MatrixProps = Omit<Props, 'clouds'> & {
  pending: Pending
  setPending: (next: Pending) => void
  filtered: boolean
  onClearFilters: () => void
}
type Open = { kind: 'review' } | { kind: 'history' } | { kind: 'undo'; id: string; changed: number } | null

function Matrix({
  filter,
  start,
  master,
  refusal,
  pending,
  setPending,
  filtered,
  onClearFilters,
}: MatrixProps) {
  const data = useMatrixData(filter, start, master)
  const edit = useMatrixEdit(data, pending, setPending)
  const [open, setOpen] = useState<Open>(null)
  const [words, setWords] = useState('')
  const phone = usePhone()
  const settle = (what: string) => {
    setOpen(null)
    edit.clear()
    data
      .reload()
      .catch(() => toast.error(`${what}, but the page could not be brought up to date. Reload it.`))
  }
  const onDone = ({ id, changed }: { id: string; changed: number }) => {
    setPending(NOTHING)
    settle('It was changed')
    toast.success(`${changed} ${changed === 1 ? 'change' : 'changes'} applied`, {
      duration: 20_000,
      action: { label: 'Undo', onClick: () => setOpen({ kind: 'undo', id, changed }) },
    })
  }
  const onUndone = () => {
    settle('It was undone')
    toast.success('Everything is as it was before')
  }
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Legend />
        <Button size="sm" icon={<History aria-hidden />} onClick={() => setOpen({ kind: 'history' })}>
          Recent changes
        </Button>
      </div>
      {data.rows.length === 0 ? (
        <EmptyState
          icon={<Table2 />}
          title={filtered ? 'No resource fits these filters' : 'The provider owns nothing yet'}
          action={filtered && <Button onClick={onClearFilters}>Clear filters</Button>}
        >
          {filtered
            ? 'Search for something else, or show all kinds.'
            : 'Clouds, hosts, networks and the like that you enrol or make here become rows. What tenants own is theirs alone.'}
        </EmptyState>
      ) : phone ? (
        <MatrixList data={data} edit={edit} pending={pending} />
      ) : (
        <MatrixGrid data={data} edit={edit} pending={pending} total={start.rows.total} onActive={setWords} />
      )}
      {!phone && data.rows.length > 0 && (
        <p className="min-h-5 text-xs text-muted">
          {words || 'Arrows move, Space selects, Shift extends; N, S, E and U set what is selected.'}
        </p>
      )}
      <SelectionBar
        edit={edit}
        pending={pending}
        refusal={refusal}
        onDiscard={() => setPending(NOTHING)}
        onReview={() => setOpen({ kind: 'review' })}
      />
      {open?.kind === 'review' && (
        <ReviewSheet pending={pending} onClose={() => setOpen(null)} onChange={setPending} onDone={onDone} />
      )}
      {open?.kind === 'history' && <HistorySheet onClose={() => setOpen(null)} onUndone={onUndone} />}
      {open?.kind === 'undo' && <UndoSheet change={open} onClose={() => setOpen(null)} onUndone={onUndone} />}
    </>
  )
}
