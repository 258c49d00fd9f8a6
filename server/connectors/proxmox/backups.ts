import { z } from 'zod'
import { type Backup, ConnectorError } from '@/server/connectors/contract'
import { ask, type Context, rowsOf, seconds } from '@/server/connectors/proxmox/client'

const storageRow = z.object({
  type: z.literal('storage'),
  node: z.string().min(1).max(100),
  storage: z.string().min(1).max(100),
  status: z.string().optional(),
  content: z.string().max(300).optional(),
  shared: z
    .union([z.literal(0), z.literal(1)])
    .optional()
    .catch(undefined),
})

const backupRow = z.object({
  volid: z.string().min(1).max(250),
  ctime: seconds,
  size: z.number().nonnegative().optional().catch(undefined),
  format: z.string().max(60).optional().catch(undefined),
  vmid: z.int().positive().optional().catch(undefined),
  notes: z.string().max(10_000).optional().catch(undefined),
  protected: z
    .union([z.boolean(), z.literal(0), z.literal(1)])
    .optional()
    .catch(undefined),
  verification: z
    .object({ state: z.string().max(50) })
    .optional()
    .catch(undefined),
})

/** `vzdump-qemu-100-…` in a folder; `backup/vm/100/…` in a Proxmox Backup Server. */
function guestOf({ volid, vmid }: z.output<typeof backupRow>): string | undefined {
  const [, kind] = /vzdump-(qemu|lxc)-|:backup\/(?:vm|ct)\//.exec(volid) ?? []
  const type =
    kind ?? (volid.includes(':backup/vm/') ? 'qemu' : volid.includes(':backup/ct/') ? 'lxc' : undefined)
  return type === undefined || vmid === undefined ? undefined : `${type}/${vmid}`
}

function readBackups(data: unknown, datastore: string, where: string): Backup[] {
  return rowsOf(backupRow, data).map((row) => {
    const guest = guestOf(row)
    const state = row.verification?.state
    return {
      // A folder of each node may hold the very same name.
      externalId: where === '' ? row.volid : `${where}/${row.volid}`,
      ...(guest !== undefined && { guest }),
      datastore,
      takenAt: new Date(row.ctime * 1000).toISOString(),
      ...(row.size !== undefined && { size: row.size }),
      ...(row.format !== undefined && { format: row.format }),
      protected: row.protected === true || row.protected === 1,
      ...(state !== undefined && { verified: state === 'ok' ? ('ok' as const) : ('failed' as const) }),
      ...(row.notes !== undefined && { notes: row.notes }),
    }
  })
}

const LARGE = { large: true } as const

/**
 * Backups in all storages that keep some, one request for each: one shared by all nodes is asked of one of them. Those of a Proxmox Backup
 * Server come by its storage in Proxmox VE.
 * @throws ConnectorError unreachable where a storage cannot be asked: a list that lacks its backups would say that they are gone
 */
export async function listBackups(context: Context): Promise<Backup[]> {
  const rows = rowsOf(storageRow, await ask(context, '/cluster/resources?type=storage', LARGE))
  const keeping = rows.filter(({ content = '' }) => content.split(',').includes('backup'))
  const places = new Map<string, z.output<typeof storageRow>>()
  for (const row of keeping) {
    const id = row.shared === 1 ? `storage/${row.storage}` : `storage/${row.node}/${row.storage}`
    if (!places.has(id) || row.status === 'available') places.set(id, row)
  }
  const found: Backup[] = []
  for (const [id, { node, storage, shared, status }] of places) {
    if (status !== undefined && status !== 'available')
      throw new ConnectorError('server_error', `The data store ${storage} is not available`)
    const path = `/nodes/${encodeURIComponent(node)}/storage/${encodeURIComponent(storage)}/content?content=backup`
    found.push(...readBackups(await ask(context, path, LARGE), id, shared === 1 ? '' : node))
  }
  return found
}
