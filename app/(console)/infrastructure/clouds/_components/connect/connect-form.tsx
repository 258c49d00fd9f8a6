'use client'

import type { FormEvent } from 'react'
import { TenantPicker } from '@/app/(console)/_components/resources/tenant-picker'
import { Connected } from '@/app/(console)/infrastructure/clouds/_components/connect/connected'
import { ServerCard } from '@/app/(console)/infrastructure/clouds/_components/connect/server-card'
import {
  type Connecting,
  type Existing,
  useConnect,
  whyNotSend,
} from '@/app/(console)/infrastructure/clouds/_components/connect/use-connect'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { ConnectorView } from '@/server/features/connections/connections.schema'
import { Button, ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { Checkbox } from '@/ui/checkbox'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'
import { RadioCards } from '@/ui/radio-cards'
import { Textarea } from '@/ui/textarea'

interface Props {
  connectors: readonly ConnectorView[]
  /** Whether a tenant may be chosen. */
  forTenants: boolean
  existing?: Existing
  prefix: TenantPrefix
}

const CLOUDS = { section: 'infrastructure', slug: 'clouds' }

/** Connects a cloud: finds mistakes where they are made, and says what came of it. */
export function ConnectForm({ connectors, forTenants, existing, prefix }: Props) {
  const it = useConnect(connectors, existing)
  const paths = consolePaths(prefix)
  const cancel = existing ? paths.resource(CLOUDS, existing.id) : paths.kind(CLOUDS)
  if (it.done) return <Connected done={it.done} href={paths.resource(CLOUDS, it.done.id)} />
  return (
    <form
      method="post"
      noValidate
      className="grid max-w-3xl gap-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!it.form.pending && whyNotSend(it, !existing) === false) void it.send()
      }}
    >
      <FormErrorSummary errors={it.form.errors} title="It is not connected" />
      {existing?.connector === undefined && (
        <RadioCards
          legend="What is it?"
          name="connector"
          columns={3}
          value={it.connectorId}
          onChange={it.setConnector}
          options={connectors.map(({ id, label }) => ({ value: id, label }))}
        />
      )}
      <ServerCard it={it} />
      <CredentialsCard it={it} />
      {!existing && <NameCard it={it} forTenants={forTenants} />}
      <Checkbox
        checked={it.untested}
        onChange={(event) => it.setUntested(event.target.checked)}
        label="Save without asking the cloud"
        description="If it is down at the moment. Mistakes show at the first look into it."
      />
      <div className="flex justify-end gap-2">
        <ButtonLink href={cancel}>Cancel</ButtonLink>
        <Button
          type="submit"
          variant="primary"
          loading={it.form.pending}
          disabledReason={whyNotSend(it, !existing)}
        >
          {existing?.connector ? 'Save connection' : 'Connect'}
        </Button>
      </div>
    </form>
  )
}

function CredentialsCard({ it }: { it: Connecting }) {
  const fields = it.connector?.fields ?? []
  if (fields.length === 0) return null
  return (
    <Card title="How to sign in" description="Kept encrypted, for this server only; never shown again.">
      <div className="grid gap-4">
        {fields.map((field) => {
          const props = {
            value: it.values[field.name] ?? '',
            placeholder: field.placeholder,
            onChange: (event: { target: { value: string } }) => it.setValue(field.name, event.target.value),
          }
          const { id, error } = it.form.field(`${field.in}.${field.name}`)
          return (
            <Field
              key={field.name}
              id={id}
              error={error}
              label={field.label}
              required={field.required}
              hint={field.hint}
            >
              {field.type === 'multiline' ? (
                <Textarea mono rows={4} spellCheck={false} {...props} />
              ) : field.type === 'password' ? (
                <PasswordInput autoComplete="off" {...props} />
              ) : (
                <Input autoComplete="off" autoCapitalize="none" spellCheck={false} {...props} />
              )}
            </Field>
          )
        })}
      </div>
    </Card>
  )
}

function NameCard({ it, forTenants }: { it: Connecting; forTenants: boolean }) {
  return (
    <Card title="What it is called here">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field {...it.form.field('name')} label="Name" required>
          <Input value={it.name} onChange={(event) => it.setName(event.target.value)} />
        </Field>
        <Field {...it.form.field('location')} label="Location" hint="Where it stands, such as Stockholm">
          <Input value={it.location} onChange={(event) => it.setLocation(event.target.value)} />
        </Field>
        {forTenants && (
          <TenantPicker
            kind="cloud"
            id={it.form.field('tenantId').id}
            error={it.form.field('tenantId').error}
            value={it.tenant}
            onChange={it.setTenant}
            hint="Who uses it, with all that is found in it. Left out: you do, and may offer it to all."
          />
        )}
      </div>
    </Card>
  )
}
