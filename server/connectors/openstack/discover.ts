import { isIP } from 'node:net'
import type { Found, FoundStatus } from '../contract'
import { pages, rowsIfAllowed } from './client'
import * as schemas from './schemas'
import type { ServiceName } from './services'
import { openSession, type Context, type Session } from './session'

const GIB = 2 ** 30
const MIB = 2 ** 20

const serverId = (id: string) => `server/${id}`

/** All of the project that the credential is for, a page of a list at a time. */
export async function* discover(context: Context): AsyncIterable<Found[]> {
  const session = await openSession(context)
  const { project } = session
  const folder = `project/${project.id}`
  yield [{ kind: 'folder', externalId: folder, name: project.name, spec: {}, status: 'online' }]
  const has = (name: ServiceName) => typeof session.services[name] === 'object'
  const networks = has('network') ? await allNetworks(context, session, folder) : NO_NETWORKS
  yield networks.found
  const images = has('image') ? await rowsIfAllowed(context, { ...IMAGES, row: schemas.image }) : []
  yield images.map((image) => foundImage(image, project.id, folder))
  const volumes = has('volume') ? await rowsIfAllowed(context, { ...VOLUMES, row: schemas.volume }) : []
  yield volumes.map((volume) => foundVolume(volume, folder))
  const known: Known = {
    folder,
    networks: networks.ofServer,
    images: new Set(images.map(({ id }) => id)),
    volumes: new Set(volumes.map(({ id }) => id)),
  }
  for await (const servers of pages(context, { ...SERVERS, row: schemas.server }))
    yield servers.map((server) => foundServer(server, known, Date.now()))
}

const SERVERS = { service: 'compute', path: '/servers/detail', field: 'servers' } as const
const IMAGES = { service: 'image', path: '/images', field: 'images' } as const
const VOLUMES = { service: 'volume', path: '/volumes/detail', field: 'volumes' } as const
const NETWORKS = { service: 'network', path: '/networks', field: 'networks' } as const
const SUBNETS = { service: 'network', path: '/subnets', field: 'subnets' } as const
const PORTS = {
  service: 'network',
  path: '/ports?fields=id&fields=network_id&fields=device_id',
  field: 'ports',
} as const

/** Without what is not told. */
function told<T>(values: Record<string, T | undefined | null | ''>): Record<string, T> {
  const kept = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  return Object.fromEntries(kept) as Record<string, T>
}

interface Networks {
  found: Found[]
  /** Ids of the networks in which each server has a port: its own words name networks, and names are not unique. */
  ofServer: ReadonlyMap<string, string[]>
}
const NO_NETWORKS: Networks = { found: [], ofServer: new Map() }

async function allNetworks(context: Context, { project }: Session, folder: string): Promise<Networks> {
  const networks = await rowsIfAllowed(context, { ...NETWORKS, row: schemas.network })
  const subnets = await rowsIfAllowed(context, { ...SUBNETS, row: schemas.subnet })
  const ports = await rowsIfAllowed(context, { ...PORTS, row: schemas.port })
  const known = new Set(networks.map(({ id }) => id))
  const ofServer = new Map<string, string[]>()
  for (const { device_id, network_id } of ports)
    if (device_id && known.has(network_id))
      ofServer.set(device_id, [...(ofServer.get(device_id) ?? []), `network/${network_id}`])
  const found = networks.map((network) => {
    const own = subnets.filter(({ network_id }) => network_id === network.id)
    return foundNetwork(network, own, network.project_id === project.id ? folder : undefined)
  })
  return { found, ofServer }
}

