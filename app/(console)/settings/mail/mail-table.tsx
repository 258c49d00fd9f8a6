'use client'

import { Mail, MailOpen, Send } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { ReadMail } from '@/app/(console)/settings/mail/read-mail'
import { TestMail } from '@/app/(console)/settings/mail/test-mail'
import type { MailPage, MailRow, MailState } from '@/server/features/mail/mail.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { RelativeTime } from '@/ui/relative-time'
import type { Tone } from '@/ui/tone'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['status'] as const
const STATUS: Record<MailRow['status'], { label: string; tone: Tone }> = {
  queued: { label: 'Waiting', tone: 'info' },
  sending: { label: 'Being sent', tone: 'info' },
  sent: { label: 'Sent', tone: 'success' },
  failed: { label: 'Failed', tone: 'danger' },
  kept: { label: 'Kept here', tone: 'warning' },
}
const OPTIONS = Object.entries(STATUS).map(([value, { label }]) => ({ value, label }))
const COLUMNS: Column<MailRow>[] = [
  { id: 'to', header: 'To', className: 'min-w-48', cell: (row) => row.to },
  { id: 'subject', header: 'Subject', className: 'min-w-64', cell: (row) => row.subject },
  { id: 'tenant', header: 'Tenant', cell: (row) => row.tenant.name },
  {
    id: 'status',
    header: 'Status',
    className: 'w-40',
    cell: (row) => (
      <span className="grid gap-0.5">
        <span>
          <Badge tone={STATUS[row.status].tone}>{STATUS[row.status].label}</Badge>
        </span>
        {row.error && <span className="text-xs text-muted">{row.error}</span>}
      </span>
    ),
  },
  { id: 'created', header: 'When', className: 'w-32', cell: (row) => <RelativeTime date={row.createdAt} /> },
]
const idOf = (row: MailRow) => row.id
const nameOf = (row: MailRow) => `mail to ${row.to}`

/** How soon a page with mail that is on its way looks again, and how old such mail is at most; in ms. What takes longer, live pages tell. */
const LOOK_AGAIN = 1500
const ON_ITS_WAY = 60_000

/** Loads the list anew while mail of this minute waits: it may be off before the page listens to what changes. */
function useMailOnItsWay(rows: MailRow[]): void {
  const router = useRouter()
  useEffect(() => {
    const since = Date.now() - ON_ITS_WAY
    const waits = ({ status, createdAt }: MailRow) =>
      (status === 'queued' || status === 'sending') && Date.parse(createdAt) > since
    if (!rows.some(waits)) return
    const timer = window.setTimeout(() => router.refresh(), LOOK_AGAIN)
    return () => window.clearTimeout(timer)
  }, [rows, router])
}

/** Mail of the last 30 days: read what is kept, try again what failed, send a test. */
export function MailTable({ page, state }: { page: MailPage; state: MailState }) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  useMailOnItsWay(page.rows)
  const [reading, setReading] = useState<MailRow | null>(null)
  const [testing, setTesting] = useState(false)
  const retry = useChange(() => undefined)
  const actions = (row: MailRow) => (
    <>
      <MenuItem
        icon={<MailOpen aria-hidden />}
        disabledReason={
          !row.readable &&
          (row.status === 'sent' ? 'It was sent: what it said is wiped' : 'It is not kept here')
        }
        onSelect={() => setReading(row)}
      >
        Read
      </MenuItem>
      <MenuItem
        icon={<Send aria-hidden />}
        disabledReason={row.status === 'failed' ? state.why.manage : 'It has not failed'}
        onSelect={() => void retry.run(() => api().mail.retry.mutate({ id: row.id }), 'It is tried again.')}
      >
        Try again
      </MenuItem>
    </>
  )
  return (
    <>
      <LiveRefresh />
      {retry.error && <Alert tone="danger">{retry.error}</Alert>}
      <DataTable
        label="Mail"
        columns={COLUMNS}
        rows={page.rows}
        rowId={idOf}
        rowName={nameOf}
        rowActions={actions}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search address, subject' }}
        facets={[
          {
            id: 'status',
            label: 'Status',
            options: OPTIONS,
            value: table.filters.status ?? [],
            onChange: (value) => table.setFilter('status', value),
          },
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        toolbar={
          <Button
            icon={<Send aria-hidden />}
            disabledReason={state.why.manage}
            onClick={() => setTesting(true)}
          >
            Send a test
          </Button>
        }
        page={table.pageOf(page)}
        empty={
          <EmptyState bare icon={<Mail />} title="No mail in the last 30 days">
            It appears here when somebody is invited or asks for a new password.
          </EmptyState>
        }
      />
      {reading && <ReadMail mail={reading} close={() => setReading(null)} />}
      <TestMail open={testing} close={() => setTesting(false)} kept={state.server === null} />
    </>
  )
}
