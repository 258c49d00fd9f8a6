import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSafePath, parseHost, resolveTenant, siteFromPublicUrl, type ResolvedTenant } from '@/lib/host'
import { isSlug, RESERVED_SLUGS, SLUG_PATTERN } from '@/lib/slug'

const LOCAL = siteFromPublicUrl('http://localhost:3000')
const PORTAL = siteFromPublicUrl('https://portal.example.com')
const IDN = siteFromPublicUrl('https://portal.münchen.example')
const PATHS = siteFromPublicUrl('http://localhost:3000', 'path')
const ADDRESS = siteFromPublicUrl('http://192.168.1.10:8080')
const ADDRESS6 = siteFromPublicUrl('http://[fd00::1]:8080')

/** `master /x`, `acme /x`, `acme /x via /t/acme`, `unknown`, `bad`. */
function show(result: ResolvedTenant): string {
  if (result.kind === 'master') return `master ${result.path}`
  if (result.kind !== 'tenant') return result.kind
  return `${result.slug} ${result.path}${result.prefix && ` via ${result.prefix}`}`
}

const label63 = 'a'.repeat(63)

/** Host -> answer for path / on http://localhost:3000, unless the portal is named. */
const HOSTS: [host: string | null, expected: string, site?: typeof LOCAL][] = [
  // ours
  ['localhost', 'master /'],
  ['localhost:3000', 'master /'],
  ['localhost:1', 'master /'],
  ['localhost:65535', 'master /'],
  ['LOCALHOST:3000', 'master /'],
  ['localhost.', 'master /'],
  ['localhost.:3000', 'master /'],
  ['127.0.0.1', 'master /'],
  ['127.0.0.1:3000', 'master /'],
  ['[::1]', 'master /'],
  ['[::1]:3000', 'master /'],
  ['[0:0:0:0:0:0:0:1]:3000', 'master /'],
  ['acme.localhost', 'acme /'],
  ['acme.localhost:3000', 'acme /'],
  ['acme.localhost:8080', 'acme /'],
  ['ACME.LOCALHOST:3000', 'acme /'],
  ['AcMe.LocalHost.', 'acme /'],
  ['acme.localhost.:3000', 'acme /'],
  ['a1.localhost', 'a1 /'],
  ['42.localhost', '42 /'],
  ['bolt-eu-1.localhost', 'bolt-eu-1 /'],
  [`${label63}.localhost`, `${label63} /`],
  ['portal.example.com', 'master /', PORTAL],
  ['portal.example.com:443', 'master /', PORTAL],
  ['Portal.Example.COM.', 'master /', PORTAL],
  ['acme.portal.example.com', 'acme /', PORTAL],
  ['ACME.portal.example.com.:443', 'acme /', PORTAL],
  ['portal.xn--mnchen-3ya.example', 'master /', IDN],
  ['portal.münchen.example', 'master /', IDN],
  ['PORTAL.MÜNCHEN.example', 'master /', IDN],
  ['acme.xn--mnchen-3ya.example', 'unknown', IDN],
  ['acme.portal.xn--mnchen-3ya.example', 'acme /', IDN],
  ['acme.portal.münchen.example:443', 'acme /', IDN],
  // IDN look-alikes: canonical by the URL rules, compared as ASCII
  ['ａｃｍｅ.localhost', 'acme /'],
  ['acme。localhost', 'acme /'],
  ['аcme.localhost', 'unknown'],
  ['acmé.localhost', 'unknown'],
  ['xn--acm-dma.localhost', 'unknown'],
  ['xn--acme-.localhost', 'unknown'],
  ['xn--.localhost', 'unknown'],
  ['ab--cd.localhost', 'unknown'],
  // somebody else's
  ['evil.com', 'unknown'],
  ['example.com', 'unknown', PORTAL],
  ['com', 'unknown', PORTAL],
  ['evilportal.example.com', 'unknown', PORTAL],
  ['acme.evilportal.example.com', 'unknown', PORTAL],
  ['portal.example.com.evil.com', 'unknown', PORTAL],
  ['acme.portal.example.com.evil.com', 'unknown', PORTAL],
  ['acme.portal.evil.com', 'unknown', PORTAL],
  ['portal.example.comevil', 'unknown', PORTAL],
  ['portal-example.com', 'unknown', PORTAL],
  ['acme-portal.example.com', 'unknown', PORTAL],
  ['acme.localhost', 'unknown', PORTAL],
  ['localhost', 'unknown', PORTAL],
  ['127.0.0.1', 'unknown', PORTAL],
  ['[::1]', 'unknown', PORTAL],
  ['notlocalhost', 'unknown'],
  ['acmelocalhost', 'unknown'],
  ['localhost.localdomain', 'unknown'],
  ['acme.localhost.evil.com', 'unknown'],
  ['127.0.0.2', 'unknown'],
  ['10.0.0.5:3000', 'unknown'],
  ['169.254.169.254', 'unknown'],
  ['127.0.0.1.nip.io', 'unknown'],
  ['acme.127.0.0.1.nip.io', 'unknown'],
  ['[::2]', 'unknown'],
  ['[::ffff:127.0.0.1]', 'unknown'],
  ['[fe80::1]:3000', 'unknown'],
  // deeper, reserved or impossible labels
  ['x.acme.localhost', 'unknown'],
  ['a.b.c.localhost', 'unknown'],
  ['www.localhost', 'unknown'],
  ['WWW.localhost', 'unknown'],
  ['api.localhost', 'unknown'],
  ['admin.localhost', 'unknown'],
  ['master.localhost', 'unknown'],
  ['default.localhost', 'unknown'],
  ['mail.localhost', 'unknown'],
  ['localhost.localhost', 'unknown'],
  ['_acme-challenge.localhost', 'unknown'],
  ['_acme-challenge.acme.localhost', 'unknown'],
  ['acme_1.localhost', 'unknown'],
  ['a.localhost', 'unknown'],
  ['-acme.localhost', 'unknown'],
  ['acme-.localhost', 'unknown'],
  ['undefined.localhost', 'unknown'],
  // malformed
  [null, 'bad'],
  ['', 'bad'],
  [' ', 'bad'],
  ['.', 'bad'],
  ['..', 'bad'],
  [':', 'bad'],
  [':3000', 'bad'],
  ['.localhost', 'bad'],
  ['.acme.localhost', 'bad'],
  ['acme..localhost', 'bad'],
  ['acme.localhost..', 'bad'],
  ['localhost..', 'bad'],
  ['acme.localhost,bolt.localhost', 'bad'],
  ['acme.localhost, bolt.localhost', 'bad'],
  ['acme.localhost;bolt.localhost', 'bad'],
  [' acme.localhost', 'bad'],
  ['acme.localhost ', 'bad'],
  ['acme .localhost', 'bad'],
  ['acme\t.localhost', 'bad'],
  ['acme.localhost\r\nx: y', 'bad'],
  ['acme\u0000.localhost', 'bad'],
  ['acme.localhost\u0000', 'bad'],
  ['acme\u00a0.localhost', 'bad'],
  ['bolt@acme.localhost', 'bad'],
  ['bolt:pw@acme.localhost', 'bad'],
  ['acme.localhost@evil.com', 'bad'],
  ['http://acme.localhost', 'bad'],
  ['//acme.localhost', 'bad'],
  ['acme.localhost/', 'bad'],
  ['acme.localhost/t/bolt', 'bad'],
  ['acme.localhost\\bolt', 'bad'],
  ['acme.localhost?x', 'bad'],
  ['acme.localhost#x', 'bad'],
  ['%61cme.localhost', 'bad'],
  ['acme%2elocalhost', 'bad'],
  ['acme%00.localhost', 'bad'],
  ['*.localhost', 'bad'],
  ['"acme".localhost', 'bad'],
  ['{acme}.localhost', 'bad'],
  ['acme.localhost:', 'bad'],
  ['acme.localhost:0', 'bad'],
  ['acme.localhost:65536', 'bad'],
  ['acme.localhost:99999999', 'bad'],
  ['acme.localhost:-1', 'bad'],
  ['acme.localhost:+80', 'bad'],
  ['acme.localhost:80a', 'bad'],
  ['acme.localhost:0x50', 'bad'],
  ['acme.localhost:３000', 'bad'],
  ['acme.localhost:80:80', 'bad'],
  ['::1', 'bad'],
  ['[::1', 'bad'],
  ['::1]', 'bad'],
  ['[]', 'bad'],
  ['[::1]]', 'bad'],
  ['[::1]x', 'bad'],
  ['[::1]:', 'bad'],
  ['[::1]:99999', 'bad'],
  ['[::1%25eth0]', 'bad'],
  ['[::1%eth0]', 'bad'],
  ['[:::1]', 'bad'],
  ['[1:2]', 'bad'],
  ['[acme.localhost]', 'bad'],
  ['[v1.acme]', 'bad'],
  ['acme.[::1]', 'bad'],
  ['127.1', 'bad'],
  ['127.0.1', 'bad'],
  ['2130706433', 'bad'],
  ['0x7f000001', 'bad'],
  ['0x7f.0.0.1', 'bad'],
  ['0177.0.0.1', 'bad'],
  ['127.0.0.01', 'bad'],
  ['127.0.0.256', 'bad'],
  ['127.0.0.1.1', 'bad'],
  ['１27.0.0.1', 'bad'],
  ['acme.1', 'bad'],
  [`${label63}a.localhost`, 'bad'],
  [`${`${label63}.`.repeat(4)}localhost`, 'bad'],
  ['a'.repeat(100_000), 'bad'],
  // installs reached by address
  ['192.168.1.10:8080', 'master /', ADDRESS],
  ['192.168.1.10', 'master /', ADDRESS],
  ['acme.192.168.1.10', 'bad', ADDRESS],
  ['127.0.0.1', 'unknown', ADDRESS],
  ['[fd00::1]:8080', 'master /', ADDRESS6],
  ['[FD00:0::1]', 'master /', ADDRESS6],
  ['fd00::1', 'bad', ADDRESS6],
  // path mode: no subdomains
  ['acme.localhost', 'unknown', PATHS],
  ['localhost:3000', 'master /', PATHS],
]

