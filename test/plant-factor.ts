import { MASTER_SLUG } from '@/lib/master'
import { Authenticator } from '@/server/features/second-factor/authenticator.fixture'
import { newChallenge } from '@/server/features/second-factor/challenge'
import { newSetUp } from '@/server/features/second-factor/set-up'
import { codeAt } from '@/server/features/second-factor/totp'
import { type ActorName, PASSWORD, PEOPLE, type PersonName, TENANTS, tenantOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

/** Gives somebody an app of one-time codes, beside the wall. */
export async function plantFactor({ admin }: World, actor: ActorName): Promise<void> {
  if (!(actor in PEOPLE)) return
  await admin.query(
    `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) values ($1, $2, 'sealed', 0) on conflict do nothing`,
    [userId(actor as PersonName), tenantId(tenantOf(actor))],
  )
}

/** What turns one-time codes on for whoever asks. */
export function enabling({ actor }: { actor: ActorName }): object {
  const { secret, ticket } = newSetUp(userId(actor in PEOPLE ? (actor as PersonName) : 'Ada'), 'Test', 'test')
  return { ticket, code: codeAt(secret), current: PASSWORD }
}

/** Gives everybody an app. */
export async function plantFactors(world: World): Promise<void> {
  for (const name of Object.keys(PEOPLE) as PersonName[]) await plantFactor(world, name)
}

/** Gives everybody an app, and lets one person of each tenant (as `ownId` of a user) in from anywhere. */
export async function plantEmergency(world: World): Promise<void> {
  await plantFactors(world)
  for (const name of ['Sam', 'Tom', 'Bolt Tom'] as const)
    await world.admin.query(
      `insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ($1, $2, 'localhost', 'Test') on conflict do nothing`,
      [userId(name), tenantId(tenantOf(name))],
    )
}

/** Gives somebody a passkey that has the id of `ownId('passkey')`. */
export async function plantPasskey({ admin }: World, actor: ActorName): Promise<void> {
  if (!(actor in PEOPLE)) return
  await admin.query(
    `insert into user_passkey (id, tenant_id, user_id, rp_id, name, credential_id, public_key, counter)
     values ($1, $2, $3, 'localhost', 'Key', $4, 'key', 0) on conflict do nothing`,
    [idOf(`passkey ${actor}`), tenantId(tenantOf(actor)), userId(actor as PersonName), Buffer.from(actor)],
  )
}

/** What adds a passkey for whoever asks, made on their tenant's host. */
export function newPasskey({ actor }: { actor: ActorName }): object {
  const { slug } = TENANTS[tenantOf(actor)]
  const rpId = slug === MASTER_SLUG ? 'localhost' : `${slug}.localhost`
  const who = userId(actor in PEOPLE ? (actor as PersonName) : 'Ada')
  const challenge = newChallenge({ purpose: 'register', tenantId: tenantId(tenantOf(actor)), userId: who })
  const made = new Authenticator(`http://${rpId}:3000`).make({
    challenge: Buffer.from(challenge).toString('base64url'),
    rp: { id: rpId },
  })
  return { name: 'Key', current: PASSWORD, ...made }
}

export const MACHINE_LOGIN = { system: 'windows', username: 'someone', password: 'machine password' } as const

/** Gives everybody a default login to Windows machines. */
export const plantLogins = ({ admin }: World) =>
  admin.query(
    `insert into user_machine_login (tenant_id, user_id, system, username, sealed_secret)
     select home_tenant_id, id, 'windows', 'someone', 'sealed' from user_account on conflict do nothing`,
  )
