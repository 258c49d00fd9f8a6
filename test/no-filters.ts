import pg from 'pg'

/** A comparison of a row's tenant with a bound value, where statements choose rows. */
const FILTER =
  /(?<=\b(?:where|and|or|on)\s+\(*)((?:"?\w+"?\.)*"?(?:tenant_id|home_tenant_id|owner_id|assigned_id)"?)\s*=\s*(\$\d+(?:::uuid)?)/gi
const SERVING = /_(?:tenant|master|union)$/

/** The statement with every filter by tenant made true: what is left is what row-level security holds alone (attack A11). */
export const withoutFilters = (sql: string): string => sql.replace(FILTER, '($1 = $2 or true)')

type Query = (this: pg.Client, first: unknown, ...rest: unknown[]) => unknown
let installed = false

/** Takes the filters out of every statement that this process's serving roles send, below Prisma and all of our code. */
export function switchFiltersOff(): void {
  if (installed) return
  installed = true
  const original = pg.Client.prototype.query as unknown as Query
  const patched: Query = function (first, ...rest) {
    if (!SERVING.test(this.user ?? '')) return original.call(this, first, ...rest)
    if (typeof first === 'string') return original.call(this, withoutFilters(first), ...rest)
    const config = first as { text?: unknown }
    const changed =
      typeof config?.text === 'string'
        ? Object.assign(Object.create(Object.getPrototypeOf(config) as object), config, {
            text: withoutFilters(config.text),
          })
        : first
    return original.call(this, changed, ...rest)
  }
  pg.Client.prototype.query = patched as never
}
