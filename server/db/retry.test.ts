import pg from 'pg'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retrying } from '@/server/db/retry'
import { PrismaClient } from '@/server/generated/prisma/client'
import { createEmptyDatabase, type TestDatabase } from '@/test/database'

let db: TestDatabase
let pool: pg.Pool
let prisma: PrismaClient

beforeAll(async () => {
  db = await createEmptyDatabase()
  pool = new pg.Pool({ connectionString: db.adminUrl, max: 16 })
  pool.on('error', () => undefined)
  await pool.query('create table counter (id int primary key, n int not null)')
  await pool.query('insert into counter select i, 0 from generate_series(1, 20) i')
  // Deadlocks are found as they happen, not after a second.
  await pool.query(`alter database ${db.name} set deadlock_timeout = '20ms'`)
  await pool.end()
  pool = new pg.Pool({ connectionString: db.adminUrl, max: 16 })
  pool.on('error', () => undefined)
  prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) })
})
afterAll(async () => {
  await prisma.$disconnect()
  await pool.end()
  await db.drop()
})

type Meet = () => Promise<unknown>
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Updates two rows, one after the other, as Prisma's raw statements. */
const both = (a: number, b: number, meet: Meet) =>
  prisma.$transaction(
    async (tx) => {
      await tx.$executeRaw`update counter set n = n + 1 where id = ${a}`
      await meet()
      await tx.$executeRaw`update counter set n = n + 1 where id = ${b}`
    },
    { maxWait: 15_000, timeout: 15_000 },
  )

/** The same with pg alone. */
async function bothPlain(a: number, b: number, meet: Meet): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('update counter set n = n + 1 where id = $1', [a])
    await meet()
    await client.query('update counter set n = n + 1 where id = $1', [b])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

async function addSerializable(meet: Meet): Promise<void> {
  await prisma.$transaction(
    async (tx) => {
      const rows = await tx.$queryRaw<{ n: number }[]>`select n from counter where id = 1`
      await meet()
      await tx.$executeRaw`update counter set n = ${(rows[0]?.n ?? 0) + 1} where id = 1`
    },
    { isolationLevel: 'Serializable', maxWait: 15_000, timeout: 15_000 },
  )
}

/** Runs two transactions that each wait for the other halfway, at their first try. @returns how many tries there were */
async function colliding(...runs: ((meet: Meet) => Promise<unknown>)[]): Promise<number> {
  let [tries, arrived] = [0, 0]
  const meet = async () => {
    for (arrived++; arrived < runs.length;) await sleep(5)
  }
  const one = (run: (meet: Meet) => Promise<unknown>) =>
    retrying(() => {
      tries++
      return run(meet)
    })
  await Promise.all(runs.map(one))
  return tries
}

const total = async () => {
  const { rows } = await pool.query<{ n: number }>('select sum(n)::int as n from counter')
  return rows[0]?.n
}
const reset = () => pool.query('update counter set n = 0')

describe('retrying', () => {
  it('R18 lets 16 writers that lock the same rows in any order all succeed', async () => {
    await reset()
    let tries = 0
    const random = () => 1 + Math.floor(Math.random() * 20)
    const writer = async () => {
      for (let i = 0; i < 6; i++) {
        const a = random()
        const b = (a % 20) + 1
        const [first, second] = Math.random() < 0.5 ? [a, b] : [b, a]
        await retrying(() => {
          tries++
          return both(first, second, () => sleep(5))
        })
      }
    }
    await Promise.all(Array.from({ length: 16 }, writer))
    expect(await total()).toBe(16 * 6 * 2)
    expect(tries).toBeGreaterThanOrEqual(96)
  }, 60_000)

  it('R18 runs the victim of a certain deadlock again, from Prisma and from pg', async () => {
    await reset()
    expect(
      await colliding(
        (meet) => both(1, 2, meet),
        (meet) => both(2, 1, meet),
      ),
    ).toBe(3)
    expect(await total()).toBe(4)
    expect(
      await colliding(
        (meet) => bothPlain(1, 2, meet),
        (meet) => bothPlain(2, 1, meet),
      ),
    ).toBe(3)
    expect(await total()).toBe(8)
  }, 30_000)

  it('R18 runs a serialization failure again', async () => {
    await reset()
    expect(await colliding(addSerializable, addSerializable)).toBe(3)
    expect(await total()).toBe(2)
  }, 30_000)

  it('gives up after five tries, and never tries again what is merely wrong', async () => {
    const failing = (error: object) => {
      const seen = { tries: 0 }
      const done = retrying(() => {
        seen.tries++
        return Promise.reject(Object.assign(new Error('no'), error))
      })
      return done.catch(() => seen.tries)
    }
    expect(await failing({ code: '40P01' })).toBe(5)
    expect(await failing({ code: 'P2034' })).toBe(5)
    expect(
      await failing({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '40001' } } } }),
    ).toBe(5)
    expect(await failing({ code: '23505', detail: 'Key (name)=(40001) already exists' })).toBe(1)
    expect(await failing({ code: 'P2002', meta: { target: '40P01' } })).toBe(1)
    expect(await failing({})).toBe(1)
  })
})
