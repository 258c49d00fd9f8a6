import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { listenAs } from '@/server/features/events/listen.fixture'
import {
  actAs,
  browserOn,
  handOver,
  ownCookie,
  REASON,
  start,
} from '@/server/features/impersonation/acting.fixture'
import { handleTrpc } from '@/server/http/trpc'
import { errorResponse } from '@/server/http/route'
import { listenForChanges } from '@/server/platform/listen'
import { actingIn } from '@/server/sweep/acting'
import { ask, call } from '@/server/sweep/call'
import { procedureOf } from '@/server/sweep/declared'
import { type PersonName, PEOPLE, tokenOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { whileHeld } from '@/test/held-lock'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const rename = { id: resourceId('A web'), name: 'renamed' }

describe('group F: impersonation', () => {
  let world: World
  let listener: { close: () => Promise<void> }
  const connections: AbortController[] = []
  beforeAll(async () => {
    world = await createWorld()
    listener = await listenForChanges(world.database.adminUrl, world.database.secret)
  })
  afterAll(async () => {
    await listener.close()
    await world.close()
  })
  beforeEach(() => world.restore())
  afterEach(() => {
    for (const one of connections.splice(0)) one.abort()
  })
  const { sql, run, status } = actingIn(() => world)
  const begin = (who: PersonName, as: PersonName) => start(world, as, { who })
  const actingRows = async () =>
    (
      await sql(
        'select tenant_id, event, result, actor_id, subject_id, acting_reason as reason from audit_event where acting_session_id is not null and request_id <> $$$$',
      )
    ).rows as {
      tenant_id: string
      event: string
      result: string
      actor_id: string
      subject_id: string
      reason: string
    }[]

  it('F01 an administrator of a subtenant impersonates nobody, at home or elsewhere', async () => {
    for (const who of ['Ada', 'Ann'] as const)
      for (const as of ['Tom', 'Bo'] as const)
        expect([who, as, (await begin(who, as)).status]).toEqual([who, as, 403])
    expect((await begin('Mara', 'Tom')).status).toBe(200)
  })

  it('F02 who has not the permission, or has it no more, impersonates nobody', async () => {
    expect((await begin('Sam', 'Tom')).status).toBe(403)
    const { next } = (await begin('Mara', 'Tom')).data as { next: string }
    await sql('delete from role_assignment where user_id = $1', [userId('Mara')])
    expect((await begin('Mara', 'Tom')).status).toBe(403)
    expect((await handOver(world, next, 'Tom')).code.status).toBe(403)
    await sql(
      `insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = 'super_admin'`,
      [MASTER_TENANT_ID, userId('Mara')],
    )
    expect((await handOver(world, next, 'Tom')).finish.headers).toContain('fh-acting=')
  })

  it('F03 nobody of the master, oneself or what is no person of the tenant', async () => {
    const at = (tenant: string, user: string) =>
      run('Mara', 'impersonation.start', { tenantId: tenant, userId: user, reason: REASON })
    expect((await at(MASTER_TENANT_ID, userId('Sam'))).status).toBe(403)
    expect((await at(MASTER_TENANT_ID, userId('Mara'))).status).toBe(403)
    expect((await at(tenantId('A'), userId('Mara'))).status).toBe(403)
    // a member of Acme whose home is the master, then one of Bolt, and one of Bolt who is no member
    await sql('insert into membership (tenant_id, user_id) values ($1, $2), ($1, $3)', [
      tenantId('A'),
      userId('Sam'),
      userId('Bo'),
    ])
    expect((await at(tenantId('A'), userId('Sam'))).status).toBe(404)
    expect((await at(tenantId('A'), userId('Bo'))).status).toBe(404)
    expect((await at(tenantId('A'), userId('Bolt Tom'))).status).toBe(404)
    expect((await at(tenantId('A'), idOf('nobody'))).status).toBe(404)
    expect((await at(tenantId('B'), userId('Bo'))).status).toBe(200)
  })

  it('F04 none begins inside another, nor beside it in a second tab', async () => {
    const ada = await actAs(world, 'Ada')
    const inside = await ada.run('impersonation.start', {
      tenantId: tenantId('A'),
      userId: userId('Tom'),
      reason: REASON,
    })
    expect(inside.status).toBe(403)
    const beside = await begin('Mara', 'Bo')
    expect([beside.status, beside.text]).toEqual([403, expect.stringContaining('one at a time') as string])
    await ada.run('impersonation.quit')
    expect((await begin('Mara', 'Bo')).status).toBe(200)
  })

  it('F05 after quitting one is who one was, and both logs say so', async () => {
    const ada = await actAs(world, 'Ada')
    expect((await begin('Mara', 'Tom')).status).toBe(403)
    await ada.run('impersonation.quit')
    const me = (await run('Mara', 'account.me')).data as { username: string }
    expect(me.username).toBe('mara')
    const tom = await actAs(world, 'Tom')
    await tom.run('impersonation.quit')
    expect(((await run('Mara', 'account.me')).data as { username: string }).username).toBe('mara')
    const quits = (await actingRows()).filter(({ event }) => event === 'impersonation.quit')
    expect(quits.map(({ tenant_id: at, subject_id: as }) => [at, as]).sort()).toEqual(
      [
        [MASTER_TENANT_ID, userId('Ada')],
        [MASTER_TENANT_ID, userId('Tom')],
        [tenantId('A'), userId('Ada')],
        [tenantId('A'), userId('Tom')],
      ].sort(),
    )
  })

  it('F06 nobody who is disabled, has no password of their own, or whose tenant is closed', async () => {
    const states: [string, string, string][] = [
      ['tenant', `update tenant set status = 'disabled' where id = '${tenantId('A')}'`, 'disabled'],
      ['user', `update user_account set status = 'disabled' where id = '${userId('Tom')}'`, 'disabled'],
      [
        'must change',
        `update user_credential set must_change = true where user_id = '${userId('Tom')}'`,
        'password',
      ],
      [
        'expired',
        `update user_credential set expires_at = now() where user_id = '${userId('Tom')}'`,
        'password',
      ],
      ['invited', `delete from user_credential where user_id = '${userId('Tom')}'`, 'password'],
    ]
    for (const [what, change, word] of states) {
      await sql(change)
      const answer = await begin('Mara', 'Tom')
      expect([what, answer.status, answer.text.includes(word)]).toEqual([what, 403, true])
      await world.restore()
    }
    for (const as of ['Cora', 'Ella'] as const)
      expect([as, [403, 404].includes((await begin('Mara', as)).status)]).toEqual([as, true])
    expect((await begin('Mara', 'Tom')).status).toBe(200)
    await sql('update installation set multi_tenant_enabled = false')
    expect((await begin('Mara', 'Tom')).status).toBe(501)
  })

  /** What ends it in mid-session: in the next request, in a change that waits for its lock, and in an open stream within a second. */
  const ENDS: [string, string, string][] = [
    [
      'F07',
      'the user is disabled',
      `update user_account set status = 'disabled' where id = '${userId('Eve')}'`,
    ],
    ['F07', 'the tenant is disabled', `update tenant set status = 'disabled' where id = '${tenantId('A')}'`],
    ['F07', 'the user is removed from it', `delete from membership where user_id = '${userId('Eve')}'`],
    ['F08', 'the permission is taken', `delete from role_assignment where user_id = '${userId('Mara')}'`],
    [
      'F08',
      'the admin is disabled',
      `update user_account set status = 'disabled' where id = '${userId('Mara')}'`,
    ],
    [
      'F08',
      'the admin signs out',
      `update session set revoked_at = now() where id = '${idOf('session Mara')}'`,
    ],
    [
      'F08',
      'the tenant cuts it off',
      `update session set revoked_at = now() where impersonation_id is not null`,
    ],
  ]
  it.each(ENDS)('%s it ends when %s: the request, what waits, and the stream', async (_id, _what, change) => {
    const eve = await actAs(world, 'Eve')
    expect(await eve.status('account.me')).toBe(200)
    const gone = new AbortController()
    connections.push(gone)
    const facts = {
      ...world,
      factsOf: () => ({ ...world.factsOf('Eve', { cookie: eve.cookie }), path: '/api/events' }),
    }
    const stream = await listenAs(facts, 'Eve', gone)
    const end = async () => {
      const from = Date.now()
      await sql(change)
      expect((await stream.ended) - from).toBeLessThan(1000)
    }
    const write = () => eve.status('hosts.rename', rename)
    const { waited, done } = await whileHeld(world, tenantId('A'), write, end, 'exclusive')
    expect([waited, await done]).toEqual([true, 401])
    expect(await eve.status('account.me')).toBe(401)
    const { rows } = await sql('select name from resource where id = $1', [rename.id])
    expect(rows).not.toEqual([{ name: 'renamed' }])
  })

  it('F11 its cookie is worth nothing after it, and no other cookie is worth it', async () => {
    const tom = await actAs(world, 'Tom')
    const token = tom.cookie.split('=')[1] ?? ''
    expect(await browserOn(world, 'Tom', `fh=${token}`).status('account.me')).toBe(401)
    expect(await browserOn(world, 'Tom', `fh=${tokenOf('Mara')}`).status('account.me')).toBe(401)
    await tom.run('impersonation.quit')
    expect(await tom.status('account.me')).toBe(401)
    const again = await actAs(world, 'Tom')
    expect(again.cookie).not.toBe(tom.cookie)
    expect(await again.status('account.me')).toBe(200)
    expect(await tom.status('account.me')).toBe(401)
  })

  it('F12 quitting twice, after signing out or in another tab never leaves one as the user', async () => {
    const from = '/admin/tenants'
    const tom = await actAs(world, 'Tom', { from })
    const tabs = browserOn(world, 'Tom', `${tom.cookie}; ${ownCookie('Tom')}`)
    expect(await tabs.status('impersonation.quit')).toBe(200)
    expect(await tabs.status('impersonation.quit')).toBe(401)
    for (const path of ['/api/hosts/export.csv', '/api/events'])
      expect((await tabs.get(path)).status).toBe(401)
    expect((await tabs.get('/api/impersonation/ended')).headers).toContain(
      '/impersonation-over?why=quit&from=%2Fadmin%2Ftenants',
    )
    const eve = await actAs(world, 'Eve')
    await sql('update session set revoked_at = now() where id = $1', [idOf('session Mara')])
    expect(await eve.status('impersonation.quit')).toBe(401)
    expect((await eve.get('/api/impersonation/ended')).headers).toContain('why=admin')
    expect(await status('Mara', 'account.me')).toBe(401)
  })

  it('F14 a cookie of another kind, a header or an input makes nobody somebody else', async () => {
    const swapped = browserOn(world, 'Tom', `fh-acting=${tokenOf('Ada')}; ${ownCookie('Tom')}`)
    expect(await swapped.status('account.me')).toBe(401)
    expect(await browserOn(world, 'Tom', ownCookie('Tom')).status('account.me')).toBe(200)
    const tom = await actAs(world, 'Tom')
    expect(
      await browserOn(world, 'Mara', `${tom.cookie}; ${ownCookie('Mara')}`).run('account.me'),
    ).toMatchObject({
      data: { username: 'mara' },
    })
    const strict = await run('Mara', 'impersonation.start', {
      tenantId: tenantId('A'),
      userId: userId('Tom'),
      reason: REASON,
      actorId: userId('Sam'),
    })
    expect(strict.status).toBe(400)
    expect((await ask(world, 'Mara', '/api/auth/session')).status).toBe(404)
  })

  it('F15 it lasts an hour at most, and is over when it is over', async () => {
    for (const minutes of [0, 61, 90, 1440])
      expect([
        minutes,
        (
          await run('Mara', 'impersonation.start', {
            tenantId: tenantId('A'),
            userId: userId('Tom'),
            reason: REASON,
            minutes,
          })
        ).status,
      ]).toEqual([minutes, 400])
    const tom = await actAs(world, 'Tom', { minutes: 60 })
    await expect(
      sql(`update impersonation set ends_at = ends_at + interval '2 minutes' where id = $1`, [tom.id]),
    ).rejects.toThrow(/impersonation_length_check/)
    await sql(`update session set absolute_expires_at = now() where impersonation_id = $1`, [tom.id])
    expect(await tom.status('account.me')).toBe(401)
    await sql(`update session set absolute_expires_at = now() + interval '10 minutes' where id = $1`, [
      idOf('session Mara'),
    ])
    const eve = await actAs(world, 'Eve', { minutes: 60 })
    const { rows } = await sql(
      'select i.ends_at = p.absolute_expires_at as same from impersonation i join session p on p.id = i.parent_session_id where i.id = $1',
      [eve.id],
    )
    expect(rows).toEqual([{ same: true }])
  })

  it('F16 another site begins and quits nothing', async () => {
    const post = (
      as: PersonName,
      name: string,
      body: object | undefined,
      cookie: string,
      more: Record<string, string>,
    ) => {
      const facts = world.factsOf(as, { cookie })
      const request = new Request(`http://freehold.invalid/api/trpc/${name}`, {
        method: 'POST',
        body: body && JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...more },
      })
      return handleTrpc(request, facts).catch((error: unknown) => errorResponse(error, facts.requestId))
    }
    const input = { tenantId: tenantId('A'), userId: userId('Tom'), reason: REASON, readOnly: false }
    const tom = await actAs(world, 'Tom')
    const forged: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'http://acme.localhost:3000', 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const more of forged) {
      expect((await post('Mara', 'impersonation.end', undefined, ownCookie('Mara'), more)).status).toBe(403)
      expect((await post('Mara', 'impersonation.start', input, ownCookie('Mara'), more)).status).toBe(403)
    }
    const elsewhere: Record<string, string>[] = [
      { origin: 'http://localhost:3000' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const more of elsewhere)
      expect((await post('Tom', 'impersonation.quit', undefined, tom.cookie, more)).status).toBe(403)
    const asGet = await call(world, 'Tom', { name: 'impersonation.quit', type: 'query' }, undefined, {
      facts: { cookie: tom.cookie },
    })
    expect(asGet.status).toBe(405)
    expect(await tom.status('account.me')).toBe(200)
    // the GETs of the hand-off begin nothing by themselves
    const nonce = '0'.repeat(64)
    const led = await ask(
      world,
      'Mara',
      `/api/impersonation/continue?i=${idOf('impersonation A asked')}&n=${nonce}`,
    )
    expect(led.headers).toContain('/impersonation-over?why=start')
    const own = { origin: 'http://acme.localhost:3000', 'sec-fetch-site': 'same-origin' }
    expect((await post('Tom', 'impersonation.quit', undefined, tom.cookie, own)).status).toBe(200)
  })

  it('F18 what was begun in Acme is worth nothing in Bolt', async () => {
    const ada = await actAs(world, 'Ada')
    const inBolt = browserOn(world, 'Bo', ada.cookie)
    expect(await inBolt.status('account.me')).toBe(401)
    expect(await ada.status('hosts.get', { id: resourceId('B web') })).toBe(404)
    expect(await ada.status('hosts.rename', { id: resourceId('B web'), name: 'x' })).toBe(404)
    expect(await ada.status('hosts.rename', rename)).toBe(200)
    expect(await browserOn(world, 'Mara', ada.cookie.replace('fh-acting', 'fh')).status('account.me')).toBe(
      401,
    )
  })

  it('F19 the user sees who is in as them, and the tenant who was, when, why and what they did', async () => {
    const tom = await actAs(world, 'Tom')
    const sessions = (await run('Tom', 'sessions.list')).data as { rows: { device: string }[] }
    expect(sessions.rows.map(({ device }) => device)).toContainEqual(
      expect.stringMatching(/^Mara .*of your provider, as you$/),
    )
    await tom.run('hosts.rename', rename)
    const visits = (await run('Ada', 'providerAccess.visits', {})).data as { rows: { id: string }[] }
    expect(visits.rows[0]).toMatchObject({
      id: tom.id,
      state: 'live',
      reason: REASON,
      readOnly: false,
      who: expect.stringContaining('mara') as string,
    })
    const acts = (await run('Ada', 'providerAccess.acts', { id: tom.id })).data as {
      rows: { event: string }[]
    }
    expect(acts.rows.map(({ event }) => event)).toEqual(['host.rename', 'impersonation.enter'])
    expect(await status('Bo', 'providerAccess.acts', { id: tom.id })).toBe(404)
  })

  it('F20 nothing begins without a reason', async () => {
    const because = (reason: unknown) =>
      run('Mara', 'impersonation.start', { tenantId: tenantId('A'), userId: userId('Tom'), reason })
    for (const reason of ['', '     ', 'abcd', ' ab  ', 'x'.repeat(501), 'line\nbreak', undefined, null, 5])
      expect([reason, (await because(reason)).status]).toEqual([reason, 400])
    expect((await because('abcde')).status).toBe(200)
    expect(Object.keys(PEOPLE)).toContain('Tom')
    expect(procedureOf('impersonation.request').declaration?.audit).toBe('impersonation.request')
  })
})