/** Path on the base host in path mode -> answer. */
const PATH_ROWS: [path: string, expected: string][] = [
  ['/', 'master /'],
  ['/login', 'master /login'],
  ['/admin/tenants/1', 'master /admin/tenants/1'],
  ['/t', 'unknown'],
  ['/t/', 'unknown'],
  ['/t/acme', 'acme / via /t/acme'],
  ['/t/acme/', 'acme / via /t/acme'],
  ['/t/acme/login', 'acme /login via /t/acme'],
  ['/t/acme/api/trpc/hosts.list,hosts.count', 'acme /api/trpc/hosts.list,hosts.count via /t/acme'],
  ['/t/acme/t/bolt', 'acme /t/bolt via /t/acme'],
  ['/t/acme/x%20y', 'acme /x%20y via /t/acme'],
  ['/t/ACME', 'unknown'],
  ['/t/ACME/x', 'unknown'],
  ['/t/www', 'unknown'],
  ['/t/default/x', 'unknown'],
  ['/t/master', 'unknown'],
  ['/t/a', 'unknown'],
  ['/t/acme.rsc', 'unknown'],
  ['/t/acme%20', 'unknown'],
  ['/t/%61cme', 'unknown'],
  ['/t/acme;bolt', 'unknown'],
  ['/t/acme,bolt', 'unknown'],
  ['/t/ａcme', 'unknown'],
  ['/t/xn--acme', 'unknown'],
  ['/T/acme', 'master /T/acme'],
  ['/tt/acme', 'master /tt/acme'],
  ['/%74/acme', 'master /%74/acme'],
  ['/x/t/acme', 'master /x/t/acme'],
  ['/t/acme/../bolt', 'bad'],
  ['/t/acme/..', 'bad'],
  ['/t/../t/acme', 'bad'],
  ['/t/acme/./x', 'bad'],
  ['/t/acme/%2e%2e/bolt', 'bad'],
  ['/t/acme/.%2E/bolt', 'bad'],
  ['/t/acme/%252e%252e/bolt', 'acme /%252e%252e/bolt via /t/acme'],
  ['/t/acme%2Fbolt', 'bad'],
  ['/t%2Facme', 'bad'],
  ['/t%2facme/x', 'bad'],
  ['/t/acme%5Cbolt', 'bad'],
  ['/t/acme\\..\\bolt', 'bad'],
  ['\\t\\acme', 'bad'],
  ['/\\t/acme', 'bad'],
  ['//t/acme', 'bad'],
  ['/t//acme', 'bad'],
  ['/t/acme//x', 'bad'],
  ['/t/acme%00', 'bad'],
  ['/t/acme%0a', 'bad'],
  ['/t/acme%', 'bad'],
  ['/t/acme%zz', 'bad'],
  ['/t/acme%c0%af', 'bad'],
  ['/t/acme x', 'bad'],
  ['/t/acme?x', 'bad'],
  ['/t/acme#x', 'bad'],
  ['t/acme', 'bad'],
  ['', 'bad'],
  ['*', 'bad'],
  ['http://acme.localhost/', 'bad'],
]

