'use client'

import { ArchiveRestore } from 'lucide-react'
import type { ReactNode } from 'react'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { About, InCloud } from '@/app/(console)/_components/streams/about'
import { BACKUP_FACETS } from '@/app/(console)/_components/streams/streams-facets'
import type { TenantPrefix } from '@/lib/host'
import { type ConsolePaths, consolePaths } from '@/lib/paths'
import { DATASTORE } from '@/lib/resource-kinds/datastore'
import { formatBytes } from '@/lib/units'
import type { BackupList, BackupRow } from '@/server/features/streams/streams.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { TextLink } from '@/ui/text-link'
import { useTableUrlState } from '@/ui/use-table-url-state'

const dash = <span className="text-faint">–</span>
const STATES = [
  { value: 'protected', label: 'Protected' },
  { value: 'verified', label: 'Checked, good' },
  { value: 'broken', label: 'Checked, damaged' },
  { value: 'gone', label: 'Not there any more' },
]

/** What is to be known of a backup beside its age. */
export function BackupBadges({ row }: { row: BackupRow }) {
  const none = !row.protected && row.verified === '' && row.goneAt === null
  if (none) return dash
  return (
    <span className="flex flex-wrap gap-1">
      {row.goneAt !== null && (
        <Badge tone="warning" title="The cloud does not tell of it any more. It is forgotten after a week.">
          Not there any more
        </Badge>
      )}
      {row.verified === 'ok' && <Badge tone="success">Checked, good</Badge>}
      {row.verified === 'failed' && <Badge tone="danger">Checked, damaged</Badge>}
      {row.protected && <Badge title="The cloud does not remove it by itself">Protected</Badge>}
    </span>
  )
}

const columnsOf = (paths: ConsolePaths, inCloud: boolean): Column<BackupRow>[] =>
  [
    {
      id: 'about',
      header: 'Machine',
      className: 'min-w-36',
      cell: (row: BackupRow) => <About row={row} paths={paths} />,
    },
    {
      id: 'at',
      header: 'Taken',
      className: 'w-32',
      cell: (row: BackupRow) => <RelativeTime date={row.takenAt} />,
    },
    {
      id: 'size',
      header: 'Size',
      align: 'end' as const,
      className: 'whitespace-nowrap',
      cell: (row: BackupRow) => (row.size === null ? dash : formatBytes(row.size)),
    },
    {
      id: 'state',
      header: 'State',
      className: 'min-w-28',
      cell: (row: BackupRow) => <BackupBadges row={row} />,
    },
    {
      id: 'datastore',
      header: 'Kept in',
      hideable: true,
      className: 'max-w-40 truncate',
      cell: (row: BackupRow) =>
        row.datastore === null ? (
          dash
        ) : (
          <TextLink href={paths.resource(DATASTORE, row.datastore.id)}>{row.datastore.name}</TextLink>
        ),
    },
    !inCloud && {
      id: 'cloud',
      header: 'Cloud',
      hideable: true,
      className: 'max-w-40 truncate',
      cell: (row: BackupRow) => <InCloud cloud={row.cloud} paths={paths} />,
    },
    {
      id: 'notes',
      header: 'Notes',
      hideable: true,
      className: 'max-w-56 truncate',
      cell: (row: BackupRow) => (row.notes === '' ? dash : row.notes),
    },
    {
      id: 'format',
      header: 'Format',
      hideable: true,
      defaultHidden: true,
      cell: (row: BackupRow) => row.format || dash,
    },
  ].filter((column) => column !== false)

interface Props {
  list: BackupList
  prefix: TenantPrefix
  /** On the page of one cloud. */
  inCloud?: boolean
  empty: ReactNode
}

/** Backups that clouds keep, newest first, kept current. */
export function BackupsTable({ list, prefix, inCloud = false, empty }: Props) {
  const paths = consolePaths(prefix)
  const table = useTableUrlState({ facets: BACKUP_FACETS, defaultSort: null })
  return (
    <>
      <LiveRefresh />
      <DataTable
        label="Backups"
        columns={columnsOf(paths, inCloud)}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => `Backup of ${row.unknown ?? row.about.name}`}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search machines, notes' }}
        facets={[
          {
            id: 'state',
            label: 'State',
            options: STATES,
            value: table.filters.state ?? [],
            onChange: (value) => table.setFilter('state', value),
          },
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey="backups"
        page={table.pageOf(list)}
        empty={
          <EmptyState bare icon={<ArchiveRestore />} title="No backups">
            {empty}
          </EmptyState>
        }
      />
    </>
  )
}
