'use client'

import { type FormEvent, useCallback, useState } from 'react'
import { useSubmit } from '@/app/_lib/use-submit'
import { NO_PASSWORD, PasswordFields, passwordInput } from '@/app/(console)/_components/users/password-fields'
import { WhatIfLines } from '@/app/(console)/_components/roles/save-bar'
import { useWhatIf } from '@/app/(console)/_components/roles/use-what-if'
import {
  assignmentDrafts,
  assignmentInput,
  AssignmentsField,
  NEW_ASSIGNMENT,
} from '@/app/(console)/_components/users/assignments-field'
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

type Given = ReturnType<typeof assignmentInput>[]
/** What is asked for the lines of who gains what: of somebody who is there, or of a new one. */
type Asked =
  | { id: string; assignments: Given }
  | (Pick<Person, 'firstName' | 'lastName' | 'username'> & { assignments: Given })

/** Creates a user, or changes one's account and roles. */
export function UserForm({ user, roles, tenant, tenantId, onClose, onDone }: Props) {
  const [person, setPerson] = useState<Person>(
    () => user ?? { firstName: '', lastName: '', username: '', email: '' },
  )
  const [drafts, setDrafts] = useState(() => {
    const had = user ? assignmentDrafts(user) : []
    return had.length > 0 ? had : [NEW_ASSIGNMENT]
  })
  const assignments = drafts
    .filter(({ roleId, kind, value }) => roleId !== '' && (kind === '' || value !== ''))
    .map((draft) => assignmentInput(draft, user))
  const had = user && JSON.stringify(assignmentDrafts(user).map((draft) => assignmentInput(draft, user)))
  const changed = JSON.stringify(assignments) !== had
  const [password, setPassword] = useState(NO_PASSWORD)
  const form = useSubmit('user')
  const typed: Person = {
    firstName: person.firstName,
    lastName: person.lastName,
    username: person.username.trim(),
    email: person.email.trim(),
  }
  const question = (): Asked => {
    const { firstName, lastName, username } = typed
    return user ? { id: user.id, assignments } : { firstName, lastName, username, assignments }
  }
  const ask = useCallback(
    (key: string, signal: AbortSignal) => {
      const asked = JSON.parse(key) as Asked
      return 'id' in asked
        ? usersApi(tenantId).previewAssignments(asked, signal)
        : usersApi(tenantId).previewCreate(asked, signal)
    },
    [tenantId],
  )
  const whatIf = useWhatIf(changed && assignments.length > 0 ? JSON.stringify(question()) : null, ask)

  const save = async () => {
    const people = usersApi(tenantId)
    if (!user) {
      const { name, generatedPassword } = await people.create({
        ...typed,
        assignments,
        ...passwordInput(password),
      })
      toast.success(`${name} is created.`)
      return onDone(
        generatedPassword === undefined
          ? undefined
          : { username: typed.username.toLowerCase(), password: generatedPassword },
      )
    }
    if (PERSON.some((name) => typed[name] !== user[name])) await people.update({ id: user.id, ...typed })
    if (changed) await people.setAssignments({ id: user.id, assignments })
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
        <AssignmentsField
          roles={roles}
          value={drafts}
          onChange={setDrafts}
          held={user?.roles.map(({ id }) => id) ?? []}
          tenantId={tenantId}
          field={form.field('roleIds')}
          locked={user && !user.can.setRoles ? user.why.setRoles : undefined}
        />
        <WhatIfLines whatIf={whatIf} />
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
