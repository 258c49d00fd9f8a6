/** One part of a name, such as cn=Ops. */
interface Part {
  type: string
  value: string
}

const HEX = /^[0-9a-f]{2}$/i
const WITH_HEX = 3
/** Of a name, in characters: no directory has one that is longer. */
const LONGEST = 4000

/** Takes the escapes of RFC 4514 out: `\,` and `\2C`, which are bytes of UTF-8. Null: not well-formed. */
function unescaped(text: string): string | null {
  const bytes: Buffer[] = []
  for (let at = 0; at < text.length;) {
    if (text[at] !== '\\') {
      const end = text.indexOf('\\', at)
      const plain = text.slice(at, end === -1 ? undefined : end)
      bytes.push(Buffer.from(plain))
      at += plain.length
      continue
    }
    const pair = text.slice(at + 1, at + WITH_HEX)
    if (HEX.test(pair)) bytes.push(Buffer.from(pair, 'hex'))
    else if (/^[ "#+,;<=>\\]/.test(pair)) bytes.push(Buffer.from(pair.slice(0, 1)))
    else return null
    at += HEX.test(pair) ? WITH_HEX : 2
  }
  return Buffer.concat(bytes).toString('utf8')
}

/** Splits at a character that is not escaped. */
function splitAt(text: string, at: string): string[] {
  const found = ['']
  for (let i = 0; i < text.length; i++) {
    const one = text[i] ?? ''
    if (one === at) found.push('')
    else found[found.length - 1] += one === '\\' ? one + (text[++i] ?? '') : one
  }
  return found
}

const BLANK = /^\s$/

/** Blanks around go; one that is escaped at the end stays. By a loop: a regular expression takes the square of their number. */
function trimmed(text: string): string {
  const from = text.trimStart()
  let end = from.length
  while (end > 0 && BLANK.test(from[end - 1] ?? '') && from[end - 2] !== '\\') end--
  return from.slice(0, end)
}

function partOf(text: string): Part | null {
  const at = text.indexOf('=')
  const type = text.slice(0, at).trim().toLowerCase()
  if (at < 1 || !/^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)$/.test(type)) return null
  const value = unescaped(trimmed(text.slice(at + 1)))
  return value === null || value === '' ? null : { type, value: value.replace(/\s+/g, ' ') }
}

/** The parts of a name from the inside out, each of one or (rarely) several attributes; null: this is no distinguished name. */
function parse(dn: string): Part[][] | null {
  if (dn.length > LONGEST) return null
  const rdns = splitAt(dn, ',').map((rdn) => splitAt(rdn, '+').map(partOf))
  return rdns.every((rdn): rdn is Part[] => rdn.every((part) => part !== null)) ? rdns : null
}

const escaped = (value: string) =>
  value.replace(/[\\,+"<>;=]/g, (one) => `\\${one}`).replace(/^[ #]|(?<=.) $/g, (one) => `\\${one}`)

/**
 * A distinguished name in one form: lower case, no blanks between its parts, the same escapes. Two names of one entry are equal in it.
 * @returns null: this is none
 */
export function normalDn(dn: string): string | null {
  const rdns = parse(dn)
  const written = (rdn: Part[]) =>
    rdn
      .map(({ type, value }) => `${type}=${escaped(value.toLowerCase())}`)
      .sort()
      .join('+')
  return rdns?.map(written).join(',') ?? null
}

/** The common name in a distinguished name, such as Ops of cn=Ops,ou=groups; null: it does not begin with one. */
export function commonNameOf(dn: string): string | null {
  const [rdn] = parse(dn) ?? []
  return rdn?.find(({ type }) => type === 'cn')?.value ?? null
}
