'use client'

import { Copy, Pencil, Plus, ShieldHalf, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { DeleteCap } from '@/app/(console)/admin/roles/_components/delete-cap'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { CapList, CapRow } from '@/server/features/roles/tenant-roles.schema'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'
import { RelativeTime } from '@/ui/relative-time'

/** The tenant roles: what subtenants can have at most. */
export function CapsTable({ list, prefix }: { list: CapList; prefix: TenantPrefix }) {
  const [doomed, setDoomed] = useState<CapRow | null>(null)
  const [search, setSearch] = useState('')
  const paths = consolePaths(prefix)
  const create = list.can.create && (
    <ButtonLink variant="primary" icon={<Plus aria-hidden />} href={paths.newCap}>
      Create tenant role
    </ButtonLink>
  )
  return (
    <>
      <DataTable
        label="Tenant roles"
        columns={COLUMNS}
        rows={list.rows.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()))}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => paths.cap(row.id)}
        rowActions={(row) => (
          <>
            <MenuItem icon={<Pencil aria-hidden />} href={paths.cap(row.id)}>
              {row.can.edit ? 'Edit' : 'Look at it'}
            </MenuItem>
            <MenuItem
              icon={<Copy aria-hidden />}
              disabledReason={!row.can.copy && row.why.copy}
              href={row.can.copy ? `${paths.newCap}?from=${row.id}` : undefined}
            >
              Copy
            </MenuItem>
            <MenuSeparator />
            <MenuItem
              tone="danger"
              icon={<Trash2 aria-hidden />}
              disabledReason={!row.can.delete && row.why.delete}
              onSelect={() => setDoomed(row)}
            >
              Delete
            </MenuItem>
          </>
        )}
        search={{ value: search, onChange: setSearch, placeholder: 'Search name' }}
        filtered={search !== ''}
        onClearFilters={() => setSearch('')}
        toolbar={create}
        empty={
          <EmptyState bare icon={<ShieldHalf />} title="No tenant role fits" action={create || undefined}>
            A tenant role is the most that a subtenant can have. One fits many tenants.
          </EmptyState>
        }
      />
      {doomed && <DeleteCap cap={doomed} onClose={() => setDoomed(null)} />}
    </>
  )
}

/** How many clouds it names, by level, and what it says of all others. */
const named = ({ named: { read, full, none }, defaultCloudLevel }: CapRow): string => {
  const parts = [full > 0 && `${full} full`, read > 0 && `${read} read`, none > 0 && `${none} none`].filter(
    Boolean,
  )
  if (parts.length === 0) return defaultCloudLevel === 'none' ? 'None' : `All: ${defaultCloudLevel}`
  return defaultCloudLevel === 'none'
    ? parts.join(', ')
    : [...parts, `others ${defaultCloudLevel}`].join(', ')
}

const COLUMNS: Column<CapRow>[] = [
  {
    id: 'name',
    header: 'Name',
    className: 'min-w-56',
    cell: (row) => (
      <span className="inline-flex flex-wrap items-center gap-2">
        <span className="font-medium">{row.name}</span>
        {row.builtIn && <Badge>Built in</Badge>}
        {row.sharing && <Badge tone="info">May share</Badge>}
      </span>
    ),
  },
  {
    id: 'description',
    header: 'Description',
    hideable: true,
    cell: (row) => <span className="text-muted">{row.description}</span>,
  },
  { id: 'clouds', header: 'Public clouds', hideable: true, cell: named },
  {
    id: 'tenants',
    header: 'Tenants',
    cell: (row) => (row.tenants === 0 ? <span className="text-muted">None</span> : row.tenants),
  },
  {
    id: 'updatedAt',
    header: 'Changed',
    hideable: true,
    cell: (row) => <RelativeTime date={row.updatedAt} />,
  },
]
