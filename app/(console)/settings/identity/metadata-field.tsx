'use client'

import { useState } from 'react'
import { postApi, problemOf } from '@/app/_lib/api-client'
import type { MetadataAnswer } from '@/server/features/identity/saml.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Textarea } from '@/ui/textarea'

interface Props {
  /** What the metadata say; the form takes it over. */
  onRead: (read: Omit<MetadataAnswer, 'warnings'>) => void
}

/** The metadata of a SAML identity provider, pasted, fill in the fields below. They are not kept themselves. */
export function MetadataField({ onRead }: Props) {
  const [xml, setXml] = useState('')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string>()
  const [told, setTold] = useState<readonly string[] | null>(null)
  const read = async () => {
    setPending(true)
    setError(undefined)
    setTold(null)
    try {
      const { warnings, ...found } = await postApi().identity.readMetadata.query({ xml })
      onRead(found)
      setTold(warnings)
    } catch (problem) {
      const { message, fields } = problemOf(problem)
      setError(fields?.xml ?? message)
    } finally {
      setPending(false)
    }
  }
  return (
    <section className="grid gap-2">
      <Field
        id="source-metadata"
        label="Metadata of the provider"
        hint="Paste its XML, and the fields below are filled in. You can fill them in by hand as well."
        error={error}
      >
        <Textarea
          mono
          value={xml}
          maxLength={300_000}
          spellCheck={false}
          placeholder="<EntityDescriptor …>"
          onChange={(event) => setXml(event.target.value)}
        />
      </Field>
      <Button
        size="sm"
        className="justify-self-start"
        loading={pending}
        disabledReason={xml.trim() === '' && 'Paste the metadata first'}
        onClick={() => void read()}
      >
        Fill in from metadata
      </Button>
      {told !== null && (
        <Alert tone={told.length > 0 ? 'warning' : 'success'} title="The fields below are filled in">
          {told.join(' ') || undefined}
        </Alert>
      )}
    </section>
  )
}
