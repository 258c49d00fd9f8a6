import type { ResourceFilters } from '@/server/features/resources/resources.schema'
import type { Facet } from '@/ui/data-table-types'

interface Table {
  filters: Record<string, string[]>
  setFilter: (facet: string, values: string[]) => void
}

/** Facets that the page of a kind keeps in its URL. Not beside the reading of them: that needs zod, which no browser needs for a list. */
export const RESOURCE_FACETS = ['cloud', 'group', 'tag', 'tenant'] as const

/** The facets of a kind's list: those with something to choose from. */
export function facetsOf({ clouds, groups, tags, tenants }: ResourceFilters, table: Table): Facet[] {
  const byId = (all: readonly { id: string; name: string }[]) =>
    all.map(({ id, name }) => ({ value: id, label: name }))
  const all = [
    { id: 'cloud', label: 'Cloud', options: byId(clouds) },
    { id: 'group', label: 'Group', options: byId(groups) },
    { id: 'tag', label: 'Tag', options: tags.map((tag) => ({ value: tag, label: tag })) },
    { id: 'tenant', label: 'Tenant', options: byId(tenants) },
  ]
  return all
    .filter(({ id, options }) => options.length > 0 || table.filters[id])
    .map((facet) => ({
      ...facet,
      single: true,
      value: table.filters[facet.id] ?? [],
      onChange: (value) => table.setFilter(facet.id, value),
    }))
}
