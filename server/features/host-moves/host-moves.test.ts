import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { movesOf } from '@/server/features/host-moves/host-moves.fixture'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const { as, sql, move, placeOf, hanging, logOf } = movesOf(() => world)

const [A, B] = [tenantId('A'), tenantId('B')]
const [web, db, assigned] = [resourceId('A web'), resourceId('A db'), resourceId('assigned A')]
const ask = async (ids: string[], to = B) => (await as('Mara')).hostMoves.preview({ ids, tenantId: to })
const child = async (on: string, owner: string, more: { assigned?: string; cloud?: string } = {}) => {
  const id = randomUUID()
  await sql(
    `insert into resource (id, kind, name, owner_id, assigned_id, parent_id, cloud_id) values ($1, 'virtual_machine', 'vm', $2, $3, $4, $5)`,
    [id, owner, more.assigned ?? owner, on, more.cloud ?? null],
  )
  return id
}
const sampled = (id: string) =>
  sql(
    `insert into host_sample (resource_id, step, at, cpu) values ($1, 60, date_trunc('minute', now()), 7)`,
    [id],
  )
const samples = async (id: string) =>
  (await sql('select 1 from host_sample where resource_id = $1', [id])).length

describe('migrating hosts', () => {
  it('changes owner and user together, with what stands on them and their history; their agents stay', async () => {
    const vm = await child(web, A)
    const deep = await child(vm, A)
    await sampled(web)
    const before = await hanging([web, vm, deep])
    const { task } = await move([web, assigned], 'B')
    expect(task).toMatchObject({ status: 'done', error: '' })
    for (const id of [web, vm, deep, assigned])
      expect(await placeOf(id)).toMatchObject({ owner_id: B, assigned_id: B, visibility: 'private' })
    // What stood on the host still does.
    expect([(await placeOf(vm))?.parent_id, (await placeOf(deep))?.parent_id]).toEqual([web, vm])
    const kept = (rows: string[]) => rows.filter((row) => /^(sample|agent|state) /.test(row))
    expect(kept(await hanging([web, vm, deep]))).toEqual(kept(before))
    expect(await samples(web)).toBe(1)
    expect((await (await as('Bo')).hosts.get({ id: web })).owned).toBe(true)
    for (const who of ['Ada', 'Tom'] as const)
      expect(await refusal((await as(who)).hosts.get({ id: web }))).toMatchObject({ code: 'not_found' })
    // The provider gave it away, and does not have it in its own lists any more (rule 2).
    expect(await refusal((await as('Mara')).hosts.get({ id: assigned }))).toMatchObject({ code: 'not_found' })
  })

  it('an assignment still forgets how a host was used: only a migration takes the history along', async () => {
    const id = resourceId('master private')
    await sampled(id)
    await (await as('Mara')).hosts.assign({ ids: [id], tenantId: A })
    expect(await samples(id)).toBe(0)
  })

  it('ends what others had on them, and says so before and after', async () => {
    const open = resourceId('public')
    await sql(`insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, 'stays')`, [B, open])
    await sql(`update user_role set access = $2 where id = $1`, [
      idOf('role A 1'),
      JSON.stringify({ resources: [{ id: web, kind: 'host', access: 'full' }] }),
    ])
    const ids = [web, db, resourceId('granted A'), open]
    const { lines, hosts, things, blocked, notes } = await ask(ids)
    expect({ hosts, things, blocked }).toEqual({ hosts: 4, things: 0, blocked: 0 })
    expect(lines).toContain('Acme loses 2 hosts (db-01, web-01)')
    expect(lines).toContain('Acme loses 1 thing shared with it')
    expect(lines).toContainEqual(expect.stringMatching(/^Acme loses 2 places in its groups \(/))
    expect(lines).toContainEqual(expect.stringMatching(/^Acme loses 2 tags on them \(/))
    expect(lines).toContainEqual(
      expect.stringMatching(/^Acme loses 1 reference that the new tenant could not follow \(profiles\)$/),
    )
    expect(lines).toContainEqual(expect.stringMatching(/^Acme loses the force of 1 rule in roles \(/))
    expect(lines).toContain('Every tenant loses 1 public thing')
    expect(lines).toContainEqual(expect.stringMatching(/^Freehold MSP loses 2 hosts \(/))
    expect(lines).toContainEqual(expect.stringMatching(/^Bolt gains 4 hosts \(/))
    expect(notes.join(' ')).toMatch(/licence counts [\d,]+ of 1,000 hosts before and after/)
    // Asking changed nothing.
    expect((await placeOf(web))?.owner_id).toBe(A)

    const { task } = await move(ids, 'B')
    expect(task.error).toBe('')
    expect(task.lines).toEqual(lines)
    const left = await hanging(ids)
    expect(left.filter((row) => /^(group|grant|link)/.test(row))).toEqual([])
    // Bolt's own word on what it saw before stays.
    expect(left.filter((row) => row.startsWith('tag'))).toEqual([`tag ${B}${open}stays`])
  })

  it('takes along a reference that the new tenant can follow', async () => {
    const [profile] = [resourceId('B profile')]
    await sql(`update resource set owner_id = $2, assigned_id = $2, visibility = 'public' where id = $1`, [
      profile,
      MASTER_TENANT_ID,
    ])
    await sql('update resource_link set target_id = $2 where resource_id = $1', [web, profile])
    await move([web], 'B')
    expect(await sql('select target_id from resource_link where resource_id = $1', [web])).toEqual([
      { target_id: profile },
    ])
  })

  it('stands in the logs of both sides, and in the master’s: neither learns of the other', async () => {
    const { id } = await move([web, db], 'B')
    const [whole] = (await logOf('M', 'host.migrate')).filter((row) => row.target_kind === 'host_move')
    expect(whole).toMatchObject({ target_id: id, target_name: '2 hosts', after: { hosts: 2, things: 0 } })
    for (const [key, other] of [
      ['A', /Bolt/],
      ['B', /Acme/],
    ] as const) {
      const rows = await logOf(key, 'host.migrate')
      const each = rows.filter((row) => row.target_kind === 'host')
      expect(each.map((row) => [row.target_id, row.after]).sort()).toEqual(
        [
          [db, { here: key === 'B' }],
          [web, { here: key === 'B' }],
        ].sort(),
      )
      expect(JSON.stringify(rows)).not.toMatch(other)
      expect(rows.filter((row) => row.target_kind === 'host_move').length).toBe(1)
    }
  })

  it('is kept, whole, by one that cannot go, and names it', async () => {
    const stuck = async (id: string, to = B) => {
      const { blockers, blocked, lines } = await ask([db, id], to)
      expect(lines).toEqual([])
      expect(
        await refusal((await as('Mara')).hostMoves.start({ ids: [db, id], tenantId: to })),
      ).toMatchObject({ code: 'conflict' })
      return { blocked, why: blockers.join() }
    }
    expect(await stuck(resourceId('public in cloud'))).toEqual({
      blocked: 1,
      why: expect.stringMatching(/stands in Cloud .* assign the cloud/),
    })
    expect(await stuck(resourceId('B web'))).toEqual({ blocked: 1, why: 'Host web-01 is Bolt’s already' })
    expect(await stuck(resourceId('assigned B'), MASTER_TENANT_ID)).toMatchObject({
      why: expect.stringMatching(/take it back by Assign Tenant/),
    })
    await child(web, tenantId('N'))
    expect(await stuck(web)).toEqual({
      blocked: 1,
      why: expect.stringMatching(/Virtual machine vm stands on one of them and is Newco’s/i),
    })
    expect((await placeOf(db))?.owner_id).toBe(A)
  })

  it('fails whole, as a task, when something keeps one by then', async () => {
    const api = await as('Mara')
    const { taskId } = await api.hostMoves.start({ ids: [web, db], tenantId: B })
    await child(db, tenantId('N'))
    const { runTasks } = await import('@/server/features/tasks/tasks.jobs')
    await runTasks()
    const task = await api.tasks.get({ id: taskId })
    expect(task).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^Nothing has moved: .*Newco/),
    })
    expect((await placeOf(web))?.owner_id).toBe(A)
    expect(await sql('select 1 from host_move where id = $1', [taskId])).toEqual([])
  })

  it('is a parent-level administrator’s alone', async () => {
    const input = { ids: [resourceId('master private')], tenantId: B }
    for (const who of ['Ada', 'Bo', 'Sam'] as const)
      expect(await refusal((await as(who)).hostMoves.start(input))).toMatchObject({ code: 'access_denied' })
    await sql('update user_account set parent_level = false where id = $1', [userId('Mara')])
    for (const call of ['start', 'preview'] as const)
      expect(await refusal((await as('Mara')).hostMoves[call](input))).toMatchObject({
        message: 'Only a parent-level administrator migrates hosts between tenants',
      })
    await sql('update user_account set parent_level = true where id = $1', [userId('Mara')])
    expect((await move(input.ids, 'B')).task.status).toBe('done')
  })

  it('knows no host of a deleted tenant, nothing that is none, and sends none to who is disabled', async () => {
    for (const id of [resourceId('E web'), resourceId('A profile'), randomUUID()])
      expect(await refusal(ask([web, id]))).toMatchObject({ code: 'not_found' })
    expect(await refusal(ask([web], tenantId('E')))).toMatchObject({ code: 'not_found' })
    expect(await refusal(ask([web], tenantId('C')))).toMatchObject({ code: 'conflict' })
    // One of a disabled tenant may leave it.
    expect((await move([resourceId('C web')], 'B')).task.status).toBe('done')
  })

  it('is held by the database alone: for parent-level people of the master, and whole', async () => {
    const wall = wallSql(world)
    const call = (who: string, role: 'master' | 'tenant' = 'master', key: 'M' | 'A' = 'M') =>
      wall
        .as(
          role,
          wall.sign(key, { userId: who }),
          `select wall.host_move('${randomUUID()}', array['${web}', '${db}']::uuid[], '${B}')`,
        )
        .then(
          () => 'done',
          (error: { code: string }) => error.code,
        )
    await sql('update user_account set parent_level = false where id = $1', [userId('Sam')])
    expect([await call(userId('Sam')), await call(userId('Ada'), 'tenant', 'A')]).toEqual(['42501', '42501'])
    expect(await call(userId('Mara'), 'master', 'A')).toBe('42501')
    const vm = await child(db, tenantId('N'))
    expect(await call(userId('Mara'))).toBe('23514')
    await sql('delete from resource where id = $1', [vm])
    expect(await call(userId('Mara'))).toBe('done')
    await wall.close()
  })
})
