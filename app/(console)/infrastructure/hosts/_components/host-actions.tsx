'use client'

import { Building2, ChevronDown, Eye, EyeOff, PenLine, SlidersHorizontal, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { AssignDialog } from '@/app/(console)/_components/resources/assign-dialog'
import { RenameDialog } from '@/app/(console)/infrastructure/hosts/_components/rename-dialog'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { HostDetail } from '@/server/features/hosts/hosts.schema'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'

/** What the shared dialogs need to know of hosts. */
const KIND = { kind: 'host', plural: 'Hosts' }

type Open = 'rename' | 'assign' | 'visibility' | 'remove' | null

interface Props {
  host: Pick<HostDetail, 'id' | 'name' | 'visibility' | 'can' | 'assignedTenant' | 'assignedHere'>
  isMaster: boolean
  listHref: string
  editHref: string
}

/** What can be done with a host; what cannot says why. */
export function HostActions({ host, isMaster, listHref, editHref }: Props) {
  const [open, setOpen] = useState<Open>(null)
  const { can } = host
  const close = () => setOpen(null)
  const isPublic = host.visibility === 'public'
  return (
    <>
      <DropdownMenu align="end" trigger={<Button icon={<ChevronDown aria-hidden />}>Actions</Button>}>
        <MenuItem
          icon={<PenLine aria-hidden />}
          disabledReason={can.rename.reason}
          onSelect={() => setOpen('rename')}
        >
          Rename…
        </MenuItem>
        <MenuItem icon={<SlidersHorizontal aria-hidden />} href={editHref} disabledReason={can.edit.reason}>
          Edit
        </MenuItem>
        {isMaster && (
          <>
            <MenuItem
              icon={<Building2 aria-hidden />}
              disabledReason={can.assign.reason}
              onSelect={() => setOpen('assign')}
            >
              Assign Tenant…
            </MenuItem>
            <MenuItem
              icon={isPublic ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
              disabledReason={can.publish.reason}
              onSelect={() => setOpen('visibility')}
            >
              {isPublic ? 'Make private…' : 'Make public…'}
            </MenuItem>
          </>
        )}
        <MenuSeparator />
        <MenuItem
          icon={<Trash2 aria-hidden />}
          tone="danger"
          disabledReason={can.remove.reason}
          onSelect={() => setOpen('remove')}
        >
          Remove…
        </MenuItem>
      </DropdownMenu>
      {open === 'rename' && <RenameDialog host={host} onClose={close} />}
      {open === 'assign' && <AssignDialog kind={KIND} resources={[host]} onClose={close} />}
      {open === 'visibility' && <VisibilityDialog host={host} onClose={close} />}
      {open === 'remove' && <RemoveDialog host={host} listHref={listHref} onClose={close} />}
    </>
  )
}

function VisibilityDialog({ host, onClose }: { host: Props['host']; onClose: () => void }) {
  const { pending, error, run } = useChange(onClose)
  const next = host.visibility === 'public' ? 'private' : 'public'
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      tone="default"
      title={next === 'public' ? `Offer ${host.name} to all tenants?` : `Take ${host.name} back?`}
      description={
        next === 'public'
          ? 'Every tenant will see it in its console, with what its agent reports. Tenants made later see it, too.'
          : 'No tenant will see it any more, from this moment on.'
      }
      confirmLabel={next === 'public' ? 'Make public' : 'Make private'}
      pending={pending}
      error={error}
      onConfirm={() =>
        void run(
          () => api().hosts.setVisibility.mutate({ id: host.id, visibility: next }),
          next === 'public' ? 'All tenants see it now.' : 'It is private now.',
        )
      }
    />
  )
}

function RemoveDialog({
  host,
  listHref,
  onClose,
}: {
  host: Props['host']
  listHref: string
  onClose: () => void
}) {
  const router = useRouter()
  const { pending, error, run } = useChange(onClose)
  const user =
    host.assignedTenant && !host.assignedHere ? `${host.assignedTenant.name} loses it at once.` : null
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Remove ${host.name}?`}
      description="Nothing on the machine itself changes but that the agent goes."
      consequences={[
        'Its facts and shares are deleted.',
        'Its agent uninstalls itself at its next report.',
        ...(user ? [user] : []),
      ]}
      confirmText={host.name}
      confirmLabel="Remove host"
      pending={pending}
      error={error}
      onConfirm={() =>
        void run(
          () => api().hosts.remove.mutate({ id: host.id }),
          `${host.name} is removed.`,
          () => router.push(listHref),
        )
      }
    />
  )
}
