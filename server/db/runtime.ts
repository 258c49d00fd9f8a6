import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { assertCannotBypass } from '@/server/db/assert-roles'
import { wallKey } from '@/server/db/context-token'
import { watchLiveness } from '@/server/db/liveness'
import { statementNames } from '@/server/db/statement-names'
import { roleUrl } from '@/server/db/urls'
import { PrismaClient } from '@/server/generated/prisma/client'
import type { Env } from '@/server/platform/env'

/** The database roles that Prisma speaks as; `system` calls functions only and has a plain pool. */
export type ScopeRole = 'tenant' | 'master' | 'union'

/** A request that gets no connection within this time is refused with 503 (fault R06). */
const CONNECT_WITHIN_MS = 4500

/** What a scope may use of a client: nothing but a transaction. A bare call on it does not exist, so none can be made. */
export type TransactionsOnly = Pick<PrismaClient, '$transaction'>

interface Runtime {
  clients: Record<ScopeRole, TransactionsOnly>
  system: pg.Pool
  key: Buffer
  prepare: boolean
  close: () => Promise<void>
}

// Next bundles its own copy of this module beside the server's: both must share one set of pools.
const SLOT = Symbol.for('freehold.database')
const slot = globalThis as typeof globalThis & { [SLOT]?: Runtime }

export interface ConnectOptions {
  runtimeUrl: string
  secret: string
  env: Pick<Env, 'POOL_TENANT_MAX' | 'POOL_MASTER_MAX' | 'POOL_UNION_MAX' | 'POOL_SYSTEM_MAX'>
  /** The URL of a role; replaced in tests that show what one layer alone holds. */
  urlOf?: (role: ScopeRole | 'system') => string
  /** Named prepared statements; not behind PgBouncer in transaction mode. */
  prepare?: boolean
  /** Skips the check that no pool can bypass the wall: only the test of the application layer alone sets it. */
  allowBypass?: boolean
}

/** Opens the pools, checks that none can bypass the wall, and makes them the process's own. @throws Error (K01) */
export async function connectDatabase(options: ConnectOptions): Promise<Runtime> {
  const urlOf = options.urlOf ?? ((role) => roleUrl(options.runtimeUrl, role, options.secret))
  const liveness = watchLiveness(urlOf('system'))
  const open = (role: ScopeRole | 'system', max: number) => {
    const pool = new pg.Pool({
      Client: liveness.Client,
      connectionString: urlOf(role),
      max,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    })
    pool.on('error', () => undefined) // an idle connection died: the pool opens another
    return pool
  }
  const pools = {
    tenant: open('tenant', options.env.POOL_TENANT_MAX),
    master: open('master', options.env.POOL_MASTER_MAX),
    union: open('union', options.env.POOL_UNION_MAX),
    system: open('system', options.env.POOL_SYSTEM_MAX),
  }
  try {
    if (!options.allowBypass) for (const pool of Object.values(pools)) await assertCannotBypass(pool)
  } catch (error) {
    liveness.stop()
    await Promise.all(Object.values(pools).map((pool) => pool.end()))
    throw error
  }
  const prepare = options.prepare ?? false
  const client = (pool: pg.Pool) => prismaOn(pool, prepare)
  const clients = { tenant: client(pools.tenant), master: client(pools.master), union: client(pools.union) }
  const runtime: Runtime = {
    clients: { tenant: fence(clients.tenant), master: fence(clients.master), union: fence(clients.union) },
    system: pools.system,
    key: wallKey(options.secret),
    prepare,
    close: async () => {
      if (slot[SLOT] === runtime) delete slot[SLOT]
      liveness.stop()
      await Promise.all(Object.values(clients).map((c) => c.$disconnect()))
      await Promise.all(Object.values(pools).map((pool) => pool.end()))
    },
  }
  slot[SLOT] = runtime
  return runtime
}

function prismaOn(pool: pg.Pool, prepare: boolean): PrismaClient {
  const names = prepare ? { statementNameGenerator: statementNames() } : {}
  const adapter = new PrismaPg(pool, { disposeExternalPool: false, ...names })
  return new PrismaClient({ adapter, errorFormat: 'minimal' })
}

/** Only transactions: Prisma merges same-tick findUnique calls of different requests into one query (database.md 3b). */
function fence(prisma: PrismaClient): TransactionsOnly {
  return { $transaction: prisma.$transaction.bind<PrismaClient['$transaction']>(prisma) }
}

/** @throws Error before connectDatabase */
export function database(): Runtime {
  const runtime = slot[SLOT]
  if (!runtime) throw new Error('The database is not connected')
  return runtime
}
