import pg from 'pg'
import { call } from '@/server/sweep/call'
import type { World } from '@/test/world'
import { CALLS } from './by-app'
import { statementsOf } from './by-sql'
import type { Connection } from './connection'
import { give } from './ids'
import { MAY } from './may'
import { grantKey, type Op, type OpName, type OpOf, type Verdict } from './ops'
import { homeOf, type State } from './state'

export type Outcome = 'done' | 'refused'

const callOf = (op: Op) =>
  CALLS[op.op] as
    | ((op: Op, state: State, connection: Connection) => ReturnType<NonNullable<(typeof CALLS)['edit']>>)
    | undefined

/** Whether roles or scopes speak of a slot already: they do so by its id. */
function isNamed({ roles, assignments }: State, slot: string): boolean {
  const text = JSON.stringify([roles, assignments])
  return text.includes(`"${slot}"`) || text.includes(`:${slot}"`)
}

/**
 * What the procedures do otherwise than the model's operation: what is made gets an id of its own, which no role named before; a
 * cloud takes along what is in it by another one, sharing again changes the share, a change also renews its end, and who a thing
 * is shared with leaves by another one.
 */
function isOther(state: State, op: Op): boolean {
  switch (op.op) {
    case 'create':
      return isNamed(state, op.slot)
    case 'assign':
      return state.resources[op.slot]?.kind === 'cloud'
    case 'grant':
      return state.grants[grantKey(op.slot, op.to)] !== undefined
    case 'changeGrant':
      return state.grants[grantKey(op.slot, op.to)]?.expired === true
    case 'revoke':
      return op.to === homeOf(op.by)
    default:
      return false
  }
}

/** Whether there is a procedure for it, and somebody to call it: nobody is at work in a disabled tenant. */
export const isServed = (state: State, op: Op): boolean =>
  callOf(op) !== undefined && op.op !== 'expire' && !isOther(state, op) && state.tenants[homeOf(op.by)].active

/**
 * What is to become of an operation by SQL of the actor's own, or by the procedure. Null: it is not tried; what only a service
 * refuses is not asked of the wall, and without policies nothing is.
 */
export function expected(
  connection: Connection,
  state: State,
  op: Op,
  verdict: Verdict,
  served: boolean,
): Outcome | null {
  if (verdict === 'skip') return null
  if (!served && (verdict === 'service' || (verdict === 'wall' && connection.layer === 'no-policies')))
    return null
  const may = MAY[op.op] as ((state: State, op: OpOf<OpName>) => boolean) | undefined
  return verdict === 'ok' && (!served || !may || may(state, op)) ? 'done' : 'refused'
}

/** What a database answers that does not let somebody do something. */
const REFUSALS = ['42501', '23001', '23503', '23505', '23514']
const TIMELESS = `set local session_replication_role = replica;`

/** Does one operation as SQL of its actor's own, under the signed context of their tenant; time is nobody's operation. */
export async function runSql({ db, become, layer }: Connection, state: State, op: Op): Promise<Outcome> {
  const timely = op.op === 'expire'
  const before = timely ? TIMELESS : become(homeOf(op.by), op.by)
  const after = timely ? '; set local session_replication_role = origin' : ''
  try {
    const text = `savepoint op; ${before} ${statementsOf(state, op, layer).join(';\n')}${after}`
    const results = (await db.query(text)) as unknown as pg.QueryResult[]
    // Of a statement that is refused by a policy it is as if there were no row
    const hit = results[timely ? 2 : 3]?.rowCount ?? 0
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

/** Does one operation by its procedure, as the person at their tenant's host. @throws Error for an answer that nobody should get */
export async function runApp(connection: Connection, world: World, state: State, op: Op): Promise<Outcome> {
  if (op.op === 'expire') throw new Error('nobody calls time')
  const wanted = await callOf(op)?.(op, state, connection)
  if (!wanted) throw new Error(`no procedure for ${op.op}`)
  const answer = await call(world, op.by, { name: wanted.name, type: 'mutation' }, wanted.input)
  // One's own sharing address is no secret: that it is one's own is said
  const toItself = op.op === 'grant' && op.to === homeOf(op.by)
  if (![200, 403, 404, 409, ...(toItself ? [400] : [])].includes(answer.status))
    throw new Error(
      `${wanted.name} answered ${answer.status}: ${answer.text}\n${JSON.stringify(wanted.input)}`,
    )
  if (answer.status === 200 && wanted.makes) give(wanted.makes, (answer.data as { id: string }).id)
  return answer.status === 200 ? 'done' : 'refused'
}
