// As much SQL as our migrations use: enough to read who is granted what, by which policy, through which function. The
// result is compared with the catalogue of a migrated database in server/docs.test.ts, so it cannot quietly be wrong.

const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ').trim()

/** Where a quoted text, comment or dollar-quoted body that begins at `from` ends; `from` when none begins there. */
function skip(sql: string, from: number): number {
  const rest = sql.slice(from, from + 64)
  const end = (mark: string, start: number) => {
    const at = sql.indexOf(mark, start)
    return at < 0 ? sql.length : at + mark.length
  }
  if (rest.startsWith('--')) return end('\n', from)
  if (rest.startsWith("'")) return end("'", from + 1)
  const [dollar] = /^\$\w*\$/.exec(rest) ?? []
  return dollar ? end(dollar, from + dollar.length) : from
}

export interface Statement {
  /** The comment lines right before it. */
  comment: string
  text: string
}

/** The statements of a script; `;` inside of strings, comments and bodies does not count. */
export function splitStatements(sql: string): Statement[] {
  const found: Statement[] = []
  let begin = 0
  for (let at = 0; at < sql.length;) {
    const next = skip(sql, at)
    if (next > at) at = next
    else if (sql[at++] === ';') {
      found.push(toStatement(sql.slice(begin, at - 1)))
      begin = at
    }
  }
  return [...found, toStatement(sql.slice(begin))].filter(({ text }) => text !== '')
}

/** Comments before the statement go into `comment`, but for headlines (`-- Audit -----`), which begin anew. */
function toStatement(chunk: string): Statement {
  const lines = chunk.split('\n')
  const isHead = (line: string) => line.trim() === '' || line.trim().startsWith('--')
  const start = lines.findIndex((line) => !isHead(line))
  if (start < 0) return { comment: '', text: '' }
  const before = lines.slice(0, start)
  const cut = before.findLastIndex((line) => line.trim() === '' || /-{10,}$/.test(line))
  const comment = before.slice(cut + 1).map((line) => line.trim().replace(/^--\s*/, ''))
  return { comment: oneLine(comment.join(' ')), text: lines.slice(start).join('\n').trim() }
}

/** What `execute format('… %I …', a, b)` in the loop of a DO block runs, once for each of its values. */
export function unrollLoop(block: string): string[] {
  const [, variable, list] = /foreach (\w+) in array array\[([\s\S]*?)\]/.exec(block) ?? []
  if (!variable || !list) return []
  const values = [...list.matchAll(/'([^']*)'/g)].map(([, value = '']) => value)
  const calls = [...block.matchAll(/execute format\('((?:[^']|'')*)'((?:,[^)]*)?)\)/g)]
  const evaluate = (expression: string, value: string) =>
    expression
      .split('||')
      .map((part) => part.trim())
      .map((part) => (part === variable ? value : part.replaceAll("'", '')))
      .join('')
  return values.flatMap((value) =>
    calls.map(([, template = '', args = '']) => {
      const filled = args
        .split(',')
        .slice(1)
        .map((arg) => evaluate(arg, value))
      return template.replaceAll("''", "'").replace(/%I/g, () => filled.shift() ?? '')
    }),
  )
}

/** The text of the bracket that opens at `open`, without it, and where it ends. */
function bracket(text: string, open: number): { inside: string; end: number } {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return { inside: text.slice(open + 1, at).trim(), end: at + 1 }
  }
  throw new Error(`Unbalanced brackets: ${text.slice(open, open + 80)}`)
}

/** Splits at commas outside of brackets. */
export function splitList(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const char of text) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (char === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts.map((part) => part.trim()).filter(Boolean)
}

/** The expression after `using` or `with check`, on one line; empty where there is none. */
function clause(text: string, word: RegExp): string {
  const found = word.exec(text)
  return found ? oneLine(bracket(text, found.index + found[0].length - 1).inside) : ''
}

export interface Policy {
  name: string
  table: string
  command: string
  roles: string[]
  restrictive: boolean
  using: string
  check: string
}

/** The policy of a `create policy` statement; null for any other. */
export function parsePolicy(text: string): Policy | null {
  const [, name, table, restrictive, command, roles] =
    /^create policy (\w+) on ([\w.]+)( as restrictive)? for (\w+)\s+to ([\w, \n]+?)\s*(?=using|with check|$)/.exec(
      text,
    ) ?? []
  if (!name || !table || !command || !roles) return null
  return {
    name,
    table: table.replace(/^public\./, ''),
    command: command.toUpperCase(),
    roles: splitList(roles),
    restrictive: restrictive !== undefined,
    using: clause(text, /\busing \(/),
    check: clause(text, /\bwith check \(/),
  }
}
