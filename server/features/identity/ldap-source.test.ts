import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ZodError } from 'zod'
import { buildContext } from '@/server/context/build'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { AppError } from '@/server/platform/errors'
import { refusal } from '@/test/refusal'
import { BASE, ensureSlapd, READER, type Slapd, startSlapd } from '@/test/slapd'
import { identityRouter } from './identity.router'
import { message, openHostile, SUCCESS } from './ldap-hostile.fixture'
import { ENTRIES, LEA_PASSWORD } from './ldap-entries.fixture'
import { NAMES, plantDirectory, providerOf } from './ldap.fixture'
import type { LdapProvider } from './ldap.schema'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const factory = createCallerFactory(router({ identity: identityRouter }))
const here = ensureSlapd()

/** The field that a call was refused for. */
const wrongField = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    ({ cause }: { cause?: unknown }) =>
      cause instanceof ZodError
        ? cause.issues[0]?.path.join('.')
        : cause instanceof AppError && Object.keys(cause.details.fields ?? {}).join(),
  )

describe.skipIf(!here)('a directory as a source', () => {
  let world: SignInWorld
  let slapd: Slapd
  beforeAll(async () => {
    world = await openWorld()
    slapd = await startSlapd(ENTRIES)
  })
  afterAll(async () => {
    await slapd?.stop()
    await world.close()
  })
  beforeEach(async () => {
    await world.forgive()
    for (const table of ['identity_source', 'session']) await world.sql(`delete from ${table}`)
  })

  const api = async (login: string, base = ACME) => {
    const b = new Browser(dispatch)
    expect((await b.signIn(base, login, PASSWORD)).status).toBe(200)
    const { host, hostname } = new URL(base)
    const cookie = [...b.cookiesOf(hostname)].map(([name, value]) => `${name}=${value}`).join('; ')
    const facts = { host, path: '/', cookie, ip: '192.0.2.1', userAgent: '', requestId: 'test' }
    return factory({ op: await buildContext(facts) }).identity
  }
  type Api = Awaited<ReturnType<typeof api>>
  const viewer = async () =>
    (await world.sql<{ id: string }>(`select id from user_role where built_in = 'viewer'`))[0]?.id ?? ''
  const fields = (provider: Partial<LdapProvider> = {}, more: object = {}) => ({
    name: 'Directory',
    provider: providerOf(slapd, provider),
    ...NAMES,
    createUsers: true,
    roles: [] as { claim: string; roleId: string }[],
    ...more,
  })
  const add = async (of: Api, provider: Partial<LdapProvider> = {}, more: object = {}) =>
    of.create({
      draft: (await of.list()).draft.token,
      ...fields(provider, more),
      secret: READER.password,
    })
  /** What a test finds: the last line, and how many before it. */
  const test = async (of: Api, provider: Partial<LdapProvider> = {}, more: object = {}) => {
    const input = { provider: providerOf(slapd, provider), secret: READER.password, names: NAMES, ...more }
    const { ok, steps } = await of.test(input)
    return {
      ok,
      n: steps.length,
      last: steps.at(-1)?.text ?? '',
      all: steps.map(({ text }) => text).join(' '),
    }
  }

  it('is added, and people sign in by it; its groups are kept in one form, its secret is told to nobody', async () => {
    const ada = await api('ada')
    const roles = [{ claim: `CN=All, OU=Groups,${BASE}`, roleId: await viewer() }]
    const { id } = await add(ada, { groupName: 'dn' }, { roles })
    const [source] = (await ada.list()).sources
    expect(source).toMatchObject({
      issuer: `ldap://localhost/${BASE}`,
      provider: { kind: 'ldap', host: 'localhost', bindDn: READER.dn },
      roles: [{ claim: `cn=all,ou=groups,${BASE}`, role: { name: 'Viewer' } }],
      addresses: [],
    })
    const b = new Browser(dispatch)
    const csrf = (await (await b.get(`${ACME}/api/auth/csrf`)).json()) as object
    const body = { login: 'lea', password: LEA_PASSWORD, ...csrf }
    expect((await b.post(`${ACME}/api/sso/ldap/${id}/sign-in`, body)).status).toBe(200)
    const told = [await ada.list(), await world.sql('select * from audit_event')]
    expect(JSON.stringify(told)).not.toContain(READER.password)
    // whom a subject is, is said by directory and base: theirs stay; the way there may change
    const change = (provider: Partial<LdapProvider>) =>
      ada.update({ id, ...fields({ groupName: 'dn', ...provider }), secret: READER.password })
    for (const provider of [{ host: '127.0.0.1' }, { baseDn: `ou=people,${BASE}` }])
      expect(await refusal(change(provider))).toMatchObject({
        code: 'conflict',
        'provider.host': expect.stringMatching(/People/),
      })
    expect(await refusal(change({ subjectAttribute: 'objectGUID' }))).toMatchObject({ code: 'conflict' })
    expect(await change({ port: slapd.port, security: 'starttls' })).toMatchObject({ id })
    const again = new Browser(dispatch)
    const token = (await (await again.get(`${ACME}/api/auth/csrf`)).json()) as object
    expect((await again.post(`${ACME}/api/sso/ldap/${id}/sign-in`, { ...body, ...token })).status).toBe(200)
    await world.sql(`delete from user_account where username = 'lea'`)
  })

  it('sends its password where it was meant to go, and nowhere else', async () => {
    const ada = await api('ada')
    const { id } = await add(ada)
    const hostile = await openHostile((n) => message(n, 0x61, SUCCESS))
    const elsewhere: Partial<LdapProvider>[] = [
      { host: '127.0.0.1' },
      { port: hostile.port },
      { security: 'starttls' },
      { security: 'plain', port: hostile.port },
      { caCertificate: '' },
      { bindDn: `cn=other,${BASE}` },
    ]
    for (const provider of elsewhere) {
      const again = { code: 'invalid_input', secret: expect.stringMatching(/again/) }
      expect([provider, await refusal(ada.update({ id, ...fields(provider) }))]).toMatchObject([{}, again])
      const tested = ada.test({ id, provider: providerOf(slapd, provider), names: NAMES })
      expect([provider, await refusal(tested)]).toMatchObject([{}, again])
    }
    expect(hostile.heard()).toBe('')
    await hostile.close()
    expect(await ada.update({ id, ...fields({ baseDn: `ou=people,${BASE}` }) })).toMatchObject({ id })
    expect(await ada.update({ id, ...fields(elsewhere[0]), secret: 'x' })).toMatchObject({ id })
    // Bolt's own test does not get at it, nor does who only looks
    const ofAcme = { id, provider: providerOf(slapd, elsewhere[0]), names: NAMES }
    expect(await refusal((await api('bo', BOLT)).test(ofAcme))).toMatchObject({ code: 'not_found' })
    expect(await refusal((await api('tom')).test(ofAcme))).toMatchObject({ code: 'access_denied' })
    expect(await test(ada, {}, { ...ofAcme, secret: undefined })).toMatchObject({
      ok: false,
      last: expect.stringMatching(/bind name and password/),
    })
  })

  it('is tested with the password that is stored, also while it is disabled', async () => {
    const ada = await api('ada')
    const id = await plantDirectory(world, slapd, world.acme)
    await ada.disable({ id })
    expect(await test(ada, {}, { id, secret: undefined })).toMatchObject({ ok: true, n: 6 })
    expect(await refusal(ada.test({ provider: providerOf(slapd) }))).toMatchObject({
      secret: expect.stringMatching(/password/),
    })
  })

  it('is tested step by step, and told what is wrong and what to do', async () => {
    const ada = await api('ada')
    const good = await test(ada)
    expect(good.ok).toBe(true)
    expect(good.all).toMatch(
      /answers at port.*certificate is good, until.*signed in.*base is there.*People are found.*groups/,
    )
    const starttls = { port: slapd.port, security: 'starttls' } as const
    expect(await test(ada, starttls)).toMatchObject({
      ok: true,
      n: 7,
      all: expect.stringMatching(/agreed to StartTLS/),
    })
    const search = { groupsFrom: 'search', groupBase: `ou=groups,${BASE}` } as const
    const names = { ...NAMES, groupsClaim: 'member' }
    expect(await test(ada, search, { names })).toMatchObject({
      ok: true,
      last: expect.stringMatching(/Groups with members/),
    })
    const wrong: [number, RegExp, Partial<LdapProvider>, object?][] = [
      [1, /No server has this name/, { host: 'no-such.invalid' }],
      [1, /nothing answers at this port/, { port: 1 }],
      [2, /not from an authority/, { caCertificate: slapd.otherCa }],
      [2, /not from an authority/, { caCertificate: '' }],
      [3, /not from an authority/, { ...starttls, caCertificate: slapd.otherCa }],
      [2, /broke the connection off/, { port: slapd.port }],
      [2, /StartTLS|not LDAP/, { ...starttls, port: slapd.securePort }],
      [3, /does not take this bind name and password/, {}, { secret: 'wrong' }],
      [3, /does not take this bind name and password/, { bindDn: `cn=nobody,${BASE}` }],
      [4, /no entry by the name of the base/, { baseDn: 'dc=nowhere,dc=example' }],
      [5, /Nobody is found/, { personFilter: '(uid=nobody)' }],
      [5, /without objectGUID/, { subjectAttribute: 'objectGUID', personFilter: '(uid=max)' }],
      [
        5,
        /without sAMAccountName/,
        { personFilter: '(uid=max)' },
        { names: { ...NAMES, usernameClaim: 'sAMAccountName' } },
      ],
      [6, /base of the groups/, { groupsFrom: 'search', groupBase: `ou=nowhere,${BASE}` }, { names }],
    ]
    for (const [n, last, provider, more] of wrong)
      expect([provider, await test(ada, provider, more)]).toMatchObject([
        {},
        { ok: false, n, last: expect.stringMatching(last) },
      ])
    const hints = { personFilter: '(uid=twin)' }
    expect(await test(ada, hints)).toMatchObject({
      ok: true,
      last: expect.stringMatching(/Nobody tells of a group/),
    })
    const logged = await world.sql<{ target_name: string }>(
      `select * from audit_event where event = 'identity.test'`,
    )
    expect(JSON.stringify(logged)).not.toContain(READER.password)
  })

  it('I01 stands where the server may go, spoken to in secret, and is well written', async () => {
    const ada = await api('ada')
    const refused: [string, Partial<LdapProvider>, object?][] = [
      ['provider.host', { host: '169.254.169.254' }],
      ['provider.host', { host: '10.0.0.1' }],
      ['provider.host', { host: '::ffff:10.0.0.1' }],
      ['provider.host', { host: 'ldaps://ldap.example.com' }],
      ['provider.host', { host: 'ldap.example.com:636' }],
      ['provider.host', { host: 'lea@ldap.example.com' }],
      ['provider.port', { port: 0 }],
      ['provider.bindDn', { bindDn: 'EXTERNAL' }],
      ['provider.baseDn', { baseDn: 'people' }],
      ['provider.personFilter', { personFilter: '(uid=*' }],
      ['provider.personFilter', { personFilter: 'uid=x' }],
      ['provider.loginAttributes', { loginAttributes: 'uid)(x' }],
      [
        'provider.caCertificate',
        { caCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      ],
      ['provider.groupBase', { groupsFrom: 'search' }],
      ['roles', { groupName: 'dn' }, { roles: [{ claim: 'all', roleId: await viewer() }] }],
    ]
    for (const [field, provider, more] of refused) {
      expect([provider, await wrongField(add(ada, provider, more))]).toEqual([provider, field])
    }
    expect(
      await add(ada, { caCertificate: `${slapd.ca}\n${slapd.otherCa}`, personFilter: '' }),
    ).toMatchObject({ name: 'Directory' })
  })
})
