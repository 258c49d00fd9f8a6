'use client'

import { useState, type FormEvent } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

/** Actions > Rename. */
export function RenameDialog({ host, onClose }: { host: { id: string; name: string }; onClose: () => void }) {
  const [name, setName] = useState(host.name)
  const { pending, error, run } = useChange(onClose)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!pending) void run(() => api().hosts.rename.mutate({ id: host.id, name }), 'Renamed.')
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="sm"
      title={`Rename ${host.name}`}
      dismissible={!pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={name.trim() === '' && 'Enter a name'}
          >
            Rename
          </Button>
        </>
      }
    >
      <Field label="Name" error={error} hint="The machine's own host name stays as it is.">
        <Input
          data-autofocus
          value={name}
          maxLength={255}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
    </Dialog>
  )
}
