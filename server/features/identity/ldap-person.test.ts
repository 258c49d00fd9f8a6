import type net from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { InvalidCredentialsError } from 'ldapts'
import { BASE, ensureSlapd, READER, type Slapd, startSlapd } from '@/test/slapd'
import { type DirectorySettings, askDirectory, stateOf } from './ldap-person'
import { AddressRefused } from './guarded-fetch'
import { assertPlain, NotSecret, openDirectory } from './ldap-connect'
import { message, openHostile, SUCCESS } from './ldap-hostile.fixture'
import { ENTRIES, LEA_PASSWORD } from './ldap-entries.fixture'
import { askedOf } from './ldap.fixture'

const here = ensureSlapd()

describe.skipIf(!here)('a directory', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd(ENTRIES)
  })
  afterAll(() => slapd?.stop())
  const ask = (more: Partial<DirectorySettings> = {}, login = 'lea', password = LEA_PASSWORD) =>
    askDirectory(askedOf(slapd, more), READER.password, login, password)
  const failure = (more: Partial<DirectorySettings>) =>
    ask(more).then(
      () => 'no error',
      (error: Error & { code?: string }) => error.code ?? error.name,
    )

  it('proves somebody by LDAPS, by StartTLS, and on this machine without', async () => {
    const lea = {
      ok: true,
      claims: { username: 'lea', email: 'lea@acme.example', given_name: 'Lea', family_name: 'Lind' },
      groups: ['all', 'ops'],
    }
    const starttls = { port: slapd.port, security: 'starttls' } as const
    for (const how of [{}, starttls, { ...starttls, security: 'plain' } as const])
      expect(await ask(how)).toMatchObject(lea)
    expect(await ask({}, 'max')).toMatchObject({ claims: { name: 'max in the directory' }, groups: ['all'] })
  })

  it('says who somebody is by what they keep, whatever they are called', async () => {
    const subject = async (more: Partial<DirectorySettings> = {}) => {
      const proof = await ask(more)
      return proof.ok && proof.subject
    }
    const uuid = await subject()
    expect(uuid).toMatch(/^[0-9a-f-]{36}$/)
    // as Active Directory writes it
    expect(await subject({ subjectAttribute: 'objectGUID' })).toBe('00112233-4455-6677-8899-aabbccddeeff')
    expect(await ask({ subjectAttribute: 'objectGUID' }, 'max')).toEqual({ ok: false, why: 'no subject' })
    expect(await subject({ loginAttributes: ['mail', 'sAMAccountName'] })).toBe(false)
    const proof = await ask({ loginAttributes: ['mail', 'sAMAccountName'] }, 'LEA.LIND')
    expect(proof).toMatchObject({ ok: true, subject: uuid })
  })

  it('refuses a wrong, empty and somebody else’s password, an unknown name, and two of one name', async () => {
    expect(await ask({}, 'lea', 'wrong')).toEqual({ ok: false, why: 'wrong' })
    expect(await ask({}, 'lea', READER.password)).toEqual({ ok: false, why: 'wrong' })
    expect(await ask({}, 'nobody')).toEqual({ ok: false, why: 'unknown' })
    expect(await ask({}, 'twin')).toEqual({ ok: false, why: 'several' })
    // nothing is sent: there is nobody at this port, and no error of the network
    expect(await ask({ port: 1 }, 'lea', '')).toEqual({ ok: false, why: 'wrong' })
    expect(await failure({ port: 1 })).toBe('ECONNREFUSED')
  })

  it('takes what is typed for a name, never for a part of the filter (LDAP injection)', async () => {
    for (const login of [
      '*',
      'le*',
      'lea)(uid=*',
      ')(uid=*',
      'lea)(|(uid=*))',
      'lea\\2a',
      'l\\65a',
      '*)(objectClass=*',
      'lea\0',
    ])
      expect([login, await ask({}, login)]).toEqual([login, { ok: false, why: 'unknown' }])
    const odd = `uid=a\\2Ab(c)\\5C,ou=people,${BASE}`
    await slapd.admin((client) =>
      client.add(odd, {
        objectClass: 'inetOrgPerson',
        uid: 'a*b(c)\\',
        cn: 'Odd',
        sn: 'Odd',
        userPassword: 'odd-password',
      }),
    )
    expect(await ask({}, 'a*b(c)\\', 'odd-password')).toMatchObject({ ok: true })
    await slapd.admin((client) => client.del(odd))
  })

  it('lets in only whom the filter names, and finds groups where they are', async () => {
    expect(await ask({ personFilter: '(uid=max)' })).toEqual({ ok: false, why: 'unknown' })
    expect(await ask({ personFilter: '(|(uid=max)(uid=lea))' })).toMatchObject({ ok: true })
    expect(await ask({ baseDn: `ou=groups,${BASE}` })).toEqual({ ok: false, why: 'unknown' })
    expect(await ask({ groupsFrom: 'search', groupsAttribute: 'member' })).toMatchObject({
      groups: ['all', 'ops'],
    })
    expect(await ask({ groupName: 'dn' })).toMatchObject({
      groups: ['all', 'ops'].map((cn) => `cn=${cn},ou=groups,${BASE}`),
    })
  })

  it('is not trusted with the certificate of another authority or name, nor without StartTLS', async () => {
    expect(await failure({ caCertificate: slapd.otherCa })).toMatch(/SELF_SIGNED|UNABLE/)
    expect(await failure({ caCertificate: null })).toMatch(/SELF_SIGNED|UNABLE/)
    const starttls = { port: slapd.port, security: 'starttls' } as const
    expect(await failure({ ...starttls, caCertificate: slapd.otherCa })).toMatch(/SELF_SIGNED|UNABLE/)
    expect(await failure({ host: '127.0.0.2' })).toMatch(/ECONNREFUSED|ALTNAME/)
    expect(await failure({ port: slapd.port })).not.toBe('no error')
  })
})

