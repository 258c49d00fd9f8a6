import { tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { invalidField } from '@/server/platform/errors'
import { diagnose } from './diagnose'
import { allowedHere, urlRefusal } from './guarded-fetch'
import type { Kind } from './kind'
import { oidcStored } from './oidc.schema'
import { forgetProvider } from './provider'

/** Where a source sends people back to; from the configuration, never from a request (attack B07). @param slug null: the master's host */
export const callbackOf = (slug: string | null, sourceId: string): string =>
  `${tenantOrigin(slug, siteConfig())}/api/sso/oidc/${sourceId}/callback`

export const oidcKind: Kind<'oidc'> = {
  secretMissing: 'Enter the client secret.',
  secretAgain: 'Enter the client secret again: it would go to another provider than before.',
  secretGoesTo: ({ issuer }) => issuer,
  issuerField: 'provider.issuer',
  store: ({ kind: _kind, issuer, ...settings }) => {
    const refusal = urlRefusal(new URL(issuer), allowedHere())
    if (refusal !== null) throw invalidField('provider.issuer', refusal)
    return { issuer, settings }
  },
  show: (issuer, settings) => ({ kind: 'oidc', issuer, ...oidcStored.parse(settings) }),
  logged: ({ client, scopes }) => ({ client, scopes }),
  addresses: (slug, id) => [{ label: 'Redirect address', value: callbackOf(slug, id) }],
  diagnose: ({ issuer }) => diagnose(issuer),
  forget: forgetProvider,
}
