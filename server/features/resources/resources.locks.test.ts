import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EVERYONE_LOCK } from '@/lib/master'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { TenantKey } from '@/test/actors'
import { resourceId, tenantId } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ resources: resourcesRouter }))
let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(() => world.restore())

describe('assigning', () => {
  const id = resourceId('assigned A')
  const usedBy = async () =>
    (await world.admin.query<{ assigned_id: string }>('select assigned_id from resource where id = $1', [id]))
      .rows[0]?.assigned_id
  /** Assigns it to Newco; between its first look and its locks it changes hands. */
  const assign = async (meanwhile: TenantKey | null) => {
    const { resources } = caller({ op: await world.opOf('Mara') })
    const { waited, done } = await whileHeld(
      world,
      EVERYONE_LOCK,
      () => resources.assign({ kind: 'host', ids: [id], tenantId: tenantId('N') }),
      async () =>
        meanwhile &&
        world.admin.query('update resource set assigned_id = $2 where id = $1', [id, tenantId(meanwhile)]),
    )
    expect(waited).toBe(true)
    return done
  }

  it('is refused where it changed hands before the locks were there: the tenant that has it now was not locked', async () => {
    expect(await refusal(assign('B'))).toMatchObject({ code: 'conflict' })
    expect(await usedBy()).toBe(tenantId('B'))
  })

  it('goes on where it did not, or went to a tenant that is locked anyway', async () => {
    expect(await assign(null)).toEqual({ changed: 1 })
    expect(await usedBy()).toBe(tenantId('N'))
    await world.restore()
    expect(await assign('N')).toEqual({ changed: 1 })
    expect(await usedBy()).toBe(tenantId('N'))
  })
})
