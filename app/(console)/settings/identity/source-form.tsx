'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { kindOnPage } from '@/app/(console)/settings/identity/kinds'
import { type Mapping, roleOptions, RolesField } from '@/app/(console)/settings/identity/roles-field'
import type { SourceList, SourceRow } from '@/server/features/identity/identity.schema'
import type { KindName } from '@/server/features/identity/provider.schema'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { DescriptionList } from '@/ui/description-list'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { Sheet } from '@/ui/sheet'
import { toast } from '@/ui/toast'

const NAMES = [
  { name: 'usernameClaim', of: 'the username' },
  { name: 'emailClaim', of: 'the e-mail address' },
  { name: 'nameClaim', of: 'the name' },
  { name: 'groupsClaim', of: 'the groups' },
] as const

const valuesOf = (kind: KindName, source?: SourceRow) => {
  if (!source) return { name: '', createUsers: true, ...kindOnPage(kind).names }
  const { name, createUsers, usernameClaim, emailClaim, nameClaim, groupsClaim } = source
  return { name, createUsers, usernameClaim, emailClaim, nameClaim, groupsClaim }
}
const mappingsOf = (source?: SourceRow): Mapping[] =>
  source?.roles.map(({ claim, role }) => ({ claim, roleId: role.id })) ?? []

interface Props {
  kind: KindName
  /** Unset: a new one. */
  source?: SourceRow
  list: SourceList
  onClose: () => void
}

/** Adds a source, or changes one. A secret is put in and never shown. */
export function SourceForm({ kind, source, list, onClose }: Props) {
  const router = useRouter()
  const form = useSubmit('source')
  const { Fields, noun, word, start } = kindOnPage(kind)
  const [values, setValues] = useState(() => valuesOf(kind, source))
  const [provider, setProvider] = useState(source?.provider ?? start)
  const [secret, setSecret] = useState('')
  const [defaultRoleId, setDefaultRoleId] = useState(source?.defaultRole?.id ?? '')
  const [mappings, setMappings] = useState(() => mappingsOf(source))
  const addresses = source?.addresses ?? list.draft.addresses[kind]
  const roles = mappings.filter(({ claim, roleId }) => claim.trim() !== '' || roleId !== '')
  const unfinished = roles.some(({ claim, roleId }) => claim.trim() === '' || roleId === '')

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const input = {
      ...values,
      provider,
      roles,
      defaultRoleId: defaultRoleId || undefined,
      secret: secret || undefined,
    }
    const done = await form.submit(() =>
      source
        ? api().identity.update.mutate({ id: source.id, ...input })
        : api().identity.create.mutate({ draft: list.draft.token, ...input }),
    )
    if (!done) return
    toast.success(source ? 'Saved' : `${values.name} stands on the sign-in page now`)
    onClose()
    router.refresh()
  }
  const text = (name: Exclude<keyof typeof values, 'createUsers'>, label: string, hint?: string) => (
    <Field {...form.field(name)} label={label} hint={hint} required>
      <Input
        mono={name !== 'name'}
        value={values[name]}
        maxLength={100}
        spellCheck={false}
        onChange={(event) => setValues({ ...values, [name]: event.target.value })}
      />
    </Field>
  )

  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={source ? `Edit ${source.name}` : `Add ${noun}`}
      dismissible={!form.pending}
      onSubmit={(event) => void submit(event)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={unfinished && 'Give each group a name and a role, or remove it'}
          >
            {source ? 'Save' : 'Add source'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nothing is saved" />
        {addresses.length > 0 && (
          <section className="grid gap-2">
            <h3 className="text-sm font-medium">Register this there first</h3>
            <DescriptionList
              columns={1}
              items={addresses.map(({ label, value }) => ({ label, value, mono: true, copy: value }))}
            />
          </section>
        )}
        {text('name', 'Name', 'The button on the sign-in page says: Sign in with …')}
        <Fields
          provider={provider}
          onChange={setProvider}
          secret={secret}
          onSecret={setSecret}
          field={form.field}
          isNew={!source}
          sourceId={source?.id}
          names={values}
          onNames={(names) => setValues({ ...values, ...names })}
        />
        <RolesField
          mappings={mappings}
          choices={list.roleChoices}
          error={form.fields.roles}
          onChange={setMappings}
        />
        <Field {...form.field('defaultRoleId')} label="Role of who is in none of these groups">
          <Select
            value={defaultRoleId}
            placeholder="None: they are turned away"
            options={roleOptions(list.roleChoices)}
            onChange={(event) => setDefaultRoleId(event.target.value)}
          />
        </Field>
        <Checkbox
          id="source-createUsers"
          label="Somebody new gets an account"
          description="An account that is here already is never taken over by a username or an e-mail address."
          checked={values.createUsers}
          onChange={(event) => setValues({ ...values, createUsers: event.target.checked })}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          {NAMES.map(({ name, of }) => (
            <div key={name}>{text(name, `${word} with ${of}`)}</div>
          ))}
        </div>
      </div>
    </Sheet>
  )
}
