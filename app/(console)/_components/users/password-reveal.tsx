'use client'

import type { PeopleOf, Revealed } from '@/app/(console)/_components/users/user-dialogs'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { CodeBlock } from '@/ui/code-block'
import { DescriptionList } from '@/ui/description-list'
import { Dialog } from '@/ui/dialog'

/** The password that was made, once; with what else the person needs to sign in. */
export function PasswordReveal({
  made,
  tenant,
  onClose,
}: {
  made: Revealed
  tenant: PeopleOf
  onClose: () => void
}) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      dismissible={false}
      title="Hand over this password"
      footer={
        <Button variant="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <div className="grid gap-4">
        <Alert tone="warning">
          It is shown this once. It must be changed at the first sign-in, within 24 hours.
        </Alert>
        <CodeBlock code={made.password} title="Temporary password" label="password" />
        <DescriptionList
          items={[
            { label: 'Sign in at', value: tenant.address, copy: tenant.address },
            { label: 'Username', value: made.username, copy: made.username, mono: true },
            ...(tenant.master
              ? []
              : [{ label: 'On the main host', value: `${tenant.slug}\\${made.username}`, mono: true }]),
          ]}
        />
      </div>
    </Dialog>
  )
}
