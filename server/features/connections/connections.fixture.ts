import { vi } from 'vitest'
import { database } from '@/server/db/runtime'
import { systemValue } from '@/server/db/system'
import * as environment from '@/server/platform/env'
import { seal } from '@/server/platform/seal'
import type { TenantKey } from '@/test/actors'
import { tenantId } from '@/test/factories'
import type { ProxmoxEmulator } from '@/test/proxmox/emulator'
import type { World } from '@/test/world'
import { secretPlace } from './secret-place'
import { type Claim, lookInto } from './sync'

/** What the master's clouds may reach on this machine, until the end of the test. */
export function allowLocal(...local: string[]): void {
  const now = environment.env()
  vi.spyOn(environment, 'env').mockReturnValue({ ...now, CONNECTOR_LOCAL: local })
}

/** Plants the connection of a cloud to an emulator, beside the wall. */
export async function plantConnection(
  world: World,
  cloudId: string,
  pve: ProxmoxEmulator,
  { owner = 'M', fingerprint = pve.fingerprint }: { owner?: TenantKey; fingerprint?: string } = {},
): Promise<void> {
  const endpoint = `https://127.0.0.1:${pve.port}`
  const secret = JSON.stringify({ tokenId: pve.tokenId, token: pve.token })
  const sealed = seal(database().key, secretPlace(tenantId(owner), cloudId, endpoint), secret)
  await world.admin.query(
    `insert into cloud_connection (cloud_id, connector, endpoint, sealed_secret, fingerprint) values ($1, 'proxmox', $2, $3, $4)`,
    [cloudId, endpoint, sealed, fingerprint.replaceAll(':', '').toLowerCase()],
  )
}

/** Makes a cloud's time come. */
export const due = (world: World, cloudId: string) =>
  world.admin.query(`update cloud_sync set next_at = now() - interval '1 second' where cloud_id = $1`, [
    cloudId,
  ])

export const claimLook = (): Promise<Claim | null> =>
  systemValue<Claim | null, 'sync_claim'>('sync_claim', [])

/** One look into the cloud, now. @returns how it went */
export async function look(world: World, cloudId: string): Promise<Record<string, unknown>> {
  await due(world, cloudId)
  const claim = await claimLook()
  if (claim?.cloudId !== cloudId) throw new Error(`another cloud was due: ${claim?.name ?? 'none'}`)
  await lookInto(claim)
  return syncOf(world, cloudId)
}

export async function syncOf(world: World, cloudId: string): Promise<Record<string, unknown>> {
  const { rows } = await world.admin.query<Record<string, unknown>>(
    'select * from cloud_sync where cloud_id = $1',
    [cloudId],
  )
  return rows[0] ?? {}
}

export interface Standing {
  id: string
  kind: string
  name: string
  owner_id: string
  assigned_id: string
  parent: string | null
  status: string
  spec: Record<string, unknown>
  external_id: string
  updated_at: Date
}

/** What was found in a cloud, by its id there. */
export async function foundIn(world: World, cloudId: string): Promise<Map<string, Standing>> {
  const { rows } = await world.admin.query<Standing>(
    `select r.id, r.kind, r.name, r.owner_id, r.assigned_id, p.name as parent, s.status, r.spec, i.external_id, r.updated_at
     from cloud_item i join resource r on r.id = i.resource_id join resource_state s on s.resource_id = r.id
     left join resource p on p.id = r.parent_id where i.cloud_id = $1 order by i.external_id`,
    [cloudId],
  )
  return new Map(rows.map((row) => [row.external_id, row]))
}
