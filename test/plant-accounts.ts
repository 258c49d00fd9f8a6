import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

/** A row of everything that an account or tenant keeps about signing in: Exa's, who is signed in nowhere, and Acme's. Beside the wall. */
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
  // Before Exa has an identity: whom a source proves is no way in from anywhere
  await admin.query(
    `insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ($1, $2, 'acme.localhost', 'Ada')`,
    [exa, acme],
  )
  await admin.query(
    `insert into tenant_network (tenant_id, position, network) values ($1, 0, '192.0.2.0/24')`,
    [acme],
  )
  const [directory, group] = [idOf('scim connection A'), idOf('scim group planted')]
  await admin.query(`insert into scim_user (tenant_id, user_id, connection_id) values ($1, $2, $3)`, [
    acme,
    exa,
    directory,
  ])
  await admin.query(
    `insert into scim_group (id, tenant_id, connection_id, display_name) values ($1, $2, $3, 'Planted')`,
    [group, acme, directory],
  )
  await admin.query(
    `insert into scim_member (tenant_id, connection_id, group_id, user_id) values ($1, $2, $3, $4)`,
    [acme, directory, group, exa],
  )
  await admin.query(
    `insert into user_identity (tenant_id, issuer, subject, user_id, source_id) values ($1, 'https://x.example', 'exa', $2, $3)`,
    [acme, exa, idOf('identity source A')],
  )
  await admin.query(`insert into tenant_policy (tenant_id) values ($1)`, [acme])
}
