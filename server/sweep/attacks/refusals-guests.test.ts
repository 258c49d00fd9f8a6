import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actingIn } from '@/server/sweep/acting'
import { type PersonName, TENANTS } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// Guests, levels and the list of everybody: refusals that no wrong id and no missing permission leads to, each beside what is let through.

const [acme, bolt, newco] = [tenantId('A'), tenantId('B'), tenantId('N')]
const OWNER = '00000000-0000-4000-8000-000000000203'

describe('guests and levels', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const { sql, run, status, giveOnly } = actingIn(() => world)
  const rows = async (text: string, values: unknown[] = []) =>
    (await sql(text, values)).rows as Record<string, unknown>[]
  const bring = (name: PersonName, tenant = acme, roleId = VIEWER_ROLE) =>
    run('Mara', 'tenantUsers.addGuest', {
      tenantId: tenant,
      userId: userId(name),
      assignments: [{ roleId }],
    })
  const signIn = async (host: string, home: string, username: string) =>
    (await rows('select ok, user_id from wall.sign_in_lookup($1, $2, $3)', [host, home, username]))[0]

  it('C09 B14 somebody of the same username comes beside the one who is there: neither account changes', async () => {
    const accounts = () =>
      rows(
        `select u.id, u.username, u.email, u.first_name, u.status, c.password_hash from user_account u join user_credential c on c.user_id = u.id
         where u.username = 'tom' order by u.id`,
      )
    const before = await accounts()
    expect((await bring('Bolt Tom')).status).toBe(200)
    expect(await accounts()).toEqual(before)
    expect(await signIn('acme', 'acme', 'tom')).toEqual({ ok: true, user_id: userId('Tom') })
    expect(await signIn('acme', 'bolt', 'tom')).toEqual({ ok: true, user_id: userId('Bolt Tom') })
    expect((await bring('Bo')).status).toBe(200)
    // Only the exact name of home and user
    for (const [home, username] of [
      ['acme', 'bo'],
      ['default', 'bo'],
      ['newco', 'bo'],
      ['', 'bo'],
      ['Bolt', 'bo'],
      ['bolt', 'BO'],
      ['bolt', 'bo '],
    ])
      expect((await signIn('acme', home ?? '', username ?? ''))?.ok, `${home}\\${username}`).toBe(false)
    for (const host of ['default', 'newco', 'closed', 'ended'])
      expect((await signIn(host, 'bolt', 'bo'))?.ok, host).toBe(false)
    expect((await signIn('acme', 'bolt', 'bo'))?.ok).toBe(true)
  })

  it('D15 a guest has here the roles of here, and at home those of home', async () => {
    expect((await bring('Bo', acme, VIEWER_ROLE)).status).toBe(200)
    await sql(`select wall.session_create($1, $2, sha256('bo in acme'), '', '', '')`, [acme, userId('Bo')])
    const names = async (token: string, slug: string) =>
      (
        await rows(
          `select r ->> 'name' as name from jsonb_array_elements(wall.auth_context(sha256($1::bytea), $2) -> 'roles') r`,
          [token, slug],
        )
      ).map(({ name }) => name)
    expect(await names('bo in acme', 'acme')).toEqual(['Viewer'])
    expect(await names('bo in acme', 'bolt')).toEqual([])
  })

  it('A01 what an administrator sees of a guest says nothing of where they are from', async () => {
    await sql(
      `update user_account set first_name = 'Bo', last_name = 'Guest', email = 'bo@mail.example' where id = $1`,
      [userId('Bo')],
    )
    await bring('Bo')
    for (const [name, input] of [
      ['users.list', {}],
      ['users.get', { id: userId('Bo') }],
      ['account.rightsOf', { id: userId('Bo') }],
      ['audit.list', {}],
    ] as const) {
      const { status: answered, text } = await run('Ada', name, input)
      expect(answered, name).toBe(200)
      expect(text, name).toContain('Bo Guest')
      for (const secret of [bolt, TENANTS.B.slug, TENANTS.B.name])
        expect(text, `${name}: ${secret}`).not.toContain(secret)
    }
    const { text } = await run('Bo', 'audit.list', {})
    expect(text).toContain('user.guest_elsewhere')
    for (const secret of [acme, `"${TENANTS.A.name}"`, `"${TENANTS.A.slug}"`])
      expect(text).not.toContain(secret)
  })

  it('rights in one tenant add nobody from another: not by looking, not in a part of it, not by a role that has ended', async () => {
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [bolt, userId('Ada')])
    const hold = (roleId: string, scope = '', expires: string | null = null) =>
      sql(
        `insert into role_assignment (tenant_id, user_id, role_id, scope, expires_at) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, user_id, role_id, scope) do update set expires_at = excluded.expires_at`,
        [bolt, userId('Ada'), roleId, scope, expires],
      )
    const add = () =>
      status('Ada', 'users.addGuest', { userId: userId('Bo'), assignments: [{ roleId: VIEWER_ROLE }] })
    expect(await add()).toBe(404)
    await hold(VIEWER_ROLE)
    expect(await add()).toBe(404)
    await hold(OWNER, 'tag:web')
    expect(await add()).toBe(404)
    await hold(OWNER, '', '2020-01-01')
    expect(await add()).toBe(404)
    await hold(OWNER)
    await sql(`update tenant set status = 'disabled' where id = $1`, [bolt])
    expect(await add()).toBe(404)
    await sql(`update tenant set status = 'active' where id = $1`, [bolt])
    expect(await add()).toBe(200)
  })

  it('D06 who manages both gives no more than they hold here', async () => {
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [bolt, userId('Ann')])
    await sql('insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, $3)', [
      bolt,
      userId('Ann'),
      OWNER,
    ])
    await sql('delete from role_assignment where user_id = $1 and tenant_id = $2', [userId('Ann'), acme])
    await sql(
      `with r as (insert into user_role (tenant_id, name, levels) values ($1, 'People', '{"users":"full"}') returning id)
       insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from r`,
      [acme, userId('Ann')],
    )
    const add = (roleId: string) =>
      status('Ann', 'users.addGuest', { userId: userId('Bo'), assignments: [{ roleId }] })
    expect(await add(OWNER)).toBe(403)
    expect(await add(VIEWER_ROLE)).toBe(403)
    const [small] = await rows(
      `insert into user_role (tenant_id, name, levels) values ($1, 'Less', '{"users":"read"}') returning id`,
      [acme],
    )
    expect(await add(String(small?.id))).toBe(200)
  })

  it('the level of an invitation is changed by who may invite at both, to no more than they hold', async () => {
    const raise = { ids: [idOf('invitation A')] }
    const lower = { id: idOf('invitation M'), tenantIds: [acme] }
    await giveOnly('Sam', { tenantUsers: 'full', users: 'read' })
    expect(await status('Sam', 'allInvitations.raise', raise)).toBe(403)
    expect(await status('Sam', 'allInvitations.lower', lower)).toBe(403)
    await giveOnly('Sam', { tenantUsers: 'full', users: 'full' })
    expect(await status('Sam', 'allInvitations.raise', raise)).toBe(403) // the default role is more
    expect(await status('Sam', 'allInvitations.lower', lower)).toBe(403) // as is what waits
    await rows(
      `update invitation set gives_role_id = ra.role_id from role_assignment ra where invitation.id = $1 and ra.user_id = $2 returning 1`,
      [lower.id, userId('Sam')],
    )
    expect(await status('Sam', 'allInvitations.lower', { ...lower, role: 'Owner' })).toBe(409)
    expect(await status('Sam', 'allInvitations.lower', lower)).toBe(200)
    expect(await status('Mara', 'allInvitations.raise', { ids: [...raise.ids, idOf('invitation B')] })).toBe(
      400,
    )
    expect(await status('Mara', 'allInvitations.raise', raise)).toBe(200)
    expect(await status('Mara', 'allInvitations.raise', raise)).toBe(409)
  })

  it('nobody is raised or lowered by who may less, and nobody changes their own level', async () => {
    const lowerSam = { id: userId('Sam'), level: 'tenant', tenantId: newco, roleIds: [VIEWER_ROLE] }
    await giveOnly('Sam', { tenantUsers: 'full', users: 'full' })
    expect(await status('Sam', 'people.setLevel', lowerSam)).toBe(403)
    expect(await status('Sam', 'people.setLevel', { ...lowerSam, id: userId('Mara') })).toBe(403)
    expect(
      await status('Sam', 'people.setLevel', {
        id: userId('Bo'),
        level: 'parent',
        roleIds: ['00000000-0000-4000-8000-000000000201'],
      }),
    ).toBe(403)
    await giveOnly('Sam', { tenantUsers: 'full' })
    expect(await status('Mara', 'people.setLevel', lowerSam)).toBe(200)
    expect(
      await rows('select home_tenant_id as home from user_account where id = $1', [userId('Sam')]),
    ).toEqual([{ home: newco }])
  })

  it('through the master only: nobody moves from one tenant to another', async () => {
    const input = { id: userId('Bo'), level: 'tenant', tenantId: acme, roleIds: [VIEWER_ROLE] }
    expect(await status('Mara', 'people.setLevel', input)).toBe(409)
    const support = { id: userId('Bo'), level: 'parent', roleIds: ['00000000-0000-4000-8000-000000000202'] }
    expect(await status('Mara', 'people.setLevel', support)).toBe(200)
    expect(await status('Mara', 'people.setLevel', { ...input, username: 'bo' })).toBe(200)
  })
})
