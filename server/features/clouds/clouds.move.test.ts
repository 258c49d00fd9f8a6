import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { database } from '@/server/db/runtime'
import { inTenant, mutate } from '@/server/db/scope'
import { cloudsRouter } from '@/server/features/clouds/clouds.router'
import { planted, plantMany, plantNorth, plantThing } from '@/server/features/clouds/clouds.fixture'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import { tasksRouter } from '@/server/features/tasks/tasks.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(
  router({ clouds: cloudsRouter, resources: resourcesRouter, tasks: tasksRouter }),
)

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
  if (error === null) return { status: 200, message: '' }
  const { status, message } = errorBody(error)
  return { status, message }
}
const assign = async (cloud: string, to: 'A' | 'B' | 'M', by: PersonName = 'Mara') =>
  (await as(by)).resources.assign({ kind: 'cloud', ids: [planted(cloud)], tenantId: tenantId(to) })
const inCloud = (cloud: string) =>
  world.admin
    .query<{ name: string; assigned_id: string; visibility: string }>(
      'select name, assigned_id, visibility from resource where cloud_id = $1 order by name',
      [planted(cloud)],
    )
    .then((r) => r.rows)
const logged = (tenant: 'A' | 'B' | 'M') =>
  world.admin
    .query<{ target_kind: string; target_name: string; before: object; after: { effects?: string[] } }>(
      `select target_kind, target_name, before, after from audit_event where event = 'resource.assign' and tenant_id = $1 and request_id <> ''`,
      [tenantId(tenant)],
    )
    .then((r) => r.rows)

