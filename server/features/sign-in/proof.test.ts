import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { openSession } from '@/server/features/sessions/sessions.service'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { verifySignIn } from '@/server/features/sign-in/sign-in.service'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const facts = { ip: '192.0.2.1', userAgent: 'x', requestId: 'r' }

let world: SignInWorld
beforeAll(async () => {
  process.env.LOG_LEVEL = 'silent'
  world = await openWorld()
})
beforeEach(() => world.forgive())
afterAll(() => world.close())

const location = (response: Response) => response.headers.get('location') ?? ''
/** As an administrator who sets a new password does; what it is does not matter. */
const newPassword = () =>
  world.sql('update user_credential set changed_at = clock_timestamp() where user_id = $1', [world.ids.tom])

describe('C11 a new password voids what the old one proved', () => {
  const steps = ['start', 'begin', 'continue'] as const

  it.each([...steps, null])('in a hand-off, set after: %s (null: never)', async (after) => {
    const b = new Browser(dispatch)
    const body = { login: 'acme\\tom', password: PASSWORD }
    const begin = ((await (await b.post(`${MAIN}/api/sign-in/hand-off`, body)).json()) as { next: string })
      .next
    if (after === 'start') await newPassword()
    const proceed = location(await b.get(begin))
    if (after === 'begin') await newPassword()
    const finish = location(await b.get(proceed))
    if (after === 'continue') await newPassword()
    const end = location(await b.get(finish))
    expect(end).toBe(after === null ? '/' : `${ACME}/login?problem=hand-off`)
    expect((await b.call(ACME, 'account.me')).status).toBe(after === null ? 200 : 401)
  })

  it('in a sign-in that is under way', async () => {
    const target = { host: 'acme', home: 'acme', username: 'tom' }
    const attempt = { slug: 'acme', target, password: PASSWORD, knownCookie: null, ip: facts.ip }
    const verified = await verifySignIn({ ...attempt, requestId: 'r' })
    if (!verified) throw new Error('the password is right')
    expect(await openSession(verified, facts)).not.toBeNull()
    await newPassword()
    expect(await openSession(verified, facts)).toBeNull()
  })
})

describe('a parent-level user in a subtenant', () => {
  it('stands in both logs: signing in, acting, being refused, signing out (rules 2 and 15)', async () => {
    const b = new Browser(dispatch)
    await b.signIn(ACME, 'default\\mara', PASSWORD)
    await b.call(ACME, 'sessions.endOthers', {})
    await b.call(ACME, 'tenants.create', {})
    const rows = await world.sql<{ event: string; result: string; logs: string[] }>(
      `select event, result, array_agg(tenant_id::text order by tenant_id) as logs from audit_event where actor_id = $1 group by 1, 2`,
      [world.ids.mara],
    )
    const both = [MASTER_TENANT_ID, world.acme].sort()
    expect(rows.map((row) => [row.event, row.result, row.logs]).sort()).toEqual([
      ['session.end_others', 'ok', both],
      ['session.sign_in', 'ok', both],
      ['tenant.create', 'denied', both],
    ])
  })
})
