import type { ReactNode } from 'react'
import { prefixOf } from '@/app/_lib/prefix'
import { TenantActions } from '@/app/(console)/admin/tenants/[id]/_components/tenant-actions'
import { TenantStatus } from '@/app/(console)/admin/tenants/_components/tenant-status'
import type { ConsolePaths } from '@/lib/paths'
import { can, type SignedInOp } from '@/server/context/op'
import type { TenantDetail } from '@/server/features/tenants/tenants.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { type LinkTab, LinkTabs } from '@/ui/link-tabs'
import { PageHeader } from '@/ui/page-header'
import { formatDate } from '@/ui/format-time'
import { TenantMark } from '@/ui/tenant-mark'

interface Props {
  op: SignedInOp
  paths: ConsolePaths
  /** As `api.tenants.get` answers. */
  tenant: TenantDetail
  children: ReactNode
}

/** What all pages about one tenant share: its name, state, actions and tabs. */
export function TenantFrame({ op, paths, tenant, children }: Props) {
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Tenants', href: paths.tenants }, { label: tenant.name }]}
        mark={<TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="lg" />}
        title={tenant.name}
        meta={
          <>
            <TenantStatus status={tenant.status} />
            {tenant.master && <Badge tone="accent">Master tenant</Badge>}
          </>
        }
        actions={<TenantActions tenant={tenant} prefix={prefixOf(op)} />}
        tabs={<LinkTabs label="Tenant" items={tabsOf(op, paths, tenant)} />}
      />
      <StateBanner tenant={tenant} />
      {children}
    </>
  )
}

function tabsOf(op: SignedInOp, paths: ConsolePaths, { id, master, can: may }: TenantDetail): LinkTab[] {
  const tabs: (LinkTab | false)[] = [
    { label: 'Overview', href: paths.tenant(id) },
    !master && can(op, 'tenantUsers', 'read') && { label: 'Users', href: paths.tenantUsers(id) },
    !master && can(op, 'tenantUsers', 'read') && { label: 'Roles', href: paths.tenantRoles(id) },
    !master && { label: 'See as tenant', href: paths.tenantResources(id) },
    !master && { label: 'Members map', href: paths.tenantMembers(id) },
    can(op, 'audit', 'read') && { label: 'Audit log', href: paths.tenantAudit(id) },
    may.setUp && { label: 'Set-up', href: paths.tenantSetup(id) },
  ]
  return tabs.filter((tab): tab is LinkTab => tab !== false)
}

function StateBanner({ tenant }: { tenant: TenantDetail }) {
  if (tenant.status === 'disabled') {
    return (
      <Alert tone="warning" title="This tenant is disabled" className="mb-5">
        Its people cannot sign in and its agents are refused. Its data stays. Reason:{' '}
        {tenant.statusReason || 'none given'}
      </Alert>
    )
  }
  if (tenant.status !== 'deleted') return null
  return (
    <Alert tone="danger" title="This tenant is deleted" className="mb-5">
      Nobody can sign in and its agents are told to uninstall.
      {tenant.purgeAfter && ` It can be restored until ${formatDate(Date.parse(tenant.purgeAfter))}.`}
    </Alert>
  )
}
