import { MASTER_SLUG } from '@/lib/master'
import { consolePaths, safeReturnPath } from '@/lib/paths'
import { contextOfToken } from '@/server/context/build'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { systemValue } from '@/server/db/system'
import { cookieOf, cookieOfSession } from '@/server/features/sessions/session-cookie'
import { closeSession, openSession } from '@/server/features/sessions/sessions.service'
import { accountState, hasFactor } from '@/server/features/second-factor/account-state'
import { tellOfEmergency } from '@/server/features/allow-list/emergency.mail'
import { KNOWN_SECONDS, rememberDevice } from '@/server/features/sign-in/known-device'
import { landingPath } from '@/server/features/sign-in/landing'
import { placeOf } from '@/server/features/sign-in/respond'
import { STEP_SECONDS, signStep } from '@/server/features/sign-in/step-ticket'
import type { RouteCall } from '@/server/http/route'

/** Whoever proved who they are, and may sign in to that tenant. */
export interface Proved {
  tenantId: string
  userId: string
  /** Slug of the home tenant. */
  home: string
  username: string
  /** Which password is theirs, as sign_in_lookup; null: not known, and of this very moment. */
  changed: string | null
  /** The identity source that proved it: a session needs it still. */
  sourceId?: string
  /** By emergency access: the session is good from any address, and others are told. */
  emergency?: true
}

/**
 * Whether a password is not enough: somebody with a second factor has to show it, somebody who has to have one and has none sets it up, and
 * is nobody until then.
 * @param external proved by the tenant's own identity provider, which is the strong factor (docs/accounts.md): only a factor that there is
 * is asked for
 * @returns the cookie that remembers the password; null: it is enough
 */
export async function secondStep(
  { op }: RouteCall,
  who: Proved,
  next?: string,
  external = false,
): Promise<string | null> {
  const state = await accountState(who.userId, who.tenantId)
  if (state.aged) await systemValue<null, 'password_aged'>('password_aged', [who.userId])
  if (!hasFactor(state) && (external || !state.required)) return null
  const { slug } = placeOf(op.host)
  const { tenantId, userId, home, username, sourceId } = who
  const note = {
    tenantId,
    userId,
    home,
    username,
    changed: who.changed ?? state.changed ?? '',
    sourceId,
    next,
  }
  return cookieOf(sessionCookie(slug, 'step'), signStep({ ...note, slug: slug ?? MASTER_SLUG }), STEP_SECONDS)
}

/** The page that asks for the second step. */
export const stepPage = ({ op }: RouteCall): string =>
  `${consolePaths(placeOf(op.host).prefix).signIn}?step=second`

/**
 * Opens the session and says where to go: the cookies, and the page. Ends what was open in this browser (attack C10).
 * @returns null when tenant, person, password or identity source changed meanwhile
 */
export async function completeSignIn(
  { op, facts }: RouteCall,
  who: Proved,
  asked?: string,
): Promise<{ next: string; cookies: string[] } | null> {
  const { slug, prefix } = placeOf(op.host)
  const { tenantId, userId, changed, sourceId, emergency } = who
  const token = await openSession(
    { tenantId, userId, changed: changed || undefined, sourceId, emergency },
    facts,
  )
  if (token === null) return null
  if (emergency) await tellOfEmergency(who, facts)
  if (op.session) await closeSession(Buffer.from(op.session.tokenHash, 'hex'), facts.requestId)
  const paths = consolePaths(prefix)
  const now = await contextOfToken(facts, op.host, token)
  const wanted = safeReturnPath(asked, prefix)
  const known = sessionCookie(slug, 'known')
  const target = { host: slug ?? MASTER_SLUG, home: who.home, username: who.username }
  return {
    // Who asked for a page gets it; others begin where their roles say.
    next: now.actor?.mustChangePassword
      ? paths.password
      : wanted === paths.home
        ? landingPath(now, paths)
        : wanted,
    cookies: [
      cookieOfSession(slug, token),
      cookieOf(sessionCookie(slug, 'step'), '', 0),
      cookieOf(known, rememberDevice(readCookie(facts.cookie, known), target), KNOWN_SECONDS),
    ],
  }
}
