import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import { peopleRouter } from '@/server/features/people/people.router'
import { tenantUsersRouter } from '@/server/features/users/tenant-users.router'
import { usersRouter } from '@/server/features/users/users.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

// What takes somebody's rights away waits for what they may be writing, wherever that is, and for nobody else.

const factory = createCallerFactory(
  router({ people: peopleRouter, tenantUsers: tenantUsersRouter, users: usersRouter }),
)
const [acme, bolt, newco] = [tenantId('A'), tenantId('B'), tenantId('N')]
const [bo, sam, tom] = [userId('Bo'), userId('Sam'), userId('Tom')]
const SUPPORT = '00000000-0000-4000-8000-000000000202'
const viewer = [{ roleId: VIEWER_ROLE }]

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(() => world.restore())
const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
const join = (tenant: string, user: string) =>
  world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [tenant, user])

type Change = (as: Awaited<ReturnType<typeof api>>) => Promise<unknown>
const waitsFor = async (lock: string, change: Change, meanwhile?: () => Promise<unknown>) => {
  const as = await api('Mara')
  const { waited, done } = await whileHeld(world, lock, () => change(as), meanwhile)
  return { waited, went: await refusal(done) }
}

describe('changes to people wait', () => {
  it.each<[string, Change, string[], string[]]>([
    [
      'a guest is added: for both tenants',
      (as) => as.tenantUsers.addGuest({ tenantId: acme, userId: bo, assignments: viewer }),
      [acme, bolt],
      [newco, EVERYONE_LOCK],
    ],
    [
      'a guest is removed: for the tenant alone',
      (as) => as.tenantUsers.removeGuest({ tenantId: newco, id: bo }),
      [newco],
      [bolt, acme, EVERYONE_LOCK],
    ],
    [
      'a guest’s account is disabled at home: for everybody',
      (as) => as.tenantUsers.disable({ tenantId: bolt, id: bo }),
      [bolt, EVERYONE_LOCK],
      [acme],
    ],
    [
      'the account of who is a member of one tenant is disabled: for that tenant',
      (as) => as.tenantUsers.disable({ tenantId: acme, id: tom }),
      [acme],
      [bolt, EVERYONE_LOCK],
    ],
    [
      'a parent-level user gets other roles: for everybody',
      (as) => as.users.setAssignments({ id: sam, assignments: [{ roleId: SUPPORT }] }),
      [MASTER_TENANT_ID, EVERYONE_LOCK],
      [acme],
    ],
    [
      'somebody is raised: for the tenants that they are a member of, and the master',
      (as) => as.people.setLevel({ id: bo, level: 'parent', roleIds: [SUPPORT] }),
      [bolt, newco, MASTER_TENANT_ID],
      [acme, EVERYONE_LOCK],
    ],
    [
      'a parent-level user is lowered: for everybody',
      (as) => as.people.setLevel({ id: sam, level: 'tenant', tenantId: acme, roleIds: [VIEWER_ROLE] }),
      [acme, MASTER_TENANT_ID, EVERYONE_LOCK],
      [bolt],
    ],
  ])('%s', async (_what, change, held, free) => {
    for (const lock of [...held, ...free]) {
      await join(newco, bo)
      const { waited, went } = await waitsFor(lock, change)
      expect([lock, waited, went.message]).toEqual([lock, held.includes(lock), 'Error: it went through'])
      await world.restore()
    }
  })

  it('whoever became a guest meanwhile is looked at anew', async () => {
    const disable: Change = (as) => as.tenantUsers.disable({ tenantId: bolt, id: bo })
    const guest = await waitsFor(bolt, disable, () => join(newco, bo))
    expect(guest.went).toMatchObject({ code: 'conflict' })
    expect((await waitsFor(bolt, disable)).went.message).toBe('Error: it went through')
    await world.restore()
    const raise: Change = (as) => as.people.setLevel({ id: bo, level: 'parent', roleIds: [SUPPORT] })
    expect((await waitsFor(bolt, raise, () => join(newco, bo))).went).toMatchObject({ code: 'conflict' })
    expect((await waitsFor(bolt, raise)).went.message).toBe('Error: it went through')
  })

  it('D09 who manages both no longer under the locks adds nobody', async () => {
    await join(bolt, userId('Ada'))
    const hold = `insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = 'owner'`
    await world.admin.query(hold, [bolt, userId('Ada')])
    const ada = await api('Ada')
    const add = () => ada.users.addGuest({ userId: bo, assignments: viewer })
    const lost = `delete from role_assignment where tenant_id = $1 and user_id = $2`
    const { waited, done } = await whileHeld(world, bolt, add, () =>
      world.admin.query(lost, [bolt, userId('Ada')]),
    )
    expect(waited).toBe(true)
    expect(await refusal(done)).toMatchObject({ code: 'not_found' })
    await world.admin.query(hold, [bolt, userId('Ada')])
    expect((await refusal(add())).message).toBe('Error: it went through')
  })
})
