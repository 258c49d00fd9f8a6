import { createHash } from 'node:crypto'

/** A plan of a long list behind the wall takes some 100 kB in each connection, so not every statement gets to keep one. */
const MOST_NAMES = 100
const MOST_SEEN = 2000

/**
 * Names for prepared statements, so that PostgreSQL parses and plans what comes again and again once per connection: behind
 * the wall planning takes longer than running (bench/README.md). A statement without values, one that was never seen before
 * and what comes after the first hundred stay nameless (empty). The name is a hash of the whole text: never two texts under one.
 */
export function statementNames(): (query: { sql: string; args: unknown[] }) => string {
  const names = new Map<string, string>()
  const seen = new Set<string>()
  return ({ sql, args }) => {
    const name = names.get(sql)
    if (name !== undefined) return name
    if (args.length === 0 || names.size >= MOST_NAMES) return ''
    if (!seen.has(sql)) {
      if (seen.size < MOST_SEEN) seen.add(sql)
      return ''
    }
    const given = `fh${createHash('sha256').update(sql).digest('hex').slice(0, 40)}`
    names.set(sql, given)
    seen.delete(sql)
    return given
  }
}
