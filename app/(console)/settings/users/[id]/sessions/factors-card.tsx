'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { UserSignIn } from '@/server/features/users/users.sign-in.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DescriptionList } from '@/ui/description-list'
import { toast } from '@/ui/toast'

/** Whether somebody has second factors, and the way out for who lost theirs. */
export function FactorsCard({ state }: { state: UserSignIn }) {
  const { user, factors, emailVerified, can, why } = state
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string>()
  const remove = async () => {
    setPending(true)
    setError(undefined)
    try {
      await api().users.removeFactors.mutate({ id: user.id })
      setOpen(false)
      toast.success(`${user.name} has no second factor any more.`)
      router.refresh()
    } catch (problem) {
      setError(problemOf(problem).message)
    }
    setPending(false)
  }
  const count = (n: number) => (n === 0 ? 'None' : `${n}`)
  return (
    <Card
      title="Second factors"
      description={
        factors ? undefined : 'This person’s account belongs to another tenant, which alone sees them.'
      }
      actions={
        <Button
          variant="danger-outline"
          disabledReason={!can.removeFactors && why.removeFactors}
          onClick={() => setOpen(true)}
        >
          Remove
        </Button>
      }
    >
      <DescriptionList
        items={[
          {
            label: 'Codes from an app',
            value: factors && (
              <Badge tone={factors.app ? 'success' : 'neutral'}>{factors.app ? 'On' : 'Off'}</Badge>
            ),
          },
          { label: 'Passkeys', value: factors && count(factors.passkeys) },
          {
            label: 'E-mail address',
            value: (
              <>
                {user.email}{' '}
                <Badge tone={emailVerified ? 'success' : 'neutral'}>
                  {emailVerified ? 'Confirmed' : 'Not confirmed'}
                </Badge>
              </>
            ),
          },
        ]}
      />
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Remove the second factors of ${user.name}?`}
        consequences={[
          'App, passkeys and recovery codes stop working.',
          'They are signed out everywhere and told by mail.',
          'Their password alone lets them in, unless the tenant asks for a second factor: then they set a new one up.',
        ]}
        confirmLabel="Remove"
        pending={pending}
        error={error}
        onConfirm={() => void remove()}
      />
    </Card>
  )
}
