import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { buildContext } from '@/server/context/build'
import {
  actAs,
  browserOn,
  handOver,
  ownCookie,
  REASON,
  start,
} from '@/server/features/impersonation/acting.fixture'
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import { actingIn } from '@/server/sweep/acting'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())
const { sql, run, status } = actingIn(() => world)

interface Row {
  tenant_id: string
  event: string
  actor_id: string
  subject_id: string
  acting_session_id: string
  acting_reason: string
  result: string
}
const rowsOf = async (event: string): Promise<Row[]> =>
  (
    await sql(
      'select * from audit_event where event = $1 and request_id <> $$$$ order by at desc, tenant_id',
      [event],
    )
  ).rows as Row[]

describe('Mara acts as Tom of Acme', () => {
  it('sees and may what Tom sees and may, on his host, in a session of its own', async () => {
    const tom = await actAs(world, 'Tom')
    const me = (await tom.run('account.me')).data as { username: string }
    expect(me.username).toBe('tom')
    expect(await tom.status('hosts.get', { id: resourceId('A web') })).toBe(200)
    expect(await tom.status('hosts.get', { id: resourceId('B web') })).toBe(404)
    expect(await tom.status('hosts.rename', { id: resourceId('A web'), name: 'renamed' })).toBe(403)
    expect(await status('Mara', 'account.me')).toBe(200)
    expect(await status('Tom', 'account.me')).toBe(200)
  })

  it('writes both people, session and reason into both logs, also of what is refused', async () => {
    const eve = await actAs(world, 'Eve')
    expect(await eve.status('hosts.rename', { id: resourceId('A web'), name: 'renamed' })).toBe(200)
    expect(await eve.status('account.changePassword', { current: 'x', password: 'y', confirm: 'y' })).toBe(
      403,
    )
    const { rows: sessions } = await sql('select session_id as id from impersonation where id = $1', [eve.id])
    for (const [event, result] of [
      ['host.rename', 'ok'],
      ['account.password_change', 'denied'],
      ['impersonation.enter', 'ok'],
    ]) {
      const found = (await rowsOf(event ?? '')).filter((row) => row.acting_session_id !== null)
      expect(found.map(({ tenant_id: at }) => at).sort(), event).toEqual(
        [MASTER_TENANT_ID, tenantId('A')].sort(),
      )
      for (const row of found)
        expect(row).toMatchObject({
          actor_id: userId('Mara'),
          subject_id: userId('Eve'),
          acting_session_id: (sessions[0] as { id: string }).id,
          acting_reason: REASON,
          result,
        })
    }
    const started = await rowsOf('impersonation.start')
    expect(started.map(({ tenant_id: at }) => at).sort()).toEqual([MASTER_TENANT_ID, tenantId('A')].sort())
    const chains = await verifyEveryChain()
    expect(chains.filter(({ brokenAt }) => brokenAt !== null)).toEqual([])
    for (const name of ['Ada', 'Mara'] as const)
      expect((await run(name, 'audit.verify')).data).toMatchObject({ intact: true })
    const listed = (await run('Ada', 'audit.list', { search: 'host.rename' })).data as { rows: object[] }
    expect(listed.rows[0]).toMatchObject({ acting: { id: userId('Eve'), reason: REASON } })
  })

  it('shows a changed reason or session as a broken chain', async () => {
    const eve = await actAs(world, 'Eve')
    await eve.run('hosts.rename', { id: resourceId('A web'), name: 'renamed' })
    const tamper = (change: string) =>
      sql(`begin; set local session_replication_role = replica; ${change}; commit`)
    const acme = async () => (await verifyEveryChain()).find(({ slug }) => slug === 'acme')?.brokenAt
    expect(await acme()).toBeNull()
    for (const change of [
      `update audit_event set acting_reason = 'nothing' where event = 'host.rename' and acting_reason <> ''`,
      `update audit_event set acting_session_id = null, acting_reason = '' where event = 'host.rename'`,
    ]) {
      await tamper(change)
      expect(await acme(), change).not.toBeNull()
      expect((await run('Ada', 'audit.verify')).data).toMatchObject({ intact: false })
    }
  })

  it('read-only changes nothing, and quits', async () => {
    const eve = await actAs(world, 'Eve', { readOnly: true })
    const rename = { id: resourceId('A web'), name: 'renamed' }
    const answer = await eve.run('hosts.rename', rename)
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('read-only') as string])
    expect(await eve.status('hosts.get', { id: resourceId('A web') })).toBe(200)
    expect(await eve.status('impersonation.quit')).toBe(200)
    const again = await actAs(world, 'Eve')
    expect(await again.status('hosts.rename', rename)).toBe(200)
  })

  it('quits to the page it began from; the admin is who they were', async () => {
    const from = `/admin/tenants/${tenantId('A')}/users`
    const tom = await actAs(world, 'Tom', { from })
    const quit = await tom.run('impersonation.quit')
    expect(quit.data).toEqual({ next: `http://localhost:3000${from}` })
    expect(quit.headers).toMatch(/set-cookie: fh-acting=; Path=\/; Max-Age=0/)
    expect(await tom.status('account.me')).toBe(401)
    expect(await status('Mara', 'account.me')).toBe(200)
    expect(await rowsOf('impersonation.quit')).toHaveLength(2)
    expect(await status('Ada', 'impersonation.quit')).toBe(409)
  })

  it('never goes to another site', async () => {
    const tom = await actAs(world, 'Tom', { from: '//evil.example' })
    expect((await tom.run('impersonation.quit')).data).toEqual({ next: 'http://localhost:3000/' })
  })

  it('is over: the page that says so comes, the cookie goes, and nobody is Tom', async () => {
    const tom = await actAs(world, 'Tom', { from: '/admin/tenants' })
    expect((await tom.get('/api/impersonation/ended')).headers).toMatch(/location: \/$/m)
    await sql(
      'update session set revoked_at = now() where id = (select session_id from impersonation where id = $1)',
      [tom.id],
    )
    const both = browserOn(world, 'Tom', `${tom.cookie}; ${ownCookie('Tom')}`)
    expect(await both.status('account.me')).toBe(401)
    const gone = await both.get('/api/impersonation/ended')
    expect(gone.headers).toContain(
      `location: http://acme.localhost:3000/impersonation-over?why=revoked&from=%2Fadmin%2Ftenants`,
    )
    expect(gone.headers).toMatch(/set-cookie: fh-acting=; .*Max-Age=0/)
    expect(await browserOn(world, 'Tom', ownCookie('Tom')).status('account.me')).toBe(200)
  })

  it('ends from the master’s side, too, and one at a time', async () => {
    const tom = await actAs(world, 'Tom')
    const second = await start(world, 'Eve')
    expect([second.status, second.text]).toEqual([403, expect.stringContaining('one at a time') as string])
    const options = (
      await run('Mara', 'impersonation.options', { tenantId: tenantId('A'), userId: userId('Eve') })
    ).data
    expect(options).toMatchObject({
      running: { tenant: 'Acme', href: 'http://acme.localhost:3000' },
      why: null,
    })
    expect(await status('Mara', 'impersonation.end')).toBe(200)
    expect(await tom.status('account.me')).toBe(401)
    expect(await status('Mara', 'impersonation.end')).toBe(409)
    expect((await start(world, 'Eve')).status).toBe(200)
  })

  it('keeps the admin’s own session from idling out, and ends with it', async () => {
    const tom = await actAs(world, 'Tom')
    await sql(
      `update session set last_seen_at = now() - interval '10 minutes', idle_expires_at = now() + interval '2 minutes'
      where id = $1 or impersonation_id is not null`,
      [idOf('session Mara')],
    )
    expect(await tom.status('account.me')).toBe(200)
    const { rows } = await sql(
      `select idle_expires_at > now() + interval '20 minutes' as pushed from session where id = $1`,
      [idOf('session Mara')],
    )
    expect(rows).toEqual([{ pushed: true }])
    await sql(`update session set idle_expires_at = now() - interval '1 second' where id = $1`, [
      idOf('session Mara'),
    ])
    expect(await tom.status('account.me')).toBe(401)
  })

  it('takes no code twice, of nobody else, and in no other browser', async () => {
    const begun = (await start(world, 'Tom')).data as { next: string }
    const other = await handOver(world, begun.next, 'Tom', 'Sam')
    expect(other.code.status).toBe(403)
    const { finish, codePath, nonce } = await handOver(world, begun.next, 'Tom')
    expect(finish.headers).toContain('set-cookie: fh-acting=')
    const again = await browserOn(world, 'Tom', nonce).get(codePath)
    expect(again.headers).not.toContain('fh-acting=')
    await status('Mara', 'impersonation.end')
    const next = (await start(world, 'Tom')).data as { next: string }
    const third = await handOver(world, next.next, 'Bo')
    expect(third.finish.headers).not.toContain('fh-acting=')
  })

  it('op names both', async () => {
    const tom = await actAs(world, 'Tom', { minutes: 15 })
    const op = await buildContext(world.factsOf('Tom', { cookie: tom.cookie }))
    expect(op.actor?.userId).toBe(userId('Tom'))
    expect(op.impersonator).toMatchObject({ userId: userId('Mara'), reason: REASON, readOnly: false })
    const left = Date.parse(op.impersonator?.endsAt ?? '') - Date.now()
    expect(left).toBeGreaterThan(14 * 60_000)
    expect(left).toBeLessThan(15.1 * 60_000)
  })
})
