import { MASTER_SLUG } from '@/lib/master'
import { consolePaths } from '@/lib/paths'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { tokenHash } from '@/server/context/build'
import { closeSession } from '@/server/features/sessions/sessions.service'
import { completeSignIn, secondStep, stepPage } from '@/server/features/sign-in/complete'
import { runNextAuth } from '@/server/features/sign-in/next-auth'
import { answerJson, placeOf, readForm } from '@/server/features/sign-in/respond'
import { signInTarget } from '@/server/features/sign-in/sign-in.policy'
import { credentialsInput, signOutInput } from '@/server/features/sign-in/sign-in.schema'
import { type Verified, verifySignIn } from '@/server/features/sign-in/sign-in.service'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { AppError, denied } from '@/server/platform/errors'

/** The one answer to unknown, disabled and wrong (PRODUCT rule 9). */
export const wrongSignIn = () => new AppError('unauthenticated', 'The username or password is wrong.')
export const staleForm = () => denied('This page was open for too long. Reload it and try again.')

const MAX_BODY = 10_000

async function csrf({ op, facts }: RouteCall): Promise<Response> {
  const answer = await runNextAuth(placeOf(op.host).slug, facts.cookie, { action: 'csrf' })
  return answerJson({ csrfToken: answer?.csrfToken }, answer?.cookies)
}

/** Name and password to a session on this host, or to the second step. Answers where to go next. */
async function signIn(call: RouteCall): Promise<Response> {
  const { op, facts } = call
  const input = await readForm(call, credentialsInput)
  const { slug } = placeOf(op.host)
  const target = signInTarget(op.host, input.login)
  let done: Answer | null = null
  const { ip, requestId } = facts
  const answer = await runNextAuth(slug, facts.cookie, {
    action: 'credentials',
    csrfToken: input.csrfToken,
    authorize: async () => {
      const verified = await verifySignIn({
        slug: slug ?? MASTER_SLUG,
        target,
        password: input.password,
        knownCookie: readCookie(facts.cookie, sessionCookie(slug, 'known')),
        ip,
        requestId,
      })
      done = verified && (await afterPassword(call, verified, input.next))
    },
  })
  if (!answer) throw staleForm()
  if (!done) throw wrongSignIn()
  const { next, cookies } = done as Answer
  return answerJson({ next }, [...answer.cookies, ...cookies])
}

interface Answer {
  next: string
  cookies: string[]
}

async function afterPassword(call: RouteCall, verified: Verified, asked?: string): Promise<Answer | null> {
  const { tenantId, userId, changed, target } = verified
  const who = { tenantId, userId, changed, home: target.home, username: target.username }
  const step = await secondStep(call, who, asked)
  if (step !== null) return { next: stepPage(call), cookies: [step] }
  return completeSignIn(call, who, asked) // null: disabled between the two
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
