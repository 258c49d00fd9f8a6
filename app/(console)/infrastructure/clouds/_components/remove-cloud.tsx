'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'

interface Props {
  cloud: { id: string; name: string }
  may: { allowed: boolean; reason?: string }
  listHref: string
}

/** Takes an added cloud off the tenant's list. */
export function RemoveCloudButton({ cloud, may, listHref }: Props) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const { pending, error, run } = useChange(() => setOpen(false))
  return (
    <>
      <Button size="sm" disabledReason={!may.allowed && may.reason} onClick={() => setOpen(true)}>
        Remove from list
      </Button>
      {open && (
        <ConfirmDialog
          open
          onOpenChange={() => setOpen(false)}
          tone="default"
          title={`Remove ${cloud.name} from your list?`}
          description="You do not see it and what is public in it any more. Its group stays, and you may add the cloud again."
          confirmLabel="Remove from list"
          pending={pending}
          error={error}
          onConfirm={() =>
            void run(
              () => api().clouds.removeAdded.mutate({ id: cloud.id }),
              `${cloud.name} is off your list.`,
              () => router.push(listHref),
            )
          }
        />
      )}
    </>
  )
}
