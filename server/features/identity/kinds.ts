import type { Kind } from './kind'
import { oidcKind } from './oidc.kind'
import type { KindName, Provider } from './provider.schema'

/** The kinds of sources that there are. */
export const KINDS: { [K in KindName]: Kind<K> } = {
  oidc: oidcKind,
}

/** The kind of a provider. */
export const kindOf = ({ kind }: Pick<Provider, 'kind'>): Kind<KindName> => KINDS[kind]
