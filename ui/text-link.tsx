import { Link } from './link'
import type { ComponentProps } from 'react'

/** A link inside text or facts. */
export function TextLink(props: Omit<ComponentProps<typeof Link>, 'className'>) {
  return (
    <Link
      {...props}
      className="rounded-sm text-accent-ink underline-offset-4 wrap-anywhere hover:underline"
    />
  )
}
