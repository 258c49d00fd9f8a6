'use client'

import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Picker } from '@/ui/picker'
import { Select } from '@/ui/select'
import { TenantMark } from '@/ui/tenant-mark'
import { Textarea } from '@/ui/textarea'

/** What a form about a tenant holds. */
export interface TenantValues {
  name: string
  description: string
  icon: string
  tenantRoleId: string
  currency: string
  accountNumber: string
  accountName: string
  customerNumber: string
}

export interface TenantChoices {
  roles: readonly { id: string; name: string; description: string }[]
  currencies: readonly { value: string; label: string }[]
}

interface Props {
  values: TenantValues
  change: (values: Partial<TenantValues>) => void
  field: (name: string) => { id: string; error?: string }
  choices: TenantChoices
  /** The master tenant keeps its name and has no base role. */
  master?: boolean
  onNameDone?: () => void
  /** Below the base role: who gains and loses what by it. */
  whatIf?: ReactNode
  /** Between name and base role: the subdomain of a new tenant. */
  children?: ReactNode
}

const ICONS = ['🏢', '🏭', '🏥', '🏫', '🏦', '🛒', '🚚', '🌐', '☁️', '🧪', '🚀', '🦊']

/** The fields of a tenant, for creating and editing. */
export function TenantFields({
  values,
  change,
  field,
  choices,
  master = false,
  onNameDone,
  whatIf,
  children,
}: Props) {
  const role = choices.roles.find(({ id }) => id === values.tenantRoleId)
  return (
    <>
      <Field
        {...field('name')}
        label="Name"
        required
        hint={master ? 'The master tenant keeps its name.' : undefined}
      >
        <Input
          value={values.name}
          maxLength={100}
          readOnly={master}
          autoComplete="off"
          onChange={(event) => change({ name: event.target.value })}
          onBlur={onNameDone}
        />
      </Field>
      {children}
      {!master && (
        <Field
          {...field('tenantRoleId')}
          label="Base role"
          required
          hint={role?.description ?? 'The most that anybody in the tenant may do.'}
        >
          <Select
            value={values.tenantRoleId}
            placeholder={values.tenantRoleId === '' ? 'Choose…' : undefined}
            options={choices.roles.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(event) => change({ tenantRoleId: event.target.value })}
          />
        </Field>
      )}
      {whatIf}
      <Field {...field('currency')} label="Currency" required hint="For prices and invoices.">
        <Picker
          label="Currency"
          value={values.currency}
          options={choices.currencies}
          onChange={({ value }) => change({ currency: value })}
        />
      </Field>
      <IconField values={values} change={change} field={field} />
      <Field {...field('description')} label="Description">
        <Textarea
          value={values.description}
          rows={2}
          maxLength={2000}
          onChange={(event) => change({ description: event.target.value })}
        />
      </Field>
      <Advanced values={values} change={change} field={field} />
    </>
  )
}

type Part = Pick<Props, 'values' | 'change' | 'field'>

function IconField({ values, change, field }: Part) {
  return (
    <Field {...field('icon')} label="Icon" hint="One emoji. Without one, the mark shows the first letter.">
      <div className="flex flex-wrap items-center gap-2">
        <TenantMark name={values.name || '?'} icon={values.icon} seed={values.name} size="md" />
        <div className="w-16">
          <Input
            id={field('icon').id}
            value={values.icon}
            maxLength={32}
            autoComplete="off"
            onChange={(event) => change({ icon: event.target.value })}
          />
        </div>
        <div role="group" aria-label="Suggestions" className="flex flex-wrap gap-0.5">
          {ICONS.map((icon) => (
            <button
              key={icon}
              type="button"
              aria-label={`Use ${icon}`}
              aria-pressed={values.icon === icon}
              onClick={() => change({ icon: values.icon === icon ? '' : icon })}
              className="grid size-7 place-items-center rounded-md text-base hover:bg-hover aria-pressed:bg-accent-soft pointer-coarse:size-9"
            >
              {icon}
            </button>
          ))}
        </div>
      </div>
    </Field>
  )
}

const ADVANCED = [
  { name: 'accountNumber', label: 'Account number', max: 100 },
  { name: 'accountName', label: 'Account name', max: 200 },
  { name: 'customerNumber', label: 'Customer number', max: 100 },
] as const

/** What only some track; open from the start when there is something in it. */
function Advanced({ values, change, field }: Part) {
  const used = ADVANCED.some(({ name }) => values[name] !== '' || field(name).error !== undefined)
  return (
    <details open={used || undefined} className="group/advanced">
      <summary className="flex w-fit cursor-pointer list-none items-center gap-1.5 rounded-sm text-sm font-medium [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="size-4 text-muted transition-transform group-open/advanced:rotate-90"
        />
        Advanced options
      </summary>
      <div className="mt-3 grid gap-4 sm:grid-cols-3">
        {ADVANCED.map(({ name, label, max }) => (
          <Field key={name} {...field(name)} label={label}>
            <Input
              value={values[name]}
              maxLength={max}
              autoComplete="off"
              onChange={(event) => change({ [name]: event.target.value })}
            />
          </Field>
        ))}
      </div>
    </details>
  )
}
