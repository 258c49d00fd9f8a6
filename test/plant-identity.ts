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
