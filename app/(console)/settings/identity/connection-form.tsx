'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { type Mapping, roleOptions, RolesField } from '@/app/(console)/settings/identity/roles-field'
import type { Made } from '@/app/(console)/settings/identity/token-reveal'
import type { ConnectionList, ConnectionRow } from '@/server/features/provisioning/provisioning.schema'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { Sheet } from '@/ui/sheet'
import { toast } from '@/ui/toast'

/** How long a token holds; empty: for good. */
export const TOKEN_DAYS = [
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '730', label: 'Two years' },
]
export const daysOf = (text: string): number | undefined => (text === '' ? undefined : Number(text))

interface Props {
  /** Unset: a new one. */
  connection?: ConnectionRow
  list: ConnectionList
  onClose: () => void
  onToken: (made: Made) => void
}

/** Adds a connection, or changes its name, groups and roles. */
export function ConnectionForm({ connection, list, onClose, onToken }: Props) {
  const router = useRouter()
  const form = useSubmit('connection')
  const [name, setName] = useState(connection?.name ?? '')
  const [sourceId, setSourceId] = useState('')
  const [tokenDays, setTokenDays] = useState('')
  const [defaultRoleId, setDefaultRoleId] = useState(connection?.defaultRole?.id ?? '')
  const [mappings, setMappings] = useState<Mapping[]>(
    () => connection?.roles.map(({ group, role }) => ({ claim: group, roleId: role.id })) ?? [],
  )
  const kept = mappings.filter(({ claim, roleId }) => claim.trim() !== '' || roleId !== '')
  const unfinished = kept.some(({ claim, roleId }) => claim.trim() === '' || roleId === '')

  const save = async () => {
    const roles = kept.map(({ claim, roleId }) => ({ group: claim, roleId }))
    const input = { name, roles, defaultRoleId: defaultRoleId || undefined }
    if (connection) {
      const { sessionsEnded } = await api().provisioning.update.mutate({ id: connection.id, ...input })
      const ended = sessionsEnded === 1 ? '1 session' : `${sessionsEnded} sessions`
      toast.success('Saved', {
        description: sessionsEnded > 0 ? `${ended} ended: a role was lost.` : undefined,
      })
      return
    }
    const more = { sourceId: sourceId || undefined, tokenDays: daysOf(tokenDays) }
    onToken(await api().provisioning.create.mutate({ ...input, ...more }))
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!(await form.submit(save))) return
    onClose()
    router.refresh()
  }

  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={connection ? `Edit ${connection.name}` : 'Add a SCIM connection'}
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
            {connection ? 'Save' : 'Add connection'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nothing is saved" />
        <Field {...form.field('name')} label="Name" hint="Such as Okta. The audit log names it." required>
          <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
        </Field>
        {!connection && (
          <>
            <Field
              {...form.field('sourceId')}
              label="Its people sign in by"
              hint={
                sourceId === ''
                  ? 'They get no password: “Forgot your password?” on the sign-in page mails them a link to set one.'
                  : 'externalId has to be what the source calls them: the claim sub, the persistent name id or the directory’s entryUUID. It cannot be changed later.'
              }
            >
              <Select
                value={sourceId}
                placeholder="A password that they set by mail"
                options={list.sources.map(({ id, name: label }) => ({ value: id, label }))}
                onChange={(event) => setSourceId(event.target.value)}
              />
            </Field>
            <Field
              {...form.field('tokenDays')}
              label="Its token holds"
              hint="When it ends, nothing is provisioned until you renew it."
            >
              <Select
                value={tokenDays}
                placeholder="Until it is renewed"
                options={TOKEN_DAYS}
                onChange={(event) => setTokenDays(event.target.value)}
              />
            </Field>
          </>
        )}
        <RolesField
          form="connection"
          hint="They hold at once; who loses a role is signed out."
          mappings={mappings}
          choices={list.roleChoices}
          error={form.fields.roles}
          onChange={setMappings}
        />
        <Field {...form.field('defaultRoleId')} label="Role of who is in none of these groups">
          <Select
            value={defaultRoleId}
            placeholder="None: they see nothing"
            options={roleOptions(list.roleChoices)}
            onChange={(event) => setDefaultRoleId(event.target.value)}
          />
        </Field>
      </div>
    </Sheet>
  )
}
