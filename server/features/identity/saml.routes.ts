import { z } from 'zod'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { placeOf, redirectTo } from '@/server/features/sign-in/respond'
import { SAML_METADATA } from '@/lib/from-anywhere'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { AppError, notFound } from '@/server/platform/errors'
import { PENDING_SECONDS, readPending, signPending } from './pending'
import { ownMetadata } from './saml.metadata'
import { addressesOf } from './saml.places'
import { newRequestId } from './saml.request'
import { claimsOf, keepProof, proveAnswer, signInAddress, takeProof } from './saml.service'
import { SamlError } from './saml.xml'
import { finish, fromOf, guarded, hostSlug, Refused, sourceOf, useOnce } from './sso.flow'
import { signInProved } from './sso.service'

/** Largest body of an answer, in bytes: the XML in base64, percent-encoded. */
const BODY_MAX = 400_000
const startQuery = z.object({ next: z.string().max(2048).optional() })

/** 1: off to the provider, with the id of the request kept in this browser. */
async function start(call: RouteCall): Promise<Response> {
  const source = await sourceOf(call, 'saml')
  const { slug } = placeOf(call.op.host)
  const query = startQuery.safeParse(Object.fromEntries(new URL(call.request.url).searchParams))
  const of = { slug: hostSlug(call), sourceId: source.id }
  const state = newRequestId(of)
  const address = await signInAddress(source, slug, state)
  const next = query.success ? query.data.next : undefined
  const note = signPending({ ...of, state, nonce: '', verifier: '', next })
  return redirectTo(address, [cookieOf(sessionCookie(slug, 'sso'), note, PENDING_SECONDS)])
}

/** The answer of a form; RelayState is not read: nobody says where to go on from outside. @throws AppError 413, 415 */
async function answerOf({ request }: RouteCall): Promise<string> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    throw new AppError('unsupported_media_type', 'Send application/x-www-form-urlencoded')
  const body = await request.text()
  if (body.length > BODY_MAX) throw new AppError('too_large', 'The answer is too long')
  return new URLSearchParams(body).get('SAMLResponse') ?? ''
}

const BEGUN_THERE = 'the sign-in began at the provider, not here'

/**
 * 2: the provider's form, posted by another site: no cookie of ours comes with it. What it proves is kept for the browser that holds the
 * request, and that goes on by itself. Nobody is signed in here.
 */
async function acs(call: RouteCall): Promise<Response> {
  const source = await sourceOf(call, 'saml')
  const { slug } = placeOf(call.op.host)
  const encoded = await answerOf(call)
  const proof = await proveAnswer(source, slug, hostSlug(call), encoded).catch((error: unknown) => {
    if (!(error instanceof SamlError)) throw error
    throw new Refused(error.message === BEGUN_THERE ? 'sso-begin' : 'sso', error.message, source)
  })
  await keepProof(source, hostSlug(call), proof)
  return redirectTo(addressesOf(slug, source.id).continueAt)
}

/** 3: on in the browser where it began, with its cookie. A request is answered once. */
async function goOn(call: RouteCall): Promise<Response> {
  const { op, facts } = call
  const source = await sourceOf(call, 'saml', 'sso.continue')
  const { slug } = placeOf(op.host)
  const note = readPending(readCookie(facts.cookie, sessionCookie(slug, 'sso')), hostSlug(call), source.id)
  if (!note) throw new Refused('sso', 'the sign-in did not begin in this browser', source)
  const proof = await takeProof(source, note.state)
  if (!proof) throw new Refused('sso', 'there is no answer for this browser', source)
  await useOnce(source, note.state)
  const proved = { subject: proof.subject, claims: claimsOf(proof, source) }
  return finish(call, source, signInProved(source, proved, fromOf(call)), note.next)
}

/** Of any source that there could be: its provider is told before it is added. */
function metadata({ op, params }: RouteCall): Promise<Response> {
  const id = z.uuid().safeParse(params.source)
  if (!id.success) throw notFound()
  const body = ownMetadata(placeOf(op.host).slug, id.data)
  const headers = { 'content-type': 'application/samlmetadata+xml', 'cache-control': 'no-store' }
  return Promise.resolve(new Response(body, { headers }))
}

const BASE = '/api/sso/saml/:source'
const IDS = { source: 'identitySource' } as const
const route = (
  name: string,
  method: 'GET' | 'POST',
  end: string,
  [audit, summary]: [audit: string, summary: string],
  handle: HttpRoute['handle'],
  address?: HttpRoute['declaration']['address'],
): HttpRoute => ({
  name: `saml.${name}`,
  method,
  path: `${BASE}/${end}`,
  declaration: { scope: 'public', audit, ids: IDS, summary, ...(address && { address }) },
  maxBody: method === 'POST' ? BODY_MAX : 0,
  handle,
})

/** Signing in by a tenant's own SAML identity provider. Without the cookie of this browser nobody is signed in. */
export const samlRoutes: HttpRoute[] = [
  route(
    'metadata',
    'GET',
    'metadata',
    ['none', 'What a SAML identity provider is told of this console'],
    metadata,
    SAML_METADATA,
  ),
  route('start', 'GET', 'start', ['none', 'Begin to sign in by a SAML identity provider'], guarded(start)),
  route(
    'acs',
    'POST',
    'acs',
    ['session.sign_in', 'Take the answer of a SAML identity provider'],
    guarded(acs),
  ),
  route(
    'continue',
    'GET',
    'continue',
    ['session.sign_in', 'Come back from a SAML identity provider'],
    guarded(goOn),
  ),
]
