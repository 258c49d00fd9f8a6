'use client'

import { type FormEvent, useState } from 'react'
import { suggestUsername } from '@/app/(auth)/_lib/suggest-username'
import { usePost } from '@/app/(auth)/_lib/use-post'
import { AddressField } from '@/app/(auth)/sign-up/address-field'
import type { SignUpCheck } from '@/server/features/sign-up/sign-up.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

interface Props {
  token: string
  asked: SignUpCheck
  address: { before: string; after: string }
}

/** Who the first person is, and how they sign in; with another address or name where the one that was asked for is gone. */
export function OwnerForm({ token, asked, address }: Props) {
  const [values, setValues] = useState({
    name: asked.nameFree ? '' : asked.name,
    slug: asked.slugFree ? '' : asked.slug,
    username: suggestUsername(asked.email),
    firstName: '',
    lastName: '',
    password: '',
    confirm: '',
    terms: false,
  })
  const form = usePost('finish')
  // Taken when the page was opened, or found to be since: then another one is asked for, whatever else is refused.
  const [gone, setGone] = useState({ name: !asked.nameFree, slug: !asked.slugFree })
  const nameGone = gone.name || form.field('name').error !== undefined
  const slugGone = gone.slug || form.field('slug').error !== undefined
  const set = (change: Partial<typeof values>) => setValues({ ...values, ...change })
  const bind = (name: Exclude<keyof typeof values, 'terms'>) => ({
    name,
    value: values[name],
    onChange: (event: { target: { value: string } }) => set({ [name]: event.target.value }),
  })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setGone({ name: nameGone, slug: slugGone })
    const made = await form.send<{ next: string }>('/api/sign-up/finish', { token, ...values }, true)
    if (made) window.location.assign(made.next)
  }
  return (
    <form method="post" noValidate onSubmit={(event) => void submit(event)} className="grid gap-4">
      <FormErrorSummary errors={form.errors} title="That did not work yet" />
      <Choices
        gone={{ name: nameGone, slug: slugGone }}
        values={values}
        set={set}
        field={form.field}
        address={address}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field {...form.field('firstName')} label="First name">
          <Input {...bind('firstName')} autoComplete="given-name" maxLength={100} />
        </Field>
        <Field {...form.field('lastName')} label="Last name">
          <Input {...bind('lastName')} autoComplete="family-name" maxLength={100} />
        </Field>
      </div>
      <Field
        {...form.field('username')}
        label="Username"
        hint="You sign in with it at the address above."
        required
      >
        <Input
          {...bind('username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
        />
      </Field>
      <Field
        {...form.field('password')}
        label="Password"
        hint={`At least ${asked.passwordMin} characters. A few unrelated words are good.`}
        required
      >
        <PasswordInput {...bind('password')} autoComplete="new-password" maxLength={200} />
      </Field>
      <Field {...form.field('confirm')} label="Password, once more" required>
        <PasswordInput {...bind('confirm')} autoComplete="new-password" maxLength={200} />
      </Field>
      {asked.termsUrl !== '' && (
        <Terms
          href={asked.termsUrl}
          field={form.field('terms')}
          checked={values.terms}
          onChange={(terms) => set({ terms })}
        />
      )}
      <Button type="submit" variant="primary" size="lg" block loading={form.pending}>
        Create and sign in
      </Button>
    </form>
  )
}

interface ChoicesProps {
  gone: { name: boolean; slug: boolean }
  values: { name: string; slug: string }
  set: (change: { name?: string; slug?: string }) => void
  field: (name: string) => { id: string; error?: string }
  address: { before: string; after: string }
}

/** Another name or address, where what was asked for cannot be had any more. */
function Choices({ gone, values, set, field, address }: ChoicesProps) {
  if (!gone.name && !gone.slug) return null
  return (
    <>
      <Alert tone="warning">
        {gone.name && gone.slug
          ? 'Name and address cannot be used any more. Choose others.'
          : gone.name
            ? 'The name cannot be used any more. Choose another.'
            : 'The address cannot be used any more. Choose another.'}
      </Alert>
      {gone.name && (
        <Field {...field('name')} label="Name of the organization" required>
          <Input
            name="organization"
            maxLength={100}
            autoComplete="organization"
            value={values.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </Field>
      )}
      {gone.slug && (
        <AddressField
          value={values.slug}
          onChange={(slug) => set({ slug })}
          address={address}
          field={field('slug')}
          hint="Where you and your people sign in. It cannot be changed later."
        />
      )}
    </>
  )
}

interface TermsProps {
  href: string
  field: { id: string; error?: string }
  checked: boolean
  onChange: (checked: boolean) => void
}

function Terms({ href, field, checked, onChange }: TermsProps) {
  return (
    <div className="grid gap-1.5">
      <Checkbox
        id={field.id}
        label="I accept the terms"
        checked={checked}
        aria-invalid={field.error !== undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <p className="text-sm">
        <a
          href={href}
          target="_blank"
          rel="noreferrer noopener"
          className="rounded-sm text-accent-ink underline-offset-4 hover:underline"
        >
          Read the terms
        </a>
      </p>
      {field.error && <p className="text-xs text-danger-ink">{field.error}</p>}
    </div>
  )
}
