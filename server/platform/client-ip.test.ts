import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalIp, clientIp, compileCidrs } from '@/server/platform/client-ip'

const PROXIES = compileCidrs(['10.0.0.0/8', '192.0.2.7', '::1', 'fd00::/8'])
const NOBODY = compileCidrs([])

describe('clientIp', () => {
  test.each([
    // peer not trusted: the header is worth nothing
    ['203.0.113.5', undefined, '203.0.113.5'],
    ['203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['::ffff:203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['192.0.2.8', '198.51.100.1', '192.0.2.8'],
    ['2001:db8::1', '198.51.100.1', '2001:db8::1'],
    // peer trusted: right-most that is not
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', '', '10.1.2.3'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['::ffff:a01:203', '198.51.100.1', '198.51.100.1'],
    ['192.0.2.7', '198.51.100.1', '198.51.100.1'],
    ['::1', '198.51.100.1', '198.51.100.1'],
    ['fd12::9', '2001:DB8:0::1', '2001:db8::1'],
    ['fe80::1%eth0', '198.51.100.1', 'fe80::1'],
    ['10.1.2.3', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['10.1.2.3', '1.1.1.1,198.51.100.1,10.9.9.9,fd00::1,::ffff:10.0.0.1', '198.51.100.1'],
    ['10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['10.1.2.3', '::ffff:198.51.100.1', '198.51.100.1'],
    // ports, brackets
    ['10.1.2.3', '198.51.100.1:4711', '198.51.100.1'],
    ['10.1.2.3', '[2001:db8::1]:4711', '2001:db8::1'],
    ['10.1.2.3', '[2001:db8::1]', '2001:db8::1'],
    // junk: no further than the nearest hop that is known
    ['10.1.2.3', 'unknown', '10.1.2.3'],
    ['10.1.2.3', '1.1.1.1, unknown', '10.1.2.3'],
    ['10.1.2.3', '1.1.1.1, unknown, 10.9.9.9', '10.9.9.9'],
    ['10.1.2.3', '1.1.1.1, ', '10.1.2.3'],
    ['10.1.2.3', '198.51.100.300', '10.1.2.3'],
    ['10.1.2.3', '127.1', '10.1.2.3'],
    ['10.1.2.3', '[::1', '10.1.2.3'],
    ['10.1.2.3', 'evil.com', '10.1.2.3'],
    [undefined, '198.51.100.1', '0.0.0.0'],
    ['', '198.51.100.1', '0.0.0.0'],
  ])('peer %s, X-Forwarded-For %j: %s', (peer, xff, expected) => {
    expect(clientIp(peer, xff, PROXIES)).toBe(expected)
  })

  test('with no trusted proxy it is the peer, whatever is sent', () => {
    const ip = fc.oneof(fc.ipV4(), fc.ipV6())
    fc.assert(
      fc.property(ip, fc.oneof(fc.string(), fc.array(ip).map(String)), (peer, xff) => {
        expect(clientIp(peer, xff, NOBODY)).toBe(canonicalIp(peer))
      }),
    )
  })

  test('what the client puts on the left changes nothing', () => {
    fc.assert(
      fc.property(fc.string(), (spoofed) => {
        expect(clientIp('10.0.0.1', `${spoofed},198.51.100.1`, PROXIES)).toBe('198.51.100.1')
      }),
    )
  })
})

test.each([
  '',
  'x',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0/8',
  'fe80::1%eth0',
  '10.0.0.0/-1',
])('compileCidrs refuses %j', (cidr) =>
  expect(() => compileCidrs([cidr])).toThrow('is not an IP address or CIDR'),
)

test('compileCidrs takes /0 and a bare address', () => {
  expect(compileCidrs(['0.0.0.0/0']).has('203.0.113.5')).toBe(true)
  expect(compileCidrs(['203.0.113.5']).has('203.0.113.6')).toBe(false)
})
