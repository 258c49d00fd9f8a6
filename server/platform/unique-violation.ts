/**
 * Whether a statement failed because another row has the value already (SQLSTATE 23505), as Prisma reports it from a model
 * call (P2002) or from raw SQL (P2010). After it the transaction is lost: catch it outside.
 */
export function isUniqueViolation(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, meta } = error as { code?: unknown; meta?: unknown }
  return code === 'P2002' || (code === 'P2010' && JSON.stringify(meta ?? null).includes('23505'))
}
