import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OF_KINDS, PERMISSION_NAMES, PERMISSIONS, type Permission } from '@/lib/permissions'
import { KINDS } from '@/lib/resource-kinds/registry'
import { call } from '@/server/sweep/call'
import { procedures } from '@/server/sweep/declared'
import { prepare, VALID, validInput } from '@/server/sweep/inputs'
import { idOf } from '@/test/canary'
import { ORGANIZATION_ROLE, resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// A role that is held in a scope gives what concerns resources there, and nothing of the whole tenant (docs/decisions/0012).

const SCOPES = {
  cloud: `cloud:${resourceId('public cloud')}`,
  group: `group:${idOf('group A 1')}`,
  tag: 'tag:prod',
  resource: `resource:${resourceId('A secret')}`,
}
const EVERYTHING = Object.fromEntries(PERMISSION_NAMES.map((name) => [name, PERMISSIONS[name].levels.at(-1)]))
const isOfKind = (name: string) => OF_KINDS.includes(name as Permission)

/** Procedures of the acting tenant that ask for a permission that is not about resources. */
const tenantWide = procedures().filter(({ declaration: d }) => {
  const permission = d?.permission
  return d?.scope === 'tenant' && permission && !('ofKind' in permission) && !isOfKind(permission[0])
})

describe('group D: roles in a scope', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.restore()
    await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [
      ORGANIZATION_ROLE,
      tenantId('A'),
    ])
  })

  /** Nora, who has nothing else, holds everything there is, there. */
  const give = async (scope: string) => {
    const id = idOf('everything')
    await world.admin.query(
      `insert into user_role (id, tenant_id, name, levels) values ($1, $2, 'All', $3)`,
      [id, tenantId('A'), JSON.stringify(EVERYTHING)],
    )
    await world.admin.query(
      'insert into role_assignment (tenant_id, user_id, role_id, scope) values ($1, $2, $3, $4)',
      [tenantId('A'), userId('Nora'), id, scope],
    )
  }
  const status = async (p: (typeof tenantWide)[number]) => {
    const input = await validInput(world, p.name, 'Ada')
    return (await call(world, 'Nora', p, input)).status
  }

  it.each(Object.entries(SCOPES))(
    'D06 held in a %s, everything is what concerns resources, and no more',
    async (_kind, scope) => {
      await give(scope)
      const { rights } = await world.opOf('Nora')
      for (const name of PERMISSION_NAMES)
        expect([name, rights[name]]).toEqual([name, isOfKind(name) ? 'full' : 'none'])
      // What is there of each kind opens, cut to the scope.
      for (const { kind } of KINDS) {
        const list = { name: 'resources.list', type: 'query' } as const
        expect([kind, (await call(world, 'Nora', list, { kind })).status]).toEqual([kind, 200])
      }
    },
  )

  it('D06 no procedure of the whole tenant opens to it; held in the whole tenant, each does', async () => {
    expect(tenantWide.length).toBeGreaterThan(30)
    await give(SCOPES.resource)
    const before = await world.state(['audit_event', 'audit_seal', 'rate_limit', 'session'])
    for (const p of tenantWide) expect([p.name, await status(p)]).toEqual([p.name, 403])
    expect(await world.state(['audit_event', 'audit_seal', 'rate_limit', 'session'])).toEqual(before)
    // No permission here says whose the organization is (rule 8), or what one may do in another tenant.
    const more = ['organization.candidates', 'organization.deletionPlan', 'users.previewGuest']
    const hers = tenantWide.filter(
      ({ type, name }) => type === 'query' && VALID[name]?.by === 'Ada' && !more.includes(name),
    )
    expect(hers.length).toBeGreaterThan(15)
    for (const p of hers) {
      await prepare(world, p.name, 'Ada')
      await world.admin.query(`update role_assignment set scope = '' where user_id = $1`, [userId('Nora')])
      expect([p.name, await status(p)]).toEqual([p.name, 200])
    }
  })
})
