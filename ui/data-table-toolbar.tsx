'use client'
import { CirclePlus, Columns3, Download, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button'
import { buttonVariants } from './button-variants'
import { cn } from './cn'
import type { Column, Facet } from './data-table-types'
import { DropdownMenu } from './dropdown-menu'
import { IconButton } from './icon-button'
import { MenuCheckboxItem, MenuItem, MenuLabel, MenuSeparator } from './menu-items'
import { SearchInput } from './search-input'
import { Tooltip } from './tooltip'

/** A filter with its choices; the chosen ones stand in the button. */
function FacetMenu({ facet }: { facet: Facet }) {
  const chosen = facet.options.filter((option) => facet.value.includes(option.value))
  const toggle = (value: string, on: boolean) => {
    if (facet.single) facet.onChange(on ? [value] : [])
    else facet.onChange(on ? [...facet.value, value] : facet.value.filter((other) => other !== value))
  }
  return (
    <DropdownMenu
      label={facet.label}
      trigger={
        <Button
          icon={<CirclePlus aria-hidden className="size-3.5!" />}
          className={chosen.length === 0 ? 'border-dashed' : 'border-accent-line'}
        >
          {facet.label}
          {chosen.length > 0 && (
            <span className="max-w-40 truncate border-l border-line-strong pl-1.5 text-accent-ink">
              {chosen.length > 2
                ? `${chosen.length} chosen`
                : chosen.map((option) => option.label).join(', ')}
            </span>
          )}
        </Button>
      }
    >
      {facet.options.map((option) => (
        <MenuCheckboxItem
          key={option.value}
          radio={facet.single}
          icon={option.icon}
          detail={option.count}
          checked={facet.value.includes(option.value)}
          onCheckedChange={(on) => toggle(option.value, on)}
        >
          {option.label}
        </MenuCheckboxItem>
      ))}
      {chosen.length > 0 && (
        <>
          <MenuSeparator />
          <MenuItem icon={<X aria-hidden />} onSelect={() => facet.onChange([])}>
            Clear
          </MenuItem>
        </>
      )}
    </DropdownMenu>
  )
}

type Props<Row> = {
  search?: { value: string; onChange: (value: string) => void; placeholder?: string }
  facets: readonly Facet[]
  filtered: boolean
  onClearFilters?: () => void
  columns: readonly Column<Row>[]
  visible: readonly Column<Row>[]
  /** Unset: no column menu. */
  onColumn?: (id: string, visible: boolean) => void
  exportHref?: string
  extra?: ReactNode
}

/** The row above the table. */
export function DataTableToolbar<Row>(props: Props<Row>) {
  const { search, facets, filtered, onClearFilters, columns, visible, onColumn, exportHref, extra } = props
  const hideable = columns.filter((column, index) => index > 0 && column.hideable !== false)
  const choose = onColumn && hideable.length > 0
  if (!search && facets.length === 0 && !choose && !exportHref && !extra) return null
  return (
    <div className="flex flex-wrap items-center gap-2">
      {search && <SearchInput {...search} className="w-full sm:w-64" />}
      {facets.map((facet) => (
        <FacetMenu key={facet.id} facet={facet} />
      ))}
      {filtered && onClearFilters && (
        <Button variant="ghost" onClick={onClearFilters} icon={<X aria-hidden className="size-3.5!" />}>
          Clear
        </Button>
      )}
      <div className="ml-auto flex items-center gap-2">
        {extra}
        {exportHref && (
          <Tooltip content="Download as CSV" describe={false}>
            <a
              href={exportHref}
              download
              aria-label="Download as CSV"
              className={cn(buttonVariants({ size: 'icon' }))}
            >
              <Download aria-hidden />
            </a>
          </Tooltip>
        )}
        {choose && (
          <DropdownMenu
            align="end"
            label="Columns"
            trigger={
              <IconButton
                label="Columns"
                variant="secondary"
                icon={<Columns3 aria-hidden />}
                tooltip={false}
              />
            }
          >
            <MenuLabel>Columns</MenuLabel>
            {hideable.map((column) => (
              <MenuCheckboxItem
                key={column.id}
                checked={visible.includes(column)}
                onCheckedChange={(on) => onColumn(column.id, on)}
              >
                {column.header}
              </MenuCheckboxItem>
            ))}
          </DropdownMenu>
        )}
      </div>
    </div>
  )
}
