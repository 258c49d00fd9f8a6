'use client'
import { useCallback, useSyncExternalStore } from 'react'

const EVENT = 'freehold:folded'
const PREFIX = 'freehold:folded:'

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

/** Whether a part of a page is folded away, remembered per browser under `key`. The server and the first paint show `initially`. */
export function useFolded(
  key: string,
  initially: boolean,
): [folded: boolean, set: (folded: boolean) => void] {
  const stored = useSyncExternalStore(
    subscribe,
    () => read(key),
    () => null,
  )
  const set = useCallback(
    (folded: boolean) => {
      try {
        localStorage.setItem(PREFIX + key, folded ? '1' : '0')
      } catch {
        // Storage is off or full: the choice cannot be kept.
      }
      window.dispatchEvent(new Event(EVENT))
    },
    [key],
  )
  return [stored === null ? initially : stored === '1', set]
}
