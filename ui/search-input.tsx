'use client'
import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { cn } from './cn'
import { Input } from './input'
import { Kbd } from './kbd'

type Props = {
  value: string
  /** Called 250 ms after the last key, at once on Enter, on clearing and on leaving the box. */
  onChange: (value: string) => void
  placeholder?: string
  label?: string
  className?: string
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** A search box; "/" leads to it. */
export function SearchInput({
  value,
  onChange,
  placeholder = 'Search…',
  label = 'Search',
  className,
}: Props) {
  const [text, setText] = useState(value)
  const [seen, setSeen] = useState(value)
  const ref = useRef<HTMLInputElement>(null)
  const timer = useRef(0)
  /** What was typed and not yet told. */
  const due = useRef<string | null>(null)
  const tell = useRef(onChange)
  useEffect(() => {
    // The newest: one from a quarter of a second ago would undo a filter that was set since.
    tell.current = onChange
  }, [onChange])
  if (seen !== value) {
    // Changed from outside, e.g. "Clear filters"; an echo of what was typed changes nothing.
    setSeen(value)
    if (value !== text.trim()) setText(value)
  }
  useEffect(() => () => window.clearTimeout(timer.current), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key !== '/' ||
        event.metaKey ||
        event.ctrlKey ||
        isTyping(event.target) ||
        document.querySelector('dialog:modal')
      )
        return
      event.preventDefault()
      ref.current?.focus()
      ref.current?.select()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  const flush = () => {
    window.clearTimeout(timer.current)
    if (due.current !== null) tell.current(due.current)
    due.current = null
  }
  const send = (next: string, ms: number) => {
    setText(next)
    window.clearTimeout(timer.current)
    due.current = next.trim()
    timer.current = window.setTimeout(flush, ms)
  }
  return (
    <Input
      ref={ref}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => send(event.target.value, 250)}
      onBlur={flush}
      onKeyDown={(event) => {
        if (event.key === 'Enter') send(text, 0)
        if (event.key === 'Escape' && text) send('', 0)
      }}
      className={cn('[&_input::-webkit-search-cancel-button]:hidden', className)}
      prefix={<Search aria-hidden />}
      suffix={
        text ? (
          <button
            type="button"
            aria-label="Clear search"
            onClick={() => {
              send('', 0)
              ref.current?.focus()
            }}
            className="-mr-1.5 grid size-6 place-items-center rounded-sm hover:bg-hover hover:text-fg pointer-coarse:size-9"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        ) : (
          <Kbd className="-mr-1 max-sm:hidden">/</Kbd>
        )
      }
    />
  )
}
