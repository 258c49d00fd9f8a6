import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'
import { SetupChecklist } from '@/app/(console)/admin/tenants/[id]/setup/setup-checklist'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/setup')

export default definePage('(console)/admin/tenants/[id]/setup', async ({ op, api, paths, params }) => {
  const id = params.id ?? ''
  const tenant = await api.tenants.get({ id })
  const setup = tenant.can.setUp ? await api.tenants.setup.get({ id }) : null
  return (
    <TenantFrame op={op} paths={paths} tenant={tenant}>
      {setup ? (
        <SetupChecklist tenant={tenant} setup={setup} prefix={prefixOf(op)} />
      ) : (
        <p className="text-sm text-muted">{tenant.why.setUp}.</p>
      )}
    </TenantFrame>
  )
})