describe('resolveTenant', () => {
  test.each(HOSTS)('host %j: %s', (host, expected, site = LOCAL) => {
    expect(show(resolveTenant(host, '/', site))).toBe(expected)
  })

  test.each(PATH_ROWS)('path mode %j: %s', (path, expected) => {
    expect(show(resolveTenant('localhost:3000', path, PATHS))).toBe(expected)
  })

  test.each([
    ['localhost', '/hosts/1', 'master /hosts/1'],
    ['acme.localhost', '/hosts/1', 'acme /hosts/1'],
    ['acme.localhost', '/team', 'acme /team'],
    ['localhost', '/t', 'unknown'],
    ['localhost', '/t/acme', 'unknown'],
    ['localhost', '/t/acme/hosts', 'unknown'],
    ['acme.localhost', '/t/bolt', 'unknown'],
    ['acme.localhost', '/t', 'unknown'],
    ['acme.localhost', '//bolt', 'bad'],
  ])('subdomain mode %s %s: %s', (host, path, expected) => {
    expect(show(resolveTenant(host, path, LOCAL))).toBe(expected)
  })

  const anyHost = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[a-zA-Z0-9.:@[\]-]{0,80}$/),
    fc.string().map((text) => `${text}.localhost`),
    fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true, withUserInfo: true }),
  )
  const anyPath = fc.oneof(
    fc.string(),
    fc.webPath(),
    fc.string().map((text) => `/t/${text}`),
  )
  const anySite = fc.constantFrom(LOCAL, PORTAL, IDN, PATHS, ADDRESS)

  test('never throws, and a slug is always a good one', () => {
    fc.assert(
      fc.property(anyHost, anyPath, anySite, (host, path, site) => {
        const result = resolveTenant(host, path, site)
        if (result.kind !== 'tenant') return
        expect(result.slug).toMatch(SLUG_PATTERN)
        expect(RESERVED_SLUGS.has(result.slug)).toBe(false)
        expect(result.path.startsWith('/')).toBe(true)
        expect(result.prefix === '' || path.startsWith(result.prefix)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('a suffix of further labels is never ours', () => {
    const suffix = fc.domain().filter((domain) => domain !== 'localhost')
    fc.assert(
      fc.property(anyHost, suffix, anySite, (host, evil, site) => {
        const kind = resolveTenant(`${host}.${evil}`, '/', site).kind
        expect(['unknown', 'bad']).toContain(kind)
      }),
    )
  })

  test('case, port and trailing dot do not matter', () => {
    const slug = fc.stringMatching(/^[a-z][a-z0-9-]{1,20}[a-z0-9]$/).filter(isSlug)
    fc.assert(
      fc.property(slug, fc.integer({ min: 1, max: 65535 }), fc.boolean(), (name, port, dot) => {
        const host = `${name.toUpperCase()}.portal.example.com${dot ? '.' : ''}:${port}`
        expect(resolveTenant(host, '/x', PORTAL)).toEqual({
          kind: 'tenant',
          slug: name,
          path: '/x',
          prefix: '',
        })
      }),
    )
  })
})

test('a host that passes is already canonical, and the URL parser agrees', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.ipV4Extended(), fc.ipV6()), (raw) => {
      const host = parseHost(raw)
      if (host === null) return
      expect(parseHost(host)).toBe(host)
      if (!host.includes('xn--')) expect(new URL(`http://${host}/`).hostname).toBe(host)
    }),
  )
})