describe('assigning a cloud', () => {
  it('moves all of it that the master owns, whoever used it; makes it private; ends its shares', async () => {
    await plantNorth(world)
    expect(await assign('North', 'A')).toEqual({ changed: 5 })
    for (const row of await inCloud('North'))
      expect(row).toMatchObject({ assigned_id: tenantId('A'), visibility: 'private' })
    expect(
      (await world.admin.query('select 1 from access_grant where resource_id = $1', [planted('shared-host')]))
        .rowCount,
    ).toBe(0)
    const seen = await (await as('Ada')).resources.list({ kind: 'datastore', cloudId: planted('North') })
    expect(seen.rows.map(({ name }) => name)).toEqual(['net-1', 'open-net'])
    for (const id of ['bolt-host', 'shared-host'])
      expect((await problem((await as('Bo')).resources.get({ kind: 'host', id: planted(id) }))).status).toBe(
        404,
      )
    expect(
      (await problem((await as('Ada')).resources.get({ kind: 'host', id: planted('bolt-host') }))).status,
    ).toBe(200)
    // And back the same way: the master uses it again, and nobody else.
    expect(await assign('North', 'M')).toEqual({ changed: 5 })
    for (const row of await inCloud('North')) expect(row.assigned_id).toBe(MASTER_TENANT_ID)
    expect(
      (await problem((await as('Ada')).resources.get({ kind: 'cloud', id: planted('North') }))).status,
    ).toBe(404)
  })

  it('taken back, tells those who administer the master which hosts came back from whom', async () => {
    await plantNorth(world)
    await plantThing(world, 'acme-host', { kind: 'host', assigned: 'A', cloud: 'North' })
    await assign('North', 'A')
    const subjects = async () =>
      (
        await world.admin.query<{ subject: string }>(
          `select subject from mail_message where kind = 'notice' and to_address = 'mara@msp.example'`,
        )
      ).rows.map(({ subject }) => subject)
    // From one tenant to another is no return
    expect(await subjects()).toEqual([])
    await assign('North', 'M')
    expect(await subjects()).toEqual(['3 hosts came back from Acme'])
    await assign('North', 'M')
    expect(await subjects()).toHaveLength(1)
  })

  it('says before who gains and loses what, and the logs say the same after', async () => {
    await plantNorth(world)
    const preview = await (
      await as('Mara')
    ).clouds.movePreview({ id: planted('North'), tenantId: tenantId('A') })
    expect(preview).toMatchObject({
      total: 4,
      counts: [
        { kind: 'host', count: 2 },
        { kind: 'datastore', count: 2 },
      ],
      lines: [
        'Freehold MSP loses the use of Cloud North with 3 things',
        'Bolt loses 1 thing assigned to it',
        'Every tenant loses the offer of Cloud North with 1 public thing',
        'Bolt loses 1 thing shared with it',
        'Acme gains Cloud North with 4 things',
      ],
      blockers: [],
      background: false,
    })
    expect((await inCloud('North'))[0]?.assigned_id).not.toBe(tenantId('A'))
    await assign('North', 'A')
    expect((await logged('M'))[0]?.after.effects).toEqual(preview.lines)
    expect((await logged('A'))[0]).toMatchObject({ target_name: 'North', after: { assigned: true } })
    // Bolt had two things of it and never the cloud: its log names these, and no cloud.
    const [bolt] = await logged('B')
    expect(bolt).toMatchObject({ target_kind: 'resource', before: { names: ['bolt-host', 'shared-host'] } })
    expect(JSON.stringify(bolt)).not.toMatch(/North|Acme|net-1/)
  })

  it('is blocked, as a whole and by name, by what a third tenant owns in it; its own things do not block', async () => {
    await plantNorth(world)
    await plantThing(world, 'bolts-own', { owner: 'B', cloud: 'North' })
    const before = await inCloud('North')
    const refused = await problem(assign('North', 'A'))
    expect(refused).toMatchObject({ status: 409 })
    expect(refused.message).toContain('Data store bolts-own of Bolt')
    const preview = await (
      await as('Mara')
    ).clouds.movePreview({ id: planted('North'), tenantId: tenantId('A') })
    expect(preview).toMatchObject({ blocked: 1, blockers: [{ name: 'bolts-own', tenant: 'Bolt' }] })
    expect(await inCloud('North')).toEqual(before)
    expect((await assign('North', 'B')).changed).toBe(5)
    // Now the master cannot take it back before Bolt has removed its own.
    expect((await problem(assign('North', 'M'))).status).toBe(409)
    await (await as('Bo')).resources.remove({ kind: 'datastore', id: planted('bolts-own') })
    expect((await assign('North', 'M')).changed).toBe(5)
  })

  it('binds what is in it: a single thing goes with its cloud only, and what is new is born there', async () => {
    await plantNorth(world)
    await assign('North', 'A')
    const mara = await as('Mara')
    const one = (to: 'B' | 'A' | 'M') =>
      mara.resources.assign({ kind: 'datastore', ids: [planted('net-1')], tenantId: tenantId(to) })
    const refused = await problem(one('B'))
    expect(refused).toMatchObject({ status: 409 })
    expect(refused.message).toContain('net-1 stands in Cloud North, which is assigned to Acme')
    expect((await problem(one('M'))).status).toBe(409)
    expect((await problem(one('A'))).status).toBe(200)
    const made = await mara.resources.create({
      kind: 'datastore',
      name: 'new-net',
      spec: { type: 'nfs', capacity: 2 ** 30 },
      cloudId: planted('North'),
    })
    const born = await (await as('Ada')).resources.get({ kind: 'datastore', id: made.id })
    expect(born).toMatchObject({ relation: 'assigned', assignedHere: true })
  })

  it('is the provider’s to do: not Sam’s who only looks, nor a tenant’s', async () => {
    await plantNorth(world)
    expect((await problem(assign('North', 'A', 'Sam'))).status).toBe(403)
    expect((await problem(assign('North', 'A', 'Ada'))).status).toBe(403)
    await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
    expect((await problem(assign('North', 'A'))).status).toBe(409)
  })

  it('is held whole by the database alone', async () => {
    await plantNorth(world)
    const op = {
      ...(await world.opOf('Mara')),
      call: {
        name: 'test',
        declaration: { scope: 'self', audit: 'x', summary: '' } as const,
        audited: false,
      },
    }
    const to = (where: 'id' | 'cloud_id', id: string, tenant = tenantId('A')) =>
      mutate(op, async ({ tx, audit }) => {
        audit({ targetKind: 'x', targetId: '' })
        return tx.$executeRaw`
          update resource set assigned_id = ${tenant}::uuid, visibility = 'private'
          where case ${where} when 'id' then id else cloud_id end = ${planted(id)}::uuid`
      })
    await expect(to('id', 'North')).rejects.toThrow(/all that stands in it/)
    expect(await to('cloud_id', 'North')).toBe(5)
    await expect(to('id', 'net-1', tenantId('B'))).rejects.toThrow(/all that stands in it/)
  })
})

