import { MASTER_SLUG } from '@/lib/master'
import { consolePaths, safeReturnPath } from '@/lib/paths'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { contextOfToken, tokenHash } from '@/server/context/build'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { closeSession, openSession } from '@/server/features/sessions/sessions.service'
import { landingPath } from '@/server/features/sign-in/landing'
import { KNOWN_SECONDS, rememberDevice } from '@/server/features/sign-in/known-device'
import { runNextAuth } from '@/server/features/sign-in/next-auth'
import { answerJson, placeOf, readForm } from '@/server/features/sign-in/respond'
import { type SignInTarget, signInTarget } from '@/server/features/sign-in/sign-in.policy'
import {
  credentialsInput,
  type CredentialsInput,
  signOutInput,
} from '@/server/features/sign-in/sign-in.schema'
import { type Verified, verifySignIn } from '@/server/features/sign-in/sign-in.service'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { AppError, denied } from '@/server/platform/errors'

/** The one answer to unknown, disabled and wrong (PRODUCT rule 9). */
export const wrongSignIn = () => new AppError('unauthenticated', 'The username or password is wrong.')
const staleForm = () => denied('This page was open for too long. Reload it and try again.')

const MAX_BODY = 10_000

async function csrf({ op, facts }: RouteCall): Promise<Response> {
  const answer = await runNextAuth(placeOf(op.host).slug, facts.cookie, { action: 'csrf' })
  return answerJson({ csrfToken: answer?.csrfToken }, answer?.cookies)
}

/** Name and password to a session on this host. Answers where to go next. */
async function signIn(call: RouteCall): Promise<Response> {
  const { op, facts } = call
  const input = await readForm(call, credentialsInput)
  const { slug, prefix } = placeOf(op.host)
  const target = signInTarget(op.host, input.login)
  const knownName = sessionCookie(slug, 'known')
  const known = readCookie(facts.cookie, knownName)
  const verified = await enter(call, slug, input, target, known)
  if (!verified) throw wrongSignIn()
  const paths = consolePaths(prefix)
  const asked = safeReturnPath(input.next, prefix)
  // Who asked for a page gets it; others begin where their roles say.
  const begin = async () =>
    asked === paths.home ? landingPath(await contextOfToken(facts, op.host, verified.token), paths) : asked
  return answerJson({ next: verified.mustChange ? paths.password : await begin() }, [
    ...verified.cookies,
    cookieOf(knownName, rememberDevice(known, verified.target), KNOWN_SECONDS),
  ])
}

async function enter(
  { op, facts }: RouteCall,
  slug: string | null,
  { password, csrfToken }: CredentialsInput,
  target: SignInTarget | null,
  knownCookie: string | null,
): Promise<(Verified & { cookies: string[]; token: string | null }) | null> {
  let verified: Verified | null = null
  let opened: string | null = null
  const { ip, requestId } = facts
  const answer = await runNextAuth(slug, facts.cookie, {
    action: 'credentials',
    csrfToken,
    authorize: async () => {
      verified = await verifySignIn({
        slug: slug ?? MASTER_SLUG,
        target,
        password,
        knownCookie,
        ip,
        requestId,
      })
      return verified && { id: verified.userId }
    },
    open: async () => {
      const token = verified && (await openSession(verified, facts))
      if (!token) throw wrongSignIn() // disabled between the two
      // Signing in again ends what was open in this browser (attack C10).
      if (op.session) await closeSession(Buffer.from(op.session.tokenHash, 'hex'), requestId)
      opened = token
      return token
    },
  })
  if (!answer) throw staleForm()
  return verified && { ...(verified as Verified), cookies: answer.cookies, token: opened }
}

/** Ends the session, then the cookie; answers with the tenant's own sign-in page. */
async function signOut(call: RouteCall): Promise<Response> {
  const { op, facts } = call
  const { csrfToken } = await readForm(call, signOutInput)
  const { slug, prefix } = placeOf(op.host)
  const answer = await runNextAuth(slug, facts.cookie, {
    action: 'signout',
    csrfToken,
    close: async (token) => void (await closeSession(tokenHash(token), facts.requestId)),
  })
  if (!answer) throw staleForm()
  return answerJson({ next: consolePaths(prefix).signIn }, answer.cookies)
}

/** next-auth's endpoints, and only these: the rest of what it offers does not exist here. */
export const signInRoutes: HttpRoute[] = [
  {
    name: 'signIn.csrf',
    method: 'GET',
    path: '/api/auth/csrf',
    declaration: {
      scope: 'public',
      audit: 'none',
      summary: "The form token of this browser's sign-in and sign-out",
    },
    maxBody: 0,
    handle: csrf,
  },
  {
    name: 'signIn.credentials',
    method: 'POST',
    path: '/api/auth/callback/credentials',
    declaration: { scope: 'public', audit: 'session.sign_in', summary: 'Sign in with username and password' },
    maxBody: MAX_BODY,
    handle: signIn,
  },
  {
    name: 'signIn.signOut',
    method: 'POST',
    path: '/api/auth/signout',
    declaration: { scope: 'public', audit: 'session.sign_out', summary: 'Sign out of this tenant' },
    maxBody: MAX_BODY,
    handle: signOut,
  },
]
