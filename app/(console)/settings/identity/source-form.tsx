'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { type Mapping, roleOptions, RolesField } from '@/app/(console)/settings/identity/roles-field'
import { TestButton } from '@/app/(console)/settings/identity/test-button'
import type { SourceList, SourceRow } from '@/server/features/identity/identity.schema'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { DescriptionList } from '@/ui/description-list'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'
import { Select } from '@/ui/select'
import { Sheet } from '@/ui/sheet'
import { toast } from '@/ui/toast'

const CLAIMS = [
  { name: 'usernameClaim', label: 'Claim of the username' },
  { name: 'emailClaim', label: 'Claim of the e-mail address' },
  { name: 'nameClaim', label: 'Claim of the name' },
  { name: 'groupsClaim', label: 'Claim of the groups' },
] as const
const NEW = {
  name: '',
  issuer: '',
  client: '',
  scopes: 'openid profile email',
  usernameClaim: 'preferred_username',
  emailClaim: 'email',
  nameClaim: 'name',
  groupsClaim: 'groups',
  createUsers: true,
}
type Texts = typeof NEW

const valuesOf = (source?: SourceRow): Texts => {
  if (!source) return NEW
  const { name, issuer, client, scopes, usernameClaim, emailClaim, nameClaim, groupsClaim, createUsers } =
    source
  return { name, issuer, client, scopes, usernameClaim, emailClaim, nameClaim, groupsClaim, createUsers }
}
const mappingsOf = (source?: SourceRow): Mapping[] =>
  source?.roles.map(({ claim, role }) => ({ claim, roleId: role.id })) ?? []

interface Props {
  /** Unset: a new one. */
  source?: SourceRow
  list: SourceList
  onClose: () => void
}

/** Adds a source, or changes one. The secret is put in and never shown. */
export function SourceForm({ source, list, onClose }: Props) {
  const router = useRouter()
  const form = useSubmit('source')
  const [values, setValues] = useState(() => valuesOf(source))
  const [secret, setSecret] = useState('')
  const [defaultRoleId, setDefaultRoleId] = useState(source?.defaultRole?.id ?? '')
  const [mappings, setMappings] = useState(() => mappingsOf(source))
  const redirectUri = source?.redirectUri ?? list.draft.redirectUri
  const roles = mappings.filter(({ claim, roleId }) => claim.trim() !== '' || roleId !== '')
  const unfinished = roles.some(({ claim, roleId }) => claim.trim() === '' || roleId === '')

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const input = { ...values, roles, defaultRoleId: defaultRoleId || undefined }
    const done = await form.submit(() =>
      source
        ? api().identity.update.mutate({ id: source.id, ...input, clientSecret: secret || undefined })
        : api().identity.create.mutate({ draft: list.draft.token, ...input, clientSecret: secret }),
    )
    if (!done) return
    toast.success(source ? 'Saved' : `${values.name} stands on the sign-in page now`)
    onClose()
    router.refresh()
  }
  const text = (name: Exclude<keyof Texts, 'createUsers'>, label: string, hint?: string, mono = true) => (
    <Field {...form.field(name)} label={label} hint={hint} required>
      <Input
        mono={mono}
        value={values[name]}
        maxLength={500}
        spellCheck={false}
        onChange={(event) => setValues({ ...values, [name]: event.target.value })}
      />
    </Field>
  )

  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={source ? `Edit ${source.name}` : 'Add an OpenID Connect provider'}
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
            {source ? 'Save' : 'Add provider'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nothing is saved" />
        <DescriptionList
          items={[
            {
              label: 'Register this redirect address there first',
              value: redirectUri,
              mono: true,
              copy: redirectUri,
            },
          ]}
        />
        {text('name', 'Name', 'The button on the sign-in page says: Sign in with …', false)}
        {text(
          'issuer',
          'Issuer',
          'Such as https://login.example.com/realms/acme, exactly as the provider gives it.',
        )}
        <div className="justify-self-start">
          <TestButton
            issuer={values.issuer}
            disabledReason={values.issuer.trim() === '' && 'Enter the issuer first'}
          />
        </div>
        {text('client', 'Client id')}
        <Field
          {...form.field('clientSecret')}
          label="Client secret"
          hint={
            source
              ? 'Leave it empty to keep the one that is stored. It is never shown.'
              : 'It is stored sealed, and never shown again.'
          }
          required={!source}
        >
          <PasswordInput
            autoComplete="off"
            value={secret}
            maxLength={500}
            onChange={(event) => setSecret(event.target.value)}
          />
        </Field>
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
        {text('scopes', 'Scopes', 'Some providers tell groups only for a scope of their own.')}
        <div className="grid gap-4 sm:grid-cols-2">
          {CLAIMS.map(({ name, label }) => (
            <div key={name}>{text(name, label)}</div>
          ))}
        </div>
      </div>
    </Sheet>
  )
}
