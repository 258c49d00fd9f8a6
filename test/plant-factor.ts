import { newSetUp } from '@/server/features/second-factor/set-up'
import { codeAt } from '@/server/features/second-factor/totp'
import { type ActorName, PASSWORD, PEOPLE, type PersonName, tenantOf } from '@/test/actors'
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
