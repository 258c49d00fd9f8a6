'use client'

import { Checkbox } from '@/ui/checkbox'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { Textarea } from '@/ui/textarea'

export interface PolicyValues {
  enabled: boolean
  /** '' for none. */
  tenantRoleId: string
  firstRole: 'owner' | 'admin' | 'editor' | 'viewer'
  /** One a line. */
  mailDomains: string
  approval: boolean
  termsUrl: string
  dailyLimit: number
}

const FIRST_ROLES = [
  { value: 'owner', label: 'Owner' },
  { value: 'admin', label: 'Admin' },
  { value: 'editor', label: 'Editor' },
  { value: 'viewer', label: 'Viewer' },
]

interface Props {
  values: PolicyValues
  set: (change: Partial<PolicyValues>) => void
  field: (name: string) => { id: string; error?: string }
  roles: readonly { id: string; name: string; description: string }[]
  disabled: boolean
}

export function PolicyFields({ values, set, field, roles, disabled }: Props) {
  const role = roles.find(({ id }) => id === values.tenantRoleId)
  return (
    <div className="grid gap-5">
      <Checkbox
        id="sign-up-enabled"
        label="People can sign up"
        description="The sign-in page of the main host says “Create an organization”. Whoever follows the link in their mail gets a tenant."
        checked={values.enabled}
        disabled={disabled}
        onChange={(event) => set({ enabled: event.target.checked })}
      />
      <Checkbox
        id="sign-up-approval"
        label="An administrator approves first"
        description="Requests wait in the list below. Approved or declined, the person gets a mail."
        checked={values.approval}
        disabled={disabled}
        onChange={(event) => set({ approval: event.target.checked })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          {...field('tenantRoleId')}
          label="Tenant role"
          hint={role?.description || 'What new tenants may have at most.'}
          required={values.enabled}
        >
          <Select
            placeholder="Choose one"
            value={values.tenantRoleId}
            disabled={disabled}
            options={roles.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(event) => set({ tenantRoleId: event.target.value })}
          />
        </Field>
        <Field
          {...field('firstRole')}
          label="Role of who signs up"
          hint={
            values.firstRole === 'owner'
              ? 'They run their tenant themselves.'
              : 'Their tenant begins without an owner: you run it.'
          }
        >
          <Select
            value={values.firstRole}
            disabled={disabled}
            options={FIRST_ROLES}
            onChange={(event) => set({ firstRole: event.target.value as PolicyValues['firstRole'] })}
          />
        </Field>
        <Field
          {...field('mailDomains')}
          label="Mail domains"
          hint="One a line, such as example.com. Empty: anybody with a mail address."
        >
          <Textarea
            rows={3}
            value={values.mailDomains}
            disabled={disabled}
            spellCheck={false}
            onChange={(event) => set({ mailDomains: event.target.value })}
          />
        </Field>
        <div className="grid content-start gap-4">
          <Field {...field('dailyLimit')} label="New tenants in 24 hours" hint="At most so many, 1 to 1000.">
            <Input
              type="number"
              min={1}
              max={1000}
              value={Number.isNaN(values.dailyLimit) ? '' : values.dailyLimit}
              disabled={disabled}
              onChange={(event) => set({ dailyLimit: event.target.valueAsNumber })}
            />
          </Field>
        </div>
      </div>
      <Field
        {...field('termsUrl')}
        label="Address of your terms"
        hint="People accept them before their tenant is made. Empty: there are none."
      >
        <Input
          type="url"
          placeholder="https://"
          maxLength={500}
          value={values.termsUrl}
          disabled={disabled}
          onChange={(event) => set({ termsUrl: event.target.value })}
        />
      </Field>
    </div>
  )
}
