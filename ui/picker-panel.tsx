'use client'
import { Check, Search } from 'lucide-react'
import {
  Fragment,
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react'
import { cn } from './cn'
import { Spinner } from './spinner'

export type PickerOption = {
  value: string
  label: string
  icon?: ReactNode
  /** Grey text at the end, also searched. */
  hint?: string
  /** Why it cannot be picked. */
  disabledReason?: string
  /** Stands as a heading above the first of those that follow one another with the same. */
  group?: string
  /** A place that the choice leads to: a press with Ctrl or ⌘ opens it in another tab; picking it is up to the caller as ever. */
  href?: string
}
type SearchFn = (query: string, signal: AbortSignal) => Promise<readonly PickerOption[]>
type Props = {
  label: string
  value: string | null
  options?: readonly PickerOption[]
  search?: SearchFn
  footer?: ReactNode
  onPick: (option: PickerOption) => void
  onClose: () => void
}

/** The inside of `Picker`: a search box and the list it controls. */
export function PickerPanel({ label, value, options, search, footer, onPick, onClose }: Props) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const [query, setQuery] = useState('')
  const [cursor, setCursor] = useState(0)
  const { found, busy, failed } = useFound(query.trim(), options, search)
  const at = Math.min(cursor, found.length - 1)
  useEffect(() => input.current?.focus(), [])
  useEffect(() => {
    list.current?.querySelector(`#${CSS.escape(`${id}-${at}`)}`)?.scrollIntoView({ block: 'nearest' })
  }, [at, id])
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setCursor((at + step + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter' && found[at] && !found[at].disabledReason) {
      if (found[at].href && (event.ctrlKey || event.metaKey))
        window.open(found[at].href, '_blank', 'noopener')
      else onPick(found[at])
    } else if (event.key === 'Escape') onClose()
    else if (event.key !== 'Enter') return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    // Tabbing out of the panel closes it; focus within (the footer's links) does not.
    <div
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) onClose()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onClose()
      }}
    >
      <div className="flex items-center gap-2 border-b border-line px-3">
        {busy ? (
          <Spinner className="size-3.5 text-accent-ink" />
        ) : (
          <Search aria-hidden className="size-3.5 text-muted" />
        )}
        <input
          ref={input}
          role="combobox"
          aria-label={`Search ${label.toLowerCase()}`}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
          autoComplete="off"
          placeholder="Search…"
          value={query}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setQuery(event.target.value)
            setCursor(0)
          }}
          className="h-9 min-w-0 flex-1 bg-transparent outline-none pointer-coarse:h-11"
        />
      </div>
      <ul
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        className="max-h-64 overflow-y-auto overscroll-contain p-1"
      >
        {found.map((option, index) => (
          <Fragment key={option.value}>
            {option.group && option.group !== found[index - 1]?.group && (
              <li role="presentation" className="px-2 pt-1.5 pb-1 text-xs text-muted">
                {option.group}
              </li>
            )}
            <OptionRow
              option={option}
              id={`${id}-${index}`}
              active={index === at}
              selected={option.value === value}
              onHover={() => setCursor(index)}
              onPick={() => onPick(option)}
            />
          </Fragment>
        ))}
      </ul>
      <p role="status" className={found.length ? 'sr-only' : 'px-3 pb-5 text-center text-muted'}>
        {busy
          ? 'Searching…'
          : failed
            ? 'The list could not be loaded.'
            : found.length
              ? `${found.length} found`
              : 'Nothing found'}
      </p>
      {footer && <div className="border-t border-line p-1">{footer}</div>}
    </div>
  )
}

type RowProps = {
  option: PickerOption
  id: string
  active: boolean
  selected: boolean
  onHover: () => void
  onPick: () => void
}

/** One choice; a link where it leads somewhere. */
function OptionRow({ option, id, active, selected, onHover, onPick }: RowProps) {
  const { icon, label, hint, disabledReason, href } = option
  const shared = {
    id,
    role: 'option',
    'aria-selected': selected,
    'aria-disabled': disabledReason ? true : undefined,
    onPointerMove: onHover,
    // Focus stays in the search box: inside a dialog the press would move it there, which closes the panel.
    onMouseDown: (event: MouseEvent) => event.preventDefault(),
    className: cn(
      'flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1 pointer-coarse:min-h-10 [&_svg]:size-4 [&_svg]:shrink-0',
      active && 'bg-hover',
      disabledReason && 'cursor-not-allowed text-faint',
    ),
  }
  const body = (
    <>
      {icon}
      <span className="grid min-w-0 flex-1">
        <span className="truncate">{label}</span>
        {disabledReason && <span className="text-xs text-muted">{disabledReason}</span>}
      </span>
      {hint && <span className="max-w-40 shrink-0 truncate text-xs text-muted">{hint}</span>}
      {selected && <Check aria-hidden className="text-accent-ink" />}
    </>
  )
  if (!href || disabledReason)
    return (
      <li {...shared} onClick={disabledReason ? undefined : onPick}>
        {body}
      </li>
    )
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    onPick()
  }
  return (
    <li role="presentation">
      <a {...shared} href={href} tabIndex={-1} onClick={follow}>
        {body}
      </a>
    </li>
  )
}

const NONE: readonly PickerOption[] = []

/** The options for a query: filtered here, or asked of the server with the old answer standing until the new one is there. */
function useFound(query: string, options: readonly PickerOption[] | undefined, search: SearchFn | undefined) {
  const [answer, setAnswer] = useState<{
    query: string
    rows: readonly PickerOption[]
    failed?: boolean
  } | null>(null)
  const fn = useRef(search)
  const remote = search !== undefined
  useEffect(() => {
    fn.current = search
  }, [search])
  useEffect(() => {
    if (!remote) return
    const controller = new AbortController()
    const settle = (rows: readonly PickerOption[], failed: boolean) => {
      if (!controller.signal.aborted) setAnswer({ query, rows, failed })
    }
    const ask = () => {
      fn.current?.(query, controller.signal).then(
        (rows) => settle(rows, false),
        () => settle(NONE, true),
      )
    }
    const timer = window.setTimeout(ask, query ? 150 : 0)
    return () => {
      window.clearTimeout(timer)
      controller.abort()
    }
  }, [remote, query])
  if (remote)
    return { found: answer?.rows ?? NONE, busy: answer?.query !== query, failed: answer?.failed ?? false }
  const needle = query.toLowerCase()
  const match = (option: PickerOption) =>
    `${option.label} ${option.hint ?? ''} ${option.value}`.toLowerCase().includes(needle)
  return { found: (options ?? NONE).filter(match), busy: false, failed: false }
}
