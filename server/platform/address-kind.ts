import { BlockList, isIP } from 'node:net'

function listOf(family: 'ipv4' | 'ipv6', nets: string[]): BlockList {
  const list = new BlockList()
  for (const net of nets) {
    const [address = '', bits] = net.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
/** Per family: Node compares an IPv4 address with lists of IPv6, too. */
const LOOPBACK = { 4: listOf('ipv4', ['127.0.0.0/8']), 6: listOf('ipv6', ['::1/128']) }
const PRIVATE = {
  4: listOf('ipv4', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15']),
  6: listOf('ipv6', ['fc00::/7']),
}
/** Link-local (the metadata service of clouds among them), multicast, unspecified and reserved; IPv4 in IPv6's clothes. */
const NEVER = {
  4: listOf(
    'ipv4',
    '0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3'.split(
      ' ',
    ),
  ),
  6: listOf(
    'ipv6',
    '::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2001::/32 2001:db8::/32 2002::/16 fe80::/10 fec0::/10 ff00::/8'.split(
      ' ',
    ),
  ),
}

export type AddressKind = 'public' | 'private' | 'loopback' | 'never'

/** What an IP address leads to, for what the server connects to (attack I01). What is no address is `never`. */
export function addressKind(address: string): AddressKind {
  const family = isIP(address)
  if (family !== 4 && family !== 6) return 'never'
  const is = (lists: Record<4 | 6, BlockList>) => lists[family].check(address, family === 4 ? 'ipv4' : 'ipv6')
  if (is(LOOPBACK)) return 'loopback'
  if (is(PRIVATE)) return 'private'
  return is(NEVER) ? 'never' : 'public'
}
