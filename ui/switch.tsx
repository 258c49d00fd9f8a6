'use client'
import { useId, type ComponentProps, type ReactNode } from 'react'
import { cn } from './cn'
import { Tooltip } from './tooltip'

type Props = Omit<ComponentProps<'input'>, 'type' | 'role' | 'size'> & {
  label: ReactNode
  description?: ReactNode
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean
  /** Why it cannot be changed now. */
  disabledReason?: string | false | null
}

/** An on/off setting that takes effect at once. It is a native checkbox with the role of a switch. */
export function Switch({
  label,
  description,
  hideLabel,
  disabledReason,
  className,
  onChange,
  ...rest
}: Props) {
  const id = useId()
  const input = (
    <input
      {...rest}
      id={rest.id ?? id}
      type="checkbox"
      role="switch"
      aria-disabled={disabledReason ? true : undefined}
      onClick={disabledReason ? (event) => event.preventDefault() : rest.onClick}
      onChange={onChange ?? (rest.checked === undefined ? undefined : () => undefined)}
      aria-describedby={description ? `${id}-hint` : undefined}
      className="relative h-[18px] w-8 shrink-0 cursor-pointer appearance-none rounded-full border border-transparent bg-faint transition-colors duration-150 before:absolute before:top-px before:left-px before:size-3.5 before:rounded-full before:bg-white before:shadow-card before:transition-transform before:duration-150 after:absolute after:-inset-2 checked:bg-accent checked:before:translate-x-3.5 disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 dark:bg-control dark:checked:bg-accent dark:checked:before:bg-on-accent"
    />
  )
  return (
    <div className={cn('flex items-start gap-2.5', className)}>
      <span className="flex h-5 items-center">
        {disabledReason ? <Tooltip content={disabledReason}>{input}</Tooltip> : input}
      </span>
      <span className="grid gap-0.5">
        <label htmlFor={rest.id ?? id} className={hideLabel ? 'sr-only' : 'text-sm font-medium'}>
          {label}
        </label>
        {description && (
          <span id={`${id}-hint`} className="text-xs text-muted">
            {description}
          </span>
        )}
      </span>
    </div>
  )
}
