import type { Kind } from './kind'
import { ldapKind } from './ldap.kind'
import { oidcKind } from './oidc.kind'
import type { KindName, Provider } from './provider.schema'
import { samlKind } from './saml.kind'

/** The kinds of sources that there are. */
const KINDS: { [K in KindName]: Kind<K> } = {
  oidc: oidcKind,
  saml: samlKind,
  ldap: ldapKind,
}

/** The kind of a provider, for which TypeScript cannot see that both are of the same. */
export const kindOf = ({ kind }: Pick<Provider, 'kind'>): Kind<KindName> => KINDS[kind] as Kind<KindName>
