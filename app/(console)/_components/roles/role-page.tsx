import { RoleActions } from '@/app/(console)/_components/roles/role-actions'
import { RoleEditor } from '@/app/(console)/_components/roles/role-editor'
import { RoleHolders } from '@/app/(console)/_components/roles/role-holders'
import type { RoleDetail } from '@/server/features/roles/roles.schema'
import { Alert } from '@/ui/alert'

interface Props {
  role: RoleDetail
  tenantId?: string
  inMaster: boolean
}

/** One role: what it is, who holds it, and its editor. */
export function RoleView({ role, tenantId, inMaster }: Props) {
  return (
    <div className="grid gap-5">
      <Notice role={role} tenantId={tenantId} />
      <RoleEditor
        key={role.updatedAt}
        from={role}
        role={role}
        limits={role.limits}
        tenantId={tenantId}
        inMaster={inMaster}
      />
      <RoleHolders role={role} />
    </div>
  )
}

function Notice({ role, tenantId }: { role: RoleDetail; tenantId?: string }) {
  if (role.origin === 'diverged')
    return (
      <Alert
        tone="warning"
        title="Edited here"
        action={<RoleActions role={role} tenantId={tenantId} only="relink" />}
      >
        It was made from the provider’s {role.template?.name} and no longer follows it.
        {role.can.edit ? '' : ` ${role.why.edit ?? ''}.`}
      </Alert>
    )
  if (!role.can.edit) return <Alert tone="info">{role.why.edit}.</Alert>
  if (role.origin === 'provider')
    return (
      <Alert tone="info" title="The provider’s role">
        It follows the provider. Once you save a change, it is this tenant’s own, and whoever holds it holds
        that. You can link it again at any time.
      </Alert>
    )
  return null
}
