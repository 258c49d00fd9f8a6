import { MASTER_SLUG } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import { isSlug } from '@/lib/slug'
import { tokenHash } from '@/server/context/build'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { siteConfig } from '@/server/context/site'
import { callSystem, systemValue } from '@/server/db/system'
import { addressAdmitted } from '@/server/features/allow-list/admitted'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { accountState } from '@/server/features/second-factor/account-state'
import { completeSignIn, secondStep, stepPage } from '@/server/features/sign-in/complete'
import { beginHandOff, HAND_OFF as BASE } from '@/server/features/sign-in/hand-off'
import { KNOWN_SECONDS, rememberDevice } from '@/server/features/sign-in/known-device'
import { answerJson, placeOf, readForm, redirectTo } from '@/server/features/sign-in/respond'
import { handOffTarget } from '@/server/features/sign-in/sign-in.policy'
import { continueInput, finishInput, handOffInput } from '@/server/features/sign-in/sign-in.schema'
import { wrongSignIn } from '@/server/features/sign-in/sign-in.routes'
import { verifySignIn } from '@/server/features/sign-in/sign-in.service'
import { readTicket } from '@/server/features/sign-in/ticket'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { randomToken, sha256 } from '@/server/platform/crypto'
import { addressRefused, notFound } from '@/server/platform/errors'
import { log } from '@/server/platform/log'

const NONCE_SECONDS = 60

/** An address on a tenant's host, from the configuration: never from what a request says (attack B07). */
const at = (slug: string | null, path: string) => tenantOrigin(slug, siteConfig()) + path
const failed = (slug: string | null) => redirectTo(`${at(slug, '/login')}?problem=hand-off`)

function queryOf(request: Request): Record<string, string> {
  return Object.fromEntries(new URL(request.url).searchParams)
}

/**
 * 1, main host: `acme\tom` and the password, under the same limits as on Acme's own page. Leaves a ticket in this browser and
 * answers where Acme's host takes over (PRODUCT rule 9).
 */
async function start(call: RouteCall): Promise<Response> {
  const { op, facts } = call
  if (op.host.kind !== 'master') throw notFound()
  const { login, password } = await readForm(call, handOffInput)
  const target = handOffTarget(op.host, login)
  // Before the password: nobody tries those of a tenant from where its own page would not answer.
  if (target && !(await addressAdmitted(target.host, op.ip))) throw addressRefused(op.ip)
  const knownName = sessionCookie(null, 'known')
  const knownCookie = readCookie(facts.cookie, knownName)
  const { ip, requestId } = facts
  const verified = await verifySignIn({
    slug: target?.host ?? MASTER_SLUG,
    target,
    password,
    knownCookie,
    ip,
    requestId,
  })
  if (!verified) throw wrongSignIn()
  const slug = verified.target.host
  const { next, cookie } = beginHandOff({ ...verified, slug })
  return answerJson({ next }, [
    cookie,
    cookieOf(knownName, rememberDevice(knownCookie, verified.target), KNOWN_SECONDS),
  ])
}

/** 2, tenant's host: gives this browser a nonce, so that a code minted for it works in no other. */
async function begin({ op }: RouteCall): Promise<Response> {
  const { slug } = placeOf(op.host)
  if (slug === null) throw notFound()
  const nonce = randomToken('')
  return redirectTo(`${at(null, `${BASE}/continue`)}?tenant=${slug}&n=${sha256(nonce)}`, [
    cookieOf(sessionCookie(slug, 'nonce'), nonce, NONCE_SECONDS),
  ])
}

/** 3, main host: the ticket becomes a one-use code of 30 seconds that only the holder of the nonce can redeem. */
async function proceed({ op, request, facts }: RouteCall): Promise<Response> {
  if (op.host.kind !== 'master') throw notFound()
  const input = continueInput.safeParse(queryOf(request))
  if (!input.success || !isSlug(input.data.tenant)) return failed(null)
  const name = sessionCookie(null, 'ticket')
  const ticket = readTicket(readCookie(facts.cookie, name), input.data.tenant)
  if (!ticket) return failed(null)
  const code = randomToken('')
  const nonceHash = Buffer.from(input.data.n, 'hex')
  await systemValue<null, 'sign_in_code_create'>('sign_in_code_create', [
    ticket.tenantId,
    ticket.userId,
    tokenHash(code),
    nonceHash,
    ticket.changed,
  ])
  return redirectTo(`${at(ticket.slug, `${BASE}/finish`)}?code=${code}`, [cookieOf(name, '', 0)])
}

interface Redeemed {
  tenant_id: string
  user_id: string
}

/** 4, tenant's host: code and nonce become a session. A code that an attacker sends someone meets no nonce: no login CSRF. */
async function finish(call: RouteCall): Promise<Response> {
  const { op, request, facts } = call
  const { slug } = placeOf(op.host)
  if (slug === null) throw notFound()
  const name = sessionCookie(slug, 'nonce')
  const nonce = readCookie(facts.cookie, name)
  const input = finishInput.safeParse(queryOf(request))
  const refuse = () => {
    log().warn({ requestId: facts.requestId, tenant: slug }, 'hand-off refused')
    return failed(slug)
  }
  if (!input.success || nonce === null) return refuse()
  const args = [tokenHash(input.data.code), tokenHash(nonce), slug] as const
  const [found] = await callSystem<Redeemed, 'sign_in_code_redeem'>('sign_in_code_redeem', [...args])
  if (!found) return refuse()
  const { tenant_id: tenantId, user_id: userId } = found
  const { username } = await accountState(userId, tenantId)
  const who = { tenantId, userId, home: slug, username, changed: null }
  const dropNonce = cookieOf(name, '', 0)
  const held = await secondStep(call, who)
  if (held !== null) return redirectTo(stepPage(call), [held, dropNonce])
  const done = await completeSignIn(call, who)
  return done ? redirectTo(done.next, [...done.cookies, dropNonce]) : refuse()
}

const step = (name: string, path: string, summary: string, handle: HttpRoute['handle']): HttpRoute => ({
  name: `handOff.${name}`,
  method: 'GET',
  path: BASE + path,
  declaration: { scope: 'public', audit: 'none', summary },
  maxBody: 0,
  handle,
})

/** The way of a sign-in from the main host to a tenant's. The GETs change nothing without the ticket or the nonce. */
export const handOffRoutes: HttpRoute[] = [
  {
    name: 'handOff.start',
    method: 'POST',
    path: BASE,
    declaration: {
      scope: 'public',
      audit: 'session.sign_in',
      summary: 'Sign in as tenant\\user on the main host',
    },
    maxBody: 10_000,
    handle: start,
  },
  step('begin', '/begin', "Hand-off on the tenant's host: set a nonce", begin),
  step('continue', '/continue', 'Hand-off on the main host: mint a one-use code', proceed),
  {
    ...step('finish', '/finish', "Hand-off on the tenant's host: redeem the code", finish),
    declaration: {
      scope: 'public',
      audit: 'session.sign_in',
      summary: "Hand-off on the tenant's host: redeem the code",
    },
  },
]
