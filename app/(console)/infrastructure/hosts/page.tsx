import { ArrowRightLeft, Plus } from 'lucide-react'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { KindTabs } from '@/app/(console)/_components/resources/kind-tabs'
import { HostWarningAlert } from '@/app/(console)/_components/usage/host-warning'
import { hostsInput } from '@/app/(console)/infrastructure/hosts/_components/hosts-input'
import { HostsTable } from '@/app/(console)/infrastructure/hosts/_components/hosts-table'
import { can } from '@/server/context/op'
import { ButtonLink } from '@/ui/button'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/infrastructure/hosts')

export default definePage('(console)/infrastructure/hosts', async ({ op, api, paths, query }) => {
  const list = await api.hosts.list(hostsInput(query))
  const tenants = list.can.assign.allowed ? (await api.hosts.assignableTenants({})).rows : []
  const why = list.total === 0 ? await api.explain.empty({ kind: 'host' }) : null
  const warning = can(op, 'hosts', 'full') ? await api.usage.warning() : null
  const mayLook = can(op, op.tenant.isMaster ? 'tenants' : 'billing', 'read')
  return (
    <>
      <PageHeader
        title="Hosts"
        description={
          op.tenant.isMaster
            ? 'Machines that run your agent, wherever they are assigned. What a tenant enrolled itself is on its own page.'
            : 'Machines that run the agent: your own, and those your provider lets you use.'
        }
        actions={
          <>
            {list.can.migrate.allowed && (
              <ButtonLink href={paths.hostMigrations} icon={<ArrowRightLeft aria-hidden />}>
                Migrations
              </ButtonLink>
            )}
            <ButtonLink
              href={paths.enrolHost}
              variant="primary"
              icon={<Plus aria-hidden />}
              disabledReason={!list.can.enrol.allowed && list.can.enrol.reason}
            >
              Enrol a host
            </ButtonLink>
          </>
        }
        tabs={<KindTabs kind="host" op={op} paths={paths} />}
      />
      {warning && (
        <HostWarningAlert warning={warning} paths={paths} isMaster={op.tenant.isMaster} mayLook={mayLook} />
      )}
      <HostsTable
        list={list}
        prefix={prefixOf(op)}
        isMaster={op.tenant.isMaster}
        tenants={tenants}
        whyEmpty={why?.words}
      />
    </>
  )
})
