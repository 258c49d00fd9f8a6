'use client'
import { useId, type ReactNode } from 'react'
import { cn } from './cn'

export type RadioCard = {
  value: string
  label: ReactNode
  description?: ReactNode
  icon?: ReactNode
  disabled?: boolean
}

type Props = {
  legend: string
  name: string
  options: readonly RadioCard[]
  value?: string
  defaultValue?: string
  onChange?: (value: string) => void
  columns?: 1 | 2 | 3
  hideLegend?: boolean
}

const COLUMNS = { 1: '', 2: 'sm:grid-cols-2', 3: 'sm:grid-cols-3' }

/** One choice out of a few, each with its explanation. */
export function RadioCards(props: Props) {
  const { legend, name, options, value, defaultValue, onChange, columns = 1, hideLegend } = props
  const id = useId()
  return (
    <fieldset className="min-w-0">
      <legend className={hideLegend ? 'sr-only' : 'mb-1.5 text-sm font-medium'}>{legend}</legend>
      <div className={cn('grid gap-2', COLUMNS[columns])}>
        {options.map((option) => (
          <label
            key={option.value}
            className="relative grid cursor-pointer grid-cols-[auto_1fr] content-start gap-x-2.5 gap-y-0.5 rounded-md border border-line-strong bg-surface px-3 py-2.5 transition-colors hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring has-disabled:cursor-not-allowed has-disabled:opacity-50"
          >
            <span className="flex h-5 items-center">
              <input
                type="radio"
                name={name}
                value={option.value}
                disabled={option.disabled}
                checked={value === undefined ? undefined : value === option.value}
                defaultChecked={defaultValue === undefined ? undefined : defaultValue === option.value}
                onChange={onChange ? () => onChange(option.value) : undefined}
                aria-describedby={option.description ? `${id}-${option.value}` : undefined}
                className="size-4 cursor-pointer appearance-none rounded-full border border-control bg-surface outline-none checked:border-[5px] checked:border-accent"
              />
            </span>
            <span className="flex items-center gap-2 text-sm font-medium [&_svg]:size-4 [&_svg]:text-muted">
              {option.icon}
              {option.label}
            </span>
            {option.description && (
              <span id={`${id}-${option.value}`} className="col-start-2 text-xs text-muted">
                {option.description}
              </span>
            )}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
