import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openWorld, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { MASTER_TENANT_ID } from '@/lib/master'
import { at, MAIN, PERSON, signingUp, visitor } from './sign-up.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

let world: SignInWorld
const { post, ask, mails, linkFor, finish, policy, follow, tenants, clean } = signingUp(() => world)
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(() => clean())
afterAll(() => world.close())

const accounts = () =>
  world.sql<{ id: string; email: string }>(
    'select id, home_tenant_id, username, email, first_name, status from user_account order by id',
  )
const events = (event: string) =>
  world.sql<{
    tenant_id: string
    actor_name: string
    actor_id: string | null
    target_name: string
    after: object
  }>(
    'select tenant_id, actor_name, actor_id, target_name, after from audit_event where event = $1 and result = $2 order by at desc, tenant_id limit 4',
    [event, 'ok'],
  )

describe('signing up', () => {
  it('makes a tenant with its owner, mails its address, and signs them in there', async () => {
    const b = visitor()
    expect(await ask({}, b)).toEqual({ status: 200, body: { ok: true } })
    const [mail] = await mails()
    expect(mail).toMatchObject({
      kind: 'sign_up',
      tenantId: MASTER_TENANT_ID,
      page: `${MAIN}/sign-up/finish`,
    })
    const token = mail?.token ?? ''
    expect((await post('/check', { token })).body).toEqual({
      email: 'nia@north.example',
      name: 'North Wind',
      slug: 'north-wind',
      slugFree: true,
      nameFree: true,
      asks: false,
      termsUrl: '',
      passwordMin: 12,
    })
    const weak = await finish(token, { password: 'passwordpassword', confirm: 'passwordpassword' })
    expect([weak.status, weak.body.fields]).toMatchObject([400, { password: expect.any(String) as string }])
    expect((await finish(token, { username: 'Nïa' })).body.fields).toMatchObject({
      username: expect.any(String) as string,
    })
    const done = await finish(token, {}, b)
    expect([done.status, done.body.next]).toEqual([200, `${at('north-wind')}/api/sign-in/hand-off/begin`])
    expect(await follow(b, done.body.next ?? '')).toBe(`${at('north-wind')}/`)
    const me = await b.call<{ username: string; email: string }>(at('north-wind'), 'account.me')
    expect([me.status, me.data]).toMatchObject([200, { username: 'nia', email: 'nia@north.example' }])

    const [made] = await world.sql<{ id: string; role: string; user_role: string; verified: boolean }>(
      `select t.id, r.built_in as role, ur.built_in as user_role, u.email_verified_at is not null as verified from tenant t
       join tenant_role r on r.id = t.tenant_role_id join user_account u on u.home_tenant_id = t.id
       join role_assignment a on a.user_id = u.id join user_role ur on ur.id = a.role_id where t.slug = 'north-wind'`,
    )
    expect(made).toMatchObject({ role: 'customer', user_role: 'owner', verified: true })
    const welcome = (await mails()).at(-1)
    expect(welcome).toMatchObject({ kind: 'sign_up', tenantId: made?.id, subject: 'North Wind is ready' })
    expect(welcome?.text).toContain(`${at('north-wind')}/login`)
    const rows = await events('sign_up.finish')
    expect(rows.map(({ tenant_id }) => tenant_id).sort()).toEqual([MASTER_TENANT_ID, made?.id].sort())
    for (const row of rows)
      expect(row).toMatchObject({
        actor_name: 'sign-up',
        actor_id: null,
        target_name: 'North Wind',
        after: { slug: 'north-wind', email: 'nia@north.example', username: 'nia', role: 'owner' },
      })
    expect(JSON.stringify(rows)).not.toContain(PERSON.password)
  })

  it('gives the first person the role that the master says', async () => {
    await policy({ first_role: 'admin' })
    expect(
      (await finish(await linkFor({ slug: 'south', name: 'South', email: 'a@south.example' }))).status,
    ).toBe(200)
    const [row] = await world.sql(
      `select r.built_in from role_assignment a join user_role r on r.id = a.role_id join tenant t on t.id = a.tenant_id where t.slug = 'south'`,
    )
    expect(row).toEqual({ built_in: 'admin' })
  })

  it('asks to accept the terms where there are some', async () => {
    await policy({ terms_url: 'https://msp.example/terms' })
    const token = await linkFor({ slug: 'east', name: 'East', email: 'a@east.example' })
    expect((await finish(token)).body.fields).toEqual({ terms: 'Accept the terms first' })
    expect((await finish(token, { terms: true })).status).toBe(200)
    expect((await events('sign_up.finish'))[0]?.after).toMatchObject({ terms: 'https://msp.example/terms' })
  })
})

