import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventStream } from '@/server/features/events/event-stream'
import { type Heard, listenAs, sleep } from '@/server/features/events/listen.fixture'
import { grantsRouter } from '@/server/features/grants/grants.router'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { listenForChanges, onChange, readNotice, recentChanges } from '@/server/platform/listen'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { type ActorName, tokenOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { ORGANIZATION_ROLE, resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ grants: grantsRouter, hosts: hostsRouter }))

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

const listen = (actor: ActorName, age?: string): Promise<Heard> => {
  const gone = new AbortController()
  connections.push(gone)
  return listenAs(world, actor, gone, age)
}
const touch = (label: string) =>
  world.admin.query(
    `update resource_state set status = case status when 'online' then 'offline' else 'online' end where resource_id = $1`,
    [resourceId(label)],
  )

describe('live pages', () => {
  it('hear of a change of what they see, by id only, and of nothing else (A14, K14)', async () => {
    const [tom, bo, mara] = [await listen('Tom'), await listen('Bo'), await listen('Mara')]
    for (const label of ['B web', 'assigned A', 'master private']) await touch(label)
    expect((await tom.until('changed')).data).toEqual([resourceId('assigned A')])
    expect((await bo.until('changed')).data).toEqual([resourceId('B web')])
    expect((await mara.until('changed')).data as string[]).toEqual(
      expect.arrayContaining([resourceId('assigned A'), resourceId('master private')]),
    )
    await touch('B db')
    await bo.until('changed')
    await sleep(300)
    expect(tom.events).toEqual([])
    for (const foreign of ['B web', 'B db', 'master private'])
      expect(tom.text()).not.toContain(resourceId(foreign))
    expect(mara.text()).not.toContain(resourceId('B web'))
    expect(`${tom.text()}${bo.text()}${mara.text()}`).not.toMatch(/CNRY|web-01|acme/i)
  })

  it('hear when something comes to them or is taken away', async () => {
    const [tom, bo] = [await listen('Tom'), await listen('Bo')]
    const api = caller({ op: await world.opOf('Mara') })
    await api.hosts.assign({ ids: [resourceId('assigned B')], tenantId: tenantId('A') })
    await tom.until('refresh')
    await bo.until('refresh')
    await touch('assigned B')
    expect((await tom.until('changed')).data).toEqual([resourceId('assigned B')])
    await sleep(600)
    expect(bo.events).toEqual([])
    await api.hosts.setVisibility({ id: resourceId('public'), visibility: 'private' })
    await tom.until('refresh')
    await bo.until('refresh')
    await touch('public')
    await sleep(1200)
    expect([...tom.events, ...bo.events]).toEqual([])
  })

  it('hear on both sides of a share when it is taken, given up or declined, and when the thing goes', async () => {
    await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [
      ORGANIZATION_ROLE,
      tenantId('A'),
    ])
    const [ada, bo] = [await listen('Ada'), await listen('Bo')]
    const both = async (what: () => Promise<unknown>) => {
      await what()
      await Promise.all([ada.until('refresh'), bo.until('refresh')])
    }
    const [owner, taker] = [caller({ op: await world.opOf('Ada') }), caller({ op: await world.opOf('Bo') })]
    await both(() => taker.grants.accept({ id: idOf('grant A web') }))
    await both(() => taker.grants.leave({ id: idOf('grant A web') }))
    await both(() => taker.grants.decline({ id: idOf('grant A db') }))
    const secret = { kind: 'host', resourceId: resourceId('A secret'), tenantId: tenantId('B') }
    await both(() => owner.grants.create({ ...secret, role: 'viewer' }))
    await both(() => owner.hosts.remove({ id: resourceId('A secret') }))
    await sleep(600)
    expect([...ada.events, ...bo.events]).toEqual([])
  })

  it('end when the tenant is disabled: told within a second, and closed', async () => {
    const [tom, bo] = [await listen('Tom'), await listen('Bo')]
    const from = Date.now()
    await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
    expect((await tom.until('bye')).at - from).toBeLessThan(1000)
    expect((await tom.ended) - from).toBeLessThan(1000)
    await touch('B web')
    await bo.until('changed')
    expect((await listen('Tom')).status).toBe(401)
  })

  it('end when the session is ended or the person disabled, within 5 s', async () => {
    const [tom, ada] = [await listen('Tom'), await listen('Ada')]
    const from = Date.now()
    await world.admin.query(
      `update session set revoked_at = now() where token_hash = sha256(convert_to($1, 'UTF8'))`,
      [tokenOf('Tom')],
    )
    expect((await tom.ended) - from).toBeLessThan(1000)
    await world.admin.query(
      `update user_account set status = 'disabled' where username = 'ada' and home_tenant_id = $1`,
      [tenantId('A')],
    )
    expect((await ada.ended) - from).toBeLessThan(5000)
  })

  it('tell nothing of hosts to who may not see hosts any more', async () => {
    const eve = await listen('Eve')
    await world.admin.query(
      `delete from role_assignment where user_id = (select id from user_account where username = 'eve')`,
    )
    await sleep(4200)
    // The page loads anew, and from then on hears of nothing
    expect(eve.events.splice(0)).toHaveLength(1)
    await touch('A web')
    await sleep(1200)
    expect(eve.events).toEqual([])
  })

  it('do not keep a session from idling out', async () => {
    await world.admin.query(
      `update session set last_seen_at = now() - interval '5 minutes', idle_expires_at = now() + interval '3 seconds' where token_hash = sha256(convert_to($1, 'UTF8'))`,
      [tokenOf('Bo')],
    )
    const bo = await listen('Bo') // opening the page counts as the person's doing
    await world.admin.query(
      `update session set last_seen_at = now() - interval '5 minutes', idle_expires_at = now() + interval '3 seconds' where token_hash = sha256(convert_to($1, 'UTF8'))`,
      [tokenOf('Bo')],
    )
    const from = Date.now()
    expect((await bo.ended) - from).toBeLessThan(8000)
  })

  it('are six to a session', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => listen('Tom')))
    expect(all.map(({ status }) => status)).toEqual(Array<number>(6).fill(200))
    expect((await listen('Tom')).status).toBe(429)
    expect((await listen('Bo')).status).toBe(200)
    connections[0]?.abort()
    await sleep(20)
    expect((await listen('Tom')).status).toBe(200)
  })

  it('are for people who are signed in', async () => {
    for (const actor of ['nobody', 'garbage', 'Exa', 'Cai', 'Eli'] as const)
      expect((await listen(actor)).status).toBe(401)
  })

  it('hear what changed while the page was made and sent, and only that', async () => {
    await touch('A web')
    await touch('B web')
    await vi.waitFor(() => expect(recentChanges(5000).length).toBeGreaterThan(1))
    const [late, now, odd] = [await listen('Tom', '5000'), await listen('Eve'), await listen('Ada', '-1e999')]
    expect((await late.until('changed')).data).toEqual([resourceId('A web')])
    await sleep(700)
    expect([...late.events, ...now.events, ...odd.events]).toEqual([])
    expect(late.text()).not.toContain(resourceId('B web'))
  })

  it('load anew where more changed meanwhile than is remembered', async () => {
    await world.admin.query(
      `select pg_notify('freehold', 'r:' || gen_random_uuid()) from generate_series(1, 2001)`,
    )
    await vi.waitFor(() => expect(recentChanges(5000)).toEqual([{ kind: 'missed' }]))
    await (await listen('Tom', '5000')).until('refresh')
  })

  it('load anew when the listener was away', async () => {
    const tom = await listen('Tom')
    const killed = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'freehold changes'`
    expect((await world.admin.query(killed)).rowCount).toBe(1)
    await tom.until('refresh')
    await touch('A web')
    expect((await tom.until('changed')).data).toEqual([resourceId('A web')])
  })
})

describe('an event stream', () => {
  it('holds back from a reader that does not read, and goes on when it does', async () => {
    let drained = 0
    let gone = 0
    const stream = eventStream({ drain: () => void drained++, gone: () => void gone++ })
    let sent = 0
    while (stream.send('changed', 'x'.repeat(1000))) sent++
    expect(sent).toBeLessThan(20)
    expect(stream.send('changed')).toBe(false)
    const reader = stream.response.body?.getReader()
    for (let i = 0; i < sent; i++) await reader?.read()
    expect(drained).toBe(1)
    expect(stream.send('refresh')).toBe(true)
    stream.close()
    stream.close()
    expect(gone).toBe(1)
    expect(stream.send('late')).toBe(false)
  })
})

describe('notices', () => {
  it('are ids of a known form or nothing', async () => {
    const id = resourceId('A web')
    expect(readNotice(`r:${id},nonsense`)).toEqual({ kind: 'resources', ids: [id] })
    expect(readNotice(`t:${id}`)).toEqual({ kind: 'tenant', id })
    expect(readNotice(`s:${id}`)).toEqual({ kind: 'session', id })
    expect(readNotice('p:')).toEqual({ kind: 'public' })
    for (const text of ['', 'r:', 't:*', 'x:1', `T:${id}`]) expect(readNotice(text)).toBeNull()
  })

  it('reach every hearer, also when one of them fails', async () => {
    const heard: string[] = []
    const stop = [
      onChange(() => {
        throw new Error('broken')
      }),
      onChange((notice) => void heard.push(notice.kind)),
    ]
    await touch('A web')
    await sleep(200)
    for (const one of stop) one()
    expect(heard).toEqual(['resources'])
  })
})
