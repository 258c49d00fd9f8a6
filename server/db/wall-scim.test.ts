import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { sha256 } from '@/server/platform/crypto'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { scimToken } from '@/test/plant-scim'
import { askAfter, begun, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Provisioning behind the wall: whose connections, people and groups are, and what the holder of a token reaches.

const connection = (key: TenantKey) => idOf(`scim connection ${key}`)
const hash = (key: TenantKey) => `'\\x${sha256(scimToken(key))}'::bytea`
const insert = (key: TenantKey, role: string | null = null) =>
  `insert into scim_connection (id, tenant_id, name, token_hash, default_role_id)
   values (gen_random_uuid(), '${tenantId(key)}', 'x', '\\x${randomUUID().replaceAll('-', '')}', ${role === null ? 'null' : `'${role}'`})`
const map = (key: TenantKey, of: TenantKey, role: string) =>
  `insert into scim_role_map (tenant_id, connection_id, group_name, role_id) values ('${tenantId(key)}', '${connection(of)}', 'x', '${role}')`
const provisioned = (key: TenantKey, name: 'Tom' | 'Bolt Tom', external = 'e') =>
  `insert into scim_user (tenant_id, user_id, connection_id, external_id, synced_roles) values ('${tenantId(key)}', '${userId(name)}', '${connection(key)}', '${external}', '{}')`
const GROUP = idOf('a provisioned group')
const group = (key: TenantKey) =>
  `insert into scim_group (id, tenant_id, connection_id, display_name) values ('${GROUP}', '${tenantId(key)}', '${connection(key)}', 'G')`
const member = (key: TenantKey, name: 'Tom' | 'Bolt Tom') =>
  `insert into scim_member (tenant_id, connection_id, group_id, user_id) values ('${tenantId(key)}', '${connection(key)}', '${GROUP}', '${userId(name)}')`

describe('provisioning behind the wall', () => {
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

  const acme = () => wall.sign('A')
  const as = (statement: string, changes: string[] = [], context = acme()) =>
    doneAs(world, 'tenant', context, statement, changes)
  const ask = (question: string, ...changes: string[]) => askAfter(world, '', question, changes)
  const TOM = `{"userName":"tom","email":"","givenName":"Tommy","familyName":"","externalId":"e","active":true}`
  const put = (key: TenantKey, slug: string, id: string, person = TOM) =>
    `wall.scim_user_put(${hash(key)}, '${slug}', '${id}', '${person}', null, '', '', '')`

  it('A01 K02 connections are read and written by their own tenant, by people and not by jobs', async () => {
    expect((await wall.as('tenant', acme(), 'select id from scim_connection where enabled')).rows).toEqual([
      { id: connection('A') },
    ])
    expect(await as(insert('A'))).toBe(1)
    expect(await as(insert('B'))).toBe('42501')
    expect(await as(insert('A'), [], wall.sign('A', { mode: 'job' }))).toBe('42501')
    for (const what of ['update scim_connection set enabled = false', 'delete from scim_connection']) {
      expect(await as(`${what} where id = '${connection('A')}'`)).toBe(1)
      expect(await as(`${what} where id = '${connection('B')}'`)).toBe(0)
    }
    expect(await as(`update scim_connection set tenant_id = '${tenantId('B')}'`)).toBe('42501')
  })

  it('L01 the hash of a token is read by nobody, and changed by its own tenant’s renewal alone', async () => {
    for (const role of ['tenant', 'master', 'union', 'system', 'worker'] as const)
      for (const what of [
        'token_hash from scim_connection',
        'external_id from scim_user',
        'synced_roles from scim_user',
      ])
        expect([role, what, await doneAs(world, role, acme(), `select ${what}`)]).toEqual([
          role,
          what,
          '42501',
        ])
    expect(await as(`update scim_connection set token_hash = 'x'`)).toBe('42501')
    expect(await as(`select wall.scim_rotate('${connection('A')}', 'x', null)`)).toBe(1)
    expect(await as(`select wall.scim_rotate('${connection('B')}', 'x', null)`)).toBe('42501')
    expect(await as(`select wall.scim_rotate('${connection('A')}', 'x', null)`, [], '')).toBe('42501')
  })

  it('K02 connections give a role of the tenant or a template, no other', async () => {
    const set = (role: string) =>
      as(`update scim_connection set default_role_id = '${role}' where id = '${connection('A')}'`)
    for (const role of [VIEWER_ROLE, idOf('role A 1')])
      expect([await as(insert('A', role)), await as(map('A', 'A', role)), await set(role)]).toEqual([1, 1, 1])
    for (const role of [idOf('role B 1'), idOf('role M 1')])
      expect([await as(insert('A', role)), await as(map('A', 'A', role)), await set(role)]).toEqual([
        '42501',
        '42501',
        '42501',
      ])
    expect(await as(map('A', 'B', VIEWER_ROLE))).toBe('23503')
    expect(await as(map('B', 'B', VIEWER_ROLE))).toBe('42501')
    const foreign = `update scim_connection set source_id = '${idOf('identity source B')}' where id = '${connection('A')}'`
    // its source stays, whichever it is
    expect(await as(foreign)).toBe('42501')
    expect(await as(foreign.replace(idOf('identity source B'), idOf('identity source A')))).toBe('42501')
  })

  it('C18 people, groups and members are written by the directory alone, and seen by their tenant alone', async () => {
    const both = [provisioned('A', 'Tom'), provisioned('B', 'Bolt Tom'), group('B'), member('B', 'Bolt Tom')]
    expect(await as('select user_id from scim_user', both)).toBe(1)
    expect(await as('select id from scim_group', both)).toBe(0)
    expect(await as('select user_id from scim_member', both)).toBe(0)
    expect(await as('select id from scim_group', both, wall.sign('B'))).toBe(1)
    expect(await as('select user_id from scim_member', both, wall.sign('B'))).toBe(1)
    for (const statement of [provisioned('A', 'Tom'), group('A'), member('A', 'Tom')])
      expect(await as(statement)).toBe('42501')
    for (const table of ['scim_user', 'scim_group', 'scim_member'])
      expect(await as(`delete from ${table}`, both)).toBe('42501')
    // not even an administrator of the database links across
    for (const statement of [provisioned('A', 'Bolt Tom'), member('A', 'Bolt Tom')]) {
      await world.admin.query('begin')
      for (const one of [provisioned('B', 'Bolt Tom'), group('A')]) await world.admin.query(one)
      await expect(world.admin.query(statement)).rejects.toMatchObject({ code: /^23/ })
      await world.admin.query('rollback')
    }
  })

  it('A01 a token reaches what its own connection provisioned, on its own host, and nothing else', async () => {
    const both = [provisioned('A', 'Tom'), provisioned('B', 'Bolt Tom')]
    const tries: [TenantKey, string, string, string][] = [
      ['A', 'acme', userId('Tom'), 'ok'],
      ['A', 'acme', userId('Bolt Tom'), 'missing'],
      ['A', 'acme', userId('Ada'), 'missing'],
      ['A', 'acme', userId('Mara'), 'missing'],
      ['A', 'acme', randomUUID(), 'missing'],
      ['A', 'bolt', userId('Bolt Tom'), 'unknown'],
      ['A', 'default', userId('Tom'), 'unknown'],
      ['B', 'bolt', userId('Tom'), 'missing'],
    ]
    for (const [key, slug, id, code] of tries) {
      expect([slug, id, await ask(put(key, slug, id), ...both)]).toMatchObject([slug, id, { code }])
      const gone = `wall.scim_delete(${hash(key)}, '${slug}', 'user', '${id}', null, '', '')`
      expect([slug, id, await ask(gone, ...both)]).toMatchObject([slug, id, { code }])
    }
    const seen = async (key: TenantKey, slug: string) => {
      const page = (await ask(
        `wall.scim_list(${hash(key)}, '${slug}', 'user', '{}', 1, 100, true)`,
        ...both,
      )) as {
        rows: { id: string }[]
      } | null
      return page?.rows.map(({ id }) => id) ?? null
    }
    expect(await seen('A', 'acme')).toEqual([userId('Tom')])
    expect(await seen('B', 'bolt')).toEqual([userId('Bolt Tom')])
    expect(await seen('A', 'bolt')).toBeNull()
    const join = (id: string) =>
      ask(
        `wall.scim_group_put(${hash('A')}, 'acme', null, '{"displayName":"G"}', '[{"op":"add","ids":["${id}"]}]', null, '', '')`,
        ...both,
      )
    expect(await join(userId('Tom'))).toMatchObject({ code: 'ok' })
    for (const id of [userId('Bolt Tom'), userId('Ada'), randomUUID()])
      expect(await join(id)).toEqual({ code: 'no_member' })
  })

  it('G03 asks at each call whether connection, token and tenant are live', async () => {
    const open = (...changes: string[]) => ask(`wall.scim_open(${hash('A')}, 'acme')`, ...changes)
    expect(await open()).toMatchObject({ code: 'ok', tenantId: tenantId('A') })
    const over: [string, string][] = [
      ['update scim_connection set enabled = false', 'unknown'],
      [`update scim_connection set token_expires_at = now() - interval '1 second'`, 'unknown'],
      [`update tenant set status = 'disabled' where slug = 'acme'`, 'suspended'],
    ]
    for (const [change, code] of over) {
      expect(await open(change)).toEqual({ code })
      expect(await ask(put('A', 'acme', userId('Tom')), provisioned('A', 'Tom'), change)).toEqual({
        code: 'unknown',
      })
      expect(await ask(`wall.scim_list(${hash('A')}, 'acme', 'user', '{}', 1, 9, true)`, change)).toBeNull()
    }
  })

  it('K04 are asked by the system role alone; inner functions by nobody', async () => {
    const list = `select wall.scim_list(${hash('A')}, 'acme', 'user', '{}', 1, 9, true)`
    expect(await doneAs(world, 'system', '', list)).toBe(1)
    for (const role of ['tenant', 'master', 'union', 'worker'] as const)
      expect([role, await doneAs(world, role, acme(), list)]).toEqual([role, '42501'])
    for (const inner of [`wall.scim_live(${hash('A')}, 'acme')`, `wall.scim_shut('${userId('Tom')}')`])
      for (const role of ['system', 'tenant'] as const)
        expect([inner, await doneAs(world, role, acme(), `select ${inner}`)]).toEqual([inner, '42501'])
    const resync = (key: TenantKey, context = acme()) =>
      as(`select wall.scim_resync('${connection(key)}')`, [], context)
    expect([await resync('A'), await resync('B'), await resync('A', '')]).toEqual([1, '42501', '42501'])
  })

  it('K13 deactivating waits for a write under way, and a write for it', async () => {
    const other = new pg.Client({ connectionString: world.database.adminUrl })
    await other.connect()
    await world.admin.query(provisioned('A', 'Tom'))
    const off = TOM.replace('true', 'false')
    try {
      await world.admin.query(`begin; select pg_advisory_xact_lock_shared(wall.lock_key('${tenantId('A')}'))`)
      const watch = new pg.Client({ connectionString: world.database.adminUrl })
      await watch.connect()
      const { waits, done } = await begun(watch, other, `select ${put('A', 'acme', userId('Tom'), off)} as a`)
      await watch.end()
      expect(waits).toBe(true)
      await world.admin.query('commit')
      expect((await done).rows).toMatchObject([{ a: { code: 'ok', user: { active: false } } }])
    } finally {
      await other.end()
      await world.restore()
    }
  })

  it('PRODUCT rule 8: who moves home is no directory’s any more', async () => {
    await world.admin.query('begin')
    try {
      await world.admin.query(provisioned('A', 'Tom'))
      const left = async () => (await world.admin.query('select 1 from scim_user')).rowCount
      expect(await left()).toBe(1)
      await world.admin.query(`update user_account set home_tenant_id = $1 where id = $2`, [
        MASTER_TENANT_ID,
        userId('Tom'),
      ])
      expect(await left()).toBe(0)
    } finally {
      await world.admin.query('rollback')
    }
  })
})
