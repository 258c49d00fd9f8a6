import { EventEmitter } from 'node:events'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { wallKey } from '@/server/db/context-token'
import { PrismaClient } from '@/server/generated/prisma/client'
import type { World } from '@/test/world'
import type { Connection, Serving } from './connection'

/** Where server/db/runtime.ts keeps the process's pools. */
const SLOT = Symbol.for('freehold.database')
const slot = globalThis as unknown as Record<symbol, unknown>

type Query = { text: string; values?: unknown[] }

/**
 * Lets all of the product's code run on the sequence's one connection: what begins a transaction begins a savepoint, as the
 * role whose pool it is. Whoever asks for a connection waits until the one before has given it back.
 * @returns what puts the world's own pools back
 */
export function share(connection: Connection, world: World): () => Promise<void> {
  let free: Promise<unknown> = Promise.resolve()
  const take = async (): Promise<() => void> => {
    const before = free
    let done: () => void = () => undefined
    free = new Promise<void>((resolve) => (done = resolve))
    await before
    return done
  }
  const pools = (['tenant', 'master', 'union', 'system'] as const).map(
    (serving) => new SharedPool(connection, serving, take),
  )
  const [tenant, master, union, system] = pools as [SharedPool, SharedPool, SharedPool, SharedPool]
  const prismas = [tenant, master, union].map(
    (pool) =>
      new PrismaClient({
        adapter: new PrismaPg(pool, { disposeExternalPool: false }),
        errorFormat: 'minimal',
      }),
  )
  const [ofTenant, ofMaster, ofUnion] = prismas
  const own = slot[SLOT]
  slot[SLOT] = {
    clients: { tenant: ofTenant, master: ofMaster, union: ofUnion },
    system,
    key: wallKey(world.database.secret),
    prepare: false,
    close: async () => undefined,
  }
  return async () => {
    slot[SLOT] = own
    await Promise.all(prismas.map((prisma) => prisma.$disconnect()))
    await Promise.all(pools.map((pool) => pool.end()))
  }
}

/** Hands out the one connection; a query of its own is a transaction of its own. */
class SharedPool extends pg.Pool {
  constructor(
    private readonly connection: Connection,
    private readonly serving: Serving,
    private readonly take: () => Promise<() => void>,
  ) {
    super()
  }
  override connect = (async () => {
    const done = await this.take()
    return new Lent(this.connection, this.serving, done) as unknown as pg.PoolClient
  }) as never
  override query = (async (query: Query) => {
    const done = await this.take()
    const lent = new Lent(this.connection, this.serving, done)
    try {
      await lent.query({ text: 'BEGIN' })
      const result = await lent.query(query)
      await lent.query({ text: 'COMMIT' })
      return result
    } catch (error) {
      await lent.query({ text: 'ROLLBACK' })
      throw error
    } finally {
      lent.release()
    }
  }) as never
}

class Lent extends EventEmitter {
  constructor(
    private readonly connection: Connection,
    private readonly serving: Serving,
    readonly release: () => void,
  ) {
    super()
  }
  async query(query: Query): Promise<unknown> {
    const { db, asSent, roleOf } = this.connection
    const instead: Record<string, string> = {
      BEGIN: `savepoint app; set local role ${roleOf(this.serving)}`,
      COMMIT: 'reset role; release savepoint app',
      ROLLBACK: 'rollback to savepoint app; release savepoint app',
    }
    const other = instead[query.text]
    if (other === undefined) {
      const text = this.serving === 'system' ? query.text : asSent(query.text)
      return db.query(Object.assign(Object.create(query) as pg.QueryConfig, { text }))
    }
    const results = (await db.query(other)) as unknown as pg.QueryResult[]
    return results.at(-1)
  }
}
