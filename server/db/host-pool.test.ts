import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { plantRace } from '@/server/db/host-pool.fixture'
import { plantThing, planted } from '@/server/features/clouds/clouds.fixture'
import { movesOf } from '@/server/features/host-moves/host-moves.fixture'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import { errorBody } from '@/server/rpc/errors'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { agentsOf, machineFacts } from '@/test/agent'
import type { TenantKey } from '@/test/actors'
import { enrolmentToken, tenantId } from '@/test/factories'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ resources: resourcesRouter, tenants: tenantsRouter }))

let world: World
let wall: WallSql
beforeAll(async () => {
  world = await createWorld()
  wall = wallSql(world)
})
afterAll(async () => {
  await wall.close()
  await world.close()
})
beforeEach(() => world.restore())

const { as: asMover, move, undo } = movesOf(() => world)
const mara = async () => caller({ op: await world.opOf('Mara') })
const sql = (text: string, values: unknown[] = []) => world.admin.query(text, values)
const told = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => {
      const { status, error: code, message } = errorBody(error)
      return `${status} ${code} ${message}`
    },
  )
const hostsOf = async (key: TenantKey): Promise<number> => {
  const { rows } = await world.admin.query<{ hosts: number; there: number }>(
    `select p.hosts, (select count(*)::int from resource r where r.kind = 'host' and r.assigned_id = p.tenant_id) as there
     from host_pool p where p.tenant_id = $1`,
    [tenantId(key)],
  )
  expect(rows[0]?.hosts).toBe(rows[0]?.there)
  return rows[0]?.hosts ?? -1
}
const slice = (key: TenantKey, most: number | null) =>
  sql('update host_pool set slice = $1 where tenant_id = $2', [most, tenantId(key)])
const counted = async (): Promise<number> =>
  (
    await world.admin.query<{ n: number }>(
      `select sum(p.hosts)::int as n from host_pool p join tenant t on t.id = p.tenant_id where t.status <> 'deleted'`,
    )
  ).rows[0]?.n ?? -1
/** The licence covers what is there, and so many more. */
const room = async (more: number) => {
  const limit = (await counted()) + more
  await sql('update licence set host_limit = $1', [limit])
  return limit
}
const host = (name: string, owner: TenantKey = 'M', assigned: TenantKey = owner) =>
  plantThing(world, name, { kind: 'host', owner, assigned })
const assign = async (id: string, to: TenantKey, kind = 'host') =>
  told((await mara()).resources.assign({ kind, ids: [id], tenantId: tenantId(to) }))
const enrol = async (key: TenantKey) =>
  (await agentsOf(world).post('enrol', enrolmentToken(key, 1), machineFacts())).text

describe('what the licence covers', () => {
  it('refuses one more in words: its numbers to the master, that it is full to a tenant', async () => {
    const limit = await room(0)
    expect(await enrol('M')).toContain(
      `error license_limit The licence covers ${limit} hosts; ${limit} are there. Remove some, or get a larger licence.`,
    )
    const words = await enrol('A')
    expect(words).toContain('error license_limit Your provider’s host licence is full.')
    expect(words).not.toMatch(new RegExp(`\\b${limit}\\b`))
  })

  it('counts hosts by who uses them; a move between tenants is no growth, also over the limit', async () => {
    const id = await host('spare')
    await room(-3)
    const [a, m] = [await hostsOf('A'), await hostsOf('M')]
    expect(await assign(id, 'A')).toBe('done')
    expect([await hostsOf('A'), await hostsOf('M')]).toEqual([a + 1, m - 1])
    expect(await assign(id, 'M')).toBe('done')
    expect((await move([id], 'B')).task.error).toBe('')
    expect([await hostsOf('A'), await hostsOf('M')]).toEqual([a, m - 1])
  })

  it('nothing is lost when it covers less; what goes makes room again', async () => {
    const limit = await room(-1)
    expect(await enrol('A')).toContain('license_limit')
    expect(await counted()).toBe(limit + 1)
    await sql(
      `delete from resource where id in (select id from resource where kind = 'host' and assigned_id = $1 limit 2)`,
      [tenantId('A')],
    )
    expect(await enrol('A')).toMatch(/^host /)
    expect(await enrol('A')).toContain('license_limit')
  })

  it('leaves a deleted tenant out, with whose hosts come back only where there is room', async () => {
    await host('lent', 'M', 'A')
    const [before, masters] = [await counted(), await hostsOf('M')]
    await room(0)
    const api = await mara()
    await api.tenants.delete({ id: tenantId('A'), confirmName: 'Acme' })
    const theirs = await hostsOf('A')
    expect(await hostsOf('M')).toBeGreaterThan(masters) // what was lent came back
    expect(await counted()).toBe(before - theirs)
    await room(theirs - 1)
    expect(await told(api.tenants.restore({ id: tenantId('A') }))).toMatch(
      /^402 license_limit The licence covers/,
    )
    await room(theirs)
    expect(await told(api.tenants.restore({ id: tenantId('A') }))).toBe('done')
    expect(await counted()).toBe(before)
  })

  it('of deleted tenants that come back at once, as many do as there is room for', async () => {
    await plantRace(world)
    const { rows } = await world.admin.query<{ id: string }>(
      `select id from tenant where slug like 'racing-%' order by id`,
    )
    const api = await mara()
    const limit = await room(3)
    const all = await Promise.all(rows.map(({ id }) => told(api.tenants.restore({ id }))))
    expect(all.filter((one) => one === 'done')).toHaveLength(3)
    expect(all.filter((one) => one.startsWith('402 license_limit'))).toHaveLength(rows.length - 3)
    expect(await counted()).toBe(limit)
  })

  it('lets a tenant be deleted over the limit: what its provider takes back is not refused', async () => {
    await host('lent', 'M', 'A')
    await slice('M', 1)
    await room(-5)
    expect(await told((await mara()).tenants.delete({ id: tenantId('A'), confirmName: 'Acme' }))).toBe('done')
  })
})

