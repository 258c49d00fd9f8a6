'use client'

import { FieldEditor } from '@/app/(console)/_components/resources/form/field-editor'
import type { FormValues } from '@/app/(console)/_components/resources/form/form-values'
import { RefEditor } from '@/app/(console)/_components/resources/form/ref-editor'
import type { KindView } from '@/lib/resource-kinds/kind'
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
}

/** Name, own fields, references and place of a resource of any kind. */
export function ResourceFields({ kind, values, change, field, id, nameLocked }: Props) {
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
        spec.type === 'ref' ? (
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
      {kind.parent && place('parent', kind.parent.label)}
    </div>
  )
}
