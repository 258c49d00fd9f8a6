'use client'

import { type FormEvent, useState } from 'react'
import { useSubmit } from '@/app/_lib/use-submit'
import { NO_PASSWORD, PasswordFields, passwordInput } from '@/app/(console)/_components/users/password-fields'
import { RolesField } from '@/app/(console)/_components/users/roles-field'
import type { PeopleOf, Revealed } from '@/app/(console)/_components/users/user-dialogs'
import { usersApi } from '@/app/(console)/_components/users/users-api'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import type { UserRow } from '@/server/features/users/users.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toast'

interface Props {
  /** Unset: a new one. */
  user?: UserRow
  roles: readonly AssignableRole[]
  tenant: PeopleOf
  tenantId?: string
  onClose: () => void
  onDone: (made?: Revealed) => void
}

const PERSON = ['firstName', 'lastName', 'username', 'email'] as const
type Person = Record<(typeof PERSON)[number], string>

/** Creates a user, or changes one's account and roles. */
export function UserForm({ user, roles, tenant, tenantId, onClose, onDone }: Props) {
  const [person, setPerson] = useState<Person>(
    () => user ?? { firstName: '', lastName: '', username: '', email: '' },
  )
  const [roleIds, setRoleIds] = useState<string[]>(() => user?.roles.map(({ id }) => id) ?? [])
  const [password, setPassword] = useState(NO_PASSWORD)
  const form = useSubmit('user')
  const typed: Person = {
    firstName: person.firstName,
    lastName: person.lastName,
    username: person.username.trim(),
    email: person.email.trim(),
  }

  const save = async () => {
    const people = usersApi(tenantId)
    if (!user) {
      const { name, generatedPassword } = await people.create({
        ...typed,
        roleIds,
        ...passwordInput(password),
      })
      toast.success(`${name} is created.`)
      return onDone(
        generatedPassword === undefined
          ? undefined
          : { username: typed.username.toLowerCase(), password: generatedPassword },
      )
    }
    const held = user.roles.map(({ id }) => id)
    if (PERSON.some((name) => typed[name] !== user[name])) await people.update({ id: user.id, ...typed })
    if (held.length !== roleIds.length || held.some((id) => !roleIds.includes(id)))
      await people.setRoles({ id: user.id, roleIds })
    toast.success(`${user.name} is saved.`)
    onDone()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={user ? `Edit ${user.name}` : `Create a user in ${tenant.name}`}
      dismissible={!form.pending}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void form.submit(save)
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" loading={form.pending}>
            {user ? 'Save changes' : 'Create user'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} />
        <PersonFields
          person={person}
          change={setPerson}
          field={form.field}
          locked={user && !user.can.edit ? user.why.edit : undefined}
        />
        <RolesField
          roles={roles}
          value={roleIds}
          onChange={setRoleIds}
          held={user?.roles.map(({ id }) => id) ?? []}
          field={form.field('roleIds')}
          locked={user && !user.can.setRoles ? user.why.setRoles : undefined}
        />
        {!user && <PasswordFields values={password} change={setPassword} field={form.field} />}
      </div>
    </Dialog>
  )
}

interface PersonProps {
  person: Person
  change: (person: Person) => void
  field: (name: string) => { id: string; error?: string }
  /** Why they cannot be changed. */
  locked?: string
}

function PersonFields({ person, change, field, locked }: PersonProps) {
  const bind = (name: keyof Person, maxLength: number) => ({
    value: person[name],
    maxLength,
    readOnly: locked !== undefined,
    autoComplete: 'off',
    onChange: (event: { target: { value: string } }) => change({ ...person, [name]: event.target.value }),
  })
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field {...field('firstName')} label="First name">
        <Input {...bind('firstName', 100)} />
      </Field>
      <Field {...field('lastName')} label="Last name">
        <Input {...bind('lastName', 100)} />
      </Field>
      <Field {...field('username')} label="Username" required>
        <Input {...bind('username', 64)} mono autoCapitalize="none" spellCheck={false} />
      </Field>
      <Field {...field('email')} label="Email" required>
        <Input {...bind('email', 254)} type="email" autoCapitalize="none" />
      </Field>
      {locked && <p className="text-xs text-muted sm:col-span-2">{locked}.</p>}
    </div>
  )
}
