import { generateServiceProviderMetadata } from '@node-saml/node-saml'
import { invalidField } from '@/server/platform/errors'
import { pemOf, readCertificates } from './saml.certificates'
import type { MetadataAnswer } from './saml.schema'
import { addressesOf } from './saml.places'
import { childrenOf, NS, readXml, SamlError, textOf, within } from './saml.xml'

const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
export const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

/** Of this console as one source's identity provider sees it. It says nothing that its address does not say. */
export function ownMetadata(slug: string | null, sourceId: string): string {
  const { entityId, acs } = addressesOf(slug, sourceId)
  return generateServiceProviderMetadata({
    issuer: entityId,
    callbackUrl: acs,
    identifierFormat: PERSISTENT,
    wantAssertionsSigned: true,
    // the same each time: nobody has to ask whether it changed
    generateUniqueId: () => `_${sourceId}`,
  })
}

function signingCertificates(descriptor: Element): string[] {
  const keys = childrenOf(descriptor, NS.metadata, 'KeyDescriptor').filter(
    (key) => (key.getAttribute('use') || 'signing') === 'signing',
  )
  return keys
    .flatMap((key) => within(key, NS.signature, 'X509Certificate').map(textOf))
    .map((one) => one.replace(/\s/g, ''))
}

function read(xml: string): MetadataAnswer {
  const document = readXml(xml, true)
  const entities = within(document, NS.metadata, 'IDPSSODescriptor')
  const [descriptor, ...more] = entities
  if (!descriptor) throw new SamlError('This is not the metadata of an identity provider.')
  if (more.length > 0)
    throw new SamlError('This is the metadata of several identity providers. Take that of one.')
  const sso = childrenOf(descriptor, NS.metadata, 'SingleSignOnService').find(
    (one) => one.getAttribute('Binding') === REDIRECT,
  )
  if (!sso) throw new SamlError('It offers no sign-in address for HTTP-Redirect, which is used here.')
  const found = signingCertificates(descriptor)
  const certificates = readCertificates(found.map(pemOf).join('\n'))
  if ('wrong' in certificates) throw new SamlError(`${certificates.wrong}.`)
  const wantsSigned = /^(?:true|1)$/.test(descriptor.getAttribute('WantAuthnRequestsSigned') ?? '')
  return {
    issuer: (descriptor.parentNode as Element).getAttribute('entityID') ?? '',
    ssoUrl: sso.getAttribute('Location') ?? '',
    certificates: certificates.certificates.map(({ base64 }) => pemOf(base64)).join('\n'),
    warnings: wantsSigned
      ? ['The provider asks for signed requests. This console sends unsigned ones: let it take those.']
      : [],
  }
}

/** What the metadata of an identity provider says. @throws AppError 400 on `xml` */
export function idpMetadata(xml: string): MetadataAnswer {
  try {
    return read(xml)
  } catch (error) {
    if (!(error instanceof SamlError)) throw error
    throw invalidField(
      'xml',
      error.message.replace(/^the XML is broken: it/, 'This is no XML: it').replace(/^the/, 'The'),
    )
  }
}
