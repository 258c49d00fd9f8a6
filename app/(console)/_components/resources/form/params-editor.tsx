'use client'

import { Plus, X } from 'lucide-react'
import { Button } from '@/ui/button'
import { IconButton } from '@/ui/icon-button'
import { Input } from '@/ui/input'

interface Props {
  id: string
  label: string
  hint?: string
  error?: string
  required?: boolean
  value: [name: string, value: string][]
  onChange: (value: [string, string][]) => void
}

/** Parameters by name, a row each. */
export function ParamsEditor({ id, label, hint, error, required, value, onChange }: Props) {
  const set = (at: number, pair: [string, string]) =>
    onChange(value.map((one, index) => (index === at ? pair : one)))
  return (
    <fieldset
      id={id}
      tabIndex={-1}
      className="grid min-w-0 gap-2 sm:col-span-2"
      aria-describedby={error ? `${id}-error` : undefined}
    >
      <legend className="mb-1.5 text-sm font-medium">
        {label}
        {required && (
          <span aria-hidden className="ml-0.5 text-danger-ink">
            *
          </span>
        )}
      </legend>
      {value.map(([name, text], at) => (
        <div key={at} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] gap-2">
          <Input
            mono
            value={name}
            maxLength={63}
            placeholder="name"
            aria-label={`Name of parameter ${at + 1}`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => set(at, [event.target.value, text])}
          />
          <Input
            mono
            value={text}
            maxLength={2000}
            placeholder="value"
            aria-label={`Value of parameter ${name || at + 1}`}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set(at, [name, event.target.value])}
          />
          <IconButton
            label={`Remove parameter ${name || at + 1}`}
            icon={<X aria-hidden />}
            onClick={() => onChange(value.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <div>
        <Button size="sm" icon={<Plus aria-hidden />} onClick={() => onChange([...value, ['', '']])}>
          Add parameter
        </Button>
      </div>
      {error && (
        <p id={`${id}-error`} className="text-xs text-danger-ink">
          {error}
        </p>
      )}
      {hint && <p className="text-xs text-muted">{hint}</p>}
    </fieldset>
  )
}
