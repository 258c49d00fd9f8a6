'use client'

import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import { TenantPicker } from '@/app/(console)/_components/resources/tenant-picker'
import type { PickerOption } from '@/ui/picker-panel'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

/** Visibility and Tenant as they are chosen. */
export interface AccessValues {
  visibility: 'private' | 'public'
  tenant: PickerOption
}

interface Props {
  kind: { kind: string; canBePublic: boolean }
  masterId: string
  isNew: boolean
  /** Who gains and loses what; see EffectsPreview. */
  question: string | null
  ask: (signal: AbortSignal) => Promise<{ lines: string[] }>
  value: AccessValues
  onChange: (value: AccessValues) => void
  field: (name: string) => { id: string; error?: string }
  /** Why it cannot be handed on. */
  locked?: string
}

/** Visibility and Tenant of the master's forms, as in seeds 002 and 003, with what they change before it is saved. */
export function AccessSection(props: Props) {
  const { kind, masterId, isNew, question, ask, value, onChange, field, locked } = props
  const isAway = value.tenant.value !== masterId
  const hint = !kind.canBePublic
    ? 'These cannot be public'
    : isAway
      ? 'What is assigned to another tenant is private'
      : 'Public: every tenant sees it'
  return (
    <Card title="Access" description="Who sees it and who uses it. It is saved together with the rest.">
      {locked ? (
        <p className="text-sm text-muted">{locked}</p>
      ) : (
        <div className="grid gap-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <Field {...field('visibility')} label="Visibility" hint={hint}>
              <Select
                value={isAway ? 'private' : value.visibility}
                disabled={isAway || !kind.canBePublic}
                options={[
                  { value: 'private', label: 'Private' },
                  { value: 'public', label: 'Public' },
                ]}
                onChange={(event) =>
                  onChange({ ...value, visibility: event.target.value === 'public' ? 'public' : 'private' })
                }
              />
            </Field>
            <TenantPicker
              {...field('tenantId')}
              kind={kind.kind}
              hint={isNew ? 'Who uses it.' : 'Who uses it. Choose the master tenant to take it back.'}
              value={value.tenant}
              onChange={(tenant) => onChange({ ...value, tenant })}
            />
          </div>
          <EffectsPreview question={question} ask={ask} />
        </div>
      )}
    </Card>
  )
}
