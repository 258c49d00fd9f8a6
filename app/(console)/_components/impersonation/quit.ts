'use client'

import { api, clientPrefix, problemOf } from '@/app/_lib/api-client'
import { toast } from '@/ui/toast'

/** Where a browser goes whose impersonation is over: it says so, and nobody is signed in as somebody else. */
const over = (): string => `${clientPrefix()}/api/impersonation/ended`

export const goOver = (): void => window.location.replace(over())

/** Stops acting as somebody else and goes back to the page that it began from. One that is over already says so. */
export async function quitImpersonating(): Promise<void> {
  try {
    const { next } = await api().impersonation.quit.mutate()
    window.location.assign(next)
  } catch (error) {
    const problem = problemOf(error)
    if (problem.status === 0) toast.error('You are still impersonating: the server could not be reached.')
    else goOver()
  }
}
