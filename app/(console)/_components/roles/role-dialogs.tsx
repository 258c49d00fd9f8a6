'use client'

import { usePathname, useRouter } from 'next/navigation'
import { clientPrefix, api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { RelinkDialog } from '@/app/(console)/_components/roles/relink-dialog'
import { rolesApi } from '@/app/(console)/_components/roles/roles-api'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { RoleRow } from '@/server/features/roles/roles.schema'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { toast } from '@/ui/toast'

export interface RoleDialog {
  kind: 'delete' | 'relink' | 'lock'
  role: RoleRow
}

interface Props {
  dialog: RoleDialog | null
  tenantId?: string
  onClose: () => void
}

/** The dialogs about roles. */
export function RoleDialogs({ dialog, tenantId, onClose }: Props) {
  const router = useRouter()
  const pathname = usePathname()
  if (!dialog) return null
  const { kind, role } = dialog
  const paths = consolePaths(clientPrefix() as TenantPrefix)
  const list = tenantId === undefined ? paths.settingsRoles : paths.tenantRoles(tenantId)
  const done = (goTo?: string) => {
    onClose()
    if (goTo !== undefined && pathname !== list) router.replace(goTo)
    router.refresh()
  }
  if (kind === 'relink')
    return (
      <RelinkDialog
        role={role}
        tenantId={tenantId}
        onClose={onClose}
        onDone={(id) => done(tenantId === undefined ? paths.role(id) : paths.tenantRole(tenantId, id))}
      />
    )
  return (
    <ConfirmRole
      key={kind}
      kind={kind}
      role={role}
      tenantId={tenantId}
      onClose={onClose}
      onDone={() => done(kind === 'delete' ? list : undefined)}
    />
  )
}

interface ConfirmProps {
  kind: 'delete' | 'lock'
  role: RoleRow
  tenantId?: string
  onClose: () => void
  onDone: () => void
}

function ConfirmRole({ kind, role, tenantId, onClose, onDone }: ConfirmProps) {
  const form = useSubmit('role')
  const words = kind === 'delete' ? 'Delete' : role.locked ? 'Unlock' : 'Lock'
  const run = async () => {
    if (kind === 'delete') await rolesApi(tenantId).delete(role.id)
    else await api().roles.lock.mutate({ id: role.id, locked: !role.locked })
    toast.success(`${role.name} is ${kind === 'delete' ? 'deleted' : role.locked ? 'unlocked' : 'locked'}.`)
    onDone()
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`${words} ${role.name}?`}
      description={
        kind === 'delete'
          ? 'Nobody holds it. This cannot be undone.'
          : role.locked
            ? 'Subtenants may edit it again; then it is their own there.'
            : 'No subtenant edits it from now on. What they made of it already stays as it is, and cannot be edited further.'
      }
      tone={kind === 'delete' ? 'danger' : 'default'}
      confirmLabel={words}
      pending={form.pending}
      error={form.errors[0]?.message}
      onConfirm={() => void form.submit(run)}
    />
  )
}
