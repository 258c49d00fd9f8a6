import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { NewTenantForm } from '@/app/(console)/admin/tenants/new/new-tenant-form'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/admin/tenants/new')

export default definePage('(console)/admin/tenants/new', async ({ op, api, paths }) => {
  const [{ currencies, address }, roles] = await Promise.all([
    api.tenants.formOptions(),
    api.tenantRoles.options(),
  ])
  return (
    <div className="mx-auto max-w-2xl">
      <PageHeader
        breadcrumbs={[{ label: 'Tenants', href: paths.tenants }, { label: 'Create tenant' }]}
        title="Create tenant"
        description="It begins empty. Afterwards you are led through its hosts and first user."
      />
      <NewTenantForm
        prefix={prefixOf(op)}
        choices={{ currencies, roles }}
        address={address}
        currency={op.tenant.currency}
      />
    </div>
  )
})
