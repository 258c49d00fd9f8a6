'use client'

import { type FormEvent, useState } from 'react'
import { useSubmit } from '@/app/_lib/use-submit'
import { NO_PASSWORD, PasswordFields, passwordInput } from '@/app/(console)/_components/users/password-fields'
import type { Revealed } from '@/app/(console)/_components/users/user-dialogs'
import { usersApi } from '@/app/(console)/_components/users/users-api'
import type { UserRow } from '@/server/features/users/users.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

interface Props {
  user: UserRow
  tenantId?: string
  onClose: () => void
  onDone: (made?: Revealed) => void
}

/** Sets a temporary password for somebody. */
export function PasswordDialog({ user, tenantId, onClose, onDone }: Props) {
  const [values, setValues] = useState(NO_PASSWORD)
  const form = useSubmit('set-password')
  const save = async () => {
    const { generatedPassword } = await usersApi(tenantId).setPassword({
      id: user.id,
      ...passwordInput(values),
    })
    toast.success(`${user.name} has a new password.`)
    onDone(
      generatedPassword === undefined ? undefined : { username: user.username, password: generatedPassword },
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Set a password for ${user.name}`}
      description="Signs the person out everywhere."
      dismissible={!form.pending}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void form.submit(save)
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" loading={form.pending}>
            Set password
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="The password is not set" />
        <PasswordFields values={values} change={setValues} field={form.field} />
      </div>
    </Dialog>
  )
}
