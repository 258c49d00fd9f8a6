import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { guestOp } from '@/test/guest'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { usersRouter } from './users.router'

const factory = createCallerFactory(router({ users: usersRouter }))
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const leave = async (name: PersonName) => factory({ op: await world.opOf(name) }).users.leave()

test('a guest leaves: out at once here, at home as before, and both logs say it', async () => {
  const op = await guestOp(world, 'Bo', 'A', 'editor')
  expect(await factory({ op }).users.leave()).toEqual({ next: 'http://localhost:3000/login' })
  const { rows } = await world.admin.query(
    `select (select count(*)::int from membership where user_id = $1 and tenant_id = $2) as here,
       (select count(*)::int from role_assignment where user_id = $1 and tenant_id = $2) as roles,
       (select count(*)::int from session where user_id = $1 and tenant_id = $2 and revoked_at is null) as sessions`,
    [userId('Bo'), tenantId('A')],
  )
  expect(rows).toEqual([{ here: 0, roles: 0, sessions: 0 }])
  expect((await world.opOf('Bo')).actor?.username).toBe('bo')
  const { rows: log } = await world.admin.query(
    "select t.slug, e.event from audit_event e join tenant t on t.id = e.tenant_id where e.event in ('user.leave', 'user.guest_ended') order by 1",
  )
  expect(log).toEqual([
    { slug: 'acme', event: 'user.leave' },
    { slug: 'bolt', event: 'user.guest_ended' },
  ])
})

test('nobody leaves their home, nor the provider’s people a tenant; the last owner stays', async () => {
  for (const name of ['Tom', 'Ada', 'Mara'] as const)
    expect(await refusal(leave(name))).toMatchObject({ code: 'conflict' })
  await world.admin.query(
    "delete from role_assignment ra using user_role r where r.id = ra.role_id and r.built_in = 'owner' and ra.tenant_id = $1",
    [tenantId('A')],
  )
  const op = await guestOp(world, 'Bo', 'A', 'owner')
  expect(await refusal(factory({ op }).users.leave())).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('last owner'),
  })
})
