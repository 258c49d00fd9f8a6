import type pg from 'pg'
import type { TenantKey } from '@/test/actors'
import { canary, idOf } from '@/test/canary'
import { insert, tenantId, VIEWER_ROLE } from '@/test/factories'

/** What a source can be changed to. */
export const IDENTITY_SOURCE = {
  name: 'Company login',
  provider: {
    kind: 'oidc',
    issuer: 'https://login.example.com',
    client: 'freehold',
    scopes: 'openid profile email',
  },
  usernameClaim: 'preferred_username',
  emailClaim: 'email',
  nameClaim: 'name',
  groupsClaim: 'groups',
  defaultRoleId: VIEWER_ROLE,
  createUsers: true,
  roles: [{ claim: 'all', roleId: VIEWER_ROLE }],
}

/** A certificate that nobody has the key of. */
const CERTIFICATE = [
  'MIICsTCCAZmgAwIBAgIJAe9zIN9f0/mqMA0GCSqGSIb3DQEBCwUAMBgxFjAUBgNVBAMMDWZyZWVob2xkIHRlc3QwHhcNMjYxMDI5',
  'MTYwNzM3WhcNNDgxMDIzMTYwNzM3WjAYMRYwFAYDVQQDDA1mcmVlaG9sZCB0ZXN0MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIB',
  'CgKCAQEAvfNmBklggypLlS09FzRVl8My61dpO8UstDDH5Dcxtw0b8JS2lEx+3psbwZsKNJ1H0yh3D0Ez33yW50I/K0ddIG9zLTpQ',
  'iUSXujHzaWZ3s4qDTGoDIGtoATOAyZ3+W8cc0/dYkXunnqRzJGTD/hZa6sJNj8b3v1uX/G3oMayBvVaPyIxdTcFEhEcD1E/df+R9',
  'pfJS858F0PrUTKqH4VrhtDynl0HYucr1W62Oel4c9yry+nbCiBKQJi/6vV62XkYr683fvBGL3xq+e6biVDSZPFlMBi0WSXKNgVW/',
  'xNtekiwQA10Ywm0ty6eSUogd+8xQlVTvUswBhe8LnkvFEOFQVQIDAQABMA0GCSqGSIb3DQEBCwUAA4IBAQAsBgtekHS3bvHxmxUN',
  'J0eQyTAViFlBWArKOaxNdouglkPnWHRbNQO7BUsJshIQId7w2f6iCbIWpSyinVfB7yjRZo5rAkafzjkZuGuT4b23P9G66zJsraBM',
  '11O3mCzb22d/YqJI8Pe1ywiEzQpaeNyEHXKvX4F30a56FZNWIPGfOJ9xuAkLryIo8FW87gx54kVVS6MrOilZnd1hdfskpDF/S+fU',
  'jr3RVst5WvkgOsTbxdJFcDprAsdcvv12w8SpC4q3tObRZy5jvMruOwJJNDUSWMZPcBdyKpUh+9WN7nPrC+MvOsQa1JsnrNmHzeFu',
  '7qAE8Xr89OuNXV98P4nUzeuj',
].join('')

/** Metadata of a SAML identity provider that is not there. */
export const IDP_METADATA = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://login.example.com">
<IDPSSODescriptor><KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${CERTIFICATE}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>`

/** In each tenant a source that nobody can reach, with a group whose people get a role, and one that is disabled. */
export async function plantIdentity(db: pg.Client): Promise<void> {
  const keys = ['M', 'A', 'B', 'C', 'E'] as const
  const row = (key: TenantKey, off: boolean) => ({
    id: idOf(`identity source ${off ? 'off ' : ''}${key}`),
    tenant_id: tenantId(key),
    name: canary(key, off ? 'source off' : 'source'),
    enabled: !off,
    issuer: `https://${canary(key, off ? 'issuer-off' : 'issuer').toLowerCase()}.example`,
    kind: 'oidc',
    settings: JSON.stringify({ client: canary(key, 'client'), scopes: 'openid profile email' }),
    sealed_secret: Buffer.from('sealed'),
    username_claim: 'preferred_username',
    email_claim: 'email',
    name_claim: 'name',
    groups_claim: 'groups',
  })
  await insert(
    db,
    'identity_source',
    keys.flatMap((key) => [row(key, false), row(key, true)]),
  )
  await insert(
    db,
    'identity_role_map',
    (['A', 'B'] as const).map((key) => ({
      tenant_id: tenantId(key),
      source_id: idOf(`identity source ${key}`),
      claim_value: canary(key, 'group'),
      role_id: VIEWER_ROLE,
    })),
  )
}
