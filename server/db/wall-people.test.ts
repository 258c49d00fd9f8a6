import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { ContextClaims } from '@/server/db/context-token'
import type { PersonName, TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { askAfter, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// People across tenants: what the policies let a subtenant see and write of them, and whom the functions answer.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const person = (name: PersonName) => `'${userId(name)}'`
const member = (key: TenantKey, name: PersonName) =>
  `insert into membership (tenant_id, user_id) values (${to(key)}, ${person(name)})`

describe('people across tenants', () => {
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

  const by = (name: PersonName, key: TenantKey = 'A', more: Partial<ContextClaims> = {}) =>
    wall.sign(key, { userId: userId(name), sessionId: idOf(`session ${name}`), ...more })
  const provider = (key: TenantKey = 'A') => by('Mara', key, { mode: 'provider' })
  const rows = async (context: string, question: string, changes: string[] = []) => {
    await world.admin.query('begin')
    try {
      for (const change of changes) await world.admin.query(change)
      await world.admin.query(`select set_config('wall.ctx', $1, true)`, [context])
      await world.admin.query('set local role freehold_tenant')
      return (await world.admin.query<Record<string, unknown>>(question)).rows
    } finally {
      await world.admin.query('rollback')
    }
  }
  const add = (context: string, name: PersonName, home: TenantKey, changes: string[] = []) =>
    askAfter(world, context, `wall.guest_add(${person(name)}, ${to(home)})`, changes)

  it('K02 a subtenant sees its own people and its guests, and nobody else', async () => {
    const accounts = async (changes: string[] = []) =>
      (await rows(by('Ada'), 'select id from user_account', changes)).map(({ id }) => id)
    const own = await accounts()
    expect(own).toHaveLength(6)
    expect(own).not.toContain(userId('Bo'))
    expect((await accounts([member('A', 'Bo')])).toSorted()).toEqual([...own, userId('Bo')].toSorted())
    expect(await accounts([member('B', 'Ada')])).toHaveLength(6) // being elsewhere shows nobody
  })

  it('K02 the provider’s people: names and roles for subtenants, in no table and not for the master', async () => {
    const found = await rows(by('Ada'), 'select username, roles from wall.parent_people() order by username')
    expect(found).toEqual([
      { username: 'first', roles: ['Super Admin'] },
      { username: 'mara', roles: ['Super Admin'] },
      { username: 'sam', roles: ['Support'] },
    ])
    const left = [
      `update user_account set parent_level = false where id = ${person('Sam')}`,
      `update user_account set status = 'disabled' where id = ${person('Mara')}`,
      `update role_assignment set expires_at = now() - interval '1 minute' where tenant_id = '${MASTER_TENANT_ID}'`,
    ]
    expect(await rows(by('Ada'), 'select username, roles from wall.parent_people()', left)).toEqual([
      { username: 'first', roles: [] },
    ])
    expect(await rows(by('Mara', 'M'), 'select 1 from wall.parent_people()')).toEqual([])
    expect(await rows('', 'select 1 from wall.parent_people()')).toEqual([])
    expect(await rows(by('Cai', 'C'), 'select 1 from wall.parent_people()')).toEqual([]) // a closed tenant
  })

  it('K02 no statement makes a member of somebody homed elsewhere, or says who is a guest', async () => {
    expect(await doneAs(world, 'tenant', by('Ada'), member('A', 'Bo'))).toBe('42501')
    expect(await doneAs(world, 'tenant', by('Ada'), member('B', 'Tom'))).toBe('42501')
    const nora = `delete from membership where user_id = ${person('Nora')}`
    expect(await doneAs(world, 'tenant', by('Ada'), member('A', 'Nora'), [nora])).toBe(1)
    const guest = member('A', 'Nora').replace('user_id)', 'user_id, guest)').replace("')", "', true)")
    expect(await doneAs(world, 'tenant', by('Ada'), guest, [nora])).toBe('42501')
    for (const change of ['update membership set guest = false', 'delete from membership'])
      expect(await doneAs(world, 'tenant', by('Ada'), change, [member('A', 'Bo')]), change).toBe('42501')
    const marked = (name: PersonName, key: TenantKey) =>
      askAfter(
        world,
        '',
        `select guest from membership where tenant_id = ${to(key)} and user_id = ${person(name)}`,
        ['set local session_replication_role = origin', member(key, name)],
      )
    expect(await marked('Bo', 'A')).toBe(true)
  })

  it('K02 a stranger adds nobody and learns nothing; a member of both tenants does', async () => {
    for (const name of ['Bo', 'Cai', 'Mara', 'Sam'] as const)
      expect(await add(by('Ada'), name, 'B'), name).toBe('unknown')
    expect(await askAfter(world, by('Ada'), `wall.guest_add('${idOf('nobody')}', ${to('B')})`, [])).toBe(
      'unknown',
    )
    expect(await add(by('Ada'), 'Bo', 'B', [member('B', 'Ada')])).toBe('ok')
    expect(await add(by('Ada'), 'Bo', 'A', [member('B', 'Ada')])).toBe('moved')
    const closed = `update tenant set status = 'disabled' where id = ${to('B')}`
    expect(await add(by('Ada'), 'Bo', 'B', [member('B', 'Ada'), closed])).toBe('unknown')
    // Nobody brings a user of the master, whatever they are a member of
    expect(await add(by('Ada'), 'Sam', 'M', [member('M', 'Ada')])).toBe('unknown')
    await expect(add(by('Mara', 'M'), 'Bo', 'B')).rejects.toMatchObject({ code: '42501' })
    await expect(add('', 'Bo', 'B')).rejects.toMatchObject({ code: '42501' })
    await expect(add(by('Ada', 'A', { mode: 'job' }), 'Bo', 'B')).rejects.toMatchObject({ code: '42501' })
  })

  it('K02 the provider adds whom it may, and is told why not', async () => {
    const set = (table: string, what: string, id: string) => `update ${table} set ${what} where id = ${id}`
    expect(await add(provider(), 'Bo', 'B')).toBe('ok')
    expect(await add(provider(), 'Bo', 'B', [member('A', 'Bo')])).toBe('member')
    expect(await add(provider(), 'Tom', 'A')).toBe('home')
    expect(await add(provider(), 'Sam', 'M')).toBe('parent')
    expect(
      await add(provider(), 'Sam', 'M', [set('user_account', 'parent_level = false', person('Sam'))]),
    ).toBe('master')
    expect(await add(provider(), 'Bo', 'B', [set('user_account', `status = 'disabled'`, person('Bo'))])).toBe(
      'disabled',
    )
    expect(await add(provider(), 'Bo', 'B', [set('tenant', `status = 'disabled'`, to('B'))])).toBe(
      'home_closed',
    )
    expect(await add(provider('C'), 'Bo', 'B')).toBe('closed')
  })

  it('K02 a guest is removed from the acting tenant alone; whoever is homed there is not', async () => {
    const remove = (context: string, name: PersonName, changes: string[] = []) =>
      askAfter(world, context, `wall.guest_remove(${person(name)})`, changes)
    // triggers are off in here: the mark is planted
    const guest = `insert into membership (tenant_id, user_id, guest) values (${to('A')}, ${person('Bo')}, true)`
    expect(await remove(by('Ada'), 'Bo', [guest])).toBe(0)
    expect(await remove(provider(), 'Bo', [guest])).toBe(0)
    const session = `update session set tenant_id = ${to('A')} where id = '${idOf('session Bo')}'`
    expect(await remove(by('Ada'), 'Bo', [guest, session])).toBe(1)
    expect(await remove(by('Ada'), 'Tom')).toBe(null)
    expect(await remove(by('Bo', 'B'), 'Bo', [guest])).toBe(null)
    await expect(remove('', 'Bo', [guest])).rejects.toMatchObject({ code: '42501' })
  })

  it('K02 whom one may choose from: people of tenants that one is a member of; for the provider all', async () => {
    const choices = async (context: string, tenants: string, changes: string[] = []) =>
      (await rows(context, `select id from wall.people_elsewhere(${tenants}, null, '%%', 50)`, changes)).map(
        ({ id }) => id,
      )
    const all = [userId('Bo'), userId('Bolt Ada'), userId('Bolt Tom')].toSorted()
    expect(await choices(by('Ada'), 'null')).toEqual([])
    expect(await choices(by('Ada'), `array[${to('B')}]::uuid[]`)).toEqual([])
    expect((await choices(by('Ada'), 'null', [member('B', 'Ada')])).toSorted()).toEqual(all)
    expect(await choices(by('Ada'), `array[${to('N')}]::uuid[]`, [member('B', 'Ada')])).toEqual([])
    expect((await choices(provider(), 'null')).toSorted()).toEqual(all)
    expect(await choices(provider(), 'null', [member('A', 'Bo')])).toHaveLength(2)
    expect(await choices(by('Ada', 'A', { mode: 'job' }), 'null', [member('B', 'Ada')])).toEqual([])
  })

  it('K02 whether somebody may be writing in other tenants, said to their home alone', async () => {
    const out = (context: string, name: PersonName, changes: string[] = []) =>
      askAfter(world, context, `wall.reaches_out(${person(name)})`, changes)
    // triggers are off in here: the mark is planted
    const guest = `insert into membership (tenant_id, user_id, guest) values (${to('A')}, ${person('Bo')}, true)`
    expect(await out(by('Bo', 'B'), 'Bo')).toBe(false)
    expect(await out(by('Bo', 'B'), 'Bo', [guest])).toBe(true)
    expect(await out(provider('B'), 'Bo', [guest])).toBe(true)
    expect(await out(by('Ada'), 'Bo', [guest])).toBe(false)
    expect(await out(by('Mara', 'M'), 'Sam')).toBe(true)
    expect(
      await out(by('Mara', 'M'), 'Sam', [
        `update user_account set parent_level = false where id = ${person('Sam')}`,
      ]),
    ).toBe(false)
    expect(await out(by('Ada'), 'Sam')).toBe(false)
  })

  it('K02 one’s own memberships elsewhere, with cap and live roles, and nobody else’s', async () => {
    const mine = (context: string, changes: string[] = []) =>
      rows(context, 'select tenant_id, roles from wall.my_memberships()', changes)
    const held = `insert into role_assignment (tenant_id, user_id, role_id, expires_at) values (${to('B')}, ${person('Ada')}, '${VIEWER_ROLE}'`
    expect(await mine(by('Ada'))).toEqual([])
    expect(await mine(by('Ada'), [member('B', 'Ada'), `${held}, null)`])).toMatchObject([
      { tenant_id: tenantId('B'), roles: [{ builtIn: 'viewer' }] },
    ])
    const ended = `${held}, now() - interval '1 minute')`
    expect(await mine(by('Ada'), [member('B', 'Ada'), ended])).toMatchObject([{ roles: [] }])
    expect(await mine(by('Tom'), [member('B', 'Ada'), `${held}, null)`])).toEqual([])
    expect(await mine(by('Ada'), [member('C', 'Ada')])).toEqual([])
    expect(await mine(by('Ada', 'A', { mode: 'provider' }), [member('B', 'Ada')])).toEqual([])
  })

  it('K02 everybody, and their levels, are the master’s alone', async () => {
    const list = `wall.people_list(null, '%%', '{}', '{}', '{}', 'name', false, null, null, 50)`
    const level = `wall.person_level(${person('Bo')}, '${MASTER_TENANT_ID}', true, 'bo', array['00000000-0000-4000-8000-000000000202'::uuid])`
    const count = `wall.people_count('%%', '{}', '{}', '{}', 50)`
    const ask = (context: string, question: string) => askAfter(world, context, question, [])
    const [master, ada] = [by('Mara', 'M'), by('Ada')]
    const unverified = `update user_account set email_verified_at = null where id = ${person('Bo')}`
    expect(await askAfter(world, master, level, [unverified])).toEqual({ outcome: 'unverified' })
    const owner = `insert into role_assignment (tenant_id, user_id, role_id) select ${to('B')}, ${person('Bo')}, id from user_role where built_in = 'owner'`
    const alone = [owner, `delete from role_assignment where user_id = ${person('Bolt Ada')}`]
    expect(await askAfter(world, master, level, alone)).toEqual({ outcome: 'keeper' })
    expect(await askAfter(world, master, level, [owner])).toMatchObject({ outcome: 'ok' })
    expect(Number(await ask(master, `select count(*) from ${list}`))).toBe(14)
    expect(Number(await ask(master, count))).toBe(14)
    expect(Number(await ask(master, `select count(*) from wall.person_memberships(${person('Bo')})`))).toBe(1)
    expect(await ask(master, level)).toMatchObject({ outcome: 'ok' })
    for (const context of [ada, provider(), '']) {
      for (const question of [`select count(*) from ${list}`, count, level])
        await expect(ask(context, question), question).rejects.toMatchObject({ code: '42501' })
      expect(
        Number(await ask(context, `select count(*) from wall.person_memberships(${person('Bo')})`)),
      ).toBe(0)
    }
    await expect(ask(by('Bo', 'M'), level)).rejects.toMatchObject({ code: '42501' }) // one's own
    await expect(ask(by('Mara', 'M', { mode: 'job' }), level)).rejects.toMatchObject({ code: '42501' })
    // Text of the caller's never becomes part of the statement
    const sly = list.replace("'name'", `'name; drop table user_account'`)
    await expect(ask(master, `select count(*) from ${sly}`)).rejects.toThrow()
  })
})
