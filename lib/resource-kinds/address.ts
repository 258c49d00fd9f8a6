/** An IPv4 or IPv6 address as a number with its width in bits; null: it is none. */
export function parseIp(text: string): { value: bigint; bits: 32 | 128 } | null {
  if (text.includes(':')) return parseIpv6(text)
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return null
  return { value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n), bits: 32 }
}

function parseIpv6(text: string): { value: bigint; bits: 128 } | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const words = (half: string | undefined) => (half === undefined || half === '' ? [] : half.split(':'))
  const [head, tail] = [words(halves[0]), words(halves[1])]
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!all.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return null
  return { value: all.reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n), bits: 128 }
}

/** A network in CIDR notation whose host bits are zero; null: it is none. */
export function parseCidr(text: string): { value: bigint; bits: 32 | 128; prefix: number } | null {
  const [address = '', length = '', ...rest] = text.split('/')
  const ip = parseIp(address)
  if (!ip || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > ip.bits) return null
  const prefix = Number(length)
  const hostBits = BigInt(ip.bits - prefix)
  return (ip.value >> hostBits) << hostBits === ip.value ? { ...ip, prefix } : null
}

/** Whether an address lies in a network; false where either is malformed. */
export function isInCidr(address: string, cidr: string): boolean {
  const [ip, network] = [parseIp(address), parseCidr(cidr)]
  if (!ip || !network || ip.bits !== network.bits) return false
  const hostBits = BigInt(network.bits - network.prefix)
  return ip.value >> hostBits === network.value >> hostBits
}

function formatIp(value: bigint, bits: 32 | 128): string {
  const size = bits === 32 ? 8 : 16
  const parts = Array.from({ length: bits / size }, (_, at) => {
    const part = (value >> BigInt(bits - size * (at + 1))) & ((1n << BigInt(size)) - 1n)
    return bits === 32 ? part.toString() : part.toString(16)
  })
  return bits === 32 ? parts.join('.') : shortened(parts)
}

/** The longest run of zeros as `::` (RFC 5952): of two or more, the first of equals. */
function shortened(words: string[]): string {
  let [from, length] = [-1, 1]
  for (let at = 0; at < words.length; at++) {
    let end = at
    while (words[end] === '0') end++
    if (end - at > length) [from, length] = [at, end - at]
    at = Math.max(at, end - 1)
  }
  return from < 0
    ? words.join(':')
    : `${words.slice(0, from).join(':')}::${words.slice(from + length).join(':')}`
}

/**
 * What machines in a network may have as their address: in IPv4 without the network's own and the broadcast address, but for point to
 * point networks (RFC 3021); in IPv6 all of them.
 * @returns null for what is no network; `count` in digits, as it may be more than a number holds
 */
export function usableAddresses(cidr: string): { count: string; first: string; last: string } | null {
  const network = parseCidr(cidr)
  if (!network) return null
  const { value, bits, prefix } = network
  const size = 1n << BigInt(bits - prefix)
  const kept = bits === 32 && prefix < 31 ? 1n : 0n
  return {
    count: (size - 2n * kept).toString(),
    first: formatIp(value + kept, bits),
    last: formatIp(value + size - 1n - kept, bits),
  }
}
