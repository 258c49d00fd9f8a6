// What a statement says of whose rows it means, as text that a person can review: `statements.golden.txt`.

/** From where the rows come and which: without the columns that a query answers with and the order in which it does. */
function heart(sql: string): string {
  let depth = 0
  let from = -1
  for (const { 0: found, index } of sql.matchAll(/[()]|\bfrom\b/gi)) {
    if (found === '(') depth++
    else if (found === ')') depth--
    else if (depth === 0) {
      from = index
      break
    }
  }
  const asks = /^select\b/i.test(sql) && from > 0
  const kept = asks ? `select … ${withoutLists(sql.slice(from))}` : withoutLists(sql)
  // a row lock behind the order stays
  return kept
    .replace(/ order by [^()]*?(?= for (?:no key )?(?:update|share)\b|$)/i, '')
    .replace(/ limit \?(?: offset \?)?/g, '')
}

/** Values, and lists of them however long. */
const withoutLists = (sql: string): string =>
  sql.replace(/\$\d+(?:::\w+(?:\[\])?)?/g, '?').replace(/\(\?(?:, ?\?)+\)/g, '(?)')

/** The statement in one line, in which values are `?`. Two that differ in nothing but values or order come out the same. */
export function shapeOf(text: string): string {
  const sql = text
    .replace(/--[^\n]*/g, ' ')
    .replace(/"(?:public"\.")?(\w+)"/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  return heart(sql)
}

/** The tenants whose locks a transaction takes, in words; null: the statement begins none that writes. */
export function locksOf(
  text: string,
  values: readonly unknown[],
  nameOf: (tenantId: string) => string,
): string | null {
  if (!/wall\.enter\(\$1, true, \$2::uuid\[\]/.test(text)) return null
  const words = (ids: unknown) => (ids as string[]).map(nameOf).sort().join(' ') || 'none'
  return `shared ${words(values[1])}; exclusive ${words(values[2])}`
}
