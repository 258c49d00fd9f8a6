import { z } from 'zod'
import { ldapProvider } from './ldap.schema'
import { oidcProvider } from './oidc.schema'
import { samlProvider } from './saml.schema'

/** What is particular to a kind of source, as it is entered and shown: never a secret. */
export const provider = z.discriminatedUnion('kind', [oidcProvider, samlProvider, ldapProvider])
export type Provider = z.output<typeof provider>
export type KindName = Provider['kind']
export const KIND_NAMES = ['oidc', 'saml', 'ldap'] as const satisfies KindName[]
export type ProviderOf<K extends KindName> = Extract<Provider, { kind: K }>
