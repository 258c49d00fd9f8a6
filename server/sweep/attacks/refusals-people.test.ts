import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actingIn } from '@/server/sweep/acting'
import { newPassword, person } from '@/server/sweep/asking'
import { unusedId } from '@/server/sweep/inputs'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { createWorld, type World } from '@/test/world'

describe('what people’s roles and sessions refuse', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const { run } = actingIn(() => world)

  it.each([
    ['Ada', 'users.previewAssignments', {}],
    ['Ada', 'users.setAssignments', {}],
    ['Mara', 'tenantUsers.previewAssignments', { tenantId: tenantId('A') }],
    ['Mara', 'tenantUsers.setAssignments', { tenantId: tenantId('A') }],
  ] as const)('a role is held in places of the tenant’s sight only: %s, %s', async (actor, name, more) => {
    const give = async (scope: string) => {
      const assignments = [{ roleId: VIEWER_ROLE, scope }]
      const answer = await run(actor, name, { ...more, id: userId('Tom'), assignments })
      await world.restore()
      return answer
    }
    const never = await give(`group:${unusedId()}`)
    expect(never.status).toBe(404)
    const bolts = [
      `group:${idOf('group B 1')}`,
      `resource:${resourceId('B web')}`,
      `cloud:${resourceId('B web')}`,
    ]
    // the tenant's own, and not what the scope says that it is
    const misnamed = [
      `resource:${idOf('group A 1')}`,
      `cloud:${idOf('group A 1')}`,
      `cloud:${resourceId('A web')}`,
      `group:${resourceId('A web')}`,
    ]
    for (const scope of [...bolts, ...misnamed]) {
      const { status, text } = await give(scope)
      expect([scope, status, text]).toEqual([scope, 404, never.text])
    }
    const own = [
      `group:${idOf('group A 1')}`,
      `resource:${resourceId('A web')}`,
      `cloud:${resourceId('public cloud')}`,
    ]
    for (const scope of own) expect([scope, (await give(scope)).status]).toEqual([scope, 200])
  })

  it.each([
    ['users.endSessions', {}],
    ['users.setRoles', { roleIds: [idOf('role A 1')] }],
  ])('a guest’s sessions end in this tenant, and go on at home: %s', async (name, more) => {
    const id = userId('Bolt Tom')
    await world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [
      tenantId('A'),
      id,
    ])
    await world.admin.query(
      `insert into session (tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at)
       values ($1, $2, sha256('guest in Acme'), now() + interval '1 hour', now() + interval '1 hour')`,
      [tenantId('A'), id],
    )
    const live = async (key: TenantKey) => {
      const read = 'select 1 from session where user_id = $1 and tenant_id = $2 and revoked_at is null'
      return (await world.admin.query(read, [id, tenantId(key)])).rowCount
    }
    expect([await live('A'), await live('B')]).toEqual([1, 2])
    expect((await run('Ada', name, { id, ...more })).status).toBe(200)
    expect([await live('A'), await live('B')]).toEqual([0, 2])
    expect((await run('Bolt Tom', 'account.me', undefined)).status).toBe(200)
  })

  it('nobody is made in a tenant that goes while the call waits', async () => {
    const create = () =>
      run('Mara', 'tenantUsers.create', {
        ...{ ...person, ...newPassword, roleIds: [VIEWER_ROLE], assignments: [] },
        tenantId: tenantId('N'),
      })
    const there = await whileHeld(world, tenantId('N'), create, undefined, 'exclusive')
    expect([there.waited, (await there.done).status]).toEqual([true, 200])
    await world.restore()
    const goes = () => world.admin.query('delete from tenant where id = $1', [tenantId('N')])
    const gone = await whileHeld(world, tenantId('N'), create, goes, 'exclusive')
    expect([gone.waited, (await gone.done).status]).toEqual([true, 404])
    const { rowCount } = await world.admin.query('select 1 from user_account where username = $1', [
      person.username,
    ])
    expect(rowCount).toBe(0)
  })
})
