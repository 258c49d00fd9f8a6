import pg from 'pg'

/** A value as a literal of SQL: only the model does that, as several statements in one trip take no bound values. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'object') return `${pg.escapeLiteral(JSON.stringify(value))}::jsonb`
  if (typeof value === 'boolean') return `${value}`
  return pg.escapeLiteral(value as string)
}
