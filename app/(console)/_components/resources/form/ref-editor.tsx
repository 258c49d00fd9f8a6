'use client'

import { ArrowDown, ArrowUp, X } from 'lucide-react'
import { useRef } from 'react'
import { api } from '@/app/_lib/api-client'
import type { Named, TenantChoice } from '@/app/(console)/_components/resources/form/form-values'
import { Field } from '@/ui/field'
import { IconButton } from '@/ui/icon-button'
import { Picker } from '@/ui/picker'

interface Props {
  /** The kind whose form this is, and the field: what may be named is the server's to say. */
  kind: string
  name: string
  label: string
  hint?: string
  required?: boolean
  field: { id: string; error?: string }
  many?: boolean
  /** The thing itself: it is not what it stands in. */
  self?: string
  value: Named[]
  onChange: (value: Named[]) => void
}

const nameOf = ({ name }: Named) => name ?? 'No longer available'

/** What a field refers to: one, or several in their order. */
export function RefEditor(props: Props) {
  const { kind, name, label, hint, required, field, many, self, value, onChange } = props
  const taken = (id: string) =>
    id === self ? 'It is this one' : many && value.some((one) => one.id === id) ? 'Already there' : undefined
  const tenants = useRef(new Map<string, TenantChoice>())
  const search = async (text: string, signal: AbortSignal) => {
    const { rows } = await api().resources.options.query({ kind, field: name, search: text }, { signal })
    for (const { id, tenant } of rows) if (tenant) tenants.current.set(id, tenant)
    return rows.map((row) => ({
      value: row.id,
      label: row.name,
      disabledReason: taken(row.id) ?? row.why,
    }))
  }
  const [one] = value
  const pick = (option: { value: string; label: string }) => {
    const tenant = tenants.current.get(option.value)
    const next = { id: option.value, name: option.label, ...(tenant && { tenant }) }
    onChange(many ? [...value, next] : [next])
  }
  return (
    <Field
      {...field}
      label={label}
      hint={hint}
      required={required}
      className={many ? 'sm:col-span-2' : undefined}
    >
      {many && value.length > 0 && <Chosen value={value} onChange={onChange} />}
      <div className="flex gap-2">
        <Picker
          label={label}
          className="flex-1"
          placeholder={many ? 'Add…' : 'None'}
          value={many ? null : (one?.id ?? null)}
          selected={many || !one ? null : { value: one.id, label: nameOf(one) }}
          search={search}
          onChange={pick}
        />
        {!many && one && (
          <IconButton
            label={`Clear ${label.toLowerCase()}`}
            icon={<X aria-hidden />}
            onClick={() => onChange([])}
          />
        )}
      </div>
    </Field>
  )
}

function Chosen({ value, onChange }: Pick<Props, 'value' | 'onChange'>) {
  const move = (at: number, to: number) => {
    const next = [...value]
    const [one] = next.splice(at, 1)
    if (one) next.splice(to, 0, one)
    onChange(next)
  }
  return (
    <ol className="grid rounded-md border border-line-strong">
      {value.map((one, at) => (
        <li
          key={one.id}
          className="flex min-h-9 items-center gap-1 border-b border-line py-0.5 pr-1 pl-3 text-sm last:border-b-0"
        >
          <span className={one.name === null ? 'flex-1 text-muted' : 'flex-1 truncate'}>{nameOf(one)}</span>
          {value.length > 1 && (
            <>
              <IconButton
                size="icon-sm"
                label={`Move ${nameOf(one)} up`}
                icon={<ArrowUp aria-hidden />}
                disabledReason={at === 0 && 'It is the first'}
                onClick={() => move(at, at - 1)}
              />
              <IconButton
                size="icon-sm"
                label={`Move ${nameOf(one)} down`}
                icon={<ArrowDown aria-hidden />}
                disabledReason={at === value.length - 1 && 'It is the last'}
                onClick={() => move(at, at + 1)}
              />
            </>
          )}
          <IconButton
            size="icon-sm"
            label={`Remove ${nameOf(one)}`}
            icon={<X aria-hidden />}
            onClick={() => onChange(value.filter(({ id }) => id !== one.id))}
          />
        </li>
      ))}
    </ol>
  )
}
