import type { caller } from '@/app/_lib/caller'
import { prefixOf } from '@/app/_lib/prefix'
import { KindIcon } from '@/app/(console)/_components/kind-icon'
import { resourcesInput } from '@/app/(console)/_components/resources/resources-input'
import { ResourcesTable } from '@/app/(console)/_components/resources/resources-table'
import { ActivityTable } from '@/app/(console)/_components/streams/activity-table'
import { BackupsTable } from '@/app/(console)/_components/streams/backups-table'
import { activityInput, backupsInput } from '@/app/(console)/_components/streams/streams-input'
import type { CloudTab } from '@/app/(console)/infrastructure/clouds/_components/cloud-tabs'
import { kindView } from '@/lib/resource-kinds/kind'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { SignedInOp } from '@/server/context/op'
import { EmptyState } from '@/ui/empty-state'

interface Props {
  op: SignedInOp
  api: ReturnType<typeof caller>
  cloudId: string
  tab: Exclude<CloudTab, 'overview'>
  query: Record<string, string | string[] | undefined>
}

const EMPTY = {
  task: 'Tasks appear here after the next look into the cloud: starts, stops, backups and the like, whoever began them.',
  event: 'Events appear here after the next look into the cloud.',
}

/** One part of a cloud's page: a list of what stands in it, or of what it did. */
export async function CloudPart({ op, api, cloudId, tab, query }: Props) {
  const prefix = prefixOf(op)
  if (tab === 'backups') {
    const list = await api.streams.backups({ ...backupsInput(query), cloudId })
    const empty =
      'Backups appear here some minutes after the cloud made them. They are made and restored in the cloud itself.'
    return <BackupsTable list={list} prefix={prefix} inCloud empty={empty} />
  }
  if (tab === 'tasks' || tab === 'events') {
    const kind = tab === 'tasks' ? 'task' : 'event'
    const list = await api.streams.activity({ ...activityInput(query), kind, cloudId })
    return <ActivityTable list={list} kind={kind} prefix={prefix} inCloud empty={EMPTY[kind]} />
  }
  const kind = kindOf(tab)
  if (!kind) return null
  const list = await api.resources.list({ ...resourcesInput(query), kind: kind.kind, cloudId })
  const filters = await api.resources.filters({ kind: kind.kind })
  return (
    <ResourcesTable
      list={list}
      kind={{ ...kindView(kind), inCloud: false }}
      filters={{ ...filters, clouds: [] }}
      prefix={prefix}
      isMaster={op.tenant.isMaster}
      empty={
        <EmptyState
          bare
          icon={<KindIcon icon={kind.icon} />}
          title={`No ${kind.plural.toLowerCase()} that you see`}
        >
          What the next look into the cloud finds appears here.
        </EmptyState>
      }
    />
  )
}
