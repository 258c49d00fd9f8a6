'use client'

import { KINDS } from '@/lib/resource-kinds/registry'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { SearchInput } from '@/ui/search-input'
import { Select } from '@/ui/select'
import type { useTableUrlState } from '@/ui/use-table-url-state'

interface Props {
  table: ReturnType<typeof useTableUrlState>
  clouds: readonly { id: string; name: string }[]
}

/** Which resources are rows, and which tenants are columns; kept in the URL. */
export function MatrixFilters({ table, clouds }: Props) {
  const { filters, setFilter } = table
  const one = (facet: string) => filters[facet]?.[0] ?? ''
  const set = (facet: string) => (value: string) => setFilter(facet, value === '' ? [] : [value])
  return (
    <div role="search" aria-label="Filter the matrix" className="flex flex-wrap items-center gap-2">
      <SearchInput
        value={table.q}
        onChange={table.setQ}
        label="Search resources"
        placeholder="Search resources"
        className="w-full sm:w-52"
      />
      <SearchInput
        value={one('tenants')}
        onChange={set('tenants')}
        label="Search tenants"
        placeholder="Search tenants"
        className="w-full sm:w-44"
      />
      <Select
        aria-label="Kind"
        placeholder="All kinds"
        options={KINDS.map(({ kind, plural }) => ({ value: kind, label: plural }))}
        value={one('kind')}
        onChange={(event) => set('kind')(event.target.value)}
        className="w-40 max-sm:min-w-36 max-sm:flex-1"
      />
      {clouds.length > 0 && (
        <Select
          aria-label="Cloud"
          placeholder="All clouds"
          options={clouds.map(({ id, name }) => ({ value: id, label: name }))}
          value={one('cloud')}
          onChange={(event) => set('cloud')(event.target.value)}
          className="w-40 max-sm:min-w-36 max-sm:flex-1"
        />
      )}
      <Checkbox
        label="Only where tenants differ"
        checked={one('differing') === 'yes'}
        onChange={(event) => set('differing')(event.target.checked ? 'yes' : '')}
        className="mx-1"
      />
      {table.filtered && (
        <Button variant="ghost" onClick={table.clearFilters}>
          Clear filters
        </Button>
      )}
    </div>
  )
}
