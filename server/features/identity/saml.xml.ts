import { DOMParser } from '@xmldom/xmldom'

export const NS = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
} as const

/** What is wrong with something of SAML, in fixed words: nothing that was sent stands in them. */
export class SamlError extends Error {
  override name = 'SamlError'
}

/** As the message has it, for a list of what is refused. */
const broken = (why: string): never => {
  throw new SamlError(`the XML is broken: ${why}`)
}

/** Stops at the first comment without an end: a regular expression would look for one from each beginning, which takes the square. */
function withoutComments(text: string): string {
  let bare = ''
  let at = 0
  for (;;) {
    const from = text.indexOf('<!--', at)
    const to = from === -1 ? -1 : text.indexOf('-->', from + '<!--'.length)
    if (to === -1) return bare + text.slice(at)
    bare += text.slice(at, from)
    at = to + '-->'.length
  }
}

/**
 * Reads XML that a stranger sent. There is no DTD, so that no entity is made (attack: XXE, billion laughs), and no processing instruction.
 * @param comments whether it may have them: people comment metadata, nobody comments an answer
 * @throws SamlError
 */
export function readXml(text: string, comments: boolean): Document {
  const body = text.replace(/^\uFEFF?\s*(?:<\?xml [^<>]*\?>)?/, '')
  const bare = comments ? withoutComments(body) : body
  if (/<[!?]/.test(bare))
    throw new SamlError('the XML has a DTD, a comment, or something else that is not read here')
  const fail = () => broken('it cannot be read')
  const parser = new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } })
  const document = parser.parseFromString(bare, 'text/xml') as Document | undefined
  return document?.documentElement ? document : broken('it is empty')
}

/** The children of that name, in order. */
export const childrenOf = (parent: Element, ns: string, name: string): Element[] =>
  Array.from(parent.childNodes)
    .filter((node): node is Element => node.nodeType === 1)
    .filter((node) => node.namespaceURI === ns && node.localName === name)

/** All elements of that name below. */
export const within = (parent: Document | Element, ns: string, name: string): Element[] =>
  Array.from(parent.getElementsByTagNameNS(ns, name))

export const textOf = (element: Element | undefined): string => (element?.textContent ?? '').trim()
