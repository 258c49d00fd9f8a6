'use client'

import type { ProviderFieldsProps } from '@/app/(console)/settings/identity/kinds'
import { TestButton } from '@/app/(console)/settings/identity/test-button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

/** What an OpenID Connect provider is told and tells. */
export function OidcFields({
  provider,
  onChange,
  secret,
  onSecret,
  field,
  isNew,
}: ProviderFieldsProps<'oidc'>) {
  const text = (name: 'issuer' | 'client' | 'scopes', label: string, hint?: string) => (
    <Field {...field(`provider.${name}`)} label={label} hint={hint} required>
      <Input
        mono
        value={provider[name]}
        maxLength={500}
        spellCheck={false}
        onChange={(event) => onChange({ ...provider, [name]: event.target.value })}
      />
    </Field>
  )
  return (
    <>
      {text(
        'issuer',
        'Issuer',
        'Such as https://login.example.com/realms/acme, exactly as the provider gives it.',
      )}
      {text('client', 'Client id')}
      <div className="justify-self-start">
        <TestButton
          provider={provider}
          disabledReason={
            [provider.issuer, provider.client].some((one) => one.trim() === '') &&
            'Enter the issuer and the client id first'
          }
        />
      </div>
      <Field
        {...field('secret')}
        label="Client secret"
        hint={
          isNew
            ? 'It is stored sealed, and never shown again.'
            : 'Leave it empty to keep the one that is stored. It is never shown.'
        }
        required={isNew}
      >
        <PasswordInput
          autoComplete="off"
          value={secret}
          maxLength={500}
          onChange={(event) => onSecret(event.target.value)}
        />
      </Field>
      {text('scopes', 'Scopes', 'Some providers tell groups only for a scope of their own.')}
    </>
  )
}
