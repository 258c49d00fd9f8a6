'use client'

import { importable, type InventoryTable, type Mapping } from '@/lib/inventory'
import type { KindView } from '@/lib/resource-kinds/kind'
import { Card } from '@/ui/card'
import { Select } from '@/ui/select'

interface Props {
  kind: KindView
  table: InventoryTable
  mapping: Mapping
  onChange: (mapping: Mapping) => void
}

/** First values of a column, so that one sees what it holds. */
const samples = (table: InventoryTable, column: number): string =>
  table.rows
    .map((row) => row[column] ?? '')
    .filter((text) => text !== '')
    .slice(0, 3)
    .join(', ')

/** Which field each column fills; a field is filled by one column. */
export function ColumnMapping({ kind, table, mapping, onChange }: Props) {
  const fields = [
    { value: 'name', label: 'Name' },
    ...importable(kind).map(([value, { label }]) => ({ value, label })),
  ]
  const choose = (column: number, field: string) =>
    onChange(mapping.map((one, i) => (i === column ? field || null : one === field ? null : one)))
  return (
    <Card
      title="Columns"
      description={`${table.rows.length} rows. Found by their names; change what is wrong.`}
      padded={false}
    >
      <ul className="divide-y divide-line">
        {table.columns.map((column, i) => (
          <li
            key={`${i} ${column}`}
            className="grid items-center gap-x-4 gap-y-1 px-4 py-2 text-sm sm:grid-cols-[1fr_14rem]"
          >
            <div className="min-w-0">
              <div className="truncate font-medium">{column || `Column ${i + 1}`}</div>
              <div className="truncate text-xs text-muted">{samples(table, i) || 'No values'}</div>
            </div>
            <Select
              aria-label={`Field for ${column || `column ${i + 1}`}`}
              placeholder="Leave out"
              value={mapping[i] ?? ''}
              options={fields}
              onChange={(event) => choose(i, event.target.value)}
            />
          </li>
        ))}
      </ul>
    </Card>
  )
}
