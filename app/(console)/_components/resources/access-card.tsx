import { WhyLink } from '@/app/(console)/_components/why-link'
import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { RelativeTime } from '@/ui/relative-time'
import { TenantMark } from '@/ui/tenant-mark'

const OWNER = {
  owner: 'This tenant',
  assigned: 'Your provider',
  public: 'Your provider',
  granted: 'Who shared it with you',
}

/** Whose it is and who uses it; which tenant, only for the master. */
export function AccessCard({
  resource,
  isMaster,
  paths,
}: {
  resource: ResourceDetail
  isMaster: boolean
  paths: ConsolePaths
}) {
  const tenant = resource.assignedTenant
  return (
    <Card title="Access">
      <DescriptionList
        items={[
          { label: 'Owner', value: OWNER[resource.relation] },
          {
            label: isMaster ? 'Assigned to' : 'Used by',
            value: tenant ? (
              <span className="inline-flex items-center gap-2">
                <TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="sm" />
                {tenant.name}
              </span>
            ) : resource.assignedHere ? (
              'This tenant'
            ) : (
              'Not this tenant alone'
            ),
          },
          {
            label: 'Visibility',
            value: resource.visibility === 'public' ? 'Public: all tenants see it' : 'Private',
          },
          ...(resource.grantRole ? [{ label: 'Shared with you as', value: resource.grantRole }] : []),
          {
            label: 'Change',
            value: resource.can.edit.allowed ? (
              'You may change it'
            ) : (
              <>
                {resource.can.edit.reason} <WhyLink href={paths.explainThing(resource.id, 'edit')} />
              </>
            ),
          },
          ...(kindOf(resource.kind)?.canBeActedOn
            ? [{ label: 'Use', value: resource.can.act.allowed ? 'You may use it' : resource.can.act.reason }]
            : []),
          {
            label: resource.kind === 'host' ? 'Enrolled' : 'Created',
            value: <RelativeTime date={resource.createdAt} />,
          },
          { label: 'Changed', value: <RelativeTime date={resource.updatedAt} /> },
          { label: 'Id', value: resource.id, copy: resource.id, mono: true },
        ]}
      />
    </Card>
  )
}
