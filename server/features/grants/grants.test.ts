import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { grantsRouter } from '@/server/features/grants/grants.router'
import { grantsTick } from '@/server/features/grants/grants.jobs'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { errorBody } from '@/server/rpc/errors'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ grants: grantsRouter, resources: resourcesRouter }))
const NOBODYS = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const ORGANIZATION = '00000000-0000-4000-8000-000000000102'

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(async () => {
  await world.restore()
  // Acme may share, too
  await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [
    ORGANIZATION,
    tenantId('A'),
  ])
})

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const problem = async (call: Promise<unknown>) => {
  const { status, message, fields } = errorBody(
    await call.then(
      () => null,
      (e: unknown) => e,
    ),
  )
  return { status, message, fields }
}
const logged = async (event: string) =>
  (
    await world.admin.query<{
      tenant_id: string
      actor_name: string
      ip: string
      before: unknown
      after: Record<string, unknown>
    }>(
      `select tenant_id, actor_name, ip, before, after from audit_event where event = $1 and result = 'ok' order by tenant_id = $2 desc`,
      [event, tenantId('A')],
    )
  ).rows
const secret = (more: object = {}) => ({
  kind: 'host',
  resourceId: resourceId('A secret'),
  tenantId: tenantId('B'),
  role: 'editor' as const,
  ...more,
})
const sees = async (name: PersonName, label: string) =>
  (await problem((await as(name)).resources.get({ kind: 'host', id: resourceId(label) }))).status !== 404
const requireAcceptance = () => world.admin.query('update installation set shares_require_acceptance = true')
const edit = async (name: PersonName, label: string, change: object) => {
  const api = await as(name)
  const row = await api.resources.get({ kind: 'host', id: resourceId(label) })
  return api.resources.update({
    kind: 'host',
    id: row.id,
    name: row.name,
    updatedAt: row.updatedAt,
    ...change,
  })
}

describe('sharing', () => {
  it('gives sight and the role, at once; both lists and both logs say so, each what it may know', async () => {
    const ada = await as('Ada')
    expect(await sees('Bo', 'A secret')).toBe(false)
    const preview = await ada.grants.createPreview(secret())
    const made = await ada.grants.create(secret())
    expect(made.status).toBe('live')
    expect(await sees('Bo', 'A secret')).toBe(true)
    const detail = await (await as('Bo')).resources.get({ kind: 'host', id: resourceId('A secret') })
    expect(detail).toMatchObject({ relation: 'granted', grantRole: 'editor' })
    const out = await ada.grants.outgoing({ resourceId: resourceId('A secret') })
    expect(out.rows).toMatchObject([
      { id: made.id, role: 'editor', status: 'live', tenant: { id: tenantId('B'), name: 'Bolt' } },
    ])
    expect(out.address).toBe(tenantId('A'))
    const into = await (await as('Bo')).grants.incoming({ status: ['live'] })
    expect(into.rows).toMatchObject([{ id: made.id, from: 'Acme', role: 'editor' }])
    const [mine, theirs, ...more] = await logged('grant.create')
    expect(more).toEqual([])
    const { rows } = await world.admin.query<{ name: string }>('select name from resource where id = $1', [
      resourceId('A secret'),
    ])
    const line = `Bolt gains Host ${rows[0]?.name} (editor)`
    expect(preview.lines).toEqual([line])
    expect(mine).toMatchObject({
      tenant_id: tenantId('A'),
      after: { tenant: 'Bolt', role: 'editor', effects: [line] },
    })
    expect(mine?.actor_name).toContain('(ada)')
    // Acme's people and addresses are not Bolt's to know
    expect(theirs).toMatchObject({
      tenant_id: tenantId('B'),
      actor_name: 'Acme',
      ip: '',
      after: { from: 'Acme', effects: [line] },
    })
  })

  it('names the master only as the provider', async () => {
    const into = await (await as('Tom')).grants.incoming({ status: ['live'] })
    expect(into.rows).toMatchObject([{ id: idOf('grant granted A'), from: 'Your provider' }])
    await (await as('Mara')).grants.create(secret({ resourceId: resourceId('master private') }))
    const rows = await logged('grant.create')
    expect(rows.map(({ tenant_id, after }) => [tenant_id, after.from ?? after.tenant])).toEqual(
      expect.arrayContaining([
        [tenantId('B'), 'Your provider'],
        [MASTER_TENANT_ID, 'Bolt'],
      ]),
    )
  })

  it('is an update where there is a share with that tenant already', async () => {
    const ada = await as('Ada')
    const one = await ada.grants.create(secret())
    const expiresAt = new Date(Date.now() + 3 * 86_400_000).toISOString()
    expect((await ada.grants.createPreview(secret({ role: 'viewer' }))).lines[0]).toMatch(
      /^Bolt loses Host .*\(editor → viewer\)$/,
    )
    expect(await ada.grants.create(secret({ role: 'viewer', expiresAt }))).toEqual(one)
    const { rows } = await ada.grants.outgoing({ resourceId: resourceId('A secret') })
    expect(rows).toMatchObject([{ id: one.id, role: 'viewer', expiresAt, endsInDays: 2 }])
    const [mine] = await logged('grant.update')
    expect(mine).toMatchObject({ before: { role: 'editor' }, after: { role: 'viewer' } })
  })

  it('is for things that the tenant owns and uses, by who may', async () => {
    const [ada, mara] = [await as('Ada'), await as('Mara')]
    const refused = async (more: object, by = ada) => problem(by.grants.create(secret(more)))
    expect(await refused({ resourceId: resourceId('assigned A') })).toMatchObject({
      status: 403,
      message: 'Your provider manages it',
    })
    expect(await refused({ resourceId: resourceId('public') })).toMatchObject({ status: 403 })
    expect(await refused({ resourceId: resourceId('B secret') })).toEqual(
      await refused({ resourceId: NOBODYS }),
    )
    expect(await refused({ resourceId: resourceId('assigned A') }, mara)).toMatchObject({ status: 403 })
    for (const name of ['Eve', 'Tom'] as const)
      expect(await refused({}, await as(name))).toMatchObject({ status: 403 })
    await world.restore()
    expect(await refused({}, await as('Ada'))).toMatchObject({ status: 403 })
    expect((await (await as('Ada')).grants.outgoing({})).can.give).toEqual({
      allowed: false,
      reason: 'Your provider has not allowed this tenant to share',
    })
  })

  it('finds a tenant by its sharing address only; oneself and the provider are refused, closed ones were never there', async () => {
    const ada = await as('Ada')
    expect(await ada.grants.target({ tenantId: tenantId('B') })).toEqual({ id: tenantId('B'), name: 'Bolt' })
    const never = await problem(ada.grants.target({ tenantId: NOBODYS }))
    expect(never.status).toBe(404)
    for (const closed of ['C', 'E'] as const) {
      expect(await problem(ada.grants.target({ tenantId: tenantId(closed) }))).toEqual(never)
      expect(await problem(ada.grants.create(secret({ tenantId: tenantId(closed) })))).toEqual(never)
    }
    for (const own of [tenantId('A'), MASTER_TENANT_ID])
      expect(await problem(ada.grants.create(secret({ tenantId: own })))).toMatchObject({ status: 400 })
    expect((await (await as('Mara')).grants.tenants({ search: 'bo' })).rows).toMatchObject([{ name: 'Bolt' }])
    expect(await problem(ada.grants.tenants({}))).toMatchObject({ status: 403 })
  })
})