describe('a cloud with much in it', () => {
  const big = async () => {
    await plantNorth(world)
    await plantMany(world, 'North', 10_001)
    const { taskId = '' } = await assign('North', 'A')
    return taskId
  }
  const left = async () => (await inCloud('North')).filter((row) => row.assigned_id !== tenantId('A')).length

  it('moves in the background, as who asked for it, and the page tells', async () => {
    const id = await big()
    expect(await (await as('Mara')).tasks.get({ id })).toMatchObject({
      title: 'Assign Cloud North to Acme',
      status: 'queued',
      total: 10_005,
      mine: true,
    })
    expect(await left()).toBe(10_006)
    // Signed out meanwhile: the right counts, not the session.
    await world.admin.query('update session set revoked_at = now() where user_id = $1', [userId('Mara')])
    expect(await runTasks()).toBe(1)
    expect(await left()).toBe(0)
    await world.admin.query('update session set revoked_at = null where user_id = $1', [userId('Mara')])
    const done = await (await as('Mara')).tasks.get({ id })
    expect(done).toMatchObject({ status: 'done', done: 10_005, error: '' })
    expect(done.lines).toContain('Acme gains Cloud North with 10,005 things')
    const [row] = await world.admin
      .query(`select actor_name, after from audit_event where event = 'resource.assign' and tenant_id = $1`, [
        MASTER_TENANT_ID,
      ])
      .then((r) => r.rows)
    expect(row).toMatchObject({ after: { effects: done.lines } })
    expect(String((row as { actor_name: string }).actor_name)).toContain('mara')
    expect((await logged('A')).length).toBe(1)
    expect((await (await as('Mara')).tasks.list({})).rows[0]?.id).toBe(id)
    expect((await problem((await as('Ada')).tasks.get({ id }))).status).toBe(404)
  }, 60_000)

  it('does not move when who asked may not any more', async () => {
    const id = await big()
    await world.admin.query('delete from role_assignment where user_id = $1', [userId('Mara')])
    expect(await runTasks()).toBe(1)
    expect(await left()).toBe(10_006)
    const { rows } = await world.admin.query(`select status, error from background_task where id = $1`, [id])
    expect(rows[0]).toMatchObject({ status: 'failed', error: 'You do not have permission to do this' })
    const denied = await world.admin.query(
      `select 1 from audit_event where event = 'resource.assign' and result = 'denied' and target_id = $1`,
      [id],
    )
    expect(denied.rowCount).toBe(1)
  }, 60_000)

  it('goes on after a crash, once; an attempt that was taken over from changes nothing', async () => {
    const id = await big()
    // A worker took it up and was killed: nobody hears of it.
    await world.admin.query(
      `update background_task set status = 'running', attempts = 1, heartbeat_at = now() - interval '1 minute' where id = $1`,
      [id],
    )
    expect(await runTasks()).toBe(1)
    expect(await left()).toBe(0)
    const { rows } = await world.admin.query('select status, attempts from background_task where id = $1', [
      id,
    ])
    expect(rows[0]).toEqual({ status: 'done', attempts: 2 })
    // The first one comes back to life and wants to say that it is done.
    const op = { ...(await world.opOf('Mara')), task: { id, attempt: 1 } }
    await expect(
      inTenant(op, (tx) => tx.$executeRaw`select wall.task_finish(${id}::uuid, 1, '{}'::jsonb)`),
    ).rejects.toThrow()
    expect(await runTasks()).toBe(0)
  }, 60_000)

  it('is not overlooked by a run that had looked before it was there: a call meanwhile makes it look again', async () => {
    const asked = vi.spyOn(database().system, 'query')
    const first = runTasks()
    const second = runTasks()
    expect(await Promise.all([first, second])).toEqual([0, 0])
    expect(asked).toHaveBeenCalledTimes(2)
    expect(await runTasks()).toBe(0)
    expect(asked).toHaveBeenCalledTimes(3)
  })

  it('fails whole when something blocks it by the time it runs', async () => {
    const id = await big()
    await plantThing(world, 'bolts-own', { owner: 'B', cloud: 'North' })
    await runTasks()
    expect(await left()).toBe(10_007)
    expect(await (await as('Mara')).tasks.get({ id })).toMatchObject({ status: 'failed' })
    expect((await (await as('Mara')).tasks.get({ id })).error).toContain('bolts-own of Bolt')
  }, 60_000)

  it('is offered, granted and taken back without a write to what is in it', async () => {
    await plantNorth(world, 'private')
    await plantMany(world, 'North', 20_000)
    const written = async () =>
      (
        await world.admin.query<{ x: string }>(
          `select md5(string_agg(r.xmin::text || r.ctid::text, '' order by r.id)) as x from resource r where r.cloud_id = $1 and r.id <> r.cloud_id`,
          [planted('North')],
        )
      ).rows[0]?.x
    const before = await written()
    const mara = await as('Mara')
    await mara.resources.setVisibility({ kind: 'cloud', ids: [planted('North')], visibility: 'public' })
    await world.admin.query(`update tenant_role set default_cloud_level = 'full'`)
    await (await as('Ada')).clouds.add({ id: planted('North') })
    expect(
      (await (await as('Ada')).resources.list({ kind: 'datastore', cloudId: planted('North') })).total,
    ).toBe(2001)
    await world.admin.query(`update tenant_role set default_cloud_level = 'none'`)
    expect(
      (await (await as('Ada')).resources.list({ kind: 'datastore', cloudId: planted('North') })).total,
    ).toBe(0)
    await mara.resources.setVisibility({ kind: 'cloud', ids: [planted('North')], visibility: 'private' })
    expect(await written()).toBe(before)
  }, 60_000)
})
