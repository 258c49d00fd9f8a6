import { BlockList, isIPv4 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalNetwork, inNetworks, networkProblem, tidyNetworks } from './networks'

const v4 = fc.ipV4()
const v6 = fc.ipV6()
const network = fc.oneof(
  fc.tuple(v4, fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
  fc.tuple(v6, fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
  v4,
  v6,
)
/** Near each other, so that they meet. */
const near = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 20, max: 32 }))
  .map(([c, d, bits]) => `10.0.${c}.${d}/${bits}`)
const line = (of: fc.Arbitrary<string>) =>
  fc.record({ network: of, note: fc.constantFrom('', 'Office', 'VPN') })

/** What Node makes of it. */
function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of networks) {
    const [ip = '', bits] = text.split('/')
    const family = isIPv4(ip) ? 'ipv4' : 'ipv6'
    list.addSubnet(ip, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  return list
}

describe('networks', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['192.0.2.7/32', '192.0.2.7'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:0/64', '2001:db8::/64'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:0:0/95', '::fffe:0:0/95'],
  ])('spells %s as %s', (text, canonical) => expect(canonicalNetwork(text)).toBe(canonical))

  it.each([
    '',
    'acme.example',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.1/33',
    '10.0.0.1/',
    '10.0.0.1/8/8',
    '10.0.0.1/08',
    '10.0.0.1/-1',
    '10.0.0.1-9',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    'fe80::1%eth0',
    '::ffff:10.0.0.999',
    '12345::',
    '::/129',
    ':::',
  ])('takes “%s” for none', (text) => {
    expect(canonicalNetwork(text)).toBeNull()
    expect(networkProblem({ network: text, note: '' })).not.toBeNull()
    expect(inNetworks(['0.0.0.0/0', '::/0'], text)).toBe(false)
  })

  it('holds notes to their length', () => {
    expect(networkProblem({ network: '10.0.0.1', note: 'x'.repeat(100) })).toBeNull()
    expect(networkProblem({ network: '10.0.0.1', note: 'x'.repeat(101) })).toMatch(/100/)
  })

  it('spells each one way, and that way again', () => {
    fc.assert(
      fc.property(network, (text) => {
        const once = canonicalNetwork(text)
        expect(once).not.toBeNull()
        expect(canonicalNetwork(once ?? '')).toBe(once)
      }),
    )
  })

  it('says of addresses what Node says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(network, near), { maxLength: 6 }),
        fc.oneof(v4, v6, near),
        (list, one) => {
          const ip = one.split('/')[0] ?? ''
          // Node counts mapped addresses as both; here they come as IPv4 alone.
          fc.pre(canonicalNetwork(ip)?.includes(':') === ip.includes(':'))
          fc.pre(list.every((text) => text.includes(':') === canonicalNetwork(text)?.includes(':')))
          const alike = list.filter((text) => text.includes(':') === ip.includes(':'))
          const expected = blockList(alike).check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6')
          expect(inNetworks(list, ip)).toBe(expected)
        },
      ),
    )
  })

  it('tidies: the same addresses get in, by no line that another covers, and again the same', () => {
    fc.assert(
      fc.property(fc.array(line(fc.oneof(network, near)), { maxLength: 12 }), near, (lines, one) => {
        const tidy = tidyNetworks(lines)
        const ip = one.split('/')[0] ?? ''
        const nets = tidy.map((each) => each.network)
        expect(inNetworks(nets, ip)).toBe(
          inNetworks(
            lines.map((each) => each.network),
            ip,
          ),
        )
        expect(new Set(nets).size).toBe(nets.length)
        for (const each of nets) {
          const others = nets.filter((other) => other !== each)
          const first = each.split('/')[0] ?? ''
          const isWide = (other: string) =>
            Number(other.split('/')[1] ?? 999) <= Number(each.split('/')[1] ?? 999)
          expect(others.some((other) => isWide(other) && inNetworks([other], first))).toBe(false)
        }
        expect(tidyNetworks(tidy)).toEqual(tidy)
      }),
    )
  })

  it('keeps order and notes', () => {
    expect(
      tidyNetworks([
        { network: '10.1.0.0/16', note: 'covered' },
        { network: '192.0.2.7', note: '' },
        { network: '10.0.0.0/8', note: 'All of us' },
        { network: '192.0.2.7/32', note: ' Home ' },
      ]),
    ).toEqual([
      { network: '192.0.2.7', note: 'Home' },
      { network: '10.0.0.0/8', note: 'All of us' },
    ])
  })
})
