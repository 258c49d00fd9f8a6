import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tenantId, userId } from '@/test/factories'
import { askAfter, begun, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// What lets people in: nobody who serves requests reads it, whatever SQL they send.

const plant = (name: 'Tom' | 'Bo', tenant: 'A' | 'B') => [
  `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) values ('${userId(name)}', '${tenantId(tenant)}', 's', 0)`,
  `insert into user_recovery_code (tenant_id, user_id, code_hash) values ('${tenantId(tenant)}', '${userId(name)}', 'c')`,
  `insert into user_passkey (tenant_id, user_id, rp_id, name, credential_id, public_key, counter)
    values ('${tenantId(tenant)}', '${userId(name)}', 'x', 'x', '${name}', 'k', 0)`,
  `insert into user_machine_login (tenant_id, user_id, system, username, sealed_secret) values ('${tenantId(tenant)}', '${userId(name)}', 'linux', 'x', 's')`,
  `insert into tenant_policy (tenant_id, lockout_attempts) values ('${tenantId(tenant)}', 5)`,
]
const BOTH = [...plant('Tom', 'A'), ...plant('Bo', 'B')]

describe('the wall around accounts', () => {
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
  const acme = (more = {}) => wall.sign('A', { userId: userId('Ada'), ...more })
  const done = (statement: string, context = acme(), changes = BOTH) =>
    doneAs(world, 'tenant', context, statement, changes)

  it('K02 links, codes and challenges have no rows for who serves requests', async () => {
    for (const table of ['account_link', 'user_recovery_code', 'passkey_challenge'])
      for (const statement of [
        `select count(*) from ${table}`,
        `delete from ${table}`,
        `insert into ${table} default values`,
      ])
        expect([table, await done(statement)]).toEqual([table, '42501'])
  })

  it('K02 a tenant sees that its own people have a factor, and nothing of it', async () => {
    for (const table of ['user_totp', 'user_passkey', 'user_machine_login']) {
      expect([table, await done(`select user_id from ${table}`)]).toEqual([table, 1])
      expect([table, await done(`select user_id from ${table}`, wall.sign('N'))]).toEqual([table, 0])
    }
    for (const secret of [
      'sealed_secret from user_totp',
      'last_step from user_totp',
      'public_key from user_passkey',
      'credential_id from user_passkey',
      'sealed_secret from user_machine_login',
    ])
      expect([secret, await done(`select ${secret}`)]).toEqual([secret, '42501'])
    for (const write of [
      'delete from user_totp',
      'delete from user_passkey',
      'update user_totp set last_step = 0',
      "update user_machine_login set username = 'y'",
    ])
      expect([write, await done(write)]).toEqual([write, '42501'])
  })

  it('K02 logins to machines are put in and taken out for one’s own people only', async () => {
    const put = (tenant: 'A' | 'B', name: 'Eve' | 'Bo') =>
      `insert into user_machine_login (tenant_id, user_id, system, username, sealed_secret) values ('${tenantId(tenant)}', '${userId(name)}', 'windows', 'x', 's')`
    expect(await done(put('A', 'Eve'))).toBe(1)
    expect(await done(put('B', 'Bo'))).toBe('42501')
    expect(await done(put('A', 'Bo'))).toBe('42501')
    expect(await done('delete from user_machine_login')).toBe(1)
    expect(await done('delete from user_machine_login', acme({ mode: 'job' }))).toBe(0)
    const provider = wall.sign('A', { mode: 'provider', userId: userId('Mara') })
    expect(await done('delete from user_machine_login', provider)).toBe(1)
  })

  it('K02 a policy is the acting tenant’s, and never its provider’s to write there', async () => {
    const set = (tenant: 'A' | 'B') => `insert into tenant_policy (tenant_id) values ('${tenantId(tenant)}')`
    expect([await done(set('A'), acme(), []), await done(set('B'), acme(), [])]).toEqual([1, '42501'])
    expect(await done('select 1 from tenant_policy')).toBe(1)
    expect(await done('update tenant_policy set idle_minutes = 5')).toBe(1)
    const provider = wall.sign('A', { mode: 'provider', userId: userId('Mara') })
    expect(await done('update tenant_policy set idle_minutes = 5', provider)).toBe(0)
    expect(await done('delete from tenant_policy')).toBe('42501')
    expect(await done('update tenant_policy set lockout_attempts = 11')).toBe('23514')
    expect(await done("update tenant_policy set second_factor = 'some'")).toBe('23514')
    expect(await done('select wall.policy_applied()', wall.sign('A', { mode: 'provider' }))).toBe('42501')
  })

  it('K02 a policy under way ends sessions of its own tenant; the master’s of all', async () => {
    const asked = (tenant: 'A' | 'M') =>
      askAfter(
        world,
        wall.sign(tenant, { userId: userId(tenant === 'A' ? 'Ada' : 'Mara') }),
        'wall.policy_applied()',
        [
          `insert into tenant_policy (tenant_id, second_factor) values ('${tenantId(tenant)}', 'all')`,
          ...plant('Tom', 'A').slice(0, 1),
        ],
      ) as Promise<number>
    const [own, all] = [await asked('A'), await asked('M')]
    const { rows } = await world.admin.query<{ own: string; all: string }>(
      `select count(*) filter (where tenant_id = $1) as own, count(*) as all from session where user_id <> $2 and revoked_at is null`,
      [tenantId('A'), userId('Tom')],
    )
    expect([own, all]).toEqual([Number(rows[0]?.own), Number(rows[0]?.all)])
  })

  it('K02 factors are cleared for people at home in the acting tenant', async () => {
    const clear = (name: 'Tom' | 'Bo') => `select wall.second_factor_clear('${userId(name)}')`
    expect(await done(clear('Tom'))).toBe(1)
    expect(await done(clear('Bo'))).toBe('42501')
    expect(await done(clear('Tom'), acme({ mode: 'job' }))).toBe('42501')
    expect(
      await askAfter(world, acme(), `wall.second_factor_clear('${userId('Tom')}')`, plant('Tom', 'A')),
    ).toEqual({ app: true, passkeys: 1 })
    expect(await askAfter(world, acme(), `wall.second_factor_clear('${userId('Tom')}')`, [])).toEqual({
      app: false,
      passkeys: 0,
    })
  })

  it('K02 an e-mail link is made for the signed person, at home', async () => {
    const link = `wall.email_link_create('\\x01', 'new@acme.example')`
    expect(await askAfter(world, acme(), link, [])).toBe(true)
    expect(await askAfter(world, wall.sign('B', { userId: userId('Ada') }), link, [])).toBe(false)
    expect(await askAfter(world, acme({ mode: 'provider' }), link, [])).toBe(false)
    expect(await askAfter(world, acme({ userId: null }), link, [])).toBe(false)
  })

  it('C04 of two links at once the second waits, and finds another password', async () => {
    const clients = [1, 2].map(() => new pg.Client({ connectionString: world.database.adminUrl }))
    const [one, two] = clients as [pg.Client, pg.Client]
    for (const [i, client] of clients.entries()) {
      await client.connect()
      await world.admin.query(
        `insert into account_link (tenant_id, user_id, kind, token_hash, email, from_email, password_changed_at, expires_at)
         select u.home_tenant_id, u.id, 'reset', $1, u.email, u.email, c.changed_at, now() + interval '1 minute'
         from user_account u join user_credential c on c.user_id = u.id where u.id = $2`,
        [Buffer.from([i]), userId('Tom')],
      )
    }
    const finish = (i: number) => `select wall.reset_finish('acme', '\\x0${i}', 'hash ${i}', '', '') as done`
    await one.query('begin')
    expect((await one.query<{ done: unknown }>(finish(0))).rows[0]?.done).toMatchObject({ username: 'tom' })
    const second = await begun(world.admin, two, finish(1))
    expect(second.waits).toBe(true)
    await one.query('commit')
    expect((await second.done).rows).toEqual([{ done: null }])
    const { rows } = await world.admin.query('select password_hash from user_credential where user_id = $1', [
      userId('Tom'),
    ])
    expect(rows).toEqual([{ password_hash: 'hash 0' }])
    for (const client of clients) await client.end()
  })
})
