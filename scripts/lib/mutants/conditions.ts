// Where conditions stand in SQL: in a template of ours, in the body of a function, in a policy as PostgreSQL prints it.
// No parser of SQL: words and brackets are enough to know where `a and b` begins and ends.

/** A piece of the text, and what to put there so that the condition asks nothing. */
export interface Condition {
  from: number
  to: number
  by: 'true' | 'false'
}

interface Token {
  from: number
  to: number
  /** Lower case; '' for what is closed in itself: a string, a comment, a hole of a template. */
  text: string
  depth: number
}

const TOKEN =
  /--[^\n]*|'(?:[^']|'')*'|\$\{(?:[^{}`]|\{[^{}]*\}|`[^`]*`)*\}|"[^"]*"|[a-z_]\w*|::|:=|[()[\],;]/gi

/** Words and brackets with their depth. */
function tokensOf(sql: string): Token[] {
  let depth = 0
  return [...sql.matchAll(TOKEN)].map(({ index, 0: found }) => {
    const closes = found === ')' || found === ']'
    if (closes) depth--
    const token = {
      from: index,
      to: index + found.length,
      text: /^(?:--|'|\$|")/.test(found) ? '' : found.toLowerCase(),
      depth,
    }
    if (found === '(' || found === '[') depth++
    return token
  })
}

const BEGINS = [
  'where',
  'on',
  'having',
  'if',
  'elsif',
  'when',
  'then',
  'else',
  'return',
  'select',
  'using',
  'check',
  'begin',
  'filter',
  'as',
]
const ENDS = [
  'then',
  'loop',
  'group',
  'order',
  'limit',
  'returning',
  'union',
  'left',
  'join',
  'inner',
  'cross',
  'else',
  'end',
  'for',
  'where',
  'on',
  'from',
  'when',
  'as',
  'offset',
  'into',
]
/** A refusal of a function is `if … then raise`: what is under it must not be asked more. */
const REFUSALS = ['if', 'elsif']

/** Start and end of what stands left or right of a word at the same depth, up to one of `stops` or a bracket around it. */
function reach(
  tokens: Token[],
  at: number,
  step: 1 | -1,
  stops: readonly string[],
): { edge: number; stop: string } {
  const { depth } = tokens[at] as Token
  for (let i = at + step; i >= 0 && i < tokens.length; i += step) {
    const token = tokens[i] as Token
    const around = token.depth < depth
    // `is distinct from` is one word, and the `and` of a `between` joins no conditions
    const compares =
      (token.text === 'from' && tokens[i - 1]?.text === 'distinct') ||
      (token.text === 'and' && isBetween(tokens, i))
    const ends = token.depth === depth && !compares && [...stops, ',', ';', ':='].includes(token.text)
    if (around || ends) return { edge: step === 1 ? token.from : token.to, stop: around ? '(' : token.text }
  }
  return { edge: step === 1 ? Number.MAX_SAFE_INTEGER : 0, stop: '' }
}

const isBetween = (tokens: Token[], at: number): boolean => {
  const { depth } = tokens[at] as Token
  for (let i = at - 1; i >= 0; i--) {
    const token = tokens[i] as Token
    if (token.depth < depth) return false
    if (token.depth > depth) continue
    if (token.text === 'between') return true
    if (['and', 'or', ...BEGINS].includes(token.text)) return false
  }
  return false
}

/**
 * Each part of `a and b` at any depth, and each `where` of one condition, to be taken for true; in a refusal
 * (`if a or b then raise`) each part of `a or b`, to be taken for false.
 * @returns in the order of the text, without repeats
 */
export function conditionsOf(sql: string): Condition[] {
  const tokens = tokensOf(sql)
  const found = new Map<string, Condition>()
  const put = (from: number, to: number, by: Condition['by']) => {
    const text = sql.slice(from, to)
    const start = from + (text.length - text.trimStart().length)
    const end = start + text.trim().length
    if (end > start && !/^(?:true|false)$/i.test(text.trim()))
      found.set(`${start} ${end}`, { from: start, to: end, by })
  }
  tokens.forEach(({ text, to, from }, i) => {
    if (text === 'where') {
      const { edge, stop } = reach(tokens, i, 1, [...ENDS, 'and', 'or'])
      const several = /^\s*\(/.test(sql.slice(to, edge)) && conditionsOf(sql.slice(to, edge)).length > 1
      if (stop !== 'and' && stop !== 'or' && !several) put(to, edge, 'true')
    }
    if ((text !== 'and' && text !== 'or') || isBetween(tokens, i)) return
    const refusal = REFUSALS.includes(reach(tokens, i, -1, BEGINS).stop)
    if (refusal !== (text === 'or')) return
    const stops = text === 'and' ? ['and', 'or'] : ['or']
    put(reach(tokens, i, -1, [...BEGINS, ...stops]).edge, from, refusal ? 'false' : 'true')
    put(to, reach(tokens, i, 1, [...ENDS, ...stops]).edge, refusal ? 'false' : 'true')
  })
  return [...found.values()].sort((a, b) => a.from - b.from || a.to - b.to)
}

/** The conditions of `if … then` in a function's body, each to be taken for false. */
export function guardsOf(body: string): Condition[] {
  const tokens = tokensOf(body)
  return tokens.flatMap(({ text, to }, i) => {
    if (!REFUSALS.includes(text)) return []
    const { edge, stop } = reach(tokens, i, 1, ['then'])
    return stop === 'then' ? [{ from: to + 1, to: edge - 1, by: 'false' as const }] : []
  })
}

/** The text with one condition replaced. */
export const without = (sql: string, { from, to, by }: Condition): string =>
  sql.slice(0, from) + by + sql.slice(to)
