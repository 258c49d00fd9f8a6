'use client'

import { Globe } from 'lucide-react'
import { MASTER_TENANT_ID } from '@/lib/master'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { MatrixRow } from '@/server/features/matrix/matrix.schema'
import { cn } from '@/ui/cn'
import type { PendingRow } from './use-matrix-edit'

interface Props {
  row: MatrixRow
  width: number
  pending?: PendingRow
  onSelect: () => void
}

/** Name and kind of a resource at the head of its row; a click selects the row. */
export function RowHead({ row, width, pending, onSelect }: Props) {
  const details = [
    labelOfKind(row.kind),
    row.cloud && `in ${row.cloud.name}`,
    row.assigned.id !== MASTER_TENANT_ID && `used by ${row.assigned.name}`,
  ]
  return (
    <div
      role="rowheader"
      aria-colindex={1}
      title={`${row.name}: select the row`}
      onClick={onSelect}
      className="sticky left-0 z-10 flex h-full cursor-pointer items-center gap-2 border-r border-line bg-surface px-3 hover:bg-hover"
      style={{ width }}
    >
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm leading-4 font-medium">{row.name}</span>
        <span className="block truncate text-2xs leading-3.5 text-muted">
          {details.filter(Boolean).join(' · ')}
        </span>
      </span>
      {(pending ?? row.visibility === 'public') && (
        <span
          className={cn(
            'flex shrink-0 items-center gap-1 text-2xs',
            pending ? 'rounded-sm border border-dashed border-accent px-1 text-accent-ink' : 'text-muted',
          )}
        >
          <Globe aria-hidden className="size-3" />
          {pending ? `to be ${pending.to}` : 'public'}
        </span>
      )}
    </div>
  )
}
