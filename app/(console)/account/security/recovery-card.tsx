'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { CodesDialog } from '@/app/(console)/account/security/codes-dialog'
import { PasswordConfirm } from '@/app/(console)/account/security/password-confirm'
import { api } from '@/app/_lib/api-client'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'

/** How many recovery codes are left, and new ones. */
export function RecoveryCard({ left, hasFactor }: { left: number; hasFactor: boolean }) {
  const router = useRouter()
  const [asking, setAsking] = useState(false)
  const [codes, setCodes] = useState<string[]>()
  const renew = async (current: string) => {
    setCodes((await api().secondFactor.newRecoveryCodes.mutate({ current })).recoveryCodes)
    setAsking(false)
  }
  const close = () => {
    setCodes(undefined)
    router.refresh()
  }
  return (
    <Card
      title="Recovery codes"
      description="Each lets you in once, in place of a second factor that you have lost."
      actions={
        <Button
          disabledReason={!hasFactor && 'Set up a second factor first: recovery codes stand in for it'}
          onClick={() => setAsking(true)}
        >
          Make new ones
        </Button>
      }
    >
      <p className="text-sm">
        {hasFactor ? (
          <Badge tone={left > 3 ? 'success' : 'warning'}>
            {left === 1 ? '1 is left' : `${left} are left`}
          </Badge>
        ) : (
          <span className="text-muted">They are made when you set up your first second factor.</span>
        )}
      </p>
      {asking && (
        <PasswordConfirm
          title="Make new recovery codes?"
          consequences={['The codes that you have now stop working.']}
          confirmLabel="Make new ones"
          tone="default"
          work={renew}
          onClose={() => setAsking(false)}
        />
      )}
      {codes && <CodesDialog codes={codes} onClose={close} />}
    </Card>
  )
}
