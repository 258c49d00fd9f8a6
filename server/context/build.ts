import { createHash, randomUUID } from 'node:crypto'
import { type ResolvedTenant, resolveTenant } from '@/lib/host'
import { MASTER_SLUG } from '@/lib/master'
import { type AuthRow, buildAuthority } from '@/server/context/authority'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import type { OpContext } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { systemValue } from '@/server/db/system'
import { noteActor } from '@/server/platform/request-notes'

/** What of a request decides who acts where. `path`: as the browser sent it, before the tenant's prefix was taken off. */
export interface RequestFacts {
  host: string | null
  path: string
  cookie: string | null
  ip: string
  userAgent: string
  requestId?: string
  /** Asked by a program on the person's behalf, such as an open live page: does not push the idle expiry. */
  background?: boolean
}

export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Slug of the tenant that a host names; null when it is none of ours. */
export function slugOf(host: ResolvedTenant): string | null {
  if (host.kind === 'master') return MASTER_SLUG
  return host.kind === 'tenant' ? host.slug : null
}

/**
 * Builds the operation of one request: tenant from the host name, person from the session in the database, and the two
 * must match; nothing is taken from headers that a client can set, and nothing is cached (PRODUCT rule 10).
 */
export async function buildContext(facts: RequestFacts): Promise<OpContext> {
  const host = resolveTenant(facts.host, facts.path, siteConfig())
  const slug = slugOf(host)
  if (slug === null) return contextOfToken(facts, host, null)
  const own = slug === MASTER_SLUG ? null : slug
  // Never in the master. While it is there it alone counts, over or not: what was begun as Tom must not go on as the admin (attack F12).
  const acting = own === null ? null : readCookie(facts.cookie, sessionCookie(own, 'acting'))
  if (acting === null) return contextOfToken(facts, host, readCookie(facts.cookie, sessionCookie(own)))
  const op = await contextOfToken(facts, host, acting, true)
  const none = op.session === null || op.actor === null
  return { ...op, staleImpersonation: none && !op.barredFromProvider }
}

/** As buildContext, for a session token that is known. @param acting whether it comes as an impersonation; the other kind is none (attack F14) */
export async function contextOfToken(
  facts: RequestFacts,
  host: ResolvedTenant,
  token: string | null,
  acting = false,
): Promise<OpContext> {
  const hash = token ? tokenHash(token) : null
  const ask = facts.background ? 'auth_peek_at' : 'auth_context_at'
  const found = await systemValue<AuthRow, typeof ask>(ask, [hash, slugOf(host) ?? '', facts.ip])
  const row =
    acting === Boolean(found.session?.impersonation) ? found : { ...found, session: null, user: null }
  const requestId = facts.requestId ?? randomUUID()
  const authority = buildAuthority(row)
  const person = authority.impersonator ?? authority.actor
  if (person) noteActor(requestId, person.userId)
  return {
    requestId,
    ip: facts.ip,
    userAgent: facts.userAgent,
    host,
    ...authority,
    session: row.session && authority.actor && hash ? sessionOf(row.session, hash) : null,
    call: null,
    ...barsOf(row, acting),
  }
}

function sessionOf(
  { id, createdAt, absoluteExpiresAt, breakGlass }: NonNullable<AuthRow['session']>,
  hash: Buffer,
) {
  const session = { id, createdAt, absoluteExpiresAt, tokenHash: hash.toString('hex') }
  return breakGlass ? { ...session, breakGlass } : session
}

/**
 * Whether the address keeps this request out. Who impersonates comes from the master's addresses: the tenant lets the master's people in, it
 * does not know where they sit. Once that is over, they are nobody here, and the tenant's own list counts again.
 */
function barsOf(row: AuthRow, acting: boolean): Pick<OpContext, 'barred' | 'barredFromProvider'> {
  const [here, provider] = [row.here === true, row.provider === true]
  const admitted = acting ? provider && (row.session !== null || here) : here
  return { ...(!admitted && { barred: true }), ...(!provider && { barredFromProvider: true }) }
}
