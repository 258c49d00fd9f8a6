import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContextClaims } from '@/server/db/context-token'
import { type PersonName, type TenantKey, tokenOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { askAfter, begun, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Switching between tenants, and the union of a person's tenants, asked of the database by itself.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const person = (name: PersonName) => `'${userId(name)}'`
const hash = (text: string) => createHash('sha256').update(text).digest()
const bytes = (text: string) => `'\\x${hash(text).toString('hex')}'`
const joins = (name: PersonName, key: TenantKey) =>
  `insert into membership (tenant_id, user_id) values (${to(key)}, ${person(name)})`

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
const of = (name: PersonName, more: Partial<ContextClaims> = {}) =>
  wall.sign('A', { mode: 'union', tenantId: null, userId: userId(name), ...more })
const ask = (context: string, question: string, ...changes: string[]) =>
  askAfter(world, context, question, changes)

describe('the tenants of a person', () => {
  const mine = (context: string, search = '', ...changes: string[]) =>
    ask(
      context,
      `(select coalesce(string_agg(m.name, ' '), '') from wall.my_tenants('${search}', 20) m)`,
      ...changes,
    )
  const union = (context: string, args = 'null, null, null, false, 20', ...changes: string[]) =>
    ask(
      context,
      `(select coalesce(string_agg(u.name, ' '), '') from wall.union_tenants(${args}) u)`,
      ...changes,
    )

  it('are the active ones that one is a member of; of parent level, all', async () => {
    const more = (['B', 'C', 'E'] as const).map((key) => joins('Tom', key))
    expect(await mine(of('Tom'), '', ...more)).toBe('Acme Bolt')
    expect(await union(of('Tom'), undefined, ...more)).toBe('Acme Bolt')
    expect(await mine(of('Mara'))).toBe('Acme Freehold MSP Bolt Newco')
    expect(await union(of('Mara'))).toBe('Acme Bolt Freehold MSP Newco')
    const leaves = `delete from membership where user_id = ${person('Mara')}`
    expect(await union(of('Mara'), undefined, leaves)).toBe('Acme Bolt Newco')
    expect(await mine(of('Mara'), 'O')).toBe('Freehold MSP Bolt Newco')
    expect(await mine(of('Mara'), 'aCmE')).toBe('Acme')
    expect([await mine(of('Cora')), await union(of('Cora'))]).toEqual(['', ''])
  })

  it('are told to their own union only, and to nobody whose account or home is off', async () => {
    for (const mode of ['user', 'provider', 'job'] as const)
      for (const tenant of [null, tenantId('A')]) {
        const context = of('Mara', { mode, tenantId: tenant })
        expect([await mine(context), await union(context)], mode).toEqual(['', ''])
      }
    expect([await mine(''), await union('')]).toEqual(['', ''])
    const off = [
      `update user_account set status = 'disabled'`,
      `update tenant set status = 'disabled' where id = ${to('A')}`,
    ]
    for (const change of off)
      expect([
        await mine(of('Tom'), '', joins('Tom', 'B'), change),
        await union(of('Tom'), undefined, joins('Tom', 'B'), change),
      ]).toEqual(['', ''])
    for (const role of ['tenant', 'master', 'system'] as const)
      expect(await doneAs(world, role, of('Mara'), `select * from wall.my_tenants('', 20)`)).toBe('42501')
    expect(await doneAs(world, 'union', of('Mara'), `select * from wall.my_tenants('', 20)`)).toBe(4)
  })

  it('come in parts, in both directions, one alone', async () => {
    const part = (back: boolean, limit = 2) => `null, 'Bolt', ${to('B')}, ${back}, ${limit}`
    expect(await union(of('Mara'), part(false))).toBe('Bolt Freehold MSP')
    expect(await union(of('Mara'), part(true))).toBe('Bolt Acme')
    expect(await union(of('Mara'), `${to('N')}, null, null, false, 20`)).toBe('Newco')
    expect(await union(of('Tom'), `${to('N')}, null, null, false, 20`)).toBe('')
  })

  it('come with the roles held in each, live ones, and with its own cap', async () => {
    const roles = (context: string, key: TenantKey, ...changes: string[]) =>
      ask(
        context,
        `(select (u.cap ->> 'name') || ': ' || coalesce((select string_agg(r ->> 'name', ' ') from jsonb_array_elements(u.roles) r), '')
          from wall.union_tenants(${to(key)}, null, null, false, 1) u)`,
        ...changes,
      )
    const role = (name: PersonName, key: TenantKey, builtIn: string, until = 'null') =>
      `insert into role_assignment (tenant_id, user_id, role_id, expires_at)
       select ${to(key)}, ${person(name)}, id, ${until} from user_role where built_in = '${builtIn}'`
    const bolt = [joins('Tom', 'B'), role('Tom', 'B', 'editor')]
    expect(await roles(of('Tom'), 'A', ...bolt)).toBe('Customer: Viewer')
    expect(await roles(of('Tom'), 'B', ...bolt)).toBe('Organization: Editor')
    expect(
      await roles(of('Tom'), 'B', joins('Tom', 'B'), role('Tom', 'B', 'editor', `now() - interval '1 s'`)),
    ).toBe('Organization: ')
    expect(await roles(of('Mara'), 'B')).toBe('Organization: Super Admin')
  })

  it('are several for who is a member of another active one, or of parent level', async () => {
    const several = (context: string, ...changes: string[]) =>
      ask(context, 'wall.several_tenants()', ...changes)
    expect([await several(of('Tom')), await several(of('Tom'), joins('Tom', 'B'))]).toEqual([false, true])
    expect(await several(of('Tom'), joins('Tom', 'C'), joins('Tom', 'E'))).toBe(false)
    const off = `update user_account set status = 'disabled'`
    expect([await several(of('Mara')), await several(of('Mara'), off), await several('')]).toEqual([
      true,
      false,
      false,
    ])
    const closed = `update tenant set status = 'disabled' where id <> ${to('M')}`
    expect(await several(of('Mara'), closed)).toBe(false)
    expect(await several(of('Mara', { mode: 'user', tenantId: tenantId('M') }))).toBe(false)
  })
})

describe('what a union reads', () => {
  const count = (name: PersonName, from: string, ...changes: string[]) =>
    doneAs(world, 'union', of(name), `select 1 from ${from}`, [
      'set local session_replication_role = replica',
      ...changes,
    ])
  const total = async (from: string) => (await world.admin.query(`select 1 from ${from}`)).rowCount

  it.each(['resource_group_member', 'resource_tag'])(
    '%s of its tenants, and writes nothing',
    async (table) => {
      const own = (key: TenantKey) => total(`${table} where tenant_id = ${to(key)}`)
      const [acme, bolt] = [await own('A'), await own('B')]
      expect(acme).toBeGreaterThan(0)
      expect(bolt).toBeGreaterThan(0)
      expect(await count('Tom', table)).toBe(acme)
      expect(await count('Tom', table, joins('Tom', 'B'))).toBe((acme ?? 0) + (bolt ?? 0))
      expect(await doneAs(world, 'union', of('Tom'), `delete from ${table}`)).toBe('42501')
    },
  )

  it('tenants and their things: of parent level, of all active ones, and the master’s for a member', async () => {
    expect(await count('Mara', 'tenant')).toBe(await total(`tenant where status = 'active'`))
    const leaves = `delete from membership where user_id = ${person('Mara')}`
    expect(await count('Mara', `tenant where id = ${to('M')}`)).toBe(1)
    expect(await count('Mara', `tenant where id = ${to('M')}`, leaves)).toBe(0)
    for (const [key, seen] of [
      ['A', true],
      ['B', true],
      ['C', false],
      ['E', false],
    ] as const) {
      const from = `resource where owner_id = ${to(key)}`
      expect(await total(from), key).toBeGreaterThan(0)
      expect(await count('Mara', from), key).toBe(seen ? await total(from) : 0)
    }
    const own = `resource where owner_id = ${to('M')} and assigned_id = owner_id and visibility = 'private'`
    expect(await count('Mara', own)).toBe(await total(own))
    const off = `update user_account set status = 'disabled' where id = ${person('Mara')}`
    expect([await count('Mara', 'tenant', off), await count('Mara', 'resource', off)]).toEqual([0, 0])
  })
})

describe('a switch', () => {
  const token = bytes(tokenOf('Tom'))
  const target = (key: string, from: string, to_: string, ...changes: string[]) =>
    ask('', `wall.switch_target(${key}, '${from}', ${to_})`, joins('Tom', 'B'), ...changes)
  const code = (...changes: string[]) => [
    joins('Tom', 'B'),
    `select wall.switch_code(${token}, 'acme', ${to('B')}, ${bytes('code')}, ${bytes('nonce')})`,
    ...changes,
  ]
  const redeem = (slug = 'bolt', nonce = 'nonce') =>
    `wall.switch_session(${bytes('code')}, ${bytes(nonce)}, '${slug}', ${bytes('new')}, '', '', '')`

  const REFUSED: [string, string][] = [
    ['the session ended', `update session set revoked_at = now() where token_hash = ${token}`],
    ['it idled', `update session set idle_expires_at = now() where token_hash = ${token}`],
    ['it is twelve hours old', `update session set absolute_expires_at = now() where token_hash = ${token}`],
    ['the tenant is disabled', `update tenant set status = 'disabled' where id = ${to('B')}`],
    ['the tenant that is left is disabled', `update tenant set status = 'disabled' where id = ${to('A')}`],
    ['the person is disabled', `update user_account set status = 'disabled' where id = ${person('Tom')}`],
    [
      'the membership went',
      `delete from membership where user_id = ${person('Tom')} and tenant_id = ${to('B')}`,
    ],
    [
      'that of the tenant that is left went',
      `delete from membership where user_id = ${person('Tom')} and tenant_id = ${to('A')}`,
    ],
    ['a password is due', `update user_credential set must_change = true where user_id = ${person('Tom')}`],
  ]
  it('leads from a live session on its own host to a tenant of its person', async () => {
    expect(await target(token, 'acme', to('B'))).toBe('bolt')
    expect(await target(token, 'acme', to('A'))).toBe('acme')
    expect(await target(token, 'bolt', to('B'))).toBe(null)
    expect(await target(bytes('x'), 'acme', to('B'))).toBe(null)
    for (const other of [to('N'), to('M'), to('C'), `'${idOf('nothing')}'`])
      expect(await target(token, 'acme', other)).toBe(null)
    expect(await target(bytes(tokenOf('Mara')), 'default', to('N'))).toBe('newco')
    expect(await target(bytes(tokenOf('Mara')), 'default', to('C'))).toBe(null)
  })
  it.each(REFUSED)('begins and ends nowhere when %s', async (_what, change) => {
    expect(await target(token, 'acme', to('B'), change)).toBe(null)
    expect(await ask('', redeem(), ...code())).toMatch(/^[0-9a-f-]{36}$/)
    expect(await ask('', redeem(), ...code(change))).toBe(null)
  })
  it('the code: bound to nonce, host and 30 seconds, another thing than a sign-in’s', async () => {
    expect(await ask('', redeem('acme'), ...code())).toBe(null)
    expect(await ask('', redeem('bolt', 'other'), ...code())).toBe(null)
    expect(await ask('', redeem(), ...code(`update sign_in_code set expires_at = now()`))).toBe(null)
    expect(await ask('', redeem(), ...code(`update sign_in_code set used_at = now()`))).toBe(null)
    expect(await ask('', redeem(), ...code(`select ${redeem()}`))).toBe(null)
    expect(await ask('', redeem(), ...code(`update sign_in_code set session_id = null`))).toBe(null)
    const asSignIn = `(select count(*)::int from wall.sign_in_code_redeem(${bytes('code')}, ${bytes('nonce')}, 'bolt'))`
    expect(await ask('', asSignIn, ...code())).toBe(0)
    expect(await ask('', asSignIn, ...code(`update sign_in_code set session_id = null`))).toBe(1)
    const later = `(select round(extract(epoch from max(expires_at) - now()))::int from sign_in_code where session_id is not null)`
    expect(await ask('', later, ...code())).toBe(30)
  })
  it('C15: the new session ends with the old one and is as fresh as it', async () => {
    const old = `update session set authenticated_at = now() - interval '3 hours', absolute_expires_at = now() + interval '9 minutes' where token_hash = ${token}`
    const made = `(select array[round(extract(epoch from now() - authenticated_at)), round(extract(epoch from absolute_expires_at - now())),
      round(extract(epoch from idle_expires_at - now()))]::int[] from session where token_hash = ${bytes('new')} and tenant_id = ${to('B')})`
    expect(await ask('', made, ...code(old, `select ${redeem()}`))).toEqual([10800, 540, 540])
    const plain = `(select round(extract(epoch from authenticated_at - created_at))::int from session where token_hash = ${bytes('plain')})`
    const signedIn = `select wall.session_create(${to('A')}, ${person('Tom')}, ${bytes('plain')}, '', '', '')`
    expect(await ask('', plain, signedIn)).toBe(0)
  })
  it('waits for who takes the right away', async () => {
    const client = await wall.pool('system').connect()
    const text = randomBytes(8).toString('hex')
    try {
      await world.admin.query(joins('Tom', 'B'))
      await world.admin.query(
        `select wall.switch_code(${token}, 'acme', ${to('B')}, ${bytes(text)}, ${bytes('nonce')})`,
      )
      await world.admin.query('begin')
      await world.admin.query(`select pg_advisory_xact_lock(wall.lock_key(${to('B')}))`)
      await world.admin.query(
        `delete from membership where user_id = ${person('Tom')} and tenant_id = ${to('B')}`,
      )
      const { waits, done } = await begun(
        world.admin,
        client,
        `select wall.switch_session(${bytes(text)}, ${bytes('nonce')}, 'bolt', ${bytes(`${text} new`)}, '', '', '') as id`,
      )
      expect(waits).toBe(true)
      await world.admin.query('commit')
      expect((await done).rows).toEqual([{ id: null }])
    } finally {
      client.release()
      await world.restore()
    }
  })
})
