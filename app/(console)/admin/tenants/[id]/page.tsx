import { ExternalLink, ListChecks } from 'lucide-react'
import { TenantAddressesCard } from '@/app/(console)/_components/addresses/tenant-addresses-card'
import { TenantEgressCard } from '@/app/(console)/_components/addresses/tenant-egress-card'
import { MachineLimitsCard } from '@/app/(console)/_components/machine-limits-card'
import { SliceCard } from '@/app/(console)/_components/usage/slice-card'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { AgentsTable } from '@/app/(console)/admin/tenants/[id]/_components/agents-table'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'
import { can } from '@/server/context/op'
import type { TenantDetail } from '@/server/features/tenants/tenants.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { Card, Stat } from '@/ui/card'
import { DescriptionList, type Fact } from '@/ui/description-list'
import { parseTableParams } from '@/ui/table-url'
import { RelativeTime } from '@/ui/relative-time'

export const metadata = pageMetadata('(console)/admin/tenants/[id]')

export default definePage('(console)/admin/tenants/[id]', async ({ op, api, paths, params, query }) => {
  const tenant = await api.tenants.get({ id: params.id ?? '' })
  const setup = tenant.can.setUp ? await api.tenants.setup.get({ id: tenant.id }) : null
  const helps = !tenant.master && tenant.status !== 'deleted' && can(op, 'tenants', 'full')
  const addresses = helps ? await api.allowList.ofTenant({ id: tenant.id }) : null
  const egress = helps ? await api.connections.egress({ tenantId: tenant.id }) : null
  const limits = helps ? await api.machines.limits({ tenantId: tenant.id }) : null
  const usage =
    tenant.status !== 'deleted' && can(op, 'tenants', 'full')
      ? await api.usage.ofTenant({ tenantId: tenant.id })
      : null
  const { cursor } = parseTableParams(query, [])
  const agents =
    tenant.status === 'deleted' && can(op, 'tenants', 'full')
      ? await api.tenants.agents({ id: tenant.id, cursor: cursor ?? undefined })
      : null
  const left = setup?.steps.filter((step) => !step.done && !step.skipped).length ?? 0
  return (
    <TenantFrame op={op} paths={paths} tenant={tenant}>
      <div className="grid gap-5">
        {left > 0 && tenant.status === 'active' && (
          <Alert
            tone="info"
            title="Its set-up is not finished"
            action={
              <ButtonLink size="sm" href={paths.tenantSetup(tenant.id)} icon={<ListChecks aria-hidden />}>
                Go on
              </ButtonLink>
            }
          >
            {left === 1 ? 'One step is left.' : `${left} steps are left.`}
          </Alert>
        )}
        <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          <Stat label="Total instances" value={tenant.totalInstances.toLocaleString('en')} />
          <Stat label="Total users" value={tenant.totalUsers.toLocaleString('en')} />
        </div>
        <Card title="About">
          <DescriptionList columns={2} items={factsOf(tenant)} />
        </Card>
        {agents && <AgentsTable list={agents} />}
        {addresses && <TenantAddressesCard tenant={tenant} lines={addresses.lines} />}
        {usage && (
          <SliceCard tenant={tenant} hosts={usage.hosts} slice={usage.slice} usageHref={paths.usage} />
        )}
        {limits && <MachineLimitsCard tenant={tenant} limits={limits} />}
        {egress && <TenantEgressCard tenant={tenant} networks={egress.networks} />}
      </div>
    </TenantFrame>
  )
})

function factsOf(t: TenantDetail): Fact[] {
  const address = (
    <a
      href={t.address}
      className="inline-flex items-center gap-1.5 rounded-sm text-accent-ink underline-offset-4 hover:underline"
    >
      {t.address}
      <ExternalLink aria-hidden className="size-3.5" />
    </a>
  )
  return [
    { label: 'Description', value: t.description },
    { label: 'Address', value: address, copy: t.address },
    { label: 'Base role', value: t.master ? 'None: it is not capped' : t.role?.name },
    { label: 'Subdomain', value: t.master ? null : t.slug, mono: true },
    { label: 'Currency', value: t.currencyLabel },
    { label: 'Created', value: <RelativeTime date={t.createdAt} /> },
    { label: 'Account number', value: t.accountNumber },
    { label: 'Account name', value: t.accountName },
    { label: 'Customer number', value: t.customerNumber },
    { label: 'Id', value: t.id, copy: t.id, mono: true },
  ]
}
