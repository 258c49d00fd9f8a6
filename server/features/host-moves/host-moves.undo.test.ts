import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forgetHostMoves } from '@/server/features/host-moves/host-moves.jobs'
import { movesOf } from '@/server/features/host-moves/host-moves.fixture'
import { idOf } from '@/test/canary'
import { ORGANIZATION_ROLE, resourceId, tenantId } from '@/test/factories'
import { HOST_MOVE } from '@/test/plant-host-move'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const { as, sql, move, undo, placeOf, hanging, logOf } = movesOf(() => world)

const [A, B, N] = [tenantId('A'), tenantId('B'), tenantId('N')]
const [web, db, assigned, granted] = ['A web', 'A db', 'assigned A', 'granted A'].map(resourceId) as [
  string,
  string,
  string,
  string,
]
const plant = async (kind: string, owner: string, parent: string | null = null) => {
  const id = randomUUID()
  await sql(
    'insert into resource (id, kind, name, owner_id, assigned_id, parent_id) values ($1, $2, $2, $3, $3, $4)',
    [id, kind, owner, parent],
  )
  return id
}
const why = async (id: string) => {
  const api = await as('Mara')
  const { undo } = await api.hostMoves.get({ id })
  expect(undo.allowed).toBe(false)
  const { message } = await refusal(api.hostMoves.undo({ id }))
  expect(message).toContain(undo.reason?.replace(/\.$/, ''))
  return undo.reason
}

describe('undoing a migration', () => {
  it('brings back exactly what there was: owners, users, places, groups, tags, shares, references, history', async () => {
    // Acme may share, so that its share of a host comes back, too.
    await sql('update tenant set tenant_role_id = $1 where id = $2', [ORGANIZATION_ROLE, A])
    await sql(
      `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role) values ($1, 'host', '', $2, $3, 'editor')`,
      [resourceId('A secret'), A, N],
    )
    const folder = await plant('folder', A)
    const vm = await plant('virtual_machine', A, web)
    const other = await plant('virtual_machine', A)
    await sql('update resource set parent_id = $2, created_by = $3 where id = $1', [
      web,
      folder,
      idOf('user Ada'),
    ])
    await sql(`insert into resource_link (resource_id, field, target_id) values ($1, 'x', $2)`, [other, db])
    await sql(`insert into host_sample (resource_id, step, at) values ($1, 60, now())`, [web])
    const ids = [web, db, resourceId('A secret'), assigned, granted, resourceId('public')]
    const all = [...ids, vm, folder, other]
    const before = await hanging(all)
    const { id, task } = await move(ids, 'B')
    expect(task.error).toBe('')
    expect(await hanging(all)).not.toEqual(before)
    expect((await placeOf(web))?.parent_id).toBeNull()
    const api = await as('Mara')
    expect((await api.hostMoves.get({ id })).undo).toEqual({ allowed: true })
    const { lines, lost, blocked } = await api.hostMoves.undoPreview({ id })
    expect({ lost, blocked }).toEqual({ lost: [], blocked: 0 })
    expect(lines).toContainEqual(expect.stringMatching(/^Acme gains 4 hosts \(.*with 1 thing on them$/))
    expect(lines).toContainEqual(expect.stringMatching(/^Bolt loses 6 hosts/))
    const done = await undo(id)
    expect(done).toMatchObject({ status: 'done', error: '' })
    expect(done.lines).toEqual(lines)
    expect(await hanging(all)).toEqual(before)
    expect(await refusal((await as('Bo')).hosts.get({ id: web }))).toMatchObject({ code: 'not_found' })
    expect((await (await as('Ada')).hosts.get({ id: web })).owned).toBe(true)
    expect((await logOf('A', 'host.migrate_undo')).filter((row) => row.target_kind === 'host').length).toBe(4)
    expect(JSON.stringify(await logOf('B', 'host.migrate_undo'))).not.toMatch(/Acme/)
    expect(await why(id)).toBe('It was undone already')
    const [row] = (await api.hostMoves.list({})).rows
    expect(row).toMatchObject({ id, undoneBy: expect.stringContaining('Mara') as string })
  })

  it('says what ends and what does not come back, and does the rest', async () => {
    const { id } = await move([web, granted], 'B')
    await sql(`insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, 'new')`, [B, web])
    await sql('delete from resource_group where id = $1', [idOf('group A 1')])
    await sql(`update tenant set status = 'disabled' where id = $1`, [N])
    const api = await as('Mara')
    const { lost } = await api.hostMoves.undoPreview({ id })
    expect(lost).toEqual([
      '1 place in groups of before cannot come back: what they name is gone, or has ended',
      // Acme may not share at present: the offer of its host to Bolt has ended.
      '1 share of before cannot come back: what they name is gone, or has ended',
      '1 tag made since will end',
    ])
    expect((await undo(id)).lines).toEqual(expect.arrayContaining(lost))
    expect((await hanging([web])).filter((row) => row.startsWith(`tag ${B}`))).toEqual([])
  })

  it('is refused, with the reason, where a host was deleted, moved on, carries something new, or whose it was is closed', async () => {
    const { id } = await move([web, db], 'B')
    const vm = await plant('virtual_machine', B, web)
    expect(await why(id)).toBe(
      'Virtual machine virtual_machine was put on web-01 since: let it be removed first.',
    )
    await sql('delete from resource where id = $1', [vm])
    await sql(`update tenant set status = 'disabled' where id = $1`, [A])
    expect(await why(id)).toBe('Host db-01 came from Acme, which is not active: enable it first.')
    await sql(`update tenant set status = 'active' where id = $1`, [A])
    const on = await move([db], 'N')
    expect(on.task.error).toBe('')
    expect(await why(id)).toBe('Host db-01 moved on since, and is Newco’s.')
    expect((await undo(on.id)).status).toBe('done')
    expect((await (await as('Mara')).hostMoves.get({ id })).undo).toEqual({ allowed: true })
    await sql('delete from resource where id = $1', [web])
    expect(await why(id)).toBe('Host web-01 was deleted since.')
    expect((await placeOf(db))?.owner_id).toBe(B)
  })

  it('is possible for 7 days, for parent-level administrators', async () => {
    const { id } = await move([web], 'B')
    expect(await refusal((await as('Sam')).hostMoves.undo({ id }))).toMatchObject({ code: 'access_denied' })
    expect(await refusal((await as('Bo')).hostMoves.get({ id }))).toMatchObject({ code: 'access_denied' })
    await sql(`update host_move set created_at = now() - interval '7 days 1 minute' where id = $1`, [id])
    for (const call of ['get', 'undo', 'undoPreview'] as const)
      expect(await refusal((await as('Mara')).hostMoves[call]({ id }))).toMatchObject({ code: 'not_found' })
    await forgetHostMoves()
    expect(await sql('select id from host_move')).toEqual([{ id: HOST_MOVE }])
    expect(await sql('select move_id as id from host_move_item')).toEqual([{ id: HOST_MOVE }])
  })
})
