'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { LoginDialog } from '@/app/(console)/_components/machine-logins/login-dialog'
import { loginsApi } from '@/app/(console)/_components/machine-logins/logins-api'
import { problemOf } from '@/app/_lib/api-client'
import type { MachineLogins } from '@/server/features/machine-logins/machine-logins.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { RelativeTime } from '@/ui/relative-time'
import { toast } from '@/ui/toast'

const SYSTEMS = [
  { system: 'windows', label: 'Windows' },
  { system: 'linux', label: 'Linux' },
] as const
type System = (typeof SYSTEMS)[number]['system']

interface Props {
  state: MachineLogins
  /** Whose; null: my own. */
  userId: string | null
}

/** Default logins to Windows and Linux machines: set, replaced or cleared, and never shown again. */
export function MachineLoginsCard({ state: { rows, can, why }, userId }: Props) {
  const router = useRouter()
  const [open, setOpen] = useState<{ kind: 'set' | 'clear'; system: System }>()
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string>()
  const close = () => {
    setOpen(undefined)
    setError(undefined)
  }
  const done = (words: string) => {
    close()
    toast.success(words)
    router.refresh()
  }
  const clear = async (system: System) => {
    setPending(true)
    try {
      await loginsApi(userId).clear(system)
      done('The login is cleared.')
    } catch (problem) {
      setError(problemOf(problem).message)
    }
    setPending(false)
  }
  const labelOf = (system: System) => SYSTEMS.find((one) => one.system === system)?.label ?? ''
  return (
    <Card
      title="Default logins to machines"
      description="The account on Windows and Linux machines. What is entered is encrypted and never shown again."
      padded={false}
    >
      <ul>
        {SYSTEMS.map(({ system, label }) => {
          const row = rows.find((one) => one.system === system)
          return (
            <li
              key={system}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
            >
              <div className="grid min-w-0 flex-1 basis-48 gap-0.5">
                <p className="text-sm font-medium">{label}</p>
                <p className="text-xs text-muted wrap-anywhere">
                  {row ? (
                    <>
                      <span className="font-mono">{row.username}</span>, with{' '}
                      {row.kind === 'key' ? 'an SSH key' : 'a password'}, set{' '}
                      <RelativeTime date={row.setAt} />
                    </>
                  ) : (
                    'Not set'
                  )}
                </p>
              </div>
              <div className="flex gap-2">
                <Button
                  size="sm"
                  disabledReason={!can.set && why.set}
                  aria-label={`${row ? 'Replace' : 'Set'} the ${label} login`}
                  onClick={() => setOpen({ kind: 'set', system })}
                >
                  {row ? 'Replace' : 'Set'}
                </Button>
                {row && (
                  <Button
                    size="sm"
                    disabledReason={!can.set && why.set}
                    aria-label={`Clear the ${label} login`}
                    onClick={() => setOpen({ kind: 'clear', system })}
                  >
                    Clear
                  </Button>
                )}
              </div>
            </li>
          )
        })}
      </ul>
      {open?.kind === 'set' && (
        <LoginDialog
          system={open.system}
          label={labelOf(open.system)}
          userId={userId}
          onDone={() => done('The login is set.')}
          onClose={close}
        />
      )}
      <ConfirmDialog
        open={open?.kind === 'clear'}
        onOpenChange={close}
        title={`Clear the ${open ? labelOf(open.system) : ''} login?`}
        consequences={['It is forgotten at once.']}
        confirmLabel="Clear"
        pending={pending}
        error={error}
        onConfirm={() => open && void clear(open.system)}
      />
    </Card>
  )
}
