'use client'

import { Boxes, FolderMinus, Plus } from 'lucide-react'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { AddMembersDialog } from '@/app/(console)/infrastructure/groups/_components/add-members-dialog'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { ResourceList, ResourceListRow } from '@/server/features/resources/resources.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['kind'] as const
const COLUMNS: Column<ResourceListRow>[] = [
  { id: 'name', header: 'Name', className: 'min-w-40', cell: (row) => row.name },
  { id: 'cloud', header: 'Cloud', cell: (row) => row.cloud?.name ?? <span className="text-faint">–</span> },
  {
    id: 'created',
    header: 'Created',
    className: 'w-32',
    cell: (row) => <RelativeTime date={row.createdAt} />,
  },
]

interface Props {
  group: { id: string; name: string }
  may: { allowed: boolean; reason?: string }
  /** The kind that is shown; null: the group is empty. */
  kind: string | null
  list: ResourceList | null
  prefix: TenantPrefix
}

/** What is in a group, of one kind, with the ways in and out. */
export function GroupMembers({ group, may, kind, list, prefix }: Props) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  const [adding, setAdding] = useState(false)
  const { error, run } = useChange(() => undefined)
  const descriptor = kind === null ? undefined : kindOf(kind)
  const remove = (ids: readonly string[], clear: () => void) =>
    void run(
      async () => {
        await api().groups.setMembers.mutate({ id: group.id, remove: [...ids] })
        clear()
      },
      `${ids.length === 1 ? 'It is' : `${ids.length} are`} not in ${group.name} any more.`,
    )
  const add = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden />}
      disabledReason={!may.allowed && may.reason}
      onClick={() => setAdding(true)}
    >
      Add to group
    </Button>
  )
  return (
    <>
      {error && (
        <Alert tone="danger" className="mb-3">
          {error}
        </Alert>
      )}
      {list && descriptor ? (
        <DataTable
          label={descriptor.plural}
          columns={COLUMNS}
          rows={list.rows}
          rowId={(row) => row.id}
          rowName={(row) => row.name}
          rowHref={(row) => paths.resource(descriptor, row.id)}
          search={{
            value: table.q,
            onChange: table.setQ,
            placeholder: `Search ${descriptor.plural.toLowerCase()}`,
          }}
          filtered={table.q !== ''}
          onClearFilters={() => table.setQ('')}
          loading={table.pending}
          toolbar={add}
          bulkActions={
            may.allowed
              ? [{ label: 'Take out of group', icon: <FolderMinus aria-hidden />, onSelect: remove }]
              : undefined
          }
          page={table.pageOf(list)}
        />
      ) : (
        <EmptyState icon={<Boxes />} title="Nothing in it that you see" action={add}>
          Put hosts, clouds and other things into it. A cloud in a group is the cloud itself: add what stands
          in it, too, if a role is to reach that.
        </EmptyState>
      )}
      {adding && <AddMembersDialog group={group} onClose={() => setAdding(false)} />}
    </>
  )
}
