import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { call } from '@/server/sweep/call'
import { procedureOf } from '@/server/sweep/declared'
import type { ActorName } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { plantEmergency, plantFactors } from '@/test/plant-factor'
import { createWorld, type World } from '@/test/world'
import { allow, ELSEWHERE, HOME } from './allow.fixture'
import type { AllowList } from './allow-list.schema'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

interface Problem {
  message: string
  fields?: object
}

async function run(actor: ActorName, name: string, input?: unknown, ip = HOME) {
  const { status, data, text } = await call(world, actor, procedureOf(`allowList.${name}`), input, {
    facts: { ip },
  })
  // What is refused before any procedure is asked comes without the frame of one.
  const json = JSON.parse(text) as Partial<Problem> & { error?: { data?: { body: Problem } } }
  const { message, fields } = json.error?.data?.body ?? json
  return { status, data: data as AllowList, message, fields }
}
const line = (network: string, note = '') => ({ network, note })
const set = (actor: ActorName, lines: object[], more: object = {}) => run(actor, 'set', { lines, ...more })
const audited = async (event: string) =>
  (
    await world.admin.query<{ tenant_id: string; before: object; after: object; result: string }>(
      `select tenant_id, before, after, result from audit_event where event = $1 and request_id <> '' order by tenant_id`,
      [event],
    )
  ).rows

describe('the list', () => {
  it('is seen and set by who may, tidied, in the log; every tenant has its own', async () => {
    expect((await run('Ada', 'get')).data).toMatchObject({
      lines: [],
      address: HOME,
      can: { set: true, appoint: true },
    })
    expect((await set('Tom', [line(HOME)])).status).toBe(403)
    expect((await set('Eve', [line(HOME)])).status).toBe(403)
    const done = await set('Ann', [
      line('192.0.2.9', 'covered'),
      line(' 192.0.2.77/24 ', 'Office'),
      line('2001:DB8:0::/48'),
      line('::ffff:10.0.0.0/104', ' VPN '),
      line('10.0.0.0/8'),
    ])
    const lines = [line('192.0.2.0/24', 'Office'), line('2001:db8::/48'), line('10.0.0.0/8', 'VPN')]
    expect(done).toMatchObject({ status: 200, data: { lines } })
    expect((await run('Ada', 'get')).data.lines).toEqual(lines)
    expect((await run('Bo', 'get')).data.lines).toEqual([])
    expect((await run('Mara', 'get')).data.lines).toEqual([])
    expect(await audited('settings.addresses')).toMatchObject(
      [
        { tenant_id: tenantId('A'), result: 'denied' },
        { tenant_id: tenantId('A'), result: 'denied' },
        {
          tenant_id: tenantId('A'),
          before: { addresses: [] },
          after: {
            addresses: ['192.0.2.0/24 (Office)', '2001:db8::/48', '10.0.0.0/8 (VPN)'],
            shutOut: false,
          },
          result: 'ok',
        },
      ].sort(() => 0),
    )
    expect((await set('Ada', [])).data.lines).toEqual([])
  })

  it('names the lines that are wrong', async () => {
    const wrong = await set('Ada', [
      line(HOME),
      line('10.0.0.300'),
      line('office'),
      line(''),
      line('1.2.3.4', 'x'.repeat(101)),
    ])
    expect(wrong.status).toBe(400)
    expect(Object.keys(wrong.fields ?? {})).toEqual(['lines.1', 'lines.2', 'lines.3', 'lines.4'])
    expect((await set('Ada', [line(HOME, 'two\nlines')])).status).toBe(400)
    const many = (n: number) => Array.from({ length: n }, (_, i) => line(`192.0.2.${i}`))
    expect((await set('Ada', many(101))).status).toBe(400)
    expect((await set('Ada', many(100))).data.lines).toHaveLength(100)
  })

  it('does not shut out who sets it, unless they say so and there is another way in', async () => {
    const away = [line('198.51.100.0/24')]
    for (const [input, words] of [
      [{}, /Add it, or tick that you know/],
      [{ knowing: true }, /First choose an account/],
    ] as const) {
      const refused = await set('Ada', away, input)
      expect([refused.status, Object.keys(refused.fields ?? {})]).toEqual([409, ['knowing']])
      expect(refused.message).toMatch(words)
      expect(refused.message).toContain(HOME)
      expect((await run('Ada', 'get')).data.lines).toEqual([])
    }
    await plantEmergency(world)
    await world.admin.query(`update break_glass set rp_id = 'acme.localhost'`)
    expect((await set('Ada', away)).status).toBe(409)
    // One that does not work is none.
    await world.admin.query('update user_credential set must_change = true where user_id = $1', [
      userId('Tom'),
    ])
    expect((await set('Ada', away, { knowing: true })).status).toBe(409)
    await world.admin.query('update user_credential set must_change = false where user_id = $1', [
      userId('Tom'),
    ])
    expect((await set('Ada', away, { knowing: true })).status).toBe(200)
    expect((await run('Ada', 'get')).status).toBe(403)
    expect((await run('Ada', 'get', undefined, '198.51.100.3')).data.lines).toEqual(away)
  })
})

