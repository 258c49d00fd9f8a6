import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actAs, handOver, start } from '@/server/features/impersonation/acting.fixture'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { askAfter, doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

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
beforeEach(() => world.restore())

const sql = (text: string, values: unknown[] = []) => world.admin.query(text, values)
const MARA = { userId: userId('Mara'), sessionId: idOf('session Mara') }
const provider = (tenant: 'A' | 'B' | 'M' = 'A') => wall.sign(tenant, { mode: 'provider', ...MARA })
const begin = (subject: string, ask = false, minutes = 30) =>
  `wall.impersonation_begin(${ask}, '${subject}', 'for the test', ${minutes}, true, '/')`
const code = async (context: string, call: string, changes: string[] = []) => {
  const answer = await askAfter(world, context, call, changes)
  return (answer as { code: string }).code
}

describe('the database lets an impersonation begin', () => {
  it('for the provider at work in a subtenant, as one of its own who is enabled', async () => {
    expect(await code(provider(), begin(userId('Tom')))).toBe('ok')
    const refused: [string, string, string[]][] = [
      ['unknown', userId('Bo'), []],
      ['unknown', userId('Sam'), []],
      ['unknown', userId('Mara'), []],
      [
        'disabled',
        userId('Tom'),
        [`update user_account set status = 'disabled' where id = '${userId('Tom')}'`],
      ],
      [
        'password',
        userId('Tom'),
        [`update user_credential set must_change = true where user_id = '${userId('Tom')}'`],
      ],
      [
        'password',
        userId('Tom'),
        [`update user_credential set expires_at = now() where user_id = '${userId('Tom')}'`],
      ],
      ['password', userId('Tom'), [`delete from user_credential where user_id = '${userId('Tom')}'`]],
      ['unknown', userId('Tom'), [`delete from membership where user_id = '${userId('Tom')}'`]],
      ['tenant', userId('Tom'), [`update tenant set status = 'disabled' where id = '${tenantId('A')}'`]],
      ['session', userId('Tom'), [`update session set revoked_at = now() where id = '${MARA.sessionId}'`]],
      ['session', userId('Tom'), [`update user_account set status = 'disabled' where id = '${MARA.userId}'`]],
      ['never', userId('Tom'), [`update tenant set provider_access = 'never'`]],
      ['never', userId('Tom'), [`update tenant_role set provider_access = 'never'`]],
      ['consent', userId('Tom'), [`update tenant_role set provider_access = 'ask'`]],
      [
        'ok',
        userId('Tom'),
        [`update tenant set provider_access = 'never'`, `update tenant_role set provider_access = 'always'`],
      ],
      [
        'nested',
        userId('Tom'),
        [
          `update session set impersonation_id = '${idOf('impersonation A asked')}' where id = '${MARA.sessionId}'`,
        ],
      ],
    ]
    for (const [answer, subject, changes] of refused)
      expect([changes, await code(provider(), begin(subject), changes)]).toEqual([changes, answer])
  })

  it('from no other context', async () => {
    for (const context of [
      wall.sign('A', { mode: 'user', userId: userId('Ada'), sessionId: idOf('session Ada') }),
      wall.sign('M', { mode: 'user', ...MARA }),
      wall.sign('A', { mode: 'job', userId: MARA.userId, sessionId: null }),
      provider('M'),
    ])
      expect(await doneAs(world, 'tenant', context, `select ${begin(userId('Tom'))}`)).toBe('42501')
    expect(await doneAs(world, 'tenant', provider(), `select ${begin(userId('Tom'))}`)).toBe(1)
    // no more than an hour, whatever is asked
    expect(await doneAs(world, 'tenant', provider(), `select ${begin(userId('Tom'), false, 61)}`)).toBe(
      '23514',
    )
  })

  it('after asking, with what was agreed to, within a day', async () => {
    const ask = `update tenant set provider_access = 'ask'`
    const agree = `update impersonation set approved = true where id = '${idOf('impersonation A asked')}'`
    const eve = begin(userId('Eve'))
    expect(await code(provider(), eve, [ask, agree])).toBe('ok')
    expect(await code(provider(), eve, [ask])).toBe('consent')
    expect(await code(provider(), eve, [ask, agree.replace('true', 'false')])).toBe('consent')
    expect(await code(provider(), begin(userId('Tom')), [ask, agree])).toBe('consent')
    const late = `update impersonation set created_at = now() - interval '25 hours'`
    expect(await code(provider(), eve, [ask, agree, late])).toBe('consent')
    expect(await code(provider(), begin(userId('Eve'), true), [ask])).toBe('pending')
    expect(await code(provider(), begin(userId('Tom'), true), [ask])).toBe('ok')
    expect(await code(provider(), begin(userId('Tom'), true))).toBe('needless')
  })
})

describe('of what runs', () => {
  it('the code is the session’s own, once, within a minute, and for the nonce that it was made for', async () => {
    const { id } = (await start(world, 'Tom')).data as { id: string }
    const make = (parent: string) => `wall.impersonation_code(sha256('${parent}'), '${id}', '\\x01', '\\x02')`
    const token = `update session set token_hash = sha256('mara') where id = '${MARA.sessionId}'`
    const slug = (parent: string, changes: string[] = []) =>
      askAfter(world, '', make(parent), [token, ...changes])
    expect(await slug('mara')).toBe('acme')
    expect(
      await slug('sam', [
        `update session set token_hash = sha256('sam') where id = '${idOf('session Sam')}'`,
      ]),
    ).toBeNull()
    expect(await slug('mara', [`select ${make('mara')}`])).toBeNull()
    expect(
      await slug('mara', [`update impersonation set begun_at = now() - interval '61 seconds'`]),
    ).toBeNull()
    expect(
      await slug('mara', [`update session set revoked_at = now() where id = '${MARA.sessionId}'`]),
    ).toBeNull()
    expect(await slug('mara', [`update tenant set status = 'disabled' where slug = 'acme'`])).toBeNull()
    const enter = (nonce: string, host: string) =>
      `wall.impersonation_enter('\\x01', '\\x${nonce}', '${host}', '\\x0a', '', '', '') is not null`
    const entered = (nonce: string, host: string, changes: string[] = []) =>
      askAfter(world, '', enter(nonce, host), [token, `select ${make('mara')}`, ...changes])
    expect(await entered('02', 'acme')).toBe(true)
    expect(await entered('03', 'acme')).toBe(false)
    expect(await entered('02', 'bolt')).toBe(false)
    for (const change of [
      `update impersonation set code_expires_at = now()`,
      `update tenant set provider_access = 'never'`,
      `update tenant set status = 'disabled' where slug = 'acme'`,
      `update user_account set status = 'disabled' where id = '${userId('Tom')}'`,
      `update user_account set status = 'disabled' where id = '${MARA.userId}'`,
      `update session set idle_expires_at = now() where id = '${MARA.sessionId}'`,
      `update session set absolute_expires_at = now() where id = '${MARA.sessionId}'`,
    ])
      expect([change, await entered('02', 'acme', [change])]).toEqual([change, false])
  })

  it('a second one does not come in beside it', async () => {
    const { next } = (await start(world, 'Tom')).data as { next: string }
    const other = (await start(world, 'Eve')).data as { next: string }
    expect((await handOver(world, next, 'Tom')).finish.headers).toContain('fh-acting=')
    expect((await handOver(world, other.next, 'Eve')).finish.headers).not.toContain('fh-acting=')
  })

  it('a read-only session opens no transaction that writes', async () => {
    const eve = await actAs(world, 'Eve', { readOnly: true })
    const { rows } = await sql('select session_id from impersonation where id = $1', [eve.id])
    const { session_id: sessionId } = rows[0] as { session_id: string }
    const context = wall.sign('A', { mode: 'user', userId: userId('Eve'), sessionId })
    const enter = (write: boolean) => `select wall.enter('${context}', ${write}, '{${tenantId('A')}}', '{}')`
    expect(await doneAs(world, 'tenant', context, enter(true))).toBe('42501')
    expect(await doneAs(world, 'tenant', context, enter(false))).toBe(1)
    const writes = `update impersonation set read_only = false where id = '${eve.id}'`
    expect(await doneAs(world, 'tenant', context, enter(true), [writes])).toBe(1)
  })

  it('the tenant’s own people end it, and nobody else’s', async () => {
    const eve = await actAs(world, 'Eve')
    const of = (tenant: 'A' | 'B', mode: 'user' | 'provider' = 'user') =>
      wall.sign(tenant, { mode, userId: userId('Ada') })
    const cut = `wall.impersonation_cut('${eve.id}')`
    const ended = `${cut} * 10 + (select count(*)::int from session where impersonation_id = '${eve.id}' and revoked_at is null)`
    expect(await askAfter(world, of('B'), ended, [])).toBe(1)
    expect(await askAfter(world, of('A', 'provider'), ended, [])).toBe(1)
    await sql('begin')
    await sql(`select set_config('wall.ctx', $1, true)`, [of('A')])
    expect((await sql(`select ${cut} as n`)).rows).toEqual([{ n: 1 }])
    const { rows } = await sql(
      'select ended_why, (select revoked_at is not null from session s where s.id = session_id) as out from impersonation where id = $1',
      [eve.id],
    )
    await sql('rollback')
    expect(rows).toEqual([{ ended_why: 'cut', out: true }])
    const leave = `wall.impersonation_leave('${eve.id}')`
    expect(await askAfter(world, wall.sign('M', { userId: userId('Sam') }), leave, [])).toBe(false)
    expect(await askAfter(world, wall.sign('A', { userId: userId('Mara') }), leave, [])).toBe(false)
    expect(await askAfter(world, wall.sign('M', { userId: userId('Mara') }), leave, [])).toBe(true)
  })

  it('ends with the session that it began from, and says why', async () => {
    const eve = await actAs(world, 'Eve')
    await sql('update session set revoked_at = now() where id = $1', [MARA.sessionId])
    const { rows } = await sql(
      'select ended_why, (select revoked_at is not null from session s where s.id = session_id) as out from impersonation where id = $1',
      [eve.id],
    )
    expect(rows).toEqual([{ ended_why: 'admin', out: true }])
  })
})

describe('what is asked', () => {
  const answer = (id: string) =>
    `update impersonation set approved = true, decided_by_name = 'x' where id = '${id}'`
  const asked = idOf('impersonation A asked')
  const ada = (mode: 'user' | 'provider' = 'user') => wall.sign('A', { mode, userId: userId('Ada') })

  it('is answered once, in the tenant, and by no provider', async () => {
    expect(await doneAs(world, 'tenant', ada(), answer(asked))).toBe(1)
    expect(await doneAs(world, 'tenant', ada('provider'), answer(asked))).toBe(0)
    expect(await doneAs(world, 'tenant', ada(), answer(idOf('impersonation B asked')))).toBe(0)
    expect(await doneAs(world, 'tenant', ada(), answer(asked), [answer(asked)])).toBe(0)
    expect(await doneAs(world, 'tenant', ada(), answer(asked).replace('true', 'null'))).toBe('42501')
    expect(await doneAs(world, 'tenant', ada(), `update impersonation set reason = 'another one'`)).toBe(
      '42501',
    )
  })

  it('of its own row a tenant changes how the provider gets in, and nothing else', async () => {
    const set = (column: string) => `update tenant set ${column}`
    expect(await doneAs(world, 'tenant', ada(), set(`provider_access = 'never'`))).toBe(1)
    expect(await doneAs(world, 'tenant', ada('provider'), set(`provider_access = 'never'`))).toBe(0)
    for (const column of [`name = 'x'`, `status = 'active'`, `tenant_role_id = null`])
      expect(await doneAs(world, 'tenant', ada(), set(column))).toBe('42501')
  })

  it('stands in the master’s log only for an impersonation in that very tenant', async () => {
    const write = (id: string, kind = 'impersonation') =>
      `select wall.audit_write('{${tenantId('M')}}', '{"event": "impersonation.approve", "targetKind": "${kind}", "targetId": "${id}"}')`
    expect(await doneAs(world, 'tenant', ada(), write(asked))).toBe(1)
    expect(await doneAs(world, 'tenant', ada(), write(idOf('impersonation B asked')))).toBe('42501')
    expect(await doneAs(world, 'tenant', ada(), write(asked, 'host'))).toBe('42501')
    expect(await doneAs(world, 'tenant', ada(), write(resourceId('A web')))).toBe('42501')
  })
})
