import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { inTenant } from '@/server/db/scope'
import { cell, matrixOf, NOBODYS } from '@/server/features/matrix/matrix.fixture'
import { forgetMatrixChanges } from '@/server/features/matrix/matrix.jobs'
import { resourceId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const { as, logOf, named } = matrixOf(() => world)

describe('undoing', () => {
  const standing = async () =>
    (
      await world.admin.query(
        `select r.id, r.assigned_id, r.visibility, (select jsonb_agg(jsonb_build_array(g.id, g.tenant_id, g.role, g.status, g.expires_at, g.created_by, g.created_at) order by g.id)
           from access_grant g where g.resource_id = r.id and (g.expires_at is null or g.expires_at > now())) as grants
         from resource r where r.owner_id = $1 order by r.id`,
        [MASTER_TENANT_ID],
      )
    ).rows as unknown[]

  it('brings back exactly what there was, with a preview and an audit row', async () => {
    const api = await as('Mara')
    await api.matrix.change({ cells: [cell('granted A', 'B', 'none', 'edits')] })
    const before = await standing()
    const { id } = await api.matrix.change({
      cells: [
        cell('granted A', 'N', 'none', 'uses'),
        cell('assigned A', 'A', 'uses', 'edits'),
        cell('assigned B', 'A', 'none', 'uses'),
        cell('master private', 'A', 'none', 'sees'),
      ],
      rows: [
        { resourceId: resourceId('public'), to: 'private' },
        { resourceId: resourceId('master private 2'), to: 'public' },
      ],
    })
    expect(await standing()).not.toEqual(before)
    const { lines } = await api.matrix.undoPreview({ id })
    const undone = await api.matrix.undo({ id })
    expect(await standing()).toEqual(before)
    expect(undone.lines).toEqual(lines)
    expect(await logOf('matrix.undo', 'M')).toEqual(lines)
    expect(await logOf('matrix.undo', 'B')).toEqual(lines.filter((line) => line.startsWith('Bolt ')))
    expect(await refusal(api.matrix.undo({ id }))).toMatchObject({ message: 'It was undone already' })
    const [last] = (await api.matrix.history({})).rows
    expect(last).toMatchObject({ id, undoneBy: expect.stringContaining('Mara') as string })
  })

  it('is refused where something changed meanwhile, by name', async () => {
    const api = await as('Mara')
    const { id } = await api.matrix.change({
      cells: [cell('master private', 'A', 'none', 'sees'), cell('master private 2', 'B', 'none', 'sees')],
    })
    // Somebody else's share of the same thing is no obstacle.
    await api.matrix.change({ cells: [cell('master private', 'N', 'none', 'sees')] })
    await api.matrix.undoPreview({ id })
    await api.matrix.change({ cells: [cell('master private 2', 'B', 'sees', 'edits')] })
    const refused = await refusal(api.matrix.undo({ id }))
    expect(refused).toMatchObject({ code: 'conflict' })
    expect(refused.message).toContain(await named('master private 2'))
    expect(refused.message).not.toContain(`${await named('master private')},`)
    await world.admin.query('delete from resource where id = $1', [resourceId('master private 2')])
    expect((await refusal(api.matrix.undo({ id }))).message).toContain('not there any more')
  })

  it('is not for who may not change it, nor for other tenants', async () => {
    const { id } = await (
      await as('Mara')
    ).matrix.change({ cells: [cell('master private', 'A', 'none', 'sees')] })
    expect(await refusal((await as('Sam')).matrix.undo({ id }))).toMatchObject({ code: 'access_denied' })
    expect(await refusal((await as('Ada')).matrix.undo({ id }))).toMatchObject({ code: 'access_denied' })
    expect(await refusal((await as('Mara')).matrix.undo({ id: NOBODYS }))).toMatchObject({
      code: 'not_found',
    })
    const op = await world.opOf('Ada')
    const peeked = await inTenant(op, (tx) => tx.$queryRaw`select id from matrix_change`).then(
      () => 'read',
      () => 'refused',
    )
    if (!process.env.FREEHOLD_TEST_LAYER) expect(peeked).toBe('refused')
    await (await as('Mara')).matrix.undo({ id })
  })

  it('is possible for 7 days', async () => {
    const api = await as('Mara')
    const { id } = await api.matrix.change({ cells: [cell('master private', 'A', 'none', 'sees')] })
    await world.admin.query(
      `update matrix_change set created_at = now() - interval '7 days 1 minute' where id = $1`,
      [id],
    )
    expect(await refusal(api.matrix.undo({ id }))).toMatchObject({ code: 'not_found' })
    const left = async () =>
      (await world.admin.query('select id from matrix_change where id = $1', [id])).rowCount
    expect(await left()).toBe(1)
    await forgetMatrixChanges()
    expect(await left()).toBe(0)
    expect((await world.admin.query('select id from matrix_change')).rowCount).toBe(1)
  })
})
