'use client'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import { cn } from './cn'
import { Spinner } from './spinner'
import { toast, toastStore, type ToastEntry } from './toast'

const ICON = {
  neutral: null,
  success: <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success-ink" />,
  danger: <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger-ink" />,
  loading: <Spinner className="mt-0.5 size-4 shrink-0 text-accent-ink" />,
}

/** Shows the toasts; once, in the root layout. They wait while the pointer or focus is on them. */
export function Toaster() {
  const entries = useSyncExternalStore(toastStore.subscribe, toastStore.snapshot, toastStore.serverSnapshot)
  const region = useRef<HTMLElement>(null)
  const [held, setHeld] = useState(false)
  const newest = entries.at(-1)
  useLayoutEffect(() => {
    // Shown anew each time, so that it lies above a dialog opened meanwhile.
    const el = region.current
    if (!el) return
    if (el.matches(':popover-open')) el.hidePopover()
    if (entries.length > 0) el.showPopover()
  }, [entries.length, newest?.key])
  return (
    <>
      {/* Live regions must be there before their text is. */}
      <div className="sr-only">
        <div role="status">{newest && newest.tone !== 'danger' && <Words entry={newest} />}</div>
        <div role="alert">{newest && newest.tone === 'danger' && <Words entry={newest} />}</div>
      </div>
      <section
        ref={region}
        popover="manual"
        aria-label="Notifications"
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
        className="fixed right-4 bottom-4 w-[min(23rem,calc(100vw-2rem))] flex-col gap-2 overflow-visible bg-transparent open:flex"
      >
        {entries.map((entry) => (
          <Toast key={entry.id} entry={entry} held={held} onGone={() => setHeld(false)} />
        ))}
      </section>
    </>
  )
}

function Words({ entry }: { entry: ToastEntry }) {
  return (
    <>
      {entry.title} {entry.description}
    </>
  )
}

function Toast({ entry, held, onGone }: { entry: ToastEntry; held: boolean; onGone: () => void }) {
  // A toast that goes from under the pointer sends no leave event.
  const dismiss = () => {
    onGone()
    toast.dismiss(entry.id)
  }
  const { id, key, duration, action, tone } = entry
  useEffect(() => {
    if (held || duration === 0) return
    const timer = window.setTimeout(() => toast.dismiss(id), duration)
    return () => window.clearTimeout(timer)
  }, [id, key, duration, held])
  return (
    <div
      className={cn(
        'flex animate-enter items-start gap-2.5 rounded-lg bg-overlay py-2.5 pr-2 pl-3 text-sm text-fg shadow-overlay',
        tone === 'danger' && 'border-l-2 border-danger',
      )}
    >
      {ICON[tone]}
      <div className="grid min-w-0 flex-1 gap-0.5 wrap-anywhere">
        <p className="font-medium">{entry.title}</p>
        {entry.description && <div className="text-xs text-muted">{entry.description}</div>}
      </div>
      {action && (
        <button
          type="button"
          onClick={() => {
            action.onClick()
            dismiss()
          }}
          className="h-6 shrink-0 rounded-md border border-line-strong px-2 text-xs font-medium hover:bg-hover pointer-coarse:h-9"
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        aria-label="Dismiss"
        onClick={dismiss}
        className="grid size-6 shrink-0 place-items-center rounded-md text-faint hover:bg-hover hover:text-fg pointer-coarse:size-9"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </div>
  )
}
