import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemValue } from '@/server/db/system'
import { errorBody } from '@/server/rpc/errors'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { ask } from '@/server/sweep/call'
import type { PersonName, TenantKey } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'
import { countUsage, usageTick, warnOfPool } from './usage.jobs'
import { usageRouter } from './usage.router'
import { lastMonths } from './usage.words'

const caller = createCallerFactory(router({ usage: usageRouter }))
const [NOW = '', LAST = ''] = lastMonths(2)

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) }).usage
const sql = async <T extends object>(text: string, values: unknown[] = []) =>
  (await world.admin.query<T>(text, values)).rows
const told = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => errorBody(error).error,
  )
/** A day of a month, beside the count. */
const day = (key: TenantKey, date: string, hosts: number) =>
  sql('insert into usage_day (tenant_id, day, hosts, users, machines) values ($1, $2, $3, 4, 5)', [
    tenantId(key),
    date,
    hosts,
  ])
const mails = () =>
  sql<{ to_address: string; subject: string }>(
    `select to_address, subject from mail_message where kind = 'notice' and subject like 'The host licence%' order by created_at, to_address`,
  )
/** The licence covers so many more than are there. */
const cover = (share: number) =>
  sql(
    `update licence set host_limit = ceil((select sum(p.hosts) from host_pool p join tenant t on t.id = p.tenant_id where t.status <> 'deleted') / $1::numeric)`,
    [share],
  )

describe('the count of a day', () => {
  it('is made every five minutes, whoever asks how often, of tenants that are not deleted', async () => {
    const counts = await Promise.all(Array.from({ length: 5 }, () => countUsage()))
    const [alive] = await sql<{ n: number }>(
      `select count(*)::int as n from tenant where status <> 'deleted'`,
    )
    expect(counts.filter((n) => n > 0)).toEqual([alive?.n])
    expect(await countUsage()).toBe(0)
    const rows = await sql<{ slug: string; same: boolean }>(
      `select t.slug, u.hosts = (select count(*) from resource r where r.kind = 'host' and r.assigned_id = t.id)
         and u.users = (select count(*) from membership m where m.tenant_id = t.id)
         and u.machines = (select count(*) from resource r where r.kind = 'virtual_machine' and r.assigned_id = t.id)
         and u.day = (now() at time zone 'utc')::date as same
       from usage_day u join tenant t on t.id = u.tenant_id order by 1`,
    )
    expect(rows.map(({ slug }) => slug)).toEqual(['acme', 'bolt', 'closed', 'default', 'newco'])
    expect(rows.every(({ same }) => same)).toBe(true)
  })

  it('keeps the highest of the day', async () => {
    await countUsage()
    const hosts = async () =>
      (await sql<{ hosts: number }>('select hosts from usage_day where tenant_id = $1', [tenantId('A')]))[0]
        ?.hosts ?? 0
    const before = await hosts()
    await sql(
      `insert into resource (kind, name, owner_id, assigned_id) select 'host', 'more ' || n, $1, $1 from generate_series(1, 5) n`,
      [tenantId('A')],
    )
    expect([await countUsage(), await hosts()]).toEqual([0, before])
    const later = () => sql(`update pool_day set counted_at = now() - interval '6 minutes'`)
    await later()
    expect(await countUsage()).toBeGreaterThan(0)
    expect(await hosts()).toBe(before + 5)
    await sql(`delete from resource where name like 'more _'`)
    await later()
    await countUsage()
    expect(await hosts()).toBe(before + 5)
  })

  it('puts right numbers of the pool that went astray, which keep nobody from deleting', async () => {
    const counted = async () =>
      (await sql<{ hosts: number }>('select hosts from host_pool where tenant_id = $1', [tenantId('A')]))[0]
        ?.hosts
    const before = (await counted()) ?? 0
    await sql('update host_pool set hosts = 0 where tenant_id = $1', [tenantId('A')])
    const [host] = await sql<{ id: string }>(
      `delete from resource where id = (select id from resource where kind = 'host' and assigned_id = $1 and owner_id = $1 limit 1) returning id`,
      [tenantId('A')],
    )
    expect([typeof host?.id, await counted()]).toEqual(['string', 0])
    await countUsage()
    expect(await counted()).toBe(before - 1)
  })

  it('is kept for 25 months, goes with its tenant, and is not made up for days that nobody counted', async () => {
    const old = lastMonths(40)
    await day('A', `${old[25]}-02`, 1)
    await day('A', `${old[26]}-02`, 1)
    await day('A', `${old[30]}-02`, 1)
    await countUsage()
    const months = (await (await as('Ada')).own()).months.map(({ month }) => month)
    expect(months).toEqual([old[25], NOW])
    await sql('delete from resource where assigned_id = $1', [tenantId('N')])
    await sql('delete from membership where tenant_id = $1', [tenantId('N')])
    await sql(`delete from tenant where id = $1`, [tenantId('N')])
    expect(await sql('select 1 from usage_day where tenant_id = $1', [tenantId('N')])).toEqual([])
  })

  it('comes to the peak and the mean of its month', async () => {
    for (const [date, hosts] of [
      ['03', 4],
      ['04', 9],
      ['20', 6],
    ] as const)
      await day('A', `${LAST}-${date}`, hosts)
    expect((await (await as('Ada')).own()).months).toEqual([
      { month: LAST, days: 3, peak: 9, average: 6.3, users: 4, machines: 5 },
    ])
  })
})

