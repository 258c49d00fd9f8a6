import type { z } from 'zod'
import { consolePaths } from '@/lib/paths'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { completeSignIn, secondStep, stepPage } from '@/server/features/sign-in/complete'
import { runNextAuth } from '@/server/features/sign-in/next-auth'
import { answerJson, placeOf, readForm } from '@/server/features/sign-in/respond'
import { staleForm, wrongSignIn } from '@/server/features/sign-in/sign-in.routes'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { directoryInput } from './ldap.schema'
import { signInByDirectory } from './ldap.service'
import { fromOf, hostSlug, Refused, sourceOf } from './sso.flow'

interface Answer {
  next: string
  cookies: string[]
}

/** Asks the directory, then for the second step: a password is all that a directory asks for. Null: refused. */
async function prove(call: RouteCall, input: z.output<typeof directoryInput>): Promise<Answer | null> {
  const { facts, op } = call
  const { slug, prefix } = placeOf(op.host)
  const source = await sourceOf(call, 'ldap')
  const host = hostSlug(call)
  const { login, password, next } = input
  const knownCookie = readCookie(facts.cookie, sessionCookie(slug, 'known'))
  const outcome = await signInByDirectory(source, { ...fromOf(call), login, password, knownCookie, host })
  if (!outcome) return null
  if (outcome.code !== 'ok')
    return { next: `${consolePaths(prefix).signIn}?problem=${outcome.refusal}`, cookies: [] }
  const { tenantId, userId, username } = outcome
  const who = { tenantId, userId, username, home: host, changed: null, sourceId: source.id }
  const step = await secondStep(call, who, next)
  if (step !== null) return { next: stepPage(call), cookies: [step] }
  return completeSignIn(call, who, next)
}

/** Name and password of a tenant's own directory, to a session on its host or to the second step. Answers where to go next. */
async function signIn(call: RouteCall): Promise<Response> {
  const { op, facts } = call
  const input = await readForm(call, directoryInput)
  const { slug } = placeOf(op.host)
  let done: Answer | null = null
  const answer = await runNextAuth(slug, facts.cookie, {
    action: 'credentials',
    csrfToken: input.csrfToken,
    authorize: async () => {
      done = await prove(call, input).catch((error: unknown) => {
        // A source that is another tenant's, disabled or none: as a wrong password.
        if (error instanceof Refused) return null
        throw error
      })
    },
  })
  if (!answer) throw staleForm()
  if (!done) throw wrongSignIn()
  const { next, cookies } = done as Answer
  return answerJson({ next }, [...answer.cookies, ...cookies])
}

/** Signing in by a tenant's own directory: its form is on our own page. */
export const ldapRoutes: HttpRoute[] = [
  {
    name: 'sso.directory',
    method: 'POST',
    path: '/api/sso/ldap/:source/sign-in',
    declaration: {
      scope: 'public',
      audit: 'session.sign_in',
      ids: { source: 'identitySource' },
      summary: 'Sign in with the name and password of a directory',
    },
    maxBody: 10_000,
    handle: signIn,
  },
]
