export type SortState = { id: string; desc: boolean }
export type TableParams = {
  q: string
  sort: SortState | null
  cursor: string | null
  /** The chosen values by facet id; facets without a choice are absent. */
  filters: Record<string, string[]>
}
type Source = URLSearchParams | { toString(): string } | Record<string, string | string[] | undefined>

function toSearchParams(source: Source): URLSearchParams {
  if (source instanceof URLSearchParams) return source
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(source as Record<string, string | string[] | undefined>)) {
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value])
      params.append(key, one)
  }
  return params
}

const MAX_TEXT = 200
const MAX_VALUES = 50

/**
 * Reads a table's state from a URL: `?q=web&sort=-name&cursor=…&status=live&status=offline`. For the browser and for a page's
 * `searchParams` alike. Only the facets named in `facets` are read; too long or too many values are cut. Values are not validated.
 */
export function parseTableParams(
  source: Source,
  facets: readonly string[] = [],
  defaultSort: SortState | null = null,
): TableParams {
  const params = toSearchParams(source)
  const sort = params.get('sort')
  const filters: Record<string, string[]> = {}
  for (const facet of facets) {
    const values = params.getAll(facet).filter(Boolean).slice(0, MAX_VALUES)
    if (values.length > 0) filters[facet] = values
  }
  return {
    q: (params.get('q') ?? '').slice(0, MAX_TEXT),
    sort: sort && sort !== '-' ? { id: sort.replace(/^-/, ''), desc: sort.startsWith('-') } : defaultSort,
    cursor: params.get('cursor') || null,
    filters,
  }
}

/** Writes a table's state into a query string, leaving other parameters as they are. Defaults are left out. */
export function writeTableParams(
  current: URLSearchParams,
  next: TableParams,
  facets: readonly string[] = [],
  defaultSort: SortState | null = null,
): string {
  const params = new URLSearchParams(current)
  for (const key of ['q', 'sort', 'cursor', ...facets]) params.delete(key)
  if (next.q) params.set('q', next.q)
  const isDefault = next.sort?.id === defaultSort?.id && next.sort?.desc === defaultSort?.desc
  if (next.sort && !isDefault) params.set('sort', `${next.sort.desc ? '-' : ''}${next.sort.id}`)
  for (const facet of facets) for (const value of next.filters[facet] ?? []) params.append(facet, value)
  if (next.cursor) params.set('cursor', next.cursor)
  return params.toString()
}
