'use client'

import { Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Textarea } from '@/ui/textarea'

interface Values {
  name: string
  description: string
}
interface Props {
  title: string
  action: string
  start: Values
  onClose: () => void
  save: (values: Values) => Promise<unknown>
  done: (values: Values) => string
  then?: () => void
}

/** Name and description of a group. */
export function GroupFormDialog({ title, action, start, onClose, save, done, then }: Props) {
  const [values, setValues] = useState(start)
  const { pending, error, run } = useChange(onClose)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!pending) void run(() => save(values), done(values), then)
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="sm"
      title={title}
      dismissible={!pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={values.name.trim() === '' && 'Enter a name first'}
          >
            {action}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {error && <Alert tone="danger">{error}</Alert>}
        <Field label="Name" required>
          <Input
            data-autofocus
            maxLength={100}
            value={values.name}
            onChange={(event) => setValues({ ...values, name: event.target.value })}
          />
        </Field>
        <Field label="Description">
          <Textarea
            rows={3}
            maxLength={500}
            value={values.description}
            onChange={(event) => setValues({ ...values, description: event.target.value })}
          />
        </Field>
      </div>
    </Dialog>
  )
}

/** Makes a group and leads on to its page, where it is filled. */
export function NewGroupButton({
  prefix,
  may,
}: {
  prefix: TenantPrefix
  may: { allowed: boolean; reason?: string }
}) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        variant="primary"
        icon={<Plus aria-hidden />}
        disabledReason={!may.allowed && may.reason}
        onClick={() => setOpen(true)}
      >
        New group
      </Button>
      {open && (
        <GroupFormDialog
          title="New group"
          action="Make group"
          start={{ name: '', description: '' }}
          onClose={() => setOpen(false)}
          save={async (values) => {
            const { id } = await api().groups.create.mutate(values)
            router.push(consolePaths(prefix).group(id))
          }}
          done={({ name }) => `${name.trim()} is made. Now put something into it.`}
          then={() => undefined}
        />
      )}
    </>
  )
}
