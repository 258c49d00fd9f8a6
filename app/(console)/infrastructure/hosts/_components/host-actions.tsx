'use client'

import { PenLine, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { ResourceActions } from '@/app/(console)/_components/resources/resource-actions'
import { RenameDialog } from '@/app/(console)/infrastructure/hosts/_components/rename-dialog'
import { HOST } from '@/lib/resource-kinds/host'
import type { HostDetail } from '@/server/features/hosts/hosts.schema'
import { MenuItem } from '@/ui/menu-items'

interface Props {
  host: Pick<HostDetail, 'id' | 'name' | 'visibility' | 'can' | 'assignedTenant' | 'assignedHere'>
  isMaster: boolean
  listHref: string
  editHref: string
}

/** What can be done with a host; what cannot says why. */
export function HostActions({ host, isMaster, listHref, editHref }: Props) {
  const [renaming, setRenaming] = useState(false)
  const { can } = host
  return (
    <>
      <ResourceActions kind={HOST} resource={host} isMaster={isMaster} listHref={listHref}>
        <MenuItem
          icon={<PenLine aria-hidden />}
          disabledReason={can.rename.reason}
          onSelect={() => setRenaming(true)}
        >
          Rename…
        </MenuItem>
        <MenuItem icon={<SlidersHorizontal aria-hidden />} href={editHref} disabledReason={can.edit.reason}>
          Edit
        </MenuItem>
      </ResourceActions>
      {renaming && <RenameDialog host={host} onClose={() => setRenaming(false)} />}
    </>
  )
}
