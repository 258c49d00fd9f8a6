'use client'

import { type FormEvent, useState } from 'react'
import { usePost } from '@/app/(auth)/_lib/use-post'
import { AddressField } from '@/app/(auth)/sign-up/address-field'
import { checkSlug, suggestSlug } from '@/lib/slug'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'

interface Props {
  address: { before: string; after: string }
  /** Mail domains that may sign up; empty: any. */
  domains: readonly string[]
}

/** Asks for an organization. Says the same whether the e-mail address is known or not, and nothing of who has which address. */
export function SignUpForm({ address, domains }: Props) {
  const [values, setValues] = useState({ name: '', slug: '', email: '', website: '' })
  const [typed, setTyped] = useState(false)
  const [sentTo, setSentTo] = useState('')
  const form = usePost('sign-up')
  const set = (change: Partial<typeof values>) => setValues({ ...values, ...change })
  const name = (text: string) => set({ name: text, ...(!typed && { slug: suggestSlug(text) }) })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (await form.send('/api/sign-up', values)) setSentTo(values.email)
  }
  if (sentTo !== '') return <Sent to={sentTo} again={() => setSentTo('')} />

  const looked = values.slug === '' ? null : checkSlug(values.slug)
  const slugField = form.field('slug')
  return (
    <form method="post" noValidate onSubmit={(event) => void submit(event)} className="grid gap-4">
      <FormErrorSummary errors={form.errors} title="That did not work yet" />
      <Field {...form.field('name')} label="Name of the organization" required>
        <Input
          name="organization"
          autoComplete="organization"
          maxLength={100}
          autoFocus
          value={values.name}
          onChange={(event) => name(event.target.value)}
        />
      </Field>
      <AddressField
        value={values.slug}
        onChange={(slug) => {
          setTyped(slug !== '')
          set({ slug })
        }}
        address={address}
        field={{ ...slugField, error: slugField.error ?? (looked && !looked.ok ? looked.reason : undefined) }}
        hint="Where you and your people sign in. It cannot be changed later."
      />
      <Field {...form.field('email')} label="Your e-mail address" hint={domainWords(domains)} required>
        <Input
          name="email"
          type="email"
          autoComplete="email"
          maxLength={254}
          value={values.email}
          onChange={(event) => set({ email: event.target.value })}
        />
      </Field>
      {/* Only machines see and fill this in. */}
      <div hidden>
        <input
          name="website"
          aria-label="Leave this empty"
          tabIndex={-1}
          autoComplete="off"
          value={values.website}
          onChange={(event) => set({ website: event.target.value })}
        />
      </div>
      <Button type="submit" variant="primary" size="lg" block loading={form.pending}>
        Continue
      </Button>
    </form>
  )
}

const domainWords = (domains: readonly string[]) =>
  domains.length === 0
    ? 'A link to go on is sent there.'
    : domains.length <= 3
      ? `A link to go on is sent there. It ends in ${domains.map((domain) => `@${domain}`).join(' or ')}.`
      : 'A link to go on is sent there. Use the one of your organization.'

function Sent({ to, again }: { to: string; again: () => void }) {
  return (
    <div className="grid gap-4">
      <Alert tone="success" title="Look into your mail">
        A mail to <span className="font-medium wrap-anywhere">{to}</span> says how to go on. Its link works
        for 24 hours.
      </Alert>
      <p className="text-sm text-muted">
        Nothing there? Look into the spam folder, and whether the address is right.
      </p>
      <Button block onClick={again}>
        Change what I entered
      </Button>
    </div>
  )
}
