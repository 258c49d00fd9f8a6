import { DOMParser } from '@xmldom/xmldom'
import { ConnectorError } from '../contract'

/** Characters. A machine with a hundred devices has some 50,000. */
const MOST = 1_000_000
/** How often these may stand in it, many times what such a machine has: the parser takes the square of some of them. */
const MOST_OF: readonly (readonly [part: string, most: number])[] = [
  ['<', 20_000],
  ['=', 40_000],
  ['xmlns', 200],
]

const broken = () => new ConnectorError('bad_answer', 'The server sent XML that cannot be read')

/** The root of what libvirt describes something with. There is no DTD, so that no entity is made. @throws ConnectorError bad_answer */
export function readXml(text: string): Element {
  // Comments and CDATA may stand in metadata, which anybody may write there.
  if (text.length > MOST || /<!(?!--|\[CDATA\[)/.test(text)) throw broken()
  if (MOST_OF.some(([part, most]) => text.split(part).length > most)) throw broken()
  const fail = () => {
    throw broken()
  }
  const parser = new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } })
  let root: Element | null | undefined
  try {
    root = (parser.parseFromString(text, 'text/xml') as Document | undefined)?.documentElement
  } catch {
    throw broken()
  }
  return root ?? fail()
}

/** The elements at that path below, by names without their prefixes: all of them, in order. */
export function allAt(from: Element | undefined, ...path: string[]): Element[] {
  let found = from ? [from] : []
  for (const name of path)
    found = found.flatMap((parent) =>
      Array.from(parent.childNodes).filter(
        (node): node is Element => node.nodeType === 1 && (node as Element).localName === name,
      ),
    )
  return found
}

/** The first element at that path below. */
export const elementAt = (from: Element | undefined, ...path: string[]): Element | undefined =>
  allAt(from, ...path)[0]

/** Its text there, without that of elements in it; empty where there is none. */
export function textAt(from: Element | undefined, ...path: string[]): string {
  const nodes = Array.from(elementAt(from, ...path)?.childNodes ?? [])
  return nodes
    .filter(({ nodeType }) => nodeType === 3 || nodeType === 4)
    .map(({ nodeValue }) => nodeValue)
    .join('')
    .trim()
}

/** An attribute of the element at that path; empty where there is none. The name of the attribute comes first. */
export const attributeAt = (attribute: string, from: Element | undefined, ...path: string[]): string =>
  elementAt(from, ...path)?.getAttribute(attribute) ?? ''

const POWER: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 2 ** 10,
  kib: 2 ** 10,
  m: 2 ** 20,
  mib: 2 ** 20,
  g: 2 ** 30,
  gib: 2 ** 30,
  t: 2 ** 40,
  tib: 2 ** 40,
}

/** Bytes of the element at that path with its `unit`; undefined where it tells no size. */
export function bytesAt(from: Element | undefined, ...path: string[]): number | undefined {
  const text = textAt(from, ...path)
  const unit = attributeAt('unit', from, ...path) || 'bytes'
  const factor = Object.entries(POWER).find(([name]) => name === unit.toLowerCase())?.[1]
  return /^\d{1,18}$/.test(text) && factor ? Number(text) * factor : undefined
}
