'use client'
import { CircleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'

export type FormError = { message: string; /** The id given to the `Field`. */ field?: string }

type Props = { errors: readonly FormError[]; title?: string }

/** What keeps a form from being saved, on top of it: takes focus when it appears, each line leads to its field. */
export function FormErrorSummary({ errors, title = 'This could not be saved' }: Props) {
  const ref = useRef<HTMLDivElement>(null)
  const shown = errors.length > 0
  useEffect(() => {
    if (shown) ref.current?.focus()
  }, [shown, errors])
  if (!shown) return null
  return (
    <div
      ref={ref}
      role="alert"
      tabIndex={-1}
      className="flex gap-2.5 rounded-md border border-danger-line bg-danger-soft px-3 py-2.5 text-sm text-danger-ink"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="grid min-w-0 gap-0.5">
        <p className="font-medium">{title}</p>
        <ul className="grid gap-0.5">
          {errors.map((error) => (
            <li key={`${error.field}:${error.message}`}>
              {error.field ? (
                <a
                  href={`#${error.field}`}
                  className="underline underline-offset-2"
                  onClick={(event) => {
                    event.preventDefault()
                    document.getElementById(error.field!)?.focus()
                  }}
                >
                  {error.message}
                </a>
              ) : (
                error.message
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
