import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import { recoveryHash } from '@/server/features/second-factor/recovery-codes'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { dispatch } from '@/server/http/dispatch'
import { ACME, useIdentityWorld, world } from './identity-world.fixture'
import { openProvider, plantSource } from './oidc.fixture'
import type { SourceFields } from './source.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const [ofAcme, ofMaster] = [randomUUID(), randomUUID()]
const at = (end: string, base = ACME, id = ofAcme) => `${base}/api/sso/oidc/${id}/${end}`
const LEA = {
  sub: 'lea-1',
  preferred_username: 'Lea',
  email: 'lea@acme.example',
  name: 'Lea Lind',
  groups: ['all'],
}

useIdentityWorld()
let provider: Awaited<ReturnType<typeof openProvider>>
beforeAll(async () => {
  provider = await openProvider([at('callback'), at('callback', MAIN, ofMaster)])
})
beforeEach(() => {
  provider.state.who = LEA
})
afterAll(() => provider.close())

const acme = (fields: Partial<SourceFields> = {}) =>
  plantSource(world, world.acme, ofAcme, { issuer: provider.issuer, roles: [['all', 'viewer']], ...fields })
/** The whole way, as a browser goes it. @returns where it ends */
const signIn = async (b: Browser, base = ACME, id = ofAcme) => {
  const begun = await b.get(at('start', base, id))
  const answer = await b.get(await provider.passThrough(begun.headers.get('location') ?? ''))
  return answer.headers.get('location') ?? ''
}
const isIn = async (b: Browser) => (await b.call(ACME, 'account.me')).status === 200
const lea = async () =>
  (await world.sql<{ id: string }>(`select id from user_account where username = 'lea'`))[0]
const rolesOf = async (username: string) =>
  (
    await world.sql<{ role: string }>(
      `select r.built_in as role from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id
       where u.username = $1 order by 1`,
      [username],
    )
  ).map(({ role }) => role)

describe('between the proof and the session', () => {
  it('C10 a source that was disabled or deleted meanwhile lets nobody in by the second step', async () => {
    await acme()
    await signIn(new Browser(dispatch))
    const { id = '' } = (await lea()) ?? {}
    await world.sql(
      `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) values ($1, $2, 'x', 0)`,
      [id, world.acme],
    )
    const code = 'aaaaa-bbbbb'
    const secondStep = async (change: string) => {
      await world.forgive()
      await world.sql('delete from user_recovery_code')
      await world.sql('insert into user_recovery_code (user_id, tenant_id, code_hash) values ($1, $2, $3)', [
        id,
        world.acme,
        recoveryHash(id, code),
      ])
      const b = new Browser(dispatch)
      expect(await signIn(b)).toBe('/login?step=second')
      await world.sql(change)
      const { status } = await b.post(`${ACME}/api/sign-in/step`, { recoveryCode: code })
      return [status, await isIn(b)]
    }
    expect(await secondStep('select 1')).toEqual([200, true])
    expect(await secondStep('update identity_source set enabled = false')).toEqual([401, false])
    await world.sql('update identity_source set enabled = true')
    expect(await secondStep('delete from identity_source')).toEqual([401, false])
  })

  it('J05 refusals fill nobody’s log, and going on is limited, too', async () => {
    await acme()
    const denied = () =>
      world.sql(`select 1 from audit_event where event = 'session.sign_in' and result = 'denied'`)
    const before = (await denied()).length
    const b = new Browser(dispatch)
    for (let i = 0; i < 30; i++) await b.get(at('callback?code=x'))
    expect((await denied()).length - before).toBe(20)
    const goOn = async () => (await b.get(`${ACME}/api/sso/saml/${randomUUID()}/continue`)).status
    for (let i = 0; i < 100; i++) expect(await goOn()).toBe(303)
    expect(await goOn()).toBe(429)
  })
})

describe('roles that a source takes', () => {
  it('C17 are not the last owner’s: one whose own tenant is suspended keeps nothing', async () => {
    await acme({
      roles: [
        ['all', 'viewer'],
        ['owners', 'owner'],
      ],
    })
    provider.state.who = { ...LEA, groups: ['owners'] }
    await signIn(new Browser(dispatch))
    provider.state.who = LEA
    const away = await world.tenant('away', 'Away')
    const olga = await world.user(away, 'olga', 'owner')
    await world.sql('insert into membership (tenant_id, user_id, guest) values ($1, $2, true)', [
      world.acme,
      olga,
    ])
    await world.sql(
      `insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = 'owner'`,
      [world.acme, olga],
    )
    await world.sql(`update tenant set status = 'disabled' where id = $1`, [away])
    await signIn(new Browser(dispatch))
    expect(await rolesOf('lea')).toEqual(['owner', 'viewer'])
    await world.sql(`update tenant set status = 'active' where id = $1`, [away])
    await signIn(new Browser(dispatch))
    expect(await rolesOf('lea')).toEqual(['viewer'])
  })

  it('wait in the master for writes everywhere', async () => {
    await plantSource(world, MASTER_TENANT_ID, ofMaster, {
      issuer: provider.issuer,
      roles: [
        ['all', 'support'],
        ['staff', 'support'],
      ],
    })
    const waits = async () => {
      await world.sql('begin')
      await world.sql('select pg_advisory_xact_lock_shared(wall.lock_key($1))', [EVERYONE_LOCK])
      const done = signIn(new Browser(dispatch), MAIN, ofMaster)
      const first = await Promise.race([done.then(() => false), sleep(1500, true)])
      await world.sql('commit')
      await done
      return first
    }
    expect(await waits()).toBe(false)
    provider.state.who = { ...LEA, groups: ['staff'] }
    expect(await waits()).toBe(false)
    provider.state.who = { ...LEA, groups: [] }
    expect(await waits()).toBe(true)
    expect(await rolesOf('lea')).toEqual([])
  })
})
