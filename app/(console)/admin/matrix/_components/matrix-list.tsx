'use client'

import { Plus } from 'lucide-react'
import { levelOf, LEVEL_WORDS } from '@/lib/matrix'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { MatrixRow, MatrixTenant } from '@/server/features/matrix/matrix.schema'
import { Button } from '@/ui/button'
import { cn } from '@/ui/cn'
import { Picker } from '@/ui/picker'
import { CellMark } from './cell-mark'
import { cellWords } from './cell-words'
import type { MatrixData } from './use-matrix-data'
import { type MatrixEdit, pairOf, type Pending } from './use-matrix-edit'

interface Props {
  data: MatrixData
  edit: MatrixEdit
  pending: Pending
}

/** The matrix on a phone: a resource a card, and in it the tenants that have something of it. */
export function MatrixList({ data, edit, pending }: Props) {
  return (
    <div className="grid gap-3">
      <ul aria-label="Resources" className="grid gap-3">
        {data.rows.map((row) => (
          <Card key={row.id} row={row} data={data} edit={edit} pending={pending} />
        ))}
      </ul>
      {data.hasMoreRows && (
        <Button onClick={() => void data.moreRows()} className="justify-self-center">
          Show more
        </Button>
      )}
    </div>
  )
}

function Card({ row, data, edit, pending }: Props & { row: MatrixRow }) {
  const shown = (tenant: MatrixTenant) => {
    const reasons = data.reasonsOf(row, tenant) ?? []
    const pair = pairOf(row, tenant)
    return reasons.length > 0 || pending.cells.has(pair) || edit.selected.has(pair)
  }
  const rest = data.tenants.filter((tenant) => !shown(tenant))
  const waiting = pending.rows.get(row.id)
  return (
    <li className="grid gap-2 rounded-lg border border-line bg-surface p-3 shadow-card">
      <div>
        <p className="text-sm font-medium wrap-anywhere">{row.name}</p>
        <p className="text-xs text-muted">
          {[labelOfKind(row.kind), row.cloud?.name, waiting ? `to be ${waiting.to}` : row.visibility]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {data.tenants.filter(shown).map((tenant) => (
          <Chip key={tenant.id} row={row} tenant={tenant} data={data} edit={edit} pending={pending} />
        ))}
        {rest.length > 0 && (
          <Picker
            label={`Another tenant for ${row.name}`}
            options={rest.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={({ value }) => edit.select([`${row.id} ${value}`], true)}
            trigger={
              <Button size="sm" variant="ghost" icon={<Plus aria-hidden />}>
                Tenant
              </Button>
            }
          />
        )}
      </div>
    </li>
  )
}

function Chip({ row, tenant, data, edit, pending }: Props & { row: MatrixRow; tenant: MatrixTenant }) {
  const reasons = data.reasonsOf(row, tenant)
  const pair = pairOf(row, tenant)
  const change = pending.cells.get(pair)
  const selected = edit.selected.has(pair)
  return (
    <button
      type="button"
      aria-pressed={selected}
      onClick={() => edit.toggle(pair)}
      className={cn(
        'flex min-h-9 max-w-full items-center gap-1.5 rounded-md border px-2 text-xs',
        selected ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface',
      )}
    >
      <span className="sr-only">{cellWords(row, tenant, reasons, change)}</span>
      <span aria-hidden className="flex min-w-0 items-center gap-1.5">
        <CellMark level={levelOf(reasons ?? [])} reasons={reasons} />
        <span className="truncate">{tenant.name}</span>
        {change && <span className="text-accent-ink">→ {LEVEL_WORDS[change.to]}</span>}
      </span>
    </button>
  )
}
