import { BlockList, isIP, isIPv4 } from 'node:net'

/** A set of addresses, made by `compileCidrs`. */
export interface CidrSet {
  has(ip: string): boolean
}

/**
 * The set of addresses a list of addresses and CIDRs names, such as `10.0.0.0/8`, `::1`.
 * @throws Error naming the first entry that is neither
 */
export function compileCidrs(cidrs: readonly string[]): CidrSet {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits, ...more] = cidr.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    const width = family === 'ipv4' ? 32 : 128
    const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN
    if (
      isIP(address) === 0 ||
      address.includes('%') ||
      more.length > 0 ||
      !(prefix >= 0 && prefix <= width)
    ) {
      throw new Error(`"${cidr}" is not an IP address or CIDR`)
    }
    list.addSubnet(address, prefix, family)
  }
  return { has: (ip) => isIP(ip) !== 0 && list.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6') }
}

/** One spelling for an address: IPv4 out of IPv4-mapped IPv6, IPv6 compressed and lower case, no zone. Null: no address. */
export function canonicalIp(text: string): string | null {
  const ip = text.replace(/%.*$/s, '')
  if (isIPv4(ip)) return ip
  if (isIP(ip) === 0) return null
  const v6 = new URL(`http://[${ip}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(v6)
  if (!mapped) return v6
  const [high, low] = [parseInt(mapped[1] ?? '', 16), parseInt(mapped[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** One entry of X-Forwarded-For: an address, perhaps with a port. */
function forwardedIp(entry: string): string | null {
  const text = entry.trim()
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text) ?? []
  const [, dotted] = /^([\d.]+):\d{1,5}$/.exec(text) ?? []
  return canonicalIp(bracketed ?? dotted ?? text)
}

/**
 * The client's address: the right-most one in X-Forwarded-For that is not a trusted proxy's, and only if the peer is
 * one (ASVS 15.3.4). Behind an unreadable entry nothing is believed. `0.0.0.0` when the peer is unknown.
 */
export function clientIp(
  remoteAddress: string | undefined,
  xff: string | undefined,
  trusted: CidrSet,
): string {
  let nearest = canonicalIp(remoteAddress ?? '')
  if (nearest === null) return '0.0.0.0'
  const hops = xff ? xff.split(',') : []
  while (trusted.has(nearest)) {
    const hop = hops.pop()
    const ip = hop === undefined ? null : forwardedIp(hop)
    if (ip === null) break
    nearest = ip
  }
  return nearest
}
