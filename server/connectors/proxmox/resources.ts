import { z } from 'zod'
import type { Found, FoundStatus, Usage } from '@/server/connectors/contract'
import { rowsOf } from '@/server/connectors/proxmox/client'

const figure = z.number().finite().nonnegative().optional().catch(undefined)
const word = z.string().max(1000).optional().catch(undefined)

/** A row of /cluster/resources: of all but its type and id anything may be missing (an offline node's guests have no more). */
const row = z.object({
  type: z.string(),
  id: z.string().min(1).max(250),
  node: word,
  name: word,
  status: word,
  pool: word,
  storage: word,
  network: word,
  sdn: word,
  tags: word,
  lock: word,
  hastate: word,
  plugintype: word,
  content: word,
  vmid: z.int().positive().optional().catch(undefined),
  template: z
    .union([z.literal(0), z.literal(1)])
    .optional()
    .catch(undefined),
  shared: z
    .union([z.literal(0), z.literal(1)])
    .optional()
    .catch(undefined),
  cpu: figure,
  maxcpu: figure,
  mem: figure,
  maxmem: figure,
  disk: figure,
  maxdisk: figure,
  uptime: figure,
})
type Row = z.output<typeof row>

const STATUS: Readonly<Record<string, FoundStatus>> = {
  running: 'running',
  stopped: 'stopped',
  paused: 'paused',
  suspended: 'paused',
  prelaunch: 'paused',
  online: 'online',
  offline: 'offline',
  available: 'online',
  ok: 'online',
}
const statusOf = ({ status = '' }: Row): FoundStatus =>
  (Object.hasOwn(STATUS, status) && STATUS[status]) || 'unknown'

const usageOf = (r: Row): Usage => ({
  cpu: r.cpu,
  memoryUsed: r.mem,
  memoryTotal: r.maxmem,
  diskUsed: r.disk,
  diskTotal: r.maxdisk,
  uptime: r.uptime,
})

/** Without what is not told. */
function told<T>(values: Record<string, T | undefined | ''>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  ) as Record<string, T>
}

const nodeId = (node: string | undefined) => (node === undefined ? undefined : `node/${node}`)
/** `/pool/x` in lists, `x` elsewhere. */
const poolId = (pool: string | undefined) => (pool === undefined || pool === '' ? undefined : `pool/${pool}`)

function guest(r: Row): Found[] {
  if (r.vmid === undefined || r.id !== `${r.type}/${r.vmid}`) return []
  const isContainer = r.type === 'lxc'
  return [
    {
      kind: 'virtual_machine',
      externalId: r.id,
      name: r.name ?? `${isContainer ? 'CT' : 'VM'} ${r.vmid}`,
      parent: poolId(r.pool) ?? nodeId(r.node),
      spec: told({ cores: r.maxcpu, memory: r.maxmem, disk: r.maxdisk }),
      status: statusOf(r),
      usage: usageOf(r),
      facts: told({
        Type: isContainer ? 'Container' : 'Virtual machine',
        Number: String(r.vmid),
        Node: r.node,
        Pool: r.pool,
        Tags: r.tags?.split(/[;,]/).filter(Boolean).join(', '),
        Lock: r.lock,
        'High availability': r.hastate,
        Template: r.template === 1 ? 'Yes' : undefined,
      }),
    },
  ]
}

function storage(r: Row): Found[] {
  if (r.storage === undefined || r.node === undefined) return []
  const shared = r.shared === 1
  return [
    {
      kind: 'datastore',
      // One shared by all nodes is listed by each of them, and is one.
      externalId: shared ? `storage/${r.storage}` : `storage/${r.node}/${r.storage}`,
      name: shared ? r.storage : `${r.storage} (${r.node})`,
      parent: shared ? undefined : nodeId(r.node),
      spec: {},
      status: statusOf(r),
      usage: { diskUsed: r.disk, diskTotal: r.maxdisk },
      facts: told({
        Type: r.plugintype,
        Content: r.content?.split(',').sort().join(', '),
        Node: shared ? undefined : r.node,
      }),
    },
  ]
}

/** Zones of the software-defined network: `network` since version 9, `sdn` before. */
function network(r: Row): Found[] {
  const name = r.network ?? r.sdn
  if (name === undefined) return []
  return [{ kind: 'network', externalId: `network/${name}`, name, spec: {}, status: statusOf(r), facts: {} }]
}

const READERS: Readonly<Record<string, (r: Row) => Found[]>> = {
  node: (r) => {
    if (r.node === undefined) return []
    const facts = told({ Cores: r.maxcpu === undefined ? undefined : String(r.maxcpu) })
    return [
      {
        kind: 'host',
        externalId: `node/${r.node}`,
        name: r.node,
        spec: {},
        status: statusOf(r),
        usage: usageOf(r),
        facts,
      },
    ]
  },
  pool: (r) => {
    const id = poolId(r.pool)
    return id === undefined || r.pool === undefined
      ? []
      : [{ kind: 'resource_pool', externalId: id, name: r.pool, spec: {}, status: 'online' }]
  },
  storage,
  network,
  sdn: network,
  qemu: guest,
  lxc: guest,
}
/** What others stand in comes first. */
const ORDER = ['node', 'pool', 'storage', 'network', 'sdn', 'qemu', 'lxc']

/**
 * Reads an answer of /cluster/resources, one thing after the other: of 100,000 guests only the answer itself is held. Rows that are not
 * as they should be are left out, and so is a second one of an id, but for a shared storage, which every node lists. What stands in
 * something that is not listed stands in nothing.
 * @throws ConnectorError bad_answer where it is no list
 */
export function* readResources(data: unknown): Generator<Found> {
  const rows = new Map<string, Row[]>(ORDER.map((type) => [type, []]))
  for (const r of rowsOf(row, data)) rows.get(r.type)?.push(r)
  const seen = new Set<string>()
  for (const type of ORDER)
    for (const r of rows.get(type) ?? [])
      for (const one of READERS[type]?.(r) ?? []) {
        if (seen.has(one.externalId)) continue
        seen.add(one.externalId)
        yield one.parent === undefined || seen.has(one.parent) ? one : { ...one, parent: undefined }
      }
}
