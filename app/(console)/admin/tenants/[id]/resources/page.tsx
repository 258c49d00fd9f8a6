import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'
import { EyesForm } from '@/app/(console)/admin/tenants/[id]/resources/eyes-form'
import { KindsNav } from '@/app/(console)/admin/tenants/[id]/resources/kinds-nav'
import { ResourcesTable } from '@/app/(console)/admin/tenants/[id]/resources/resources-table'
import { SeenThing } from '@/app/(console)/admin/tenants/[id]/resources/seen-thing'
import { kindOf } from '@/lib/resource-kinds/registry'
import { mayMigrate } from '@/server/features/host-moves/host-moves.policy'
import { Alert } from '@/ui/alert'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/resources')

export default definePage(
  '(console)/admin/tenants/[id]/resources',
  async ({ op, api, paths, params, query, search }) => {
    const tenantId = params.id ?? ''
    const tenant = await api.tenants.get({ id: tenantId })
    const { q, cursor } = parseTableParams(query)
    const kind = kindOf(search.kind ?? '')?.kind
    const eyes = { tenantId, roleId: search.role || undefined }
    // Said before anything is shown: what cannot be recorded is not looked at.
    await api.tenantResources.open({ tenantId })
    const overview = await api.tenantResources.overview(eyes)
    const thing = search.thing ? await api.tenantResources.get({ ...eyes, id: search.thing }) : null
    const list = await api.tenantResources.list({ ...eyes, kind, search: q, cursor: cursor ?? undefined })
    const migrates = kind === 'host' && !eyes.roleId && mayMigrate(op).allowed
    return (
      <TenantFrame op={op} paths={paths} tenant={tenant}>
        <div className="grid gap-4">
          <Alert title={`You are looking at what ${tenant.name} sees`}>
            {migrates
              ? 'You can change nothing here, but hosts can migrate to another tenant.'
              : 'You can change nothing here.'}{' '}
            That you looked stands in the log of {tenant.name} and in yours.
          </Alert>
          <EyesForm tenant={tenant.name} roles={overview.roles} roleId={eyes.roleId ?? ''} />
          <div className="grid items-start gap-4 lg:grid-cols-[14rem_minmax(0,1fr)]">
            <KindsNav
              kinds={overview.kinds}
              kind={kind}
              roleId={eyes.roleId}
              href={paths.tenantResources(tenantId)}
            />
            <div className="grid min-w-0 gap-4">
              {thing && <SeenThing thing={thing} tenant={tenant.name} />}
              <ResourcesTable
                list={list}
                href={paths.tenantResources(tenantId)}
                kind={kind}
                roleId={eyes.roleId}
                migrates={migrates}
              />
            </div>
          </div>
        </div>
      </TenantFrame>
    )
  },
)
