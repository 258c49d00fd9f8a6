import { MASTER_SLUG } from '@/lib/master'
import { consolePaths, safeReturnPath, tenantOrigin } from '@/lib/paths'
import { isSlug } from '@/lib/slug'
import { contextOfToken } from '@/server/context/build'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import type { OpContext, SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { cookieOf, cookieOfSession } from '@/server/features/sessions/session-cookie'
import { closeSession } from '@/server/features/sessions/sessions.service'
import { landingPath } from '@/server/features/sign-in/landing'
import { answerJson, placeOf, readForm, redirectTo } from '@/server/features/sign-in/respond'
import {
  switchBeginInput,
  switchContinueInput,
  switchFinishInput,
  switchInput,
} from '@/server/features/switching/switching.schema'
import { redeemSwitch, switchCode, switchTarget } from '@/server/features/switching/switching.service'
import {
  isPerson,
  readSwitch,
  signPerson,
  signSwitch,
  SWITCH_SECONDS,
} from '@/server/features/switching/switching.ticket'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { randomToken, sha256 } from '@/server/platform/crypto'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'

const BASE = '/api/switch'

/** An address on a tenant's host, from the configuration: never from what a request says (attack B07). */
const at = (slug: string | null, path: string, query: Record<string, string> = {}) => {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString()
  return tenantOrigin(slug, siteConfig()) + path + (text && `?${text}`)
}
const nameOf = (slug: string | null) => slug ?? MASTER_SLUG
/** A slug as an address names it; undefined for what is none. */
const slugFrom = (name: string) => (name === MASTER_SLUG ? null : isSlug(name) ? name : undefined)

/** One ticket a target, so that tabs which are on their way to several at once do not take each other's. */
const ticketName = (from: string | null, to: string | null) =>
  `${sessionCookie(from, 'switch')}.${nameOf(to)}`

const queryOf = (request: Request) => Object.fromEntries(new URL(request.url).searchParams)
const signedIn = (op: OpContext): SignedInOp | null =>
  op.actor && op.session && op.tenant ? (op as SignedInOp) : null

/** Where in the tenant somebody lands: the path that was asked for, else where their roles there say. */
function landing(op: OpContext, next: string): string {
  const { prefix } = placeOf(op.host)
  const paths = consolePaths(prefix)
  const asked = next === '' ? paths.home : safeReturnPath(prefix + next, prefix)
  if (op.actor?.mustChangePassword) return paths.password
  return asked === paths.home ? landingPath(op, paths) : asked
}

/** 1, the host that is left: its session asks for another tenant. Leaves a ticket in this browser and answers where that one's host takes over. */
async function start(call: RouteCall): Promise<Response> {
  const input = await readForm(call, switchInput)
  const op = call.op as SignedInOp
  const { slug: here } = placeOf(op.host)
  const slug = await switchTarget(op, input.tenant)
  const next = safeReturnPath(input.next, '')
  const path = next === '/' ? '' : next
  if (input.tenant === op.tenant.id) return answerJson({ next: landing(op, path) })
  const ticket = signSwitch({
    sessionId: op.session.id,
    tenantId: input.tenant,
    slug: nameOf(slug),
    next: path,
  })
  const person = signPerson(op.actor.userId, nameOf(slug))
  return answerJson({ next: at(slug, `${BASE}/begin`, { from: nameOf(here), as: person, next: path }) }, [
    cookieOf(ticketName(here, slug), ticket, SWITCH_SECONDS),
  ])
}

/** 2, the tenant's host: who is signed in here already goes in; else this browser gets a nonce, so that a code minted for it works in no other. */
async function begin({ op, request }: RouteCall): Promise<Response> {
  const { slug } = placeOf(op.host)
  const input = switchBeginInput.safeParse(queryOf(request))
  const from = input.success ? slugFrom(input.data.from) : undefined
  if (!input.success || from === undefined) return redirectTo(at(slug, '/login', { problem: 'hand-off' }))
  if (op.actor && op.session && isPerson(input.data.as, op.actor.userId, nameOf(slug)))
    return redirectTo(landing(op, input.data.next))
  const nonce = randomToken('')
  return redirectTo(at(from, `${BASE}/continue`, { tenant: nameOf(slug), n: sha256(nonce) }), [
    cookieOf(sessionCookie(slug, 'switch-nonce'), nonce, SWITCH_SECONDS),
  ])
}

/** 3, the host that is left: its session, live, and its ticket become a code of 30 seconds that only the holder of the nonce can redeem. */
async function proceed({ op: someone, request, facts }: RouteCall): Promise<Response> {
  const { slug: here, prefix } = placeOf(someone.host)
  const op = signedIn(someone)
  const paths = consolePaths(prefix)
  if (!op) return redirectTo(at(here, '/login'))
  const input = switchContinueInput.safeParse(queryOf(request))
  const slug = input.success ? slugFrom(input.data.tenant) : undefined
  if (!input.success || slug === undefined) return redirectTo(paths.home)
  const name = ticketName(here, slug)
  const ticket = readSwitch(readCookie(facts.cookie, name), op.session.id, nameOf(slug))
  if (!ticket) return redirectTo(paths.home)
  const gone = [cookieOf(name, '', 0)]
  const code = await switchCode(op, ticket.tenantId, input.data.n).catch((error: unknown) => {
    if (error instanceof AppError) return null
    throw error
  })
  if (code === null) return redirectTo(paths.home, gone)
  return redirectTo(at(slug, `${BASE}/finish`, { code, next: ticket.next }), gone)
}

/** 4, the tenant's host: code and nonce become a session of its own; the one that was left stays, so that two tabs hold two tenants. */
async function finish({ op, request, facts }: RouteCall): Promise<Response> {
  const { slug } = placeOf(op.host)
  const name = sessionCookie(slug, 'switch-nonce')
  const nonce = readCookie(facts.cookie, name)
  const input = switchFinishInput.safeParse(queryOf(request))
  const token =
    input.success && nonce !== null
      ? await redeemSwitch(nameOf(slug), { code: input.data.code, nonce }, facts)
      : null
  if (!input.success || token === null) {
    log().warn({ requestId: facts.requestId, tenant: nameOf(slug) }, 'switch refused')
    // Another tab was faster: who is signed in here needs no sign-in page.
    return redirectTo(op.session ? landing(op, '') : at(slug, '/login', { problem: 'hand-off' }))
  }
  if (op.session) await closeSession(Buffer.from(op.session.tokenHash, 'hex'), facts.requestId)
  const now = await contextOfToken(facts, op.host, token)
  return redirectTo(landing(now, input.data.next), [cookieOfSession(slug, token), cookieOf(name, '', 0)])
}

const step = (name: string, audit: string, summary: string, handle: HttpRoute['handle']): HttpRoute => ({
  name: `switching.${name}`,
  method: 'GET',
  path: `${BASE}/${name}`,
  declaration: { scope: 'public', audit, summary },
  maxBody: 0,
  handle,
})

/** The way from one tenant to another of the same person's. The GETs change nothing without the ticket or the nonce. */
export const switchingRoutes: HttpRoute[] = [
  {
    name: 'switching.start',
    method: 'POST',
    path: BASE,
    declaration: {
      scope: 'self',
      audit: 'session.switch',
      ids: { tenant: 'tenant' },
      summary: 'Switch to another of my tenants',
    },
    maxBody: 10_000,
    handle: start,
  },
  step('begin', 'none', "Switch, on the tenant's host: set a nonce", begin),
  step('continue', 'none', 'Switch, on the host that is left: mint a one-use code', proceed),
  step('finish', 'session.switch', "Switch, on the tenant's host: redeem the code", finish),
]