describe('whose usage it is', () => {
  it('a tenant is told its own, who provides it, and nothing of the licence', async () => {
    await day('A', `${LAST}-03`, 4)
    await day('B', `${LAST}-03`, 7777)
    await (await as('Mara')).setSlice({ tenantId: tenantId('A'), hosts: 6 })
    const seen = await (await as('Ada')).own()
    expect(seen).toMatchObject({
      plan: { provider: 'Freehold MSP', state: 'current', licence: null },
      status: 'active',
      hosts: 5,
      slice: 6,
      level: 80,
    })
    expect(JSON.stringify(seen)).not.toMatch(/1000|7777/)
    expect(await (await as('Ada')).warning()).toEqual({ of: 'slice', level: 80, used: 5, most: 6 })
    await sql(
      `update licence set starts_at = now() - interval '9 days', expires_at = now() - interval '1 day'`,
    )
    expect((await (await as('Ada')).own()).plan.state).toBe('ended')
    expect((await (await as('Mara')).own()).plan).toMatchObject({
      provider: null,
      state: 'ended',
      licence: { source: 'trial', hostLimit: 1000 },
    })
  })

  it('needs the permission: billing for one’s own, tenants for all, and to say how many', async () => {
    const slice = { tenantId: tenantId('A'), hosts: 5 }
    expect(await told((await as('Tom')).own())).toBe('access_denied')
    expect(await told((await as('Tom')).warning())).toBe('access_denied')
    for (const who of ['Ada', 'Bo'] as const) {
      expect(await told((await as(who)).pool())).toBe('access_denied')
      expect(await told((await as(who)).tenants({}))).toBe('access_denied')
      expect(await told((await as(who)).setSlice(slice))).toBe('access_denied')
    }
    expect((await (await as('Sam')).pool()).can).toEqual({ slice: false })
    expect(await told((await as('Sam')).setSlice(slice))).toBe('access_denied')
  })

  it('a slice is set and taken away, with a row in both logs; they may come to more than the licence covers', async () => {
    const mara = await as('Mara')
    expect(await mara.setSlice({ tenantId: tenantId('A'), hosts: 700 })).toMatchObject({
      hosts: 5,
      slice: 700,
    })
    await mara.setSlice({ tenantId: tenantId('B'), hosts: 600 })
    expect(await mara.pool()).toMatchObject({
      limit: 1000,
      slices: { tenants: 2, hosts: 1300 },
      can: { slice: true },
    })
    await mara.setSlice({ tenantId: tenantId('A'), hosts: null })
    expect(await mara.ofTenant({ tenantId: tenantId('A') })).toMatchObject({
      hosts: 5,
      slice: null,
      level: 0,
    })
    const rows = await sql<{ tenant_id: string; before: object; after: object }>(
      `select tenant_id, before, after from audit_event where event = 'tenant.host_slice' and target_id = $1 order by at, tenant_id`,
      [tenantId('A')],
    )
    expect(rows.map(({ before, after }) => [before, after])).toEqual([
      [{ hosts: null }, { hosts: 700 }],
      [{ hosts: null }, { hosts: 700 }],
      [{ hosts: 700 }, { hosts: null }],
      [{ hosts: 700 }, { hosts: null }],
    ])
    expect(new Set(rows.map((row) => row.tenant_id))).toEqual(new Set([tenantId('M'), tenantId('A')]))
    expect(await told(mara.setSlice({ tenantId: tenantId('A'), hosts: -1 }))).toBe('invalid_input')
    expect(await told(mara.setSlice({ tenantId: crypto.randomUUID(), hosts: 1 }))).toBe('not_found')
  })
})

