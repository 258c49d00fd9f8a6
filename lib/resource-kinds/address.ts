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
