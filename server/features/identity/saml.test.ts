import { randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { dispatch } from '@/server/http/dispatch'
import { makeCertificate } from './certificate.fixture'
import { plantSaml, requestOf } from './saml.fixture'
import {
  ACME,
  BOLT,
  FIELDS,
  LEA,
  MAIN,
  NO,
  acme,
  at,
  forger,
  isIn,
  lastDenied,
  me,
  ofAcme,
  ofBolt,
  placeOf,
  post,
  refusedAs,
  signIn,
  startOf,
  toOf,
  tries,
  useSamlWorld,
  world,
} from './saml-world.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

// Signing in by SAML, with a provider of our own making. For a real one see simplesaml.test.ts.

useSamlWorld()

describe('signing in by SAML', () => {
  it('makes an account at the first time, and finds it again by its name id', async () => {
    await acme()
    const b = new Browser(dispatch)
    expect(await signIn(b, {}, '/infrastructure/hosts')).toBe('/infrastructure/hosts')
    expect(await me(b)).toMatchObject({ data: { username: 'lea' } })
    expect(await signIn(new Browser(dispatch), { attributes: { ...LEA, mail: ['l@acme.example'] } })).toBe(
      '/',
    )
    const people = await world.sql(
      `select email, first_name, last_name, home_tenant_id from user_account where username = 'lea'`,
    )
    expect(people).toEqual([
      { email: 'l@acme.example', first_name: 'Lea', last_name: 'Lind', home_tenant_id: world.acme },
    ])
    expect(await world.sql('select issuer, subject from user_identity')).toEqual([
      { issuer: forger.issuer, subject: 'lea-1' },
    ])
  })

  it('B07 asks with the addresses of the configuration, and says nothing of where the browser wants to go', async () => {
    await acme()
    const { acs, query, xml, format } = requestOf(
      await startOf(new Browser(dispatch), ACME, ofAcme, '/infrastructure/hosts'),
    )
    expect(acs).toBe(at(ACME, ofAcme, 'acs'))
    expect(xml).toContain(`>${at(ACME, ofAcme, 'metadata')}</`)
    expect(format).toMatch(/persistent$/)
    expect([...query.keys()]).toEqual(['SAMLRequest'])
    expect(xml).not.toContain('infrastructure')
  })

  it('B11 RelayState is no address, and what was asked for is of this tenant', async () => {
    await acme()
    for (const evil of ['https://evil.example/', '//evil.example', '/\\evil']) {
      const b = new Browser(dispatch)
      const to = toOf(await startOf(b, ACME, ofAcme, evil))
      const on = await post(forger.answer(to, { attributes: LEA }), { RelayState: evil })
      expect(on).toBe(at(ACME, ofAcme, 'continue'))
      expect((await b.get(on)).headers.get('location')).not.toMatch(/evil/)
    }
  })

  it('gives the roles of all groups that match, else the default one, else none', async () => {
    await acme({
      defaultRole: 'viewer',
      roles: [
        ['ops', 'editor'],
        ['boss', 'admin'],
      ],
    })
    const roles = async (groups: string[]) => {
      await signIn(new Browser(dispatch), { attributes: { ...LEA, groups } })
      const rows = await world.sql<{ role: string }>(
        `select r.built_in as role from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id where u.username = 'lea' order by 1`,
      )
      return rows.map(({ role }) => role)
    }
    expect(await roles(['ops', 'boss', 'other'])).toEqual(['admin', 'editor'])
    expect(await roles(['other'])).toEqual(['viewer'])
    expect(await roles([])).toEqual(['viewer'])
    await world.sql('update identity_source set default_role_id = null')
    const b = new Browser(dispatch)
    expect(await signIn(b, { attributes: { ...LEA, groups: [] } })).toBe(refusedAs('sso-role'))
    expect(await isIn(b)).toBe(false)
  })

  it('C18 goes by an attribute instead, where the source names one', async () => {
    await acme({ subjectAttribute: 'employee' })
    const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
    const as = (employee: string[]) => ({
      nameId: randomUUID(),
      format: transient,
      attributes: { ...LEA, employee },
    })
    expect(await tries(as(['0815']))).toBe('in')
    expect(await tries(as(['0815']))).toBe('in')
    expect(await world.sql('select subject from user_identity')).toEqual([{ subject: '0815' }])
    for (const values of [[], [''], ['1', '2']])
      expect(await tries(as(values))).toEqual([
        NO,
        expect.stringMatching(/says who somebody is has \d values/),
      ])
  })

  it('C18 takes no name id that does not stay, and says so', async () => {
    await acme()
    for (const format of [
      '1.1:nameid-format:emailAddress',
      '1.1:nameid-format:unspecified',
      '2.0:nameid-format:transient',
    ])
      expect(await tries({ format: `urn:oasis:names:tc:SAML:${format}` })).toEqual([
        NO,
        expect.stringMatching(/^the name id is [a-zA-Z]+, not persistent/),
      ])
    expect(await tries({ qualifier: 'https://other.example' })).toEqual([
      NO,
      'the name id is of another place',
    ])
    expect(await tries({ nameId: 'x'.repeat(256) })).toEqual([NO, expect.stringContaining('too long')])
    expect(await tries({ qualifier: forger.issuer })).toBe('in')
  })

  it('C09 C18 is never said by a username or an e-mail address', async () => {
    await acme()
    const b = new Browser(dispatch)
    expect(await signIn(b, { attributes: { ...LEA, uid: ['tom'], mail: ['tom@example.com'] } })).toBe(
      refusedAs('sso-taken'),
    )
    expect([await isIn(b), await world.sql('select * from user_identity')]).toEqual([false, []])
  })
})

describe('the browser', () => {
  it('C10 is the one where it began: the answer alone signs nobody in', async () => {
    await acme()
    const b = new Browser(dispatch)
    const to = toOf(await startOf(b))
    const answer = forger.answer(to, { attributes: LEA })
    const on = await post(answer)
    const other = new Browser(dispatch)
    await startOf(other)
    for (const stranger of [new Browser(dispatch), other]) {
      expect((await stranger.get(on)).headers.get('location')).toBe(NO)
      expect(await isIn(stranger)).toBe(false)
    }
    expect((await b.get(on)).headers.get('location')).toBe('/')
    expect(await isIn(b)).toBe(true)
  })

  it('C12 an answer works once', async () => {
    await acme()
    const b = new Browser(dispatch)
    const answer = forger.answer(toOf(await startOf(b)), { attributes: LEA })
    const kept = new Map(b.cookiesOf('acme.localhost'))
    const on = await post(answer)
    await b.get(on)
    expect(await isIn(b)).toBe(true)
    const again = new Browser(dispatch)
    const withNote = () => {
      for (const [name, value] of kept) again.cookiesOf('acme.localhost').set(name, value)
    }
    withNote()
    expect((await again.get(on)).headers.get('location')).toBe(NO)
    expect(await lastDenied()).toBe('there is no answer for this browser')
    withNote()
    expect((await again.get(await post(answer))).headers.get('location')).toBe(NO)
    expect(await lastDenied()).toBe('the answer was used before')
    expect(await isIn(again)).toBe(false)
  })

  it('C12 of two answers to a request, the first one counts', async () => {
    await acme()
    const b = new Browser(dispatch)
    const to = toOf(await startOf(b))
    await post(forger.answer(to, { attributes: LEA }))
    const on = await post(forger.answer(to, { attributes: { ...LEA, uid: ['eve'] }, nameId: 'eve' }))
    await b.get(on)
    expect((await me(b)).data.username).toBe('lea')
  })

  it('waits for an answer for two minutes', async () => {
    await acme()
    const b = new Browser(dispatch)
    const on = await post(forger.answer(toOf(await startOf(b)), { attributes: LEA }))
    const [kept] = await world.sql<{ left: number; sealed: Buffer }>(
      'select extract(epoch from expires_at - now())::int as left, sealed from identity_answer',
    )
    expect(kept?.left).toBeGreaterThan(60)
    expect(kept?.left).toBeLessThanOrEqual(120)
    expect(kept?.sealed.toString('latin1')).not.toContain('lea')
    await world.sql(`update identity_answer set expires_at = now() - interval '1 second'`)
    expect((await b.get(on)).headers.get('location')).toBe(NO)
  })

  it('that never began here is told to: a provider’s own page signs nobody in', async () => {
    await acme()
    const to = { ...placeOf(ACME, ofAcme), request: '' }
    expect(await post(forger.answer(to, { attributes: LEA }))).toBe(refusedAs('sso-begin'))
    expect(await lastDenied()).toBe('the sign-in began at the provider, not here')
    // nor an answer to a request that is not ours
    const request = `_${Date.now().toString(36)}.${'a'.repeat(40)}.${'b'.repeat(40)}`
    expect(await post(forger.answer({ ...to, request }, { attributes: LEA }))).toBe(NO)
    expect(await lastDenied()).toMatch(/no request of this console/)
  })
})

describe('a source', () => {
  it('may have several certificates; of those that have expired none counts', async () => {
    const [other, old] = [makeCertificate(), makeCertificate({ days: -1 })]
    const again = async () => {
      await world.sql('delete from identity_source')
      await world.sql(`delete from user_account where username = 'lea'`)
    }
    await acme({ certificates: [other.certificate, forger.certificate].join('\n') })
    expect(await tries({})).toBe('in')
    expect(await tries({ key: other.key })).toBe('in')
    await again()
    await acme({ certificates: [old.certificate, forger.certificate].join('\n') })
    expect(await tries({ key: old.key })).toEqual([NO, expect.stringContaining('does not hold')])
    expect(await tries({})).toBe('in')
    await again()
    await acme({ certificates: old.certificate })
    expect(await tries({ key: old.key })).toEqual([NO, 'all certificates of this source have expired'])
  })

  it('C18 works on its own tenant’s host only, and its answers go nowhere else', async () => {
    await acme()
    await plantSaml(world, world.bolt, ofBolt, { ...FIELDS, roles: [['all', 'viewer']] })
    const b = new Browser(dispatch)
    for (const base of [BOLT, MAIN]) {
      const no = refusedAs('sso', base)
      expect((await b.get(at(base, ofAcme, 'start'))).headers.get('location')).toBe(no)
      expect(await post(forger.answer(toOf(await startOf(b)), { attributes: LEA }), {}, base)).toBe(no)
      expect((await b.get(at(base, ofAcme, 'continue'))).headers.get('location')).toBe(no)
    }
    // an answer for Acme, posted to Bolt's source of the same provider; and the other way round
    const to = toOf(await startOf(b))
    expect(await post(forger.answer(to, { attributes: LEA }), {}, BOLT, ofBolt)).toBe(refusedAs('sso', BOLT))
    const inBolt = new Browser(dispatch)
    const there = toOf(await startOf(inBolt, BOLT, ofBolt), BOLT, ofBolt)
    expect(await post(forger.answer(there, { attributes: LEA }))).toBe(NO)
    // with the addresses of Acme, yet to a request of Bolt
    expect(
      await post(forger.answer({ ...placeOf(ACME, ofAcme), request: there.request }, { attributes: LEA })),
    ).toBe(NO)
    const on = await post(forger.answer(there, { attributes: LEA }), {}, BOLT, ofBolt)
    await inBolt.get(on)
    expect([await isIn(inBolt, BOLT), await isIn(inBolt, ACME)]).toEqual([true, false])
    // of another kind
    expect((await b.get(`${ACME}/api/sso/oidc/${ofAcme}/start`)).headers.get('location')).toBe(NO)
  })

  it('G03 that is disabled, or whose tenant or person is, lets nobody in, at each step', async () => {
    await acme()
    await signIn(new Browser(dispatch))
    const closed = async (change: string, back: string) => {
      const [early, late] = [new Browser(dispatch), new Browser(dispatch)]
      const answer = forger.answer(toOf(await startOf(early)), { attributes: LEA })
      const on = await post(forger.answer(toOf(await startOf(late)), { attributes: LEA }))
      await world.sql(change)
      const first = (await new Browser(dispatch).get(at(ACME, ofAcme, 'start'))).headers.get('location')
      const second = await post(answer)
      const third = (await late.get(on)).headers.get('location')
      await world.sql(back)
      return [first === NO, second === NO, third === NO, await isIn(late)]
    }
    const toggle = (table: string, column: string, off: string, on: string, where: string) =>
      closed(
        `update ${table} set ${column} = ${off} where ${where}`,
        `update ${table} set ${column} = ${on} where ${where}`,
      )
    expect(await toggle('identity_source', 'enabled', 'false', 'true', 'true')).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(await toggle('tenant', 'status', `'disabled'`, `'active'`, `slug = 'acme'`)).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(await toggle('user_account', 'status', `'disabled'`, `'active'`, `username = 'lea'`)).toEqual([
      false,
      false,
      true,
      false,
    ])
    expect(await tries({})).toBe('in')
  })

  it('C06 a second factor that there is, is asked for', async () => {
    await acme()
    await signIn(new Browser(dispatch))
    await world.sql(
      `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) select id, home_tenant_id, 'x', 0 from user_account where username = 'lea'`,
    )
    const b = new Browser(dispatch)
    expect(await signIn(b)).toBe('/login?step=second')
    expect(await isIn(b)).toBe(false)
  })

  it('tells its provider who this console is, also before it is added', async () => {
    const answer = await new Browser(dispatch).get(at(ACME, ofAcme, 'metadata'))
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/samlmetadata+xml'])
    const xml = await answer.text()
    expect(xml).toContain(`entityID="${at(ACME, ofAcme, 'metadata')}"`)
    expect(xml).toContain(`Location="${at(ACME, ofAcme, 'acs')}"`)
    expect(xml).toContain('WantAssertionsSigned="true"')
    expect((await new Browser(dispatch).get(at(ACME, 'x', 'metadata'))).status).toBe(404)
  })
})
