/** One line of a list of allowed addresses, as somebody types it: an address or a network. */
export interface NetworkLine {
  network: string
  note: string
}

/** A network as numbers. `bits`: of its prefix. */
interface Network {
  width: 32 | 128
  base: bigint
  bits: number
}

export const MOST_NETWORKS = 100
export const NOTE_LENGTH = 100

const MAPPED = 0xffffn << 32n
const FULL_32 = (1n << 32n) - 1n

function parseV4(text: string): bigint | null {
  const parts = text.split('.')
  // Without leading zeros, which some read as octal.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return null
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'))

function parseV6(text: string): bigint | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const v4 = dotted ? parseV4(dotted[2] ?? '') : null
  if (dotted && v4 === null) return null
  const plain =
    dotted && v4 !== null ? `${dotted[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}` : text
  const [head = '', tail, ...more] = plain.split('::')
  if (more.length > 0) return null
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...left, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...right]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

const masked = (address: bigint, width: number, bits: number): bigint =>
  (address >> BigInt(width - bits)) << BigInt(width - bits)

/** Reads an address or a network; bits behind the prefix are dropped, IPv4 in IPv6 is IPv4. Null: it is neither. */
function parse(text: string): Network | null {
  const [address = '', suffix, ...more] = text.trim().split('/')
  if (more.length > 0 || (suffix !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(suffix))) return null
  const v4 = parseV4(address)
  const value = v4 ?? parseV6(address)
  if (value === null) return null
  const width = v4 === null ? 128 : 32
  const bits = suffix === undefined ? width : Number(suffix)
  if (bits > width) return null
  if (width === 128 && bits >= 96 && value >> 32n === MAPPED >> 32n)
    return { width: 32, base: masked(value & FULL_32, 32, bits - 96), bits: bits - 96 }
  return { width, base: masked(value, width, bits), bits }
}

function v6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  // The longest run of two or more zeros, the first of several (RFC 5952).
  let [start, length] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let n = 0
    while (groups[i + n] === '0') n++
    if (n > length) [start, length] = [i, n]
  }
  if (start < 0) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

function textOf({ width, base, bits }: Network): string {
  const address =
    width === 32 ? [24n, 16n, 8n, 0n].map((shift) => String((base >> shift) & 255n)).join('.') : v6Text(base)
  return bits === width ? address : `${address}/${bits}`
}

/** The one spelling of an address or network: `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`. Null: it is neither. */
export function canonicalNetwork(text: string): string | null {
  const network = parse(text)
  return network && textOf(network)
}

const covers = (outer: Network, inner: Network): boolean =>
  outer.width === inner.width &&
  outer.bits <= inner.bits &&
  masked(inner.base, inner.width, outer.bits) === outer.base

/** Whether an address is in one of the networks. What is no address is in none; no networks have none in them. */
export function inNetworks(networks: readonly string[], ip: string): boolean {
  const address = parse(ip)
  if (address?.bits !== address?.width || !address) return false
  return networks.some((text) => {
    const network = parse(text)
    return network !== null && covers(network, address)
  })
}

/** What is wrong with a line, in words for people; null: nothing. */
export function networkProblem({ network, note }: NetworkLine): string | null {
  if (network.trim() === '') return 'Enter an address or a network.'
  if (parse(network) === null)
    return 'Enter an address such as 203.0.113.7, or a network such as 203.0.113.0/24.'
  return note.trim().length > NOTE_LENGTH ? `A note has ${NOTE_LENGTH} characters at most.` : null
}

/**
 * The list in one spelling, without what another line covers; order and notes stay. A line that says the same as an earlier one gives its
 * note to that one if it has none. Lines that are neither an address nor a network are left out: ask networkProblem first.
 */
export function tidyNetworks(lines: readonly NetworkLine[]): NetworkLine[] {
  const read = lines.flatMap(({ network, note }) => {
    const parsed = parse(network)
    return parsed ? [{ parsed, network: textOf(parsed), note: note.trim() }] : []
  })
  return read
    .filter(
      (line, i) =>
        !read.some(
          (other, j) => covers(other.parsed, line.parsed) && (other.network !== line.network || j < i),
        ),
    )
    .map(({ network, note }) => ({
      network,
      note: note || (read.find((other) => other.network === network && other.note !== '')?.note ?? ''),
    }))
}
