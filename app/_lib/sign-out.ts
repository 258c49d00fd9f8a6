'use client'

import { clientPrefix } from '@/app/_lib/api-client'
import { toast } from '@/ui/toast'

let signingOut = false

/** Whether this page is on its way to the sign-in page; what the end of the session sets off elsewhere keeps still. */
export const isSigningOut = (): boolean => signingOut

/** Ends this session on the server and goes to the tenant's own sign-in page. */
export async function signOut(): Promise<void> {
  const prefix = clientPrefix()
  signingOut = true
  try {
    const answer = await fetch(`${prefix}/api/auth/csrf`, { credentials: 'same-origin' })
    const { csrfToken } = (await answer.json()) as { csrfToken: string }
    const done = await fetch(`${prefix}/api/auth/signout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ csrfToken }),
    })
    if (!done.ok) throw new Error(String(done.status))
    window.location.assign(`${prefix}/login`)
  } catch {
    signingOut = false
    toast.error('You are still signed in: the server could not be reached. Try again.')
  }
}
