import { childrenOf, NS, readXml, SamlError, textOf, within } from './saml.xml'

/** Largest answer, in bytes of its XML. */
const ANSWER_MAX = 200_000

const [DSIG_MORE, XMLENC] = ['http://www.w3.org/2001/04/xmldsig-more#', 'http://www.w3.org/2001/04/xmlenc#']
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
/** What may sign: nothing with SHA-1, nothing with a shared key (attack C12). */
const ALGORITHMS: Record<string, readonly string[]> = {
  SignatureMethod: [
    `${DSIG_MORE}rsa-sha256`,
    `${DSIG_MORE}rsa-sha512`,
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  ],
  DigestMethod: [`${XMLENC}sha256`, `${XMLENC}sha512`],
  CanonicalizationMethod: [EXCLUSIVE],
  Transform: [`${NS.signature}enveloped-signature`, EXCLUSIVE],
}
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'

/** The text of an answer. @throws SamlError */
export function decodeAnswer(encoded: string): string {
  const base64 = encoded.replace(/\s/g, '')
  if (base64 === '' || !/^[A-Za-z0-9+/]+=*$/.test(base64)) throw new SamlError('the answer is no base64')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > ANSWER_MAX) throw new SamlError('the answer is too long')
  const text = bytes.toString('utf8')
  if (text.includes('\uFFFD')) throw new SamlError('the answer is no UTF-8')
  return text
}

/** Only known algorithms, and signatures only of the answer itself and of its assertion. */
function assertSignatures(document: Document, root: Element, assertion: Element): void {
  const signatures = within(document, NS.signature, 'Signature')
  if (!signatures.every(({ parentNode }) => parentNode === root || parentNode === assertion))
    throw new SamlError('a signature stands where none belongs')
  if (!signatures.some(({ parentNode }) => parentNode === assertion))
    throw new SamlError('the assertion is not signed')
  for (const [name, allowed] of Object.entries(ALGORITHMS))
    for (const element of within(document, NS.signature, name))
      if (!allowed.includes(element.getAttribute('Algorithm') ?? ''))
        throw new SamlError(`the signature uses an algorithm that is not taken here (${name})`)
}

/** What a provider says instead of an assertion, by its own codes. */
function assertSuccess(root: Element): void {
  const [status] = childrenOf(root, NS.protocol, 'Status')
  const [code] = status ? childrenOf(status, NS.protocol, 'StatusCode') : []
  if (code?.getAttribute('Value') === SUCCESS) return
  const [inner] = code ? childrenOf(code, NS.protocol, 'StatusCode') : []
  const value = (inner ?? code)?.getAttribute('Value') ?? ''
  const last = /[A-Za-z]{1,60}$/.exec(value)?.[0] ?? 'no status'
  throw new SamlError(`the provider refused: ${last}`)
}

/** Looks at all that stands around an assertion, before its signature is checked. @returns the request that it answers @throws SamlError */
export function openEnvelope(text: string, expected: { issuer: string; acs: string }): string {
  const document = readXml(text, false)
  const root = document.documentElement
  if (
    root.namespaceURI !== NS.protocol ||
    root.localName !== 'Response' ||
    root.getAttribute('Version') !== '2.0'
  )
    throw new SamlError('the answer is no SAML 2.0 response')
  const [issuer] = childrenOf(root, NS.assertion, 'Issuer')
  if (issuer && textOf(issuer) !== expected.issuer) throw new SamlError('the answer is of another issuer')
  const destination = root.getAttribute('Destination')
  if (destination && destination !== expected.acs)
    throw new SamlError('the answer is meant for another address')
  assertSuccess(root)
  if (within(document, NS.assertion, 'EncryptedAssertion').length > 0)
    throw new SamlError('the assertion is encrypted, which is not read here')
  // Anywhere in it: where there are two, it matters who reads which (signature wrapping).
  const [assertion, ...more] = within(document, NS.assertion, 'Assertion')
  if (!assertion) throw new SamlError('the answer has no assertion')
  if (more.length > 0 || assertion.parentNode !== root)
    throw new SamlError('the answer has more than one assertion')
  assertSignatures(document, root, assertion)
  const request = root.getAttribute('InResponseTo') ?? ''
  if (request === '') throw new SamlError('the sign-in began at the provider, not here')
  return request
}
