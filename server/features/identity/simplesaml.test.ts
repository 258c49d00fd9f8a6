import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { hasSimpleSaml, openSimpleSaml, type SimpleSaml } from '@/test/simplesaml'
import { makeCertificate } from './certificate.fixture'
import { plantSaml, postAcross } from './saml.fixture'
import { idpMetadata } from './saml.metadata'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

// Against a real identity provider, simpleSAMLphp from Debian: what it sends is signed, worded and timed by people who never saw this code.

const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const [ofAcme, ofBolt] = [randomUUID(), randomUUID()]
const placeOf = (base: string, id: string) => ({
  entityId: `${base}/api/sso/saml/${id}/metadata`,
  acs: `${base}/api/sso/saml/${id}/acs`,
})
const person = (uid: string, groups: string[]) => ({
  password: `password of ${uid}`,
  attributes: {
    uid: [uid],
    mail: [`${uid}@acme.example`],
    displayName: [`${uid} Lind`],
    groups,
    employee: [`no-${uid}`],
    // without it there is no persistent name id
    ...(uid !== 'nora' && { pid: [uid] }),
  },
})

const isHere = hasSimpleSaml()

describe.skipIf(!isHere)('with simpleSAMLphp', () => {
  let world: SignInWorld
  let idp: SimpleSaml
  const { key, certificate } = makeCertificate()
  beforeAll(async () => {
    world = await openWorld()
    idp = await openSimpleSaml({
      key,
      certificate,
      users: {
        lea: person('lea', ['all', 'ops']),
        max: person('max', ['none']),
        nora: person('nora', ['all']),
      },
      consoles: [placeOf(ACME, ofAcme), placeOf(BOLT, ofBolt)],
    })
  })
  beforeEach(async () => {
    await world.forgive()
    for (const table of ['identity_source', 'session']) await world.sql(`delete from ${table}`)
    await world.sql('delete from user_account where id <> all ($1)', [Object.values(world.ids)])
  })
  afterAll(async () => {
    await idp.close()
    await world.close()
  })

  const plant = async (
    id: string,
    tenantId: string,
    subjectAttribute = '',
    defaultRole: string | null = null,
  ) => {
    const { issuer, ssoUrl, certificates } = idpMetadata(await idp.metadata())
    const roles: [string, string][] = [
      ['all', 'viewer'],
      ['ops', 'editor'],
    ]
    return plantSaml(world, tenantId, id, {
      issuer,
      ssoUrl,
      certificates,
      roles,
      subjectAttribute,
      defaultRole,
    })
  }
  /** The whole way, as a browser goes it. @returns where it ends, and what was sent on the way */
  const signIn = async (b: Browser, username: string, base = ACME, id = ofAcme) => {
    const start = await b.get(`${base}/api/sso/saml/${id}/start?next=/infrastructure/hosts`)
    const { to, answer } = await idp.signIn(start.headers.get('location') ?? '', username)
    const on = (await postAcross(dispatch, to, { SAMLResponse: answer })).headers.get('location') ?? ''
    const end = on.endsWith('/continue') ? ((await b.get(on)).headers.get('location') ?? '') : on
    return { to, answer, end }
  }
  const isIn = async (b: Browser, base = ACME) => (await b.call(base, 'account.me')).status === 200
  const rolesOf = async (username: string) =>
    (
      await world.sql<{ role: string }>(
        `select r.built_in as role from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id where u.username = $1 order by 1`,
        [username],
      )
    ).map(({ role }) => role)

  it('its metadata fill in a source', async () => {
    const read = idpMetadata(await idp.metadata())
    expect(read).toMatchObject({ issuer: idp.entityId, ssoUrl: idp.ssoUrl, warnings: [] })
    expect(read.certificates.replace(/\s/g, '')).toBe(certificate.replace(/\s/g, ''))
  })

  it('somebody signs in, with the roles of all groups, and is known again', async () => {
    await plant(ofAcme, world.acme)
    const b = new Browser(dispatch)
    const { to, end } = await signIn(b, 'lea')
    expect([to, end]).toEqual([placeOf(ACME, ofAcme).acs, '/infrastructure/hosts'])
    expect((await b.call<{ username: string }>(ACME, 'account.me')).data.username).toBe('lea')
    expect(await rolesOf('lea')).toEqual(['editor', 'viewer'])
    expect((await signIn(new Browser(dispatch), 'lea')).end).toBe('/infrastructure/hosts')
    expect(
      await world.sql(`select email, first_name, last_name from user_account where username = 'lea'`),
    ).toEqual([{ email: 'lea@acme.example', first_name: 'lea', last_name: 'Lind' }])
    expect(await world.sql('select issuer from user_identity')).toEqual([{ issuer: idp.entityId }])
  })

  it('who is in no group has the default role, or none', async () => {
    await plant(ofAcme, world.acme)
    const b = new Browser(dispatch)
    expect((await signIn(b, 'max')).end).toBe(`${ACME}/login?problem=sso-role`)
    expect(await isIn(b)).toBe(false)
    await world.sql(
      `update identity_source set default_role_id = (select id from user_role where built_in = 'viewer')`,
    )
    await signIn(b, 'max')
    expect([await isIn(b), await rolesOf('max')]).toEqual([true, ['viewer']])
  })

  it('C18 is somebody of their own in each tenant', async () => {
    await plant(ofAcme, world.acme)
    await plant(ofBolt, world.bolt)
    const [inAcme, inBolt] = [new Browser(dispatch), new Browser(dispatch)]
    const { answer } = await signIn(inAcme, 'lea')
    await signIn(inBolt, 'lea', BOLT, ofBolt)
    expect([await isIn(inBolt, BOLT), await isIn(inBolt, ACME), await isIn(inAcme, BOLT)]).toEqual([
      true,
      false,
      false,
    ])
    const crossed = await postAcross(dispatch, placeOf(BOLT, ofBolt).acs, { SAMLResponse: answer })
    expect(crossed.headers.get('location')).toBe(`${BOLT}/login?problem=sso`)
  })

  it('C12 its answer works once, and not after a change', async () => {
    await plant(ofAcme, world.acme)
    const b = new Browser(dispatch)
    const start = await b.get(`${ACME}/api/sso/saml/${ofAcme}/start`)
    const kept = new Map(b.cookiesOf('acme.localhost'))
    const { to, answer } = await idp.signIn(start.headers.get('location') ?? '', 'max')
    const changed = Buffer.from(Buffer.from(answer, 'base64').toString().replace('>none<', '>ops<')).toString(
      'base64',
    )
    const post = async (one: string) =>
      (await postAcross(dispatch, to, { SAMLResponse: one })).headers.get('location') ?? ''
    expect(await post(changed)).toBe(`${ACME}/login?problem=sso`)
    await world.sql(
      `update identity_source set default_role_id = (select id from user_role where built_in = 'viewer')`,
    )
    await b.get(await post(answer))
    expect([await isIn(b), await rolesOf('max')]).toEqual([true, ['viewer']])
    const again = new Browser(dispatch)
    for (const [name, value] of kept) again.cookiesOf('acme.localhost').set(name, value)
    expect((await again.get(await post(answer))).headers.get('location')).toBe(`${ACME}/login?problem=sso`)
    expect(await isIn(again)).toBe(false)
  })

  it('C18 whoever has no persistent name id there is told apart by an attribute', async () => {
    await plant(ofAcme, world.acme)
    const b = new Browser(dispatch)
    expect((await signIn(b, 'nora')).end).toBe(`${ACME}/login?problem=sso`)
    const [denied] = await world.sql<{ reason: string }>(
      `select reason from audit_event where event = 'session.sign_in' and result = 'denied' order by at desc limit 1`,
    )
    expect(denied?.reason).toMatch(/InvalidNameIDPolicy|^the name id is transient, not persistent/)
    await world.sql('delete from identity_source')
    await plant(ofAcme, world.acme, 'employee')
    await signIn(b, 'nora')
    expect(await isIn(b)).toBe(true)
    expect(await world.sql('select subject from user_identity')).toEqual([{ subject: 'no-nora' }])
  })
})
