import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openWorld, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { forgetSignUps } from './sign-up.jobs'
import { signingUp, visitor } from './sign-up.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

let world: SignInWorld
const { post, ask, mails, linkFor, finish, policy, tenants, clean } = signingUp(() => world)
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(() => clean())
afterAll(() => world.close())

const REFUSED = { slug: 'This subdomain cannot be used' }

describe('the address of a tenant', () => {
  it('B15 asking says only what is wrong with its form: taken and free get one answer', async () => {
    const answers = [
      await ask({ slug: 'acme', email: 'a@one.example' }),
      await ask({ slug: 'nobody-has-it', email: 'b@one.example' }),
    ]
    expect(answers[0]).toEqual(answers[1])
    expect((await ask({ slug: 'a' })).body.fields).toMatchObject({ slug: expect.any(String) as string })
    expect((await ask({ slug: 'xn--bcher-kva' })).body.fields).toHaveProperty('slug')
    expect((await ask({ slug: 'аcme' })).body.fields).toHaveProperty('slug') // a Cyrillic letter (B13)
    for (const slug of ['admin', 'default', 'login', 'www'])
      expect((await ask({ slug })).body.fields).toEqual(REFUSED)
    expect(await world.sql('select 1 from sign_up')).toHaveLength(2)
  })

  it('A15 taken, resting, reserved and deleted ones are refused in the same words, a free one is had', async () => {
    await world.sql(
      `insert into slug_rest (slug, tenant_id, until) values ('resting', gen_random_uuid(), now() + interval '9 days'), ('rested', gen_random_uuid(), now() - interval '1 day')`,
    )
    const gone = await world.tenant('gone', 'Gone')
    await world.sql(`update tenant set status = 'deleted' where id = $1`, [gone])
    const token = await linkFor({ slug: 'resting', email: 'a@slug.example', name: 'Slug' })
    expect((await post('/check', { token })).body).toMatchObject({ slugFree: false, nameFree: true })
    for (const slug of ['resting', 'gone', 'acme', 'admin', 'default'])
      expect((await finish(token, { slug })).body.fields).toEqual(REFUSED)
    expect((await finish(token, { slug: 'rested' })).status).toBe(200)
    expect(await tenants()).toContain('rested')
  })

  it('is the one that was asked for as long as it can be had', async () => {
    const token = await linkFor({ slug: 'asked-for', email: 'a@keep.example', name: 'Keep' })
    expect((await finish(token, { slug: 'another', name: 'Another' })).status).toBe(200)
    const made = await world.sql(`select slug, name from tenant where slug in ('asked-for', 'another')`)
    expect(made).toEqual([{ slug: 'asked-for', name: 'Keep' }])
  })

  it('a name that a tenant has is refused, too, and ten tries are all', async () => {
    const token = await linkFor({ name: 'ACME', slug: 'acme-2', email: 'a@name.example' })
    expect((await finish(token)).body.fields).toHaveProperty('name')
    for (let i = 0; i < 10; i++) expect((await finish(token, { name: 'Bolt' })).status).toBe(400)
    expect((await finish(token, { name: 'Acme of the north' })).status).toBe(429)
    await world.forgive()
    expect((await finish(token, { name: 'Acme of the north' })).status).toBe(200)
  })
})

