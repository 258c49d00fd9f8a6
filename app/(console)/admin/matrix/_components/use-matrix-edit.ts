'use client'

import { useCallback, useState } from 'react'
import { levelOf, LEVEL_WORDS, MOST_CHANGES, type Target } from '@/lib/matrix'
import type { CellChange, MatrixRow, MatrixTenant, RowChange } from '@/server/features/matrix/matrix.schema'
import { toast } from '@/ui/toast'
import type { MatrixData } from './use-matrix-data'

/** A change that waits for its review, with the names that people know. */
export type PendingCell = CellChange & { resource: string; tenant: string }
export type PendingRow = RowChange & { resource: string }
export interface Pending {
  cells: ReadonlyMap<string, PendingCell>
  rows: ReadonlyMap<string, PendingRow>
}

export const NOTHING: Pending = { cells: new Map(), rows: new Map() }
export const sizeOf = ({ cells, rows }: Pending): number => cells.size + rows.size
export const pairOf = (row: MatrixRow, tenant: MatrixTenant): string => `${row.id} ${tenant.id}`
const full = () => void toast.error(`At most ${MOST_CHANGES} cells at once`)

/** Selected cells, and what is to become of them: nothing is sent before its review. */
export function useMatrixEdit(
  data: Pick<MatrixData, 'rows' | 'tenants' | 'reasonsOf'>,
  pending: Pending,
  setPending: (next: Pending) => void,
) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const { rows, tenants, reasonsOf } = data

  const select = useCallback((pairs: readonly string[], more: boolean) => {
    setSelected((old) => {
      const all = new Set([...(more ? old : []), ...pairs])
      if (all.size <= MOST_CHANGES) return all
      full()
      return new Set([...all].slice(0, MOST_CHANGES))
    })
  }, [])
  const toggle = useCallback((pair: string) => {
    setSelected((old) => {
      const next = new Set(old)
      if (!next.delete(pair)) next.add(pair)
      return next
    })
  }, [])

  /** Selected cells with their row and tenant, as far as they are loaded. */
  const chosen = () => {
    const rowOf = new Map(rows.map((row) => [row.id, row]))
    const tenantOf = new Map(tenants.map((tenant) => [tenant.id, tenant]))
    return [...selected].flatMap((pair) => {
      const [row, tenant] = [rowOf.get(pair.split(' ')[0] ?? ''), tenantOf.get(pair.split(' ')[1] ?? '')]
      return row && tenant ? [{ pair, row, tenant }] : []
    })
  }

  const setCells = (to: Target) => {
    const cells = new Map(pending.cells)
    let same = 0
    for (const { pair, row, tenant } of chosen()) {
      const reasons = reasonsOf(row, tenant)
      if (!reasons) continue
      const from = levelOf(reasons)
      if (from === to && !reasons.includes('offered')) {
        cells.delete(pair)
        same += 1
      } else
        cells.set(pair, {
          resourceId: row.id,
          tenantId: tenant.id,
          from,
          to,
          resource: row.name,
          tenant: tenant.name,
        })
    }
    if (cells.size + pending.rows.size > MOST_CHANGES) return full()
    if (same > 0 && same === selected.size) toast.success(`Already so: ${LEVEL_WORDS[to].toLowerCase()}`)
    setPending({ ...pending, cells })
  }
  const setRows = (to: 'public' | 'private') => {
    const next = new Map(pending.rows)
    for (const row of new Set(chosen().map((one) => one.row)))
      if (row.visibility === to) next.delete(row.id)
      else next.set(row.id, { resourceId: row.id, to, resource: row.name })
    if (pending.cells.size + next.size > MOST_CHANGES) return full()
    setPending({ ...pending, rows: next })
  }
  return { selected, select, toggle, clear: () => setSelected(new Set()), setCells, setRows }
}

export type MatrixEdit = ReturnType<typeof useMatrixEdit>
