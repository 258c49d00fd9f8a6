import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { ORGANIZATION_ROLE, resourceId, tenantId } from '@/test/factories'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// What a share may be of, to whom, and what it is worth: each condition of its guard once, asked as the owner of everything.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const SHARE = idOf('a new share')

describe('shares', () => {
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

  const share = (label: string, owner: TenantKey, tenant: TenantKey, more = '') =>
    `insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role, status, direct)
     values ('${SHARE}', '${resourceId(label)}', 'wrong', 'wrong', ${to(owner)}, ${to(tenant)}, 'viewer', 'suspended', ${more || 'false'})`
  /** What the share is after statements that are rolled back, triggers and all. */
  async function after(...statements: string[]): Promise<Record<string, unknown> | undefined> {
    const { admin } = world
    await admin.query('begin')
    try {
      for (const each of statements) await admin.query(each)
      return (await admin.query('select * from access_grant where id = $1', [SHARE])).rows[0]
    } finally {
      await admin.query('rollback')
    }
  }
  const ASKS = 'update installation set shares_require_acceptance = true'
  const set = (what: string) => `update access_grant set ${what} where id = '${SHARE}'`
  const status = async (...statements: string[]) => (await after(...statements))?.status

  it('V6 a share is named as its thing, and waits where shares are asked for', async () => {
    const { rows } = await world.admin.query('select kind, name from resource where id = $1', [
      resourceId('B web'),
    ])
    expect(await after(share('B web', 'B', 'N'))).toMatchObject({ ...rows[0], status: 'live' })
    expect(await status(ASKS, share('B web', 'B', 'N'))).toBe('pending')
    expect(await status(ASKS, share('public', 'M', 'N', 'true'))).toBe('live')
  })

  it.each<[string, string[], object]>([
    [
      'of another’s thing',
      [share('B web', 'A', 'N')],
      { code: '42501', message: expect.stringContaining('nothing of the owner') },
    ],
    [
      'of what is nothing',
      [share('nothing', 'A', 'N')],
      { code: '42501', message: expect.stringContaining('nothing of the owner') },
    ],
    [
      'of what is assigned',
      [share('assigned A', 'M', 'B')],
      { code: '23514', constraint: 'access_grant_assigned_check' },
    ],
    ['to a disabled tenant', [share('B web', 'B', 'C')], { code: '23503' }],
    ['to a deleted tenant', [share('B web', 'B', 'E')], { code: '23503' }],
    [
      'for more than a viewer, to a tenant that is closed meanwhile',
      [
        share('B web', 'B', 'N'),
        `update tenant set status = 'disabled' where id = ${to('N')}`,
        set(`role = 'admin'`),
      ],
      { code: '23503' },
    ],
  ])('K10 none %s', async (_title, statements, refusal) => {
    await expect(after(...statements)).rejects.toMatchObject(refusal)
  })

  it('V6 what is asked for more is asked anew, and what is for less is not', async () => {
    const given = [share('B web', 'B', 'N'), ASKS]
    expect(await status(...given, set(`role = 'editor'`))).toBe('pending')
    expect(await status(...given, set(`role = 'admin'`))).toBe('pending')
    expect(await status(...given, set(`expires_at = now() + interval '9 days'`))).toBe('live')
    const editor = [share('B web', 'B', 'N'), set(`role = 'editor'`), ASKS]
    expect(await status(...editor, set(`role = 'viewer'`))).toBe('live')
    expect(await status(...editor, set(`role = 'editor', expires_at = now() + interval '9 days'`))).toBe(
      'live',
    )
  })

  it('a new end is announced anew, and nothing else is', async () => {
    const reminded = [
      share('B web', 'B', 'N'),
      set(`expires_at = now() + interval '1 day'`),
      set('reminded_days = 1'),
    ]
    const days = async (...more: string[]) => (await after(...reminded, ...more))?.reminded_days
    expect(await days(set(`role = 'admin'`))).toBe(1)
    expect(await days(set(`expires_at = now() + interval '9 days'`))).toBe(null)
  })

  it('V7 a share is worth what its owner may do: by its cap, by its status, also after its target was closed', async () => {
    const live = share('B web', 'B', 'N')
    const cap = (sharing: boolean) =>
      `update tenant_role set sharing = ${sharing} where id = '${ORGANIZATION_ROLE}'`
    const own = (key: TenantKey, what: string) => `update tenant set ${what} where id = ${to(key)}`
    const customer = `tenant_role_id = (select id from tenant_role where built_in = 'customer')`
    expect(await status(live)).toBe('live')
    expect(await status(live, cap(false))).toBe('suspended')
    expect(await status(live, cap(false), cap(true))).toBe('live')
    expect(await status(live, own('B', customer))).toBe('suspended')
    expect(await status(live, own('B', `status = 'disabled'`))).toBe('suspended')
    expect(await status(live, own('B', `status = 'disabled'`), own('B', `status = 'active'`))).toBe('live')
    expect(await status(live, own('N', `status = 'disabled'`), cap(false))).toBe('suspended')
    expect(await status(live, own('N', customer))).toBe('live')
    // what waits stays an offer
    expect(await status(ASKS, live, cap(false), cap(true))).toBe('pending')
  })

  it('V7 who may share: the master, and who is active with a cap that says so', async () => {
    const may = (key: TenantKey, ...changes: string[]) =>
      askAfter(world, '', `wall.may_share(${to(key)})`, changes)
    const organization = `update tenant set tenant_role_id = '${ORGANIZATION_ROLE}'`
    const all = async (...changes: string[]) => {
      const found: TenantKey[] = []
      for (const key of ['M', 'A', 'B', 'C', 'E', 'N'] as const)
        if (await may(key, ...changes)) found.push(key)
      return found.join('')
    }
    expect(await all()).toBe('MB')
    expect(await all(`${organization} where id <> ${to('M')}`)).toBe('MABN')
    expect(await all(`update tenant_role set sharing = false`)).toBe('M')
  })

  it('V7 whether the acting tenant may: the same, and its provider may not for it', async () => {
    const may = (key: TenantKey, mode: 'user' | 'provider' | 'job' = 'user', ...changes: string[]) =>
      askAfter(world, wall.sign(key, { mode }), 'wall.ctx_may_share()', changes)
    expect([await may('M'), await may('A'), await may('B'), await may('B', 'job')]).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect([await may('B', 'provider'), await may('M', 'provider')]).toEqual([false, false])
    const none = `update tenant_role set sharing = false`
    expect([await may('B', 'user', none), await may('M', 'user', none)]).toEqual([false, true])
  })
})
