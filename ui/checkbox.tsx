'use client'
import { Check, Minus } from 'lucide-react'
import { useEffect, useId, useRef, type ComponentProps, type ReactNode } from 'react'
import { cn } from './cn'

type Props = Omit<ComponentProps<'input'>, 'type' | 'size'> & {
  /** Without a visible label give `aria-label`. */
  label?: ReactNode
  description?: ReactNode
  indeterminate?: boolean
}

/** A native checkbox with an optional label and description. */
export function Checkbox({ label, description, indeterminate = false, className, ...rest }: Props) {
  const ref = useRef<HTMLInputElement>(null)
  const hint = useId()
  useEffect(() => {
    if (ref.current) ref.current.indeterminate = indeterminate
  }, [indeterminate, rest.checked])
  const box = (
    <span
      className={cn(
        'relative inline-grid size-4 shrink-0 place-items-center align-middle',
        !label && className,
      )}
    >
      <input
        {...rest}
        ref={ref}
        type="checkbox"
        aria-describedby={description ? hint : rest['aria-describedby']}
        className="peer size-4 cursor-pointer appearance-none rounded-sm border border-control bg-surface transition-colors before:absolute before:-inset-2 before:content-[''] checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent hover:border-faint disabled:cursor-not-allowed disabled:opacity-50 aria-invalid:border-danger dark:bg-subtle dark:checked:bg-accent dark:indeterminate:bg-accent"
      />
      <Check
        aria-hidden
        strokeWidth={3}
        className="pointer-events-none absolute hidden size-3 text-on-accent peer-checked:block peer-indeterminate:hidden"
      />
      <Minus
        aria-hidden
        strokeWidth={3}
        className="pointer-events-none absolute hidden size-3 text-on-accent peer-indeterminate:block"
      />
    </span>
  )
  if (!label) return box
  return (
    <label className={cn('grid grid-cols-[auto_1fr] items-start gap-x-2.5 gap-y-0.5', className)}>
      <span className="flex h-5 items-center">{box}</span>
      <span className="text-sm">{label}</span>
      {description && (
        <span id={hint} className="col-start-2 text-xs text-muted">
          {description}
        </span>
      )}
    </label>
  )
}
