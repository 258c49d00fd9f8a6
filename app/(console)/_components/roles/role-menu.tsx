'use client'

import { Copy, GitCompareArrows, Lock, LockOpen, Pencil, Trash2 } from 'lucide-react'
import { clientPrefix } from '@/app/_lib/api-client'
import type { RoleDialog } from '@/app/(console)/_components/roles/role-dialogs'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { RoleRow } from '@/server/features/roles/roles.schema'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'

interface Props {
  row: RoleRow
  tenantId?: string
  open: (kind: RoleDialog['kind']) => void
}

/** What can be done to a role; what cannot be done now says why. */
export function RoleMenu({ row, tenantId, open }: Props) {
  const { can, why } = row
  const paths = consolePaths(clientPrefix() as TenantPrefix)
  const of = tenantId === undefined ? paths.role(row.id) : paths.tenantRole(tenantId, row.id)
  const copy = tenantId === undefined ? paths.newRole : paths.tenantNewRole(tenantId)
  return (
    <>
      <MenuItem icon={<Pencil aria-hidden />} href={of}>
        {can.edit ? 'Edit' : 'Look at it'}
      </MenuItem>
      <MenuItem
        icon={<Copy aria-hidden />}
        disabledReason={!can.copy && why.copy}
        href={can.copy ? `${copy}?from=${row.id}` : undefined}
      >
        Copy
      </MenuItem>
      {row.origin === 'diverged' && (
        <MenuItem icon={<GitCompareArrows aria-hidden />} onSelect={() => open('relink')}>
          Compare and relink
        </MenuItem>
      )}
      {row.multiTenant && row.origin === 'own' && tenantId === undefined && (
        <MenuItem
          icon={row.locked ? <LockOpen aria-hidden /> : <Lock aria-hidden />}
          disabledReason={!can.lock && why.lock}
          onSelect={() => open('lock')}
        >
          {row.locked ? 'Unlock' : 'Lock'}
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem
        tone="danger"
        icon={<Trash2 aria-hidden />}
        disabledReason={!can.delete && why.delete}
        onSelect={() => open('delete')}
      >
        Delete
      </MenuItem>
    </>
  )
}
