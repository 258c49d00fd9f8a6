import * as oidc from 'openid-client'
import { MASTER_SLUG } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { database } from '@/server/db/runtime'
import { callSystem, systemValue } from '@/server/db/system'
import { unseal } from '@/server/platform/seal'
import { type ClaimNames, groupsOf, personOf } from './claims'
import type { Pending } from './pending'
import { clientOf } from './provider'
import { secretPlace } from './secret-place'

/** An enabled source with what the exchange of a code needs. */
export interface LiveSource extends ClaimNames {
  id: string
  tenantId: string
  name: string
  issuer: string
  clientId: string
  secret: string
  scopes: string
}

interface Row {
  tenant_id: string
  name: string
  issuer: string
  client_id: string
  sealed_secret: Uint8Array
  scopes: string
  username_claim: string
  email_claim: string
  name_claim: string
  groups_claim: string
}

/** An enabled source on the host of its own, active tenant; null otherwise. */
export async function liveSource(id: string, slug: string): Promise<LiveSource | null> {
  const [row] = await callSystem<Row, 'identity_source_live'>('identity_source_live', [id, slug])
  if (!row) return null
  return {
    id,
    tenantId: row.tenant_id,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    secret: unseal(database().key, secretPlace(row.tenant_id, id), row.sealed_secret),
    scopes: row.scopes,
    usernameClaim: row.username_claim,
    emailClaim: row.email_claim,
    nameClaim: row.name_claim,
    groupsClaim: row.groups_claim,
  }
}

/** Where a source sends people back to; from the configuration, never from a request (attack B07). @param slug null: the master's host */
export const callbackOf = (slug: string | null, sourceId: string): string =>
  `${tenantOrigin(slug, siteConfig())}/api/sso/oidc/${sourceId}/callback`

/** What the sign-in page says; `sso` says nothing. */
export type Refusal = 'sso' | 'sso-unknown' | 'sso-role' | 'sso-username' | 'sso-taken'
const REFUSAL = {
  closed: 'sso',
  disabled: 'sso',
  unknown: 'sso-unknown',
  no_role: 'sso-role',
  no_username: 'sso-username',
  taken: 'sso-taken',
} as const satisfies Record<string, Refusal>

type Answer =
  { code: keyof typeof REFUSAL } | { code: 'ok'; tenantId: string; userId: string; username: string }
export type Outcome = Extract<Answer, { code: 'ok' }> | { code: keyof typeof REFUSAL; refusal: Refusal }

interface Request {
  slug: string | null
  ip: string
  requestId: string
}

/** Of the ID token; what it leaves out, of the user info. */
async function claimsOf(
  config: oidc.Configuration,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
) {
  const claims = tokens.claims()
  if (!claims) throw new Error('no ID token')
  const more = config.serverMetadata().userinfo_endpoint
    ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
    : {}
  return { ...more, ...claims }
}

/**
 * Changes the code for tokens, checks them (issuer, audience, times, nonce, signature: openid-client), and says who it is.
 * @param search the query of the answer @throws Error where anything of it does not hold
 */
export async function proveIdentity(
  source: LiveSource,
  note: Pending,
  search: string,
  { slug, ip, requestId }: Request,
): Promise<Outcome> {
  const config = await clientOf(source.issuer, source.clientId, source.secret)
  const address = new URL(callbackOf(slug, source.id))
  address.search = search
  const tokens = await oidc.authorizationCodeGrant(config, address, {
    expectedState: note.state,
    expectedNonce: note.nonce,
    pkceCodeVerifier: note.verifier,
    idTokenExpected: true,
  })
  const claims = await claimsOf(config, tokens)
  const answer = await systemValue<Answer, 'identity_sign_in'>('identity_sign_in', [
    source.id,
    slug ?? MASTER_SLUG,
    source.issuer,
    claims.sub,
    personOf(claims, source),
    groupsOf(claims, source.groupsClaim),
    ip,
    requestId,
  ])
  return answer.code === 'ok' ? answer : { code: answer.code, refusal: REFUSAL[answer.code] }
}

/** The sign-in buttons of a host. */
export const signInButtons = (slug: string | null): Promise<{ id: string; name: string }[]> =>
  systemValue<{ id: string; name: string }[], 'identity_buttons'>('identity_buttons', [slug ?? MASTER_SLUG])
