import { invalidField } from '@/server/platform/errors'
import { allowedHere } from './guarded-fetch'
import type { Kind } from './kind'
import { certificateWords, pemOf, readCertificates, storedCertificates } from './saml.certificates'
import { diagnoseSaml } from './saml.diagnose'
import { addressesOf } from './saml.places'
import { samlStored } from './saml.schema'

/** The browser goes there, not this server: no network is closed to it; https, unless this install lets providers do without. */
function assertSsoUrl(address: string): void {
  const { protocol, username, password } = new URL(address)
  const refuse = (why: string) => invalidField('provider.ssoUrl', why)
  if (protocol !== 'https:' && allowedHere() === 'public')
    throw refuse('The address must begin with https://')
  if (username || password) throw refuse('The address must not hold a name or password')
}

export const samlKind: Kind<'saml'> = {
  secretMissing: null,
  issuerField: 'provider.issuer',
  store: ({ issuer, ssoUrl, certificates, subjectAttribute }) => {
    assertSsoUrl(ssoUrl)
    const read = readCertificates(certificates)
    if ('wrong' in read) throw invalidField('provider.certificates', `${read.wrong}.`)
    const kept = read.certificates.map(({ base64 }) => base64)
    return { issuer, settings: { ssoUrl, certificates: kept, subjectAttribute } }
  },
  show: (issuer, settings) => {
    const { ssoUrl, certificates, subjectAttribute } = samlStored.parse(settings)
    return {
      kind: 'saml',
      issuer,
      ssoUrl,
      certificates: certificates.map(pemOf).join('\n'),
      subjectAttribute,
    }
  },
  logged: ({ ssoUrl, certificates, subjectAttribute }) => {
    const read = readCertificates(certificates)
    const fingerprints = 'wrong' in read ? [] : read.certificates.map(({ fingerprint }) => fingerprint)
    return { ssoUrl, certificates: fingerprints, subjectAttribute }
  },
  subjectBy: ({ subjectAttribute }) => subjectAttribute,
  facts: ({ ssoUrl, certificates, subjectAttribute }) => [
    { label: 'Sign-in address', value: ssoUrl },
    ...storedCertificates([certificates]).map((one, i, { length }) => ({
      label: length === 1 ? 'Certificate' : `Certificate ${i + 1}`,
      value: certificateWords(one),
    })),
    { label: 'Who somebody is, says', value: subjectAttribute || 'Their persistent name id' },
  ],
  addresses: (slug, id) => {
    const { entityId, acs } = addressesOf(slug, id)
    return [
      { label: 'Entity id, and address of the metadata', value: entityId },
      { label: 'Assertion consumer service', value: acs },
    ]
  },
  diagnose: diagnoseSaml,
}
