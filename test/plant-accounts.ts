import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

/** A row of everything that an account or tenant keeps about signing in: Exa's, who is signed in nowhere, and Acme's. */
export async function plantAccounts({ admin }: World): Promise<void> {
  const [exa, acme] = [userId('Exa'), tenantId('A')]
  await admin.query(
    `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) values ($1, $2, 'sealed', 0)`,
    [exa, acme],
  )
  await admin.query(
    `insert into user_recovery_code (user_id, tenant_id, code_hash) values ($1, $2, 'hash')`,
    [exa, acme],
  )
  await admin.query(
    `insert into user_passkey (id, tenant_id, user_id, rp_id, name, credential_id, public_key, counter)
     values ($1, $2, $3, 'acme.localhost', 'Key', 'credential', 'key', 0)`,
    [idOf('passkey planted'), acme, exa],
  )
  await admin.query(
    `insert into user_machine_login (tenant_id, user_id, system, username, sealed_secret) values ($1, $2, 'linux', 'exa', 'sealed')`,
    [acme, exa],
  )
  await admin.query(
    `insert into account_link (tenant_id, user_id, kind, token_hash, email, from_email, password_changed_at, expires_at)
     select $1, id, 'reset', 'hash', email, email, now(), now() + interval '1 hour' from user_account where id = $2`,
    [acme, exa],
  )
  await admin.query(
    `insert into passkey_challenge (challenge_hash, tenant_id, expires_at) values ('hash', $1, now() + interval '1 hour')`,
    [acme],
  )
  await admin.query(
    `insert into user_identity (tenant_id, issuer, subject, user_id, source_id) values ($1, 'https://x.example', 'exa', $2, $3)`,
    [acme, exa, idOf('identity source A')],
  )
  await admin.query(`insert into tenant_policy (tenant_id) values ($1)`, [acme])
}
