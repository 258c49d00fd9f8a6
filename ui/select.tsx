'use client'
import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from './cn'
import { controlClass, controlHeight } from './control'
import { useFieldWiring } from './field'

export type SelectOption = { value: string; label: string; disabled?: boolean }

type Props = ComponentProps<'select'> & {
  options?: readonly SelectOption[]
  /** A first, empty choice. */
  placeholder?: string
}

/** The browser's own select, styled. For long or remote lists use `Picker`. */
export function Select({ options, placeholder, className, children, ...rest }: Props) {
  return (
    <div className={cn('relative min-w-0', className)}>
      <select
        {...rest}
        {...useFieldWiring(rest)}
        className={cn(controlClass, controlHeight, 'appearance-none truncate pr-8')}
      >
        {placeholder !== undefined && <option value="">{placeholder}</option>}
        {options?.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-3.5 -translate-y-1/2 text-muted"
      />
    </div>
  )
}
