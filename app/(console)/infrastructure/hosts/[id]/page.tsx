import { Radio } from 'lucide-react'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { AccessCard } from '@/app/(console)/_components/resources/access-card'
import { AttachedCard } from '@/app/(console)/_components/resources/attached-card'
import { FieldsCard } from '@/app/(console)/_components/resources/fields-card'
import { InsightCards, InsightWarnings } from '@/app/(console)/_components/resources/insight-cards'
import { TagsCard } from '@/app/(console)/_components/resources/tags-card'
import { HostActions } from '@/app/(console)/infrastructure/hosts/_components/host-actions'
import {
  AddressesCard,
  DisksCard,
  HostStats,
  MemoryCard,
  SystemCard,
} from '@/app/(console)/infrastructure/hosts/_components/host-facts'
import { InventoryCards } from '@/app/(console)/infrastructure/hosts/_components/host-inventory'
import { MetricsCard, rangeOf } from '@/app/(console)/infrastructure/hosts/_components/host-metrics'
import { HostStatus } from '@/app/(console)/infrastructure/hosts/_components/host-status'
import { Visibility } from '@/app/(console)/infrastructure/hosts/_components/hosts-columns'
import { HOST } from '@/lib/resource-kinds/host'
import { SharedWith } from '@/app/(console)/_components/sharing/shared-with'
import { sharesOf } from '@/app/(console)/_components/sharing/shares-of'
import { can } from '@/server/context/op'
import type { HostDetail } from '@/server/features/hosts/hosts.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { PageHeader } from '@/ui/page-header'
import { RelativeTime } from '@/ui/relative-time'

export const metadata = pageMetadata('(console)/infrastructure/hosts/[id]')

export default definePage(
  '(console)/infrastructure/hosts/[id]',
  async ({ op, api, paths, params, search }) => {
    const host = await api.hosts.get({ id: params.id ?? '' })
    const asked = { kind: 'host', id: host.id }
    const [resource, insight] = [await api.resources.get(asked), await api.resources.insight(asked)]
    const { facts } = host
    const range = rangeOf(search.range)
    const metrics = facts && (await api.hosts.metrics({ id: host.id, range }))
    const inventory = facts && (await api.hosts.inventory({ id: host.id }))
    const shares = await sharesOf(op, api, resource)
    const sharedWith = shares && (
      <SharedWith kind="host" resource={resource} isMaster={op.tenant.isMaster} shares={shares} />
    )
    const access = <AccessCard resource={resource} isMaster={op.tenant.isMaster} paths={paths} />
    const settings = (
      <>
        <FieldsCard kind={HOST} resource={resource} paths={paths} title="Settings" />
        <InsightCards kind="host" spec={resource.spec} insight={insight} paths={paths} />
        <TagsCard resource={resource} may={can(op, HOST.permission, 'user')} />
      </>
    )
    return (
      <>
        <LiveRefresh ids={[host.id]} />
        <PageHeader
          title={host.name}
          breadcrumbs={[{ label: 'Hosts', href: paths.hosts }, { label: host.name }]}
          meta={
            <>
              <HostStatus host={host} />
              <Visibility host={host} />
            </>
          }
          description={
            host.lastSeenAt ? (
              <>
                Last report <RelativeTime date={host.lastSeenAt} />
              </>
            ) : (
              'No report yet'
            )
          }
          actions={
            <HostActions
              host={host}
              isMaster={op.tenant.isMaster}
              listHref={paths.hosts}
              editHref={paths.editResource(HOST, host.id)}
            />
          }
        />
        <div className="grid gap-4">
          <Warnings host={host} enrolHref={paths.enrolHost} />
          <InsightWarnings insight={insight} />
          {facts ? (
            <>
              <HostStats facts={facts} />
              {metrics && <MetricsCard metrics={metrics} range={range} href={paths.host(host.id)} />}
              <div className="grid items-start gap-4 lg:grid-cols-2">
                <div className="grid min-w-0 gap-4">
                  <SystemCard facts={facts} agent={host.agent} />
                  {settings}
                </div>
                <div className="grid min-w-0 gap-4">
                  <MemoryCard facts={facts} />
                  <DisksCard facts={facts} />
                  <AddressesCard facts={facts} />
                  <AttachedCard resource={resource} paths={paths} />
                  {access}
                  {sharedWith}
                </div>
              </div>
              {inventory && <InventoryCards inventory={inventory} />}
            </>
          ) : (
            <>
              <EmptyState icon={<Radio />} title="Waiting for its first report">
                The machine is enrolled. What it is and how it is doing appears here as soon as its agent
                reports.
              </EmptyState>
              {settings}
              {access}
              {sharedWith}
            </>
          )}
        </div>
      </>
    )
  },
)

function Warnings({ host, enrolHref }: { host: HostDetail; enrolHref: string }) {
  return (
    <>
      {host.conflict && (
        <Alert
          tone="danger"
          title="Two machines report with the credential of this host"
          action={
            host.owned && (
              <ButtonLink size="sm" href={enrolHref}>
                Enrol again
              </ButtonLink>
            )
          }
        >
          Reports of both are refused, and what stands below is from before. Somebody copied the agent or its
          disk: find out which machine is the right one and enrol that one again, which gives it a new
          credential.
        </Alert>
      )}
      {host.agentGoneSince !== null && (
        <Alert
          tone="warning"
          title="The agent of this host was told to uninstall"
          action={
            host.owned && (
              <ButtonLink size="sm" href={enrolHref}>
                Enrol again
              </ButtonLink>
            )
          }
        >
          That was while the tenant was deleted. Enrol the machine again, and it is this host again.
        </Alert>
      )}
      {host.status === 'offline' && !host.conflict && host.agentGoneSince === null && (
        <Alert tone="warning" title="This host has stopped reporting">
          What stands below is from its last report. On the machine, <code>freehold-agent status</code> says
          why.
        </Alert>
      )}
      {host.clockOff && (
        <Alert tone="warning" title="The clock of this machine is wrong by minutes">
          Times in its own logs are not to be trusted. Times here are the server&apos;s.
        </Alert>
      )}
    </>
  )
}
