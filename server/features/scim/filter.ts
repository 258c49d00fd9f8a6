import { isId, normalUserName } from './texts'
import { ATTRIBUTES, type Attribute, attributeName, type Kind } from './attributes'
import { badFilter } from './scim-error'

const OPS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
type Op = (typeof OPS)[number]

/** A filter as wall.scim_matches takes it; it is data, and never becomes SQL. */
export type Filter =
  | { op: 'and' | 'or'; of: Filter[] }
  | { op: 'not'; of: Filter }
  /** One element of a list fits. */
  | { op: 'any'; path: readonly string[]; of: Filter }
  | { op: 'pr'; path: readonly string[] }
  | { op: Op; path: readonly string[]; value: string | boolean | null; exact: boolean }

const LONGEST = 4000
const DEEPEST = 20
/** Comparisons: each is made for every resource. */
const MOST = 20

type Token = { text: string; string?: string }

/** Parentheses and brackets, texts in quotes, and words: the grammar of RFC 7644, 3.4.2.2. @throws ScimError invalidFilter */
function tokensOf(text: string): Token[] {
  if (text.length > LONGEST) throw badFilter(`A filter has at most ${LONGEST} characters`)
  const tokens: Token[] = []
  const next = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+))/y
  while (text.slice(next.lastIndex).trim() !== '') {
    const found = next.exec(text)
    if (!found) throw badFilter('A text in the filter has no end')
    const [, mark, quoted, word = ''] = found
    tokens.push(quoted === undefined ? { text: mark ?? word } : { text: '"', string: unquoted(quoted) })
  }
  return tokens
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw badFilter('A text in the filter is not well-formed')
  }
}

/** What is compared with, as the attribute's type has it. @throws ScimError invalidFilter */
function valueOf({ type, path }: Attribute, op: Op, token: Token): string | boolean | null {
  const name = path.join('.')
  if (token.string === undefined && token.text === 'null') {
    if (op !== 'eq' && op !== 'ne') throw badFilter('null is compared by eq and ne')
    return null
  }
  if (type === 'boolean') {
    const word = (token.string ?? token.text).toLowerCase()
    if (!['true', 'false'].includes(word) || !['eq', 'ne'].includes(op))
      throw badFilter(`${name} is compared by eq or ne with true or false`)
    return word === 'true'
  }
  if (token.string === undefined) throw badFilter(`${name} is compared with a text in quotes`)
  if (type !== 'time') return name === 'userName' && op === 'eq' ? normalUserName(token.string) : token.string
  const time = Date.parse(token.string)
  if (Number.isNaN(time)) throw badFilter(`${name} is compared with a time such as 2026-01-31T12:00:00Z`)
  return new Date(time).toISOString()
}

class Parser {
  private at = 0
  private depth = 0
  private comparisons = 0
  constructor(
    private readonly kind: Kind,
    private readonly tokens: readonly Token[],
  ) {}

  whole(): Filter {
    const filter = this.any()
    if (this.at < this.tokens.length) throw badFilter(`The filter goes on with ${this.here()}`)
    return filter
  }

  private here = () => this.tokens[this.at]?.text ?? 'nothing'
  private is = (word: string) =>
    this.tokens[this.at]?.string === undefined &&
    this.here().toLowerCase() === word &&
    this.at < this.tokens.length
  private take(word: string): void {
    if (!this.is(word)) throw badFilter(`The filter needs ${word} where it has ${this.here()}`)
    this.at++
  }

  private any(list?: string): Filter {
    if (++this.depth > DEEPEST) throw badFilter(`The filter is nested more than ${DEEPEST} deep`)
    const of = [this.every(list)]
    while (this.is('or')) {
      this.at++
      of.push(this.every(list))
    }
    this.depth--
    return of.length === 1 ? (of[0] as Filter) : { op: 'or', of }
  }

  private every(list?: string): Filter {
    const of = [this.term(list)]
    while (this.is('and')) {
      this.at++
      of.push(this.term(list))
    }
    return of.length === 1 ? (of[0] as Filter) : { op: 'and', of }
  }

  private term(list?: string): Filter {
    const negated = this.is('not')
    if (negated) this.at++
    if (negated || this.is('(')) {
      this.take('(')
      const inside = this.any(list)
      this.take(')')
      return negated ? { op: 'not', of: inside } : inside
    }
    return this.comparison(list)
  }

