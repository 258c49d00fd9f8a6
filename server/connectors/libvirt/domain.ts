import type { Found, FoundStatus, Usage } from '../contract'
import type { Domain } from './procedures'
import type { Networks } from './network'
import type { Place, Storage } from './storage'
import { shown, told, uuidText, within } from './told'
import { allAt, attributeAt, readXml, textAt } from './xml'

const TIB = 2 ** 40
const ID = /^domain\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

export const domainId = ({ uuid }: Pick<Domain, 'uuid'>): string => `domain/${uuidText(uuid)}`
/** The UUID in an `externalId`, as 32 hex digits; null: it is none of a domain. */
export const uuidOf = (externalId: string): string | null =>
  ID.exec(externalId)?.[1]?.replaceAll('-', '') ?? null

/** By virDomainState: none, running, blocked, paused, shutting down, off, crashed, suspended by the guest. */
const STATES = ['unknown', 'running', 'running', 'paused', 'running', 'stopped', 'stopped', 'paused'] as const
export const statusOf = (state: number): FoundStatus => STATES[state] ?? 'unknown'

/** What was asked about one domain. */
export interface DomainAnswers {
  domain: Domain
  info: { state: number; maxMemoryKiB: number; cpus: number }
  xml: string
  /** As the statistics name them; null where the hypervisor has none. */
  figures: ReadonlyMap<string, number | string> | null
  autostarts: boolean
}

/** A domain as Freehold keeps it. */
export function foundDomain(answers: DomainAnswers, networks: Networks, storage: Storage): Found {
  const { domain, info, figures } = answers
  const root = readable(answers.xml)
  const disks = allAt(root, 'devices', 'disk')
    .filter((disk) => kindOfDisk(disk) === 'disk')
    .map(placeOf)
  const cards = allAt(root, 'devices', 'interface')
  const sizes = disks.map(
    (place, index) => figure(figures, `block.${index}.capacity`) ?? storage.capacityOf(place),
  )
  const sum = (values: (number | undefined)[]) =>
    values.includes(undefined) ? undefined : values.reduce<number>((total, value) => total + (value ?? 0), 0)
  const addresses = cards.flatMap(
    (card) => networks.leases.get(attributeAt('address', card, 'mac').toLowerCase()) ?? [],
  )
  const diskTotal = sum(sizes)
  const memory = info.maxMemoryKiB * 1024
  return {
    kind: 'virtual_machine',
    externalId: domainId(domain),
    name: domain.name,
    parent: 'host',
    spec: told<unknown>({
      description: (textAt(root, 'description') || textAt(root, 'title')).slice(0, 1000),
      os: osOf(root),
      cores: within(1, info.cpus, 4096),
      memory: within(2 ** 20, memory, 64 * TIB),
      disk: within(2 ** 20, diskTotal, 4096 * TIB),
      addresses: [...new Set(addresses)].slice(0, 50),
    }),
    status: statusOf(info.state),
    usage: usageOf(
      figures,
      memory,
      diskTotal,
      sum(disks.map((_, index) => figure(figures, `block.${index}.allocation`))),
    ),
    facts: shown({
      Type: root?.getAttribute('type') ?? '',
      Architecture: attributeAt('arch', root, 'os', 'type'),
      Machine: attributeAt('machine', root, 'os', 'type'),
      Autostart: answers.autostarts ? 'Yes' : 'No',
      ...(root ? {} : { Description: 'It cannot be read' }),
    }),
    links: linksOf(disks, cards, networks, storage),
  }
}

/** Its owner may write into it: what nobody can read must not hide the machine, nor all of them. */
function readable(xml: string): Element | undefined {
  try {
    return readXml(xml)
  } catch {
    return undefined
  }
}

const kindOfDisk = (disk: Element) => disk.getAttribute('device') || 'disk'

function placeOf(disk: Element): Place {
  const source = (name: string) => attributeAt(name, disk, 'source')
  if (source('volume')) return { pool: source('pool'), volume: source('volume') }
  return { path: source('file') || source('dev') || source('name') }
}

const figure = (figures: DomainAnswers['figures'], name: string): number | undefined => {
  const value = figures?.get(name)
  return typeof value === 'number' && value >= 0 ? value : undefined
}

function usageOf(
  figures: DomainAnswers['figures'],
  memoryTotal: number,
  diskTotal: number | undefined,
  diskUsed: number | undefined,
): Usage {
  // The guest itself tells these, where it has a driver for that.
  const [available, usable] = [figure(figures, 'balloon.available'), figure(figures, 'balloon.usable')]
  const used = available !== undefined && usable !== undefined ? (available - usable) * 1024 : undefined
  return told({
    memoryUsed: within(0, used, memoryTotal),
    memoryTotal: memoryTotal || undefined,
    diskUsed,
    diskTotal,
  })
}

/** The last parts of what libosinfo calls it: `debian 12` of `http://debian.org/debian/12`. */
function osOf(root: Element | undefined): string {
  const id = attributeAt('id', root, 'metadata', 'libosinfo', 'os')
  return /^https?:\/\/[^/]+\/(.{1,100})$/.exec(id)?.[1]?.replaceAll('/', ' ') ?? ''
}

function linksOf(
  disks: Place[],
  cards: Element[],
  networks: Networks,
  storage: Storage,
): Record<string, string[]> {
  const each = (ids: (string | undefined)[]) => [...new Set(ids.filter((id) => id !== undefined))]
  const image = each(disks.map(storage.imageOf))[0]
  return {
    networks: each(cards.map((card) => networks.ids.get(attributeAt('network', card, 'source')))),
    datastores: each(disks.map(storage.poolOf)),
    ...(image !== undefined && { image: [image] }),
  }
}
