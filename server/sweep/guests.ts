import { type ActorName, PEOPLE, type PersonName, type TenantKey } from '@/test/actors'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import type { World } from '@/test/world'

// What the sweep's calls about guests need: who is added, and what the world is like before.

/** Bo of Bolt, as somebody whom another tenant gets for a guest. */
export const boHere = () => ({ userId: userId('Bo'), assignments: [{ roleId: VIEWER_ROLE }] })
export const boInAcme = () => ({ tenantId: tenantId('A'), ...boHere() })

/** Beside the wall. */
const joins = (world: World, name: PersonName, key: TenantKey) =>
  world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2) on conflict do nothing', [
    tenantId(key),
    userId(name),
  ])
/** Whoever may see Bo by what was prepared, is shown a name that is no secret of Bolt's. */
const nameBo = (world: World) =>
  world.admin.query(`update user_account set first_name = 'Bo', last_name = 'Guest' where id = $1`, [
    userId('Bo'),
  ])
/** Bo of Bolt is a guest of Acme. */
export async function bringBo(world: World): Promise<void> {
  await nameBo(world)
  await joins(world, 'Bo', 'A')
}
/** Whoever asks is an owner of Bolt, too. */
export async function alsoInBolt(world: World, actor: ActorName): Promise<void> {
  if (!(actor in PEOPLE)) return
  await nameBo(world)
  await joins(world, actor as PersonName, 'B')
  await world.admin.query(
    `insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = 'owner'
     on conflict do nothing`,
    [tenantId('B'), userId(actor as PersonName)],
  )
}