describe('where it is not there', () => {
  const calls = () => [ask(), post('/check', { token: 'x' }), post('/confirm', { token: 'x' }), finish('x')]
  const statuses = async () => (await Promise.all(calls())).map(({ status }) => status)

  it('is off until the master switches it on, and on the main host only', async () => {
    expect(await statuses()).toEqual([200, 404, 404, 404])
    await world.sql('update sign_up_policy set enabled = false')
    expect(await statuses()).toEqual([404, 404, 404, 404])
    await policy()
    await world.sql('update sign_up_policy set tenant_role_id = null')
    expect(await statuses()).toEqual([404, 404, 404, 404])
    await policy()
    expect((await ask({}, visitor(), at('acme'))).status).toBe(404)
    expect((await ask({}, visitor(), at('nosuch'))).status).toBe(404)
    expect((await ask({ email: 'b@north.example' })).status).toBe(200)
  })

  it('rule 14: 501 while multi-tenancy is off, 402 without a licence that covers growth', async () => {
    const token = await linkFor({ email: 'lic@north.example' })
    await world.sql('update installation set multi_tenant_enabled = false')
    expect(await statuses()).toEqual([501, 501, 501, 501])
    await world.sql('update installation set multi_tenant_enabled = true')
    await world.sql(`update licence set capabilities = '{}'`)
    expect(await statuses()).toEqual([402, 402, 402, 402])
    await world.sql(
      `update licence set capabilities = '{multi_tenant}', starts_at = now() - interval '9 days', expires_at = now() - interval '1 day'`,
    )
    expect(await statuses()).toEqual([402, 402, 402, 402])
    expect((await finish(token)).status).toBe(402)
    await world.sql(`update licence set expires_at = now() + interval '1 day'`)
    expect((await post('/check', { token })).status).toBe(200)
  })

  it('closed meanwhile: links that are out work no more', async () => {
    const token = await linkFor({ email: 'late@north.example' })
    await world.sql('update sign_up_policy set enabled = false')
    expect((await finish(token)).status).toBe(404)
    await policy({ mail_domains: ['other.example'] })
    expect((await finish(token)).status).toBe(404)
    await policy({ mail_domains: ['north.example'] })
    expect((await post('/check', { token })).status).toBe(200)
  })
})

describe('C03 C09 an address that has an account', () => {
  it('gets the same answer, byte for byte, and a mail that leads to signing in; the account stays as it is', async () => {
    const before = await accounts()
    const raw = async (email: string) => {
      const response = await visitor().post(`${MAIN}/api/sign-up`, { name: 'Dawn', slug: 'dawn', email })
      return [response.status, await response.text(), [...response.headers].sort()]
    }
    const known = await raw('TOM@example.com')
    await world.sql(`update user_account set status = 'disabled' where username = 'ada'`)
    const answers = [
      known,
      await raw('ada@example.com'),
      await raw('mara@example.com'),
      await raw('new@dawn.example'),
    ]
    await ask({ email: 'flush@dawn.example' })
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    const [mail] = await mails('tom@example.com')
    expect(mail?.page).toBe(`${at('acme')}/login`)
    expect(mail?.token).toBe('')
    expect(mail?.text).toContain('sign in as “tom”')
    expect((await mails('ada@example.com'))[0]?.text).toContain('The account is disabled')
    expect((await mails('mara@example.com'))[0]?.page).toBe(`${MAIN}/login`)
    expect((await mails('new@dawn.example'))[0]?.token).not.toBe('')
    await world.sql(`update user_account set status = 'active' where username = 'ada'`)
    expect(await accounts()).toEqual(before)
    expect(await world.sql(`select 1 from sign_up where email = 'tom@example.com'`)).toEqual([])
  })

  it('is one that its owner confirmed: what an administrator typed keeps nobody from signing up', async () => {
    const typed = `update user_account set email = 'Lea@typed.example', email_verified_at = null where username = 'bo'`
    await world.sql(typed)
    const token = await linkFor({ email: 'lea@typed.example', slug: 'typed', name: 'Typed' })
    expect((await finish(token)).status).toBe(200)
    await world.sql(`update user_account set email_verified_at = now() where username = 'bo'`)
    await ask({ email: 'lea@typed.example' })
    expect((await mails('lea@typed.example')).at(-1)?.text).toContain(`${at('bolt')}/login`)
  })

  it('by the time the link is followed: nothing is made', async () => {
    const token = await linkFor({ email: 'soon@dusk.example', slug: 'dusk', name: 'Dusk' })
    const id = await world.user(world.bolt, 'soon', 'viewer')
    await world.sql(
      `update user_account set email = 'Soon@Dusk.example', email_verified_at = now() where id = $1`,
      [id],
    )
    const before = await accounts()
    expect(await finish(token)).toMatchObject({
      status: 409,
      body: { message: /account with your address/ },
    })
    expect(await accounts()).toEqual(before)
    expect(await tenants()).not.toContain('dusk')
    await world.sql(`update user_account set email = 'elsewhere@dusk.example' where id = $1`, [id])
    expect((await finish(token)).status).toBe(200)
  })

  it('a username that others have elsewhere is nobody’s here', async () => {
    const before = await accounts()
    const token = await linkFor({ email: 'tom@noon.example', slug: 'noon', name: 'Noon' })
    expect((await finish(token, { username: 'tom' })).status).toBe(200)
    const after = await accounts()
    expect(after.filter(({ id }) => before.some((old) => old.id === id))).toEqual(before)
    expect(after).toHaveLength(before.length + 1)
  })
})

