import { z } from 'zod'
import { ConnectorError, type ConnectorContext, type Found } from '../contract'
import { pathOf, read, readIfAllowed } from './client'
import { foundInstance, keeperOf } from './instance'
import * as schemas from './schemas'

/** The server as it presents itself. @throws ConnectorError unauthenticated where it does not trust the certificate */
export async function trustedServer(context: ConnectorContext) {
  const server = await read(context, pathOf([]), schemas.server)
  if (server.auth !== 'trusted')
    throw new ConnectorError(
      'unauthenticated',
      'The server does not trust this certificate: add it there, or use a trust token',
    )
  return server
}

/** Those that the certificate may see. */
export const listProjects = (context: ConnectorContext) =>
  read(context, pathOf(['projects'], { recursion: '1' }), z.array(schemas.project))

/** All that the certificate may see: one request for the instances of a project with their states, not one for each of them. */
export async function* discover(context: ConnectorContext): AsyncIterable<Found[]> {
  const server = await trustedServer(context)
  const projects = await listProjects(context)
  yield await hosts(context, server)
  yield projects.map(({ name, description }) => ({
    kind: 'folder',
    externalId: `project/${name}`,
    name,
    spec: description ? { description } : {},
    status: 'online',
  }))
  yield await pools(context)
  // projects without networks or images of their own list those of `default`
  const seen = new Set<string>()
  const fresh = ({ externalId }: Found) => !seen.has(externalId) && Boolean(seen.add(externalId))
  const names = new Set(projects.map(({ name }) => name))
  for (const project of projects) {
    yield (await networks(context, project, names)).filter(fresh)
    yield (await images(context, project, names)).filter(fresh)
    const path = pathOf(['instances'], { recursion: '2', project: project.name })
    const instances = await read(context, path, z.array(schemas.instance))
    yield unique(instances.map((instance) => foundInstance(project, instance, Date.now())))
  }
}

/** Two that claim one id would take turns in being it: that is the cloud's fault, and is said rather than kept. */
function unique(found: Found[]): Found[] {
  if (new Set(found.map(({ externalId }) => externalId)).size < found.length)
    throw new ConnectorError('bad_answer', 'Two instances of a project claim the same volatile.uuid')
  return found
}

async function hosts(
  context: ConnectorContext,
  { environment }: z.infer<typeof schemas.server>,
): Promise<Found[]> {
  if (!environment?.server_clustered) {
    const name = environment?.server_name
    return name ? [{ kind: 'host', externalId: `host/${name}`, name, spec: {}, status: 'online' }] : []
  }
  const path = pathOf(['cluster', 'members'], { recursion: '1' })
  const members = (await readIfAllowed(context, path, z.array(schemas.member))) ?? []
  return members.map(({ server_name: name, status, architecture }) => ({
    kind: 'host',
    externalId: `host/${name}`,
    name,
    spec: {},
    status: status === 'Online' ? 'online' : 'offline',
    facts: { Status: status, Architecture: architecture },
  }))
}

const TYPES: Record<string, string> = {
  zfs: 'zfs',
  lvm: 'lvm',
  lvmcluster: 'lvm',
  dir: 'directory',
  ceph: 'ceph',
  cephfs: 'ceph',
}

async function pools(context: ConnectorContext): Promise<Found[]> {
  const path = pathOf(['storage-pools'], { recursion: '1' })
  const all = (await readIfAllowed(context, path, z.array(schemas.pool))) ?? []
  const found: Found[] = []
  for (const { name, description, driver, status } of all) {
    const size = await readIfAllowed(context, pathOf(['storage-pools', name, 'resources']), schemas.space)
    const { used, total } = size?.space ?? {}
    found.push({
      kind: 'datastore',
      externalId: `pool/${name}`,
      name,
      spec: { description, type: TYPES[driver] ?? 'other', ...(total && { capacity: total, used }) },
      status: status === '' || status === 'Created' ? 'online' : 'offline',
      ...(total && { usage: { diskUsed: used, diskTotal: total } }),
      facts: { Driver: driver },
    })
  }
  return found
}

async function networks(
  context: ConnectorContext,
  project: schemas.Project,
  names: Set<string>,
): Promise<Found[]> {
  const path = pathOf(['networks'], { recursion: '1', project: project.name })
  const all = (await readIfAllowed(context, path, z.array(schemas.network))) ?? []
  return all
    .filter(({ managed }) => managed)
    .map(({ name, description, type, config, ...network }) => {
      const keeper = network.project || keeperOf(project, 'networks')
      const [gateway, bits] = (config['ipv4.address'] ?? '').split('/')
      const cidr = gateway && bits ? networkOf(gateway, Number(bits)) : null
      return {
        kind: 'network',
        externalId: `network/${keeper}/${name}`,
        name,
        ...(names.has(keeper) && { parent: `project/${keeper}` }),
        spec: { description, ...(cidr && { cidr, gateway, dhcp: config['ipv4.dhcp'] !== 'false' }) },
        status: 'online',
        facts: { Type: type, Project: keeper },
      }
    })
}

/** The network that a host's address lies in: `10.1.2.1`, 24 is `10.1.2.0/24`; null for what is no IPv4 address. */
function networkOf(address: string, bits: number): string | null {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)) || !(bits >= 0 && bits <= 32))
    return null
  const masked = parts.map(
    (part, index) => part & (256 - 2 ** (8 - Math.min(8, Math.max(0, bits - index * 8)))),
  )
  return `${masked.join('.')}/${bits}`
}

async function images(
  context: ConnectorContext,
  project: schemas.Project,
  names: Set<string>,
): Promise<Found[]> {
  const path = pathOf(['images'], { recursion: '1', project: project.name })
  const all = (await readIfAllowed(context, path, z.array(schemas.image))) ?? []
  return all.map(({ fingerprint, size, type, architecture, aliases, properties, ...image }) => {
    const keeper = image.project || keeperOf(project, 'images')
    const name = aliases?.[0]?.name || properties.description || fingerprint.slice(0, 12)
    return {
      kind: 'virtual_image',
      externalId: `image/${keeper}/${fingerprint}`,
      name,
      ...(names.has(keeper) && { parent: `project/${keeper}` }),
      spec: {
        os: [properties.os, properties.release].filter(Boolean).join(' ').slice(0, 100) || 'Unknown',
        format: type === 'virtual-machine' ? 'qcow2' : 'container',
        size,
      },
      status: 'online',
      facts: { Architecture: architecture, Fingerprint: fingerprint, Project: keeper },
    }
  })
}
