import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { plantAccounts } from '@/test/plant-accounts'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// What switching, impersonation, second factors and homes that move have to say to each other.

const hash = (text: string) => `'\\x${createHash('sha256').update(text).digest('hex')}'::bytea`

describe('people, put together', () => {
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

  // Mara is of parent level: from the master she may enter Acme
  const code = `wall.switch_code(${hash(tokenOf('Mara'))}, 'default', '${tenantId('A')}', '\\x01', '\\x02')`
  const ask = (...changes: string[]) => askAfter(world, '', code, changes)
  const asksAll = `insert into tenant_policy (tenant_id, second_factor) values ('${tenantId('A')}', 'all')`
  const app = `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) values ('${userId('Mara')}', '${tenantId('M')}', 'x', 0)`

  it('C06 nobody switches past a second factor that is asked for and missing', async () => {
    expect(await ask()).toBe('acme')
    expect(await ask(asksAll)).toBeNull()
    expect(await ask(asksAll, app)).toBe('acme')
  })

  it('C06 nor with a code that was made before it was asked for', async () => {
    const made = `insert into sign_in_code (code_hash, tenant_id, user_id, nonce_hash, expires_at, session_id)
      values ('\\x01', '${tenantId('A')}', '${userId('Mara')}', '\\x02', now() + interval '30 seconds', '${idOf('session Mara')}')`
    const redeem = `wall.switch_session('\\x01', '\\x02', 'acme', '\\x03', '', '', '') is not null`
    expect(await askAfter(world, '', redeem, [made])).toBe(true)
    expect(await askAfter(world, '', redeem, [made, asksAll])).toBe(false)
  })

  const acting = `update session set impersonation_id = '${idOf('impersonation A asked')}' where id = '${idOf('session Tom')}'`
  const bolt = `insert into membership (tenant_id, user_id) values ('${tenantId('B')}', '${userId('Tom')}')`

  it('F18 who acts as somebody neither switches to that person’s other tenants nor sees them', async () => {
    const tom = `wall.switch_target(${hash(tokenOf('Tom'))}, 'acme', '${tenantId('B')}')`
    expect(await askAfter(world, '', tom, [bolt])).toBe('bolt')
    expect(await askAfter(world, '', tom, [bolt, acting])).toBeNull()
    const union = wall.sign('A', {
      mode: 'union',
      tenantId: null,
      userId: userId('Tom'),
      sessionId: idOf('session Tom'),
    })
    const seen = 'cardinality(wall.ctx_tenants())'
    expect(await askAfter(world, union, seen, [bolt])).toBe(2)
    expect(await askAfter(world, union, seen, [bolt, acting])).toBe(0)
  })

  it('K20 of an account whose home moves nothing stays that was sealed for it or made on its host', async () => {
    await plantAccounts(world)
    const left = `(select count(*)::int from user_totp) + (select count(*)::int from user_passkey) + (select count(*)::int from user_recovery_code)
      + (select count(*)::int from user_machine_login) + (select count(*)::int from account_link) + (select count(*)::int from user_identity)`
    expect(await askAfter(world, '', left, [])).toBe(6)
    await world.admin.query('begin')
    try {
      await world.admin.query(`delete from membership where user_id = $1`, [userId('Exa')])
      await world.admin.query(
        `update user_account set home_tenant_id = $1, username = 'exa-moved' where id = $2`,
        [tenantId('B'), userId('Exa')],
      )
      const { rows } = await world.admin.query<{ n: number }>(`select ${left} as n`)
      expect(rows).toEqual([{ n: 0 }])
    } finally {
      await world.admin.query('rollback')
    }
  })
})
