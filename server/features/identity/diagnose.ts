import { allowedHere, guardedFetch, urlRefusal } from './guarded-fetch'
import type { TestAnswer } from './identity.schema'
import { networkWords } from './network-words'

/** An answer as JSON, or what is wrong with it. */
async function readJson(address: string): Promise<{ json: Record<string, unknown> } | { wrong: string }> {
  let answer: Response
  try {
    answer = await guardedFetch(address)
  } catch (error) {
    return { wrong: networkWords(error) }
  }
  const { status } = answer
  if (status >= 300 && status < 400)
    return {
      wrong: 'The server sends elsewhere. Enter the address that it sends to, as the provider gives it.',
    }
  if (status === 404)
    return { wrong: 'The server answers, but there is no OpenID Connect provider at this address (404).' }
  if (status !== 200) return { wrong: `The server answers with an error (${status}).` }
  const json: unknown = await answer.json().catch(() => null)
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? { json: json as Record<string, unknown> }
    : {
        wrong:
          'What the server answers is not an OpenID Connect configuration. Perhaps this is its web page.',
      }
}

const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : '').replace(/\p{C}/gu, '').slice(0, 200)
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri']
/** What an ID token may be signed with: by a key that the provider publishes. */
const SIGNATURE = /^(?:RS|PS|ES)(?:256|384|512)$|^Ed25519$|^EdDSA$/

/** What a configuration lacks; null: nothing. */
function lack(issuer: string, config: Record<string, unknown>): string | null {
  if (typeof config.issuer !== 'string')
    return 'It does not say who it is (issuer): this is not an OpenID Connect provider.'
  if (config.issuer !== issuer)
    return `It calls itself ${shown(config.issuer)}. Enter exactly that as the issuer; a slash at the end counts.`
  const missing = ENDPOINTS.filter((name) => typeof config[name] !== 'string')
  if (missing.length > 0) return `It does not say where it is: ${missing.join(', ')}.`
  const insecure = ENDPOINTS.map((name) => String(config[name])).find(
    (address) => !URL.canParse(address) || urlRefusal(new URL(address), allowedHere()) !== null,
  )
  if (insecure !== undefined) return `It names an address that is not used from here: ${shown(insecure)}.`
  if (!listOf(config.response_types_supported).includes('code'))
    return 'It does not offer the authorization code flow.'
  const signatures = listOf(config.id_token_signing_alg_values_supported)
  return signatures.some((one) => typeof one === 'string' && SIGNATURE.test(one))
    ? null
    : 'It does not sign ID tokens with a published key (such as RS256).'
}

/** Asks a provider who it is, step by step, until something is wrong. */
export async function diagnose(issuer: string): Promise<TestAnswer> {
  const steps: TestAnswer['steps'] = []
  const say = (ok: boolean, text: string): TestAnswer => {
    steps.push({ ok, text })
    return { ok, steps }
  }
  const refusal = urlRefusal(new URL(issuer), allowedHere())
  if (refusal !== null) return say(false, `${refusal}.`)
  const found = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  if ('wrong' in found) return say(false, found.wrong)
  say(true, 'The provider answers.')
  const missing = lack(issuer, found.json)
  if (missing !== null) return say(false, missing)
  say(true, 'It is an OpenID Connect provider with this issuer, and says where to sign in.')
  const keys = await readJson(String(found.json.jwks_uri))
  if ('wrong' in keys) return say(false, `Its keys cannot be read. ${keys.wrong}`)
  if (listOf(keys.json.keys).length === 0) return say(false, 'It publishes no keys.')
  return say(true, 'Its keys can be read. Client id and secret are tried at the first sign-in.')
}
