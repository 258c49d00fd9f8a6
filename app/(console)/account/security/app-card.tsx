'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { CodesDialog } from '@/app/(console)/account/security/codes-dialog'
import { PasswordConfirm } from '@/app/(console)/account/security/password-confirm'
import { SetUpDialog } from '@/app/(console)/account/security/set-up-dialog'
import { api } from '@/app/_lib/api-client'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'
import { toast } from '@/ui/toast'

interface Props {
  since: string | null
  /** It is the only second factor, and a tenant asks for one. */
  isLast: boolean
}

/** Codes from an app: whether they are on, and the way to it or from it. */
export function AppCard({ since, isLast }: Props) {
  const router = useRouter()
  const [open, setOpen] = useState<'set-up' | 'remove'>()
  const [codes, setCodes] = useState<string[]>()
  const remove = async (current: string) => {
    await api().secondFactor.disable.mutate({ current })
    setOpen(undefined)
    toast.success('Codes from the app are no longer asked for.')
    router.refresh()
  }
  const done = (made: string[]) => {
    setOpen(undefined)
    if (made.length > 0) return setCodes(made)
    toast.success('Codes from the app are asked for from now on.')
    router.refresh()
  }
  const close = () => {
    setCodes(undefined)
    router.refresh()
  }
  return (
    <Card
      title="Codes from an app"
      description="A code of six digits is asked for after your password, from any app of one-time codes."
      actions={
        since === null ? (
          <Button variant="primary" onClick={() => setOpen('set-up')}>
            Set up
          </Button>
        ) : (
          <Button
            variant="danger-outline"
            disabledReason={isLast && 'Your tenant asks for a second factor. Set up another one first.'}
            onClick={() => setOpen('remove')}
          >
            Remove
          </Button>
        )
      }
    >
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <Badge tone={since === null ? 'neutral' : 'success'}>{since === null ? 'Off' : 'On'}</Badge>
        {since !== null && (
          <span className="text-muted">
            set up <RelativeTime date={since} />
          </span>
        )}
      </p>
      {open === 'set-up' && <SetUpDialog onDone={done} onClose={() => setOpen(undefined)} />}
      {open === 'remove' && (
        <PasswordConfirm
          title="Remove the codes from your app?"
          consequences={[
            'Your password alone lets you in, unless you have a passkey.',
            'You are signed out everywhere else.',
          ]}
          confirmLabel="Remove"
          work={remove}
          onClose={() => setOpen(undefined)}
        />
      )}
      {codes && <CodesDialog codes={codes} onClose={close} />}
    </Card>
  )
}
