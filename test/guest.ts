import { createHash } from 'node:crypto'
import { buildContext } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { type PersonName, TENANTS, type TenantKey } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

/** Makes somebody a guest of another tenant with a built-in role, signed in there. @returns their operation in it */
export async function guestOp(
  world: World,
  name: PersonName,
  key: TenantKey,
  role: string,
): Promise<SignedInOp> {
  const ids = [tenantId(key), userId(name)]
  await world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', ids)
  await world.admin.query(
    'insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = $3',
    [...ids, role],
  )
  const token = `guest ${name} ${key} `.padEnd(43, 'x').replaceAll(' ', '-')
  const hash = createHash('sha256').update(token).digest()
  await world.admin.query('select wall.session_create($1, $2, $3, $4, $5, $6)', [
    ...ids,
    hash,
    '192.0.2.7',
    'guest',
    'world',
  ])
  const facts = world.factsOf(name, { host: `${TENANTS[key].slug}.localhost:3000`, cookie: `fh=${token}` })
  return (await buildContext(facts)) as SignedInOp
}
