import NextLink from 'next/link'
import type { ComponentProps } from 'react'

/**
 * Next's link that fetches a page when it is asked for and not before: every page is made for who looks at it, so each of the hundred links of a
 * list would be a request (docs/decisions/0006).
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />
}
