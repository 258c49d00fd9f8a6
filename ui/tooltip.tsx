'use client'
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import type { Side } from './floating'
import { anchorOf, useFloating } from './use-floating'

const DELAY_MS = 350
const GRACE_MS = 120

type Props = {
  content: ReactNode
  side?: Side
  /** False when the content only repeats the accessible name. */
  describe?: boolean
  /** One focusable element. */
  children: ReactNode
}

/** A short hint on hover and focus. It can be hovered, closes on Escape, and its text is always in the document. */
export function Tooltip({ content, side = 'top', describe = true, children }: Props) {
  const id = useId()
  const host = useRef<HTMLSpanElement>(null)
  const tip = useRef<HTMLSpanElement>(null)
  const timer = useRef(0)
  const [open, setOpen] = useState(false)
  useFloating(host, tip, open, { side, align: 'center' })

  const later = (value: boolean, ms: number) => {
    window.clearTimeout(timer.current)
    timer.current = window.setTimeout(() => setOpen(value), ms)
  }
  const now = (value: boolean) => {
    window.clearTimeout(timer.current)
    setOpen(value)
  }

  useEffect(() => () => window.clearTimeout(timer.current), [])
  useEffect(() => {
    const anchor = anchorOf(host.current)
    if (!anchor || !describe) return
    const before = anchor.getAttribute('aria-describedby')
    anchor.setAttribute('aria-describedby', before ? `${before} ${id}` : id)
    return () =>
      before ? anchor.setAttribute('aria-describedby', before) : anchor.removeAttribute('aria-describedby')
  }, [describe, id])
  useEffect(() => {
    if (!open) return
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false)
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [open])

  return (
    <span
      ref={host}
      className="contents"
      onPointerEnter={(e) => e.pointerType === 'mouse' && later(true, DELAY_MS)}
      onPointerLeave={() => later(false, GRACE_MS)}
      onFocus={(e) => e.target.matches(':focus-visible') && now(true)}
      onBlur={() => now(false)}
      // A finger cannot hover: tapping a disabled control is how its reason is read.
      onClick={(e) => now((e.target as Element).closest('[aria-disabled="true"]') !== null)}
    >
      {children}
      <span
        ref={tip}
        id={id}
        role="tooltip"
        popover="manual"
        className="fixed max-w-64 animate-enter rounded-md border border-transparent bg-[oklch(0.26_0.022_222)] px-2 py-1 text-left text-xs font-normal whitespace-normal text-white shadow-overlay dark:border-line-strong dark:bg-overlay"
      >
        {content}
      </span>
    </span>
  )
}
