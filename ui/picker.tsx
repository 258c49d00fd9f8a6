'use client'
import { ChevronsUpDown } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { cn } from './cn'
import { controlClass, controlHeight } from './control'
import { useFieldWiring } from './field'
import type { Placement } from './floating'
import { PickerPanel, type PickerOption } from './picker-panel'
import { popupClass, usePopup } from './use-popup'

type Props = Pick<Placement, 'side' | 'align'> & {
  /** What is picked: "Tenant". Names the panel and the search box. */
  label: string
  value?: string | null
  onChange: (option: PickerOption) => void
  /** A fixed list, filtered here. */
  options?: readonly PickerOption[]
  /** A remote list: called with '' at first and then 150 ms after the last key. */
  search?: (query: string, signal: AbortSignal) => Promise<readonly PickerOption[]>
  /** What the closed control shows when `value` is not among `options`. */
  selected?: PickerOption | null
  placeholder?: string
  /** With a name the value is part of the form. */
  name?: string
  /** Another trigger than a select-like control: one button. */
  trigger?: ReactNode
  /** Below the list: "New tenant". */
  footer?: ReactNode
  className?: string
}

/** A searchable choice for long or remote lists, and the base of the tenant switcher. Inside `Field` it is wired to its label. */
export function Picker(props: Props) {
  const {
    label,
    value,
    onChange,
    options,
    search,
    placeholder = 'Choose…',
    name,
    trigger,
    footer,
    side = 'bottom',
    align = 'start',
  } = props
  const { id, host, panel, open, setOpen, close, fromTrigger } = usePopup('dialog', { side, align })
  const [last, setLast] = useState<PickerOption | null>(null)
  const wiring = useFieldWiring({})
  const chosen =
    [last, props.selected, ...(options ?? [])].find((option) => option && option.value === value) ??
    props.selected ??
    null
  return (
    <span
      ref={host}
      className="contents"
      onClick={(event) => {
        if (fromTrigger(event.target)) setOpen(!open)
      }}
    >
      {trigger ?? (
        <button
          type="button"
          id={wiring.id}
          // Outside of a Field nothing else names it.
          aria-label={wiring.id === undefined ? `${label}: ${chosen?.label ?? placeholder}` : undefined}
          aria-describedby={wiring['aria-describedby']}
          aria-invalid={wiring['aria-invalid']}
          className={cn(controlClass, controlHeight, 'flex items-center gap-2 text-left', props.className)}
        >
          {chosen?.icon}
          <span className={cn('min-w-0 flex-1 truncate', !chosen && 'text-faint')}>
            {chosen?.label ?? placeholder}
          </span>
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      )}
      {name && <input type="hidden" name={name} value={value ?? ''} />}
      {open && (
        <div
          ref={panel}
          id={id}
          role="dialog"
          aria-label={label}
          popover="manual"
          className={cn(popupClass, 'w-72 overflow-hidden')}
        >
          <PickerPanel
            label={label}
            value={value ?? null}
            options={options}
            search={search}
            footer={footer}
            onClose={close}
            onPick={(option) => {
              setLast(option)
              close()
              onChange(option)
            }}
          />
        </div>
      )}
    </span>
  )
}
