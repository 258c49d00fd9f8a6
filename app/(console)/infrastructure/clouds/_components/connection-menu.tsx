'use client'

import { CalendarClock, Ellipsis, Pause, PenLine, Play, RefreshCw, Stethoscope, Unplug } from 'lucide-react'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { CheckDialog } from '@/app/(console)/infrastructure/clouds/_components/check-dialog'
import { ScheduleDialog } from '@/app/(console)/infrastructure/clouds/_components/schedule-dialog'
import type { ConnectionView, SyncView } from '@/server/features/connections/connections.schema'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { IconButton } from '@/ui/icon-button'
import { MenuItem } from '@/ui/menu-items'
import { toast } from '@/ui/toast'

interface Props {
  cloud: { id: string; name: string }
  view: ConnectionView & { sync: SyncView }
  editHref: string
}

/** "Refresh now" and all else that is done with a connection. */
export function ConnectionMenu({ cloud, view, editHref }: Props) {
  const { sync, can } = view
  const [open, setOpen] = useState<'check' | 'schedule' | 'disconnect' | null>(null)
  const close = () => setOpen(null)
  const { pending, error, run } = useChange(close)
  const whyNot = !can.manage.allowed && can.manage.reason
  const pause = () =>
    void run(
      () =>
        api().connections.schedule.mutate({
          id: cloud.id,
          everySeconds: sync.everySeconds,
          paused: !sync.paused,
        }),
      sync.paused ? `${cloud.name} is read again.` : `${cloud.name} is not read until you resume.`,
    )
  const refresh = async () => {
    try {
      await api().connections.refresh.mutate({ id: cloud.id })
      toast.success(`${cloud.name} is read now.`)
    } catch (caught) {
      toast.error(caught instanceof Error ? caught.message : 'It did not work')
    }
  }
  return (
    <>
      <Button
        size="sm"
        icon={<RefreshCw aria-hidden />}
        disabledReason={refusal(sync, can.refresh)}
        onClick={() => void refresh()}
      >
        Refresh now
      </Button>
      {view.connection && (
        <DropdownMenu
          align="end"
          trigger={
            <IconButton
              tooltip={false}
              size="icon-sm"
              label="More of the connection"
              icon={<Ellipsis aria-hidden />}
            />
          }
        >
          <MenuItem
            icon={<Stethoscope aria-hidden />}
            disabledReason={whyNot}
            onSelect={() => setOpen('check')}
          >
            Check connection…
          </MenuItem>
          <MenuItem icon={<PenLine aria-hidden />} href={editHref} disabledReason={whyNot}>
            Edit connection
          </MenuItem>
          <MenuItem
            icon={<CalendarClock aria-hidden />}
            disabledReason={whyNot}
            onSelect={() => setOpen('schedule')}
          >
            How often…
          </MenuItem>
          <MenuItem
            icon={sync.paused ? <Play aria-hidden /> : <Pause aria-hidden />}
            disabledReason={whyNot}
            onSelect={pause}
          >
            {sync.paused ? 'Resume' : 'Pause'}
          </MenuItem>
          <MenuItem
            icon={<Unplug aria-hidden />}
            disabledReason={whyNot}
            onSelect={() => setOpen('disconnect')}
          >
            Disconnect…
          </MenuItem>
        </DropdownMenu>
      )}
      {open === 'check' && <CheckDialog cloud={cloud} onClose={close} />}
      {open === 'schedule' && <ScheduleDialog cloud={cloud} sync={sync} onClose={close} />}
      {open === 'disconnect' && (
        <ConfirmDialog
          open
          onOpenChange={close}
          title={`Disconnect ${cloud.name}?`}
          description="Its secret is deleted. What was found in it stays, as if entered by hand, and is not kept up to date any more."
          confirmText={cloud.name}
          confirmLabel="Disconnect"
          pending={pending}
          error={error}
          onConfirm={() =>
            void run(
              () => api().connections.remove.mutate({ id: cloud.id, confirmName: cloud.name }),
              `${cloud.name} is disconnected.`,
            )
          }
        />
      )}
    </>
  )
}

function refusal(sync: SyncView, may: { allowed: boolean; reason?: string }): string | false | undefined {
  if (!may.allowed) return may.reason
  if (sync.paused) return 'Paused: resume it first'
  return sync.status === 'running' && 'It is being read'
}
