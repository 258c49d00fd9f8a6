import type { ReactNode } from 'react'

/** Sign-in and set-up: pages without the console's frame. */
export default function AuthPages({ children }: { children: ReactNode }) {
  return children
}
