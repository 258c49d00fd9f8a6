'use client'

import { api, clientPrefix, problemOf } from '@/app/_lib/api-client'
import { toast } from '@/ui/toast'

let quitting = false

/**
 * Where a browser goes whose impersonation is over: it says so, and nobody is signed in as somebody else.
 * @param from path on the master's host that it began from, for when another tab has taken the cookie away already
 */
export function goOver(from: string): void {
  if (!quitting)
    window.location.replace(`${clientPrefix()}/api/impersonation/ended?from=${encodeURIComponent(from)}`)
}

/** Stops acting as somebody else and goes back to the page that it began from. One that is over already says so. */
export async function quitImpersonating(from: string): Promise<void> {
  quitting = true
  try {
    const { next } = await api().impersonation.quit.mutate()
    window.location.assign(next)
  } catch (error) {
    quitting = false
    const problem = problemOf(error)
    if (problem.status === 0) toast.error('You are still impersonating: the server could not be reached.')
    else goOver(from)
  }
}
