import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { matrixOf } from '@/server/features/matrix/matrix.fixture'
import { resourceId, tenantId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const { as, reasonsAt } = matrixOf(() => world)

describe('cells', () => {
  it('say why each tenant has what it has', async () => {
    await world.admin.query(
      `insert into access_grant_all (owner_id, tenant_id, kind, role) values ($1, $2, 'profile', 'editor')`,
      [MASTER_TENANT_ID, tenantId('B')],
    )
    expect(await reasonsAt('assigned A', 'M', 'A', 'B')).toEqual([['owner'], ['assigned'], []])
    expect(await reasonsAt('master private', 'M', 'A')).toEqual([['owner', 'assigned'], []])
    expect(await reasonsAt('public', 'A', 'B', 'N')).toEqual([['public'], ['public'], ['public']])
    expect(await reasonsAt('public in cloud', 'A', 'B')).toEqual([['cloud'], []])
    expect(await reasonsAt('granted A', 'A', 'B')).toEqual([['viewer'], []])
    expect(await reasonsAt('expired grant A', 'A')).toEqual([[]])
    expect(await reasonsAt('M profile', 'A', 'B')).toEqual([[], ['allEditor']])
  })

  it('leave out what is not of the master, and tenants that are not active', async () => {
    const api = await as('Mara')
    const { rows } = await api.matrix.rows({ search: 'web-01', limit: 100 })
    expect(rows).toEqual([])
    const tenants = await api.matrix.tenants({})
    expect(tenants.rows.map(({ name }) => name)).toEqual(['Acme', 'Bolt', 'Newco'])
    expect(tenants.total).toBe(3)
    expect(await reasonsAt('public', 'C')).toEqual([[]])
    for (const [label, key] of [
      ['A web', 'A'],
      ['public', 'E'],
    ] as const)
      expect(await refusal(reasonsAt(label, key))).toMatchObject({ code: 'not_found' })
  })

  it('are the master’s alone', async () => {
    const input = { resourceIds: [resourceId('assigned A')], tenantIds: [tenantId('A')] }
    expect(await refusal((await as('Ada')).matrix.cells(input))).toMatchObject({ code: 'access_denied' })
    expect((await (await as('Sam')).matrix.cells(input)).rows[0]?.cells).toEqual([['assigned']])
  })

  it('page by kind and name, and only where tenants differ', async () => {
    const api = await as('Mara')
    const all = await api.matrix.rows({ limit: 100 })
    const paged: string[] = []
    for (let cursor: string | undefined, first = true; first || cursor; first = false) {
      const page = await api.matrix.rows({ limit: 3, cursor })
      paged.push(...page.rows.map(({ id }) => id))
      cursor = page.nextCursor
    }
    expect(paged).toEqual(all.rows.map(({ id }) => id))
    const differing = (await api.matrix.rows({ limit: 100, differing: true })).rows.map(({ id }) => id)
    expect(differing).toContain(resourceId('assigned A'))
    expect(differing).toContain(resourceId('granted A'))
    expect(differing).toContain(resourceId('public in cloud'))
    expect(differing).not.toContain(resourceId('master private'))
    expect(differing).not.toContain(resourceId('public'))
    expect(await refusal(api.matrix.rows({ limit: 3, cursor: 'x.y' }))).toMatchObject({
      code: 'invalid_input',
    })
  })
})
