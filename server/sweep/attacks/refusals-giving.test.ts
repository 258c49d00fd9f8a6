import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EVERYONE_LOCK } from '@/lib/master'
import { env } from '@/server/platform/env'
import { hostsExport } from '@/server/features/hosts/hosts.export'
import { tenantExport } from '@/server/features/tenants/tenants.export'
import { actingIn } from '@/server/sweep/acting'
import { call } from '@/server/sweep/call'
import { procedureOf } from '@/server/sweep/declared'
import { unusedId } from '@/server/sweep/inputs'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, ORGANIZATION_ROLE, resourceId, tenantId, userId } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { createWorld, type World } from '@/test/world'

// Giving and moving: what the roles of whoever gives must let them do themselves (PRODUCT rule 8), and what stands in the way of a move.

describe('giving what one holds, and no more', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const { giveOnly, run, sql, status } = actingIn(() => world)

  const cap = (id: string) => sql('update tenant set tenant_role_id = $1 where id = $2', [id, tenantId('A')])
  const SHARER = { tenants: 'full', sharing: 'full' }
  const host = { kind: 'host', resourceId: resourceId('master private') }

  it.each([
    ['grants.create', { ...host, tenantId: tenantId('B'), role: 'viewer' }],
    ['grants.createPreview', { ...host, tenantId: tenantId('B'), role: 'viewer' }],
    ['grants.update', { id: idOf('grant granted A'), role: 'viewer' }],
    ['grants.setTenants', { ...host, resourceId: resourceId('granted A'), tenantIds: [tenantId('B')] }],
    ['membersMap.set', { tenantId: tenantId('A'), map: { networks: ['*'], machines: [host.resourceId] } }],
    ['membersMap.set', { tenantId: tenantId('A'), map: { networks: ['*'], machines: ['*'] } }],
  ])('%s is for who may change the thing', async (name, input) => {
    await giveOnly('Sam', { ...SHARER, hosts: 'read' })
    const before = await world.state(['audit_event', 'audit_seal', 'session'])
    expect(await status('Sam', name, input)).toBe(403)
    expect(await world.state(['audit_event', 'audit_seal', 'session'])).toEqual(before)
    await giveOnly('Sam', { ...SHARER, hosts: 'full' })
    expect(await status('Sam', name, input)).toBe(200)
  })

  it('whose thing it is not to change takes it from nobody of its tenants', async () => {
    await sql(
      `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status) values ($1, 'host', 'x', $2, $3, 'viewer', 'live')`,
      [resourceId('granted A'), tenantId('M'), tenantId('B')],
    )
    const fewer = { ...host, resourceId: resourceId('granted A'), tenantIds: [tenantId('B')] }
    await giveOnly('Sam', { ...SHARER, hosts: 'read' })
    expect(await status('Sam', 'grants.setTenants', fewer)).toBe(403)
    await giveOnly('Sam', { ...SHARER, hosts: 'full' })
    expect(await status('Sam', 'grants.setTenants', fewer)).toBe(200)
  })

  it.each([
    ['resources.assign', { kind: 'host', ids: [host.resourceId], tenantId: tenantId('A') }],
    ['resources.setVisibility', { kind: 'host', ids: [host.resourceId], visibility: 'public' }],
  ])('%s is not for whose roles leave that one thing to look at', async (name, input) => {
    await giveOnly(
      'Sam',
      { hosts: 'full' },
      { access: { resources: [{ id: host.resourceId, access: 'read' }] } },
    )
    expect(await status('Sam', name, input)).toBe(403)
    await giveOnly('Sam', { hosts: 'full' })
    expect(await status('Sam', name, input)).toBe(200)
  })

  it('who may not hand things on is refused at once, and waits for nobody', async () => {
    const access = { visibility: 'public', tenantId: tenantId('M') }
    const { rows } = await sql('select updated_at from resource where id = $1', [resourceId('A web')])
    const updatedAt = (rows[0] as { updated_at: Date }).updated_at.toISOString()
    const made = { kind: 'bare_metal', name: 'new-server', spec: { cores: 2 }, access }
    const edited = { kind: 'host', id: resourceId('A web'), name: 'renamed', updatedAt, access }
    for (const [name, input] of [
      ['resources.create', made],
      ['resources.update', edited],
    ] as const) {
      const { waited, done } = await whileHeld(world, EVERYONE_LOCK, () => status('Ada', name, input))
      expect([name, waited, await done]).toEqual([name, false, 403])
    }
    const mine = await whileHeld(world, EVERYONE_LOCK, () => status('Mara', 'resources.create', made))
    expect([mine.waited, await mine.done]).toEqual([true, 200])
  })

  it('what comes by enrolment is made by nobody', async () => {
    for (const [actor, name] of [
      ['Ada', 'resources.create'],
      ['Mara', 'resources.create'],
      ['Mara', 'resources.createPreview'],
    ] as const) {
      const answer = await run(actor, name, { kind: 'host', name: 'new-host', access: {} })
      expect([name, actor, answer.status]).toEqual([name, actor, 403])
      expect(answer.text).toContain('come by enrolment')
    }
  })

  it('who may not share a thing learns nothing of sharing addresses by trying (E17)', async () => {
    await giveOnly('Sam', { ...SHARER, hosts: 'read' })
    const input = { ...host, tenantId: unusedId(), role: 'viewer' }
    expect(await status('Sam', 'grants.create', input)).toBe(403)
    await giveOnly('Sam', { ...SHARER, hosts: 'full' })
    expect(await status('Sam', 'grants.create', input)).toBe(404)
  })

  it('an address tells its name to a tenant whose provider lets it share, and to no other', async () => {
    const input = { tenantId: tenantId('B') }
    await cap(ORGANIZATION_ROLE)
    await sql('update tenant_role set sharing = true where id = $1', [ORGANIZATION_ROLE])
    await sql('update tenant_role set sharing = false where id = $1', [CUSTOMER_ROLE])
    expect(await status('Ada', 'grants.target', input)).toBe(200)
    await cap(CUSTOMER_ROLE)
    expect(await status('Ada', 'grants.target', input)).toBe(403)
  })

  it('whom a thing was given to is told that its owner changes the share', async () => {
    await cap(ORGANIZATION_ROLE)
    const { status: code, text } = await run('Ada', 'grants.update', {
      id: idOf('grant granted A'),
      role: 'editor',
    })
    expect(code).toBe(403)
    expect(text).toContain('Its owner alone changes a share')
  })

  describe('a cloud with something of a third tenant in it', () => {
    const cloud = resourceId('second public cloud')
    const input = { kind: 'cloud', ids: [cloud], tenantId: tenantId('A') }
    const boltsOwn = () =>
      sql(
        `insert into resource (kind, name, owner_id, assigned_id, cloud_id) values ('network', 'bolts-own', $1, $1, $2)`,
        [tenantId('B'), cloud],
      )

    it('does not move, and what is in the way is named', async () => {
      expect(await status('Mara', 'resources.assignPreview', input)).toBe(200)
      await boltsOwn()
      for (const name of ['resources.assignPreview', 'resources.assign']) {
        const answer = await run('Mara', name, input)
        expect([name, answer.status]).toEqual([name, 409])
        expect(answer.text).toContain('in it stand Network bolts-own of Bolt')
      }
    })

    it('is refused where somebody was given something of it before the locks were there', async () => {
      await sql(`update resource set visibility = 'private' where id = $1`, [cloud])
      const share = () =>
        sql(
          `with made as (insert into resource (kind, name, owner_id, assigned_id, cloud_id) values ('network', 'late', $1, $1, $2) returning id)
          insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role) select id, 'network', 'late', $1, $3, 'viewer' from made`,
          [tenantId('M'), cloud, tenantId('B')],
        )
      const { waited, done } = await whileHeld(
        world,
        tenantId('A'),
        () => status('Mara', 'resources.assign', input),
        share,
      )
      expect([waited, await done]).toEqual([true, 409])
      expect(await status('Mara', 'resources.assign', input)).toBe(200)
    })

    it('is not put into the background either', async () => {
      await sql(
        `insert into resource (kind, name, owner_id, assigned_id, cloud_id)
        select 'network', 'many-' || i, $1, $1, $2 from generate_series(1, $3::int) i`,
        [tenantId('M'), cloud, env().BACKGROUND_MOVE_ABOVE + 1],
      )
      await boltsOwn()
      const tasks = async () => Number((await sql('select count(*) as n from background_task')).rows[0]?.n)
      const before = await tasks()
      expect(await status('Mara', 'resources.assign', input)).toBe(409)
      expect(await tasks()).toBe(before)
      await sql(`delete from resource where name = 'bolts-own'`)
      expect((await run('Mara', 'resources.assign', input)).text).toContain('taskId')
      expect(await tasks()).toBe(before + 1)
    })
  })

  it.each([
    ['Ada', hostsExport, 'web-01'],
    ['Mara', tenantExport, 'Acme'],
  ] as const)('an export under way ends with the session of %s', async (actor, route, word) => {
    const exported = async () => {
      const call = { name: 'x', declaration: route.declaration, audited: false }
      const op = { ...(await world.opOf(actor)), call }
      const request = new Request(`http://freehold.invalid${route.path}`)
      return route.handle({ request, op, facts: world.factsOf(actor), params: {} })
    }
    expect(await (await exported()).text()).toContain(word)
    const late = await exported()
    await sql('delete from session where user_id = $1', [userId(actor)])
    expect(await late.text().catch(() => 'refused')).not.toContain(word)
  })
})

