import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '@/test/canary'
import { tenantId, VIEWER_ROLE } from '@/test/factories'
import { invitationToken } from '@/test/plant-invitations'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Who makes, changes and answers an invitation, whatever the application asks for.

const hash = (text: string) => `'\\x${createHash('sha256').update(text).digest('hex')}'::bytea`

describe('invitations behind the wall', () => {
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

  const insert = (key: 'A' | 'B', role: string | null): [string, unknown[]] => [
    `insert into invitation (id, tenant_id, email, gives_role_id, token_hash, invited_by_name, expires_at)
     values (gen_random_uuid(), $1, 'x@x.example', $2, '\\x00', 'x', now() + interval '1 day')`,
    [tenantId(key), role],
  ]

  it('K02 gives a role of the tenant or a template, no other', async () => {
    const acme = wall.sign('A')
    for (const role of [null, VIEWER_ROLE, idOf('role A 1')])
      expect((await wall.as('tenant', acme, insert('A', role))).rowCount).toBe(1)
    for (const role of [idOf('role B 1'), idOf('role M 1')])
      await expect(wall.as('tenant', acme, insert('A', role))).rejects.toMatchObject({ code: '42501' })
    const change = (role: string) =>
      `update invitation set gives_role_id = '${role}' where id = '${idOf('invitation A')}'`
    expect((await wall.as('tenant', acme, change(idOf('role A 1')))).rowCount).toBe(1)
    await expect(wall.as('tenant', acme, change(idOf('role B 1')))).rejects.toMatchObject({ code: '42501' })
  })

  it('K02 is answered by nobody but whoever holds the link', async () => {
    const acme = wall.sign('A')
    const end = (outcome: string) =>
      `update invitation set outcome = '${outcome}', ended_at = now() where id = '${idOf('invitation A')}'`
    for (const outcome of ['accepted', 'declined'])
      await expect(wall.as('tenant', acme, end(outcome))).rejects.toMatchObject({ code: '42501' })
    expect((await wall.as('tenant', acme, end('revoked'))).rowCount).toBe(1)
    // what has ended is given back to nobody
    const again = `update invitation set outcome = null, ended_at = null where id = '${idOf('invitation A')}'`
    expect((await wall.as('tenant', acme, end('revoked'), again)).rowCount).toBe(0)
    await expect(wall.as('tenant', acme, 'select token_hash from invitation')).rejects.toMatchObject({
      code: '42501',
    })
    await expect(
      wall.as('tenant', acme, `select wall.invitation_look('\\x00', 'acme')`),
    ).rejects.toMatchObject({ code: '42501' })
  })

  it('K02 the default role is set by the tenant itself, to one that it has', async () => {
    const set = (role: string) =>
      `select wall.default_role_set('${role}') as done, wall.ctx_default_role() as now`
    const done = async (key: 'A' | 'M', mode: 'user' | 'provider' | 'job', role: string) =>
      (await wall.as(key === 'M' ? 'master' : 'tenant', wall.sign(key, { mode }), set(role))).rows[0]
        ?.done as boolean
    expect(await done('A', 'user', idOf('role A 1'))).toBe(true)
    expect(await done('A', 'provider', VIEWER_ROLE)).toBe(true)
    expect(await done('A', 'job', VIEWER_ROLE)).toBe(false)
    expect(await done('A', 'user', idOf('role B 1'))).toBe(false)
    expect(await done('M', 'user', idOf('role M 1'))).toBe(true)
  })

  const look = (key: 'A' | 'C', slug: string, ...changes: string[]) =>
    askAfter(world, '', `wall.invitation_look(${hash(invitationToken(key))}, '${slug}')`, changes)

  it('C08 is shown while it waits, on its own host, in an active tenant', async () => {
    expect(await look('A', 'acme')).toMatchObject({ tenants: [{ name: 'Acme', role: 'Viewer' }] })
    expect(await look('A', 'bolt')).toBeNull()
    expect(await look('C', 'closed')).toBeNull()
    expect(
      await look('A', 'acme', `update invitation set expires_at = now() - interval '1 second'`),
    ).toBeNull()
    expect(await look('A', 'acme', `update invitation set outcome = 'declined', ended_at = now()`)).toBeNull()
    expect(await look('A', 'acme', `update invitation set gives_role_id = '${idOf('role B 1')}'`)).toBeNull()
  })

  it('C08 shows beside itself only what waits for the same address in active tenants', async () => {
    const same = `update invitation set email = 'same@x.example' where id in ('${idOf('invitation A')}', '${idOf('invitation B')}', '${idOf('invitation C')}')`
    const names = async (...changes: string[]) =>
      ((await look('A', 'acme', same, ...changes)) as { tenants: { name: string }[] }).tenants.map(
        ({ name }) => name,
      )
    expect(await names()).toEqual(['Acme', 'Bolt'])
    const bolt = (change: string) => `update invitation set ${change} where id = '${idOf('invitation B')}'`
    expect(await names(bolt(`expires_at = now()`))).toEqual(['Acme'])
    expect(await names(bolt(`outcome = 'revoked', ended_at = now()`))).toEqual(['Acme'])
    expect(await names(bolt(`gives_role_id = '${idOf('role A 1')}'`))).toEqual(['Acme'])
    expect(await names(bolt(`email = 'other@x.example'`))).toEqual(['Acme'])
  })

  const accept = (existing: string | null, ...changes: string[]) =>
    askAfter(
      world,
      '',
      `wall.invitation_accept(${hash(invitationToken('A'))}, 'acme', ${existing === null ? `'{"username": "lea"}'` : 'null'}, 'x', ${existing === null ? 'null' : `'${existing}'`}, '', '')`,
      changes,
    ) as Promise<{ code: string; accepted?: number }>
  const tom = idOf('user Bolt Tom')
  const toTom = `update invitation set email = (select lower(email) from user_account where id = '${tom}') where id = '${idOf('invitation A')}'`

  it('C08 C09 an account accepts what was sent to its address, while it and its home are active', async () => {
    expect(await accept(tom, toTom)).toMatchObject({ code: 'ok', accepted: 1 })
    expect(await accept(tom)).toEqual({ code: 'other' })
    expect(
      await accept(tom, toTom, `update user_account set status = 'disabled' where id = '${tom}'`),
    ).toEqual({ code: 'gone' })
    expect(await accept(tom, toTom, `update tenant set status = 'disabled' where slug = 'bolt'`)).toEqual({
      code: 'gone',
    })
    expect(await accept(null)).toMatchObject({ code: 'ok', accepted: 1 })
    expect(await accept(null, `update user_account set username = 'lea' where username = 'tom'`)).toEqual({
      code: 'taken',
    })
  })

  describe('for the master, of all tenants', () => {
    const listed = (more: { ids?: string; search?: string } = {}) =>
      `wall.invitations_list(${more.ids ?? 'null'}, '${more.search ?? '%%'}', '{}', '{}', '{}', true, null, null, 50)`
    const n = (question: string) => `(select count(*)::int from ${question})`
    const counted = `wall.invitations_count('%%', '{}', '{}', '{}', 50)::int`
    const back = (...keys: string[]) =>
      `wall.invitations_take_back(array[${keys.map((key) => `'${idOf(`invitation ${key}`)}'`).join()}]::uuid[])`
    const ask = (context: string, question: string, ...changes: string[]) =>
      askAfter(world, context, question, changes)
    const strangers = () => [
      wall.sign('A'),
      wall.sign('A', { mode: 'provider' }),
      wall.sign('M', { mode: 'union', tenantId: null }),
      '',
    ]

    it('K02 are read by the master alone: those of tenants that are not deleted, of 90 days', async () => {
      const master = wall.sign('M')
      expect(await ask(master, n(listed()))).toBe(6)
      expect(await ask(master, counted)).toBe(6)
      const old = `update invitation set created_at = now() - interval '91 days' where id = '${idOf('invitation A')}'`
      expect(await ask(master, n(listed()), old)).toBe(5)
      expect(await ask(master, counted, old)).toBe(5)
      const one = listed({ ids: `array['${idOf('invitation E')}', '${idOf('invitation B')}']::uuid[]` })
      expect(await ask(master, `(select string_agg(tenant_name, ',') from ${one})`)).toBe('Bolt')
      for (const context of strangers())
        for (const question of [n(listed()), counted])
          await expect(ask(context, question), question).rejects.toMatchObject({ code: '42501' })
      for (const call of [n(listed()), counted, n(back('A'))])
        await expect(wall.as('tenant', wall.sign('A'), `select ${call}`)).rejects.toMatchObject({
          code: '42501',
        })
      // what is searched for never becomes part of the statement, and no column has anything of a link
      expect(await ask(master, n(listed({ search: `%'' or true --%` })))).toBe(0)
      const { rows } = await wall.as('master', master, `select * from ${listed()}`)
      const hashes = ['A', 'B', 'M'].map((key) =>
        createHash('sha256')
          .update(invitationToken(key as 'A'))
          .digest('hex'),
      )
      for (const each of hashes) expect(JSON.stringify(rows)).not.toContain(each)
      await expect(wall.as('master', master, 'select token_hash from invitation')).rejects.toMatchObject({
        code: '42501',
      })
    })

    it('K02 are taken back by a person of the master: those into subtenants that wait, no others', async () => {
      const master = wall.sign('M')
      expect(await ask(master, n(back('A', 'B', 'C')))).toBe(3)
      expect(await ask(master, n(back('A', 'M')))).toBe(1)
      const end = `update invitation set outcome = 'declined', ended_at = now() where id = '${idOf('invitation A')}'`
      expect(await ask(master, n(back('A')), end)).toBe(0)
      for (const context of [...strangers(), wall.sign('M', { mode: 'job' })])
        await expect(ask(context, n(back('A')))).rejects.toMatchObject({ code: '42501' })
    })
  })

  it('C08 rate_hits counts what fits, and nothing of what does not', async () => {
    const hit = (limit: number, hits: number) =>
      `select wall.rate_hits('invite:wall', 3600, ${limit}, ${hits}) > 0 as late`
    const late = async (...statements: string[]) => {
      const answers: boolean[] = []
      for (let i = 1; i <= statements.length; i++)
        answers.push((await wall.as('system', null, ...statements.slice(0, i))).rows[0]?.late as boolean)
      return answers
    }
    expect(await late(hit(10, 11), hit(10, 6), hit(10, 5), hit(10, 4), hit(10, 1))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ])
    await expect(wall.as('master', wall.sign('M'), hit(10, 1))).rejects.toMatchObject({ code: '42501' })
  })
})
