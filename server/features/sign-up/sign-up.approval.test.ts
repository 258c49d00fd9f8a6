import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { openWorld, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { PASSWORD } from '@/server/features/sign-in/world.fixture'
import { at, MAIN, signingUp, visitor } from './sign-up.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

// An administrator approves first, by HTTP from end to end.

let world: SignInWorld
const { post, mails, linkFor, finish, policy, follow, tenants, clean } = signingUp(() => world)
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  await clean()
  await policy({ approval: true })
})
afterAll(() => world.close())

it('a confirmed address waits; approved, the new link makes the tenant', async () => {
  const token = await linkFor()
  expect((await post('/check', { token })).body).toMatchObject({ asks: true })
  expect((await finish(token)).status).toBe(409)
  expect((await post('/confirm', { token })).body).toEqual({ ok: true })
  for (const path of ['/confirm', '/check']) expect((await post(path, { token })).status).toBe(404)
  expect((await finish(token)).status).toBe(404)
  const mara = visitor()
  await mara.signIn(MAIN, 'mara', PASSWORD)
  const [row] = await world.sql<{ id: string }>(`select id from sign_up where status = 'waiting'`)
  const approved = await Promise.all([1, 2].map(() => mara.call(MAIN, 'signUp.approve', { id: row?.id })))
  expect(approved.map(({ status }) => status).sort()).toEqual([200, 409])
  const second = (await mails()).at(-1)?.token ?? ''
  expect((await post('/check', { token: second })).body).toMatchObject({ asks: false, slug: 'north-wind' })
  // What an administrator approved stands, whatever the list of domains says by now.
  await policy({ approval: true, mail_domains: ['other.example'] })
  const b = visitor()
  const done = await finish(second, {}, b)
  expect(done.status).toBe(200)
  expect(await follow(b, done.body.next ?? '')).toBe(`${at('north-wind')}/`)
  expect(await tenants()).toEqual(['north-wind'])
  const [log] = await world.sql<{ after: object }>(
    `select after from audit_event where event = 'sign_up.finish' and result = 'ok' limit 1`,
  )
  expect(log?.after).toMatchObject({ approvedBy: 'mara Test (mara)' })
})

it('without approval nothing is confirmed this way', async () => {
  const token = await linkFor({ slug: 'plain', name: 'Plain', email: 'a@plain.example' })
  await policy()
  expect((await post('/confirm', { token })).status).toBe(404)
  expect((await finish(token)).status).toBe(200)
})
