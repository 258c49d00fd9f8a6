'use client'

import { Plus, X } from 'lucide-react'
import type { SourceList } from '@/server/features/identity/identity.schema'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { IconButton } from '@/ui/icon-button'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'

export interface Mapping {
  claim: string
  roleId: string
}

/** Choices of a role: those that this person may not give say why. */
export const roleOptions = (choices: SourceList['roleChoices']) =>
  choices.map(({ id, name, why }) => ({
    value: id,
    label: why === null ? name : `${name} (beyond your own)`,
    disabled: why !== null,
  }))

interface Props {
  /** Begins the ids of the form. */
  form?: string
  /** When they are looked at. */
  hint?: string
  mappings: readonly Mapping[]
  choices: SourceList['roleChoices']
  error?: string
  onChange: (mappings: Mapping[]) => void
}

/** Groups of the provider, and the role that each gives. Every match counts. */
export function RolesField({
  form = 'source',
  hint = 'They are looked at at each sign-in.',
  mappings,
  choices,
  error,
  onChange,
}: Props) {
  const change = (at: number, part: Partial<Mapping>) =>
    onChange(mappings.map((one, i) => (i === at ? { ...one, ...part } : one)))
  return (
    <fieldset id={`${form}-roles`} tabIndex={-1} className="grid gap-2">
      <legend className="mb-1 text-sm font-medium">Groups and roles</legend>
      <p className="text-xs text-muted">Who is in several groups has all their roles. {hint}</p>
      {mappings.map(({ claim, roleId }, at) => (
        <div key={at} className="flex items-end gap-2">
          <Field label={`Group ${at + 1}`} hideLabel className="min-w-0 flex-1">
            <Input
              value={claim}
              placeholder="Group, as the provider calls it"
              maxLength={200}
              onChange={(event) => change(at, { claim: event.target.value })}
            />
          </Field>
          <Field label={`Role of group ${at + 1}`} hideLabel className="min-w-0 flex-1">
            <Select
              value={roleId}
              placeholder="Role"
              options={roleOptions(choices)}
              onChange={(event) => change(at, { roleId: event.target.value })}
            />
          </Field>
          <IconButton
            label={`Remove group ${at + 1}`}
            icon={<X aria-hidden />}
            onClick={() => onChange(mappings.filter((_, i) => i !== at))}
          />
        </div>
      ))}
      {error && <p className="text-sm text-danger-ink">{error}</p>}
      <Button
        size="sm"
        icon={<Plus aria-hidden />}
        className="justify-self-start"
        onClick={() => onChange([...mappings, { claim: '', roleId: '' }])}
      >
        Add group
      </Button>
    </fieldset>
  )
}
