import type { ComponentType } from 'react'
import type { KindName, ProviderOf } from '@/server/features/identity/provider.schema'
import { LdapFields } from '@/app/(console)/settings/identity/ldap-fields'
import { OidcFields } from '@/app/(console)/settings/identity/oidc-fields'
import { SamlFields } from '@/app/(console)/settings/identity/saml-fields'

/** What is told of somebody, by the names that the source has for it. */
export interface Names {
  usernameClaim: string
  emailClaim: string
  nameClaim: string
  groupsClaim: string
}

/** For the fields that are particular to a kind. */
export interface ProviderFieldsProps<K extends KindName> {
  provider: ProviderOf<K>
  onChange: (provider: ProviderOf<K>) => void
  /** What this console proves itself with, of the kinds that have that. */
  secret: string
  onSecret: (secret: string) => void
  field: (name: string) => { id: string; error?: string }
  isNew: boolean
  /** Of a source that is there. */
  sourceId?: string
  names: Names
  onNames: (names: Names) => void
}

/** A kind of source, in the words and with the fields of the page. */
interface KindOnPage<K extends KindName> {
  label: string
  /** Where one chooses what to add. */
  description: string
  /** As in "Add …". */
  noun: string
  /** What says, with the subject, who somebody is. */
  issuerLabel: string
  /** What the source says of somebody: `Claim` or `Attribute`. */
  word: string
  start: ProviderOf<K>
  names: Names
  Fields: ComponentType<ProviderFieldsProps<K>>
}

export const KINDS: { [K in KindName]: KindOnPage<K> } = {
  oidc: {
    label: 'OpenID Connect',
    description: 'Entra ID, Okta, Keycloak, Google and most others. Take this if you have the choice.',
    noun: 'an OpenID Connect provider',
    issuerLabel: 'Issuer',
    word: 'Claim',
    start: { kind: 'oidc', issuer: '', client: '', scopes: 'openid profile email' },
    names: {
      usernameClaim: 'preferred_username',
      emailClaim: 'email',
      nameClaim: 'name',
      groupsClaim: 'groups',
    },
    Fields: OidcFields,
  },
  saml: {
    label: 'SAML 2.0',
    description: 'AD FS, Shibboleth, simpleSAMLphp, and others that speak no OpenID Connect.',
    noun: 'a SAML identity provider',
    issuerLabel: 'Entity id of the provider',
    word: 'Attribute',
    start: { kind: 'saml', issuer: '', ssoUrl: '', certificates: '', subjectAttribute: '' },
    names: { usernameClaim: 'uid', emailClaim: 'mail', nameClaim: 'displayName', groupsClaim: 'groups' },
    Fields: SamlFields,
  },
  ldap: {
    label: 'LDAP or Active Directory',
    description:
      'A directory that this server reaches. People type their name and password here; it says whether they are right.',
    noun: 'a directory',
    issuerLabel: 'Directory and base',
    word: 'Attribute',
    start: {
      ...{ kind: 'ldap', host: '', port: 636, security: 'ldaps', caCertificate: '', bindDn: '', baseDn: '' },
      ...{ personFilter: '(&(objectCategory=person)(objectClass=user))' },
      ...{ loginAttributes: 'sAMAccountName userPrincipalName', subjectAttribute: 'objectGUID' },
      ...{ groupsFrom: 'person', groupBase: '', groupName: 'dn' },
    },
    names: {
      usernameClaim: 'sAMAccountName',
      emailClaim: 'mail',
      nameClaim: 'displayName',
      groupsClaim: 'memberOf',
    },
    Fields: LdapFields,
  },
}

/** A kind, for which TypeScript cannot see that provider and fields are of the same. */
export const kindOnPage = (kind: KindName) => KINDS[kind] as unknown as KindOnPage<KindName>
