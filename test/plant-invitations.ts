import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { TenantKey } from '@/test/actors'
import { canary, idOf } from '@/test/canary'
import { insert, tenantId, userId } from '@/test/factories'

/** Of the link to a tenant's invitation; `to` names a person of the tenant, as who has an account already. */
export const invitationToken = (key: TenantKey, to?: 'Tom'): string =>
  createHash('sha256')
    .update(`invitation ${key} ${to ?? ''}`)
    .digest('base64url')

/** In each tenant an invitation that waits; in Acme another to Tom, who is there already, and a second one in Bolt. */
export async function plantInvitations(db: pg.Client): Promise<void> {
  const row = (key: TenantKey, email: string, more: object = {}) => ({
    id: idOf(`invitation ${key}`),
    tenant_id: tenantId(key),
    email,
    token_hash: createHash('sha256').update(invitationToken(key)).digest(),
    invited_by: userId('Mara'),
    invited_by_name: canary(key, 'inviter'),
    expires_at: new Date(Date.now() + 7 * 86_400_000),
    ...more,
  })
  const keys = ['M', 'A', 'B', 'C', 'E'] as const
  await insert(
    db,
    'invitation',
    keys.map((key) => row(key, `${canary(key, 'invited').toLowerCase()}@elsewhere.example`)),
  )
  const { rows } = await db.query<{ email: string }>(
    'select lower(email) as email from user_account where id = $1',
    [userId('Tom')],
  )
  const hash = createHash('sha256').update(invitationToken('A', 'Tom')).digest()
  await insert(db, 'invitation', [
    row('A', rows[0]?.email ?? '', { id: idOf('invitation Tom'), token_hash: hash }),
  ])
  const second = createHash('sha256').update('invitation B second').digest()
  const other = { id: idOf('invitation B second'), token_hash: second }
  await insert(db, 'invitation', [
    row('B', `second-${canary('B', 'invited').toLowerCase()}@elsewhere.example`, other),
  ])
}
