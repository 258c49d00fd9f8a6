'use client'

import { Camera, Ellipsis, Play, Square } from 'lucide-react'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { ActDialog } from '@/app/(console)/infrastructure/virtual-machines/_components/act-dialog'
import { SnapshotsDialog } from '@/app/(console)/infrastructure/virtual-machines/_components/snapshots-dialog'
import { ABOUT_SNAPSHOTS, MACHINE_ACTIONS, type MachineActionName } from '@/lib/machine-actions'
import type { MachineView } from '@/server/features/machines/machines.schema'
import { useRouter } from 'next/navigation'
import { Button } from '@/ui/button'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { IconButton } from '@/ui/icon-button'
import { MenuItem } from '@/ui/menu-items'
import { toast } from '@/ui/toast'

interface Props {
  machine: { id: string; name: string }
  view: MachineView
}

/** Start or shut down at hand, the rest in a menu; each says why it cannot be done now. */
export function MachineActions({ machine, view }: Props) {
  const router = useRouter()
  const [asked, setAsked] = useState<MachineActionName | 'snapshots' | null>(null)
  const may = new Map(view.actions.map((one) => [one.action, one.may]))
  const first: MachineActionName = view.found?.state === 'running' ? 'shutdown' : 'start'
  const close = () => setAsked(null)
  const choose = async (action: MachineActionName) => {
    if (MACHINE_ACTIONS[action].asks) return setAsked(action)
    try {
      await api().machines.act.mutate({ id: machine.id, action })
      toast.success(`${MACHINE_ACTIONS[action].label}: ${machine.name} is asked.`)
      router.refresh()
    } catch (caught) {
      toast.error(problemOf(caught).message)
    }
  }
  const reasonOf = (action: MachineActionName) => {
    const one = may.get(action)
    return one && !one.allowed && one.reason
  }
  const rest = view.actions
    .map(({ action }) => action)
    .filter((one) => one !== first && !ABOUT_SNAPSHOTS.has(one))
  return (
    <>
      <Button
        size="sm"
        icon={first === 'start' ? <Play aria-hidden /> : <Square aria-hidden />}
        disabledReason={reasonOf(first)}
        onClick={() => void choose(first)}
      >
        {MACHINE_ACTIONS[first].label}
      </Button>
      <DropdownMenu
        align="end"
        trigger={
          <IconButton
            tooltip={false}
            size="icon-sm"
            label="More to do with it"
            icon={<Ellipsis aria-hidden />}
          />
        }
      >
        {rest.map((action) => (
          <MenuItem key={action} disabledReason={reasonOf(action)} onSelect={() => void choose(action)}>
            {MACHINE_ACTIONS[action].label}
            {MACHINE_ACTIONS[action].asks && '…'}
          </MenuItem>
        ))}
        <MenuItem
          icon={<Camera aria-hidden />}
          disabledReason={reasonOf('snapshot')}
          onSelect={() => setAsked('snapshots')}
        >
          Snapshots…
        </MenuItem>
      </DropdownMenu>
      {asked === 'snapshots' && <SnapshotsDialog machine={machine} onClose={close} />}
      {asked !== null && asked !== 'snapshots' && (
        <ActDialog machine={machine} action={asked} onClose={close} />
      )}
    </>
  )
}
