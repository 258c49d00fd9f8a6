'use client'

import { clientPrefix } from '@/app/_lib/api-client'
import { toast } from '@/ui/toast'

/** Ends this session on the server and goes to the tenant's own sign-in page. */
export async function signOut(): Promise<void> {
  const prefix = clientPrefix()
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
    toast.error('You are still signed in: the server could not be reached. Try again.')
  }
}
