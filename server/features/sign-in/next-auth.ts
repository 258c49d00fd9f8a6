import type { NextApiRequest, NextApiResponse } from 'next'
import nextAuthModule, { type AuthOptions } from 'next-auth'
import credentialsModule from 'next-auth/providers/credentials'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { siteConfig } from '@/server/context/site'
import { database } from '@/server/db/runtime'
import { SESSION_SECONDS } from '@/server/features/sessions/session-cookie'
import { deriveKey } from '@/server/platform/crypto'
import { log } from '@/server/platform/log'

/** CommonJS seen from ESM: its default export is a property of the default import, or not, as the loader likes. */
const unwrap = <T>(module: T): T => (module as { default?: T }).default ?? module
const NextAuth = unwrap(nextAuthModule)
const CredentialsProvider = unwrap(credentialsModule)

/** What next-auth is asked to do; it has nothing else here: no pages, no session endpoint, no other provider. */
export type AuthAction =
  | { action: 'csrf' }
  | {
      action: 'credentials'
      csrfToken: string
      /** Runs when the form token is right: checks who it is. Sessions are opened by complete.ts, after a second step too. What it throws reaches the caller. */
      authorize: () => Promise<void>
    }
  | { action: 'signout'; csrfToken: string; close: (token: string) => Promise<void> }

export interface AuthAnswer {
  /** Set-Cookie values. */
  cookies: string[]
  csrfToken?: string
}

// Inside next-auth the cookies have these names: it takes any that begins with the session's for a part of it.
const INNER = { session: 'session', csrf: 'csrf' } as const

/**
 * Runs next-auth for one request, free of Next: its own handler on a request and a response of ours. It keeps the CSRF token,
 * the order of things and the cookies; who it is and what a session is, the closures say (JWT strategy, whose encode and decode
 * stand for rows of the session table). Options are made per request, so that they know the tenant. It never learns an
 * origin: no answer of ours holds a URL that it made, and neither NEXTAUTH_URL nor a Host header can bend one (attack B07).
 * @param slug null on the master's host
 * @returns null when the CSRF token is wrong
 * @throws what the closures throw, with no cookie set or cleared: an outage signs nobody out
 */
export async function runNextAuth(
  slug: string | null,
  cookieHeader: string | null,
  task: AuthAction,
): Promise<AuthAnswer | null> {
  const state: { ran: boolean; failure?: Error } = { ran: false }
  const watch =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A) => {
      state.ran = true
      try {
        return await work(...args)
      } catch (error) {
        state.failure = error instanceof Error ? error : new Error(String(error)) // next-auth would turn it into words in a URL, or swallow it
        throw error
      }
    }
  const names = { [INNER.session]: sessionCookie(slug), [INNER.csrf]: sessionCookie(slug, 'csrf') }
  const { req, res, answer } = exchange(task, (name) => readCookie(cookieHeader, names[name]))
  // A sign-out that finds no cookie never asks for a session to be closed.
  state.ran = task.action === 'signout' && req.cookies[INNER.session] === undefined
  try {
    await NextAuth(
      req as unknown as NextApiRequest,
      res as unknown as NextApiResponse,
      optionsOf(task, watch),
    )
  } catch (error) {
    throw state.failure ?? error
  }
  if (state.failure !== undefined) throw state.failure
  if (task.action !== 'csrf' && (!state.ran || isCsrfRefusal(answer.json))) return null
  const { csrfToken } = (answer.json ?? {}) as { csrfToken?: string }
  return { cookies: renamed(answer.cookies, names), csrfToken }
}

const isCsrfRefusal = (json: unknown) =>
  /[?&]csrf=true/.test(String((json as { url?: unknown } | undefined)?.url))

type Watch = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => (...args: A) => Promise<T>

function optionsOf(task: AuthAction, watch: Watch): AuthOptions {
  const secure = siteConfig().scheme === 'https'
  const cookie = (name: string) => ({ name, options: { httpOnly: true, sameSite: 'lax', path: '/', secure } })
  return {
    secret: deriveKey(database().key.toString('hex'), 'next-auth').toString('hex'),
    useSecureCookies: secure,
    cookies: { sessionToken: cookie(INNER.session), csrfToken: cookie(INNER.csrf) },
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS },
    providers: [
      CredentialsProvider({
        credentials: {},
        authorize: watch(async () => {
          if (task.action === 'credentials') await task.authorize()
          return null
        }),
      }),
    ],
    jwt: {
      encode: watch(() => Promise.reject(new Error('nothing to encode'))),
      decode: async ({ token }) => (token ? { token } : null),
    },
    events: {
      signOut: watch(async ({ token }) => {
        if (task.action === 'signout' && typeof token?.token === 'string') await task.close(token.token)
      }),
    },
    callbacks: { redirect: () => '/' },
    logger: {
      // Codes only: what comes with them may hold a name or a token. Its warnings are about an origin it does not need.
      error: (code) => log().warn({ code }, 'next-auth'),
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}

/** A request as next-auth's handler reads it, and a response that remembers what it writes. */
function exchange(task: AuthAction, cookie: (name: keyof typeof INNER) => string | null) {
  const answer: { cookies: string[]; json?: unknown } = { cookies: [] }
  const session = cookie(INNER.session)
  const csrf = cookie(INNER.csrf)
  const req = {
    method: task.action === 'csrf' ? 'GET' : 'POST',
    query: { nextauth: task.action === 'credentials' ? ['callback', 'credentials'] : [task.action] },
    headers: {},
    cookies: {
      ...(session !== null && { [INNER.session]: session }),
      ...(csrf !== null && { [INNER.csrf]: decoded(csrf) }),
    } as Partial<Record<string, string>>,
    body: task.action === 'csrf' ? undefined : { csrfToken: task.csrfToken, callbackUrl: '/', json: 'true' },
  }
  const write = (body?: unknown) => void (answer.json = body)
  const res = {
    status: () => res,
    getHeader: (name: string) => (name.toLowerCase() === 'set-cookie' ? answer.cookies : undefined),
    setHeader: (name: string, value: unknown) => {
      if (name.toLowerCase() === 'set-cookie') answer.cookies = value as string[]
      return res
    },
    json: write,
    send: write,
    end: write,
  }
  return { req, res, answer }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

/** The cookies under the names that browsers know; others of next-auth's (its callback URL) are not passed on. */
function renamed(cookies: readonly string[], names: Record<string, string>): string[] {
  return cookies.flatMap((cookie) => {
    const at = cookie.indexOf('=')
    const name = names[cookie.slice(0, at)]
    return name === undefined ? [] : [name + cookie.slice(at)]
  })
}
