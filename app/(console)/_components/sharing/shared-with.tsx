'use client'

import { Share2, X } from 'lucide-react'
import { useState } from 'react'
import { EditShareDialog } from '@/app/(console)/_components/sharing/edit-share-dialog'
import { RevokeDialog } from '@/app/(console)/_components/sharing/revoke-dialog'
import { ShareDialog } from '@/app/(console)/_components/sharing/share-dialog'
import { endsSoon } from '@/app/(console)/_components/sharing/share-words'
import type { Outgoing, OutgoingRow } from '@/server/features/grants/grants.schema'
import type { Verdict } from '@/server/features/resources/resources.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'

interface Props {
  kind: string
  resource: { id: string; name: string; can: { share: Verdict } }
  isMaster: boolean
  /** Shares of this resource, as `api.grants.outgoing` answers. */
  shares: Outgoing
}

/** With whom a resource is shared, as chips that lead to the share and take it back; and the way to share it. */
export function SharedWith({ kind, resource, isMaster, shares }: Props) {
  const [open, setOpen] = useState<'share' | { edit: OutgoingRow } | { revoke: OutgoingRow } | null>(null)
  const close = () => setOpen(null)
  const { revoke } = shares.can
  return (
    <Card
      title="Shared with"
      actions={
        <Button
          size="sm"
          icon={<Share2 aria-hidden />}
          disabledReason={!resource.can.share.allowed && resource.can.share.reason}
          onClick={() => setOpen('share')}
        >
          Share…
        </Button>
      }
    >
      {shares.rows.length === 0 ? (
        <p className="text-sm text-muted">Nobody. Other tenants do not know that it exists.</p>
      ) : (
        <ul className="flex flex-wrap gap-2">
          {shares.rows.map((row) => (
            <Chip
              key={row.id}
              row={row}
              refusal={revoke.allowed ? undefined : revoke.reason}
              onEdit={() => setOpen({ edit: row })}
              onRevoke={() => setOpen({ revoke: row })}
            />
          ))}
          {shares.nextCursor && (
            <li className="self-center text-xs text-muted">and {shares.total - shares.rows.length} more</li>
          )}
        </ul>
      )}
      {open === 'share' && (
        <ShareDialog kind={kind} resource={resource} isMaster={isMaster} onClose={close} />
      )}
      {open && typeof open === 'object' && 'edit' in open && (
        <EditShareDialog grant={open.edit} onClose={close} />
      )}
      {open && typeof open === 'object' && 'revoke' in open && (
        <RevokeDialog
          ids={[open.revoke.id]}
          what={`${resource.name} from ${open.revoke.tenant.name}`}
          onClose={close}
        />
      )}
    </Card>
  )
}

const NOTE = { pending: 'waiting', suspended: 'paused', live: '' } as const

function Chip({
  row,
  refusal,
  onEdit,
  onRevoke,
}: {
  row: OutgoingRow
  refusal?: string
  onEdit: () => void
  onRevoke: () => void
}) {
  const notes = [row.role, NOTE[row.status], endsSoon(row.endsInDays).toLowerCase()].filter(Boolean)
  return (
    <li className="inline-flex h-8 max-w-full items-center rounded-md border border-line-strong bg-subtle pl-2.5 text-sm pointer-coarse:h-10">
      <button
        type="button"
        className="flex min-w-0 items-center gap-1.5 hover:underline"
        onClick={onEdit}
        title={`Change the share with ${row.tenant.name}`}
      >
        <span className="truncate font-medium">{row.tenant.name}</span>
        <span className="text-xs whitespace-nowrap text-muted">{notes.join(', ')}</span>
      </button>
      <Button
        size="icon-sm"
        variant="ghost"
        aria-label={`Take it back from ${row.tenant.name}`}
        disabledReason={refusal}
        icon={<X aria-hidden />}
        onClick={onRevoke}
      />
    </li>
  )
}
