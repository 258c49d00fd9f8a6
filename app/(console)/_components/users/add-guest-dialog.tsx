'use client'

import { type FormEvent, type ReactNode, useCallback, useState } from 'react'
import { useSubmit } from '@/app/_lib/use-submit'
import { WhatIfLines } from '@/app/(console)/_components/roles/save-bar'
import { useWhatIf } from '@/app/(console)/_components/roles/use-what-if'
import {
  assignmentInput,
  AssignmentsField,
  NEW_ASSIGNMENT,
} from '@/app/(console)/_components/users/assignments-field'
import { usersApi } from '@/app/(console)/_components/users/users-api'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Picker } from '@/ui/picker'
import { toast } from '@/ui/toast'

interface Props {
  /** Of the subtenant, where its provider acts; a dialog that asks for it gives '' so far. */
  tenantId?: string
  tenantName: string
  /** Undefined: not known yet. */
  roles: readonly AssignableRole[] | undefined
  /** Who is added; without, it is asked for. */
  person?: { id: string; name: string }
  title?: string
  /** Above the roles: what else is asked for. */
  children?: ReactNode
  onClose: () => void
  onDone: () => void
}

type Asked = Parameters<ReturnType<typeof usersApi>['addGuest']>[0]

/** Adds somebody who has an account in another tenant: no invitation, no new password. */
export function AddGuestDialog({ tenantId, tenantName, roles, onClose, onDone, ...props }: Props) {
  const [picked, setPicked] = useState<{ id: string; name: string } | null>(null)
  const person = props.person ?? picked
  const [chosen, setDrafts] = useState({ tenantId, drafts: [NEW_ASSIGNMENT] })
  // Roles of one tenant are none of another's.
  const drafts = chosen.tenantId === tenantId ? chosen.drafts : [NEW_ASSIGNMENT]
  const form = useSubmit('guest')
  const assignments = drafts
    .filter(({ roleId, kind, value }) => roleId !== '' && (kind === '' || value !== ''))
    .map((draft) => assignmentInput(draft))
  const ready = person !== null && assignments.length > 0 && tenantId !== ''
  const ask = useCallback(
    (key: string, signal: AbortSignal) => usersApi(tenantId).previewGuest(JSON.parse(key) as Asked, signal),
    [tenantId],
  )
  const whatIf = useWhatIf(ready ? JSON.stringify({ userId: person.id, assignments }) : null, ask)
  const save = async () => {
    if (!person) return
    await usersApi(tenantId).addGuest({ userId: person.id, assignments })
    toast.success(`${person.name} is a member of ${tenantName}.`)
    onDone()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={props.title ?? `Add an existing user to ${tenantName}`}
      description="The person keeps their account and password, and signs in with the subdomain of their own tenant in front of the username."
      dismissible={!form.pending}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void form.submit(save)
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={whyNot(tenantId, person, assignments)}
          >
            Add user
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nobody is added" />
        {props.children}
        {!props.person && (
          <PersonField tenantId={tenantId} field={form.field('userId')} onChange={setPicked} />
        )}
        {roles && (
          <AssignmentsField
            roles={roles}
            value={drafts}
            onChange={(next) => setDrafts({ tenantId, drafts: next })}
            held={[]}
            tenantId={tenantId}
            field={form.field('roleIds')}
          />
        )}
        <WhatIfLines whatIf={whatIf} />
      </div>
    </Dialog>
  )
}

const whyNot = (tenantId: string | undefined, person: object | null, assignments: readonly object[]) => {
  if (tenantId === '') return 'Choose a tenant'
  if (!person) return 'Choose a person'
  return assignments.length === 0 ? 'Choose a role' : undefined
}

interface PersonProps {
  tenantId?: string
  field: { id: string; error?: string }
  onChange: (person: { id: string; name: string }) => void
}

/** Somebody of another tenant, by name, username or e-mail. */
function PersonField({ tenantId, field, onChange }: PersonProps) {
  const [value, setValue] = useState('')
  const search = useCallback(
    async (query: string, signal: AbortSignal) => {
      const { rows } = await usersApi(tenantId).elsewhere(query, signal)
      return rows.map(({ id, name, username, home }) => ({
        value: id,
        label: name,
        hint: `${home.slug}\\${username}`,
      }))
    },
    [tenantId],
  )
  return (
    <Field {...field} label="Person" hint="Search by name, username or e-mail address." required>
      <Picker
        label="Person"
        value={value}
        search={search}
        placeholder="Choose somebody of another tenant…"
        onChange={({ value: id, label }) => {
          setValue(id)
          onChange({ id, name: label })
        }}
      />
    </Field>
  )
}
