import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { SIGN_UP_TOKEN, WAITING_SIGN_UP } from '@/test/plant-sign-up'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Who reads, answers and follows a sign-up, whatever the application asks for.

const HASH = `'\\x${createHash('sha256').update(SIGN_UP_TOKEN).digest('hex')}'::bytea`
const denied = { code: '42501' }

describe('sign-ups behind the wall', () => {
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

  const count = async (role: 'tenant' | 'master', context: string, table: string) =>
    Number((await wall.as(role, context, `select count(*) as n from ${table}`)).rows[0]?.n)

  it('K02 the master alone reads them and says how, and never a link', async () => {
    const master = wall.sign('M')
    expect(await count('master', master, 'sign_up')).toBe(2)
    expect(await count('master', master, 'sign_up_policy')).toBe(1)
    for (const table of ['sign_up', 'sign_up_policy']) {
      expect(await count('master', wall.sign('A'), table)).toBe(0)
      expect(await count('master', wall.sign('M', { mode: 'provider' }), table)).toBe(0)
      await expect(count('tenant', wall.sign('A'), table)).rejects.toMatchObject(denied)
    }
    await expect(wall.as('master', master, 'select token_hash from sign_up')).rejects.toMatchObject(denied)
    for (const write of [
      `update sign_up set status = 'approved'`,
      `delete from sign_up`,
      `insert into sign_up (email, name, slug, token_hash, expires_at) values ('x@x.example', 'x', 'xx', '\\x00', now())`,
      `delete from sign_up_policy`,
      `insert into sign_up_policy (id) values (1)`,
    ])
      await expect(wall.as('master', master, write), write).rejects.toMatchObject(denied)
    const change = 'update sign_up_policy set daily_limit = 3'
    expect((await wall.as('master', master, change)).rowCount).toBe(1)
    expect((await wall.as('master', wall.sign('B'), change)).rowCount).toBe(0)
  })

  it('K04 nobody who is signed in follows a link, or makes one', async () => {
    for (const call of [
      'wall.sign_up_open()',
      `wall.sign_up_start('x@x.example', 'x', 'xx', '\\x00', '', '')`,
      `wall.sign_up_look(${HASH})`,
      `wall.sign_up_confirm(${HASH}, '', '')`,
      `wall.sign_up_finish(${HASH}, gen_random_uuid(), '{}', '{}', '', '{}', '', '', '')`,
      'wall.sign_up_purge()',
      `wall.sign_up_slug_free('acme')`,
      `wall.sign_up_known('x@x.example')`,
    ])
      for (const [role, key] of [
        ['tenant', 'A'],
        ['master', 'M'],
      ] as const)
        await expect(wall.as(role, wall.sign(key), `select ${call}`), call).rejects.toMatchObject(denied)
    expect((await wall.as('system', null, 'select wall.sign_up_open() as open')).rows[0]).toMatchObject({
      open: { approval: false },
    })
  })

  it('C03 C09 an address is begun with once, where it may; one of an account is told of its homes', async () => {
    const of = async (email: string, ...changes: string[]) =>
      (await askAfter(world, '', `wall.sign_up_start('${email}', 'x', 'xx', '\\x00', '', '')`, changes)) as {
        code: string
        homes: { slug: string }[]
      }
    expect((await of('x@x.example')).code).toBe('mail')
    expect((await of('x@x.example', 'update sign_up_policy set enabled = false')).code).toBe('closed')
    expect((await of('x@x.example', 'update sign_up_policy set tenant_role_id = null')).code).toBe('closed')
    expect((await of('x@x.example', `update sign_up_policy set mail_domains = '{y.example}'`)).code).toBe(
      'closed',
    )
    expect((await of('x@x.example', `update sign_up_policy set mail_domains = '{x.example}'`)).code).toBe(
      'mail',
    )
    const tom = `update user_account set email = 'Tom@x.example', email_verified_at = now() where id = '${userId('Tom')}'`
    const homes = async (...more: string[]) => {
      const { code, homes: found } = await of('tom@x.example', tom, ...more)
      return [code, ...found.map(({ slug }) => slug)]
    }
    expect(await homes()).toEqual(['account', 'acme'])
    expect(
      await homes(`update user_account set email_verified_at = null where id = '${userId('Tom')}'`),
    ).toEqual(['mail'])
    expect(await homes(`update user_account set status = 'disabled' where id = '${userId('Tom')}'`)).toEqual([
      'account',
    ])
    expect(await homes(`update tenant set status = 'disabled' where slug = 'acme'`)).toEqual(['account'])
    expect(await homes(`update tenant set status = 'deleted' where slug = 'acme'`)).toEqual(['mail'])
  })

  const decide = (id: string, token: string | null) =>
    `select wall.sign_up_decide('${id}', ${token === null ? 'null' : `'${token}'`}, 'no') as done`
  const decided = async (role: 'tenant' | 'master', context: string, ...statements: string[]) =>
    (await wall.as(role, context, ...statements)).rows[0]?.done as boolean

  it('who waits is answered by the master, once', async () => {
    const master = wall.sign('M', { userId: userId('Mara') })
    const yes = decide(WAITING_SIGN_UP, '\\xabcd')
    expect(await decided('master', master, yes)).toBe(true)
    expect(await decided('master', master, decide(WAITING_SIGN_UP, null))).toBe(true)
    expect(await decided('master', master, yes, decide(WAITING_SIGN_UP, null))).toBe(false)
    expect(await decided('master', master, decide(idOf('sign-up mailed'), null))).toBe(false)
    expect(await decided('master', wall.sign('A'), yes)).toBe(false)
    expect(await decided('master', wall.sign('M', { mode: 'provider' }), yes)).toBe(false)
    await expect(wall.as('tenant', wall.sign('A'), yes)).rejects.toMatchObject(denied)
    const old = `update sign_up set expires_at = now() where id = '${WAITING_SIGN_UP}'`
    expect(await askAfter(world, master, `wall.sign_up_decide('${WAITING_SIGN_UP}', null, '')`, [old])).toBe(
      false,
    )
    const by = 'select decided_by_name as done from sign_up order by decided_by_name desc limit 1'
    expect(await decided('master', master, yes, by)).toContain('Mara')
  })

  const look = (...changes: string[]) => askAfter(world, '', `wall.sign_up_look(${HASH})`, changes)

  it('C04 a link is shown while it works', async () => {
    expect(await look()).toMatchObject({
      slug: 'sign-up-mailed',
      slugFree: true,
      nameFree: true,
      asks: false,
    })
    expect(await look('update sign_up_policy set approval = true')).toMatchObject({ asks: true })
    for (const change of [
      'update sign_up_policy set enabled = false',
      'update sign_up_policy set tenant_role_id = null',
      `update sign_up_policy set mail_domains = '{other.example}'`,
      'update sign_up set expires_at = now()',
      `update sign_up set status = 'waiting', token_hash = null`,
    ])
      expect(await look(change), change).toBeNull()
    expect(await look(`update sign_up_policy set mail_domains = '{elsewhere.example}'`)).not.toBeNull()
    const other = [`update sign_up_policy set mail_domains = '{other.example}', approval = true`]
    expect(
      await look(...other, `update sign_up set status = 'approved' where status = 'mailed'`),
    ).toMatchObject({ asks: false })
  })

  it('A15 says to its holder whether subdomain and name can be had', async () => {
    const slug = (change: string) => look(change)
    expect(await slug(`update sign_up set slug = 'acme'`)).toMatchObject({ slugFree: false })
    expect(
      await slug(
        `insert into slug_rest (slug, tenant_id, until) values ('sign-up-mailed', gen_random_uuid(), now() + interval '1 day')`,
      ),
    ).toMatchObject({ slugFree: false })
    expect(
      await slug(
        `insert into slug_rest (slug, tenant_id, until) values ('sign-up-mailed', gen_random_uuid(), now())`,
      ),
    ).toMatchObject({ slugFree: true })
    const named = `update sign_up set name = (select upper(name) from tenant where id = '${tenantId('A')}')`
    expect(await look(named)).toMatchObject({ nameFree: false })
    expect(
      await look(named, `update tenant set status = 'deleted' where id = '${tenantId('A')}'`),
    ).toMatchObject({ nameFree: true })
  })

  const finish = (slug: string, name: string, ...changes: string[]) =>
    askAfter(
      world,
      '',
      `wall.sign_up_finish(${HASH}, gen_random_uuid(), '${JSON.stringify({ slug, name })}', '{"username": "nia"}', 'x',
        jsonb_build_object('id', gen_random_uuid(), 'kind', 'sign_up', 'subject', 's'), '\\x00', '', '')`,
      changes,
    ) as Promise<{ code: string }>

  it('A15 gives what was asked for, or what was chosen where that is taken', async () => {
    const rename = `update sign_up set name = 'North'`
    const of = async (slug: string, name: string, ...more: string[]) =>
      (await finish(slug, name, rename, ...more)).code
    expect(await of('sign-up-mailed', 'North')).toBe('ok')
    expect(await of('another', 'North')).toBe('slug')
    expect(await of('sign-up-mailed', 'Another')).toBe('name')
    const taken = `update sign_up set slug = 'acme' where status = 'mailed'`
    expect(await of('acme', 'North', taken)).toBe('slug')
    expect(await of('another', 'North', taken)).toBe('ok')
    expect(await of('sign-up-mailed', 'North', 'update sign_up_policy set approval = true')).toBe('asks')
    expect(await of('sign-up-mailed', 'North', 'update sign_up_policy set enabled = false')).toBe('gone')
    const done = (ago: string) =>
      `insert into sign_up (email, name, slug, status, tenant_id, expires_at, ended_at) values ('d@d.example', 'd', 'dd', 'done', gen_random_uuid(), now(), now() - interval '${ago}')`
    expect(
      await of('sign-up-mailed', 'North', 'update sign_up_policy set daily_limit = 1', done('23 hours')),
    ).toBe('limit')
    expect(
      await of('sign-up-mailed', 'North', 'update sign_up_policy set daily_limit = 1', done('25 hours')),
    ).toBe('ok')
  })

  it('C09 an address of an account makes nothing, whatever its state; of a deleted tenant it does', async () => {
    const same = `update sign_up set name = 'North', email = (select lower(email) from user_account where id = '${userId('Tom')}') where status = 'mailed'`
    const of = async (...changes: string[]) =>
      (await finish('sign-up-mailed', 'North', same, ...changes)).code
    expect(await of()).toBe('account')
    expect(await of(`update user_account set status = 'disabled' where id = '${userId('Tom')}'`)).toBe(
      'account',
    )
    expect(await of(`update tenant set status = 'disabled' where id = '${tenantId('A')}'`)).toBe('account')
    expect(await of(`update tenant set status = 'deleted' where id = '${tenantId('A')}'`)).toBe('ok')
  })
})
