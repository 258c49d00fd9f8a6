import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountRouter } from '@/server/features/account/account.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const factory = createCallerFactory(router({ account: accountRouter }))

describe('effective rights', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  beforeEach(() => world.restore())
  afterAll(() => world.close())
  const api = async (name: PersonName) => factory({ op: await world.opOf(name) })

  async function give(levels: object, access: object, scope: string, expiresAt: string | null) {
    const { rows } = await world.admin.query<{ id: string }>(
      `insert into user_role (tenant_id, name, levels, access) values ($1, 'Operators', $2, $3) returning id`,
      [tenantId('A'), JSON.stringify(levels), JSON.stringify(access)],
    )
    await world.admin.query(
      'insert into role_assignment (tenant_id, user_id, role_id, scope, expires_at) values ($1, $2, $3, $4, $5)',
      [tenantId('A'), userId('Tom'), rows[0]?.id, scope, expiresAt],
    )
  }

  test('of anybody in the tenant, with role, scope, end and cap, for who sees users and roles', async () => {
    const group = idOf('group A 1')
    const access = {
      groups: { default: 'none', entries: { [group]: 'full' } },
      claims: [{ kinds: ['network'], actions: ['update'], resources: ['*'] }],
    }
    await give(
      { hosts: 'full', sharing: 'full', users: 'full' },
      access,
      `group:${group}`,
      '2099-05-01T00:00:00Z',
    )
    const got = await (await api('Ada')).account.rightsOf({ id: userId('Tom') })
    const why = (name: string) => got.permissions.find(({ permission }) => permission === name)
    expect(got.cap).toBe('Customer')
    expect(why('hosts')?.level).toBe('full')
    expect(why('hosts')?.reason).toMatch(/^Role Viewer, Operators in group .* until 2099-05-01: full$/)
    expect(why('users')).toMatchObject({ level: 'read', reason: 'Role Viewer' })
    expect(why('identity')).toMatchObject({ level: 'none', reason: 'None of the roles includes it' })
    expect(got.access.map(({ what, access: level }) => [what.replace(/Group .*/, 'Group'), level])).toEqual([
      ['Group', 'full'],
      ['Claim', 'update on networks'],
    ])
    const mine = await (await api('Tom')).account.me()
    expect(mine.permissions.find(({ permission }) => permission === 'hosts')?.reason).toMatch(
      /until 2099-05-01: full$/,
    )
    expect(mine.access.length).toBe(2)
  })

  test('of nobody else’s, and not for who does not see users', async () => {
    expect(await refusal((await api('Bo')).account.rightsOf({ id: userId('Tom') }))).toMatchObject({
      code: 'not_found',
    })
    expect(await refusal((await api('Nora')).account.rightsOf({ id: userId('Tom') }))).toMatchObject({
      code: 'access_denied',
    })
    const nora = await (await api('Ada')).account.rightsOf({ id: userId('Nora') })
    expect(nora.permissions[0]?.reason).toBe('No role here')
  })
})
