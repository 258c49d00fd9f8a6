import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { inTenant } from '@/server/db/scope'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { hostsExport } from '@/server/features/hosts/hosts.export'
import { runRoute } from '@/server/http/route'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ hosts: hostsRouter }))
const NOBODYS = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const problem = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  )
  const { status, error: code, message, fields } = errorBody(error)
  return { status, code, message, fields }
}
const names = (list: { rows: { id: string }[] }) => list.rows.map(({ id }) => id).sort()
const rowOf = (label: string) =>
  world.admin
    .query('select assigned_id, visibility, name from resource where id = $1', [resourceId(label)])
    .then((r) => r.rows[0] as Record<string, string>)
const logged = (event: string) =>
  world.admin
    .query<{ tenant_id: string }>(
      `select tenant_id from audit_event where event = $1 and result = 'ok' and request_id <> '' order by tenant_id`,
      [event],
    )
    .then((r) => r.rows.map(({ tenant_id }) => tenant_id))

describe('the list of hosts', () => {
  const ACTORS = ['Mara', 'Sam', 'Ada', 'Tom', 'Eve', 'Bo', 'Bolt Tom'] as const

  it.skipIf(process.env.FREEHOLD_TEST_LAYER).each(ACTORS)(
    'shows %s by arms exactly what the policy lets through',
    async (name) => {
      await world.admin.query(
        `insert into access_grant_all (owner_id, tenant_id, kind, role) values ($1, $2, 'host', 'viewer')`,
        [MASTER_TENANT_ID, tenantId('B')],
      )
      const op = await world.opOf(name)
      const bare = await inTenant(
        op,
        (tx) => tx.$queryRaw<{ id: string }[]>`select id from resource where kind = 'host'`,
      )
      const list = await caller({ op }).hosts.list({ limit: 100 })
      expect(names(list)).toEqual(names({ rows: bare }))
      expect(list.total).toBe(bare.length)
      expect(list.totalCapped).toBe(false)
      for (const sort of ['status', 'lastSeen', 'created'] as const)
        expect(names(await caller({ op }).hosts.list({ limit: 100, sort }))).toEqual(names({ rows: bare }))
    },
  )

  it('has what is public, assigned and granted, and says which; only the master learns tenants', async () => {
    const { rows } = await (await as('Tom')).hosts.list({ limit: 100 })
    const by = (label: string) => rows.find(({ id }) => id === resourceId(label))
    expect(by('public')).toMatchObject({
      visibility: 'public',
      owned: false,
      assignedHere: false,
      assignedTenant: null,
    })
    expect(by('public in cloud')).toBeDefined()
    expect(by('assigned A')).toMatchObject({ owned: false, assignedHere: true, assignedTenant: null })
    expect(by('granted A')).toMatchObject({ grantRole: 'viewer', assignedHere: false })
    expect(by('A web')).toMatchObject({ owned: true, assignedHere: true })
    for (const label of ['B web', 'assigned B', 'master private', 'expired grant A'])
      expect(by(label)).toBeUndefined()
    const master = await (await as('Mara')).hosts.list({ limit: 100 })
    expect(master.rows.find(({ id }) => id === resourceId('assigned A'))).toMatchObject({
      owned: true,
      assignedTenant: { name: 'Acme' },
    })
    expect(master.rows.some(({ id }) => id === resourceId('A web'))).toBe(false)
    expect(
      (await (await as('Bo')).hosts.list({})).rows.some(({ id }) => id === resourceId('public in cloud')),
    ).toBe(false)
  })

  it.each(['name', 'status', 'lastSeen', 'created'] as const)(
    'pages by %s, forwards and back, without gap or double',
    async (sort) => {
      const api = await as('Mara')
      for (const desc of [false, true]) {
        const all = await api.hosts.list({ sort, desc, limit: 100 })
        const pages: string[][] = []
        let cursor: string | undefined
        do {
          const page = await api.hosts.list({ sort, desc, limit: 3, cursor })
          pages.push(page.rows.map(({ id }) => id))
          expect(page.prevCursor === undefined).toBe(pages.length === 1)
          expect(page.from).toBe((pages.length - 1) * 3)
          cursor = page.nextCursor
          if (pages.length === 2) {
            const back = await api.hosts.list({ sort, desc, limit: 3, cursor: page.prevCursor })
            expect(back.rows.map(({ id }) => id)).toEqual(pages[0])
            expect(back).toMatchObject({ from: 0 })
            expect(back.prevCursor).toBeUndefined()
          }
        } while (cursor)
        expect(pages.flat()).toEqual(all.rows.map(({ id }) => id))
      }
    },
  )

  it('filters by text, status and tenant, the same in rows and total', async () => {
    const api = await as('Mara')
    await world.admin.query(`update resource_state set status = 'offline' where resource_id = $1`, [
      resourceId('assigned A'),
    ])
    const offline = await api.hosts.list({ status: ['offline'] })
    expect(names(offline)).toEqual([resourceId('assigned A')])
    expect(offline.total).toBe(1)
    expect(names(await api.hosts.list({ tenantId: tenantId('B') }))).toEqual([resourceId('assigned B')])
    expect((await (await as('Tom')).hosts.list({ tenantId: tenantId('B') })).rows).toEqual([])
    expect(names(await (await as('Ada')).hosts.list({ search: 'WEB-0' }))).toEqual([resourceId('A web')])
    expect((await (await as('Ada')).hosts.list({ search: '%' })).total).toBe(0)
  })

  it('refuses a cursor of another tenant, of another list, and one that was tampered with (A09)', async () => {
    const { nextCursor = '' } = await (await as('Bo')).hosts.list({ limit: 1 })
    expect(await problem((await as('Ada')).hosts.list({ limit: 1, cursor: nextCursor }))).toMatchObject({
      status: 400,
      code: 'invalid_input',
    })
    expect(
      await problem((await as('Bo')).hosts.list({ limit: 1, desc: true, cursor: nextCursor })),
    ).toMatchObject({ status: 400 })
    expect(
      await problem(
        (await as('Bo')).hosts.list({
          limit: 1,
          cursor: `${nextCursor.slice(0, -1)}${nextCursor.endsWith('0') ? '1' : '0'}`,
        }),
      ),
    ).toMatchObject({ status: 400 })
  })

  it('takes the first by name out of many public clouds, wherever they are', async () => {
    await world.admin.query(
      `with c as (
        insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id)
        select id, 'cloud', 'cloud ' || i, $1, $1, 'public', id from (select gen_random_uuid() as id, i from generate_series(1, 60) i) x
        returning id, name),
      h as (
        insert into resource (kind, name, owner_id, assigned_id, visibility, cloud_id)
        select 'host', lpad((100 - right(c.name, 2)::int)::text, 3, '0') || '-' || n, $1, $1, 'public', c.id from c, generate_series(1, 3) n returning id)
      insert into tenant_cloud (tenant_id, cloud_id, group_id) select $2, c.id, (select id from resource_group where tenant_id = $2 limit 1) from c`,
      [MASTER_TENANT_ID, tenantId('A')],
    )
    await world.admin.query(`update tenant_role set default_cloud_level = 'read'`)
    const api = await as('Tom')
    const first = await api.hosts.list({ limit: 4, search: '-' })
    expect(first.rows.map(({ name }) => name)).toEqual(['040-1', '040-2', '040-3', '041-1'])
    const next = await api.hosts.list({ limit: 4, search: '-', cursor: first.nextCursor })
    expect(next.rows.map(({ name }) => name)).toEqual(['041-2', '041-3', '042-1', '042-2'])
    expect((await api.hosts.list({ limit: 1, search: '04' })).total).toBeGreaterThanOrEqual(30)
  })

  it('comes as CSV, formulas inert (G22)', async () => {
    await world.admin.query(`update resource set name = '=cmd|x' where id = $1`, [resourceId('A web')])
    const facts = world.factsOf('Tom')
    const request = new Request('http://x/api/hosts/export.csv?search=cmd')
    const text = await (await runRoute(hostsExport, request, facts, {})).text()
    expect(text.split('\r\n')).toHaveLength(3)
    expect(text).toContain(`\r\n"'=cmd|x",online`)
    expect(await (await runRoute(hostsExport, new Request('http://x/'), facts, {})).text()).not.toContain(
      tenantId('B'),
    )
    expect((await runRoute(hostsExport, request, world.factsOf('nobody'), {})).status).toBe(401)
  })
})

