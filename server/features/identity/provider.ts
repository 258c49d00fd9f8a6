import * as oidc from 'openid-client'
import { env } from '@/server/platform/env'
import { guardedFetch, urlRefusal, allowedHere } from './guarded-fetch'

/** How long what a provider says of itself is believed, in ms; a failure is remembered for less. */
const FRESH = 10 * 60_000
const FAILED = 15_000

interface Remembered {
  until: number
  metadata: Promise<oidc.ServerMetadata>
}
const known = new Map<string, Remembered>()
const REMEMBERED_MAX = 500

const fetcher: oidc.CustomFetch = (url, options) =>
  guardedFetch(url, { method: options.method, headers: options.headers, body: options.body })

const insecure = () => env().NODE_ENV === 'test' || env().IDENTITY_ALLOW_PRIVATE

/** Asks a provider for its configuration. @throws Error of openid-client or of the network */
async function discover(issuer: string): Promise<oidc.ServerMetadata> {
  const refusal = urlRefusal(new URL(issuer), allowedHere())
  if (refusal !== null) throw new TypeError(refusal)
  const config = await oidc.discovery(new URL(issuer), 'discovery', undefined, oidc.None(), {
    [oidc.customFetch]: fetcher,
    timeout: 10,
    execute: insecure() ? [oidc.allowInsecureRequests] : [],
  })
  return config.serverMetadata()
}

/** The same, remembered for ten minutes: nobody makes the server ask again and again. */
function metadataOf(issuer: string): Promise<oidc.ServerMetadata> {
  const found = known.get(issuer)
  if (found && found.until > Date.now()) return found.metadata
  if (known.size >= REMEMBERED_MAX) known.clear()
  const metadata = discover(issuer)
  const entry = { until: Date.now() + FRESH, metadata }
  known.set(issuer, entry)
  metadata.catch(() => (entry.until = Date.now() + FAILED))
  return metadata
}

/** Forgets what was remembered of a provider: after a test, or a change of its source. */
export const forgetProvider = (issuer: string): boolean => known.delete(issuer)

/** How the client says who it is: as the provider wants it; the standard's own way where it does not say. */
function authOf(metadata: oidc.ServerMetadata, secret: string): oidc.ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported
  return !methods || methods.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(secret)
    : oidc.ClientSecretPost(secret)
}

/**
 * A provider as this client sees it. ID tokens are checked by the provider's published keys, in an asymmetric algorithm: `none` and
 * HS256 are refused (attack C12).
 * @throws Error where it cannot be reached
 */
export async function clientOf(
  issuer: string,
  clientId: string,
  secret: string,
): Promise<oidc.Configuration> {
  const metadata = await metadataOf(issuer)
  const config = new oidc.Configuration(metadata, clientId, undefined, authOf(metadata, secret))
  config[oidc.customFetch] = fetcher
  config.timeout = 10
  if (insecure()) oidc.allowInsecureRequests(config)
  oidc.enableNonRepudiationChecks(config)
  return config
}