describe('the provider', () => {
  it('helps who shut themselves out, in both logs; nobody else does', async () => {
    await allow(world, 'A', '198.51.100.0/24')
    expect((await run('Ada', 'get')).status).toBe(403)
    const id = tenantId('A')
    expect((await run('Mara', 'ofTenant', { id })).data.lines).toEqual([line('198.51.100.0/24')])
    for (const actor of ['Sam', 'Bo'] as const) {
      expect((await run(actor, 'ofTenant', { id })).status).toBe(403)
      expect((await run(actor, 'setOfTenant', { id, lines: [] })).status).toBe(403)
    }
    const lines = [line('198.51.100.0/24'), line('192.0.2.0/24', 'New office')]
    expect((await run('Mara', 'setOfTenant', { id, lines })).data.lines).toEqual(lines)
    expect((await run('Ada', 'get')).data.lines).toEqual(lines)
    const rows = (await audited('settings.addresses')).filter(({ result }) => result === 'ok')
    expect(rows.map(({ tenant_id: at }) => at).sort()).toEqual([MASTER_TENANT_ID, id].sort())
    for (const row of rows)
      expect(row).toMatchObject({ after: { addresses: ['198.51.100.0/24', '192.0.2.0/24 (New office)'] } })
    expect((await run('Mara', 'setOfTenant', { id: MASTER_TENANT_ID, lines: [] })).status).toBe(400)
  })
})

