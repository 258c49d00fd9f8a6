const RETRYABLE = /40001|40P01/
const TRIES = 5

/** Runs a transaction again when PostgreSQL chose it as the victim of a deadlock or a serialization failure (fault R18). */
export async function retrying<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt >= TRIES || !isRetryable(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt))
    }
  }
}

function isRetryable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, meta, cause } = error as { code?: unknown; meta?: unknown; cause?: unknown }
  return (
    code === 'P2034' ||
    RETRYABLE.test(`${String(code)} ${JSON.stringify(meta ?? null)} ${JSON.stringify(cause ?? null)}`)
  )
}
