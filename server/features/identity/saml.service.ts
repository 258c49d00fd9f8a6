import { SAML, ValidateInResponseTo } from '@node-saml/node-saml'
import { database } from '@/server/db/runtime'
import { systemValue } from '@/server/db/system'
import { sha256 } from '@/server/platform/crypto'
import { seal, type SealPlace, unseal } from '@/server/platform/seal'
import { PENDING_SECONDS } from './pending'
import { isExpired, pemOf, storedCertificates } from './saml.certificates'
import { PERSISTENT } from './saml.metadata'
import { type Proof, readAssertion, SKEW } from './saml.assertion'
import { decodeAnswer, openEnvelope } from './saml.envelope'
import { addressesOf } from './saml.places'
import { isOwnRequest } from './saml.request'
import { samlStored } from './saml.schema'
import { SamlError } from './saml.xml'
import type { LiveSource } from './sso.service'

/** node-saml for one source and one request, which is the only one that it knows. @param slug null: the master's host */
function samlOf(source: LiveSource, slug: string | null, request: string, certificates: string[]): SAML {
  const { ssoUrl, subjectAttribute } = samlStored.parse(source.settings)
  const { entityId, acs } = addressesOf(slug, source.id)
  const of = {
    issuer: entityId,
    audience: entityId,
    callbackUrl: acs,
    entryPoint: ssoUrl,
    idpIssuer: source.issuer,
  }
  const known = (id: string) => Promise.resolve(id === request ? new Date().toISOString() : null)
  return new SAML({
    ...of,
    idpCert: certificates,
    identifierFormat: subjectAttribute === '' ? PERSISTENT : null,
    disableRequestedAuthnContext: true,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    signatureAlgorithm: 'sha256',
    acceptedClockSkewMs: SKEW,
    maxAssertionAgeMs: PENDING_SECONDS * 1000,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: PENDING_SECONDS * 1000,
    generateUniqueId: () => request,
    cacheProvider: {
      saveAsync: () => Promise.resolve(null),
      getAsync: known,
      removeAsync: () => Promise.resolve(null),
    },
  })
}

const certificatesOf = (source: LiveSource) =>
  storedCertificates(samlStored.parse(source.settings).certificates)

/** Where a browser is sent to sign in. It carries the request, and nothing of where it wants to go. */
export function signInAddress(source: LiveSource, slug: string | null, request: string): Promise<string> {
  const certificates = certificatesOf(source).map(({ base64 }) => pemOf(base64))
  return samlOf(source, slug, request, certificates).getAuthorizeUrlAsync('', undefined, {})
}

/** node-saml's words are not for the log: some hold what was sent. */
const WORDS: [RegExp, string][] = [
  [
    /signature/i,
    'the signature does not hold: it is not of a certificate of this source, or something was changed',
  ],
  [/InResponseTo/, 'the answer is to another request'],
  [/audience/i, 'the assertion is meant for another audience'],
  [/expired|too old/, 'the assertion has expired: do the clocks agree?'],
  [/not yet valid/, 'the assertion is not valid yet: do the clocks agree?'],
]
const wordsOf = (error: unknown): string =>
  WORDS.find(([pattern]) => error instanceof Error && pattern.test(error.message))?.[1] ??
  'the assertion does not hold'

/**
 * Checks an answer from all sides: what stands around it (saml.envelope.ts), its signature (node-saml, by the certificates of the source
 * that are valid now), and what it says (saml.assertion.ts).
 * @param encoded as it was sent @throws SamlError
 */
export async function proveAnswer(
  source: LiveSource,
  slug: string | null,
  hostSlug: string,
  encoded: string,
): Promise<Proof & { request: string }> {
  const { entityId, acs } = addressesOf(slug, source.id)
  const { issuer } = source
  const text = decodeAnswer(encoded)
  const request = openEnvelope(text, { issuer, acs })
  if (!isOwnRequest({ slug: hostSlug, sourceId: source.id }, request))
    throw new SamlError('the answer is to no request of this console, or came too late')
  const certificates = certificatesOf(source).filter((one) => !isExpired(one))
  if (certificates.length === 0) throw new SamlError('all certificates of this source have expired')
  const saml = samlOf(
    source,
    slug,
    request,
    certificates.map(({ base64 }) => pemOf(base64)),
  )
  const SAMLResponse = Buffer.from(text).toString('base64')
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse }).catch((error: unknown) => {
    throw new SamlError(wordsOf(error))
  })
  const signed = profile?.getAssertionXml?.()
  if (!signed) throw new SamlError('the assertion does not hold')
  const { subjectAttribute } = samlStored.parse(source.settings)
  return { ...readAssertion(signed, { issuer, entityId, acs, request, subjectAttribute }), request }
}

const placeOf = ({ tenantId, id }: LiveSource): SealPlace => ({
  purpose: 'identity answer',
  tenantId,
  rowId: id,
})
const hashOf = (request: string) => Buffer.from(sha256(`saml ${request}`), 'hex')

/** Keeps what was proved for the browser that asked, for two minutes. Of two answers to a request, the first. */
export async function keepProof(
  source: LiveSource,
  hostSlug: string,
  { request, ...proof }: Proof & { request: string },
) {
  const sealed = seal(database().key, placeOf(source), JSON.stringify(proof))
  return systemValue<boolean, 'identity_answer_keep'>('identity_answer_keep', [
    hashOf(request),
    source.id,
    hostSlug,
    sealed,
  ])
}

/** What was kept for a request, once; null: nothing. */
export async function takeProof(source: LiveSource, request: string): Promise<Proof | null> {
  const sealed = await systemValue<Buffer | null, 'identity_answer_take'>('identity_answer_take', [
    hashOf(request),
    source.id,
  ])
  return sealed === null ? null : (JSON.parse(unseal(database().key, placeOf(source), sealed)) as Proof)
}

/** What a provider said, as claims: all values of the groups, the first one of anything else. */
export const claimsOf = ({ attributes }: Proof, { groupsClaim }: LiveSource): Record<string, unknown> =>
  Object.fromEntries(attributes.map(([name, values]) => [name, name === groupsClaim ? values : values[0]]))
