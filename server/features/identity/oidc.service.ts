import * as oidc from 'openid-client'
import { callbackOf } from './oidc.kind'
import { oidcStored } from './oidc.schema'
import type { Pending } from './pending'
import { clientOf } from './provider'
import { type From, type LiveSource, type Outcome, signInProved } from './sso.service'

/** The provider of a source, with what to ask it for. @throws Error where it cannot be reached */
export async function oidcClient({ issuer, settings, secret }: LiveSource) {
  const { client, scopes } = oidcStored.parse(settings)
  return { config: await clientOf(issuer, client, secret ?? ''), scopes }
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
  from: From,
): Promise<Outcome> {
  const { config } = await oidcClient(source)
  const address = new URL(callbackOf(from.slug, source.id))
  address.search = search
  const tokens = await oidc.authorizationCodeGrant(config, address, {
    expectedState: note.state,
    expectedNonce: note.nonce,
    pkceCodeVerifier: note.verifier,
    idTokenExpected: true,
  })
  const claims = await claimsOf(config, tokens)
  return signInProved(source, { subject: claims.sub, claims }, from)
}
