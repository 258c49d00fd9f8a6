import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import { planted, plantThing } from '@/server/features/clouds/clouds.fixture'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { TenantKey } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ resources: resourcesRouter }))
let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(() => world.restore())

/** A private cloud in which Bolt uses a host. */
async function plantSouth(visibility: 'private' | 'public' = 'private', assigned: TenantKey = 'M') {
  await plantThing(world, 'South', { kind: 'cloud', assigned })
  await plantThing(world, 'bolt-host', { kind: 'host', assigned: 'B', cloud: 'South' })
  await plantThing(world, 'net', { cloud: 'South', visibility, assigned })
}
const share = (to: TenantKey, status: string) =>
  world.admin.query(
    `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status) values ($1, 'datastore', 'net', $2, $3, 'viewer', $4)`,
    [planted('net'), MASTER_TENANT_ID, tenantId(to), status],
  )
/** Assigns South to Acme while somebody of another tenant writes. */
const moveWhile = async (lock: string, meanwhile?: () => Promise<unknown>) => {
  const { resources } = caller({ op: await world.opOf('Mara') })
  return whileHeld(
    world,
    lock,
    () => resources.assign({ kind: 'cloud', ids: [planted('South')], tenantId: tenantId('A') }),
    meanwhile,
  )
}

describe('a cloud that moves', () => {
  it('waits for nobody whom it does not concern, and lets them write', async () => {
    await plantSouth()
    for (const lock of [EVERYONE_LOCK, tenantId('N')]) {
      const { waited, done } = await moveWhile(lock)
      expect([lock, waited]).toEqual([lock, false])
      expect(await done).toMatchObject({ changed: expect.any(Number) as number })
      await world.restore()
      await plantSouth()
    }
  })

  it.each([
    ['the master tenant', 'M'],
    ['the tenant that gets it', 'A'],
    ['a tenant that uses something of it', 'B'],
  ] as const)('waits for writes of %s', async (_who, key) => {
    // assigned to Bolt by now, it is still the master's to fill
    await plantSouth('private', 'B')
    const { waited, done } = await moveWhile(tenantId(key))
    expect(waited).toBe(true)
    expect(await done).toEqual({ changed: 3 })
  })

  it.each(['pending', 'live'])(
    'waits for writes of a tenant with a %s share of something of it',
    async (status) => {
      await plantSouth()
      await share('N', status)
      const { waited, done } = await moveWhile(tenantId('N'))
      expect(waited).toBe(true)
      expect(await done).toEqual({ changed: 3 })
    },
  )

  it('waits for writes of a tenant that was given all of a kind', async () => {
    await plantSouth()
    await world.admin.query(
      `insert into access_grant_all (owner_id, tenant_id, kind, role) values ($1, $2, 'datastore', 'viewer')`,
      [MASTER_TENANT_ID, tenantId('N')],
    )
    expect((await moveWhile(tenantId('N'))).waited).toBe(true)
  })

  it('waits for everybody where something of it is public', async () => {
    await plantSouth('public')
    const { waited, done } = await moveWhile(EVERYONE_LOCK)
    expect(waited).toBe(true)
    expect(await done).toEqual({ changed: 3 })
  })

  it.each([
    ['was shared with', () => share('N', 'pending')],
    [
      'was assigned to',
      () =>
        world.admin.query('update resource set assigned_id = $2 where id = $1', [
          planted('bolt-host'),
          tenantId('N'),
        ]),
    ],
    [
      'was published to',
      () => world.admin.query(`update resource set visibility = 'public' where id = $1`, [planted('net')]),
    ],
  ])('is refused where something of it %s others before the locks were there', async (_what, meanwhile) => {
    await plantSouth()
    const { waited, done } = await moveWhile(tenantId('A'), meanwhile)
    expect(waited).toBe(true)
    expect(await refusal(done)).toMatchObject({ code: 'conflict' })
    const { rows } = await world.admin.query<{ assigned_id: string }>(
      'select assigned_id from resource where id = $1',
      [planted('South')],
    )
    expect(rows[0]?.assigned_id).toBe(MASTER_TENANT_ID)
  })
})
