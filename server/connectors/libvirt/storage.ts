import path from 'node:path'
import type { Found } from '../contract'
import {
  LIST_POOLS,
  LIST_VOLUMES,
  type Named,
  POOL_INFO,
  POOL_XML,
  type Volume,
  VOLUME_XML,
} from './procedures'
import { whereThere, whereTold } from './refusal'
import type { Session } from './session'
import { shown, slices, told, uuidText, within } from './told'
import { attributeAt, bytesAt, readXml, textAt } from './xml'

const TIB = 2 ** 40
/** Calls under way at once. */
const AT_ONCE = 50

const POOL_TYPES: Readonly<Record<string, string>> = {
  dir: 'directory',
  fs: 'directory',
  netfs: 'nfs',
  logical: 'lvm',
  iscsi: 'iscsi',
  'iscsi-direct': 'iscsi',
  rbd: 'ceph',
  zfs: 'zfs',
}
const IMAGE_FORMATS: Readonly<Record<string, string>> = {
  qcow2: 'qcow2',
  raw: 'raw',
  vmdk: 'vmdk',
  vpc: 'vhd',
  iso: 'iso',
}

interface Disk {
  pool: string
  volume: Volume
  path: string
  format: string
  /** Bytes. */
  capacity?: number
  /** The path of what it is a copy-on-write layer on. */
  backing: string
}

/** What machines lie on: for their disks, by path or by pool and name. */
export interface Storage {
  pools: Found[]
  images: Found[]
  /** The `externalId` of the pool in which a disk lies. */
  poolOf: (place: Place) => string | undefined
  /** The `externalId` of the image that a disk was made from. */
  imageOf: (place: Place) => string | undefined
  /** Bytes that a disk seems to have. */
  capacityOf: (place: Place) => number | undefined
}
export interface Place {
  path?: string
  pool?: string
  volume?: string
}

/** All pools and their volumes; none where the server has no storage driver. @throws ConnectorError */
export async function readStorage(session: Session): Promise<Storage> {
  const list = (await whereTold(session.call(LIST_POOLS))) ?? []
  const pools: Found[] = []
  const disks: Disk[] = []
  const targets = new Map<string, string>()
  for (const pool of list) {
    const read = await whereThere(readPool(session, pool))
    if (!read) continue
    pools.push(read.found)
    if (read.target) targets.set(read.target, read.found.externalId)
    if (read.found.status === 'online') disks.push(...(await readVolumes(session, pool)))
  }
  return storageOf(pools, disks, targets, new Map(list.map(({ name, uuid }) => [name, poolId(uuid)])))
}

const poolId = (uuid: string) => `pool/${uuidText(uuid)}`

const RUNNING = [2, 3]

async function readPool(session: Session, pool: Named): Promise<{ found: Found; target: string }> {
  const [info, xml] = await Promise.all([session.call(POOL_INFO, pool), session.call(POOL_XML, pool)])
  const root = readXml(xml)
  const type = root.getAttribute('type') ?? ''
  const capacity = within(2 ** 20, info.capacity, 4096 * TIB)
  const used = capacity === undefined ? undefined : Math.min(info.allocation, capacity)
  const target = textAt(root, 'target', 'path')
  const found: Found = {
    kind: 'datastore',
    externalId: poolId(pool.uuid),
    name: pool.name,
    parent: 'host',
    spec: told({ type: POOL_TYPES[type] ?? 'other', capacity, used }),
    status: RUNNING.includes(info.state) ? 'online' : 'offline',
    usage: told({ diskUsed: used, diskTotal: capacity }),
    facts: shown({ Type: type, Path: target }),
  }
  return { found, target }
}

async function readVolumes(session: Session, pool: Named): Promise<Disk[]> {
  const volumes = (await whereThere(session.call(LIST_VOLUMES, pool))) ?? []
  const disks: Disk[] = []
  for (const slice of slices(volumes, AT_ONCE)) {
    const read = slice.map(async (volume) => {
      const xml = await whereThere(session.call(VOLUME_XML, volume))
      if (xml === null) return []
      const root = readXml(xml)
      const format = attributeAt('type', root, 'target', 'format')
      return {
        pool: poolId(pool.uuid),
        volume,
        path: textAt(root, 'target', 'path') || volume.key,
        format: format === 'raw' && /\.iso$/i.test(volume.name) ? 'iso' : format,
        capacity: bytesAt(root, 'capacity'),
        backing: textAt(root, 'backingStore', 'path'),
      }
    })
    disks.push(...(await Promise.all(read)).flat())
  }
  return disks
}

function storageOf(
  pools: Found[],
  disks: Disk[],
  targets: ReadonlyMap<string, string>,
  poolIds: ReadonlyMap<string, string>,
): Storage {
  const byPath = new Map(disks.map((disk) => [disk.path, disk]))
  const byName = new Map(disks.map((disk) => [`${disk.volume.pool}/${disk.volume.name}`, disk]))
  const diskAt = ({ path, pool, volume }: Place) =>
    path === undefined ? byName.get(`${pool}/${volume}`) : byPath.get(path)
  // What others are layers on was made to be copied, and so was an ISO. A disk that merely lies there may be somebody's.
  const bases = new Set(disks.flatMap(({ backing }) => byPath.get(backing) ?? []))
  const images = disks.filter((disk) => disk.format === 'iso' || bases.has(disk)).flatMap(imageFrom)
  const ids = new Set(images.map(({ externalId }) => externalId))
  return {
    pools,
    images,
    capacityOf: (place) => diskAt(place)?.capacity,
    poolOf: (place) =>
      diskAt(place)?.pool ??
      targets.get(path.posix.dirname(place.path ?? '')) ??
      poolIds.get(place.pool ?? ''),
    imageOf: (place) => {
      const base = byPath.get(diskAt(place)?.backing ?? '')
      return base && ids.has(imageId(base)) ? imageId(base) : undefined
    },
  }
}

const imageId = ({ pool, volume }: Disk) => `${pool.replace('pool/', 'volume/')}/${volume.name}`

function imageFrom(disk: Disk): Found[] {
  const format = IMAGE_FORMATS[disk.format]
  // The schema knows no others, and ids have 300 characters at most.
  if (format === undefined || imageId(disk).length > 300) return []
  const size = within(2 ** 20, disk.capacity, 4096 * TIB)
  return [
    {
      kind: 'virtual_image',
      externalId: imageId(disk),
      name: disk.volume.name,
      spec: told<unknown>({ os: 'Unknown', format, size }),
      status: 'online',
      facts: shown({ Pool: disk.volume.pool }),
      links: { datastores: [disk.pool] },
    },
  ]
}
