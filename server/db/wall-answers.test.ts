import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// What the functions that cross tenants answer to whom, against the same question asked as the owner of everything.

const [M, A, B, C] = (['M', 'A', 'B', 'C'] as const).map((key) => `'${tenantId(key)}'`) as [
  string,
  string,
  string,
  string,
]
const CLOUDS = `array['${resourceId('public cloud')}', '${resourceId('second public cloud')}']::uuid[]`
const TOTALS = `select tenant_id, instances, users from wall.tenant_totals(array[${A}, ${B}]::uuid[]) order by 1`
const USE = `select tenant_id, diverged, users from wall.template_use('${VIEWER_ROLE}') order by 1, 2`
const ADDED = `select cloud_id, tenants from wall.cloud_use(${CLOUDS}) order by 1`
const GIVERS = 'select grant_id as id from wall.grant_givers() order by 1'
const TARGETS = 'select grant_id as id from wall.grant_targets() order by 1'
const PARTNERS = `select tenant_id from wall.share_partners(array[${A}, ${B}, ${C}]::uuid[]) order by 1`
const OPEN = 'revoked_at is null'

describe('what the functions of the wall answer', () => {
  let world: World
  let wall: WallSql
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
    await world.admin.query(`update session set revoked_at = '2026-01-01' where id in ($1, $2)`, [
      idOf('session Ada 2'),
      idOf('session Tom 2'),
    ])
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })

  it.each<[string, 'tenant' | 'master', 'M' | 'A' | 'B', string, string]>([
    [
      'totals of tenants',
      'master',
      'M',
      TOTALS,
      `select t.id as tenant_id, (select count(*) from resource where assigned_id = t.id and kind in ('host', 'virtual_machine', 'bare_metal')) as instances,
        (select count(*) from user_account where home_tenant_id = t.id) as users from tenant t where t.id in (${A}, ${B}) order by 1`,
    ],
    [
      'who holds a template',
      'master',
      'M',
      USE,
      `select tenant_id, false as diverged, count(*) as users from role_assignment where role_id = '${VIEWER_ROLE}' group by 1 order by 1`,
    ],
    [
      'how many have added a cloud',
      'master',
      'M',
      ADDED,
      `select cloud_id, count(*) as tenants from tenant_cloud where cloud_id = any (${CLOUDS}) group by 1 order by 1`,
    ],
    [
      'who gave Acme something',
      'tenant',
      'A',
      GIVERS,
      `select id from access_grant where tenant_id = ${A} order by 1`,
    ],
    [
      'whom Acme gave something',
      'tenant',
      'A',
      TARGETS,
      `select id from access_grant where owner_id = ${A} order by 1`,
    ],
    [
      'whom the master gave something',
      'master',
      'M',
      TARGETS,
      `select id from access_grant where owner_id = ${M} order by 1`,
    ],
    [
      'whom tenants share with',
      'master',
      'M',
      PARTNERS,
      `select distinct tenant_id from access_grant where owner_id in (${A}, ${B}, ${C}) order by 1`,
    ],
  ])('K04 %s', async (_what, role, tenant, asked, right) => {
    const { rows } = await world.admin.query(right)
    expect((await wall.as(role, wall.sign(tenant), asked)).rows).toEqual(rows)
  })

  it('K04 nothing of it to a subtenant that got the master’s role', async () => {
    for (const asked of [
      TOTALS,
      USE,
      ADDED,
      PARTNERS,
      `select * from wall.cloud_blockers(${CLOUDS}, ${A}, 10)`,
    ])
      expect((await wall.as('master', wall.sign('A'), asked)).rows, asked).toEqual([])
  })

  it('E17 a sharing address has a name for whom may share, and only of a tenant that can be shared with', async () => {
    const named = async (asks: 'A' | 'B' | 'M', whom: string) =>
      (
        await wall.as(
          asks === 'M' ? 'master' : 'tenant',
          wall.sign(asks),
          `select wall.share_target(${whom}) as name`,
        )
      ).rows[0].name
    expect([await named('B', A), await named('M', A)]).toEqual(['Acme', 'Acme'])
    expect([await named('B', B), await named('B', C), await named('B', M), await named('A', B)]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })

  it('V6 an offer is taken by whom it was made to, while it waits', async () => {
    const take = async (who: 'A' | 'B', grant: string, ...before: string[]) =>
      (
        await wall.as(
          'tenant',
          wall.sign(who),
          ...before,
          `select wall.grant_accept('${idOf(grant)}') as taken`,
        )
      ).rows[0].taken
    expect(await take('B', 'grant pending grant B')).toBe(true)
    expect(await take('A', 'grant pending grant B')).toBe(false)
    expect(await take('A', 'grant granted A')).toBe(false)
    await world.admin.query(`update access_grant set status = 'pending' where id = $1`, [
      idOf('grant expired grant A'),
    ])
    expect(await take('A', 'grant expired grant A')).toBe(false)
  })

  it('C11 sessions end of whom it says, and what had ended keeps its time', async () => {
    const open = async (where: string) =>
      (
        await world.admin.query<{ n: number }>(
          `select count(*)::int as n from session where ${OPEN} and ${where}`,
        )
      ).rows[0]?.n
    const ended = async (role: 'tenant' | 'master', key: 'A' | 'M', call: string) =>
      (await wall.as(role, wall.sign(key), `select wall.${call} as n`)).rows[0].n as number
    expect(await ended('master', 'M', `tenant_sessions_end(${A})`)).toBe(await open(`tenant_id = ${A}`))
    expect(await ended('tenant', 'A', `user_sessions_end('${userId('Tom')}')`)).toBe(
      await open(`user_id = '${userId('Tom')}'`),
    )
  })
})