describe('links', () => {
  it('C04 work once, in time, and as they are', async () => {
    const token = await linkFor({ email: 'a@once.example', slug: 'once', name: 'Once' })
    const tried = async (t: string) => (await finish(t)).status
    expect([await tried(token.slice(0, -1)), await tried('x'.repeat(43))]).toEqual([404, 404])
    await world.sql(`update sign_up set expires_at = now() - interval '1 second'`)
    expect(await tried(token)).toBe(404)
    await world.sql(`update sign_up set expires_at = now() + interval '1 minute'`)
    expect(await tried(token)).toBe(200)
    expect(await tried(token)).toBe(404)
    expect((await post('/check', { token })).status).toBe(404)
    const [denied] = await world.sql<{ n: string }>(
      `select count(*) as n from audit_event where event = 'sign_up.finish' and result = 'denied' and tenant_id = $1`,
      [MASTER_TENANT_ID],
    )
    expect(Number(denied?.n)).toBeGreaterThan(0)
  })

  it('B07 come from the configuration, whatever the request says of its host', async () => {
    await visitor().post(
      `${MAIN}/api/sign-up`,
      { name: '<img src=x>', slug: 'poison', email: 'p@poison.example' },
      {
        headers: {
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
          referer: 'https://evil.example/',
        },
      },
    )
    await ask({ email: 'flush@poison.example' })
    const [mail] = await mails('p@poison.example')
    expect(mail?.page).toBe(`${MAIN}/sign-up/finish`)
    expect(`${mail?.text}${mail?.html}`).not.toContain('evil')
    expect(mail?.html).not.toContain('<img')
    // Nobody's mail to strangers: no word of who asked is in it.
    expect(`${mail?.subject}${mail?.text}`).not.toMatch(/img|poison\b(?!\.example)/)
    const foreign = await visitor().post(
      `${MAIN}/api/sign-up`,
      { name: 'x', slug: 'xx', email: 'x@x.example' },
      { headers: { origin: 'https://evil.example' } },
    )
    expect(foreign.status).toBe(403)
  })

  it('C04 fifty at once, of two links to one address: one tenant', async () => {
    const email = 'a@race.example'
    const links = [
      await linkFor({ email, slug: 'race-1', name: 'Race 1' }),
      await linkFor({ email, slug: 'race-2', name: 'Race 2' }),
    ]
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => finish(links[i % 2] ?? '')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await tenants()).filter((slug) => slug.startsWith('race-'))).toHaveLength(1)
    expect(await world.sql(`select 1 from user_account where email = $1`, [email])).toHaveLength(1)
    // the other link went with it
    expect(await world.sql('select status from sign_up where email = $1', [email])).toEqual([
      { status: 'done' },
    ])
  })

  it('A15 two for one address: one has it, the other chooses another, and either learns it by a link only', async () => {
    const one = await linkFor({ email: 'a@first.example', slug: 'wanted', name: 'First' })
    const two = await linkFor({ email: 'b@second.example', slug: 'wanted', name: 'Second' })
    const answers = await Promise.all([finish(one), finish(two)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
    const late = answers[0]?.status === 200 ? two : one
    expect(answers.find(({ status }) => status === 400)?.body.fields).toEqual({
      slug: 'This subdomain cannot be used',
    })
    expect((await post('/check', { token: late })).body).toMatchObject({ slug: 'wanted', slugFree: false })
    expect((await finish(late, { slug: 'acme' })).body.fields).toEqual({
      slug: 'This subdomain cannot be used',
    })
    expect((await finish(late, { slug: 'wanted-too' })).status).toBe(200)
    expect(await tenants()).toEqual(expect.arrayContaining(['wanted', 'wanted-too']))
  })
})
