'use client'

import { Ban, CirclePlay, Ellipsis, Pencil, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { TenantDialogs, type TenantDialog } from '@/app/(console)/admin/tenants/_components/tenant-dialogs'
import type { TenantPrefix } from '@/lib/host'
import type { TenantDetail } from '@/server/features/tenants/tenants.schema'
import { Button } from '@/ui/button'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { IconButton } from '@/ui/icon-button'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'

/** What can be done to the tenant of the page. What cannot be done now says why. */
export function TenantActions({ tenant, prefix }: { tenant: TenantDetail; prefix: TenantPrefix }) {
  const [dialog, setDialog] = useState<TenantDialog | null>(null)
  const open = (kind: TenantDialog['kind']) => () => setDialog({ kind, tenants: [tenant] })
  const { can, why, status } = tenant
  return (
    <>
      {status === 'deleted' ? (
        <Button
          icon={<RotateCcw aria-hidden />}
          disabledReason={!can.restore && why.restore}
          onClick={open('restore')}
        >
          Restore
        </Button>
      ) : (
        <Button icon={<Pencil aria-hidden />} disabledReason={!can.edit && why.edit} onClick={open('edit')}>
          Edit
        </Button>
      )}
      {status !== 'deleted' && !tenant.master && (
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
          {status === 'disabled' ? (
            <MenuItem
              icon={<CirclePlay aria-hidden />}
              disabledReason={!can.enable && why.enable}
              onSelect={open('enable')}
            >
              Enable
            </MenuItem>
          ) : (
            <MenuItem
              icon={<Ban aria-hidden />}
              disabledReason={!can.disable && why.disable}
              onSelect={open('disable')}
            >
              Disable
            </MenuItem>
          )}
          <MenuSeparator />
          <MenuItem
            tone="danger"
            icon={<Trash2 aria-hidden />}
            disabledReason={!can.delete && why.delete}
            onSelect={open('delete')}
          >
            Delete
          </MenuItem>
        </DropdownMenu>
      )}
      <TenantDialogs dialog={dialog} prefix={prefix} onClose={() => setDialog(null)} />
    </>
  )
}
