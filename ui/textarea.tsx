'use client'
import type { ComponentProps } from 'react'
import { cn } from './cn'
import { controlClass } from './control'
import { useFieldWiring } from './field'

/** A multi-line text control; it grows with its text up to 20 lines. */
export function Textarea({
  mono,
  className,
  rows = 3,
  ...rest
}: ComponentProps<'textarea'> & { mono?: boolean }) {
  return (
    <textarea
      {...rest}
      {...useFieldWiring(rest)}
      rows={rows}
      className={cn(
        controlClass,
        'field-sizing-content max-h-[20lh] min-h-[4lh] py-1.5',
        mono && 'font-mono',
        className,
      )}
    />
  )
}
