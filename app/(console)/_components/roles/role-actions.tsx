'use client'

import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { RoleDialogs, type RoleDialog } from '@/app/(console)/_components/roles/role-dialogs'
import { RoleMenu } from '@/app/(console)/_components/roles/role-menu'
import type { RoleRow } from '@/server/features/roles/roles.schema'
import { Button } from '@/ui/button'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { IconButton } from '@/ui/icon-button'

/** What can be done to the role of the page. */
export function RoleActions({ role, tenantId, only }: { role: RoleRow; tenantId?: string; only?: 'relink' }) {
  const [dialog, setDialog] = useState<RoleDialog | null>(null)
  return (
    <>
      {only === 'relink' ? (
        <Button size="sm" onClick={() => setDialog({ kind: 'relink', role })}>
          Compare and relink
        </Button>
      ) : (
        <DropdownMenu
          align="end"
          label="More actions"
          trigger={
            <IconButton
              label="More actions"
              variant="secondary"
              icon={<Ellipsis aria-hidden />}
              tooltip={false}
            />
          }
        >
          <RoleMenu row={role} tenantId={tenantId} open={(kind) => setDialog({ kind, role })} />
        </DropdownMenu>
      )}
      <RoleDialogs dialog={dialog} tenantId={tenantId} onClose={() => setDialog(null)} />
    </>
  )
}
