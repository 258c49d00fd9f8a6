import type { ReactNode } from 'react'

export type ToastTone = 'neutral' | 'success' | 'danger' | 'loading'
export type ToastOptions = {
  description?: ReactNode
  action?: { label: string; onClick: () => void }
  /** Milliseconds; 0 keeps it until dismissed. 5 s, errors 9 s, loading until replaced. */
  duration?: number
  /** Replaces the toast of that id. */
  id?: string
}
export type ToastEntry = ToastOptions & {
  id: string
  key: number
  title: ReactNode
  tone: ToastTone
  duration: number
}

const MAX = 4
const DURATION: Record<ToastTone, number> = { neutral: 5000, success: 5000, danger: 9000, loading: 0 }
let entries: readonly ToastEntry[] = []
let counter = 0
const listeners = new Set<() => void>()

function set(next: readonly ToastEntry[]): void {
  entries = next.slice(-MAX)
  for (const listener of listeners) listener()
}

function show(tone: ToastTone, title: ReactNode, options: ToastOptions = {}): string {
  counter += 1
  const id = options.id ?? `toast-${counter}`
  const entry = { ...options, id, key: counter, title, tone, duration: options.duration ?? DURATION[tone] }
  const known = entries.some((other) => other.id === id)
  set(known ? entries.map((other) => (other.id === id ? entry : other)) : [...entries, entry])
  return id
}

/** Short messages in the corner, from anywhere in browser code; `Toaster` in the root layout shows them. Each returns its id. */
export const toast = {
  message: (title: ReactNode, options?: ToastOptions) => show('neutral', title, options),
  success: (title: ReactNode, options?: ToastOptions) => show('success', title, options),
  error: (title: ReactNode, options?: ToastOptions) => show('danger', title, options),
  /** Stays until a call with the same id replaces it. */
  loading: (title: ReactNode, options?: ToastOptions) => show('loading', title, options),
  dismiss: (id: string) => set(entries.filter((entry) => entry.id !== id)),
}

const NONE: readonly ToastEntry[] = []

/** For `Toaster`: the shape useSyncExternalStore wants. */
export const toastStore = {
  subscribe: (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  snapshot: () => entries,
  serverSnapshot: () => NONE,
}