describe('who only says that they are a directory', () => {
  const opened: { close: () => Promise<void> }[] = []
  afterAll(async () => {
    for (const one of opened) await one.close()
  })
  const meet = async (security: DirectorySettings['security'], answer: Parameters<typeof openHostile>[0]) => {
    const hostile = await openHostile(answer)
    opened.push(hostile)
    const settings = askedOf({ securePort: hostile.port, ca: '' } as Slapd, {
      security,
      caCertificate: null,
    })
    const failed = await askDirectory(settings, READER.password, 'lea', LEA_PASSWORD).then(
      (proof) => (proof.ok ? 'let in' : proof.why),
      (error: Error) => error.name,
    )
    expect(hostile.heard()).not.toContain(LEA_PASSWORD)
    return { failed, heard: hostile.heard() }
  }

  it('gets no password where StartTLS is taken out of the way, or answered with more than an answer', async () => {
    const refused = [0x0a, 1, 2, 0x04, 0, 0x04, 0]
    for (const said of [refused, [0x0a, 1, 53, 0x04, 0, 0x04, 0]]) {
      const { failed, heard } = await meet('starttls', (id) => message(id, 0x78, said))
      expect([failed, heard.includes(READER.password)]).toEqual(['NotSecret', false])
    }
    // a yes to the first question after it, already there in clear: whole, and its beginning alone
    const yes = message(2, 0x61, SUCCESS)
    for (const more of [yes, yes.subarray(0, 5)]) {
      const { failed } = await meet('starttls', (id) => Buffer.concat([message(id, 0x78, SUCCESS), more]))
      expect(failed).toBe('NotSecret')
    }
  })

  it('I01 is not reached where the server may not go, by whatever name; in clear only on this machine', async () => {
    const hostile = await openHostile(() => null)
    opened.push(hostile)
    const place = { port: hostile.port, security: 'plain', caCertificate: null } as const
    for (const host of ['localhost', '127.0.0.1', '127.1', '2130706433', '0x7f.1', '::1', '::ffff:127.0.0.1'])
      await expect((async () => openDirectory({ ...place, host }, 'public'))()).rejects.toThrow()
    for (const host of ['169.254.169.254', '0.0.0.0', '::ffff:169.254.169.254'])
      for (const allowed of ['public', 'loopback', 'private'] as const)
        await expect((async () => openDirectory({ ...place, host }, allowed))()).rejects.toThrow(
          AddressRefused,
        )
    for (const host of ['localhost', '127.1'])
      await expect((async () => openDirectory({ ...place, host }, 'public'))()).rejects.toThrow(
        AddressRefused,
      )
    ;(await openDirectory({ ...place, host: 'localhost' }, 'loopback')).close()
    const far = { remoteAddress: '10.0.0.5', destroy: vi.fn() }
    expect(() => assertPlain(far as unknown as net.Socket)).toThrow(NotSecret)
    expect(far.destroy).toHaveBeenCalled()
  })

  it('cannot hold the process up with lengths that do not fit, nor with more than a little', async () => {
    const entry = (content: number[]) => (id: number) => message(id, 0x64, content)
    const bad: ((id: number) => Buffer)[] = [
      (id) => message(id, 0x61, [...SUCCESS, 0x87, 0x7f]),
      entry([0x04, 0, 0x30, 0x7f]),
      entry([0x04, 0, 0x04, 0x02, 0x30, 0x7f]),
      entry([0x04, 0, 0x30, 4, 0x30, 2, 0x04, 0]),
      entry([0x04, 0, 0x30, 6, 0x30, 4, 0x04, 0, 0x31, 0x7f]),
      (id) => message(id, 0x73, [0x04, 0x7f]),
      (id) => message(id, 0x61, [0x0a, 0, 0x04, 0, 0x04, 0]),
      () => Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xfa, 2, 1, 1]),
      () => Buffer.from([0x30, 0x80, 2, 1, 1]),
      () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      (id) => Buffer.concat(Array<Buffer>(6000).fill(message(id, 0x64, [0x04, 0, 0x30, 0]))),
      () => Buffer.concat([Buffer.from([0x30, 0x83, 0x7f, 0xff, 0xff]), Buffer.alloc(5 * 1024 * 1024)]),
    ]
    for (const [i, say] of bad.entries()) {
      const began = performance.now()
      expect([i, (await meet('plain', say)).failed]).toEqual([i, 'Error'])
      expect(performance.now() - began).toBeLessThan(3000) // it is not waited for
    }
  })

  it('is told apart by Active Directory’s words, in the log alone', () => {
    const said = (data: string) =>
      stateOf(
        new InvalidCredentialsError(
          `80090308: LdapErr: DSID-0C09, comment: AcceptSecurityContext error, data ${data}, v4563`,
        ),
      )
    expect(['52e', '525', '533', '775', '532', '773'].map(said)).toEqual([
      'wrong',
      'wrong',
      'disabled',
      'locked',
      'expired',
      'must change',
    ])
    expect(stateOf(new InvalidCredentialsError(''))).toBe('wrong')
    expect(() => stateOf(new Error('network'))).toThrow('network')
  })
})
