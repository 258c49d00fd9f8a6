'use client'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useCallback, useMemo, useTransition } from 'react'
import type { PageInfo } from './data-table-types'
import { parseTableParams, writeTableParams, type SortState, type TableParams } from './table-url'

type Options = {
  /** Ids of the facets kept in the URL. A constant: not made anew on each render. */
  facets?: readonly string[]
  defaultSort?: SortState | null
}

/** One page of a list as the server answers it; `from` counts from 0. */
type ListedPage = {
  rows: readonly unknown[]
  from: number
  total: number
  totalCapped: boolean
  nextCursor?: string
  prevCursor?: string
}

const NO_FACETS: readonly string[] = []

/**
 * A table's search, sort, page and filters, kept in the URL (so a view can be linked and survives "back"). Writing replaces the
 * current entry inside a transition; `pending` is true until the new rows are there. Anything but a page change starts at page one.
 */
export function useTableUrlState({ facets = NO_FACETS, defaultSort = null }: Options = {}) {
  const router = useRouter()
  const path = usePathname()
  const params = useSearchParams()
  const [pending, startTransition] = useTransition()
  const sortId = defaultSort?.id
  const sortDesc = defaultSort?.desc ?? false
  const fallback = useMemo(() => (sortId ? { id: sortId, desc: sortDesc } : null), [sortId, sortDesc])
  const state = useMemo(
    () => parseTableParams(new URLSearchParams(params?.toString()), facets, fallback),
    [params, facets, fallback],
  )
  const write = useCallback(
    (change: Partial<TableParams>) => {
      const next = { ...state, cursor: null, ...change }
      const query = writeTableParams(new URLSearchParams(params?.toString()), next, facets, fallback)
      startTransition(() => router.replace(query ? `${path}?${query}` : (path ?? '/'), { scroll: false }))
    },
    [state, params, facets, fallback, router, path],
  )
  const setCursor = (cursor: string | null) => write({ cursor })
  return {
    ...state,
    pending,
    /** Whether search or a facet narrows the list. */
    filtered: state.q !== '' || Object.keys(state.filters).length > 0,
    setQ: (q: string) => write({ q }),
    setSort: (sort: SortState | null) => write({ sort }),
    setCursor,
    setFilter: (facet: string, values: string[]) => write({ filters: { ...state.filters, [facet]: values } }),
    /** The pager of a DataTable over this page. */
    pageOf: ({ rows, from, total, totalCapped, nextCursor, prevCursor }: ListedPage): PageInfo => ({
      from: from + 1,
      to: from + rows.length,
      total,
      totalCapped,
      hasNext: nextCursor !== undefined,
      hasPrev: prevCursor !== undefined,
      onNext: () => setCursor(nextCursor ?? null),
      onPrev: () => setCursor(prevCursor ?? null),
    }),
    clearFilters: () => write({ q: '', filters: {} }),
  }
}
