import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '@/test/canary'
import { userId } from '@/test/factories'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Who renames and who ends a tenant from inside, whatever the application asks for.

describe('a tenant’s own say over itself', () => {
  let world: World
  let wall: WallSql
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })

  const as = (
    key: 'A' | 'M' | 'C',
    name: 'Ada' | 'Ann' | 'Bolt Ada' | 'Mara' | 'Cai',
    mode: 'user' | 'provider' | 'job' = 'user',
  ) => wall.sign(key, { userId: userId(name), mode })
  const END = `wall.organization_delete(30, 90, '', '')`
  const ends = async (context: string, ...changes: string[]) =>
    (await askAfter(world, context, END, changes)) !== null

  it('K02 is ended by its owner alone, at work in it', async () => {
    expect(await ends(as('A', 'Ada'))).toBe(true)
    expect(await ends(as('A', 'Ann'))).toBe(false) // Admin
    expect(await ends(as('A', 'Bolt Ada'))).toBe(false) // owner elsewhere
    expect(await ends(as('A', 'Ada', 'provider'))).toBe(false)
    expect(await ends(as('A', 'Ada', 'job'))).toBe(false)
    expect(await ends(as('M', 'Mara'))).toBe(false)
    expect(await ends(as('C', 'Cai'))).toBe(false) // disabled
    const hers = `where id = '${idOf('assignment Ada')}'`
    expect(await ends(as('A', 'Ada'), `update role_assignment set scope = 'tag:x' ${hers}`)).toBe(false)
    expect(await ends(as('A', 'Ada'), `update role_assignment set expires_at = now() ${hers}`)).toBe(false)
    expect(
      await ends(as('A', 'Ada'), `update role_assignment set expires_at = now() + interval '1 day' ${hers}`),
    ).toBe(true)
  })

  it('K02 the owner of the master’s, if there were one, ends it not', async () => {
    const owner = `update role_assignment set role_id = (select id from user_role where built_in = 'owner') where user_id = '${userId('Mara')}'`
    expect(await ends(as('M', 'Mara'), owner)).toBe(false)
  })

  it('K02 renames itself and nobody else; never without a context or from a drill-in', async () => {
    const rename = (context: string | null) =>
      wall.as('tenant', context, `select wall.organization_update('New name', '', '') as code`)
    expect((await rename(as('A', 'Ann'))).rows).toEqual([{ code: 'ok' }])
    for (const context of [null, as('A', 'Ann', 'provider'), as('C', 'Cai')])
      await expect(rename(context)).rejects.toMatchObject({ code: '42501' })
    expect(await askAfter(world, as('A', 'Ann'), `wall.organization_update('BOLT', '', '')`, [])).toBe(
      'taken',
    )
    expect(await askAfter(world, as('A', 'Ann'), `wall.organization_update('Acme', '', '')`, [])).toBe('ok')
  })
})
