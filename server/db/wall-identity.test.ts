import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { askAfter, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Identity sources behind the wall: whose they are, what roles they give, and whom a subject is.

const source = (key: TenantKey) => idOf(`identity source ${key}`)
const insert = (key: TenantKey, role: string | null = null) =>
  `insert into identity_source (id, tenant_id, kind, name, issuer, settings, sealed_secret, username_claim, email_claim, name_claim, groups_claim, default_role_id)
   values (gen_random_uuid(), '${tenantId(key)}', 'oidc', 'x', 'https://x.example', '{}', 'x', 'a', 'b', 'c', 'd', ${role === null ? 'null' : `'${role}'`})`
const map = (key: TenantKey, of: TenantKey, role: string) =>
  `insert into identity_role_map (tenant_id, source_id, claim_value, role_id) values ('${tenantId(key)}', '${source(of)}', 'x', '${role}')`

describe('identity sources behind the wall', () => {
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

  it('A01 K02 are read and written by their own tenant, by people and not by jobs', async () => {
    expect((await wall.as('tenant', acme(), 'select id from identity_source where enabled')).rows).toEqual([
      { id: source('A') },
    ])
    expect(await as(insert('A'))).toBe(1)
    expect(await as(insert('B'))).toBe('42501')
    expect(await as(insert('A'), [], wall.sign('A', { mode: 'job' }))).toBe('42501')
    for (const what of [`update identity_source set enabled = false`, 'delete from identity_source']) {
      expect(await as(`${what} where id = '${source('A')}'`)).toBe(1)
      expect(await as(`${what} where id = '${source('B')}'`)).toBe(0)
    }
    expect(await as(`update identity_source set tenant_id = '${tenantId('B')}'`)).toBe('42501')
  })

  it('L01 their secret is read by no serving role', async () => {
    for (const role of ['tenant', 'master', 'union', 'system', 'worker'] as const)
      for (const what of ['sealed_secret from identity_source', 'subject from user_identity'])
        expect([role, what, await doneAs(world, role, acme(), `select ${what}`)]).toEqual([
          role,
          what,
          '42501',
        ])
    expect(await as(`update identity_source set sealed_secret = 'y' where id = '${source('A')}'`)).toBe(1)
    expect(await as('update identity_source set sealed_secret = sealed_secret')).toBe('42501')
    expect(await as(`select * from wall.identity_source_live('${source('A')}', 'acme')`)).toBe('42501')
    expect(await as(`select wall.identity_sealed('${source('A')}', '${tenantId('A')}')`)).toBe('42501')
    const sealed = (of: TenantKey) =>
      askAfter(world, '', `wall.identity_sealed('${source('A')}', '${tenantId(of)}')`, [
        'update identity_source set enabled = false',
      ])
    expect([await sealed('A'), await sealed('B')]).toEqual([Buffer.from('sealed'), null])
  })

  it('K02 give a role of the tenant or a template, no other', async () => {
    for (const role of [VIEWER_ROLE, idOf('role A 1')]) {
      expect(await as(insert('A', role))).toBe(1)
      expect(await as(map('A', 'A', role))).toBe(1)
      expect(
        await as(`update identity_source set default_role_id = '${role}' where id = '${source('A')}'`),
      ).toBe(1)
    }
    for (const role of [idOf('role B 1'), idOf('role M 1')]) {
      expect(await as(insert('A', role))).toBe('42501')
      expect(await as(map('A', 'A', role))).toBe('42501')
      expect(
        await as(`update identity_source set default_role_id = '${role}' where id = '${source('A')}'`),
      ).toBe('42501')
    }
    // a source of another tenant is no source at all
    expect(await as(map('A', 'B', VIEWER_ROLE))).toBe('23503')
    expect(await as(map('B', 'B', VIEWER_ROLE))).toBe('42501')
    expect(await as('delete from identity_role_map')).toBe(1)
  })

  const known = (key: TenantKey, name: 'Tom' | 'Bolt Tom', subject: string) =>
    `insert into user_identity (tenant_id, issuer, subject, user_id, source_id, synced_roles)
     select '${tenantId(key)}', issuer, '${subject}', '${userId(name)}', id, '{}' from identity_source where id = '${source(key)}'`

  it('C18 whom a subject is, is written by the sign-in alone, and of people homed here', async () => {
    expect(await as(known('A', 'Tom', 's'))).toBe('42501')
    expect(
      await as('select user_id, source_id from user_identity', [
        known('A', 'Tom', 's'),
        known('B', 'Bolt Tom', 's'),
      ]),
    ).toBe(1)
    expect(await as('delete from user_identity', [known('A', 'Tom', 's')])).toBe('42501')
    await expect(world.admin.query(known('A', 'Bolt Tom', 's'))).rejects.toMatchObject({ code: '23503' })
  })

  interface Tried {
    key?: TenantKey
    slug?: string
    issuer?: TenantKey
    subject?: string
    username?: string
    groups?: string[]
  }
  const signIn = (
    { key = 'A', slug = 'acme', issuer = key, subject = 's', username = 'lea', groups = [] }: Tried,
    ...changes: string[]
  ) =>
    askAfter(
      world,
      '',
      `wall.identity_sign_in('${source(key)}', '${slug}', (select issuer from identity_source where id = '${source(issuer)}'),
        '${subject}', jsonb_build_object('username', ${username === '' ? 'null' : `'${username}'`}), array[${groups.map((one) => `'${one}'`).join()}]::text[], '', '')`,
      changes,
    ) as Promise<{ code: string; userId?: string; tenantId?: string }>
  const byDefault = `update identity_source set default_role_id = '${VIEWER_ROLE}'`

  it('C18 a subject is somebody in its own tenant, on its own host, by its own issuer only', async () => {
    const both = [byDefault, known('A', 'Tom', 's'), known('B', 'Bolt Tom', 's')]
    expect(await signIn({}, ...both)).toMatchObject({
      code: 'ok',
      userId: userId('Tom'),
      tenantId: tenantId('A'),
    })
    expect(await signIn({ key: 'B', slug: 'bolt' }, ...both)).toMatchObject({
      code: 'ok',
      userId: userId('Bolt Tom'),
    })
    expect(await signIn({ slug: 'bolt' }, ...both)).toEqual({ code: 'closed' })
    expect(await signIn({ issuer: 'B' }, ...both)).toEqual({ code: 'closed' })
    const made = await signIn({ subject: userId('Tom') }, ...both)
    expect(made.code).toBe('ok')
    expect(made.userId).not.toBe(userId('Tom'))
  })

  it('C09 a username that is taken is nobody’s to take over, an e-mail address neither', async () => {
    expect(await signIn({ username: 'tom' }, byDefault)).toEqual({ code: 'taken' })
    expect(await signIn({ username: '' }, byDefault)).toEqual({ code: 'no_username' })
    expect(await signIn({}, byDefault, 'update identity_source set create_users = false')).toEqual({
      code: 'unknown',
    })
    expect(await signIn({}, byDefault)).toMatchObject({ code: 'ok' })
  })

  it('G03 asks whether source, tenant and person are active', async () => {
    const tom = [byDefault, known('A', 'Tom', 's')]
    expect(await signIn({}, ...tom)).toMatchObject({ code: 'ok' })
    const tries: [string, string][] = [
      ['update identity_source set enabled = false', 'closed'],
      [`update tenant set status = 'disabled' where slug = 'acme'`, 'closed'],
      [`update user_account set status = 'disabled' where id = '${userId('Tom')}'`, 'disabled'],
    ]
    for (const [change, code] of tries) expect(await signIn({}, ...tom, change)).toEqual({ code })
  })

  it('K02 gives the roles of all groups that match, each of the tenant or a template', async () => {
    const maps = (role: string) =>
      `insert into identity_role_map (tenant_id, source_id, claim_value, role_id) values ('${tenantId('A')}', '${source('A')}', 'ops', '${role}')`
    expect(await signIn({ groups: ['ops'] })).toEqual({ code: 'no_role' })
    expect(await signIn({ groups: ['ops'] }, maps(idOf('role A 1')))).toMatchObject({ code: 'ok' })
    expect(await signIn({ groups: ['other'] }, maps(idOf('role A 1')))).toEqual({ code: 'no_role' })
    expect(await signIn({ groups: ['ops'] }, maps(idOf('role B 1')))).toEqual({ code: 'no_role' })
    expect(await signIn({}, `update identity_source set default_role_id = '${idOf('role B 1')}'`)).toEqual({
      code: 'no_role',
    })
  })

  it('ends the sessions of a source’s own people only, asked for by its tenant', async () => {
    const n = async (key: TenantKey, of: TenantKey) =>
      askAfter(world, wall.sign(key), `wall.identity_sessions_end('${source(of)}')`, [known('A', 'Tom', 's')])
    expect(await n('A', 'A')).toBeGreaterThan(0)
    expect([await n('A', 'B'), await n('B', 'A')]).toEqual([0, 0])
    await expect(
      askAfter(world, '', `wall.identity_sessions_end('${source('A')}')`, []),
    ).rejects.toMatchObject({ code: '42501' })
  })

  it('C10 opens a session of somebody whom a source proved, while that is enabled and theirs', async () => {
    const open = (key: TenantKey, ...changes: string[]) =>
      askAfter(
        world,
        '',
        `wall.identity_session('${tenantId('A')}', '${userId('Tom')}', '\\x00', '192.0.2.7', 'x', 'x', null, '${source(key)}') is not null`,
        changes,
      )
    const theirs = known('A', 'Tom', 's')
    expect([await open('A', theirs), await open('A'), await open('B', theirs)]).toEqual([true, false, false])
    expect(await open('A', theirs, 'update identity_source set enabled = false')).toBe(false)
    expect(await open('A', theirs, `update user_account set status = 'disabled'`)).toBe(false)
  })

  it('B15 the buttons of a host name enabled sources of an active tenant, and nothing of any other', async () => {
    const buttons = async (slug: string, ...changes: string[]) =>
      ((await askAfter(world, '', `wall.identity_buttons('${slug}')`, changes)) as { id: string }[]).map(
        ({ id }) => id,
      )
    expect(await buttons('acme')).toEqual([source('A')])
    expect(await buttons('bolt')).toEqual([source('B')])
    expect([await buttons('nosuch'), await buttons('closed')]).toEqual([[], []])
    expect(await buttons('acme', 'update identity_source set enabled = false')).toEqual([])
    expect(await buttons('acme', `update tenant set status = 'disabled' where slug = 'acme'`)).toEqual([])
  })

  it('K02 are of a kind, with what that kind has', async () => {
    const change = (set: string) => as(`update identity_source set ${set} where id = '${source('A')}'`)
    const put = (kind: string, issuer: string, secret: string, settings = `'{}'`) =>
      as(
        `insert into identity_source (id, tenant_id, kind, name, issuer, settings, sealed_secret, username_claim, email_claim, name_claim, groups_claim)
         values (gen_random_uuid(), '${tenantId('A')}', '${kind}', 'x', '${issuer}', ${settings}, ${secret}, 'a', 'b', 'c', 'd')`,
      )
    for (const [kind, issuer, secret] of [
      ['oidc', 'https://x.example', `'x'`],
      ['saml', 'urn:example:idp', 'null'],
      ['ldap', 'ldaps://dc.example:636/dc=acme,dc=example', `'x'`],
    ] as const) {
      expect([kind, await put(kind, issuer, secret)]).toEqual([kind, 1])
      expect([kind, await put(kind, issuer, secret === 'null' ? `'x'` : 'null')]).toEqual([kind, '23514'])
      expect([kind, await put(kind, 'nothing of it', secret)]).toEqual([kind, '23514'])
    }
    expect(await put('oidc', 'urn:example:idp', `'x'`)).toBe('23514')
    expect(await put('saml', `urn:x${'x'.repeat(500)}`, 'null')).toBe('23514')
    expect(await put('saml', 'urn:x', 'null', `'[]'`)).toBe('23514')
    expect(await put('saml', 'urn:x', 'null', `jsonb_build_object('x', repeat('x', 40000))`)).toBe('23514')
    expect(await put('radius', 'https://x.example', `'x'`)).toBe('23514')
    expect(await change(`kind = 'ldap'`)).toBe('42501')
  })

  const HASH = `decode(repeat('ab', 32), 'hex')`
  it('C12 what a source proved is kept once, for its own source, on the host of its own active tenant', async () => {
    const keep = (slug: string, ...changes: string[]) =>
      askAfter(
        world,
        '',
        `wall.identity_answer_keep(${HASH}, '${source('A')}', '${slug}', 'sealed')`,
        changes,
      )
    expect([await keep('acme'), await keep('bolt'), await keep('nosuch')]).toEqual([true, false, false])
    expect(await keep('acme', 'update identity_source set enabled = false')).toBe(false)
    expect(await keep('acme', `update tenant set status = 'disabled' where slug = 'acme'`)).toBe(false)
    const kept = `insert into identity_answer (request_hash, tenant_id, source_id, sealed, expires_at)
      values (${HASH}, '${tenantId('A')}', '${source('A')}', 'sealed', now() + interval '1 minute')`
    expect(await keep('acme', kept)).toBe(false)
    expect(
      await keep('acme', kept, `update identity_answer set expires_at = now() - interval '1 second'`),
    ).toBe(true)
    const take = (key: TenantKey, ...changes: string[]) =>
      askAfter(world, '', `encode(wall.identity_answer_take(${HASH}, '${source(key)}'), 'escape')`, changes)
    expect([await take('A'), await take('A', kept), await take('B', kept)]).toEqual([null, 'sealed', null])
    expect(await take('A', kept, `update identity_answer set expires_at = now() - interval '1 second'`)).toBe(
      null,
    )
    expect(await take('A', kept, `select wall.identity_answer_take(${HASH}, '${source('A')}')`)).toBe(null)
    for (const role of ['tenant', 'master', 'union', 'system', 'worker'] as const)
      for (const what of ['select 1 from identity_answer', 'delete from identity_answer'])
        expect([role, await doneAs(world, role, acme(), what, [kept])]).toEqual([role, '42501'])
  })

  it('PRODUCT rule 8: who moves home is nobody’s subject any more', async () => {
    await world.admin.query('begin')
    try {
      await world.admin.query(known('A', 'Tom', 's'))
      const left = async () => (await world.admin.query('select 1 from user_identity')).rowCount
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
