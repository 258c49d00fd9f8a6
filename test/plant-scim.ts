import type pg from 'pg'
import type { TenantKey } from '@/test/actors'
import { canary, idOf } from '@/test/canary'
import { insert, tenantId, VIEWER_ROLE } from '@/test/factories'
import { sha256 } from '@/server/platform/crypto'

/** What a connection can be changed to. */
export const SCIM_CONNECTION = {
  name: 'Company directory',
  defaultRoleId: VIEWER_ROLE,
  roles: [{ group: 'all', roleId: VIEWER_ROLE }],
}

/** The bearer token of the connection that is planted in a tenant. */
export const scimToken = (key: TenantKey): string => `fhs_${`${key}-`.padEnd(43, 'x')}`

/** In each tenant a SCIM connection, with a group whose people get a role, and one that is disabled. */
export async function plantScim(db: pg.Client): Promise<void> {
  const keys = ['M', 'A', 'B', 'C', 'E'] as const
  const row = (key: TenantKey, off: boolean) => ({
    id: idOf(`scim connection ${off ? 'off ' : ''}${key}`),
    tenant_id: tenantId(key),
    name: canary(key, off ? 'directory off' : 'directory'),
    enabled: !off,
    token_hash: Buffer.from(sha256(off ? `off ${key}` : scimToken(key)), 'hex'),
  })
  await insert(
    db,
    'scim_connection',
    keys.flatMap((key) => [row(key, false), row(key, true)]),
  )
  await insert(
    db,
    'scim_role_map',
    (['A', 'B'] as const).map((key) => ({
      tenant_id: tenantId(key),
      connection_id: idOf(`scim connection ${key}`),
      group_name: canary(key, 'scim group'),
      role_id: VIEWER_ROLE,
    })),
  )
}