/** One that has several subnets is known by its first of IPv4; the others are among its facts. */
function foundNetwork(network: schemas.Network, subnets: schemas.Subnet[], folder?: string): Found {
  const subnet = subnets.find(({ ip_version }) => ip_version === 4) ?? subnets[0]
  const isVlan = network['provider:network_type'] === 'vlan'
  const dns = subnet?.dns_nameservers.filter((address) => isIP(address)).slice(0, 20) ?? []
  return {
    kind: 'network',
    externalId: `network/${network.id}`,
    name: network.name.slice(0, 200) || network.id,
    ...(folder && { parent: folder }),
    spec: told<string | number | boolean | string[]>({
      description: network.description.slice(0, 1000),
      cidr: subnet?.cidr.slice(0, 50),
      gateway: subnet && isIP(subnet.gateway_ip) ? subnet.gateway_ip : undefined,
      dhcp: subnet?.enable_dhcp,
      dns: dns.length ? dns : undefined,
      vlan: isVlan ? network['provider:segmentation_id'] : undefined,
    }),
    status: network.status === 'ACTIVE' ? 'online' : network.status === 'DOWN' ? 'offline' : 'unknown',
    facts: told({
      External: network['router:external'] ? 'Yes' : undefined,
      Shared: network.shared ? 'Yes' : undefined,
      Subnets: subnets
        .map(({ cidr }) => cidr.slice(0, 50))
        .slice(0, 10)
        .join(', '),
    }),
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  qcow2: 'qcow2',
  raw: 'raw',
  ami: 'raw',
  vmdk: 'vmdk',
  vhd: 'vhd',
  vhdx: 'vhd',
  iso: 'iso',
  docker: 'container',
  ova: 'ova',
}

function foundImage(image: schemas.Image, project: string, folder: string): Found {
  const format = image.container_format === 'docker' ? 'docker' : image.disk_format
  return {
    kind: 'virtual_image',
    externalId: `image/${image.id}`,
    name: image.name.slice(0, 200) || image.id,
    ...(image.owner === project && { parent: folder }),
    spec: told({
      os:
        [image.os_distro, image.os_version].filter(Boolean).join(' ').slice(0, 100) ||
        image.os_type.slice(0, 100) ||
        'Unknown',
      format: Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined,
      size: image.size,
      minDisk: image.min_disk ? image.min_disk * GIB : undefined,
    }),
    status: image.status === 'active' ? 'online' : 'offline',
    facts: told({ Visibility: image.visibility.slice(0, 50), Status: image.status.slice(0, 50) }),
  }
}

/** A volume is what a machine lies on, and has a size: a data store of its own. */
function foundVolume(
  { id, name, description, status, size, ...volume }: schemas.Volume,
  folder: string,
): Found {
  return {
    kind: 'datastore',
    externalId: `volume/${id}`,
    name: name.slice(0, 200) || id,
    parent: folder,
    spec: told<string | number>({
      description: description.slice(0, 1000),
      type: 'other',
      capacity: size ? size * GIB : undefined,
    }),
    status: status === 'available' || status === 'in-use' ? 'online' : 'unknown',
    facts: told({
      Status: status.slice(0, 50),
      'Volume type': volume.volume_type.slice(0, 100),
      Bootable: volume.bootable === 'true' ? 'Yes' : undefined,
    }),
  }
}

const STATUS: Readonly<Record<string, FoundStatus>> = {
  ACTIVE: 'running',
  PASSWORD: 'running',
  RESCUE: 'running',
  VERIFY_RESIZE: 'running',
  SHUTOFF: 'stopped',
  SHELVED: 'stopped',
  SHELVED_OFFLOADED: 'stopped',
  DELETED: 'stopped',
  SOFT_DELETED: 'stopped',
  PAUSED: 'paused',
  SUSPENDED: 'paused',
}

/** One that is being made or has failed is neither running nor stopped. */
export const statusOf = ({ status }: Pick<schemas.Server, 'status'>): FoundStatus =>
  (Object.hasOwn(STATUS, status) && STATUS[status]) || 'unknown'

interface Known {
  folder: string
  networks: Networks['ofServer']
  images: ReadonlySet<string>
  volumes: ReadonlySet<string>
}

/** Metadata are left out: people put passwords into them. @param now milliseconds */
function foundServer(server: schemas.Server, known: Known, now: number): Found {
  const addresses = Object.values(server.addresses ?? {}).flatMap((list) => list.map(({ addr }) => addr))
  const { flavor } = server
  const image = typeof server.image === 'object' ? server.image?.id : undefined
  const volumes = server['os-extended-volumes:volumes_attached'].filter(({ id }) => known.volumes.has(id))
  // without a zone, and in UTC
  const launched = Date.parse(`${server['OS-SRV-USG:launched_at'].replace(/Z$/, '')}Z`)
  return {
    kind: 'virtual_machine',
    externalId: serverId(server.id),
    name: server.name.slice(0, 200) || server.id,
    parent: known.folder,
    spec: told<string | number | string[]>({
      description: server.description === server.name ? '' : server.description.slice(0, 1000),
      cores: flavor?.vcpus,
      memory: flavor?.ram && flavor.ram * MIB,
      disk: flavor?.disk ? flavor.disk * GIB : undefined,
      addresses: [...new Set(addresses.filter((address) => isIP(address)))].slice(0, 50),
    }),
    status: statusOf(server),
    ...(statusOf(server) === 'running' &&
      launched > 0 && { usage: { uptime: Math.max(0, Math.round((now - launched) / 1000)) } }),
    facts: told({
      Status: server.status.slice(0, 50),
      Flavor: flavor?.original_name.slice(0, 200),
      'Availability zone': server['OS-EXT-AZ:availability_zone'].slice(0, 100),
      'Key pair': server.key_name.slice(0, 200),
      Tags: server.tags.slice(0, 20).join(', ').slice(0, 500),
      Fault: server.fault?.message.slice(0, 200),
    }),
    links: {
      networks: [...new Set(known.networks.get(server.id))],
      datastores: volumes.map(({ id }) => `volume/${id}`),
      ...(image && known.images.has(image) && { image: [`image/${image}`] }),
    },
  }
}
