import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { idOf } from '@/test/canary'
import { allow, ELSEWHERE, HOME } from '@/server/features/allow-list/allow.fixture'
import { countStatements } from '@/test/count-statements'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { inviting, NEW } from './invitations.fixture'

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const { as, visitor, mailTo, invite } = inviting(() => world)

const EMAIL = 'lea@elsewhere.example'
const rolesOf = async (username: string, key: 'A' | 'B') =>
  (
    await world.admin.query<{ name: string }>(
      `select r.name from user_account u join role_assignment ra on ra.user_id = u.id join user_role r on r.id = ra.role_id
       where u.username = $1 and ra.tenant_id = $2 order by 1`,
      [username, tenantId(key)],
    )
  ).rows.map(({ name }) => name)
const logged = async (event: string) =>
  (
    await world.admin.query<{ slug: string; actor: string }>(
      'select t.slug, e.actor_name as actor from audit_event e join tenant t on t.id = e.tenant_id where event = $1 order by 1',
      [event],
    )
  ).rows

describe('inviting', () => {
  test('a result for each line; a mail in the tenant’s name to those who are invited', async () => {
    const { rows } = await world.admin.query<{ email: string }>(
      'select email from user_account where id = $1',
      [userId('Tom')],
    )
    const lines = [
      { email: ' Lea@Elsewhere.example ' },
      { email: 'kim@elsewhere.example', role: 'editor' },
      { email: 'lea@elsewhere.example' },
      { email: 'not an address' },
      { email: 'a@b.example,c@d.example' },
      { email: '"Eve" <eve@x.example>' },
      { email: 'pаul@elsewhere.example' }, // a Cyrillic а
      { email: 'max@elsewhere.example', role: 'King' },
      { email: (rows[0]?.email ?? '').toUpperCase() },
    ]
    const answer = await (await as('Ada')).invitations.create({ lines })
    expect(answer).toMatchObject({ invited: 2, mailed: false }) // no mail server is set
    expect(answer.lines.map(({ result, message }) => `${result}: ${message}`)).toEqual([
      'invited: Invited',
      'invited: Invited',
      'refused: Named twice',
      'refused: This is no e-mail address',
      'refused: This is no e-mail address',
      'refused: This is no e-mail address',
      'refused: This is no e-mail address',
      'refused: There is no role called King',
      'member: Is a user of this tenant already',
    ])
    const mail = await mailTo(EMAIL)
    expect(mail.subject).toMatch(/invites you to Acme$/)
    expect(mail.link).toMatch(/^http:\/\/acme\.localhost:3000\/invitation#[\w-]{43}$/)
    expect(await logged('invitation.create')).toMatchObject([{ slug: 'acme' }])
    const again = await (await as('Ada')).invitations.create({ lines: [{ email: EMAIL }] })
    expect(again.lines).toMatchObject([{ result: 'pending' }])
  })

  test('200 lines take as many statements as 3, also where old invitations ran out', async () => {
    const ada = (await as('Ada')).invitations
    const statements = (n: number, name: string) =>
      countStatements(async () => {
        const lines = Array.from({ length: n }, (_, i) => ({ email: `${name}${i}@x.example` }))
        expect(await ada.create({ lines })).toMatchObject({ invited: n })
      })
    const few = await statements(3, 'few')
    expect(few).toBeGreaterThan(5)
    expect(await statements(200, 'many')).toBe(few)
    await world.admin.query(
      `update invitation set expires_at = now() - interval '1 second' where email like 'many%'`,
    )
    expect(await statements(200, 'many')).toBeLessThanOrEqual(few + 1)
    const { rows } = await world.admin.query<{ n: number; links: number; mails: number }>(
      `select count(*) filter (where outcome is null)::int as n, count(distinct token_hash)::int as links,
        (select count(*)::int from mail_message where to_address like 'many%') as mails from invitation where email like 'many%'`,
    )
    expect(rows).toEqual([{ n: 200, links: 400, mails: 400 }])
  })

  test('is for who manages users, and of no role beyond what they hold', async () => {
    for (const name of ['Tom', 'Eve'] as const)
      expect(await refusal((await as(name)).invitations.create({ lines: [{ email: EMAIL }] }))).toMatchObject(
        { code: 'access_denied' },
      )
    await world.admin.query(`update user_role set levels = '{"users":"full"}' where id = $1`, [
      idOf('role A 1'),
    ])
    await world.admin.query('update role_assignment set role_id = $1 where user_id = $2', [
      idOf('role A 1'),
      userId('Eve'),
    ])
    const eve = (await as('Eve')).invitations
    const answer = await eve.create({ lines: [{ email: EMAIL }, { email: 'b@x.example', role: 'Owner' }] })
    expect(answer.lines.map(({ result }) => result)).toEqual(['refused', 'refused']) // Viewer is more than Eve holds
    expect(await refusal(eve.create({ lines: [{ email: EMAIL }], roleId: VIEWER_ROLE }))).toMatchObject({
      code: 'access_denied',
    })
    expect(await eve.create({ lines: [{ email: EMAIL }], roleId: idOf('role A 1') })).toMatchObject({
      invited: 1,
    })
    expect(await refusal(eve.setDefaultRole({ roleId: VIEWER_ROLE }))).toMatchObject({
      code: 'access_denied',
    })
    const id = (await eve.list({ search: EMAIL })).rows[0]?.id ?? ''
    expect(await refusal(eve.setRole({ id, roleId: VIEWER_ROLE }))).toMatchObject({ code: 'access_denied' })
    const ada = (await as('Ada')).invitations
    expect(await ada.setRole({ id, roleId: VIEWER_ROLE })).toMatchObject({ email: EMAIL })
  })

  test('the provider invites into several tenants at once; each log of both says it', async () => {
    const mara = (await as('Mara')).tenantInvitations
    const answer = await mara.createMany({
      tenantIds: [tenantId('A'), tenantId('B')],
      lines: [{ email: EMAIL }],
    })
    expect(answer).toMatchObject({ invited: 2, tenants: [{ name: 'Acme' }, { name: 'Bolt' }] })
    expect((await logged('invitation.create')).map(({ slug }) => slug)).toEqual([
      'acme',
      'bolt',
      'default',
      'default',
    ])
    const one = await mara
      .createMany({ tenantIds: [tenantId('A'), idOf('nothing')], lines: [{ email: 'x@x.example' }] })
      .catch((e: Error) => e.message)
    expect(one).toBe('Not found')
    expect((await mara.list({ tenantId: tenantId('A'), search: 'x@x.example' })).total).toBe(0)
    expect(
      await refusal(
        (await as('Sam')).tenantInvitations.create({
          tenantId: tenantId('A'),
          lines: [{ email: 'y@x.example' }],
        }),
      ),
    ).toMatchObject({ code: 'access_denied' })
  })

  test('others’ invitations are not there; what has ended stays so', async () => {
    const [ada, bo] = [(await as('Ada')).invitations, (await as('Bo')).invitations]
    const id = idOf('invitation A')
    for (const call of [() => bo.revoke({ id }), () => bo.resend({ id }), () => bo.setRole({ id })])
      expect(await refusal(call())).toMatchObject({ code: 'not_found' })
    expect(await ada.revoke({ id })).toMatchObject({ id })
    for (const call of [() => ada.revoke({ id }), () => ada.setRole({ id })])
      expect(await refusal(call())).toMatchObject({ code: 'conflict' })
    expect((await ada.list({ status: ['revoked'] })).rows.map((row) => row.id)).toEqual([id])
    expect((await ada.list({ status: ['pending'] })).rows.map((row) => row.id)).not.toContain(id)
  })
})

describe('accepting', () => {
  test('makes an account at home in the tenant, with the default role, signed in', async () => {
    const token = await invite('Ada', EMAIL)
    const headers = new Headers()
    const there = await visitor('A', headers)
    expect(await there.look({ token })).toMatchObject({
      email: EMAIL,
      tenants: [{ name: 'Acme', role: 'Viewer', here: true }],
    })
    expect(await there.accept({ token, ...NEW })).toEqual({
      next: 'http://acme.localhost:3000/',
      accepted: 1,
    })
    expect(headers.get('set-cookie')).toMatch(
      /^fh=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/,
    )
    expect(await rolesOf('lea', 'A')).toEqual(['Viewer'])
    expect(await logged('invitation.accept')).toEqual([{ slug: 'acme', actor: 'lea' }])
    expect(await refusal(there.accept({ token, ...NEW, username: 'lea2' }))).toMatchObject({
      code: 'access_denied',
    })
  })

  test('C06 opens no session where a second factor is asked for: it is set up at the sign-in', async () => {
    const token = await invite('Ada', EMAIL)
    await world.admin.query(`insert into tenant_policy (tenant_id, second_factor) values ($1, 'all')`, [
      tenantId('A'),
    ])
    const headers = new Headers()
    const answer = await (await visitor('A', headers)).accept({ token, ...NEW })
    expect(answer).toEqual({ next: 'http://acme.localhost:3000/login', accepted: 1 })
    expect(headers.get('set-cookie')).toBeNull()
  })

  test('one acceptance answers all that wait for the address, each with its role', async () => {
    const first = await invite('Ada', EMAIL)
    const second = await invite('Bo', EMAIL, idOf('role B 1'))
    expect((await (await visitor('A')).look({ token: first })).tenants.map(({ name }) => name)).toEqual([
      'Acme',
      'Bolt',
    ])
    expect(await (await visitor('A')).accept({ token: first, ...NEW })).toMatchObject({ accepted: 2 })
    expect(await rolesOf('lea', 'A')).toEqual(['Viewer'])
    expect(await rolesOf('lea', 'B')).toHaveLength(1)
    expect((await logged('invitation.accept')).map(({ slug }) => slug)).toEqual(['acme', 'bolt'])
    expect(await refusal((await visitor('B')).look({ token: second }))).toMatchObject({
      code: 'access_denied',
    })
  })

  test('an invitation of the master makes a parent-level user', async () => {
    const token = await invite('Mara', EMAIL)
    await invite('Ada', EMAIL)
    expect(await (await visitor('M')).accept({ token, ...NEW })).toEqual({
      next: 'http://localhost:3000/',
      accepted: 2,
    })
    const { rows } = await world.admin.query(
      'select home_tenant_id as home, parent_level as parent, (select count(*)::int from membership m where m.user_id = u.id) as memberships from user_account u where email = $1',
      [EMAIL],
    )
    expect(rows).toEqual([{ home: tenantId('M'), parent: true, memberships: 1 }])
  })

  test('the default role is the tenant’s to say', async () => {
    const ada = (await as('Ada')).invitations
    expect((await ada.list({})).defaultRole.name).toBe('Viewer')
    await ada.setDefaultRole({ roleId: idOf('role A 1') })
    const token = await invite('Ada', EMAIL)
    await (await visitor('A')).accept({ token, ...NEW })
    expect(await rolesOf('lea', 'A')).not.toEqual(['Viewer'])
    expect(await refusal(ada.setDefaultRole({ roleId: idOf('role B 1') }))).toMatchObject({
      code: 'not_found',
    })
  })

  test('somebody who has an account takes it along, with its password and its address', async () => {
    const { rows } = await world.admin.query<{ email: string }>(
      'select lower(email) as email from user_account where id = $1',
      [userId('Bolt Tom')],
    )
    const email = rows[0]?.email ?? ''
    const token = await invite('Ada', email)
    const there = await visitor('A')
    const account = { token, login: 'bolt\\tom', password: 'correct horse battery staple 9' }
    const wrong = await refusal(there.acceptWithAccount({ ...account, password: 'wrong' }))
    expect(wrong).toMatchObject({ code: 'unauthenticated' })
    // The right password of an account with another address is told like a wrong one
    expect(await refusal(there.acceptWithAccount({ ...account, login: 'bolt\\ada' }))).toEqual(wrong)
    // Bolt's list of addresses holds for its accounts here, too
    await allow(world, 'B', ELSEWHERE)
    const barred = await refusal(there.acceptWithAccount(account))
    expect(barred).toMatchObject({ code: 'address_refused' })
    await allow(world, 'B', HOME)
    expect(await there.acceptWithAccount(account)).toEqual({
      next: 'http://acme.localhost:3000/login',
      accepted: 1,
    })
    const { rows: members } = await world.admin.query(
      'select 1 from membership where user_id = $1 and tenant_id = $2',
      [userId('Bolt Tom'), tenantId('A')],
    )
    expect(members).toHaveLength(1)
  })

  test('declined is declined', async () => {
    const token = await invite('Ada', EMAIL)
    expect(await (await visitor('A')).decline({ token })).toEqual({ declined: true })
    expect(await refusal((await visitor('A')).accept({ token, ...NEW }))).toMatchObject({
      code: 'access_denied',
    })
    expect(await logged('invitation.decline')).toEqual([{ slug: 'acme', actor: EMAIL }])
  })
})

describe('attacks', () => {
  test('C08 of 50 acceptances at once exactly one makes an account', async () => {
    const token = await invite('Ada', EMAIL)
    const there = await visitor('A')
    const tries = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        refusal(
          there
            .accept({ token, ...NEW, username: `lea${n}` })
            .then((a) => Promise.reject(new Error(`won ${a.accepted}`))),
        ),
      ),
    )
    expect(tries.filter(({ message }) => message.includes('won'))).toHaveLength(1)
    const { rows } = await world.admin.query('select 1 from user_account where email = $1', [EMAIL])
    expect(rows).toHaveLength(1)
  })

  test('C08 two links to one address at once make one account', async () => {
    const [a, b] = [await invite('Ada', EMAIL), await invite('Bo', EMAIL)]
    await Promise.allSettled([
      (await visitor('A')).accept({ token: a, ...NEW }),
      (await visitor('B')).accept({ token: b, ...NEW }),
    ])
    const { rows } = await world.admin.query('select 1 from user_account where email = $1', [EMAIL])
    expect(rows).toHaveLength(1)
  })

  test.each([
    ['was taken back', `update invitation set outcome = 'revoked', ended_at = now()`],
    ['ran out', `update invitation set expires_at = now() - interval '1 second'`],
    ['names a role that is gone', `update invitation set gives_role_id = gen_random_uuid()`],
    ['leads into a disabled tenant', `update tenant set status = 'disabled' where slug = 'acme'`],
  ])('C08 one that %s is worth nothing', async (_, change) => {
    const token = await invite('Ada', EMAIL)
    const there = await visitor('A')
    expect(await there.look({ token })).toMatchObject({ email: EMAIL })
    await world.admin.query(change)
    for (const call of [
      () => there.look({ token }),
      () => there.accept({ token, ...NEW }),
      () => there.decline({ token }),
    ])
      expect(await refusal(call())).toEqual({
        code: 'access_denied',
        message: 'This invitation does not work any more. Ask for a new one.',
      })
    expect(await rolesOf('lea', 'A')).toEqual([])
  })

  test('C08 a link works on its own tenant’s host only; the one of before not any more once it is sent again', async () => {
    const token = await invite('Ada', EMAIL)
    expect(await refusal((await visitor('B')).look({ token }))).toMatchObject({ code: 'access_denied' })
    const ada = (await as('Ada')).invitations
    const id = (await ada.list({ search: EMAIL })).rows[0]?.id ?? ''
    await ada.resend({ id })
    expect(await refusal((await visitor('A')).look({ token }))).toMatchObject({ code: 'access_denied' })
    expect(await (await visitor('A')).look({ token: (await mailTo(EMAIL)).token })).toMatchObject({
      email: EMAIL,
    })
  })

  test('C09 a username that is taken is told, and the account that has it stays as it is', async () => {
    const before = (await world.admin.query('select * from user_account where id = $1', [userId('Tom')])).rows
    const token = await invite('Ada', EMAIL)
    const there = await visitor('A')
    expect(await refusal(there.accept({ token, ...NEW, username: 'TOM' }))).toMatchObject({
      code: 'conflict',
      username: 'Somebody else here has this username',
    })
    expect(
      (await world.admin.query('select * from user_account where id = $1', [userId('Tom')])).rows,
    ).toEqual(before)
    expect(await there.accept({ token, ...NEW })).toMatchObject({ accepted: 1 })
  })

  test('C09 an account in another tenant with the same address is neither touched nor told of', async () => {
    const { rows } = await world.admin.query<{ email: string }>(
      'select lower(email) as email from user_account where id = $1',
      [userId('Bolt Tom')],
    )
    const email = rows[0]?.email ?? ''
    const before = await world.state([
      'invitation',
      'mail_message',
      'audit_event',
      'audit_seal',
      'rate_limit',
    ])
    const answer = await (await as('Ada')).invitations.create({ lines: [{ email }] })
    expect(answer.lines).toMatchObject([{ result: 'invited' }])
    expect(
      await world.state(['invitation', 'mail_message', 'audit_event', 'audit_seal', 'rate_limit']),
    ).toEqual(before)
    await (await visitor('A')).accept({ token: (await mailTo(email)).token, ...NEW })
    const { rows: accounts } = await world.admin.query(
      'select home_tenant_id from user_account where lower(email) = $1',
      [email],
    )
    expect(accounts).toHaveLength(2)
  })

  test('an account of a subtenant does not become the provider’s by an invitation', async () => {
    const { rows } = await world.admin.query<{ email: string }>(
      'select lower(email) as email from user_account where id = $1',
      [userId('Tom')],
    )
    const token = await invite('Mara', rows[0]?.email ?? '')
    const try_ = (await visitor('M')).acceptWithAccount({
      token,
      login: 'acme\\tom',
      password: 'correct horse battery staple 9',
    })
    expect(await refusal(try_)).toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('Ask the provider'),
    })
  })
})