describe('the roles of a share', () => {
  it('viewer sees; editor edits fields; admin also renames; none deletes, shares on or assigns', async () => {
    const ada = await as('Ada')
    const { id } = await ada.grants.create(secret({ role: 'viewer' }))
    const can = async (name: PersonName) => {
      const { can: may } = await (await as(name)).resources.get({ kind: 'host', id: resourceId('A secret') })
      return Object.entries(may)
        .filter(([, { allowed }]) => allowed)
        .map(([verb]) => verb)
    }
    expect(await can('Bo')).toEqual([])
    await ada.grants.update({ id, role: 'editor' })
    expect(await can('Bo')).toEqual(['act', 'edit'])
    await ada.grants.update({ id, role: 'admin' })
    expect(await can('Bo')).toEqual(['act', 'edit', 'rename'])
    // min of one's own role and the share's (features V7)
    expect(await can('Bolt Tom')).toEqual([])
    expect(await sees('Bolt Tom', 'A secret')).toBe(true)
  })

  it('a change by its editor stands in the owner’s log, too, as the tenant’s', async () => {
    const ada = await as('Ada')
    const { id } = await ada.grants.create(secret())
    await edit('Bo', 'A secret', { spec: { description: 'by Bolt' } })
    const rows = await logged('resource.update')
    expect(rows.map(({ tenant_id, actor_name }) => [tenant_id, actor_name.includes('(bo)')])).toEqual([
      [tenantId('A'), false],
      [tenantId('B'), true],
    ])
    expect(rows[0]).toMatchObject({ actor_name: 'Bolt', ip: '', after: { description: 'by Bolt' } })
    expect(await problem(edit('Bo', 'A secret', { name: 'stolen' }))).toMatchObject({ status: 403 })
    await ada.grants.update({ id, role: 'admin' })
    await edit('Bo', 'A secret', { name: 'renamed-by-bolt' })
    await ada.grants.update({ id, role: 'viewer' })
    expect(await problem(edit('Bo', 'A secret', { spec: {} }))).toMatchObject({ status: 403 })
  })
})

