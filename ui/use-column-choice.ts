'use client'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { Column } from './data-table-types'

const EVENT = 'freehold:columns'
const PREFIX = 'freehold:columns:'

function subscribe(listener: () => void): () => void {
  window.addEventListener('storage', listener)
  window.addEventListener(EVENT, listener)
  return () => {
    window.removeEventListener('storage', listener)
    window.removeEventListener(EVENT, listener)
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key)
  } catch {
    return null
  }
}

/** Which columns are shown, remembered per browser under `storageKey`. The server and the first paint show the defaults. */
export function useColumnChoice<Row>(columns: readonly Column<Row>[], storageKey: string | undefined) {
  const stored = useSyncExternalStore(
    subscribe,
    () => (storageKey ? read(storageKey) : null),
    () => null,
  )
  const hidden = useMemo(() => {
    const names =
      stored === null ? columns.filter((c) => c.defaultHidden).map((c) => c.id) : stored.split(',')
    return new Set(names.filter(Boolean))
  }, [stored, columns])
  const setVisible = useCallback(
    (id: string, visible: boolean) => {
      const next = new Set(hidden)
      if (visible) next.delete(id)
      else next.add(id)
      try {
        localStorage.setItem(PREFIX + storageKey, [...next].join(','))
      } catch {
        // Storage is off or full: the choice cannot be kept.
      }
      window.dispatchEvent(new Event(EVENT))
    },
    [hidden, storageKey],
  )
  const visible = columns.filter((column, index) => index === 0 || !hidden.has(column.id))
  return { visible, setVisible }
}
