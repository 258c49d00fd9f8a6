import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { signContext, type ContextMode } from '@/server/db/context-token'
import { hostLimitError, hostLimitOf } from '@/server/db/host-limit'
import { retrying } from '@/server/db/retry'
import { database, type ScopeRole } from '@/server/db/runtime'
import type { Prisma } from '@/server/generated/prisma/client'
import { AppError, denied } from '@/server/platform/errors'
import { buildAuthority, type AuthRow } from '@/server/context/authority'
import { assertAllowed } from '@/server/authz/assert'
import { type AuditEntry, writeAudit } from '@/server/db/audit-write'

declare const scoped: unique symbol
/** A transaction inside a scope: repositories accept nothing else, and there is no other way to the database. */
export type Tx = Prisma.TransactionClient & { readonly [scoped]: 'read' | 'write' }
/** As Tx, in a transaction that may write. */
export type WriteTx = Tx & { readonly [scoped]: 'write' }

const TIMES = { maxWait: 5000, timeout: 10_000 }
/** A task may move a million rows. */
const TASK_TIMES = { maxWait: 5000, timeout: 30 * 60_000 }
/** One statement on thousands of things, and its commit; below what server/db/liveness.ts takes for a dead line. */
const LONG_STATEMENT = '30s'
/** "What if" of thousands of things, which somebody waits for. */
const PATIENT_TIMES = { maxWait: 5000, timeout: 60_000 }
const timesOf = (op: ScopeOp) => (op.task ? TASK_TIMES : TIMES)

/** What a scope needs to know of an operation: a real one, or a job's. */
export type ScopeOp = Pick<
  SignedInOp,
  'tenant' | 'actor' | 'session' | 'call' | 'requestId' | 'ip' | 'task'
> &
  Partial<Pick<SignedInOp, 'impersonator'>>

function enter(op: ScopeOp, mode: ContextMode, tenantId: string): string {
  const userId = op.actor.userId
  // Whoever asked for a task may have signed out meanwhile: their rights count, not their session.
  if (op.task && mode === 'user')
    return signContext(database().key, { mode: 'job', tenantId, userId, sessionId: null })
  return signContext(database().key, { mode, tenantId, userId, sessionId: op.session.id })
}

const roleOf = (op: ScopeOp): ScopeRole => (op.tenant.isMaster ? 'master' : 'tenant')

export interface ReadOptions {
  /**
   * PostgreSQL keeps one plan of each statement for all values, and does not weigh it against planning anew: for lists behind the wall, where
   * planning takes longer than the list. Only where no limit is a bound value, of which nothing is known when such a plan is made.
   */
  keepPlans?: boolean
}

/** Reads in the acting tenant, in a read-only transaction behind the wall. No network call may happen inside. */
export function inTenant<T>(op: ScopeOp, fn: (tx: Tx) => Promise<T>, options: ReadOptions = {}): Promise<T> {
  return reading(roleOf(op), enter(op, 'user', op.tenant.id), fn, options)
}

/** Reads in a subtenant on the master's behalf: the drill-in of rule 2. The caller has the permission and writes the audit rows. */
export function inDrill<T>(op: ScopeOp, tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  assertMaster(op)
  return reading('tenant', enter(op, 'provider', tenantId), fn)
}

/** Reads in a tenant for nobody in particular: jobs and commands of the operator. In the master tenant: as the master. */
export function asJob<T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const context = signContext(database().key, { mode: 'job', tenantId, userId: null, sessionId: null })
  return reading(tenantId === MASTER_TENANT_ID ? 'master' : 'tenant', context, fn)
}

/** Reads over all enabled memberships of the person ("All my tenants"). */
export function inUnion<T>(op: ScopeOp, fn: (tx: Tx) => Promise<T>, options: ReadOptions = {}): Promise<T> {
  const context = signContext(database().key, {
    mode: 'union',
    tenantId: null,
    userId: op.actor.userId,
    sessionId: op.session.id,
  })
  return reading('union', context, fn, options)
}

function reading<T>(
  role: ScopeRole,
  context: string,
  fn: (tx: Tx) => Promise<T>,
  { keepPlans = false }: ReadOptions = {},
): Promise<T> {
  return database().clients[role].$transaction(async (tx) => {
    if (keepPlans)
      await tx.$executeRaw`select wall.enter(${context}, false, null, null), set_config('plan_cache_mode', 'force_generic_plan', true)`
    else await tx.$executeRaw`select wall.enter(${context}, false, null, null)`
    return fn(tx as Tx)
  }, TIMES)
}

export interface MutateOptions {
  /** Tenants whose exclusive lock is taken: what takes rights away waits for writes under way, and they for it. */
  exclusive?: string[]
  /** Acts on the people of this subtenant as its provider; both logs get the audit row. */
  provider?: string
}

export interface Mutation {
  tx: WriteTx
  /** Who acts, with the rights read again under the locks: what a person gives or does is decided by these. */
  fresh: Pick<SignedInOp, 'gate' | 'tenant' | 'actor' | 'impersonator' | 'rights' | 'reach'>
  /** Says what happened, once: becomes the audit row(s) of this transaction (rule 15). */
  audit: (entry: AuditEntry) => void
  /** Runs after the commit: mail, webhooks, clouds. */
  after: (effect: () => Promise<void>) => void
}

