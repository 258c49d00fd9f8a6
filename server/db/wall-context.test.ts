import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContextClaims } from '@/server/db/context-token'
import type { PersonName, TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// For whom a context speaks: what each of its modes is worth in a tenant that is active, closed, or none at all.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const person = (name: PersonName) => `'${userId(name)}'`
const KEYS = ['M', 'A', 'B', 'C', 'E', 'N'] as const
const MODES = ['user', 'provider', 'job', 'union'] as const

describe('for whom a context speaks', () => {
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
  const ask = (context: string, question: string, ...changes: string[]) =>
    askAfter(world, context, question, changes)
  const under = (key: TenantKey, more: Partial<ContextClaims>, question: string, ...changes: string[]) =>
    ask(wall.sign(key, more), question, ...changes)

  /** The tenants for which a function answers with the tenant itself (or yes), by mode. */
  async function table(question: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const mode of MODES) {
      found[mode] = ''
      for (const key of KEYS) {
        const answer = await under(key, { mode }, question)
        if (answer === tenantId(key) || answer === true) found[mode] += key
      }
    }
    return found
  }

  it('K07 reads, writes, has people: by mode, and not for who is closed', async () => {
    expect(await table('wall.ctx_tenant()')).toEqual({
      user: 'MABN',
      provider: 'MABCEN',
      job: 'MABCEN',
      union: '',
    })
    expect(await table('wall.ctx_writer()')).toEqual({ user: 'MABN', provider: '', job: 'MABCEN', union: '' })
    expect(await table('wall.ctx_people()')).toEqual({
      user: 'MABN',
      provider: 'MABCEN',
      job: '',
      union: '',
    })
    expect(await table('wall.ctx_is_master()')).toEqual({ user: 'M', provider: '', job: 'M', union: '' })
  })

  it('K07 of no tenant, or without a context: nobody', async () => {
    for (const name of ['ctx_tenant', 'ctx_writer', 'ctx_people']) {
      for (const mode of MODES)
        expect(await under('A', { mode, tenantId: idOf('nobody') }, `wall.${name}()`)).toBe(null)
      expect(await ask('', `wall.${name}()`)).toBe(null)
    }
    expect(await ask('', 'wall.ctx_is_master()')).toBe(false)
  })

  it('K02 a union is of the active tenants that its person is a member of', async () => {
    const tenants = (name: PersonName, more: Partial<ContextClaims> = {}, ...changes: string[]) =>
      under(
        'A',
        { mode: 'union', tenantId: null, userId: userId(name), ...more },
        `select coalesce(string_agg(t.name, ' ' order by t.name), '') from tenant t where t.id = any (wall.ctx_tenants())`,
        ...changes,
      )
    const member = (key: TenantKey) =>
      `insert into membership (tenant_id, user_id) values (${to(key)}, ${person('Tom')})`
    expect(await tenants('Tom')).toBe('Acme')
    expect(await tenants('Tom', {}, member('B'), member('C'), member('E'))).toBe('Acme Bolt')
    expect([await tenants('Bo'), await tenants('Cora')]).toEqual(['Bolt', ''])
    // Of parent level: every active one; the home by a membership like anybody's.
    expect(await tenants('Mara')).toBe('Acme Bolt Freehold MSP Newco')
    const leaves = `delete from membership where user_id = ${person('Mara')}`
    expect(await tenants('Mara', {}, leaves)).toBe('Acme Bolt Newco')
    expect(await tenants('Mara', {}, `update user_account set parent_level = false`)).toBe('Freehold MSP')
    for (const name of ['Tom', 'Mara'] as const)
      expect(await tenants(name, {}, `update user_account set status = 'disabled'`), name).toBe('')
    expect(
      await tenants('Tom', {}, member('B'), `update tenant set status = 'disabled' where id = ${to('A')}`),
    ).toBe('')
    for (const mode of ['user', 'provider', 'job'] as const)
      expect(await tenants('Tom', { mode, tenantId: tenantId('A') })).toBe('')
  })

  it('K02 at home: who is homed in the tenant whose people are written', async () => {
    const home = (key: TenantKey, name: PersonName, mode: ContextClaims['mode'] = 'user') =>
      under(key, { mode }, `wall.at_home(${person(name)})`)
    expect([await home('A', 'Tom'), await home('A', 'Tom', 'provider'), await home('B', 'Bo')]).toEqual([
      true,
      true,
      true,
    ])
    expect([await home('A', 'Bo'), await home('A', 'Mara'), await home('A', 'Tom', 'job')]).toEqual([
      false,
      false,
      false,
    ])
  })

  it('K02 a template is an open one of many tenants', async () => {
    const template = (role: string) => under('A', {}, `wall.ctx_is_template(${role})`)
    const builtIn = (name: string) => `(select id from user_role where built_in = '${name}')`
    for (const role of ['null', `'${idOf('role template')}'`, builtIn('viewer')])
      expect(await template(role), role).toBe(true)
    for (const role of [
      `'${idOf('role A 1')}'`,
      `'${idOf('nothing')}'`,
      builtIn('owner'),
      builtIn('support'),
    ])
      expect(await template(role), role).toBe(false)
  })

  it('K02 what is born in a cloud is used by whom its own owner assigned the cloud to', async () => {
    const born = (owner: TenantKey, cloud: string) =>
      ask(
        '',
        `select name from tenant where id = wall.born_in(${to(owner)}, ${cloud})`,
        `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id) values
         ('${idOf('cloud for A')}', 'cloud', 'x', ${to('M')}, ${to('A')}, '${idOf('cloud for A')}')`,
      )
    const given = `'${idOf('cloud for A')}'`
    expect([await born('M', given), await born('B', given), await born('M', 'null')]).toEqual([
      'Acme',
      'Bolt',
      'Freehold MSP',
    ])
    expect(await born('M', `'${resourceId('public cloud')}'`)).toBe('Freehold MSP')
  })

  it('K02 a task is finished by the attempt that runs it, in its tenant and by who asked for it', async () => {
    const task = idOf('task that runs')
    const plant = `insert into background_task (id, tenant_id, kind, title, status, attempts, created_by)
      values ('${task}', ${to('A')}, 'x', 'x', 'running', 2, ${person('Ada')})`
    const finish = (more: Partial<ContextClaims> = {}, change = 'select 1', attempt = 2) =>
      under(
        'A',
        { mode: 'job', userId: userId('Ada'), ...more },
        `wall.task_finish('${task}', ${attempt}, '{}')`,
        plant,
        change,
      )
    await expect(finish()).resolves.toBe('')
    const to2 = (what: string) => finish({}, `update background_task set ${what} where id = '${task}'`)
    const wrong = [
      () => finish({}, 'select 1', 1),
      () => finish({ mode: 'user' }),
      () => finish({ userId: userId('Tom') }),
      () => finish({ tenantId: tenantId('B') }),
      () => to2(`status = 'done'`),
      () => to2(`status = 'queued'`),
      () => to2(`tenant_id = ${to('B')}`),
      () => to2(`created_by = ${person('Tom')}`),
    ]
    for (const one of wrong) await expect(one(), one.toString()).rejects.toMatchObject({ code: '42501' })
  })

  it('C11 sessions end at the word of the master, or of the people of who is homed there', async () => {
    const ended = (key: TenantKey, mode: ContextClaims['mode'], call: string, ...changes: string[]) =>
      under(key, { mode }, `wall.${call}`, ...changes)
    const [ofTenant, ofUser] = [`tenant_sessions_end(${to('A')})`, `user_sessions_end(${person('Tom')})`]
    const over = `update session set revoked_at = '2026-01-01' where id = '${idOf('session Tom 2')}'`
    const count = async (where: string) =>
      Number(
        (
          await world.admin.query<{ n: string }>(
            `select count(*) as n from session where revoked_at is null and ${where}`,
          )
        ).rows[0]?.n,
      )
    const [all, own] = [await count(`tenant_id = ${to('A')}`), await count(`user_id = ${person('Tom')}`)]
    expect(await ended('M', 'user', ofTenant)).toBe(all)
    expect(await ended('M', 'user', ofTenant, over)).toBe(all - 1)
    expect(await ended('A', 'user', ofUser)).toBe(own)
    expect(await ended('A', 'provider', ofUser, over)).toBe(own - 1)
    const refused = { code: '42501' }
    await expect(ended('A', 'user', ofTenant)).rejects.toMatchObject(refused)
    await expect(ended('B', 'user', ofUser)).rejects.toMatchObject(refused)
    await expect(ended('A', 'job', ofUser)).rejects.toMatchObject(refused)
  })
})
