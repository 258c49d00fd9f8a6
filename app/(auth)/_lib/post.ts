'use client'

import { clientPrefix } from '@/app/_lib/api-client'

export type Answer<T> =
  { ok: true; data: T } | { ok: false; status: number; message: string; fields: Record<string, string> }

export const AWAY = 'The server could not be reached. Check your connection and try again.'

/** Sends a form of somebody who is not signed in, to this tenant. What is wrong comes in the server's words. */
export async function post<T>(path: string, body: object): Promise<Answer<T>> {
  try {
    const response = await fetch(clientPrefix() + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = (await response.json()) as T & { message?: string; fields?: Record<string, string> }
    if (response.ok) return { ok: true, data: answer }
    const { message = AWAY, fields = {} } = answer
    return { ok: false, status: response.status, message, fields }
  } catch {
    return { ok: false, status: 0, message: AWAY, fields: {} }
  }
}
