'use client'

import { clientPrefix } from '@/app/_lib/api-client'
import { parseLogin } from '@/lib/login-name'
import { MASTER_SLUG } from '@/lib/master'

export type SignInAnswer = { ok: true; next: string } | { ok: false; message: string }

const AWAY = 'The server could not be reached. Check your connection and try again.'

async function send(path: string, body: object): Promise<SignInAnswer> {
  const response = await fetch(clientPrefix() + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as { next?: string; message?: string }
  if (response.ok && answer.next !== undefined) return { ok: true, next: answer.next }
  return { ok: false, message: answer.message ?? AWAY }
}

/**
 * Signs in on this host; on the main host `acme\tom` is handed to Acme's (PRODUCT rule 9). Answers where to go, or what is
 * wrong in the server's words.
 * @param next where the person wanted to go; the server makes sure that it is this tenant's own
 */
export async function signIn(
  login: string,
  password: string,
  { isMain, next }: { isMain: boolean; next?: string },
): Promise<SignInAnswer> {
  try {
    const name = parseLogin(login)
    if (isMain && name.kind === 'prefixed' && name.slug !== MASTER_SLUG) {
      return await send('/api/sign-in/hand-off', { login, password })
    }
    return await send('/api/auth/callback/credentials', {
      login,
      password,
      csrfToken: await formToken(),
      next,
    })
  } catch {
    return { ok: false, message: AWAY }
  }
}

async function formToken(): Promise<string> {
  const token = await fetch(`${clientPrefix()}/api/auth/csrf`)
  return ((await token.json()) as { csrfToken: string }).csrfToken
}

/** The same with a name and password of the tenant's directory. */
export async function signInByDirectory(
  sourceId: string,
  login: string,
  password: string,
  next?: string,
): Promise<SignInAnswer> {
  try {
    const path = `/api/sso/ldap/${encodeURIComponent(sourceId)}/sign-in`
    return await send(path, { login, password, csrfToken: await formToken(), next })
  } catch {
    return { ok: false, message: AWAY }
  }
}
