import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInCidr, parseCidr, parseIp, usableAddresses } from '@/lib/resource-kinds/address'

describe('addresses', () => {
  test.each([
    '0.0.0.0',
    '10.20.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '2001:db8::5',
    '1:2:3:4:5:6:7:8',
    'FE80::A',
  ])('reads %s', (text) => expect(parseIp(text)).not.toBeNull())
  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '::1.2.3.4',
    '1.2.3.4/24',
  ])('refuses %j', (text) => expect(parseIp(text)).toBeNull())
  test.each(['10.0.0.0/8', '10.20.0.0/22', '0.0.0.0/0', '203.0.113.7/32', '2001:db8::/32', '::/0'])(
    'reads the network %s',
    (text) => expect(parseCidr(text)).not.toBeNull(),
  )
  test.each([
    '10.0.0.1/8',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '2001:db8::1/32',
    '::/129',
    '/8',
  ])('refuses the network %j', (text) => expect(parseCidr(text)).toBeNull())
})

test.each([
  ['10.20.0.0/24', { count: '254', first: '10.20.0.1', last: '10.20.0.254' }],
  ['10.20.0.0/31', { count: '2', first: '10.20.0.0', last: '10.20.0.1' }],
  ['10.20.0.7/32', { count: '1', first: '10.20.0.7', last: '10.20.0.7' }],
  ['2001:db8::/126', { count: '4', first: '2001:db8::', last: '2001:db8::3' }],
  [
    '::/0',
    { count: (2n ** 128n).toString(), first: '::', last: Array.from({ length: 8 }, () => 'ffff').join(':') },
  ],
  ['1:0:0:2:0:0:0:0/125', { count: '8', first: '1:0:0:2::', last: '1::2:0:0:0:7' }],
])('usable in %s', (cidr, usable) =>
  expect(usableAddresses(cidr)).toMatchObject({ count: usable.count, first: usable.first }),
)

test('the first and last usable address are in the network, and the one before the network is not', () => {
  const network = fc
    .record({ value: fc.nat({ max: 2 ** 31 - 1 }), prefix: fc.integer({ min: 1, max: 32 }) })
    .map(({ value, prefix }) => {
      const base = ((BigInt(value) >> BigInt(32 - prefix)) << BigInt(32 - prefix)) & 0xffffffffn
      const parts = [24n, 16n, 8n, 0n].map((by) => ((base >> by) & 255n).toString())
      return { cidr: `${parts.join('.')}/${prefix}`, base }
    })
  fc.assert(
    fc.property(network, ({ cidr, base }) => {
      const usable = usableAddresses(cidr)
      if (!usable) throw new Error(cidr)
      expect(isInCidr(usable.first, cidr) && isInCidr(usable.last, cidr)).toBe(true)
      const [first, last] = [parseIp(usable.first)?.value ?? 0n, parseIp(usable.last)?.value ?? 0n]
      expect(last - first + 1n).toBe(BigInt(usable.count))
      const before = base - 1n
      if (before < 0n) return
      const text = [24n, 16n, 8n, 0n].map((by) => ((before >> by) & 255n).toString()).join('.')
      expect(isInCidr(text, cidr)).toBe(false)
    }),
  )
})

test('IPv6 addresses are written so that they are read again as the same', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (value) => {
      const words = Array.from({ length: 8 }, (_, at) =>
        ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
      ).join(':')
      const usable = usableAddresses(`${words}/128`)
      expect(parseIp(usable?.first ?? '')?.value).toBe(value)
    }),
  )
})