  private comparison(list?: string): Filter {
    if (++this.comparisons > MOST) throw badFilter(`A filter has at most ${MOST} comparisons`)
    const token = this.tokens[this.at]
    if (!token || token.string !== undefined || !/^[a-z]/i.test(token.text))
      throw badFilter(`The filter needs the name of an attribute where it has ${this.here()}`)
    this.at++
    const name = attributeName(this.kind, token.text)
    if (name === null) throw badFilter('Attributes of extensions are not kept')
    const inList = [...ATTRIBUTES[this.kind].values()].find((a) => a.list?.toLowerCase() === name)?.list
    if (inList !== undefined && list === undefined && this.is('[')) return this.bracket(inList)
    if (inList !== undefined && this.is('pr')) {
      this.at++
      return { op: 'pr', path: [inList] }
    }
    // Of a list without a part, its values are meant (RFC 7644, 3.4.2.2).
    const full = list === undefined ? (inList === undefined ? name : `${name}.value`) : `${list}.${name}`
    const attribute = ATTRIBUTES[this.kind].get(full.toLowerCase())
    if (!attribute) throw badFilter(`${token.text} cannot be asked for`)
    const told = this.operation(attribute)
    return attribute.list !== undefined && list === undefined
      ? { op: 'any', path: [attribute.list], of: told }
      : told
  }

  private bracket(list: string): Filter {
    this.take('[')
    const inside = this.any(list)
    this.take(']')
    return { op: 'any', path: [list], of: inside }
  }

  private operation(attribute: Attribute): Filter {
    const word = this.here().toLowerCase()
    const { path, type } = attribute
    if (this.is('pr')) {
      this.at++
      return { op: 'pr', path }
    }
    const op = OPS.find((one) => this.is(one))
    if (!op) throw badFilter(`${word} is no comparison`)
    this.at++
    const token = this.tokens[this.at++]
    if (!token) throw badFilter('The filter ends before its last value')
    return { op, path, value: valueOf(attribute, op, token), exact: type !== 'text' }
  }
}

/** Reads a filter of RFC 7644, 3.4.2.2. @throws ScimError 400 invalidFilter */
export const parseFilter = (kind: Kind, text: string): Filter => new Parser(kind, tokensOf(text)).whole()

/** An id that no row has. */
const NOBODYS = '00000000-0000-0000-0000-000000000000'

/** Comparisons that every match fulfils and an index answers. */
export function exactOf(filter: Filter): Record<string, string> {
  if (filter.op === 'and') return Object.assign({}, ...filter.of.map(exactOf)) as Record<string, string>
  if (filter.op !== 'eq' || filter.path.length !== 1 || typeof filter.value !== 'string') return {}
  const [name = ''] = filter.path
  if (name === 'id' && !isId(filter.value)) return { id: NOBODYS } // so that nobody is looked at
  return ['id', 'userName', 'externalId', 'displayName'].includes(name) ? { [name]: filter.value } : {}
}

const at = (doc: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    doc,
  )

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

const COMPARE: Record<Op, (a: string, b: string) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  co: (a, b) => a.includes(b),
  sw: (a, b) => a.startsWith(b),
  ew: (a, b) => a.endsWith(b),
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
}

/** Whether a resource, or an element of a list, fits: says the same as wall.scim_matches. */
export function matches(filter: Filter, doc: unknown): boolean {
  switch (filter.op) {
    case 'and':
      return filter.of.every((one) => matches(one, doc))
    case 'or':
      return filter.of.some((one) => matches(one, doc))
    case 'not':
      return !matches(filter.of, doc)
    case 'any': {
      const list = at(doc, filter.path)
      return Array.isArray(list) && list.some((one) => matches(filter.of, one))
    }
    case 'pr':
      return !isNothing(at(doc, filter.path))
    default: {
      const value = at(doc, filter.path)
      if (filter.value === null) return isNothing(value) === (filter.op === 'eq')
      if (isNothing(value)) return filter.op === 'ne'
      const fold = (text: string) => (filter.exact ? text : text.toLowerCase())
      return COMPARE[filter.op](fold(String(value)), fold(String(filter.value)))
    }
  }
}
