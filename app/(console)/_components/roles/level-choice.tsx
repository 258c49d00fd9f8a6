'use client'

import type { Level } from '@/lib/permissions'
import { cn } from '@/ui/cn'

export const LEVEL_LABELS: Record<Level, string> = {
  none: 'None',
  read: 'Read',
  user: 'Own',
  group: 'Groups',
  full: 'Full',
}

interface Props<Value extends string> {
  /** Names the group for assistive technology. */
  label: string
  name: string
  options: readonly { value: Value; label: string; disabled?: string }[]
  value: Value
  onChange: (value: Value) => void
  disabled?: boolean
}

/** One of a few levels, side by side. What cannot be chosen says why in its tooltip and to screen readers. */
export function LevelChoice<Value extends string>({
  label,
  name,
  options,
  value,
  onChange,
  disabled,
}: Props<Value>) {
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex max-w-full rounded-md border border-line-strong bg-subtle p-0.5"
    >
      {options.map((option) => {
        const refused = disabled || (option.disabled !== undefined && option.value !== value)
        return (
          <label
            key={option.value}
            title={option.value === value ? undefined : option.disabled}
            className={cn(
              'relative rounded-sm px-2 py-1 text-xs whitespace-nowrap transition-colors has-focus-visible:outline-2 has-focus-visible:outline-ring pointer-coarse:px-3 pointer-coarse:py-2',
              option.value === value
                ? 'bg-accent-soft font-medium text-accent-ink ring-1 ring-accent-line'
                : 'text-muted',
              refused ? 'cursor-not-allowed' : 'cursor-pointer hover:text-fg',
              refused && option.value !== value && 'text-faint line-through',
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              disabled={refused}
              onChange={() => onChange(option.value)}
              className="absolute inset-0 cursor-[inherit] appearance-none outline-none"
            />
            {option.label}
            {option.disabled !== undefined && option.value !== value && (
              <span className="sr-only"> ({option.disabled})</span>
            )}
          </label>
        )
      })}
    </div>
  )
}
