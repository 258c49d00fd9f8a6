'use client'

import { ArrowRight, ArrowRightLeft, Building2, Plus, Server } from 'lucide-react'
import { useMemo, useState } from 'react'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { MigrateDialog } from '@/app/(console)/_components/host-moves/migrate-dialog'
import { AssignDialog } from '@/app/(console)/_components/resources/assign-dialog'
import { HOST_COLUMNS } from '@/app/(console)/infrastructure/hosts/_components/hosts-columns'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { HostList, HostRow } from '@/server/features/hosts/hosts.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { BulkAction, Facet } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { useTableUrlState } from '@/ui/use-table-url-state'

const KIND = { kind: 'host', plural: 'Hosts' }
const FACETS = ['status', 'tenant'] as const
const BY_NAME = { id: 'name', desc: false }
const STATUSES = [
  { value: 'online', label: 'Online' },
  { value: 'offline', label: 'Offline' },
  { value: 'pending', label: 'Waiting' },
]

interface Props {
  list: HostList
  prefix: TenantPrefix
  isMaster: boolean
  /** Tenants to filter by; none in a subtenant. */
  tenants: readonly { id: string; name: string }[]
  /** Why there are none, where there are none. */
  whyEmpty?: string
}

/** The hosts that the tenant sees, kept current. */
export function HostsTable({ list, prefix, isMaster, tenants, whyEmpty }: Props) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: FACETS, defaultSort: BY_NAME })
  const [assigning, setAssigning] = useState<{ hosts: HostRow[]; clear: () => void } | null>(null)
  const [migrating, setMigrating] = useState<readonly HostRow[] | null>(null)
  const columns = useMemo(() => HOST_COLUMNS.filter(({ id }) => isMaster || id !== 'tenant'), [isMaster])
  const ids = useMemo(() => list.rows.map(({ id }) => id), [list.rows])
  // A list that shows all there is hears of what is new, too; in a part of many, only of its own rows.
  const showsAll = list.rows.length === 0 || (list.total === list.rows.length && !table.filtered)
  const facets: Facet[] = [
    {
      id: 'status',
      label: 'Status',
      options: STATUSES,
      value: table.filters.status ?? [],
      onChange: (v) => table.setFilter('status', v),
    },
  ]
  if (tenants.length > 0) {
    facets.push({
      id: 'tenant',
      label: 'Tenant',
      single: true,
      options: tenants.map(({ id, name }) => ({ value: id, label: name })),
      value: table.filters.tenant ?? [],
      onChange: (v) => table.setFilter('tenant', v),
    })
  }
  const assign = (chosen: readonly string[], clear: () => void) =>
    setAssigning({ hosts: list.rows.filter(({ id }) => chosen.includes(id)), clear })
  const bulk: BulkAction[] = []
  if (list.can.assign.allowed)
    bulk.push({ label: 'Assign Tenant…', icon: <Building2 aria-hidden />, onSelect: assign })
  if (list.can.migrate.allowed)
    bulk.push({
      label: 'Migrate devices…',
      icon: <ArrowRightLeft aria-hidden />,
      onSelect: (chosen) => setMigrating(list.rows.filter(({ id }) => chosen.includes(id))),
    })
  return (
    <>
      <LiveRefresh ids={showsAll ? undefined : ids} />
      {table.sort && table.sort.id !== list.sortedBy && (
        <Alert className="mb-3">
          There are too many hosts to sort them by this column, so they stand by name. Search or filter first.
        </Alert>
      )}
      <DataTable
        label="Hosts"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => paths.host(row.id)}
        rowActions={(row) => (
          <>
            <MenuItem icon={<ArrowRight aria-hidden />} href={paths.host(row.id)}>
              Open
            </MenuItem>
            {isMaster && (
              <MenuItem
                icon={<Building2 aria-hidden />}
                disabledReason={list.can.assign.reason}
                onSelect={() => assign([row.id], () => undefined)}
              >
                Assign Tenant…
              </MenuItem>
            )}
            {isMaster && (
              <MenuItem
                icon={<ArrowRightLeft aria-hidden />}
                disabledReason={list.can.migrate.reason}
                onSelect={() => setMigrating([row])}
              >
                Migrate devices…
              </MenuItem>
            )}
          </>
        )}
        sort={table.sort}
        onSort={table.setSort}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search hosts' }}
        facets={facets}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey="hosts"
        exportHref={exportHref(prefix, table)}
        bulkActions={bulk}
        page={table.pageOf(list)}
        empty={<NoHosts enrol={list.can.enrol} href={paths.enrolHost} why={whyEmpty} />}
      />
      {assigning && (
        <AssignDialog
          kind={KIND}
          resources={assigning.hosts}
          onClose={() => setAssigning(null)}
          onDone={assigning.clear}
        />
      )}
      {migrating && <MigrateDialog hosts={migrating} onClose={() => setMigrating(null)} />}
    </>
  )
}

function NoHosts({
  enrol,
  href,
  why,
}: {
  enrol: HostList['can']['enrol']
  href: string
  why: string | undefined
}) {
  return (
    <EmptyState
      bare
      icon={<Server />}
      title="No hosts yet"
      action={
        <ButtonLink
          href={href}
          variant="primary"
          icon={<Plus aria-hidden />}
          disabledReason={!enrol.allowed && enrol.reason}
        >
          Enrol a host
        </ButtonLink>
      }
    >
      {why} Run one command on a machine, and it appears here within seconds.
    </EmptyState>
  )
}

/** The download with the list's own search and filters. */
function exportHref(prefix: TenantPrefix, table: { q: string; filters: Record<string, string[]> }): string {
  const params = new URLSearchParams()
  if (table.q) params.set('search', table.q)
  for (const status of table.filters.status ?? []) params.append('status', status)
  const [tenant] = table.filters.tenant ?? []
  if (tenant) params.set('tenantId', tenant)
  const query = params.toString()
  return `${prefix}/api/hosts/export.csv${query ? `?${query}` : ''}`
}
