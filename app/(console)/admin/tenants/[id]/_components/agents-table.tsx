'use client'

import { Radio } from 'lucide-react'
import type { TenantAgent, TenantAgents } from '@/server/features/tenants/tenants.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { Section } from '@/ui/page-header'
import { RelativeTime } from '@/ui/relative-time'
import type { Tone } from '@/ui/tone'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS: readonly string[] = []

const STATES: Record<TenantAgent['state'], { label: string; tone: Tone }> = {
  gone: { label: 'Gone', tone: 'success' },
  told: { label: 'Told, no answer yet', tone: 'warning' },
  silent: { label: 'Silent', tone: 'neutral' },
}

const COLUMNS: Column<TenantAgent>[] = [
  { id: 'host', header: 'Host', className: 'min-w-40', cell: ({ name }) => name },
  {
    id: 'state',
    header: 'Agent',
    className: 'w-44',
    cell: ({ state }) => <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge>,
  },
  { id: 'told', header: 'Told to uninstall', className: 'w-36', cell: ({ toldAt }) => when(toldAt) },
  { id: 'gone', header: 'Said it is gone', className: 'w-36', cell: ({ goneAt }) => when(goneAt) },
  { id: 'seen', header: 'Last report', className: 'w-36', cell: ({ lastSeenAt }) => when(lastSeenAt) },
]

const when = (at: string | null) =>
  at === null ? <span className="text-faint">–</span> : <RelativeTime date={at} />

/** What became of the agents of a deleted tenant. */
export function AgentsTable({ list }: { list: TenantAgents }) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  const { total, told, gone } = list
  const of = (n: number) => n.toLocaleString('en')
  return (
    <Section
      title="Agents"
      description={
        total === 0
          ? 'Each is told to uninstall with its next report.'
          : `Each is told to uninstall with its next report: ${of(told)} of ${of(total)} were told, ${of(gone)} said that they are gone. A silent one has not reported since; agents before version 1.3.0 do not say when they are gone.`
      }
    >
      <DataTable
        label="Agents"
        columns={COLUMNS}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        loading={table.pending}
        page={table.pageOf(list)}
        empty={
          <EmptyState bare icon={<Radio />} title="No agents">
            The tenant had no host of its own. Hosts that were dedicated to it are the master’s again, and
            their agents stay.
          </EmptyState>
        }
      />
    </Section>
  )
}
