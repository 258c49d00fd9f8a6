'use client'
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { cn } from './cn'
import type { Placement } from './floating'
import { Input } from './input'
import { useFloating } from './use-floating'
import { popupClass } from './use-popup'

export type Suggestion = {
  value: string
  /** Grey text at the end. */
  hint?: string
}
type Props = {
  label: string
  value: string
  onChange: (value: string) => void
  /** One of the suggestions was chosen. */
  onPick: (value: string) => void
  /** Called 150 ms after the last key. */
  suggest: (text: string, signal: AbortSignal) => Promise<readonly Suggestion[]>
  placeholder?: string
  maxLength?: number
}

const PLACE: Placement = { side: 'bottom', align: 'start', gap: 4 }

/** A free text with suggestions while one types: arrows and Enter choose one, Escape closes them. */
export function SuggestInput({ label, value, onChange, onPick, suggest, placeholder, maxLength }: Props) {
  const id = useId()
  const host = useRef<HTMLSpanElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const [cursor, setCursor] = useState(-1)
  const found = useSuggestions(value, open, suggest)
  const shown = open && found.length > 0
  useFloating(host, panel, shown, PLACE)
  const pick = (option: Suggestion) => {
    setOpen(false)
    onPick(option.value)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const at = shown ? found[cursor] : undefined
    if (step) {
      setOpen(true)
      // Above the first one is the text itself.
      if (shown) setCursor(((cursor + 1 + step + found.length + 1) % (found.length + 1)) - 1)
    } else if (event.key === 'Enter' && at) pick(at)
    else if (event.key === 'Escape' && shown) setOpen(false)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <span ref={host} className="contents" onBlur={() => setOpen(false)} onKeyDown={onKeyDown}>
      <Input
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={shown ? id : undefined}
        aria-activedescendant={shown && found[cursor] ? `${id}-${cursor}` : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={placeholder}
        maxLength={maxLength}
        value={value}
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setOpen(true)
          setCursor(-1)
          onChange(event.target.value)
        }}
      />
      {shown && (
        <div
          ref={panel}
          id={id}
          role="listbox"
          aria-label={`Suggestions for ${label.toLowerCase()}`}
          popover="manual"
          className={cn(popupClass, 'w-60 overflow-hidden')}
        >
          <ul role="presentation" className="max-h-56 overflow-y-auto overscroll-contain p-1">
            {found.map((option, index) => (
              <li
                key={option.value}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === cursor}
                onPointerMove={() => setCursor(index)}
                // Focus stays in the text.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => pick(option)}
                className={cn(
                  'flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 py-1 pointer-coarse:min-h-10',
                  index === cursor && 'bg-hover',
                )}
              >
                <span className="min-w-0 flex-1 truncate">{option.value}</span>
                {option.hint && <span className="shrink-0 text-xs text-muted">{option.hint}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </span>
  )
}

const NONE: readonly Suggestion[] = []

/** The last answer stands until the next one is there. */
function useSuggestions(text: string, open: boolean, suggest: Props['suggest']) {
  const [found, setFound] = useState(NONE)
  const fn = useRef(suggest)
  useEffect(() => {
    fn.current = suggest
  }, [suggest])
  useEffect(() => {
    if (!open) return
    const gone = new AbortController()
    const settle = (rows: readonly Suggestion[]) => {
      if (!gone.signal.aborted) setFound(rows)
    }
    const ask = () =>
      void fn.current(text.trim(), gone.signal).then(settle, () => {
        settle(NONE)
      })
    const timer = window.setTimeout(ask, text === '' ? 0 : 150)
    return () => {
      window.clearTimeout(timer)
      gone.abort()
    }
  }, [text, open])
  return found
}
