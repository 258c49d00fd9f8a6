'use client'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'
import { AWAY, post } from '@/app/(auth)/_lib/post'
import { clientPrefix } from '@/app/_lib/api-client'
import { givePasskey, PasskeyError } from '@/app/_lib/passkey'

/** Ways to sign in that go in two steps, by where their routes begin. */
export type SignInBase = '/api/sign-in' | '/api/emergency'

/** Signs in with a passkey. @param path '' by itself, '/step' after the password. Answers where to go, or what is wrong. */
export async function passkeySignIn(
  path: '' | '/step',
  next?: string,
  base: SignInBase = '/api/sign-in',
): Promise<{ next: string } | { message: string }> {
  const address = `${base}${path}/passkey`
  try {
    const response = await fetch(clientPrefix() + address)
    const asked = (await response.json()) as {
      options: PublicKeyCredentialRequestOptionsJSON
      message?: string
    }
    if (!response.ok) return { message: asked.message ?? AWAY }
    const given = await givePasskey(asked.options)
    const answer = await post<{ next: string }>(address, path === '' ? { ...given, next } : given)
    return answer.ok ? answer.data : { message: answer.message }
  } catch (error) {
    return { message: error instanceof PasskeyError ? error.message : AWAY }
  }
}
