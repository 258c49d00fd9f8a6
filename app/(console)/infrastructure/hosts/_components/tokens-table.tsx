'use client'

import { KeyRound } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { EnrolmentTokenRow } from '@/server/features/enrolment-tokens/enrolment-tokens.schema'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { StatusDot } from '@/ui/status-dot'
import { toast } from '@/ui/toast'
import { useTableUrlState } from '@/ui/use-table-url-state'

const DOT = { live: 'live', used: 'disabled', expired: 'disabled', revoked: 'disabled' } as const
const WORD = { live: 'Usable', used: 'Used up', expired: 'Expired', revoked: 'Revoked' } as const

const COLUMNS: Column<EnrolmentTokenRow>[] = [
  { id: 'name', header: 'Name', className: 'min-w-40', cell: (row) => row.name },
  {
    id: 'state',
    header: 'State',
    className: 'w-32',
    cell: (row) => <StatusDot status={DOT[row.state]} label={WORD[row.state]} />,
  },
  {
    id: 'uses',
    header: 'Machines',
    align: 'end',
    className: 'w-28',
    cell: (row) => `${row.uses} of ${row.maxUses}`,
  },
  {
    id: 'expires',
    header: 'Expires',
    className: 'w-36',
    cell: (row) => <RelativeTime date={row.expiresAt} />,
  },
  {
    id: 'created',
    header: 'Created',
    className: 'w-36',
    cell: (row) => <RelativeTime date={row.createdAt} />,
  },
]

interface Props {
  rows: EnrolmentTokenRow[]
  from: number
  total: number
  nextCursor?: string
  prevCursor?: string
  mayRevoke: boolean
}

/** The tenant's enrolment tokens, newest first, without their secrets. */
export function TokensTable({ rows, from, total, nextCursor, prevCursor, mayRevoke }: Props) {
  const table = useTableUrlState()
  const [revoking, setRevoking] = useState<EnrolmentTokenRow | null>(null)
  const action: Column<EnrolmentTokenRow> = {
    id: 'revoke',
    header: '',
    align: 'end',
    className: 'w-24',
    cell: (row) =>
      row.state === 'live' && (
        <Button
          size="sm"
          disabledReason={!mayRevoke && 'You may see tokens, but not revoke them'}
          onClick={() => setRevoking(row)}
          aria-label={`Revoke ${row.name}`}
        >
          Revoke
        </Button>
      ),
  }
  return (
    <>
      <DataTable
        label="Enrolment tokens"
        columns={[...COLUMNS, action]}
        rows={rows}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        loading={table.pending}
        page={{
          from: from + 1,
          to: from + rows.length,
          total,
          hasNext: nextCursor !== undefined,
          hasPrev: prevCursor !== undefined,
          onNext: () => table.setCursor(nextCursor ?? null),
          onPrev: () => table.setCursor(prevCursor ?? null),
        }}
        empty={
          <EmptyState bare icon={<KeyRound />} title="No tokens yet">
            Each command made above leaves one here, so that you can revoke it.
          </EmptyState>
        }
      />
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </>
  )
}

function RevokeDialog({ token, onClose }: { token: EnrolmentTokenRow; onClose: () => void }) {
  const router = useRouter()
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const revoke = async () => {
    setPending(true)
    try {
      await api().enrolmentTokens.revoke.mutate({ id: token.id })
      toast.success(`${token.name} is revoked.`)
      onClose()
      router.refresh()
    } catch (caught) {
      setError(problemOf(caught).message)
      setPending(false)
    }
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Revoke ${token.name}?`}
      description="No machine can enrol with it any more. Hosts that did stay as they are."
      confirmLabel="Revoke"
      pending={pending}
      error={error}
      onConfirm={() => void revoke()}
    />
  )
}