describe('a host', () => {
  it('that is foreign looks exactly like one that never was (rule 1)', async () => {
    const never = await problem((await as('Tom')).hosts.get({ id: NOBODYS }))
    expect(never).toMatchObject({ status: 404, code: 'not_found' })
    for (const label of ['B web', 'assigned B', 'master private', 'expired grant A', 'C web', 'public cloud'])
      expect(await problem((await as('Tom')).hosts.get({ id: resourceId(label) }))).toEqual(never)
    for (const label of ['B web', 'A web', 'E secret'])
      expect(await problem((await as('Mara')).hosts.get({ id: resourceId(label) }))).toEqual(never)
    for (const id of ['', '*', '0', 'web-01'])
      expect(await problem((await as('Tom')).hosts.get({ id }))).toMatchObject({ status: 400 })
  })

  it('says what may be done with it, and why not (rules 2 and 3)', async () => {
    const provider = { allowed: false, reason: 'Your provider manages it' }
    expect((await (await as('Ada')).hosts.get({ id: resourceId('assigned A') })).can).toMatchObject({
      use: { allowed: true },
      rename: provider,
      remove: provider,
    })
    expect((await (await as('Ada')).hosts.get({ id: resourceId('A web') })).can).toMatchObject({
      rename: { allowed: true },
      assign: { allowed: false },
    })
    expect((await (await as('Tom')).hosts.get({ id: resourceId('A web') })).can).toMatchObject({
      rename: { allowed: false },
      remove: { allowed: false },
    })
    const away = await (await as('Mara')).hosts.get({ id: resourceId('assigned A') })
    expect(away.can).toMatchObject({
      use: { allowed: false },
      rename: { allowed: true },
      assign: { allowed: true },
      publish: { allowed: false },
    })
  })

  it('is renamed by its owner, in both logs, and so are its grants', async () => {
    expect(
      await (await as('Mara')).hosts.rename({ id: resourceId('assigned A'), name: ' db-main ' }),
    ).toEqual({ changed: 1 })
    expect((await rowOf('assigned A'))?.name).toBe('db-main')
    expect(await logged('host.rename')).toEqual([MASTER_TENANT_ID, tenantId('A')].sort())
    await (await as('Mara')).hosts.rename({ id: resourceId('granted A'), name: 'shared-1' })
    expect((await (await as('Tom')).hosts.list({ search: 'shared-1' })).total).toBe(1)
    for (const name of ['', '   ', 'x'.repeat(256), 'a\u202eb', 'a\nb'])
      expect((await problem((await as('Ada')).hosts.rename({ id: resourceId('A web'), name }))).status).toBe(
        400,
      )
  })

  it('is never changed by who only uses it, or does not see it, or may not', async () => {
    const before = await world.state(['audit_event', 'audit_seal', 'rate_limit'])
    const rename = async (who: PersonName, label: string) =>
      problem((await as(who)).hosts.rename({ id: resourceId(label), name: 'mine' }))
    expect(await rename('Ada', 'assigned A')).toMatchObject({
      status: 403,
      message: 'Your provider manages it',
    })
    expect(await rename('Ada', 'public')).toMatchObject({ status: 403 })
    expect(await rename('Ada', 'granted A')).toMatchObject({ status: 403 })
    expect(await rename('Ada', 'B web')).toMatchObject({ status: 404 })
    expect(await rename('Tom', 'A web')).toMatchObject({ status: 403 })
    expect(await rename('Mara', 'A web')).toMatchObject({ status: 404 })
    const remove = async (who: PersonName, label: string) =>
      problem((await as(who)).hosts.remove({ id: resourceId(label) }))
    expect(await remove('Ada', 'assigned A')).toMatchObject({ status: 403 })
    expect(await remove('Ada', 'B web')).toMatchObject({ status: 404 })
    expect(await remove('Tom', 'A web')).toMatchObject({ status: 403 })
    expect(
      await problem((await as('Ada')).hosts.assign({ ids: [resourceId('A web')], tenantId: tenantId('B') })),
    ).toMatchObject({ status: 403 })
    expect(await world.state(['audit_event', 'audit_seal', 'rate_limit'])).toEqual(before)
  })

  it('is removed with its state, and its agent told to uninstall', async () => {
    expect(await (await as('Ada')).hosts.remove({ id: resourceId('A web') })).toEqual({ changed: 1 })
    const { rows } = await world.admin.query(
      `select resource_id from agent_credential where machine_id = 'same-machine-1' order by resource_id nulls first`,
    )
    expect(rows).toHaveLength(4)
    expect(rows[0]).toEqual({ resource_id: null })
    expect(
      (await world.admin.query('select 1 from resource_state where resource_id = $1', [resourceId('A web')]))
        .rowCount,
    ).toBe(0)
    expect(await logged('host.remove')).toEqual([tenantId('A')])
  })
})

