'use client'

import { ParamsEditor } from '@/app/(console)/_components/resources/form/params-editor'
import type { Typed } from '@/app/(console)/_components/resources/form/form-values'
import type { Field as KindField } from '@/lib/resource-kinds/kind'
import { Checkbox } from '@/ui/checkbox'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { Textarea } from '@/ui/textarea'

interface Props {
  spec: Exclude<KindField, { type: 'ref' }>
  value: Typed
  onChange: (value: Typed) => void
  /** Its id, and what is wrong with it. */
  field: { id: string; error?: string }
}

const UNITS = { bytes: 'GiB', cores: 'cores', count: undefined } as const

/** One field of a kind, edited by its type. */
export function FieldEditor({ spec, value, onChange, field }: Props) {
  const label = { ...field, label: spec.label, hint: spec.hint, required: spec.required }
  const text = typeof value === 'string' ? value : ''
  const typed = {
    value: text,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  }
  switch (spec.type) {
    case 'boolean':
      return (
        <div className="sm:col-span-2">
          <Checkbox
            id={field.id}
            label={spec.label}
            description={spec.hint}
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
          />
        </div>
      )
    case 'choice':
      return (
        <Field {...label}>
          <Select {...typed} options={spec.options} placeholder="Choose…" />
        </Field>
      )
    case 'number':
      return (
        <Field {...label}>
          <Input {...typed} inputMode="decimal" autoComplete="off" suffix={spec.unit && UNITS[spec.unit]} />
        </Field>
      )
    case 'list':
      return (
        <Field {...label} hint={spec.hint ?? 'One a line'} className="sm:col-span-2">
          <Textarea {...typed} mono={spec.format !== undefined} rows={3} spellCheck={false} />
        </Field>
      )
    case 'params':
      return <ParamsEditor {...label} value={Array.isArray(value) ? value : []} onChange={onChange} />
    case 'text':
      return (
        <Field {...label} className={spec.lines === undefined ? undefined : 'sm:col-span-2'}>
          {spec.lines === undefined ? (
            <Input
              {...typed}
              mono={spec.format !== undefined}
              maxLength={spec.max ?? 500}
              autoComplete="off"
            />
          ) : (
            <Textarea {...typed} rows={spec.lines} maxLength={spec.max ?? 500} />
          )}
        </Field>
      )
  }
}
