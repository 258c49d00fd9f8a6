import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { dispatch } from '@/server/http/dispatch'
import { ask, call } from '@/server/sweep/call'
import { newPassword, person } from '@/server/sweep/asking'
import { PASSWORD, type PersonName } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { createWorld, type World } from '@/test/world'

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const WRONG = { error: 'unauthenticated', message: 'The username or password is wrong.' }
const STALE = { error: 'access_denied', message: 'This page was open for too long. Reload it and try again.' }

describe('what signing in refuses', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const browser = () => new Browser(dispatch)
  const sessionsOf = async (name: PersonName) =>
    (
      await world.admin.query('select 1 from session where user_id = $1 and revoked_at is null', [
        userId(name),
      ])
    ).rowCount
  /** Refused in these words, and no cookie set that is worth anything. */
  const refuses = async (response: Response, status: number, words: object) => {
    expect([response.status, await response.json()]).toMatchObject([status, words])
    expect(response.headers.getSetCookie().filter((cookie) => /^fh(-ticket|-known)?=./.test(cookie))).toEqual(
      [],
    )
  }

  it('the main host hands over who proved a password, and nobody else', async () => {
    const start = (login: string, password = PASSWORD) =>
      browser().post(`${MAIN}/api/sign-in/hand-off`, { login, password })
    await refuses(await start('acme\\tom', 'a wrong password 123'), 401, WRONG)
    await refuses(await start('acme\\nobody'), 401, WRONG)
    await refuses(await start('tom'), 401, WRONG)
    await refuses(await start('default\\mara'), 401, WRONG)
    const right = await start('acme\\tom')
    expect([right.status, right.headers.getSetCookie().join()]).toEqual([
      200,
      expect.stringContaining('fh-ticket='),
    ])
  })

  it.each([
    ['a wrong password', 'tom', 'a wrong password 123'],
    ['a name that is nobody’s', 'nobody', PASSWORD],
    ['a name that is none', 'a\\b\\c', PASSWORD],
    ['who is no member here', 'bolt\\bo', PASSWORD],
  ])('refuses %s in the same words', async (_what, login, password) => {
    await refuses(await browser().signIn(ACME, login, password), 401, WRONG)
    expect((await browser().signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
  })

  it('signs nobody in who is disabled between the password and the session', async () => {
    const b = browser()
    const signIn = () => b.signIn(ACME, 'tom', PASSWORD)
    const before = (await sessionsOf('Tom')) ?? 0
    const first = await whileHeld(world, tenantId('A'), signIn, undefined, 'exclusive')
    expect([first.waited, (await first.done).status, await sessionsOf('Tom')]).toEqual([
      true,
      200,
      before + 1,
    ])
    const disable = () =>
      world.admin.query(`update user_account set status = 'disabled' where id = $1`, [userId('Tom')])
    const fresh = browser()
    const late = await whileHeld(
      world,
      tenantId('A'),
      () => fresh.signIn(ACME, 'tom', PASSWORD),
      disable,
      'exclusive',
    )
    expect(late.waited).toBe(true)
    await refuses(await late.done, 401, WRONG)
    expect(await sessionsOf('Tom')).toBe(before + 1)
  })

  it('takes no form without its own token, to sign in or out', async () => {
    const b = browser()
    const credentials = { login: 'tom', password: PASSWORD }
    const enter = (csrfToken: string) =>
      b.post(`${ACME}/api/auth/callback/credentials`, { ...credentials, csrfToken })
    const leave = (csrfToken: string) => b.post(`${ACME}/api/auth/signout`, { csrfToken })
    const before = await sessionsOf('Tom')
    await refuses(await enter('x'.repeat(64)), 403, STALE)
    expect(await sessionsOf('Tom')).toBe(before)
    expect((await b.signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
    const inside = await sessionsOf('Tom')
    await refuses(await leave('x'.repeat(64)), 403, STALE)
    expect(await sessionsOf('Tom')).toBe(inside)
    expect((await b.signOut(ACME)).status).toBe(200)
    expect(await sessionsOf('Tom')).toBe(before)
  })

  it('takes no form that a page of another origin sent', async () => {
    for (const [host, path, body] of [
      [
        'acme.localhost:3000',
        '/api/auth/callback/credentials',
        { login: 'tom', password: PASSWORD, csrfToken: 'x'.repeat(64) },
      ],
      ['acme.localhost:3000', '/api/auth/signout', { csrfToken: 'x'.repeat(64) }],
      ['localhost:3000', '/api/sign-in/hand-off', { login: 'acme\\tom', password: PASSWORD }],
    ] as const) {
      const send = (headers: Record<string, string>) =>
        ask(
          world,
          'nobody',
          path,
          {
            method: 'POST',
            body: JSON.stringify(body),
            headers: { 'content-type': 'application/json', ...headers },
          },
          { host },
        )
      for (const [name, value] of [
        ['origin', 'http://bolt.localhost:3000'],
        ['sec-fetch-site', 'same-site'],
      ] as const)
        expect([path, (await send({ [name]: value })).text]).toEqual([
          path,
          expect.stringContaining('Cross-site request refused'),
        ])
      const own = await send({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })
      expect([path, own.text]).toEqual([path, expect.not.stringContaining('Cross-site request refused')])
    }
  })

  it('the set-up of an installation is the main host’s, with the code of the terminal', async () => {
    const code = 'ABCDEFGHJKMNPQRS'
    await world.admin.query(
      `update installation set setup_done_at = null, setup_code_hash = sha256(convert_to($1, 'UTF8'))`,
      [code],
    )
    const finish = (host: string) =>
      call(
        world,
        'nobody',
        { name: 'setup.finish', type: 'mutation' },
        { ...person, code, organisation: 'X', password: newPassword.password, confirm: newPassword.password },
        { facts: { host } },
      )
    const before = await world.state()
    expect((await finish('acme.localhost:3000')).status).toBe(404)
    expect(await world.state()).toEqual(before)
    expect((await finish('localhost:3000')).status).toBe(200)
    expect((await finish('localhost:3000')).status).toBe(404)
  })
})