test('a safe path is left alone by the URL parser', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\/[a-z0-9/.%2eEfF\\-]{0,12}$/), (path) => {
      if (isSafePath(path)) expect(new URL(path, 'http://x').pathname).toBe(path)
    }),
    { numRuns: 2000 },
  )
})

describe('siteFromPublicUrl', () => {
  test.each([
    ['http://localhost:3000', undefined, 'http localhost 3000 subdomain'],
    ['https://Portal.Example.com/', '', 'https portal.example.com  subdomain'],
    ['https://portal.example.com:443', 'path', 'https portal.example.com  path'],
    ['https://portal.example.com.:8443', 'subdomain', 'https portal.example.com 8443 subdomain'],
    ['http://192.168.1.10', undefined, 'http 192.168.1.10  path'],
    ['http://[FD00::1]:80', undefined, 'http [fd00::1]  path'],
  ])('%s %s', (url, mode, expected) => {
    const site = siteFromPublicUrl(url, mode)
    expect(`${site.scheme} ${site.baseHost} ${site.port} ${site.tenantUrls}`).toBe(expected)
  })

  test.each([
    ['', undefined, 'PUBLIC_URL'],
    ['portal.example.com', undefined, 'PUBLIC_URL'],
    ['ftp://portal.example.com', undefined, 'PUBLIC_URL'],
    ['https://user:pw@portal.example.com', undefined, 'PUBLIC_URL'],
    ['https://portal.example.com/x', undefined, 'no path'],
    ['https://portal.example.com/?x', undefined, 'PUBLIC_URL'],
    ['https://portal.example.com', 'paths', 'TENANT_URLS'],
    ['http://192.168.1.10', 'subdomain', 'IP address'],
  ])('refuses %j %j', (url, mode, message) => {
    expect(() => siteFromPublicUrl(url, mode)).toThrow(message)
  })
})
