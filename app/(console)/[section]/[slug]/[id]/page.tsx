import { PenLine } from 'lucide-react'
import type { Metadata } from 'next'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, kindOfPage, pageKind } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { AccessCard } from '@/app/(console)/_components/resources/access-card'
import { AttachedCard } from '@/app/(console)/_components/resources/attached-card'
import { BootAddress } from '@/app/(console)/_components/resources/boot-address'
import { FieldsCard } from '@/app/(console)/_components/resources/fields-card'
import { InsightCards, InsightWarnings } from '@/app/(console)/_components/resources/insight-cards'
import { PendingNote } from '@/app/(console)/_components/resources/pending-note'
import { ResourceActions } from '@/app/(console)/_components/resources/resource-actions'
import { HAS_STATE, StateDot } from '@/app/(console)/_components/resources/state-dot'
import { TagsCard } from '@/app/(console)/_components/resources/tags-card'
import { ConnectionCard } from '@/app/(console)/infrastructure/clouds/_components/connection-card'
import { CloudCard } from '@/app/(console)/infrastructure/clouds/_components/cloud-card'
import { CloudPart } from '@/app/(console)/infrastructure/clouds/_components/cloud-part'
import { cloudPage, CloudTabs } from '@/app/(console)/infrastructure/clouds/_components/cloud-tabs'
import { MachineCard } from '@/app/(console)/infrastructure/virtual-machines/_components/machine-card'
import { StreamsCards } from '@/app/(console)/infrastructure/virtual-machines/_components/streams-cards'
import { UsageCard } from '@/app/(console)/infrastructure/virtual-machines/_components/usage-card'
import { VisibilityBadge } from '@/app/(console)/_components/resources/visibility-badge'
import { can } from '@/server/context/op'
import { ButtonLink } from '@/ui/button'
import { SharedWith } from '@/app/(console)/_components/sharing/shared-with'
import { sharesOf } from '@/app/(console)/_components/sharing/shares-of'
import { PageHeader } from '@/ui/page-header'

export async function generateMetadata({
  params,
}: {
  params: Promise<Record<string, string>>
}): Promise<Metadata> {
  return { title: pageKind(await params)?.label }
}

export default definePage('(console)/[section]/[slug]/[id]', async ({ op, api, paths, params, query }) => {
  const kind = kindOfPage(params)
  const asked = { kind: kind.kind, id: params.id ?? '' }
  const [resource, insight] = [await api.resources.get(asked), await api.resources.insight(asked)]
  const [environment] = kind.kind === 'bare_metal' ? (resource.refs.bootEnvironment ?? []) : []
  const { kind: name, label, plural } = kind
  const cloud = name === 'cloud' ? await cloudPage(op, api, resource.id, query) : null
  const makes =
    cloud?.tab === 'overview' &&
    can(op, 'virtualMachines', 'read') &&
    (await api.machines.choices({})).clouds.some(({ id }) => id === resource.id)
  const machine = name === 'virtual_machine' ? await api.machines.get({ id: resource.id }) : null
  const screen = machine?.found ? await api.consoles.get({ id: resource.id }) : null
  const own = { resourceId: resource.id, limit: 5 }
  const backups = machine?.found ? await api.streams.backups(own) : null
  const tasks = machine?.found ? await api.streams.activity(own) : null
  const shares = await sharesOf(op, api, resource)
  return (
    <>
      <LiveRefresh ids={[resource.id]} />
      <PageHeader
        title={resource.name}
        breadcrumbs={[{ label: plural, href: paths.kind(kind) }, { label: resource.name }]}
        meta={
          <>
            {resource.state !== null && HAS_STATE.has(name) && (
              <StateDot kind={name} state={resource.state} />
            )}
            <VisibilityBadge row={resource} />
          </>
        }
        actions={
          <>
            <ButtonLink
              href={paths.editResource(kind, resource.id)}
              icon={<PenLine aria-hidden />}
              disabledReason={resource.can.edit.reason}
            >
              Edit
            </ButtonLink>
            <ResourceActions
              kind={{ kind: name, label, plural }}
              resource={resource}
              isMaster={op.tenant.isMaster}
              listHref={paths.kind(kind)}
            />
          </>
        }
        tabs={
          cloud && (
            <CloudTabs
              cloudId={resource.id}
              tabs={cloud.tabs}
              current={cloud.tab}
              counts={cloud.overview.counts}
              streams={cloud.streams}
              paths={paths}
            />
          )
        }
      />
      <PendingNote kind={kind} />
      <InsightWarnings insight={insight} />
      {cloud && cloud.tab !== 'overview' ? (
        <CloudPart op={op} api={api} cloudId={resource.id} tab={cloud.tab} query={query} />
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <div className="grid min-w-0 gap-4">
            <FieldsCard kind={kind} resource={resource} paths={paths} />
            {kind.kind === 'boot_environment' && can(op, 'profiles', 'read') && (
              <BootAddress environmentId={resource.id} />
            )}
            {environment && environment.name !== null && can(op, 'profiles', 'read') && (
              <BootAddress environmentId={environment.id} machineId={resource.id} />
            )}
            <TagsCard resource={resource} may={can(op, kind.permission, 'user')} />
          </div>
          <div className="grid min-w-0 gap-4">
            {machine && <MachineCard machine={resource} view={machine} screen={screen} paths={paths} />}
            {machine?.found && <UsageCard machineId={resource.id} history={machine.found.history} />}
            {backups && tasks && (
              <StreamsCards machineId={resource.id} tasks={tasks} backups={backups} paths={paths} />
            )}
            {cloud && <ConnectionCard cloud={resource} view={cloud.connection} prefix={prefixOf(op)} />}
            {cloud && <CloudCard cloud={resource} overview={cloud.overview} paths={paths} makes={makes} />}
            <InsightCards kind={kind.kind} spec={resource.spec} insight={insight} paths={paths} />
            <AttachedCard resource={resource} paths={paths} />
            <AccessCard resource={resource} isMaster={op.tenant.isMaster} paths={paths} />
            {shares && (
              <SharedWith kind={name} resource={resource} isMaster={op.tenant.isMaster} shares={shares} />
            )}
          </div>
        </div>
      )}
    </>
  )
})
