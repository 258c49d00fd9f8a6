import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

describe('the test world', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  it('is there quickly once it was built', async () => {
    await world.close()
    const started = performance.now()
    world = await createWorld()
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('signs its people in, and nobody of the closed tenants', async () => {
    expect((await world.opOf('Tom')).actor).toMatchObject({ username: 'tom', homeTenantId: tenantId('A') })
    expect((await world.asUser('Mara, MSP admin')).tenant.isMaster).toBe(true)
    for (const name of ['Exa', 'Cai', 'Eli'] as const) expect((await world.opOf(name)).actor).toBeNull()
  })

  it('has at least two rows of every tenant in every table', async () => {
    const count = `select count(*)::int as n from public.%`
    for (const [table, column] of Object.entries({
      user_account: 'home_tenant_id',
      user_credential: 'tenant_id',
      membership: 'tenant_id',
      role_assignment: 'tenant_id',
      session: 'tenant_id',
      user_role: 'tenant_id',
      resource_group: 'tenant_id',
      resource_group_member: 'tenant_id',
      enrolment_token: 'tenant_id',
      audit_event: 'tenant_id',
      audit_seal: 'tenant_id',
      resource: 'owner_id',
    })) {
      for (const key of ['M', 'A', 'B', 'C', 'E'] as const) {
        const { rows } = await world.admin.query(`${count.replace('%', table)} where ${column} = $1`, [
          tenantId(key),
        ])
        expect(rows[0].n, `${table} of ${key}`).toBeGreaterThanOrEqual(2)
      }
    }
  })

  it('comes back to how it began', async () => {
    const before = await world.state()
    await world.admin.query(`update tenant set name = 'Changed' where id = $1`, [tenantId('A')])
    await world.admin.query(`select wall.audit_system($1, null, 'x', '{"event":"x"}')`, [tenantId('A')])
    const changed = await world.state()
    expect(
      Object.keys(before)
        .filter((name) => before[name] !== changed[name])
        .sort(),
    ).toEqual(['audit_event', 'audit_seal', 'tenant'])
    await world.restore()
    expect(await world.state()).toEqual(before)
  })
})
