'use client'
import { useEffect, useId, useRef, useState } from 'react'
import type { Placement } from './floating'
import { anchorOf, useFloating } from './use-floating'

/**
 * State of a popup that hangs on a trigger: `host` is a `display: contents` wrapper around both, its first child is the trigger
 * (which gets the ARIA attributes), `panel` the `popover="manual"` element. A press outside closes it.
 */
export function usePopup(kind: 'menu' | 'dialog', placement: Placement) {
  const id = useId()
  const host = useRef<HTMLSpanElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  useFloating(host, panel, open, placement)
  useEffect(() => {
    const button = anchorOf(host.current)
    button?.setAttribute('aria-haspopup', kind)
    button?.setAttribute('aria-expanded', String(open))
    if (open) button?.setAttribute('aria-controls', id)
    else button?.removeAttribute('aria-controls')
  }, [open, id, kind])
  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (!host.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])
  return {
    id,
    host,
    panel,
    open,
    setOpen,
    /** Closes it and puts focus back on the trigger. */
    close: () => {
      anchorOf(host.current)?.focus()
      setOpen(false)
    },
    /** Whether an event came from the trigger, and the trigger may be used. */
    fromTrigger: (target: EventTarget) => {
      const button = anchorOf(host.current)
      return Boolean(button?.contains(target as Node)) && button?.getAttribute('aria-disabled') !== 'true'
    },
  }
}

/** The look of every popup panel. */
export const popupClass =
  'fixed max-w-[calc(100vw-1rem)] animate-enter rounded-lg bg-overlay text-left text-sm font-normal whitespace-normal text-fg shadow-overlay outline-none'