/**
 * Writes in the acting tenant, or as `provider` on the people of a subtenant. Takes the tenants' locks, reads the rights
 * again under them, runs `fn`, writes its audit row, commits: a right that was taken away in the meantime refuses here.
 * @throws AppError of the re-check; Error when `fn` says nothing to the audit log
 */
export async function mutate<T>(
  op: ScopeOp,
  fn: (m: Mutation) => Promise<T>,
  options: MutateOptions = {},
): Promise<T> {
  if (options.provider) assertMaster(op)
  const effects: (() => Promise<void>)[] = []
  const result = await retrying(() => {
    effects.length = 0
    return writing(op, fn, options, effects)
  }).catch((error: unknown) => refuse(op, error))
  if (op.call) op.call.audited = true
  for (const effect of effects) await effect()
  return result
}

function writing<T>(
  op: ScopeOp,
  fn: (m: Mutation) => Promise<T>,
  options: MutateOptions,
  effects: (() => Promise<void>)[],
): Promise<T> {
  const role = options.provider ? 'tenant' : roleOf(op)
  const context = enter(op, options.provider ? 'provider' : 'user', options.provider ?? op.tenant.id)
  const shared = options.provider ? [op.tenant.id, options.provider] : [op.tenant.id]
  return database().clients[role].$transaction(async (bare) => {
    const tx = bare as WriteTx
    if (op.task) await tx.$executeRaw`select set_config('statement_timeout', ${LONG_STATEMENT}, true)`
    await tx.$executeRaw`select wall.enter(${context}, true, ${shared}::uuid[], ${options.exclusive ?? []}::uuid[])`
    const fresh = await recheck(op, tx)
    let entry: AuditEntry | undefined
    const result = await fn({
      tx,
      fresh,
      audit: (e) => void (entry = e),
      after: (effect) => void effects.push(effect),
    })
    if (!entry) throw new Error(`${op.call?.name ?? 'job'}: a mutation says what happened to the audit log`)
    await writeAudit(tx, op, entry, options.provider)
    return result
  }, timesOf(op))
}

/** @throws AppError 402 in words where the pool of hosts refused, else the error itself */
function refuse(op: ScopeOp, error: unknown): never {
  const limit = hostLimitOf(error)
  throw limit ? hostLimitError(limit, op.tenant.id) : error
}

class RolledBack extends Error {
  constructor(readonly result: unknown) {
    super('rolled back')
  }
}

/**
 * What a mutation would do: runs it in a transaction of its own, without locks and audit, and rolls it back ("what if").
 * The rights are read again, as they will be then. @param options.patient up to a minute: for thousands of things
 * @returns what `fn` returns @throws what `fn` throws
 */
export async function rehearse<T>(
  op: ScopeOp,
  fn: (tx: WriteTx, fresh: Mutation['fresh']) => Promise<T>,
  options: Pick<MutateOptions, 'provider'> & { patient?: boolean } = {},
): Promise<T> {
  if (options.provider) assertMaster(op)
  const times = options.patient ? PATIENT_TIMES : TIMES
  if (op.impersonator?.readOnly) throw denied('You are here to look: this impersonation is read-only')
  const role = options.provider ? 'tenant' : roleOf(op)
  const context = enter(op, options.provider ? 'provider' : 'user', options.provider ?? op.tenant.id)
  try {
    await database().clients[role].$transaction(async (bare) => {
      const tx = bare as WriteTx
      if (options.patient)
        await tx.$executeRaw`select set_config('statement_timeout', ${LONG_STATEMENT}, true)`
      await tx.$executeRaw`select wall.enter(${context}, true, null, null)`
      throw new RolledBack(await fn(tx, await recheck(op, tx)))
    }, times)
  } catch (error) {
    if (error instanceof RolledBack) return error.result as T
    return refuse(op, error)
  }
  throw new Error('a rehearsal is always rolled back')
}

async function recheck(op: ScopeOp, tx: WriteTx): Promise<Mutation['fresh']> {
  if (!op.call) throw new Error('a mutation is made by an authorised procedure')
  const row = op.task ? await authorityOfTask(tx, op.task.id) : await authorityOfSession(op, tx)
  // Of no other session or task than the one that the context was signed for: the database answers for that one alone.
  if (!row?.session) throw new AppError('unauthenticated', 'Sign in again')
  const now = { ...op, ...buildAuthority(row) }
  assertAllowed(now, op.call.declaration)
  const { gate, tenant, actor, impersonator, rights, reach } = now
  return { gate, tenant, actor, impersonator, rights, reach }
}

async function authorityOfSession(op: ScopeOp, tx: Tx): Promise<AuthRow | null> {
  const rows = await tx.$queryRaw<{ value: AuthRow | null }[]>`
    select wall.auth_again_at(${Buffer.from(op.session.tokenHash, 'hex')}, ${op.tenant.slug}, ${op.ip}) as value`
  return rows[0]?.value ?? null
}

/** What who asked for a running task may do now; null: nothing any more. Only inside that task. */
export async function authorityOfTask(tx: Tx, taskId: string): Promise<AuthRow | null> {
  const rows = await tx.$queryRaw<
    { value: AuthRow | null }[]
  >`select wall.auth_of_task(${taskId}::uuid) as value`
  return rows[0]?.value ?? null
}

function assertMaster(op: ScopeOp): void {
  if (!op.tenant.isMaster) throw new Error('only the master acts in other tenants')
}