describe('the list of tenants', () => {
  it('is sorted, searched and paged in both directions by every column', async () => {
    await day('A', `${NOW}-01`, 40)
    await day('B', `${NOW}-01`, 3)
    await sql('update host_pool set slice = 9 where tenant_id = $1', [tenantId('B')])
    const mara = await as('Mara')
    for (const sort of ['name', 'hosts', 'slice', 'peak'] as const)
      for (const desc of [false, true]) {
        const all = (await mara.tenants({ sort, desc })).rows.map(({ id }) => id)
        expect(all).toHaveLength(5)
        const paged: string[] = []
        const back: string[][] = []
        for (let cursor: string | undefined; ;) {
          const page = await mara.tenants({ sort, desc, limit: 2, cursor })
          paged.push(...page.rows.map(({ id }) => id))
          if (page.prevCursor)
            back.push(
              (await mara.tenants({ sort, desc, limit: 2, cursor: page.prevCursor })).rows.map(
                ({ id }) => id,
              ),
            )
          if (!page.nextCursor) break
          cursor = page.nextCursor
        }
        expect([sort, desc, paged]).toEqual([sort, desc, all])
        expect(back).toEqual([all.slice(0, 2), all.slice(2, 4)])
      }
    const names = async (input: object) => (await mara.tenants(input)).rows.map(({ name }) => name)
    expect((await names({ sort: 'peak', desc: true })).slice(0, 2)).toEqual(['Acme', 'Bolt'])
    expect((await names({ sort: 'slice' }))[0]).toBe('Bolt')
    expect(await names({ search: 'bol' })).toEqual(['Bolt'])
    expect((await mara.tenants({ search: 'acme' })).rows[0]).toMatchObject({
      hosts: 5,
      peak: 40,
      average: 40,
    })
  })

  it('has a deleted tenant in the months in which it was counted, and in no other', async () => {
    await day('E', `${LAST}-01`, 2)
    const mara = await as('Mara')
    expect((await mara.tenants({ search: 'ended', month: LAST })).rows).toMatchObject([
      { name: 'Ended', peak: 2 },
    ])
    expect((await mara.tenants({ search: 'ended' })).rows).toEqual([])
  })
})

describe('the download', () => {
  it('has every tenant’s months for the master, guarded against formulas; its own for a tenant', async () => {
    await sql(`update tenant set name = '=cmd|calc' where id = $1`, [tenantId('B')])
    await day('A', `${LAST}-03`, 4)
    await day('B', `${LAST}-03`, 7)
    await day('B', `${NOW}-01`, 8)
    const all = (await ask(world, 'Mara', '/api/usage/export.csv')).text
    expect(all.split('\r\n')).toHaveLength(5)
    expect(all).toContain(`Acme,acme,${LAST},1,4,4,4,5\r\n`)
    expect(all).toContain(`"'=cmd|calc",bolt,${LAST},1,7,7,4,5\r\n`)
    const one = (await ask(world, 'Mara', `/api/usage/export.csv?from=${NOW}&to=${NOW}`)).text
    expect(one.split('\r\n')).toHaveLength(3)
    const own = await ask(world, 'Ada', '/api/usage/own.csv')
    expect(own.text).toBe(
      `Month,Days counted,Peak hosts,Average hosts,Users,Virtual machines\r\n${LAST},1,4,4,4,5\r\n`,
    )
    expect((await ask(world, 'Ada', '/api/usage/export.csv')).status).toBe(403)
    expect((await ask(world, 'Tom', '/api/usage/own.csv')).status).toBe(403)
    expect((await ask(world, 'Mara', '/api/usage/export.csv?from=2026-13')).status).toBe(400)
    expect((await ask(world, 'Mara', `/api/usage/export.csv?from=${NOW}&to=${LAST}`)).status).toBe(400)
  })
})

describe('the warning of the pool', () => {
  it('is one mail to each who may change the settings, once at 80 and once at 100 %, and again after it fell', async () => {
    await usageTick()
    expect(await mails()).toEqual([])
    await cover(0.85)
    expect((await (await as('Mara')).warning())?.level).toBe(80)
    await Promise.all(Array.from({ length: 5 }, () => warnOfPool()))
    await warnOfPool()
    const first = await mails()
    expect(first.map(({ subject }) => subject)).toEqual(first.map(() => 'The host licence is 80 % full'))
    expect(first.map(({ to_address }) => to_address)).toContain('mara@msp.example')
    expect(first.map(({ to_address }) => to_address)).not.toContain('sam@msp.example')
    expect(new Set(first.map(({ to_address }) => to_address)).size).toBe(first.length)
    await cover(1)
    await usageTick()
    await usageTick()
    expect((await mails()).slice(first.length).map(({ subject }) => subject)).toEqual(
      first.map(() => 'The host licence is full'),
    )
    await cover(0.5)
    await warnOfPool()
    expect(await mails()).toHaveLength(2 * first.length)
    await cover(1)
    await warnOfPool()
    expect(await mails()).toHaveLength(3 * first.length)
  })

  it('is told by one of several workers that found out at once', async () => {
    const mail = JSON.stringify([
      {
        id: crypto.randomUUID(),
        recipient: 'mara@msp.example',
        subject: 'The host licence is full',
        body: '00',
      },
    ])
    const tell = () => systemValue<boolean, 'pool_warning_tell'>('pool_warning_tell', [0, 100, mail])
    expect([await tell(), await tell()]).toEqual([true, false])
    expect(await mails()).toHaveLength(1)
  })

  it('is told on the list of hosts: the pool to the master, its slice to a tenant, nothing below 80 %', async () => {
    expect(await (await as('Mara')).warning()).toBeNull()
    await cover(1)
    expect(await (await as('Mara')).warning()).toMatchObject({ of: 'licence', level: 100 })
    expect(await (await as('Ada')).warning()).toBeNull()
    await sql('update host_pool set slice = 4 where tenant_id = $1', [tenantId('A')])
    expect(await (await as('Ada')).warning()).toEqual({ of: 'slice', level: 100, used: 5, most: 4 })
  })
})
