import { MASTER_SLUG } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import { assertGate } from '@/server/authz/gate'
import { slugOf, tokenHash } from '@/server/context/build'
import { siteConfig } from '@/server/context/site'
import type { RouteCall } from '@/server/http/route'
import { AppError } from '@/server/platform/errors'
import { assertWithin, bucketOf, countAttempt, networkOf, tooMany } from '@/server/platform/rate-limit'
import { type Caller, openConnection } from './scim.service'

export const SCIM_PREFIX = 'fhs_'
const TOKEN = /^fhs_[A-Za-z0-9_-]{43}$/

/** Wrong tokens from one network in a minute. */
const FAILURES = { seconds: 60, attempts: 30 }
/** Of one token in a minute: Entra ID sends 25 a second and more. */
const CALLS = { seconds: 60, attempts: 3000 }

const unauthenticated = () => new AppError('unauthenticated', 'The token is not valid')

const bearer = ({ request }: RouteCall): string =>
  /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''

async function failed({ facts }: RouteCall): Promise<AppError> {
  const bucket = bucketOf('scim failure', networkOf(facts.ip))
  const wait = await countAttempt([{ bucket, ...FAILURES }])
  return wait > 0 ? tooMany(wait) : unauthenticated()
}

/**
 * Who asks: the connection of the token, on the host of its own tenant. A token that is none, over, disabled or another host's is
 * the same 401.
 * @throws AppError 401, 403 of a tenant that is suspended, 402 or 501 of rule 14, 429
 */
export async function callerOf(call: RouteCall): Promise<Caller> {
  const { op, facts } = call
  const slug = slugOf(op.host)
  const token = bearer(call)
  if (slug === null || !TOKEN.test(token)) throw await failed(call)
  const caller: Caller = { tokenHash: tokenHash(token), slug, ip: facts.ip, requestId: facts.requestId }
  const opened = await openConnection(caller)
  if (opened.code === 'unknown') throw await failed(call)
  if (opened.code !== 'ok') throw new AppError('org_suspended', 'This tenant is suspended')
  if (slug !== MASTER_SLUG) assertGate(op.gate, 'use')
  await assertWithin({ bucket: bucketOf('scim', opened.id), ...CALLS })
  return caller
}

/** Somebody more than before is let in: a current licence covers that (rule 14). @throws AppError 402 */
export function assertMayGrow({ op }: RouteCall, { slug }: Caller): void {
  if (slug !== MASTER_SLUG) assertGate(op.gate, 'grow')
}

/** Address of SCIM on this host; from the configuration, never from a request. */
export const baseOf = ({ slug }: Caller): string => scimAddress(slug === MASTER_SLUG ? null : slug)
/** @param slug null: the master */
export const scimAddress = (slug: string | null): string => `${tenantOrigin(slug, siteConfig())}/scim/v2`
