interface AdapterCause {
  originalCode?: unknown
  kind?: unknown
}
interface DatabaseErrorLike {
  code?: unknown
  /** Prisma's own errors keep the adapter's in here. */
  meta?: { driverAdapterError?: { cause?: AdapterCause } }
  /** Of the adapter's error itself, which comes bare from the ends of a transaction. */
  cause?: AdapterCause | null
}

/** What the adapter says of a line that is gone, as Prisma codes it: no server has spoken, so there is no SQLSTATE. */
const LINE: Record<string, string> = {
  DatabaseNotReachable: 'P1001',
  SocketTimeout: 'P1008',
  ConnectionClosed: 'P1017',
}

const stateOf = (cause: AdapterCause | null | undefined): unknown =>
  cause?.originalCode ?? (typeof cause?.kind === 'string' ? LINE[cause.kind] : undefined)

/**
 * What a database error says it is: PostgreSQL's SQLSTATE, else Node's or Prisma's code; empty for anything else. Prisma
 * keeps the SQLSTATE of what it did not expect, or of a raw query, in `meta`; its adapter in `cause`.
 */
export function sqlStateOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const { code, meta, cause } = error as DatabaseErrorLike
  const state = stateOf(meta?.driverAdapterError?.cause) ?? code ?? stateOf(cause)
  return typeof state === 'string' ? state : ''
}
