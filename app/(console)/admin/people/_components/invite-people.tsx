'use client'

import { MailPlus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { InvitePeopleDialog } from '@/app/(console)/admin/people/_components/invite-people-dialog'
import type { InviteOptions } from '@/server/features/invitations/invitations.all.schema'
import { Button } from '@/ui/button'

/** The button that invites from the master, at either level. */
export function InvitePeople({ options }: { options: InviteOptions }) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        variant="primary"
        icon={<MailPlus aria-hidden />}
        disabledReason={options.why.tenant}
        onClick={() => setOpen(true)}
      >
        Invite
      </Button>
      {open && (
        <InvitePeopleDialog
          options={options}
          onClose={(done) => {
            setOpen(false)
            if (done) router.refresh()
          }}
        />
      )}
    </>
  )
}
