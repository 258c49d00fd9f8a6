import { sqlStateOf } from '@/server/platform/sql-state'

/** Serialization failure and deadlock; P2034 is Prisma's word for both. */
const RETRYABLE = new Set(['40001', '40P01', 'P2034'])
const TRIES = 5

/** Runs a transaction again when PostgreSQL chose it as the victim of a deadlock or a serialization failure (fault R18). */
export async function retrying<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt >= TRIES || !RETRYABLE.has(sqlStateOf(error))) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt))
    }
  }
}
