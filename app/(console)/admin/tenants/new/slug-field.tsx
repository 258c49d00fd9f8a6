'use client'

import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { checkSlug, suggestSlug } from '@/lib/slug'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Spinner } from '@/ui/spinner'

type Answer = { state: 'free' | 'refused' | 'later'; why: string }

/**
 * The subdomain of a new tenant: follows the name until typed. Its form is checked here; whether it is free is asked when the
 * field is left, once for each value, since the server answers few such questions an hour (attack A15).
 */
export function useSlug() {
  const [value, setValue] = useState('')
  const [typed, setTyped] = useState(false)
  const [asked, setAsked] = useState<string | null>(null)
  const [answers, setAnswers] = useState<Record<string, Answer>>({})

  const check = async () => {
    const local = checkSlug(value)
    if (value === '' || !local.ok || answers[value]) return
    setAsked(value)
    const answer = await api()
      .tenants.checkSlug.query({ slug: value })
      .catch((): Answer => ({ state: 'later', why: 'Checked when you save' }))
    if (answer.state !== 'later') setAnswers((before) => ({ ...before, [value]: answer }))
    setAsked((now) => (now === value ? null : now))
  }
  const local = value === '' ? null : checkSlug(value)
  const answer: Answer | undefined =
    local && !local.ok ? { state: 'refused', why: local.reason } : answers[value]
  return {
    value,
    asking: asked !== null && asked === value,
    answer,
    check: () => void check(),
    suggestFrom: (name: string) => {
      if (!typed) setValue(suggestSlug(name))
    },
    type: (text: string) => {
      setTyped(text !== '')
      setValue(text)
    },
  }
}

interface Props {
  slug: ReturnType<typeof useSlug>
  address: { before: string; after: string }
  field: { id: string; error?: string }
}

/** The subdomain within the address that it will make. */
export function SlugField({ slug, address, field }: Props) {
  const { answer, asking } = slug
  const error = field.error ?? (answer?.state === 'refused' ? answer.why : undefined)
  return (
    <Field
      {...field}
      error={error}
      label="Subdomain"
      required
      hint="Where its people sign in. It cannot be changed later."
      aside={
        <span role="status" className="inline-flex items-center gap-1.5">
          {asking && <Spinner />}
          {!asking && !error && answer?.state === 'free' && (
            <>
              <CircleCheck aria-hidden className="size-3.5 text-success-ink" /> Free
            </>
          )}
        </span>
      }
    >
      <Input
        mono
        value={slug.value}
        maxLength={63}
        prefix={<span className="text-xs max-sm:hidden">{address.before}</span>}
        suffix={<span className="text-xs">{address.after}</span>}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => slug.type(event.target.value.toLowerCase())}
        onBlur={slug.check}
      />
    </Field>
  )
}