describe('what a tenant’s slice lets it have', () => {
  it('refuses one more in words, to the tenant and to the master; another tenant goes on', async () => {
    const n = await hostsOf('A')
    await slice('A', n)
    expect(await enrol('A')).toContain(
      `error license_limit This tenant may have ${n} hosts; ${n} are there. Remove some, or ask your provider for more.`,
    )
    expect(await assign(await host('spare'), 'A')).toBe(
      `402 license_limit Acme may have ${n} hosts; ${n} are there. Remove some, or raise its slice.`,
    )
    expect(await enrol('B')).toMatch(/^host /)
    await slice('A', 1)
    expect(await enrol('A')).toContain(`This tenant may have 1 host; ${n} are there.`)
    expect(await hostsOf('A')).toBe(n)
    await slice('A', null)
    expect(await enrol('A')).toMatch(/^host /)
  })

  it('holds for migrations and their undoing, whole or not at all', async () => {
    const ids = [await host('one', 'A'), await host('two', 'A')]
    const [a, b] = [await hostsOf('A'), await hostsOf('B')]
    await slice('B', b + 1)
    const preview = (await asMover('Mara')).hostMoves.preview({ ids, tenantId: tenantId('B') })
    expect(await told(preview)).toMatch(/^402 license_limit Bolt may have/)
    expect((await move(ids, 'B')).task.error).toMatch(/^Bolt may have/)
    expect([await hostsOf('A'), await hostsOf('B')]).toEqual([a, b])
    await slice('B', b + 2)
    const { id } = await move(ids, 'B')
    expect([await hostsOf('A'), await hostsOf('B')]).toEqual([a - 2, b + 2])
    await slice('A', a - 1)
    expect((await undo(id)).error).toMatch(/^Acme may have/)
    await slice('A', a)
    expect((await undo(id)).error).toBe('')
    expect([await hostsOf('A'), await hostsOf('B')]).toEqual([a, b])
  })

  it('holds for a cloud with hosts in it, and for what is found there later', async () => {
    await plantThing(world, 'East', { kind: 'cloud' })
    await plantThing(world, 'node-1', { kind: 'host', cloud: 'East' })
    await plantThing(world, 'node-2', { kind: 'host', cloud: 'East' })
    const b = await hostsOf('B')
    await slice('B', b + 1)
    expect(await assign(planted('East'), 'B', 'cloud')).toMatch(/^402 license_limit Bolt may have/)
    await slice('B', b + 2)
    expect(await assign(planted('East'), 'B', 'cloud')).toBe('done')
    expect(await hostsOf('B')).toBe(b + 2)
    const { rows } = await sql('select wall.hosts_room($1) as room', [tenantId('B')])
    expect(rows).toEqual([{ room: 0 }])
  })
})

describe('whose numbers they are', () => {
  it('a tenant reads its own row and writes none; the master reads all and writes slices', async () => {
    const all = 'select tenant_id from host_pool'
    const own = await wall.as('tenant', wall.sign('A'), all)
    expect(own.rows).toEqual([{ tenant_id: tenantId('A') }])
    expect((await wall.as('master', wall.sign('M'), all)).rows.length).toBeGreaterThan(4)
    const set = `update host_pool set slice = 9 where tenant_id = '${tenantId('A')}'`
    const refused = { code: '42501' }
    await expect(wall.as('tenant', wall.sign('A'), set)).rejects.toMatchObject(refused)
    expect((await wall.as('master', wall.sign('M'), set)).rowCount).toBe(1)
    await expect(wall.as('master', wall.sign('A'), set)).resolves.toMatchObject({ rowCount: 0 })
    const count = set.replace('slice', 'hosts')
    await expect(wall.as('master', wall.sign('M'), count)).rejects.toMatchObject(refused)
  })

  it('a tenant that begins has a row; one that is purged takes it along', async () => {
    await sql(
      `insert into tenant (slug, name, tenant_role_id) select 'fresh', 'Fresh', tenant_role_id from tenant where slug = 'acme'`,
    )
    const row = `select p.hosts from host_pool p join tenant t on t.id = p.tenant_id where t.slug = 'fresh'`
    expect((await sql(row)).rows).toEqual([{ hosts: 0 }])
    await sql(`delete from tenant where slug = 'fresh'`)
    expect((await sql(row)).rows).toEqual([])
  })
})