describe('assigning', () => {
  it('moves sight, forces private, and stands in the logs of all three', async () => {
    expect(
      await (await as('Mara')).hosts.assign({ ids: [resourceId('public')], tenantId: tenantId('A') }),
    ).toEqual({ changed: 1 })
    expect(await rowOf('public')).toMatchObject({ assigned_id: tenantId('A'), visibility: 'private' })
    expect(await problem((await as('Bo')).hosts.get({ id: resourceId('public') }))).toMatchObject({
      status: 404,
    })
    await (await as('Mara')).hosts.assign({ ids: [resourceId('public')], tenantId: tenantId('B') })
    expect(await problem((await as('Tom')).hosts.get({ id: resourceId('public') }))).toMatchObject({
      status: 404,
    })
    expect((await (await as('Bo')).hosts.get({ id: resourceId('public') })).assignedHere).toBe(true)
    expect(await logged('host.assign')).toEqual(
      [MASTER_TENANT_ID, MASTER_TENANT_ID, tenantId('A'), tenantId('A'), tenantId('B')].sort(),
    )
    await (await as('Mara')).hosts.assign({ ids: [resourceId('public')], tenantId: MASTER_TENANT_ID })
    expect((await rowOf('public'))?.assigned_id).toBe(MASTER_TENANT_ID)
  })

  it('is all or nothing (A04)', async () => {
    const before = await world.state(['audit_event', 'audit_seal', 'rate_limit'])
    const api = await as('Mara')
    const refused = { status: 404, message: 'Not found' }
    for (const id of [resourceId('A web'), NOBODYS, resourceId('public cloud')])
      expect(
        await problem(api.hosts.assign({ ids: [resourceId('master private'), id], tenantId: tenantId('A') })),
      ).toMatchObject(refused)
    for (const to of [tenantId('E'), NOBODYS])
      expect(
        await problem(api.hosts.assign({ ids: [resourceId('master private')], tenantId: to })),
      ).toMatchObject(refused)
    expect(
      await problem(api.hosts.assign({ ids: [resourceId('master private')], tenantId: tenantId('C') })),
    ).toMatchObject({ status: 409 })
    expect(
      await problem(
        (await as('Sam')).hosts.assign({ ids: [resourceId('master private')], tenantId: tenantId('A') }),
      ),
    ).toMatchObject({ status: 403 })
    expect(await world.state(['audit_event', 'audit_seal', 'rate_limit'])).toEqual(before)
    const many = ['master private', 'master private 2', 'assigned B'].map(resourceId)
    expect(await api.hosts.assign({ ids: [...many, many[0] ?? ''], tenantId: tenantId('A') })).toEqual({
      changed: 3,
    })
    expect((await logged('host.assign')).filter((id) => id === tenantId('A'))).toHaveLength(3)
  })

  it('offers the tenants that are there, by name', async () => {
    const { rows } = await (await as('Mara')).hosts.assignableTenants({})
    expect(rows.map(({ name }) => name)).toEqual(['Acme', 'Bolt', 'Freehold MSP', 'Newco'])
    expect(
      (await (await as('Mara')).hosts.assignableTenants({ search: 'bo' })).rows.map(({ name }) => name),
    ).toEqual(['Bolt'])
    expect(await problem((await as('Ada')).hosts.assignableTenants({}))).toMatchObject({ status: 403 })
  })

  it('is off with multi-tenancy off, and goes on after the licence has run out', async () => {
    await world.admin.query(
      `update licence set expires_at = now() - interval '1 day', starts_at = now() - interval '9 days'`,
    )
    expect(
      await (await as('Mara')).hosts.assign({ ids: [resourceId('public')], tenantId: tenantId('A') }),
    ).toEqual({ changed: 1 })
    await world.admin.query('update installation set multi_tenant_enabled = false')
    expect(
      await problem(
        (await as('Mara')).hosts.assign({ ids: [resourceId('public')], tenantId: tenantId('A') }),
      ),
    ).toMatchObject({ status: 501 })
  })
})

describe('visibility', () => {
  it('is the master’s to change, for what is assigned to it only (rule 4)', async () => {
    const api = await as('Mara')
    await api.hosts.setVisibility({ id: resourceId('master private'), visibility: 'public' })
    expect((await (await as('Bo')).hosts.get({ id: resourceId('master private') })).visibility).toBe('public')
    await api.hosts.setVisibility({ id: resourceId('master private'), visibility: 'private' })
    expect(await problem((await as('Bo')).hosts.get({ id: resourceId('master private') }))).toMatchObject({
      status: 404,
    })
    expect(
      await problem(api.hosts.setVisibility({ id: resourceId('assigned A'), visibility: 'public' })),
    ).toMatchObject({ status: 409 })
    expect(
      await problem((await as('Ada')).hosts.setVisibility({ id: resourceId('A web'), visibility: 'public' })),
    ).toMatchObject({ status: 403 })
    expect(await logged('host.visibility')).toEqual([MASTER_TENANT_ID, MASTER_TENANT_ID])
  })
})
