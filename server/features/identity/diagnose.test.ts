import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupsOf, personOf } from './claims'
import { diagnose } from './diagnose'
import { guardedFetch, mayReach, urlRefusal } from './guarded-fetch'
import { openForger } from './oidc.fixture'

const NAMES = {
  usernameClaim: 'preferred_username',
  emailClaim: 'email',
  nameClaim: 'name',
  groupsClaim: 'groups',
}

describe('where the server goes', () => {
  it('I01 is the public internet; loopback and private networks where they are allowed; never link-local', () => {
    const table: [string, boolean, boolean, boolean][] = [
      ['93.184.216.34', true, true, true],
      ['2606:2800:220:1::1', true, true, true],
      ['127.0.0.1', false, true, true],
      ['127.8.8.8', false, true, true],
      ['::1', false, true, true],
      ['10.1.2.3', false, false, true],
      ['172.16.0.1', false, false, true],
      ['172.32.0.1', true, true, true],
      ['192.168.1.1', false, false, true],
      ['100.64.0.1', false, false, true],
      ['fd00::1', false, false, true],
      ...[
        '169.254.169.254',
        '0.0.0.0',
        '224.0.0.1',
        '255.255.255.255',
        'fe80::1',
        '::',
        '::ffff:127.0.0.1',
        '::ffff:7f00:1',
        '::ffff:10.0.0.1',
        '64:ff9b::a00:1',
        '2002:a00:1::',
        'ff02::1',
        'localhost',
        '',
      ].map((address): [string, boolean, boolean, boolean] => [address, false, false, false]),
    ]
    for (const [address, ...may] of table)
      expect([
        address,
        ...(['public', 'loopback', 'private'] as const).map((one) => mayReach(address, one)),
      ]).toEqual([address, ...may])
  })

  it('I01 is over https, without a name and password in the address', () => {
    const wrong = (url: string, allowed: 'public' | 'loopback') => urlRefusal(new URL(url), allowed) !== null
    expect([wrong('https://x.example', 'public'), wrong('http://x.example', 'public')]).toEqual([false, true])
    expect([wrong('http://127.0.0.1', 'loopback'), wrong('https://127.0.0.1', 'public')]).toEqual([
      false,
      true,
    ])
    for (const url of [
      'ftp://x.example',
      'file:///etc/passwd',
      'https://a:b@x.example',
      'https://2130706433',
      'https://0x7f.1',
      'https://[::1]',
    ])
      expect([url, wrong(url, 'public')]).toEqual([url, true])
  })

  it('I01 is checked where a name leads, at the moment of the connection', async () => {
    await expect(guardedFetch('https://localhost:1/', {}, 'public')).rejects.toMatchObject({
      name: 'AddressRefused',
    })
    // let through, the connection itself fails: nobody listens there
    await expect(guardedFetch('https://localhost:1/', {}, 'loopback')).rejects.not.toMatchObject({
      name: 'AddressRefused',
    })
  })
})

describe('a test of a provider', () => {
  let forger: Awaited<ReturnType<typeof openForger>>
  let server: http.Server
  let origin: string
  const hits: string[] = []
  beforeAll(async () => {
    forger = await openForger()
    server = http.createServer((request, response) => {
      hits.push(request.url ?? '')
      if (request.url?.startsWith('/moved')) response.writeHead(302, { location: '/secret' }).end()
      else if (request.url?.startsWith('/page')) response.end('<html>')
      else if (request.url?.startsWith('/large')) response.end('x'.repeat(600 * 1024))
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.close()
    await forger.close()
  })

  const wrong = async (issuer: string) => {
    const { ok, steps } = await diagnose(issuer)
    return [ok, steps.at(-1)?.text ?? '']
  }

  it('says step by step what works', async () => {
    const { ok, steps } = await diagnose(forger.issuer)
    expect([ok, steps.map((one) => one.ok)]).toEqual([true, [true, true, true]])
  })

  it('says what is wrong, in words', async () => {
    const table: [string, RegExp][] = [
      ['https://nosuch.invalid', /No server has this name/],
      ['http://127.0.0.1:1', /nothing answers at this port/],
      [forger.issuer.replace('http:', 'https:'), /does not speak https|could not be reached|broke off/],
      [origin, /no OpenID Connect provider at this address/],
      [`${origin}/moved`, /sends elsewhere/],
      [`${origin}/page`, /not an OpenID Connect configuration/],
      [`${forger.issuer}/`, /calls itself .*a slash at the end counts/],
      ['https://169.254.169.254', /not reached from here/],
      [`${origin}/large`, /could not be reached/],
    ]
    for (const [issuer, words] of table) {
      const [ok, text] = await wrong(issuer)
      expect([issuer, ok, text]).toEqual([issuer, false, expect.stringMatching(words)])
    }
    expect(hits).not.toContain('/secret')
  })

  it('says what a configuration lacks', async () => {
    const table: [object, RegExp][] = [
      [{ token_endpoint: undefined }, /does not say where it is: token_endpoint/],
      [{ issuer: undefined }, /does not say who it is/],
      [{ jwks_uri: 'https://10.0.0.1/keys' }, /an address that is not used from here/],
      [{ response_types_supported: ['id_token'] }, /authorization code flow/],
      [{ id_token_signing_alg_values_supported: ['HS256', 'none'] }, /does not sign ID tokens/],
      [{ jwks_uri: `${origin}/keys` }, /keys cannot be read/],
    ]
    for (const [change, words] of table) {
      forger.state.discovery = change
      expect(await wrong(forger.issuer)).toEqual([false, expect.stringMatching(words)])
    }
    forger.state.discovery = {}
    expect(await wrong(forger.issuer)).toEqual([true, expect.stringMatching(/keys can be read/)])
  })
})

describe('what a provider says of somebody', () => {
  it('becomes a username, an address and a name, or nothing', () => {
    expect(
      personOf({ preferred_username: 'Lea', email: 'lea@x.example', name: 'Lea  van Lind' }, NAMES),
    ).toEqual({
      username: 'lea',
      email: 'lea@x.example',
      firstName: 'Lea',
      lastName: 'van Lind',
    })
    expect(personOf({ name: 'x', given_name: 'Lea', family_name: 'Lind' }, NAMES)).toMatchObject({
      firstName: 'Lea',
      lastName: 'Lind',
    })
    const odd = personOf({ preferred_username: ['x'], email: 'a@b, c@d', name: 'A\nB' }, NAMES)
    expect(odd).toEqual({ username: null, email: null, firstName: 'A', lastName: 'B' })
  })
  it('groups are a list of texts, or one', () => {
    expect(groupsOf({ groups: ['a', 1, null, 'b'] }, 'groups')).toEqual(['a', 'b'])
    expect([
      groupsOf({ groups: 'a' }, 'groups'),
      groupsOf({}, 'groups'),
      groupsOf({ groups: { a: 1 } }, 'groups'),
    ]).toEqual([['a'], [], []])
  })
})
