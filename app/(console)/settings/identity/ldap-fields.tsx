'use client'

import type { ProviderFieldsProps } from '@/app/(console)/settings/identity/kinds'
import { TestButton } from '@/app/(console)/settings/identity/test-button'
import type { ProviderOf } from '@/server/features/identity/provider.schema'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'
import { RadioCards } from '@/ui/radio-cards'
import { Select } from '@/ui/select'
import { Textarea } from '@/ui/textarea'

type Ldap = ProviderOf<'ldap'>
type Text = Extract<
  keyof Ldap,
  'host' | 'bindDn' | 'baseDn' | 'personFilter' | 'loginAttributes' | 'groupBase'
>

/** What is usual in each of the two sorts of directories. */
const USUAL = {
  objectGUID: {
    loginAttributes: 'sAMAccountName userPrincipalName',
    personFilter: '(&(objectCategory=person)(objectClass=user))',
    names: { usernameClaim: 'sAMAccountName', emailClaim: 'mail', nameClaim: 'displayName' },
  },
  entryUUID: {
    loginAttributes: 'uid',
    personFilter: '(objectClass=inetOrgPerson)',
    names: { usernameClaim: 'uid', emailClaim: 'mail', nameClaim: 'cn' },
  },
}
const SORTS = [
  { value: 'objectGUID', label: 'Active Directory', description: 'Or Samba as a domain controller.' },
  { value: 'entryUUID', label: 'Another directory', description: 'OpenLDAP and others with entryUUID.' },
]
const WAYS = [
  { value: 'ldaps', label: 'LDAPS (usually port 636)' },
  { value: 'starttls', label: 'StartTLS (usually port 389)' },
  { value: 'plain', label: 'Not encrypted: only to a directory on the same machine' },
]
const PORTS = { ldaps: 636, starttls: 389, plain: 389 }
const GROUPS = [
  { value: 'person', label: 'Each person’s entry tells them (memberOf)' },
  { value: 'search', label: 'Search the groups for the person' },
  { value: 'nested', label: 'Search, also through groups in groups (Active Directory)' },
]
const GROUP_NAMES = [
  { value: 'dn', label: 'Its whole name, such as cn=ops,ou=groups,dc=example,dc=com' },
  { value: 'cn', label: 'Its cn alone, such as ops' },
]

/** What a directory is told and asked. */
export function LdapFields(props: ProviderFieldsProps<'ldap'>) {
  const { provider, onChange, field, names, onNames, secret, isNew, sourceId } = props
  const wanted = [
    ...[provider.host, provider.bindDn, provider.baseDn, provider.loginAttributes],
    ...[names.usernameClaim, names.emailClaim, names.nameClaim, names.groupsClaim],
    ...(provider.groupsFrom === 'person' ? [] : [provider.groupBase]),
  ]
  const missing = !provider.port || wanted.some((value) => value.trim() === '')
  const set = (part: Partial<Ldap>) => onChange({ ...provider, ...part })
  const text = (name: Text, label: string, hint?: string, required = true) => (
    <Field {...field(`provider.${name}`)} label={label} hint={hint} required={required}>
      <Input
        mono
        value={provider[name]}
        maxLength={1000}
        spellCheck={false}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </Field>
  )
  const choose = (sort: keyof typeof USUAL) => {
    const { names: usual, ...rest } = USUAL[sort]
    set({ subjectAttribute: sort, ...rest })
    onNames({ ...names, ...usual })
  }
  const groupsFrom = (from: Ldap['groupsFrom']) => {
    set({ groupsFrom: from, groupBase: from === 'person' ? '' : provider.groupBase || provider.baseDn })
    onNames({ ...names, groupsClaim: from === 'person' ? 'memberOf' : 'member' })
  }
  return (
    <>
      <RadioCards
        legend="What it is"
        name="sort"
        columns={2}
        options={SORTS}
        value={provider.subjectAttribute}
        onChange={(sort) => choose(sort as keyof typeof USUAL)}
      />
      <Connection {...props} text={text} />
      {text('baseDn', 'Base', 'Below it people are, such as dc=example,dc=com.')}
      {text(
        'loginAttributes',
        'What people type as their name',
        'Attributes with one space between them. Exactly one entry has to match.',
      )}
      {text('personFilter', 'Who may sign in', 'A filter. Empty: everybody below the base.', false)}
      <Field {...field('provider.groupsFrom')} label="Groups">
        <Select
          value={provider.groupsFrom}
          options={GROUPS}
          onChange={(event) => groupsFrom(event.target.value as Ldap['groupsFrom'])}
        />
      </Field>
      {provider.groupsFrom !== 'person' && text('groupBase', 'Base of the groups', 'Below it groups are.')}
      <Field
        {...field('provider.groupName')}
        label="A group is written as"
        hint={
          provider.groupName === 'cn'
            ? 'Whoever can make a group of the same cn in another branch gives its role, too.'
            : undefined
        }
      >
        <Select
          value={provider.groupName}
          options={GROUP_NAMES}
          onChange={(event) => set({ groupName: event.target.value as Ldap['groupName'] })}
        />
      </Field>
      <div className="justify-self-start">
        <TestButton
          provider={provider}
          id={sourceId}
          secret={secret}
          names={names}
          disabledReason={
            missing
              ? 'Fill in the required fields first'
              : isNew && secret === '' && 'Enter the password first'
          }
        />
      </div>
    </>
  )
}

interface ConnectionProps extends ProviderFieldsProps<'ldap'> {
  text: (name: Text, label: string, hint?: string, required?: boolean) => React.ReactNode
}

/** Where the directory is, and who asks it. */
function Connection({ provider, onChange, secret, onSecret, field, isNew, text }: ConnectionProps) {
  const set = (part: Partial<Ldap>) => onChange({ ...provider, ...part })
  const way = (security: Ldap['security']) => {
    const usual = provider.port === PORTS[provider.security]
    set({ security, port: usual ? PORTS[security] : provider.port })
  }
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        {text('host', 'Server', 'Without ldaps://. One that lasts, such as the name of the domain.')}
        <Field {...field('provider.port')} label="Port" required>
          <Input
            type="number"
            min={1}
            max={65535}
            value={provider.port || ''}
            onChange={(event) => set({ port: Number(event.target.value) })}
          />
        </Field>
      </div>
      <Field {...field('provider.security')} label="Encryption">
        <Select
          value={provider.security}
          options={WAYS}
          onChange={(event) => way(event.target.value as Ldap['security'])}
        />
      </Field>
      {provider.security !== 'plain' && (
        <Field
          {...field('provider.caCertificate')}
          label="Certificate of your own authority"
          hint="Only if its certificate is not from a public one. Then this one alone is trusted."
        >
          <Textarea
            mono
            rows={3}
            spellCheck={false}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={provider.caCertificate}
            onChange={(event) => set({ caCertificate: event.target.value })}
          />
        </Field>
      )}
      {text(
        'bindDn',
        'Account that searches',
        'Such as cn=reader,dc=example,dc=com, or reader@example.com in Active Directory. It only has to read.',
      )}
      <Field
        {...field('secret')}
        label="Its password"
        hint={
          isNew
            ? 'It is stored sealed, and never shown again.'
            : 'Leave it empty to keep the one that is stored, unless server, encryption or account change.'
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
    </>
  )
}
