'use client'
import { useCallback, useMemo, useRef, useState } from 'react'

/** Ids of selected rows. Only rows of the page shown count: what is not seen is not acted on. Shift selects a range. */
export function useRowSelection(pageIds: readonly string[]) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set())
  const last = useRef<string | null>(null)
  const ids = useMemo(() => pageIds.filter((id) => chosen.has(id)), [pageIds, chosen])
  const toggle = useCallback(
    (id: string, on: boolean, range: boolean) => {
      const [from, to] = [pageIds.indexOf(last.current ?? id), pageIds.indexOf(id)]
      const touched = range && from >= 0 ? pageIds.slice(Math.min(from, to), Math.max(from, to) + 1) : [id]
      last.current = id
      setChosen((before) => {
        const next = new Set(before)
        for (const one of touched) {
          if (on) next.add(one)
          else next.delete(one)
        }
        return next
      })
    },
    [pageIds],
  )
  const clear = useCallback(() => setChosen(new Set()), [])
  const setAll = useCallback((on: boolean) => setChosen(new Set(on ? pageIds : [])), [pageIds])
  return { ids, has: (id: string) => chosen.has(id), toggle, setAll, clear }
}
