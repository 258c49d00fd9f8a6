import type pg from 'pg'
import { type Condition, conditionsOf, guardsOf, without } from './conditions'
import { type Mutant, word } from './mutant'

/** The functions that decide who may: they ask the context, answer who acts, or take the locks. Not those that sign people in. */
const DECIDES = /wall\.ctx|pg_advisory_xact_lock/
const NAMED = /^(?:ctx|auth_|may_|at_home|born_in|enter|grant_guard|end_grants)/
const TELLS = /pg_notify|^\s*begin\s+perform wall\.audit/
/** Words without which a condition says nothing about rights. */
const OF_RIGHTS =
  /ctx|tenant|owner|assigned|home|status|expires|revoked|visibility|locked|built_in|parent_level|token|hash|used_at|sharing|may_|master|role\b/i
const LOCK = /pg_advisory_xact_lock(?:_shared)?\(/g
const ROW_LOCK = /\bfor (?:no key )?(?:update|share)\b(?: of \w+)?/g

interface FunctionRow {
  name: string
  body: string
  definition: string
}

/** The functions of the wall: their conditions, the refusals in them, and the locks that they take. */
export async function findFunctions(db: pg.Client): Promise<Mutant[]> {
  const { rows } = await db.query<FunctionRow>(
    `select p.proname as name, p.prosrc as body, pg_get_functiondef(p.oid) as definition
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    where n.nspname = 'wall' and p.prokind = 'f' and l.lanname in ('sql', 'plpgsql') order by 1, p.oid`,
  )
  return rows.flatMap((row) => (!decides(row) ? [] : [...conditions(row), ...locks(row)]))
}

const decides = ({ name, body }: FunctionRow): boolean =>
  (DECIDES.test(body) || NAMED.test(name)) && !TELLS.test(body) && !name.startsWith('audit_')

function changed(row: FunctionRow, kind: string, detail: string, body: string): Mutant {
  const at = row.definition.lastIndexOf(row.body)
  const sql = row.definition.slice(0, at) + body + row.definition.slice(at + row.body.length)
  return {
    id: `sql:${kind}:${row.name}:${word(detail)}`,
    kind: `database: ${kind}`,
    layer: 'no-filters',
    at: `wall.${row.name}`,
    sql: [sql],
  }
}

function conditions(row: FunctionRow): Mutant[] {
  const text = (one: Condition) => row.body.slice(one.from, one.to)
  const make = (kind: string) => (one: Condition) => changed(row, kind, text(one), without(row.body, one))
  const relevant = (one: Condition) => OF_RIGHTS.test(text(one))
  return [
    ...guardsOf(row.body).filter(relevant).map(make('guard')),
    ...conditionsOf(row.body).filter(relevant).map(make('condition')),
  ]
}

function locks(row: FunctionRow): Mutant[] {
  const cut = (from: number, to: number, by: string, detail: string) =>
    changed(row, 'lock', detail, row.body.slice(0, from) + by + row.body.slice(to))
  const advisory = [...row.body.matchAll(LOCK)].map(({ index, 0: call }) =>
    cut(index, index + call.length, 'coalesce(', call),
  )
  const rows = [...row.body.matchAll(ROW_LOCK)].map(({ index, 0: lock }) =>
    cut(index, index + lock.length, '', lock),
  )
  return [...advisory, ...rows, ...(advisory.length > 0 ? keys(row) : [])]
}

/** Whose locks are taken: each list of `unnest(a || b || c)` left out. */
function keys(row: FunctionRow): Mutant[] {
  const list = /unnest\(((?:[^()]|\([^()]*\))*\|\|(?:[^()]|\([^()]*\))*)\)/.exec(row.body)
  const parts = list?.[1]?.split('||') ?? []
  return parts.map((part, i) => {
    const rest = parts.filter((_, at) => at !== i).map((one) => one.trim())
    const [start, whole] = [(list?.index ?? 0) + 'unnest('.length, list?.[1] ?? '']
    const body = row.body.slice(0, start) + rest.join(' || ') + row.body.slice(start + whole.length)
    return changed(row, 'lock', `key:${part}`, body)
  })
}
