'use client'

import { KeyRound } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { CodesDialog } from '@/app/(console)/account/security/codes-dialog'
import { PasskeyDialog } from '@/app/(console)/account/security/passkey-dialog'
import { PasswordConfirm } from '@/app/(console)/account/security/password-confirm'
import { api } from '@/app/_lib/api-client'
import type { PasskeyRow } from '@/server/features/second-factor/second-factor.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'
import { toast } from '@/ui/toast'

interface Props {
  rows: readonly PasskeyRow[]
  /** The only second factor there is, and a tenant asks for one. */
  isLast: boolean
}

/** My passkeys, and the way to more or fewer. */
export function PasskeysCard({ rows, isLast }: Props) {
  const router = useRouter()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<PasskeyRow>()
  const [codes, setCodes] = useState<string[]>()
  const added = (made: string[]) => {
    setAdding(false)
    if (made.length > 0) return setCodes(made)
    toast.success('The passkey is set up.')
    router.refresh()
  }
  const remove = async (id: string, current: string) => {
    await api().secondFactor.removePasskey.mutate({ id, current })
    setRemoving(undefined)
    toast.success('The passkey is removed.')
    router.refresh()
  }
  const close = () => {
    setCodes(undefined)
    router.refresh()
  }
  return (
    <Card
      title="Passkeys"
      description="Finger, face, PIN or security key in place of your password, at this address."
      actions={
        <Button
          disabledReason={rows.length >= 10 && 'You have ten. Remove one first.'}
          onClick={() => setAdding(true)}
        >
          Add a passkey
        </Button>
      }
      padded={false}
    >
      {rows.length === 0 ? (
        <p className="p-4 text-sm text-muted">None yet.</p>
      ) : (
        <ul>
          {rows.map((row) => (
            <li
              key={row.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
            >
              <KeyRound aria-hidden className="size-4 shrink-0 text-muted" />
              <div className="grid min-w-0 flex-1 basis-48 gap-0.5">
                <p className="flex flex-wrap items-center gap-2 text-sm font-medium wrap-anywhere">
                  {row.name}
                  {!row.here && <Badge>for {row.host}</Badge>}
                </p>
                <p className="text-xs text-muted">
                  added <RelativeTime date={row.createdAt} />
                  {row.lastUsedAt !== null && (
                    <>
                      {' '}
                      · last used <RelativeTime date={row.lastUsedAt} />
                    </>
                  )}
                </p>
              </div>
              <Button
                size="sm"
                disabledReason={isLast && 'Your tenant asks for a second factor. Set up another one first.'}
                aria-label={`Remove ${row.name}`}
                onClick={() => setRemoving(row)}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {adding && <PasskeyDialog onDone={added} onClose={() => setAdding(false)} />}
      {removing && (
        <PasswordConfirm
          title={`Remove the passkey “${removing.name}”?`}
          consequences={['It lets nobody in any more.', 'You are signed out everywhere else.']}
          confirmLabel="Remove"
          work={(current) => remove(removing.id, current)}
          onClose={() => setRemoving(undefined)}
        />
      )}
      {codes && <CodesDialog codes={codes} onClose={close} />}
    </Card>
  )
}
