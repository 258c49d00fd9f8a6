import { randomBytes, randomUUID } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { SignedXml } from 'xml-crypto'
import type { dispatch as Dispatch } from '@/server/http/dispatch'
import type { SignInWorld } from '@/server/features/sign-in/world.fixture'
import { makeCertificate } from './certificate.fixture'
import { readCertificates } from './saml.certificates'
import { PERSISTENT } from './saml.metadata'
import { plantKind, type SourceFields } from './source.fixture'

const NAMES = { usernameClaim: 'uid', emailClaim: 'mail', nameClaim: 'displayName', groupsClaim: 'groups' }

export interface SamlFields extends SourceFields {
  ssoUrl: string
  /** In PEM. */
  certificates: string
  subjectAttribute?: string
}

/** Puts a SAML source in for a tenant. @returns its id */
export function plantSaml(
  world: Pick<SignInWorld, 'sql'>,
  tenantId: string,
  id: string = randomUUID(),
  { ssoUrl, certificates: pem, subjectAttribute = '', ...fields }: SamlFields,
): Promise<string> {
  const read = readCertificates(pem)
  if ('wrong' in read) throw new Error(read.wrong)
  const settings = { ssoUrl, certificates: read.certificates.map(({ base64 }) => base64), subjectAttribute }
  return plantKind(world, { kind: 'saml', tenantId, id, settings, sealed: null }, NAMES, fields)
}

/** The request that a browser is sent with. */
export function requestOf(address: string) {
  const query = new URL(address).searchParams
  const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString()
  const of = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(xml)?.[1] ?? ''
  return { id: of('ID'), acs: of('AssertionConsumerServiceURL'), format: of('Format'), query, xml }
}

/** A form that another site makes a browser post: no cookie of ours comes with it. */
export async function postAcross(
  server: typeof Dispatch,
  address: string,
  form: Record<string, string>,
  type = 'application/x-www-form-urlencoded',
): Promise<Response> {
  const url = new URL(address)
  const request = new Request(new URL(url.pathname, 'http://freehold.invalid'), {
    method: 'POST',
    headers: { origin: 'https://login.example', 'sec-fetch-site': 'cross-site', 'content-type': type },
    body: new URLSearchParams(form).toString(),
  })
  const facts = { host: url.host, path: url.pathname, cookie: null, ip: '192.0.2.1', userAgent: '' }
  const answer = await server(request, url.pathname, { ...facts, requestId: randomUUID() })
  if (!answer) throw new Error('nobody answers')
  return answer
}

const SIGNATURES = {
  sha256: ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2001/04/xmlenc#sha256'],
  sha1: ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'http://www.w3.org/2000/09/xmldsig#sha1'],
} as const
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** What a provider says, honest or not. Times in seconds from now. */
export interface Answer {
  issuer?: string
  audience?: string | null
  recipient?: string
  destination?: string
  status?: string
  responseInResponseTo?: string
  inResponseTo?: string
  nameId?: string
  format?: string
  qualifier?: string
  notBefore?: number
  notOnOrAfter?: number
  conditionsNotOnOrAfter?: number
  issuedAt?: number
  attributes?: Record<string, string[]>
  method?: string
  authn?: boolean
  /** Which elements are signed. */
  sign?: ('Assertion' | 'Response')[]
  key?: string
  algorithm?: keyof typeof SIGNATURES
  /** Changes the XML before or after it is signed. */
  before?: (xml: string) => string
  after?: (xml: string) => string
}

interface To {
  entityId: string
  acs: string
  request: string
}

const stamp = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')

function assertionOf(issuer: string, { entityId, acs, request }: To, a: Answer): string {
  const until = a.notOnOrAfter ?? 300
  const audience = a.audience === undefined ? entityId : a.audience
  const attributes = Object.entries(a.attributes ?? {}).map(
    ([name, values]) =>
      `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${escape(value)}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
  )
  return `<saml:Assertion ID="_a${randomBytes(16).toString('hex')}" Version="2.0" IssueInstant="${stamp(a.issuedAt ?? 0)}"><saml:Issuer>${a.issuer ?? issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${a.format ?? PERSISTENT}"${a.qualifier ? ` NameQualifier="${a.qualifier}"` : ''}>${escape(a.nameId ?? 'lea-1')}</saml:NameID><saml:SubjectConfirmation Method="${a.method ?? 'urn:oasis:names:tc:SAML:2.0:cm:bearer'}"><saml:SubjectConfirmationData NotOnOrAfter="${stamp(until)}" Recipient="${a.recipient ?? acs}" InResponseTo="${a.inResponseTo ?? request}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${stamp(a.notBefore ?? -30)}" NotOnOrAfter="${stamp(a.conditionsNotOnOrAfter ?? until)}">${audience === null ? '' : `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`}</saml:Conditions>${a.authn === false ? '' : `<saml:AuthnStatement AuthnInstant="${stamp(0)}"/>`}<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement></saml:Assertion>`
}

function signed(xml: string, name: string, key: string, algorithm: keyof typeof SIGNATURES): string {
  const [signatureAlgorithm, digestAlgorithm] = SIGNATURES[algorithm]
  const sig = new SignedXml({ privateKey: key, signatureAlgorithm, canonicalizationAlgorithm: EXCLUSIVE })
  const element = `//*[local-name(.)='${name}']`
  const transforms = ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE]
  sig.addReference({ xpath: element, digestAlgorithm, transforms })
  sig.computeSignature(xml, {
    location: { reference: `${element}/*[local-name(.)='Issuer']`, action: 'after' },
  })
  return sig.getSignedXml()
}

/** A SAML identity provider that says what the test makes it say: for what an honest one never would. */
export function makeForger(issuer = 'https://login.example/idp') {
  const own = makeCertificate()
  const answer = (to: To, a: Answer = {}): string => {
    const { acs, request } = to
    const { responseInResponseTo: reply = request, status = 'Success', sign = ['Assertion'] } = a
    const head = `ID="_r${randomBytes(16).toString('hex')}" Version="2.0" IssueInstant="${stamp(0)}" Destination="${a.destination ?? acs}"${reply === '' ? '' : ` InResponseTo="${reply}"`}`
    const plain = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ${head}><saml:Issuer>${a.issuer ?? issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>${status === 'Success' ? assertionOf(issuer, to, a) : ''}</samlp:Response>`
    const xml = sign.reduce(
      (text, name) => signed(text, name, a.key ?? own.key, a.algorithm ?? 'sha256'),
      (a.before ?? ((text) => text))(plain),
    )
    return Buffer.from((a.after ?? ((text) => text))(xml)).toString('base64')
  }
  return { issuer, ssoUrl: 'https://login.example/sso', certificate: own.certificate, answer }
}
