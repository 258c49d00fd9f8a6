/** Columns that say whose a row is. */
const OWNERS = ['tenant_id', 'home_tenant_id', 'owner_id', 'assigned_id']
const COLUMN = `(?:${OWNERS.join('|')})`
const NO_ALIAS =
  'as|on|where|set|join|left|right|inner|cross|full|order|group|limit|offset|union|for|returning|natural|using|having'
/** A table that a statement reads, changes or deletes from, and what it is called there. */
const TABLE = new RegExp(
  `\\b(?:from|join|update|using)\\s+(?:only\\s+)?(?:public\\.)?(\\w+)(?:\\s+(?:as\\s+)?(?!(?:${NO_ALIAS})\\b)(\\w+))?`,
  'gi',
)
/** Says whose a row is in other words: what everybody sees, what the master lets all use, what the wall's own functions answer. */
const OTHER_WORDS: Record<string, string> = {
  resource: `visibility = ''|wall\\.ctx_may_\\w+\\(`,
  user_role: 'multi_tenant\\b',
}

interface Span {
  from: number
  to: number
}

/** What stands in the innermost brackets around a place; the whole text where there are none. */
function around(sql: string, at: number): Span {
  let [from, to, depth] = [at, at, 0]
  while (--from >= 0) {
    if (sql[from] === ')') depth++
    if (sql[from] === '(' && depth-- === 0) break
  }
  for (depth = 0; to < sql.length; to++) {
    if (sql[to] === '(') depth++
    if (sql[to] === ')' && depth-- === 0) break
  }
  return { from: from + 1, to }
}

/** The arm of a `union` in which a place stands. */
function armOf(sql: string, at: number): Span {
  const arm = around(sql, at)
  const start = arm.from
  let depth = 0
  for (const { 0: found, index } of sql.slice(start, arm.to).matchAll(/[()]|\bunion\b/gi)) {
    const here = start + index
    if (found === '(') depth++
    else if (found === ')') depth--
    else if (depth === 0 && here > at) return { from: arm.from, to: here }
    else if (depth === 0) arm.from = here
  }
  return arm
}

const plain = (sql: string): string =>
  sql
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/--[^\n]*/g, ' ')
    .replace(/"/g, '')
    .replace(/\s+/g, ' ')

/** The text without inner brackets in which the same name means another table. */
function withoutShadows(sql: string, name: string, after: number): string {
  let result = sql
  for (const { index, 0: whole, 1: table, 2: alias } of [...sql.matchAll(TABLE)].toReversed()) {
    if ((alias ?? table) !== name || index + whole.length === after) continue
    const { from, to } = around(sql, index)
    if (from > 0 && !(from <= after && after <= to))
      result = result.slice(0, from) + ' '.repeat(to - from) + result.slice(to)
  }
  return result
}

/**
 * Tables with a tenant's rows that a statement touches without saying whose rows it means: by a value, by what everybody
 * sees, or as the rows that rows of another such table name by their key. Each half of the wall must hold alone (attack
 * A11), so each statement of the application says it, whatever the policies say.
 * @param owned tables that have a column that says whose a row is
 * @returns as `table alias`
 */
export function unfiltered(text: string, owned: ReadonlySet<string>): string[] {
  const sql = plain(text)
  const uses = [...sql.matchAll(TABLE)]
    .filter(([, table = '']) => owned.has(table))
    .map(({ 0: whole, 1: table = '', 2: alias, index }) => {
      const name = alias ?? table
      const { from, to } = armOf(sql, index)
      const own = withoutShadows(sql.slice(from, to), name, index - from + whole.length)
      const bare = `(?:(?:public\\.)?\\b${name}\\.|(?<![\\w.]))`
      return { table, name, own, prefix: alias === undefined ? bare : `(?<![\\w.])${name}\\.` }
    })
  /** What `with` names: its own tables are looked at where they stand. */
  const named = [...sql.matchAll(/(\w+) as (?:materialized )?\(/gi)].map(([, name = '']) => name)
  type Use = (typeof uses)[number]
  const says = ({ own }: Use, ...ways: string[]) => ways.some((way) => new RegExp(way, 'i').test(own))
  const sure = new Set(
    uses.filter((use) => {
      const { table, prefix } = use
      const other = OTHER_WORDS[table]
      return says(
        use,
        `${prefix}${COLUMN} (?:=|in) `,
        `= ${prefix}${COLUMN}\\b`,
        ...(other === undefined ? [] : [other]),
      )
    }),
  )
  const byKey = (use: Use): boolean => {
    const names = uses.map(({ name }) => name).filter((name) => name !== use.name)
    const others = [
      ...named,
      ...names.filter((name) => uses.every((one) => one.name !== name || sure.has(one))),
    ]
    const them = `(?:${others.join('|')})\\.`
    return (
      others.length > 0 &&
      says(use, `${use.prefix}(?:id|event_id|group_id) = ${them}\\w+`, `${them}\\w*_id = ${use.prefix}id\\b`)
    )
  }
  for (let before = -1; before !== sure.size;) {
    before = sure.size
    for (const use of uses) if (!sure.has(use) && byKey(use)) sure.add(use)
  }
  return uses.filter((use) => !sure.has(use)).map(({ table, name }) => `${table} ${name}`)
}
