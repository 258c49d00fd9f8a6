import pg from 'pg'
import { statementsOf } from './by-sql'
import type { Connection } from './connection'
import type { Op, Verdict } from './ops'
import { homeOf, type State } from './state'

export type Outcome = 'done' | 'refused'

/** Whether an operation is tried: what only the service refuses is not asked of the wall, and without policies nothing is. */
export const isTried = ({ layer }: Connection, verdict: Verdict): boolean =>
  verdict === 'ok' || (verdict === 'wall' && layer !== 'no-policies')

/** What a database answers that does not let somebody do something. */
const REFUSALS = ['42501', '23001', '23503', '23505', '23514']

/** Does one operation for real: as SQL of its actor's own, under the signed context of their tenant. */
export async function run({ db, become }: Connection, state: State, op: Op): Promise<Outcome> {
  const [first = '', ...rest] = statementsOf(state, op)
  // Time is nobody's operation.
  const actor =
    op.op === 'expire' ? 'set local session_replication_role = replica;' : become(homeOf(op.by), op.by)
  const before = `savepoint op; ${actor}`
  const sent = `${before} ${[first, ...rest].join(';\n')}; set local session_replication_role = origin`
  try {
    const text = op.op === 'expire' ? sent : `${before} ${[first, ...rest].join(';\n')}`
    const results = (await db.query(text)) as unknown as pg.QueryResult[]
    const hit = results[op.op === 'expire' ? 2 : 3]?.rowCount ?? 0
    await db.query(
      hit > 0 ? 'reset role; release savepoint op' : 'rollback to savepoint op; release savepoint op',
    )
    return hit > 0 ? 'done' : 'refused'
  } catch (error) {
    await db.query('rollback to savepoint op; release savepoint op')
    if (error instanceof pg.DatabaseError && REFUSALS.includes(error.code ?? '')) return 'refused'
    throw error
  }
}