describe('accounts for emergency access', () => {
  it('are chosen by the owner, two at most, of those who have what it takes', async () => {
    await plantFactors(world)
    expect((await run('Ann', 'get')).data).toMatchObject({
      can: { set: true, appoint: false },
      candidates: [],
    })
    const found = await run('Ada', 'get')
    expect(found.data.candidates.map(({ username }) => username).sort()).toEqual([
      'ada',
      'ann',
      'eve',
      'exa',
      'nora',
      'tom',
    ])
    expect((await run('Ann', 'appoint', { userId: userId('Tom') })).message).toMatch(/Only the owner/)
    expect((await run('Ada', 'appoint', { userId: userId('Bo') })).status).toBe(404)
    expect((await run('Ada', 'appoint', { userId: userId('Mara') })).status).toBe(404)
    const done = await run('Ada', 'appoint', { userId: userId('Tom') })
    expect(done.data.accounts).toMatchObject([{ username: 'tom', works: true }])
    expect((await run('Ada', 'appoint', { userId: userId('Tom') })).status).toBe(409)
    expect((await run('Ada', 'appoint', { userId: userId('Ada') })).status).toBe(200)
    expect((await run('Ada', 'appoint', { userId: userId('Eve') })).message).toMatch(/Two accounts/)
    expect((await run('Ann', 'dismiss', { userId: userId('Tom') })).status).toBe(403)
    expect((await run('Ada', 'dismiss', { userId: userId('Eve') })).status).toBe(404)
    expect((await run('Ada', 'dismiss', { userId: userId('Tom') })).data.accounts).toMatchObject([
      { username: 'ada' },
    ])
    expect((await run('Ada', 'appoint', { userId: userId('Eve') })).status).toBe(200)
    expect((await audited('break_glass.appoint')).filter(({ result }) => result === 'ok')).toHaveLength(3)
    // In the master a Super Admin does.
    expect((await run('Sam', 'appoint', { userId: userId('Mara') })).status).toBe(403)
    expect((await run('Mara', 'appoint', { userId: userId('Mara') })).status).toBe(200)
  })

  it('C06 need a password of their own and a second factor for this host', async () => {
    const tries = () => run('Ada', 'appoint', { userId: userId('Tom') })
    expect((await tries()).status).toBe(409)
    const key = (rp: string) =>
      world.admin.query(
        `insert into user_passkey (tenant_id, user_id, rp_id, name, credential_id, public_key, counter) values ($1, $2, $3, 'Key', $4, 'k', 0)`,
        [tenantId('A'), userId('Tom'), rp, Buffer.from(rp)],
      )
    await key('bolt.localhost')
    expect((await tries()).status).toBe(409)
    await key('acme.localhost')
    for (const [off, on] of [
      ['must_change = true', 'must_change = false'],
      [`expires_at = now() - interval '1 second'`, 'expires_at = null'],
    ]) {
      await world.admin.query(`update user_credential set ${off} where user_id = $1`, [userId('Tom')])
      expect([off, (await tries()).status]).toEqual([off, 409])
      await world.admin.query(`update user_credential set ${on} where user_id = $1`, [userId('Tom')])
    }
    expect((await tries()).status).toBe(200)
  })

  it.each([
    [
      'the second factor',
      'delete from user_passkey where user_id = $1',
      'delete from user_totp where user_id = $1',
    ],
    ['the account', `update user_account set status = 'disabled' where id = $1`],
    ['the password', 'delete from user_credential where user_id = $1'],
    ['the membership', 'delete from membership where user_id = $1'],
    [
      'the home',
      `update user_account set home_tenant_id = '${tenantId('B')}', username = 'tom2' where id = $1`,
    ],
  ])('are none any more without %s', async (_what, ...statements) => {
    await plantEmergency(world)
    const those = async () =>
      (await world.admin.query('select user_id from break_glass where user_id = $1', [userId('Tom')]))
        .rowCount
    await world.admin.query(
      `insert into user_passkey (tenant_id, user_id, rp_id, name, credential_id, public_key, counter) values ($1, $2, 'localhost', 'Key', 'c', 'k', 0)`,
      [tenantId('A'), userId('Tom')],
    )
    await world.admin.query('update session set break_glass = true where user_id = any ($1)', [
      [userId('Tom'), userId('Ada')],
    ])
    const [last = '', ...before] = [...statements].reverse()
    for (const statement of before.reverse()) {
      await world.admin.query(statement, [userId('Tom')])
      expect(await those()).toBe(1)
    }
    await world.admin.query(last, [userId('Tom')])
    expect(await those()).toBe(0)
    const { rows } = await world.admin.query<{ user_id: string; over: boolean }>(
      'select distinct user_id, revoked_at is not null as over from session where break_glass and user_id = any ($1)',
      [[userId('Tom'), userId('Ada')]],
    )
    expect(rows).toEqual(
      expect.arrayContaining([
        { user_id: userId('Tom'), over: true },
        { user_id: userId('Ada'), over: false },
      ]),
    )
    expect(await audited('break_glass.end')).toHaveLength(0) // nobody's request
    const ended = await world.admin.query(
      `select 1 from audit_event where event = 'break_glass.end' and tenant_id = $1`,
      [tenantId('A')],
    )
    expect(ended.rowCount).toBe(1)
  })
})

it('a caller elsewhere is told the address, and nothing of the list', async () => {
  await allow(world, 'A', '192.0.2.0/24')
  const refused = await run('Ada', 'get', undefined, ELSEWHERE)
  expect([refused.status, refused.message]).toEqual([403, `This address (${ELSEWHERE}) is not allowed here.`])
  expect((await run('Ada', 'get')).status).toBe(200)
})
