'use client'

import { ClipboardPaste, Keyboard, Maximize, Power, RotateCw } from 'lucide-react'
import { useRef, useState } from 'react'
import { PasteDialog } from '@/app/(console)/infrastructure/virtual-machines/[id]/console/paste-dialog'
import { useConsole } from '@/app/(console)/infrastructure/virtual-machines/[id]/console/use-console'
import type { ConsoleKind } from '@/server/features/machines/consoles.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Spinner } from '@/ui/spinner'
import { StatusDot } from '@/ui/status-dot'

const STATUS = {
  opening: { status: 'pending', label: 'Connecting' },
  open: { status: 'live', label: 'Connected' },
  ended: { status: 'offline', label: 'Ended' },
} as const

interface Props {
  machineId: string
  kind: ConsoleKind
}

/** The screen or terminal of a machine, and what goes with it. It is opened with the page, and ends with it. */
export function ConsolePane({ machineId, kind }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const { state, viewer, connect, end } = useConsole(machineId, kind, place)
  const [pasting, setPasting] = useState(false)
  const isOpen = state.is === 'open'
  return (
    <section aria-label={kind === 'screen' ? 'Screen' : 'Terminal'} className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <StatusDot {...STATUS[state.is]} />
        <span className="grow" />
        {isOpen && viewer?.sendCtrlAltDel && (
          <Button size="sm" icon={<Keyboard aria-hidden />} onClick={() => viewer.sendCtrlAltDel?.()}>
            Ctrl+Alt+Del
          </Button>
        )}
        {isOpen && (
          <>
            <Button size="sm" icon={<ClipboardPaste aria-hidden />} onClick={() => setPasting(true)}>
              Paste…
            </Button>
            <Button
              size="sm"
              icon={<Maximize aria-hidden />}
              onClick={() => void place.current?.requestFullscreen().then(() => viewer?.focus())}
            >
              Full screen
            </Button>
            <Button size="sm" icon={<Power aria-hidden />} onClick={() => end()}>
              Disconnect
            </Button>
          </>
        )}
        {state.is === 'ended' && (
          <Button size="sm" variant="primary" icon={<RotateCw aria-hidden />} onClick={connect}>
            Connect again
          </Button>
        )}
      </div>
      {state.is === 'ended' && <Alert title="The console has ended">{state.why}</Alert>}
      <div className="relative h-[calc(100dvh-17rem)] min-h-72 overflow-hidden rounded-md border bg-black">
        <div ref={place} className="absolute inset-0 p-1" />
        {state.is === 'opening' && (
          <p className="absolute inset-0 grid place-items-center text-sm text-neutral-300">
            <span className="flex items-center gap-2">
              <Spinner /> Opening…
            </span>
          </p>
        )}
      </div>
      <p className="text-xs text-muted">
        {kind === 'screen'
          ? 'What you do here is done as whoever is signed in on the machine.'
          : 'What you do here is done as root of the machine.'}{' '}
        When it was opened and when it ended stand in the audit log; what is typed is not recorded.
      </p>
      {pasting && (
        <PasteDialog
          kind={kind}
          onPaste={(text) => {
            setPasting(false)
            viewer?.paste(text)
            viewer?.focus()
          }}
          onClose={() => setPasting(false)}
        />
      )}
    </section>
  )
}
