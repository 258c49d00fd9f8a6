import { canonicalNetwork } from '@/lib/networks'
import type { Found } from '../contract'
import { LIST_NETWORKS, type Named, NETWORK_IS_ACTIVE, NETWORK_LEASES, NETWORK_XML } from './procedures'
import { whereThere, whereTold } from './refusal'
import type { Session } from './session'
import { shown, told, uuidText } from './told'
import { allAt, attributeAt, elementAt, readXml, textAt } from './xml'

export interface Networks {
  found: Found[]
  /** The `externalId` of a network by its name, as machines name it. */
  ids: ReadonlyMap<string, string>
  /** Addresses that were leased, by the MAC address in lower case. */
  leases: ReadonlyMap<string, string[]>
}

/** All networks of the host and the leases of their DHCP servers; none where it has no network driver. @throws ConnectorError */
export async function readNetworks(session: Session, now: number): Promise<Networks> {
  const list = (await whereTold(session.call(LIST_NETWORKS))) ?? []
  const found: Found[] = []
  const leases = new Map<string, string[]>()
  for (const network of list) {
    const one = await whereThere(readNetwork(session, network))
    if (!one) continue
    found.push(one)
    if (one.status !== 'online') continue
    const all = (await whereThere(whereTold(session.call(NETWORK_LEASES, network)))) ?? []
    for (const { mac, address, expires } of all)
      // 0 is one that does not end
      if (mac !== null && (expires === 0 || expires * 1000 > now))
        leases.set(mac.toLowerCase(), [...(leases.get(mac.toLowerCase()) ?? []), address])
  }
  return { found, leases, ids: new Map(list.map(({ name, uuid }) => [name, networkId(uuid)])) }
}

const networkId = (uuid: string) => `network/${uuidText(uuid)}`

async function readNetwork(session: Session, network: Named): Promise<Found> {
  const [xml, isActive] = await Promise.all([
    session.call(NETWORK_XML, network),
    session.call(NETWORK_IS_ACTIVE, network),
  ])
  const root = readXml(xml)
  const vlan = Number(attributeAt('id', root, 'vlan', 'tag'))
  return {
    kind: 'network',
    externalId: networkId(network.uuid),
    name: network.name,
    parent: 'host',
    spec: told<unknown>({
      description: (textAt(root, 'description') || textAt(root, 'title')).slice(0, 1000),
      vlan: vlan >= 1 && vlan <= 4094 ? vlan : undefined,
      ...addressed(root),
    }),
    status: isActive ? 'online' : 'offline',
    facts: shown({
      Mode: attributeAt('mode', root, 'forward') || 'isolated',
      Bridge: attributeAt('name', root, 'bridge'),
    }),
  }
}

/** Of the first IPv4 range, or else of the first one. */
function addressed(root: Element) {
  const ranges = allAt(root, 'ip')
  const range = ranges.find((each) => each.getAttribute('family') !== 'ipv6') ?? ranges[0]
  const gateway = range?.getAttribute('address') ?? ''
  const bits = range?.getAttribute('prefix') || bitsOf(range?.getAttribute('netmask') ?? '')
  const cidr = bits ? canonicalNetwork(`${gateway}/${bits}`) : null
  return cidr?.includes('/') ? { cidr, gateway, dhcp: elementAt(range, 'dhcp') !== undefined } : {}
}

/** `24` of `255.255.255.0`; empty for what is no mask. */
function bitsOf(mask: string): string {
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(mask)) return ''
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')
  return /^1*0*$/.test(bits) && bits.length === 32 ? String(bits.lastIndexOf('1') + 1) : ''
}