describe('taking back and leaving', () => {
  it('revoke: gone at once, for several at a time, with the same lines before and after', async () => {
    const ada = await as('Ada')
    const { id } = await ada.grants.create(secret())
    const ids = [id, idOf('grant A web')]
    const { lines } = await ada.grants.revokePreview({ ids })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^Bolt loses Host .* \(editor\)$/)
    expect(await ada.grants.revoke({ ids })).toEqual({ changed: 2 })
    expect(await sees('Bo', 'A secret')).toBe(false)
    const rows = await logged('grant.revoke')
    expect(rows).toHaveLength(4)
    expect(
      rows.flatMap(({ tenant_id, after }) => (tenant_id === tenantId('B') ? after.effects : [])),
    ).toEqual(lines)
    expect(await problem(ada.grants.revoke({ ids: [id] }))).toMatchObject({ status: 404 })
  })

  it('a receiver leaves; it neither changes nor revokes, and a third party finds nothing', async () => {
    const [ada, bo] = [await as('Ada'), await as('Bo')]
    const { id } = await ada.grants.create(secret())
    expect(await problem(bo.grants.update({ id, role: 'admin' }))).toMatchObject({ status: 403 })
    expect(await problem(bo.grants.revoke({ ids: [id] }))).toMatchObject({ status: 403 })
    const mara = await as('Mara')
    expect(await problem(mara.grants.revoke({ ids: [id] }))).toMatchObject({ status: 404 })
    expect(await problem(mara.grants.leave({ id }))).toMatchObject({ status: 404 })
    expect(await problem(ada.grants.leave({ id }))).toMatchObject({ status: 404 })
    expect(await problem((await as('Bolt Tom')).grants.leave({ id }))).toMatchObject({ status: 403 })
    expect(await bo.grants.leave({ id })).toEqual({ changed: 1 })
    expect(await sees('Bo', 'A secret')).toBe(false)
    expect((await logged('grant.leave')).map(({ tenant_id, actor_name }) => [tenant_id, actor_name])).toEqual(
      [
        [tenantId('A'), 'Bolt'],
        [tenantId('B'), expect.stringContaining('(bo)')],
      ],
    )
  })

  it('a tenant whose cap lost sharing still takes back, declines and leaves', async () => {
    const ada = await as('Ada')
    const { id } = await ada.grants.create(secret())
    await world.admin.query(
      `update tenant set tenant_role_id = '00000000-0000-4000-8000-000000000101' where id = $1`,
      [tenantId('A')],
    )
    expect(await sees('Bo', 'A secret')).toBe(false) // suspended
    const capped = await as('Ada')
    expect((await capped.grants.outgoing({ status: ['suspended'] })).rows).toMatchObject([{ id }])
    expect(await problem(capped.grants.update({ id, role: 'viewer' }))).toMatchObject({ status: 403 })
    expect(await problem((await as('Bo')).grants.leave({ id }))).toMatchObject({ status: 404 })
    expect(await capped.grants.revoke({ ids: [id] })).toEqual({ changed: 1 })
    // What Bolt does not see any more, it is told nothing of: not even what it is called by now.
    expect((await logged('grant.revoke')).map(({ tenant_id }) => tenant_id)).toEqual([tenantId('A')])
    expect(await capped.grants.leave({ id: idOf('grant granted A') })).toEqual({ changed: 1 })
    expect(await sees('Tom', 'granted A')).toBe(false)
    expect(await capped.grants.decline({ id: idOf('grant B db') })).toEqual({ changed: 1 })
  })
})

