'use client'

import type { ProviderFieldsProps } from '@/app/(console)/settings/identity/kinds'
import { MetadataField } from '@/app/(console)/settings/identity/metadata-field'
import { TestButton } from '@/app/(console)/settings/identity/test-button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Textarea } from '@/ui/textarea'

/** What a SAML identity provider says of itself: read from its metadata, or put in by hand. */
export function SamlFields({ provider, onChange, field }: ProviderFieldsProps<'saml'>) {
  const { issuer, ssoUrl, certificates } = provider
  const text = (
    name: 'issuer' | 'ssoUrl' | 'subjectAttribute',
    label: string,
    hint?: string,
    required = true,
  ) => (
    <Field {...field(`provider.${name}`)} label={label} hint={hint} required={required}>
      <Input
        mono
        value={provider[name]}
        maxLength={1000}
        spellCheck={false}
        onChange={(event) => onChange({ ...provider, [name]: event.target.value })}
      />
    </Field>
  )
  return (
    <>
      <MetadataField onRead={(read) => onChange({ ...provider, ...read })} />
      {text('issuer', 'Entity id of the provider', 'Exactly as the provider gives it.')}
      {text('ssoUrl', 'Sign-in address', 'Its single sign-on service for HTTP-Redirect.')}
      <Field
        {...field('provider.certificates')}
        label="Signing certificates"
        hint="In PEM. While the provider changes its key, put the old and the new one here, one after the other."
        required
      >
        <Textarea
          mono
          rows={4}
          value={certificates}
          maxLength={20_000}
          spellCheck={false}
          placeholder="-----BEGIN CERTIFICATE-----"
          onChange={(event) => onChange({ ...provider, certificates: event.target.value })}
        />
      </Field>
      <div className="justify-self-start">
        <TestButton
          provider={provider}
          disabledReason={
            [issuer, ssoUrl, certificates].some((one) => one.trim() === '') &&
            'Enter entity id, sign-in address and certificate first'
          }
        />
      </div>
      {text(
        'subjectAttribute',
        'Attribute that says who somebody is',
        'Empty: their persistent name id. Name one, such as employeeNumber, if the provider sends no persistent name id. It must never be given to somebody else, and stays once people use this source.',
        false,
      )}
    </>
  )
}
