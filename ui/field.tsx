'use client'
import { CircleAlert } from 'lucide-react'
import { createContext, useContext, useId, type ReactNode } from 'react'
import { cn } from './cn'

type FieldContext = { id: string; describedBy?: string; invalid: boolean; required: boolean }
const Context = createContext<FieldContext | null>(null)

type Props = {
  label: ReactNode
  /** Help below the control. */
  hint?: ReactNode
  /** What is wrong and how to put it right; marks the control as invalid. */
  error?: string | null
  required?: boolean
  /** Set it when an error summary links here. */
  id?: string
  /** At the end of the label's line, e.g. a "Forgot password?" link. */
  aside?: ReactNode
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean
  className?: string
  children: ReactNode
}

/** A labelled control. Input, Textarea, Select, PasswordInput and Picker inside it are wired to label, hint and error. */
export function Field({
  label,
  hint,
  error,
  required = false,
  id,
  aside,
  hideLabel,
  className,
  children,
}: Props) {
  const generated = useId()
  const control = id ?? generated
  const describedBy =
    [error && `${control}-error`, hint && `${control}-hint`].filter(Boolean).join(' ') || undefined
  return (
    <div className={cn('grid min-w-0 content-start gap-1.5', className)}>
      <div className={cn('flex items-baseline justify-between gap-3', hideLabel && !aside && 'sr-only')}>
        <Label htmlFor={control} required={required} className={hideLabel ? 'sr-only' : undefined}>
          {label}
        </Label>
        {aside && <span className="text-xs text-muted">{aside}</span>}
      </div>
      <Context value={{ id: control, describedBy, invalid: Boolean(error), required }}>{children}</Context>
      {error && (
        <p id={`${control}-error`} className="flex gap-1.5 text-xs text-danger-ink">
          <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          {error}
        </p>
      )}
      {hint && (
        <p id={`${control}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
    </div>
  )
}

type LabelProps = { htmlFor?: string; required?: boolean; className?: string; children: ReactNode }

/** A label on its own; inside `Field` it comes for free. */
function Label({ htmlFor, required, className, children }: LabelProps) {
  return (
    <label htmlFor={htmlFor} className={cn('text-sm font-medium text-fg', className)}>
      {children}
      {required && (
        <span aria-hidden className="ml-0.5 text-danger-ink">
          *
        </span>
      )}
    </label>
  )
}

type Wiring = { id?: string; required?: boolean; 'aria-describedby'?: string; 'aria-invalid'?: true }

/** The attributes a control takes from the `Field` around it; what the control sets itself wins. */
export function useFieldWiring(own: {
  id?: string
  required?: boolean
  'aria-describedby'?: string
}): Wiring {
  const field = useContext(Context)
  const describedBy = [own['aria-describedby'], field?.describedBy].filter(Boolean).join(' ') || undefined
  return {
    id: own.id ?? field?.id,
    required: own.required ?? (field?.required || undefined),
    'aria-describedby': describedBy,
    'aria-invalid': field?.invalid || undefined,
  }
}