describe('acceptance, where the installation requires it', () => {
  beforeEach(requireAcceptance)

  it('waits unseen until an admin of the target accepts; a higher role waits again', async () => {
    const [ada, bo] = [await as('Ada'), await as('Bo')]
    expect((await ada.grants.createPreview(secret())).lines[0]).toMatch(/\(editor\), once it accepts$/)
    const { id, status } = await ada.grants.create(secret())
    expect(status).toBe('pending')
    expect(await sees('Bo', 'A secret')).toBe(false)
    const list = await bo.grants.incoming({})
    expect(list.rows.slice(0, list.pending).every((row) => row.status === 'pending')).toBe(true)
    expect(list.rows.find((row) => row.id === id)).toMatchObject({ from: 'Acme', role: 'editor' })
    expect(await problem((await as('Bolt Tom')).grants.accept({ id }))).toMatchObject({ status: 403 })
    expect(await problem(ada.grants.accept({ id }))).toMatchObject({ status: 404 })
    expect(await bo.grants.accept({ id })).toEqual({ id, status: 'live' })
    expect(await sees('Bo', 'A secret')).toBe(true)
    expect(await problem(bo.grants.accept({ id }))).toMatchObject({ status: 409 })
    expect((await logged('grant.accept')).map(({ tenant_id }) => tenant_id)).toEqual([
      tenantId('A'),
      tenantId('B'),
    ])
    expect((await ada.grants.updatePreview({ id, role: 'admin' })).lines[0]).toMatch(
      /^Bolt loses .*until it accepts admin$/,
    )
    expect((await ada.grants.update({ id, role: 'admin' })).status).toBe('pending')
    expect(await sees('Bo', 'A secret')).toBe(false)
    expect(await bo.grants.decline({ id })).toEqual({ changed: 1 })
    expect(await problem(bo.grants.decline({ id }))).toMatchObject({ status: 404 })
  })

  it('a lower role and another end ask nobody', async () => {
    const [ada, bo] = [await as('Ada'), await as('Bo')]
    const { id } = await ada.grants.create(secret())
    await bo.grants.accept({ id })
    expect((await ada.grants.update({ id, role: 'viewer' })).status).toBe('live')
  })
})

describe('the end of a share', () => {
  const ends = (id: string, interval: string) =>
    world.admin.query(`update access_grant set expires_at = now() + $2::interval where id = $1`, [
      id,
      interval,
    ])

  it('is announced 7 days and 1 day before, once each, and then it is gone, in both logs', async () => {
    await grantsTick() // the world's own ended one
    const { id } = await (await as('Ada')).grants.create(secret())
    await ends(id, '8 days')
    expect(await grantsTick()).toBe(0)
    await ends(id, '6 days')
    expect([await grantsTick(), await grantsTick()]).toEqual([1, 0])
    await ends(id, '20 hours')
    // another end is announced anew, and so is the last day
    expect([await grantsTick(), await grantsTick()]).toEqual([1, 0])
    expect((await logged('grant.expiring')).map(({ tenant_id }) => tenant_id)).toEqual(
      expect.arrayContaining([tenantId('A'), tenantId('B')]),
    )
    expect(await sees('Bo', 'A secret')).toBe(true)
    await ends(id, '-1 second')
    expect(await sees('Bo', 'A secret')).toBe(false)
    expect((await (await as('Bo')).grants.incoming({})).rows.some((row) => row.id === id)).toBe(false)
    expect(await grantsTick()).toBe(1)
    const rows = (await logged('grant.expire')).filter(({ tenant_id }) => tenant_id !== MASTER_TENANT_ID)
    expect(rows.map(({ after }) => after.tenant ?? after.from)).toEqual(
      expect.arrayContaining(['Bolt', 'Acme']),
    )
    expect(await grantsTick()).toBe(0)
  })

  it('lies in the future', async () => {
    const expiresAt = new Date(Date.now() - 1000).toISOString()
    expect(await problem((await as('Ada')).grants.create(secret({ expiresAt })))).toMatchObject({
      status: 400,
      fields: { expiresAt: expect.stringContaining('still to come') },
    })
  })
})

describe('the lists', () => {
  it('page without gap or double, find by name and by tenant, and follow the person’s reach', async () => {
    const ada = await as('Ada')
    await ada.grants.create(secret())
    const all = await ada.grants.outgoing({})
    expect(all.total).toBe(3)
    const pages: string[] = []
    let cursor: string | undefined
    do {
      const page = await ada.grants.outgoing({ limit: 1, cursor })
      pages.push(...page.rows.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor)
    expect(pages).toEqual(all.rows.map(({ id }) => id))
    expect((await ada.grants.outgoing({ search: 'web' })).total).toBe(1)
    expect((await ada.grants.outgoing({ search: 'bolt', role: ['editor'] })).total).toBe(1)
    expect((await ada.grants.outgoing({ search: 'nothing' })).rows).toEqual([])
    await world.admin.query(
      `update role_assignment set scope = $1 where user_id = (select id from user_account where username = 'tom' and home_tenant_id = $2)`,
      [`resource:${resourceId('A web')}`, tenantId('A')],
    )
    await world.admin.query(
      `insert into role_assignment (tenant_id, user_id, role_id) select $2, u.id, $1 from user_account u where u.username = 'tom' and u.home_tenant_id = $2`,
      [idOf('role A 1'), tenantId('A')],
    )
    await world.admin.query(`update user_role set levels = '{"sharing":"read"}' where id = $1`, [
      idOf('role A 1'),
    ])
    const tom = await as('Tom')
    expect((await tom.grants.outgoing({})).rows.map(({ name }) => name)).toEqual(['web-01'])
    expect((await tom.grants.incoming({ status: ['live'] })).rows).toEqual([])
  })
})
