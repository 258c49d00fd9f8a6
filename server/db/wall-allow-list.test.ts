import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenOf } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { askAfter, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Lists of addresses and accounts of emergency: the tenant's own, its list its provider's to mend, and nobody else's.

const BOTH = [
  `insert into tenant_network (tenant_id, position, network, note) values ('${tenantId('A')}', 1, '192.0.2.0/24', 'Office'), ('${tenantId('B')}', 1, '198.51.100.0/24', '')`,
  `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) values ('${userId('Tom')}', '${tenantId('A')}', 's', 0), ('${userId('Eve')}', '${tenantId('A')}', 's', 0), ('${userId('Ann')}', '${tenantId('A')}', 's', 0), ('${userId('Bo')}', '${tenantId('B')}', 's', 0)`,
  `insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ('${userId('Tom')}', '${tenantId('A')}', 'x', 'x'), ('${userId('Bo')}', '${tenantId('B')}', 'x', 'x')`,
]

describe('the wall around addresses', () => {
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
  const ada = (more = {}) => wall.sign('A', { userId: userId('Ada'), ...more })
  const provider = () => wall.sign('A', { mode: 'provider', userId: userId('Mara') })
  const done = (statement: string, context = ada(), changes = BOTH) =>
    doneAs(world, 'tenant', context, statement, changes)

  it('K02 a list is read and written by its tenant and on its behalf, by nobody else', async () => {
    const line = (tenant: 'A' | 'B') =>
      `insert into tenant_network (tenant_id, position, network) values ('${tenantId(tenant)}', 2, '10.0.0.0/8')`
    for (const context of [ada(), provider()]) {
      expect(await done('select note from tenant_network', context)).toBe(1)
      expect(await done(line('A'), context)).toBe(1)
      expect(await done(line('B'), context)).toBe('42501')
      expect(await done('delete from tenant_network', context)).toBe(1)
      expect(await done(`update tenant_network set network = '0.0.0.0/0'`, context)).toBe('42501')
    }
    expect(await done(line('A'), ada({ mode: 'job' }))).toBe('42501')
    expect(await done('select 1 from tenant_network', wall.sign('N'))).toBe(0)
  })

  it('K02 a list has a hundred lines at most', async () => {
    const many = (n: number) =>
      `insert into tenant_network (tenant_id, position, network) select '${tenantId('A')}', i, ('10.0.0.' || i)::cidr from generate_series(1, ${n}) i`
    expect(await done(many(99))).toBe(99)
    expect(await done(many(100))).toBe('23514') // with the one that is there
    expect(
      await done(
        `insert into tenant_network (tenant_id, position, network) values ('${tenantId('A')}', 2, '::ffff:10.0.0.0/104')`,
      ),
    ).toBe('23514')
  })

  it('K02 who gets in from anywhere, the tenant says, not its provider; two, of its own, who have what it takes', async () => {
    const put = (name: 'Eve' | 'Ann' | 'Ada' | 'Bolt Ada', tenant: 'A' | 'B' = 'A') =>
      `insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ('${userId(name)}', '${tenantId(tenant)}', 'x', 'x')`
    expect(await done('select user_id from break_glass')).toBe(1)
    expect(await done(put('Eve'))).toBe(1)
    expect(await done(put('Eve'), provider())).toBe('42501')
    expect(await done(put('Bolt Ada', 'B'))).toBe('42501')
    expect(await done(put('Bolt Ada'))).toBe('23503') // homed elsewhere
    expect(await done(put('Ada'))).toBe('23514') // without a second factor
    expect(await done(put('Ann'), ada(), [...BOTH, put('Eve')])).toBe('23514') // a third
    expect(await done('delete from break_glass')).toBe(1)
    expect(await done('delete from break_glass', provider())).toBe(0)
    expect(await done(`update break_glass set rp_id = 'y'`)).toBe('42501')
  })

  it('K02 an account of an identity source is none', async () => {
    const put = `insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ('${userId('Eve')}', '${tenantId('A')}', 'x', 'x')`
    const linked = `insert into user_identity (tenant_id, issuer, subject, user_id, source_id) select tenant_id, 'https://x', 'eve', '${userId('Eve')}', id from identity_source where tenant_id = '${tenantId('A')}' limit 1`
    expect(await done(put, ada(), [...BOTH, linked])).toBe('23514')
    expect(await done(put)).toBe(1)
  })

  it('K04 a session is seen from where it may be, an impersonation from the master’s addresses', async () => {
    const token = `sha256('${tokenOf('Ada')}')`
    const at = (ip: string, changes = BOTH) =>
      askAfter(world, '', `wall.auth_context_at(${token}, 'acme', '${ip}') #>> '{user,username}'`, changes)
    expect(await at('192.0.2.7')).toBe('ada')
    expect(await at('192.0.3.7')).toBeNull()
    expect(await at('192.0.3.7', [])).toBe('ada')
    expect(await at('nonsense')).toBeNull()
    expect(await askAfter(world, '', `wall.address_admitted('nosuch', '1.2.3.4')`, BOTH)).toBe(true)
    expect(await askAfter(world, '', `wall.address_admitted('acme', '1.2.3.4')`, BOTH)).toBe(false)
  })

  it('K04 whether an address is admitted, a union hears of its person’s tenants alone', async () => {
    const union = () => wall.sign('A', { mode: 'union', userId: userId('Ada') })
    const admits = (tenant: 'A' | 'B', ip: string, context = union()) =>
      askAfter(world, context, `wall.union_admits('${tenantId(tenant)}', '${ip}')`, BOTH)
    expect(await admits('A', '192.0.2.7')).toBe(true)
    expect(await admits('A', '10.0.0.1')).toBe(false)
    expect(await admits('B', '198.51.100.7')).toBe(false)
    expect(await admits('A', '192.0.2.7', ada())).toBe(false)
  })

  it('K04 a mutation reads its rights again from the same address, of its own session only', async () => {
    const hash = createHash('sha256').update(tokenOf('Ada')).digest('hex')
    const { rows } = await world.admin.query<{ id: string }>(
      'select id from session where token_hash = decode($1, $$hex$$)',
      [hash],
    )
    const again = (ip: string, sessionId = rows[0]?.id) =>
      askAfter(
        world,
        ada({ sessionId }),
        `wall.auth_again_at(decode('${hash}', 'hex'), 'acme', '${ip}') #>> '{user,username}'`,
        BOTH,
      )
    expect(await again('192.0.2.7')).toBe('ada')
    expect(await again('10.0.0.1')).toBeNull()
    expect(await again('192.0.2.7', userId('Ada'))).toBeNull()
  })
})
