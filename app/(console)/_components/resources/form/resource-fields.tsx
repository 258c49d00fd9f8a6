'use client'

import { FieldEditor } from '@/app/(console)/_components/resources/form/field-editor'
import type { FormValues } from '@/app/(console)/_components/resources/form/form-values'
import { RefEditor } from '@/app/(console)/_components/resources/form/ref-editor'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

interface Props {
  kind: KindView
  values: FormValues
  change: (part: Partial<FormValues>) => void
  field: (name: string) => { id: string; error?: string }
  /** The thing itself; unset: a new one. */
  id?: string
  /** Why the name stays as it is. */
  nameLocked?: string
  /** What of it a connected cloud tells: shown, and changed there. */
  told?: ResourceDetail['told']
}

/** A field that is the cloud's: with its value, which can be read and copied, and nothing to type. */
function ToldField({
  field,
  label,
  why,
  value,
}: {
  field: { id: string }
  label: string
  why: string
  value: string
}) {
  return (
    <Field {...field} label={label} hint={why}>
      <Input value={value} readOnly />
    </Field>
  )
}

const textOf = (value: FormValues['fields'][string] | undefined): string =>
  typeof value === 'boolean'
    ? value
      ? 'Yes'
      : 'No'
    : typeof value === 'string'
      ? value.split('\n').filter(Boolean).join(', ')
      : ''
/** As `textOf`, with the words of a choice and the unit of a figure. */
function shown(spec: KindView['fields'][string], value: FormValues['fields'][string] | undefined): string {
  const text = textOf(value)
  if (spec.type === 'choice') return spec.options.find((one) => one.value === text)?.label ?? text
  return spec.type === 'number' && spec.unit === 'bytes' && text !== '' ? `${text} GiB` : text
}
const namesOf = (refs: FormValues['refs'][string] | undefined): string =>
  (refs ?? []).map(({ name }) => name ?? 'No longer available').join(', ')

/** Name, own fields, references and place of a resource of any kind. */
export function ResourceFields({ kind, values, change, field, id, nameLocked, told }: Props) {
  const place = (name: 'cloud' | 'parent', label: string, hint?: string) => {
    const value = values[name]
    return (
      <RefEditor
        kind={kind.kind}
        name={name}
        label={label}
        hint={hint}
        field={field(`${name}Id`)}
        self={id}
        value={value ? [value] : []}
        onChange={([one]) => change({ [name]: one ?? null })}
      />
    )
  }
  return (
    <div className="grid gap-x-4 gap-y-5 sm:grid-cols-2">
      <Field {...field('name')} label="Name" required hint={nameLocked} className="sm:col-span-2">
        <Input
          value={values.name}
          maxLength={255}
          autoComplete="off"
          readOnly={nameLocked !== undefined}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      {Object.entries(kind.fields).map(([name, spec]) =>
        told?.fields.includes(name) ? (
          <ToldField
            key={name}
            field={field(name)}
            label={spec.label}
            why={told.why}
            value={spec.type === 'ref' ? namesOf(values.refs[name]) : shown(spec, values.fields[name])}
          />
        ) : spec.type === 'ref' ? (
          <RefEditor
            key={name}
            kind={kind.kind}
            name={name}
            label={spec.label}
            hint={spec.hint}
            required={spec.required}
            many={spec.many}
            field={field(name)}
            value={values.refs[name] ?? []}
            onChange={(ids) => change({ refs: { ...values.refs, [name]: ids } })}
          />
        ) : (
          <FieldEditor
            key={name}
            spec={spec}
            field={field(name)}
            value={values.fields[name] ?? ''}
            onChange={(value) => change({ fields: { ...values.fields, [name]: value } })}
          />
        ),
      )}
      {id === undefined && kind.inCloud && place('cloud', 'Cloud', 'Where it stands. It stays there.')}
      {kind.parent &&
        (told ? (
          <ToldField
            field={field('parentId')}
            label={kind.parent.label}
            why={told.why}
            value={values.parent?.name ?? ''}
          />
        ) : (
          place('parent', kind.parent.label)
        ))}
    </div>
  )
}
