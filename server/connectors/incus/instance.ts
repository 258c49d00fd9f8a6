import { isIP } from 'node:net'
import { z } from 'zod'
import { ConnectorError, type ConnectorContext, type Found, type FoundStatus, type Usage } from '../contract'
import { pathOf, read } from './client'
import * as schemas from './schemas'

/**
 * Its id: by `volatile.uuid`, which stays when it is renamed; by its name on servers that have none. The project is part of it, for a
 * project is a wall, and whoever may write in one could give an instance the uuid of one in another.
 */
export function instanceId(
  project: string,
  { name, config }: Pick<schemas.Instance, 'name' | 'config'>,
): string {
  const uuid = config['volatile.uuid']
  return uuid ? `instance/${project}/${uuid}` : `instance-name/${project}/${name}`
}

/** The instance of an id as it is called now. @throws ConnectorError not_found; bad_answer where two claim to be it */
export async function findInstance(context: ConnectorContext, externalId: string) {
  const [kind, project, id] = externalId.split('/')
  if ((kind !== 'instance' && kind !== 'instance-name') || !project || !id)
    throw new ConnectorError('unsupported', 'Only instances can be acted on')
  const path = pathOf(['instances'], { recursion: '1', project })
  const all = await read(context, path, z.array(schemas.instance))
  const found = all.filter((each) => instanceId(project, each) === externalId)
  if (found.length > 1)
    throw new ConnectorError('bad_answer', 'Two instances claim the same id, so neither is acted on')
  const [instance] = found
  if (!instance) throw new ConnectorError('not_found', 'The instance is not there any more')
  return { project, instance }
}

const STATUS: Record<string, FoundStatus> = {
  Running: 'running',
  Stopped: 'stopped',
  Frozen: 'paused',
  Ready: 'running',
}

export const statusOf = (instance: Pick<schemas.Instance, 'status'>): FoundStatus =>
  STATUS[instance.status] ?? 'unknown'

const UNITS: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }
const BINARY: Record<string, number> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** Bytes of `64MiB` and the like; undefined for shares (`50%`) and what is no size. */
export function bytesOf(text = ''): number | undefined {
  const [, number, unit] = /^(\d{1,15})([A-Za-z]*)$/.exec(text) ?? []
  const factor = { ...UNITS, ...BINARY, '': 1 }[unit ?? '-']
  return number && factor ? Number(number) * factor : undefined
}

/** Processors of `2` or of a set such as `0-3,6`; undefined without a limit. */
export function coresOf(text = ''): number | undefined {
  if (/^\d{1,4}$/.test(text)) return Number(text) || undefined
  if (!/^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*$/.test(text)) return undefined
  const sizes = text.split(',').map((part) => {
    const [from, to = from] = part.split('-').map(Number)
    return (to ?? 0) - (from ?? 0) + 1
  })
  return sizes.reduce((sum, size) => sum + Math.max(0, size), 0) || undefined
}

/** What others could reach it by: no loopback, and no link-local address, which every interface has. */
function addressesOf({ state }: schemas.Instance): string[] {
  const all = Object.values(state?.network ?? {}).flatMap(({ addresses }) => addresses ?? [])
  const useful = all.filter(({ address, scope }) => isIP(address) && scope !== 'link' && scope !== 'local')
  return [...new Set(useful.map(({ address }) => address))].slice(0, 50)
}

const defined = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''))

function usageOf({ state }: schemas.Instance, now: number): Usage {
  const started = Date.parse(state?.started_at ?? '')
  return defined({
    memoryUsed: state?.memory?.usage,
    memoryTotal: state?.memory?.total || undefined,
    diskUsed: state?.disk?.root?.usage,
    diskTotal: state?.disk?.root?.total || undefined,
    // one that never ran started in the year 1
    uptime: started > 0 ? Math.max(0, Math.round((now - started) / 1000)) : undefined,
  })
}

/** Where its project keeps networks and images: projects without their own use those of `default`. */
export const keeperOf = (project: schemas.Project, feature: 'networks' | 'images') =>
  project.name === 'default' || project.config[`features.${feature}`] === 'true' ? project.name : 'default'

/** An instance as Freehold keeps it. @param now milliseconds */
export function foundInstance(project: schemas.Project, instance: schemas.Instance, now: number): Found {
  const { expanded_config: config, expanded_devices, type, location } = instance
  const devices = Object.values(expanded_devices)
  const networks = devices.flatMap(({ type, network }) => (type === 'nic' && network ? [network] : []))
  const pools = devices.flatMap(({ type, pool }) => (type === 'disk' && pool ? [pool] : []))
  const root = devices.find(({ type, path }) => type === 'disk' && path === '/')
  const image = config['volatile.base_image']
  return {
    kind: 'virtual_machine',
    externalId: instanceId(project.name, instance),
    name: instance.name,
    parent: `project/${project.name}`,
    spec: defined({
      description: instance.description,
      os: [config['image.os'], config['image.release']].filter(Boolean).join(' ').slice(0, 100),
      cores: coresOf(config['limits.cpu']),
      memory: bytesOf(config['limits.memory']),
      disk: bytesOf(root?.size),
      addresses: addressesOf(instance),
    }),
    status: statusOf(instance),
    usage: usageOf(instance, now),
    facts: defined({
      Type: type === 'virtual-machine' ? 'Virtual machine' : 'Container',
      Project: project.name,
      Host: location === 'none' ? '' : location,
      Architecture: instance.architecture,
      Profiles: (instance.profiles ?? []).join(', ').slice(0, 200),
    }) as Record<string, string>,
    links: {
      networks: [...new Set(networks)].map((name) => `network/${keeperOf(project, 'networks')}/${name}`),
      datastores: [...new Set(pools)].map((name) => `pool/${name}`),
      ...(image && { image: [`image/${keeperOf(project, 'images')}/${image}`] }),
    },
  }
}
