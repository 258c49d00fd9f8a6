import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { prepareSetup } from '@/server/features/setup/setup.service'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const input = {
  code: '',
  organisation: ' Northwind MSP ',
  firstName: 'Mona',
  lastName: 'Reyes',
  username: 'Mona',
  email: 'mona@example.com',
  password: PASSWORD,
  confirm: PASSWORD,
}

let world: SignInWorld
const finish = (more: object, base = MAIN) =>
  new Browser(dispatch).call<{ username: string }>(base, 'setup.finish', { ...input, ...more })

beforeAll(async () => {
  world = await openWorld()
  await world.sql(`delete from role_assignment`)
  await world.sql(`delete from user_account where home_tenant_id = $1`, [MASTER_TENANT_ID])
  await world.sql(`delete from licence`)
  await world.sql('update installation set setup_done_at = null')
})
beforeEach(() => world.forgive())
afterAll(() => world.close())

describe('first-run set-up', () => {
  let code = ''

  it('prints one code, the same from every process and after a restart', async () => {
    code = (await prepareSetup()) ?? ''
    expect(code).toMatch(/^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}$/)
    expect(await prepareSetup()).toBe(code)
    const [row] = await world.sql<{ text: string }>(`select i::text as text from installation i`)
    expect(row?.text).not.toContain(code.replaceAll('-', ''))
  })

  it('refuses a wrong code, ten times; then says to wait', async () => {
    for (let i = 0; i < 10; i++) {
      expect(await finish({ code: 'ABCD-ABCD-ABCD-ABCD' })).toMatchObject({
        status: 400,
        fields: { code: 'This is not the code that stands in the terminal.' },
      })
    }
    expect(await finish({ code })).toMatchObject({ status: 429, error: 'rate_limited' })
  })

  it.each([
    [{ password: 'short', confirm: 'short' }, 'password'],
    [{ confirm: 'something else' }, 'confirm'],
    [{ password: 'mona@example.com', confirm: 'mona@example.com' }, 'password'],
    [{ username: 'mona reyes' }, 'username'],
    [{ username: 'mоna' }, 'username'],
    [{ email: 'nowhere' }, 'email'],
    [{ organisation: '  ' }, 'organisation'],
    [{ organisation: 'x'.repeat(101) }, 'organisation'],
  ])('says what is wrong with %j', async (more, field) => {
    const answer = await finish({ code, ...more })
    expect(answer.status).toBe(400)
    expect(Object.keys(answer.fields ?? {})).toEqual([field])
  })

  it("is the main host's alone", async () => {
    expect((await finish({ code }, 'http://acme.localhost:3000')).status).toBe(404)
  })

  it('makes the master and its first admin, once, who can then sign in', async () => {
    const typed = code.toLowerCase().replaceAll('-', ' ')
    const answers = await Promise.all([finish({ code: typed }), finish({ code, username: 'other' })])
    expect(answers.map((answer) => answer.status).filter((status) => status === 200)).toHaveLength(1)
    const people = await world.sql<{ username: string; parent_level: boolean }>(
      'select username, parent_level from user_account where home_tenant_id = $1',
      [MASTER_TENANT_ID],
    )
    expect(people).toHaveLength(1)
    const [tenant] = await world.sql<{ name: string }>('select name from tenant where id = $1', [
      MASTER_TENANT_ID,
    ])
    expect(tenant?.name).toBe('Northwind MSP')
    const [licence] = await world.sql<{ source: string; host_limit: number; days: number }>(
      `select source, host_limit, round(extract(epoch from expires_at - now()) / 86400)::int as days from licence`,
    )
    expect(licence).toEqual({ source: 'trial', host_limit: 100, days: 30 })
    const audit = await world.sql(`select 1 from audit_event where event = 'setup.finish'`)
    expect(audit).toHaveLength(1)

    const mona = new Browser(dispatch)
    const username = people[0]?.username ?? ''
    expect((await mona.signIn(MAIN, username, PASSWORD)).status).toBe(200)
    const me = await mona.call<{ roles: { name: string }[] }>(MAIN, 'account.me')
    expect(me.data.roles.map((role) => role.name)).toEqual(['Super Admin'])
  })

  it('is gone for ever after', async () => {
    expect(await prepareSetup()).toBeNull()
    expect((await finish({ code })).status).toBe(404)
    expect((await finish({ code: 'x' })).status).toBe(404)
  })
})