describe('limits', () => {
  it('by network, by address known or not, and over all', async () => {
    const one = visitor('203.0.113.7')
    const network: number[] = []
    for (let i = 0; i < 11; i++) network.push((await ask({ email: `a${i}@many.example` }, one)).status)
    expect(network).toEqual([...Array<number>(10).fill(200), 429])
    for (const email of ['tom@example.com', 'nobody@many.example']) {
      const statuses: number[] = []
      for (let i = 0; i < 4; i++) statuses.push((await ask({ email })).status)
      expect(statuses, email).toEqual([200, 200, 200, 429])
      expect(await mails(email)).toHaveLength(3)
    }
    await world.forgive()
    const all = await Promise.all(
      Array.from({ length: 105 }, (_, i) => ask({ email: `b${i}@flood.example` })),
    )
    expect(all.filter(({ status }) => status === 200)).toHaveLength(100)
  })

  it('an address six times a day', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 7; i++) {
      await world.sql(`delete from rate_limit where bucket like 'sign-up.address:%'`)
      statuses.push((await ask({ email: 'day@many.example' })).status)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429])
  })

  it('A15 thirty tries for another subdomain a day from one network, of however many links', async () => {
    const links: string[] = []
    for (let i = 0; i < 4; i++)
      links.push(await linkFor({ slug: 'acme', name: `Try ${i}`, email: `try${i}@try.example` }))
    const one = visitor('203.0.113.9')
    const tries = async (link = '', times = 10) => {
      const statuses: number[] = []
      for (let i = 0; i < times; i++) statuses.push((await finish(link, { slug: 'bolt' }, one)).status)
      return [...new Set(statuses)]
    }
    for (const link of links.slice(0, 3)) expect(await tries(link)).toEqual([400])
    expect(await tries(links[3], 1)).toEqual([429])
    expect((await finish(links[3] ?? '', { slug: 'bolt' })).status).toBe(400)
  })

  it('A15 thirty links a day from one network that tell what others have, however often each is opened', async () => {
    const one = visitor('203.0.113.11')
    const check = async (token: string, b = one) => (await post('/check', { token }, b)).status
    const free = await linkFor({ slug: 'free-one', name: 'Free one', email: 'free@probe.example' })
    const taken = [
      await linkFor({ slug: 'acme', name: 'Probe 1', email: 'a@probe.example' }),
      await linkFor({ slug: 'probe-2', name: 'Bolt', email: 'b@probe.example' }),
      await linkFor({ slug: 'acme', name: 'Probe 3', email: 'c@probe.example' }),
    ]
    const [first = '', second = '', third = ''] = taken
    for (const token of [first, first, first]) expect(await check(token)).toBe(200)
    const hits = () => world.sql(`select hits from rate_limit where bucket like 'sign-up.probe.ip:%'`)
    expect(await hits()).toEqual([{ hits: 1 }])
    await world.sql(`update rate_limit set hits = 29 where bucket like 'sign-up.probe.ip:%'`)
    expect(await check(second)).toBe(200)
    for (let i = 0; i < 2; i++) expect(await check(third)).toBe(429)
    expect([await check(free), await check(first), await check(third, visitor())]).toEqual([200, 200, 200])
  })

  it('names without control or turning characters', async () => {
    const token = await linkFor({ slug: 'turned', name: 'Turned', email: 'a@turned.example' })
    for (const lastName of ['Oka\u202Efor', 'Oka\nfor'])
      expect((await finish(token, { lastName })).body.fields).toHaveProperty('lastName')
    expect((await finish(token)).status).toBe(200)
  })

  it('a machine that fills in everything is told what all are told, and gets no mail', async () => {
    expect(await ask({ website: 'https://spam.example', email: 'bot@spam.example' })).toEqual({
      status: 200,
      body: { ok: true },
    })
    expect(await mails('bot@spam.example')).toEqual([])
  })

  it('mail domains: only those on the list', async () => {
    await policy({ mail_domains: ['good.example'] })
    expect((await ask({ email: 'a@bad.example' })).body.fields).toHaveProperty('email')
    expect((await ask({ email: 'a@sub.good.example' })).body.fields).toHaveProperty('email')
    expect((await ask({ email: 'a@GOOD.example' })).status).toBe(200)
    expect(await mails('a@good.example')).toHaveLength(1)
  })

  it('new tenants a day: exactly, also at once; the link works tomorrow', async () => {
    await policy({ daily_limit: 3 })
    const links: string[] = []
    for (let i = 0; i < 8; i++)
      links.push(await linkFor({ email: `a@day${i}.example`, slug: `day-${i}`, name: `Day ${i}` }))
    const answers = await Promise.all(links.map((link) => finish(link)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5)
    const late = links[answers.findIndex(({ status }) => status === 429)] ?? ''
    await world.sql(`update sign_up set ended_at = ended_at - interval '25 hours' where status = 'done'`)
    await world.sql(
      `update sign_up set expires_at = expires_at - interval '25 hours' where status = 'mailed'`,
    )
    expect((await finish(late)).status).toBe(200)
  })

  it('what ran out is purged a week later, what was answered after 90 days, what waits stays', async () => {
    for (const email of ['old@purge.example', 'new@purge.example']) await ask({ email })
    await finish(await linkFor({ email: 'done@purge.example', slug: 'purge', name: 'Purge' }))
    await world.sql(
      `update sign_up set expires_at = now() - interval '8 days' where email = 'old@purge.example'`,
    )
    await forgetSignUps()
    const left = async () =>
      (await world.sql<{ email: string }>('select email from sign_up order by 1')).map((r) => r.email)
    expect(await left()).toEqual(['done@purge.example', 'new@purge.example'])
    await world.sql(`update sign_up set ended_at = now() - interval '91 days' where status = 'done'`)
    await forgetSignUps()
    expect(await left()).toEqual(['new@purge.example'])
  })
})
