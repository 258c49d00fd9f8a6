'use client'

import { Globe, MailPlus, MailX, Send, UserCog } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { InvitationDialogs } from '@/app/(console)/_components/invitations/invitation-dialogs'
import { overReason, STATUS_OPTIONS } from '@/app/(console)/_components/invitations/invitation-status'
import { ALL_INVITATIONS_COLUMNS } from '@/app/(console)/admin/people/_components/all-invitations-columns'
import { LEVEL_LABELS } from '@/app/(console)/admin/people/_components/level-badge'
import { LowerDialog } from '@/app/(console)/admin/people/_components/lower-dialog'
import { RaiseDialog } from '@/app/(console)/admin/people/_components/raise-dialog'
import { TenantFilter } from '@/app/(console)/admin/people/_components/tenant-filter'
import { useRoles } from '@/app/(console)/admin/people/_components/use-roles'
import type {
  AllInvitationsPage,
  AllInvitationsRow,
  InviteOptions,
} from '@/server/features/invitations/invitations.all.schema'
import { DataTable } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['status', 'level', 'tenant'] as const
const LEVELS = (['parent', 'tenant'] as const).map((value) => ({ value, label: LEVEL_LABELS[value] }))
type Kind = 'resend' | 'revoke' | 'role' | 'level'
interface Open {
  kind: Kind
  row: AllInvitationsRow
}

interface Props {
  page: AllInvitationsPage
  options: InviteOptions
  /** To which the list is narrowed. */
  tenant: { id: string; name: string } | null
}

/** Who is asked in, into any tenant or at parent level, and what became of it. */
export function AllInvitationsTable({ page, options, tenant }: Props) {
  const router = useRouter()
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  const [open, setOpen] = useState<Open | null>(null)
  const facet = (id: 'status' | 'level', label: string, choices: typeof STATUS_OPTIONS) => ({
    id,
    label,
    options: choices,
    value: table.filters[id] ?? [],
    onChange: (value: string[]) => table.setFilter(id, value),
  })
  return (
    <>
      <DataTable
        label="Invitations"
        columns={ALL_INVITATIONS_COLUMNS}
        rows={page.rows}
        rowId={idOf}
        rowName={nameOf}
        rowActions={(row) => <Actions row={row} why={options.why} open={(kind) => setOpen({ kind, row })} />}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search address' }}
        facets={[facet('status', 'Status', STATUS_OPTIONS), facet('level', 'Level', LEVELS)]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey="all-invitations"
        toolbar={<TenantFilter tenant={tenant} onChange={(ids) => table.setFilter('tenant', ids)} />}
        page={table.pageOf(page)}
        empty={
          <EmptyState bare icon={<MailPlus />} title="Nobody is invited">
            Invite people by e-mail with the button above, into one or several tenants or at parent level.
            They choose their own username and password.
          </EmptyState>
        }
      />
      {open && (
        <Dialogs
          open={open}
          options={options}
          onClose={(done) => {
            setOpen(null)
            if (done) router.refresh()
          }}
        />
      )}
    </>
  )
}

interface DialogsProps {
  open: Open
  options: InviteOptions
  onClose: (done: boolean) => void
}
function Dialogs({ open: { kind, row }, options, onClose }: DialogsProps) {
  const { tenant, level, role, givesRole } = row
  const roles = useRoles(kind !== 'role' ? '' : tenant.master ? 'master' : tenant.id)
  if (kind === 'level')
    return level === 'tenant' ? (
      <RaiseDialog row={row} onClose={onClose} />
    ) : (
      <LowerDialog row={row} options={options} onClose={onClose} />
    )
  if (kind === 'role' && roles === undefined) return null
  return (
    <InvitationDialogs
      dialog={{ kind, row }}
      roles={roles ?? []}
      defaultRole={role.id === null ? (givesRole ?? '') : ''}
      tenantId={tenant.master ? undefined : tenant.id}
      onClose={onClose}
    />
  )
}

const idOf = (row: AllInvitationsRow) => row.id
const nameOf = (row: AllInvitationsRow) =>
  `invitation of ${row.email}${row.tenant.master ? ' at parent level' : ` into ${row.tenant.name}`}`

interface ActionsProps {
  row: AllInvitationsRow
  why: InviteOptions['why']
  open: (kind: Kind) => void
}
function Actions({ row, why, open }: ActionsProps) {
  const over = overReason(row)
  const refused = over ?? (row.level === 'parent' ? why.parent : why.tenant)
  return (
    <>
      <MenuItem icon={<Send aria-hidden />} disabledReason={refused} onSelect={() => open('resend')}>
        Send again
      </MenuItem>
      <MenuItem icon={<UserCog aria-hidden />} disabledReason={refused} onSelect={() => open('role')}>
        Change role
      </MenuItem>
      <MenuItem
        icon={<Globe aria-hidden />}
        disabledReason={over ?? why.parent}
        onSelect={() => open('level')}
      >
        Change level
      </MenuItem>
      <MenuItem
        tone="danger"
        icon={<MailX aria-hidden />}
        disabledReason={refused}
        onSelect={() => open('revoke')}
      >
        Take back
      </MenuItem>
    </>
  )
}
