'use client'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { controlClass, controlHeight } from './control'
import { useFieldWiring } from './field'

type Props = Omit<ComponentProps<'input'>, 'prefix'> & {
  /** Text or icon inside, before the value: "https://", a magnifier. */
  prefix?: ReactNode
  /** Inside, after the value: ".example.com", a unit, a button. */
  suffix?: ReactNode
  mono?: boolean
}

/** A one-line text control. */
export function Input({ prefix, suffix, mono, className, ...rest }: Props) {
  const wiring = useFieldWiring(rest)
  const text = cn(mono && 'font-mono', rest.type === 'number' && 'tabular-nums')
  if (prefix === undefined && suffix === undefined) {
    return <input {...rest} {...wiring} className={cn(controlClass, controlHeight, text, className)} />
  }
  return (
    <div
      className={cn(
        controlClass,
        controlHeight,
        'flex items-center has-[input:focus-visible]:border-ring has-[input:focus-visible]:outline-2 has-[input:focus-visible]:-outline-offset-1 has-[input:focus-visible]:outline-ring has-aria-invalid:border-danger',
        className,
      )}
    >
      {prefix !== undefined && (
        <span className="mr-2 flex shrink-0 items-center text-muted [&_svg]:size-4">{prefix}</span>
      )}
      <input
        {...rest}
        {...wiring}
        className={cn('h-full w-full min-w-0 bg-transparent outline-none', text)}
      />
      {suffix !== undefined && <span className="ml-2 flex shrink-0 items-center text-muted">{suffix}</span>}
    </div>
  )
}
