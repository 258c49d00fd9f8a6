import { PERSISTENT } from './saml.metadata'
import { childrenOf, NS, readXml, SamlError, textOf } from './saml.xml'

/** Clocks may differ by that much, in ms. */
export const SKEW = 60_000
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

export interface Expected {
  /** Entity id of the identity provider. */
  issuer: string
  /** Ours. */
  entityId: string
  acs: string
  /** The request that is answered. */
  request: string
  /** Empty: the persistent name id says who somebody is. */
  subjectAttribute: string
}

/** Who somebody is, and what their provider says of them. */
export interface Proof {
  subject: string
  attributes: [name: string, values: string[]][]
}

const timeOf = (value: string | null): number => {
  const at =
    value && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value)
      ? Date.parse(value)
      : NaN
  if (Number.isNaN(at)) throw new SamlError('the assertion has no time that can be read')
  return at
}

/** @throws SamlError where these conditions do not hold now */
function assertTime(element: Element, now: number): void {
  const notBefore = element.getAttribute('NotBefore')
  if (notBefore && timeOf(notBefore) > now + SKEW)
    throw new SamlError('the assertion is not valid yet: do the clocks agree?')
  if (timeOf(element.getAttribute('NotOnOrAfter')) <= now - SKEW)
    throw new SamlError('the assertion has expired: do the clocks agree?')
}

/** The bearer's confirmation: for this address and request, and in time. */
function assertConfirmation(subject: Element, { acs, request }: Expected, now: number): void {
  const data = childrenOf(subject, NS.assertion, 'SubjectConfirmation')
    .filter((one) => one.getAttribute('Method') === BEARER)
    .flatMap((one) => childrenOf(one, NS.assertion, 'SubjectConfirmationData'))
  const [first, ...more] = data
  if (!first || more.length > 0) throw new SamlError('the assertion does not say for whom it is')
  if (first.getAttribute('Recipient') !== acs)
    throw new SamlError('the assertion is meant for another address')
  if (first.getAttribute('InResponseTo') !== request)
    throw new SamlError('the assertion answers another request')
  assertTime(first, now)
}

function assertConditions(assertion: Element, { entityId }: Expected, now: number): void {
  const [conditions, ...more] = childrenOf(assertion, NS.assertion, 'Conditions')
  if (!conditions || more.length > 0) throw new SamlError('the assertion has no conditions')
  assertTime(conditions, now)
  const restrictions = childrenOf(conditions, NS.assertion, 'AudienceRestriction')
  const isOurs = (one: Element) =>
    childrenOf(one, NS.assertion, 'Audience').some((audience) => textOf(audience) === entityId)
  if (restrictions.length === 0 || !restrictions.every(isOurs))
    throw new SamlError('the assertion is meant for another audience')
}

function attributesOf(assertion: Element): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const statement of childrenOf(assertion, NS.assertion, 'AttributeStatement'))
    for (const attribute of childrenOf(statement, NS.assertion, 'Attribute')) {
      const name = attribute.getAttribute('Name') ?? ''
      const values = childrenOf(attribute, NS.assertion, 'AttributeValue').map(textOf)
      found.set(name, [...(found.get(name) ?? []), ...values.filter((value) => value !== '')])
    }
  return found
}

/** A name id that stays: what is transient is somebody else tomorrow, an address can be given to somebody else. */
function persistentId(subject: Element, { issuer, entityId }: Expected): string {
  const [nameId, ...more] = childrenOf(subject, NS.assertion, 'NameID')
  if (!nameId || more.length > 0) throw new SamlError('the assertion has no name id')
  const format = nameId.getAttribute('Format') ?? ''
  if (format !== PERSISTENT)
    throw new SamlError(
      `the name id is ${/[a-zA-Z0-9]{1,40}$/.exec(format)?.[0] ?? 'of no format'}, not persistent: let the provider send a persistent one, or name an attribute`,
    )
  const [of, here] = [nameId.getAttribute('NameQualifier'), nameId.getAttribute('SPNameQualifier')]
  if ((of && of !== issuer) || (here && here !== entityId))
    throw new SamlError('the name id is of another place')
  return textOf(nameId)
}

function subjectOf(subject: Element, attributes: Map<string, string[]>, expected: Expected): string {
  const { subjectAttribute: name } = expected
  if (name === '') return persistentId(subject, expected)
  const values = attributes.get(name) ?? []
  if (values.length !== 1)
    throw new SamlError(`the attribute that says who somebody is has ${values.length} values`)
  return values[0] ?? ''
}

/**
 * Reads an assertion whose signature holds. @param text the very text that was signed
 * @throws SamlError where it is not for this console, request and moment
 */
export function readAssertion(text: string, expected: Expected, now = Date.now()): Proof {
  const assertion = readXml(text, false).documentElement
  if (
    assertion.namespaceURI !== NS.assertion ||
    assertion.localName !== 'Assertion' ||
    assertion.getAttribute('Version') !== '2.0'
  )
    throw new SamlError('what is signed is no SAML 2.0 assertion')
  const [issuer] = childrenOf(assertion, NS.assertion, 'Issuer')
  if (textOf(issuer) !== expected.issuer) throw new SamlError('the assertion is of another issuer')
  const [subject] = childrenOf(assertion, NS.assertion, 'Subject')
  if (!subject) throw new SamlError('the assertion says nothing of anybody')
  if (childrenOf(assertion, NS.assertion, 'AuthnStatement').length === 0)
    throw new SamlError('the assertion does not say that anybody signed in')
  assertConfirmation(subject, expected, now)
  assertConditions(assertion, expected, now)
  const attributes = attributesOf(assertion)
  const id = subjectOf(subject, attributes, expected)
  if (id.length === 0 || id.length > 255)
    throw new SamlError('what says who somebody is, is empty or too long')
  return { subject: id, attributes: [...attributes].slice(0, 200) }
}
