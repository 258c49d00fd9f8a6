import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { database } from '@/server/db/runtime'
import { seal } from '@/server/platform/seal'
import type { SignInWorld } from '@/server/features/sign-in/world.fixture'
import type { ClaimNames } from './claims'
import { secretPlace } from './secret-place'
import { plantKind, type SourceFields } from './source.fixture'

export const CLIENT = { id: 'freehold', secret: 'a-client-secret-of-the-test' }

/** Somebody at the provider: `sub`, and what it says of them. */
export type Claims = { sub: string } & Record<string, unknown>

async function listening(server: http.Server): Promise<{ origin: string; close: () => Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
}

/** A real OpenID provider (oidc-provider) on loopback that signs in whoever `who` names, without asking. */
export async function openProvider(redirects: string[]) {
  const state: { who: Claims } = { who: { sub: 'nobody' } }
  let handle: http.RequestListener = () => undefined
  const server = http.createServer((request, response) => {
    handle(request, response)
  })
  const { origin, close } = await listening(server)
  const provider = new Provider(origin, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: redirects }],
    pkce: { required: () => true },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username', 'given_name', 'family_name', 'groups'],
      email: ['email', 'email_verified'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...state.who, sub }) }),
    cookies: { keys: ['test'] },
  })
  const callback = provider.callback()
  const interact = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { prompt, params } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId: state.who.sub } })
    const grant = new provider.Grant({ accountId: state.who.sub, clientId: params.client_id as string })
    grant.addOIDCScope('openid profile email')
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }
  handle = (request, response) => {
    if (request.url?.startsWith('/interaction/')) void interact(request, response)
    else void callback(request, response)
  }
  /** Goes through the provider as a browser does. @returns where it sends back to */
  const passThrough = async (address: string): Promise<string> => {
    const jar = new Map<string, string>()
    let at = address
    for (let i = 0; i < 10; i++) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const answer = await fetch(at, { redirect: 'manual', headers: { cookie } })
      for (const header of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = (header.split(';')[0] ?? '').split('=')
        jar.set(name, value)
      }
      const location = answer.headers.get('location')
      if (location === null) throw new Error(`the provider answered ${answer.status}: ${await answer.text()}`)
      at = new URL(location, at).href
      if (!at.startsWith(origin)) return at
    }
    throw new Error('the provider goes round in circles')
  }
  return { issuer: origin, state, passThrough, close }
}

const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What a dishonest provider puts in its ID token. */
export interface Forgery {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  /** Signs with another key than the published one, with the client's secret, or not at all. */
  key?: 'other' | 'none'
}

function signed(header: object, claims: object, key: KeyObject | null): string {
  const text = `${b64(header)}.${b64(claims)}`
  return `${text}.${key ? createSign('RSA-SHA256').update(text).sign(key).toString('base64url') : ''}`
}

/** A provider that says what the test makes it say: for what an honest one never would. */
export async function openForger() {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [own, other] = [pair(), pair()]
  const state: { forgery: Forgery; nonce: string; discovery: object; status: number } = {
    forgery: {},
    nonce: '',
    discovery: {},
    status: 200,
  }
  let origin = ''
  const answers: Record<string, () => object> = {
    '/.well-known/openid-configuration': () => ({
      issuer: origin,
      authorization_endpoint: `${origin}/auth`,
      token_endpoint: `${origin}/token`,
      jwks_uri: `${origin}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...state.discovery,
    }),
    '/jwks': () => ({
      keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own', alg: 'RS256', use: 'sig' }],
    }),
    '/token': () => {
      const { claims, header, key } = state.forgery
      const now = Math.floor(Date.now() / 1000)
      const body = {
        iss: origin,
        aud: CLIENT.id,
        sub: 'forged',
        iat: now,
        exp: now + 300,
        nonce: state.nonce,
        preferred_username: 'forged',
        groups: ['all'],
        ...claims,
      }
      const by = key === 'none' ? null : key === 'other' ? other.privateKey : own.privateKey
      return {
        access_token: 'x',
        token_type: 'Bearer',
        id_token: signed({ alg: 'RS256', kid: 'own', ...header }, body, by),
      }
    },
  }
  const server = http.createServer((request, response) => {
    const answer = answers[request.url ?? '']
    response.writeHead(answer ? state.status : 404, { 'content-type': 'application/json' })
    response.end(answer ? JSON.stringify(answer()) : '{}')
  })
  const opened = await listening(server)
  origin = opened.origin
  return { issuer: origin, state, close: opened.close }
}

/** Puts an OpenID Connect source in for a tenant. @returns its id */
export function plantSource(
  world: Pick<SignInWorld, 'sql'>,
  tenantId: string,
  id: string = randomUUID(),
  fields: SourceFields,
): Promise<string> {
  const settings = { client: CLIENT.id, scopes: 'openid profile email' }
  const sealed = seal(database().key, secretPlace(tenantId, id), CLIENT.secret)
  return plantKind(world, { kind: 'oidc', tenantId, id, settings, sealed }, CLAIMS, fields)
}
const CLAIMS: ClaimNames = {
  usernameClaim: 'preferred_username',
  emailClaim: 'email',
  nameClaim: 'name',
  groupsClaim: 'groups',
}
