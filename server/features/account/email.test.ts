import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Account } from '@/server/features/account/account.schema'
import { mailbox } from '@/server/features/recovery/mailbox.fixture'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const NEW = 'tom.new@example.com'

let world: SignInWorld
beforeAll(async () => void (world = await openWorld()))
beforeEach(async () => {
  await world.forgive()
  await world.sql('delete from mail_message')
  await world.sql('delete from account_link')
  await world.sql("update user_account set email = 'tom@example.com' where id = $1", [world.ids.tom])
  await world.sql('update user_account set email_verified_at = null')
})
afterAll(() => world.close())

const signedIn = async (base = ACME, login = 'tom') => {
  const b = new Browser(dispatch)
  expect((await b.signIn(base, login, PASSWORD)).status).toBe(200)
  return b
}
const me = async (b: Browser) => (await b.call<Account>(ACME, 'account.me')).data
const open = async (token = '', base = ACME) =>
  (await new Browser(dispatch).post(`${base}/api/sign-in/verify`, { token })).status
const mails = (address: string) => mailbox(world.sql, address)

describe('my e-mail address', () => {
  it('is confirmed by a link; an administrator’s edit takes the mark away', async () => {
    const tom = await signedIn()
    expect(await me(tom)).toMatchObject({ email: 'tom@example.com', emailVerifiedAt: null })
    const asked = await tom.call(ACME, 'account.sendVerification')
    expect(asked).toMatchObject({ status: 200, data: { sentTo: 'tom@example.com' } })
    const [mail] = await mails('tom@example.com')
    expect(mail).toMatchObject({ kind: 'verify_email', page: `${ACME}/verify`, tenantId: world.acme })
    expect([await open(mail?.token, BOLT), await open(mail?.token), await open(mail?.token)]).toEqual([
      404, 200, 404,
    ])
    expect((await me(tom)).emailVerifiedAt).toEqual(expect.any(String))
    expect(await mails('tom@example.com')).toHaveLength(1) // nothing changed: no notice
    const ada = await signedIn(ACME, 'ada')
    const person = { id: world.ids.tom, username: 'tom', firstName: 'Tom', lastName: 'Test' }
    await ada.call(ACME, 'users.update', { ...person, email: 'tom@example.com' })
    expect((await me(tom)).emailVerifiedAt).toEqual(expect.any(String))
    await ada.call(ACME, 'users.update', { ...person, email: 'other@example.com' })
    expect(await me(tom)).toMatchObject({ email: 'other@example.com', emailVerifiedAt: null })
  })

  it('C14 changes by the password and the new address’s link only; the old one is told', async () => {
    const tom = await signedIn()
    const wrong = await tom.call(ACME, 'account.changeEmail', { email: NEW, current: 'wrong' })
    expect(wrong).toMatchObject({ status: 400, fields: { current: expect.any(String) as string } })
    expect(await mails(NEW)).toEqual([])
    const list = await tom.call(ACME, 'account.changeEmail', {
      email: `${NEW},a@b.example`,
      current: PASSWORD,
    })
    expect(list.status).toBe(400)
    const asked = await tom.call(ACME, 'account.changeEmail', { email: NEW, current: PASSWORD })
    expect(asked).toMatchObject({ status: 200, data: { sentTo: NEW } })
    expect((await me(tom)).email).toBe('tom@example.com')
    const [mail] = await mails(NEW)
    expect(await open(mail?.token)).toBe(200)
    expect(await me(tom)).toMatchObject({ email: NEW, emailVerifiedAt: expect.any(String) as string })
    expect(await mails('tom@example.com')).toMatchObject([
      { kind: 'notice', text: expect.stringContaining(NEW) as string },
    ])
    const log = await world.sql<{ before: object; after: object }>(
      "select before, after from audit_event where event = 'account.email_confirm' order by at desc limit 1",
    )
    expect(log).toEqual([{ before: { email: 'tom@example.com' }, after: { email: NEW } }])
  })

  it('a link is void after another one, another address or another password, and after a day', async () => {
    const tom = await signedIn()
    const ask = async (email: string) => {
      await tom.call(ACME, 'account.changeEmail', { email, current: PASSWORD })
      return (await mails(email)).at(-1)?.token
    }
    const first = await ask('one@example.com')
    const second = await ask('two@example.com')
    expect(await open(first)).toBe(404)
    await world.sql('update user_credential set changed_at = clock_timestamp() where user_id = $1', [
      world.ids.tom,
    ])
    expect(await open(second)).toBe(404)
    const third = await ask('three@example.com')
    await world.sql("update account_link set expires_at = now() - interval '1 second'")
    expect(await open(third)).toBe(404)
    await world.sql("update account_link set expires_at = now() + interval '1 second'")
    expect(await open(third)).toBe(200)
  })

  it('belongs to the home tenant: a guest changes it there', async () => {
    await world.member(world.bolt, world.ids.tom, 'viewer')
    const guest = await signedIn(BOLT, 'acme\\tom')
    expect((await guest.call(BOLT, 'account.sendVerification')).status).toBe(403)
    const away = await guest.call(BOLT, 'account.changeEmail', { email: NEW, current: PASSWORD })
    expect(away.status).toBe(403)
    expect((await (await signedIn()).call(ACME, 'account.sendVerification')).status).toBe(200)
  })
})
