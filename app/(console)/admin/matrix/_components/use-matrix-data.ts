'use client'

import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { Reason } from '@/lib/matrix'
import type {
  MatrixCells,
  MatrixRow,
  MatrixRows,
  MatrixTenant,
  MatrixTenants,
} from '@/server/features/matrix/matrix.schema'
import { toast } from '@/ui/toast'

/** Rows and tenants come in pages of this size, and cells in tiles of it both ways. */
const TILE = 50
/** So many rows and columns before the end, the next page is asked for. */
const AHEAD = 12

export interface MatrixFilter {
  kind?: string
  cloudId?: string
  search: string
  differing: boolean
  tenants: string
}

export interface MatrixStart {
  rows: MatrixRows
  tenants: MatrixTenants
  cells: MatrixCells
}

/** First and last index that are in sight, both ways. */
export interface Sight {
  rows: readonly [number, number]
  columns: readonly [number, number]
}

type CellMap = ReadonlyMap<string, readonly Reason[]>
const keyOf = (resourceId: string, tenantId: string) => `${resourceId} ${tenantId}`

function withCells(map: CellMap, { rows }: MatrixCells, tenants: readonly string[]): CellMap {
  const next = new Map(map)
  for (const { id, cells } of rows)
    for (const [i, reasons] of cells.entries()) next.set(keyOf(id, tenants[i] ?? ''), reasons)
  return next
}

const report = (error: unknown) => void toast.error(problemOf(error).message)

/** What the grid shows: pages of rows and tenants as one scrolls, and the cells in sight. Begins with what the server rendered. */
export function useMatrixData(filter: MatrixFilter, start: MatrixStart, master: MatrixTenant) {
  const [rows, setRows] = useState<readonly MatrixRow[]>(start.rows.rows)
  const [columns, setColumns] = useState<readonly MatrixTenant[]>(start.tenants.rows)
  const [cells, setCells] = useState<CellMap>(() =>
    withCells(
      new Map(),
      start.cells,
      start.tenants.rows.map(({ id }) => id),
    ),
  )
  const next = useRef({ rows: start.rows.nextCursor, tenants: start.tenants.nextCursor })
  const asked = useRef(new Set(['0:0']))
  const { kind, cloudId, search, differing, tenants: tenantSearch } = filter
  const rowFilter = useMemo(
    () => ({ kind, cloudId, search, differing, limit: TILE }),
    [kind, cloudId, search, differing],
  )

  const moreRows = useCallback(async () => {
    const cursor = next.current.rows
    if (!cursor) return
    next.current.rows = undefined
    const page = await api().matrix.rows.query({ ...rowFilter, cursor })
    next.current.rows = page.nextCursor
    setRows((all) => [...all, ...page.rows])
  }, [rowFilter])
  const moreColumns = useCallback(async () => {
    const cursor = next.current.tenants
    if (!cursor) return
    next.current.tenants = undefined
    const page = await api().matrix.tenants.query({ search: tenantSearch, limit: TILE, cursor })
    next.current.tenants = page.nextCursor
    setColumns((all) => [...all, ...page.rows])
  }, [tenantSearch])

  const loadTile = useCallback(
    async (r: number, c: number) => {
      const key = `${r}:${c}`
      const resourceIds = rows.slice(r * TILE, (r + 1) * TILE).map(({ id }) => id)
      const tenantIds = columns.slice(c * TILE, (c + 1) * TILE).map(({ id }) => id)
      if (asked.current.has(key) || resourceIds.length === 0 || tenantIds.length === 0) return
      asked.current.add(key)
      try {
        const tile = await api().matrix.cells.query({ resourceIds, tenantIds })
        setCells((map) => withCells(map, tile, tenantIds))
      } catch (error) {
        asked.current.delete(key)
        throw error
      }
    },
    [rows, columns],
  )

  const [sight, setSight] = useState<Sight>({ rows: [0, 0], columns: [0, 0] })
  useEffect(() => {
    const work: Promise<void>[] = []
    if (sight.rows[1] + AHEAD >= rows.length) work.push(moreRows())
    if (sight.columns[1] + AHEAD >= columns.length) work.push(moreColumns())
    const tiles = ([from, to]: readonly [number, number]) =>
      Array.from(
        { length: Math.floor(to / TILE) - Math.floor(from / TILE) + 1 },
        (_, i) => Math.floor(from / TILE) + i,
      )
    for (const r of tiles(sight.rows)) for (const c of tiles(sight.columns)) work.push(loadTile(r, c))
    Promise.all(work).catch(report)
  }, [sight, rows.length, columns.length, moreRows, moreColumns, loadTile])

  /** Everything anew, after a change: the first page of rows, and the cells in sight. */
  const reload = useCallback(async () => {
    const page = await api().matrix.rows.query(rowFilter)
    next.current.rows = page.nextCursor
    asked.current = new Set()
    setCells(new Map())
    setRows(page.rows)
  }, [rowFilter])

  const reasonsOf = useCallback(
    (row: MatrixRow, tenant: MatrixTenant): readonly Reason[] | undefined => {
      if (tenant.id !== master.id) return cells.get(keyOf(row.id, tenant.id))
      return row.assigned.id === master.id ? ['owner', 'assigned'] : ['owner']
    },
    [cells, master.id],
  )
  const tenants = useMemo(() => [master, ...columns], [master, columns])
  return { rows, tenants, reasonsOf, setSight, reload, moreRows, hasMoreRows: rows.length < start.rows.total }
}

export type MatrixData = ReturnType<typeof useMatrixData>
