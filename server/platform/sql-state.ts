interface DatabaseErrorLike {
  code?: unknown
  meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } }
}

/**
 * What a database error says it is: PostgreSQL's SQLSTATE, else Node's or Prisma's code; empty for anything else. Prisma
 * keeps the SQLSTATE of what it did not expect, or of a raw query, in `meta`.
 */
export function sqlStateOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const { code, meta } = error as DatabaseErrorLike
  const state = meta?.driverAdapterError?.cause?.originalCode ?? code
  return typeof state === 'string' ? state : ''
}
