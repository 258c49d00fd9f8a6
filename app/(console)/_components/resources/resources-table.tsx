'use client'

import { ArrowRight, Building2, Eye, EyeOff, PenLine } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { AssignDialog } from '@/app/(console)/_components/resources/assign-dialog'
import { cloudColumns } from '@/app/(console)/_components/resources/cloud-columns'
import { columnsOf } from '@/app/(console)/_components/resources/resources-columns'
import { facetsOf, RESOURCE_FACETS } from '@/app/(console)/_components/resources/resources-facets'
import { VisibilityDialog } from '@/app/(console)/_components/resources/visibility-dialog'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { CloudFigures } from '@/server/features/connections/connections.schema'
import type {
  ResourceFilters,
  ResourceList,
  ResourceListRow,
} from '@/server/features/resources/resources.schema'
import { Alert } from '@/ui/alert'
import { DataTable } from '@/ui/data-table'
import type { BulkAction } from '@/ui/data-table-types'
import { MenuItem } from '@/ui/menu-items'
import { useTableUrlState } from '@/ui/use-table-url-state'

const BY_NAME = { id: 'name', desc: false }

interface Props {
  list: ResourceList
  kind: KindView
  filters: ResourceFilters
  prefix: TenantPrefix
  isMaster: boolean
  empty: ReactNode
  /** Of a list of clouds: what each has. */
  figures?: CloudFigures | null
}

type Open = { what: 'assign' | 'public' | 'private'; resources: ResourceListRow[]; clear: () => void } | null

/** The resources of a kind that the person sees, kept current. */
export function ResourcesTable({ list, kind, filters, prefix, isMaster, empty, figures }: Props) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: RESOURCE_FACETS, defaultSort: BY_NAME })
  const [open, setOpen] = useState<Open>(null)
  const columns = useMemo(
    () => columnsOf(kind, isMaster, figures ? cloudColumns(figures, kind) : []),
    [kind, isMaster, figures],
  )
  const ids = useMemo(() => list.rows.map(({ id }) => id), [list.rows])
  // A list that shows all there is hears of what is new, too; in a part of many, only of its own rows.
  const showsAll = list.rows.length === 0 || (list.total === list.rows.length && !table.filtered)
  const start = (what: NonNullable<Open>['what']) => (chosen: readonly string[], clear: () => void) =>
    setOpen({ what, resources: list.rows.filter(({ id }) => chosen.includes(id)), clear })
  const close = () => setOpen(null)
  return (
    <>
      <LiveRefresh ids={showsAll ? undefined : ids} />
      {table.sort && table.sort.id !== list.sortedBy && (
        <Alert className="mb-3">
          There are too many {kind.plural.toLowerCase()} to sort them by this column, so they stand by name.
          Search or filter first.
        </Alert>
      )}
      <DataTable
        label={kind.plural}
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => paths.resource(kind, row.id)}
        rowActions={(row) => (
          <>
            <MenuItem icon={<ArrowRight aria-hidden />} href={paths.resource(kind, row.id)}>
              Open
            </MenuItem>
            <MenuItem
              icon={<PenLine aria-hidden />}
              href={paths.editResource(kind, row.id)}
              disabledReason={whyNotEdit(row)}
            >
              Edit
            </MenuItem>
            {isMaster && (
              <MenuItem
                icon={<Building2 aria-hidden />}
                disabledReason={list.can.assign.reason}
                onSelect={() => start('assign')([row.id], () => undefined)}
              >
                Assign Tenant…
              </MenuItem>
            )}
          </>
        )}
        sort={table.sort}
        onSort={table.setSort}
        search={{ value: table.q, onChange: table.setQ, placeholder: `Search ${kind.plural.toLowerCase()}` }}
        facets={facetsOf(filters, table)}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey={kind.kind}
        bulkActions={list.can.assign.allowed ? bulkOf(kind, start) : undefined}
        page={table.pageOf(list)}
        empty={empty}
      />
      {open?.what === 'assign' && (
        <AssignDialog kind={kind} resources={open.resources} onClose={close} onDone={open.clear} />
      )}
      {open && open.what !== 'assign' && (
        <VisibilityDialog
          kind={kind}
          resources={open.resources}
          next={open.what}
          onClose={close}
          onDone={open.clear}
        />
      )}
    </>
  )
}

type Start = (what: NonNullable<Open>['what']) => BulkAction['onSelect']

function bulkOf(kind: KindView, start: Start): BulkAction[] {
  const all: (BulkAction | false)[] = [
    kind.canBeAssigned && {
      label: 'Assign Tenant…',
      icon: <Building2 aria-hidden />,
      onSelect: start('assign'),
    },
    kind.canBePublic && { label: 'Make public…', icon: <Eye aria-hidden />, onSelect: start('public') },
    kind.canBePublic && { label: 'Make private…', icon: <EyeOff aria-hidden />, onSelect: start('private') },
  ]
  return all.filter((action) => action !== false)
}

/** What is plain from the row; what else stands in the way, the form says. */
function whyNotEdit({ relation, grantRole }: ResourceListRow): string | undefined {
  if (relation === 'assigned' || relation === 'public') return 'Your provider manages it'
  return relation === 'granted' && grantRole === 'viewer' ? 'Shared with you to look at only' : undefined
}
