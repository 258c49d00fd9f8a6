'use client'

import { Building2, ChevronDown, Eye, EyeOff, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { AssignDialog } from '@/app/(console)/_components/resources/assign-dialog'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { VisibilityDialog } from '@/app/(console)/_components/resources/visibility-dialog'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'

interface Props {
  kind: Pick<KindView, 'kind' | 'label' | 'plural'>
  resource: Pick<ResourceDetail, 'id' | 'name' | 'visibility' | 'assignedTenant' | 'assignedHere'> & {
    can: Pick<ResourceDetail['can'], 'assign' | 'publish' | 'remove'>
  }
  isMaster: boolean
  listHref: string
  /** What else can be done with it, above the rest. */
  children?: ReactNode
}

/** What can be done with a resource; what cannot says why. */
export function ResourceActions({ kind, resource, isMaster, listHref, children }: Props) {
  const [open, setOpen] = useState<'assign' | 'visibility' | 'remove' | null>(null)
  const { can } = resource
  const close = () => setOpen(null)
  const isPublic = resource.visibility === 'public'
  return (
    <>
      <DropdownMenu align="end" trigger={<Button icon={<ChevronDown aria-hidden />}>Actions</Button>}>
        {children}
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
        {(isMaster || children !== undefined) && <MenuSeparator />}
        <MenuItem
          icon={<Trash2 aria-hidden />}
          tone="danger"
          disabledReason={can.remove.reason}
          onSelect={() => setOpen('remove')}
        >
          Remove…
        </MenuItem>
      </DropdownMenu>
      {open === 'assign' && <AssignDialog kind={kind} resources={[resource]} onClose={close} />}
      {open === 'visibility' && (
        <VisibilityDialog
          kind={kind}
          resources={[resource]}
          next={isPublic ? 'private' : 'public'}
          onClose={close}
        />
      )}
      {open === 'remove' && (
        <RemoveDialog kind={kind} resource={resource} listHref={listHref} onClose={close} />
      )}
    </>
  )
}

/** What goes with a thing, and how it goes: a host has an event of its own in the audit log, and an agent. */
const REMOVAL = {
  thing: {
    description: 'It cannot be brought back.',
    consequences: ['Its groups, tags and shares go with it.'],
  },
  host: {
    description: 'Nothing on the machine itself changes but that the agent goes.',
    consequences: [
      'Its facts, groups, tags and shares go with it.',
      'Its agent uninstalls itself at its next report.',
    ],
  },
}

function RemoveDialog({
  kind,
  resource,
  listHref,
  onClose,
}: Pick<Props, 'kind' | 'resource' | 'listHref'> & { onClose: () => void }) {
  const router = useRouter()
  const { pending, error, run } = useChange(onClose)
  const { assignedTenant, assignedHere, visibility, id } = resource
  const { description, consequences } = REMOVAL[kind.kind === 'host' ? 'host' : 'thing']
  const remove = () =>
    kind.kind === 'host'
      ? api().hosts.remove.mutate({ id })
      : api().resources.remove.mutate({ kind: kind.kind, id })
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Remove ${resource.name}?`}
      description={description}
      consequences={[
        ...consequences,
        ...(assignedTenant && !assignedHere ? [`${assignedTenant.name} loses it at once.`] : []),
        ...(visibility === 'public' ? ['All tenants lose sight of it at once.'] : []),
      ]}
      confirmText={resource.name}
      confirmLabel={`Remove ${kind.label.toLowerCase()}`}
      pending={pending}
      error={error}
      onConfirm={() => void run(remove, `${resource.name} is removed.`, () => router.push(listHref))}
    />
  )
}