describe('questions about people who are not of the tenant', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())
  const status = async (actor: PersonName, name: string, input: unknown) =>
    (await call(world, actor, procedureOf(name), input)).status

  it.each([
    ['Ada', 'account.rightsOf', 'id', {}],
    ['Ada', 'explain.person', 'userId', { id: resourceId('A web') }],
    ['Mara', 'explain.asProvider', 'userId', { id: resourceId('A web'), tenantId: tenantId('A') }],
  ] as const)('%s asks by %s: nobody is there', async (actor, name, field, more) => {
    expect(await status(actor, name, { ...more, [field]: userId('Tom') })).toBe(200)
    for (const id of [userId('Bo'), unusedId()])
      expect([id, await status(actor, name, { ...more, [field]: id })]).toEqual([id, 404])
  })

  it('the roles of the provider’s people are not a tenant’s to look into', async () => {
    await world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [
      tenantId('A'),
      userId('Sam'),
    ])
    const asked = { id: resourceId('A web'), userId: userId('Sam') }
    const level = (parent: boolean) =>
      world.admin.query('update user_account set parent_level = $2 where id = $1', [userId('Sam'), parent])
    await level(false)
    expect(await status('Ada', 'explain.person', asked)).toBe(200)
    await level(true)
    expect(await status('Ada', 'explain.person', asked)).toBe(404)
  })
})
