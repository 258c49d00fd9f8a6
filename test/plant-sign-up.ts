import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { SetPolicy } from '@/server/features/sign-up/sign-up.schema'
import { canary, idOf } from '@/test/canary'
import { CUSTOMER_ROLE, insert } from '@/test/factories'

/** Id of a sign-up that waits for an administrator. */
export const WAITING_SIGN_UP = idOf('sign-up waiting')
/** Of the link to one that is to be confirmed. */
export const SIGN_UP_TOKEN = createHash('sha256').update('sign-up mailed').digest('base64url')
/** How people sign up in the world: it is on, for anybody. */
export const SIGN_UP_POLICY: SetPolicy = {
  enabled: true,
  tenantRoleId: CUSTOMER_ROLE,
  firstRole: 'owner',
  mailDomains: [],
  approval: false,
  termsUrl: '',
  dailyLimit: 20,
}

/** Sign-up is on; one waits for an administrator, one for its link to be followed. Only the master sees either. */
export async function plantSignUp(db: pg.Client): Promise<void> {
  await db.query('update sign_up_policy set enabled = true, tenant_role_id = $1', [CUSTOMER_ROLE])
  const row = (id: string, slug: string, more: object) => ({
    id,
    email: `${canary('M', slug).toLowerCase()}@elsewhere.example`,
    name: canary('M', `name ${slug}`),
    slug,
    status: 'waiting',
    token_hash: null,
    expires_at: new Date(Date.now() + 86_400_000),
    ...more,
  })
  const token_hash = createHash('sha256').update(SIGN_UP_TOKEN).digest()
  await insert(db, 'sign_up', [
    row(WAITING_SIGN_UP, 'sign-up-waiting', {}),
    row(idOf('sign-up mailed'), 'sign-up-mailed', { status: 'mailed', token_hash }),
  ])
}
