'use client'

import { FileUp } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Textarea } from '@/ui/textarea'

interface Props {
  field: { id: string; error?: string }
  value: string
  onChange: (text: string) => void
}

/** Whom to invite: typed, pasted or from a CSV file. */
export function AddressesField({ field, value, onChange }: Props) {
  const file = useRef<HTMLInputElement>(null)
  return (
    <>
      <Field
        {...field}
        label="E-mail addresses"
        hint="One or many: by line, comma or blank. A line may name a role: lea@example.com, Editor"
        aside={
          <Button
            size="inline"
            variant="link"
            icon={<FileUp aria-hidden />}
            onClick={() => file.current?.click()}
          >
            From a CSV file
          </Button>
        }
      >
        <Textarea
          value={value}
          onChange={(event) => onChange(event.target.value)}
          rows={4}
          spellCheck={false}
          autoCapitalize="none"
          data-autofocus
        />
      </Field>
      <input
        ref={file}
        type="file"
        accept=".csv,.txt,text/csv,text/plain"
        hidden
        aria-label="CSV file"
        onChange={(event) => void event.target.files?.[0]?.slice(0, 200_000).text().then(onChange)}
      />
    </>
  )
}
