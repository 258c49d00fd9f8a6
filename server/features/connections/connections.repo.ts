import type { Tx, WriteTx } from '@/server/db/scope'

export interface ConnectionRecord {
  connector: string
  endpoint: string
  fingerprint: string | null
  ca: string | null
  updatedAt: Date
}

/** How a cloud of the acting tenant's own is reached, without the secret, which nobody reads. */
export async function findConnection(
  tx: Tx,
  tenantId: string,
  cloudId: string,
): Promise<ConnectionRecord | undefined> {
  const [row] = await tx.$queryRaw<ConnectionRecord[]>`
    select n.connector, n.endpoint, n.fingerprint, n.ca, n.updated_at as "updatedAt"
    from cloud_connection n join resource r on r.id = n.cloud_id where n.cloud_id = ${cloudId}::uuid and r.owner_id = ${tenantId}::uuid`
  return row
}

export interface SyncRecord {
  status: 'waiting' | 'running' | 'ok' | 'failed' | 'shrunk'
  everySeconds: number
  paused: boolean
  nextAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  okAt: Date | null
  failures: number
  code: string
  error: string
  seen: number
  added: number
  changed: number
  missing: number
  gone: number
  leftOut: number
  note: string
  listening: boolean
}

/** How the looks go, of clouds that the acting tenant controls or uses. */
export async function findSync(tx: Tx, tenantId: string, cloudId: string): Promise<SyncRecord | undefined> {
  const [row] = await tx.$queryRaw<SyncRecord[]>`
    select s.status, s.every_seconds as "everySeconds", s.paused, s.next_at as "nextAt", s.started_at as "startedAt",
      s.finished_at as "finishedAt", s.ok_at as "okAt", s.failures, s.code, s.error, s.seen, s.added, s.changed, s.missing, s.gone,
      s.left_out as "leftOut", s.activity_note as note, s.watch_run is not null and s.watch_until > now() as listening
    from cloud_sync s join resource r on r.id = s.cloud_id
    where s.cloud_id = ${cloudId}::uuid and (r.owner_id = ${tenantId}::uuid or r.assigned_id = ${tenantId}::uuid)`
  return row
}

export interface ConnectionWrite {
  connector: string
  endpoint: string
  settings: object
  sealed: Uint8Array<ArrayBuffer>
  fingerprint: string | null
  ca: string | null
}

/** Puts a connection in, without RETURNING: its secret cannot be read. */
export async function insertConnection(
  tx: WriteTx,
  cloudId: string,
  userId: string,
  c: ConnectionWrite,
): Promise<void> {
  await tx.$executeRaw`
    insert into cloud_connection (cloud_id, connector, endpoint, settings, sealed_secret, fingerprint, ca, created_by)
    values (${cloudId}::uuid, ${c.connector}, ${c.endpoint}, ${JSON.stringify(c.settings)}::jsonb, ${c.sealed}, ${c.fingerprint}, ${c.ca}, ${userId}::uuid)`
}

export async function updateConnection(tx: WriteTx, cloudId: string, c: ConnectionWrite): Promise<void> {
  await tx.$executeRaw`
    update cloud_connection set endpoint = ${c.endpoint}, settings = ${JSON.stringify(c.settings)}::jsonb, sealed_secret = ${c.sealed},
      fingerprint = ${c.fingerprint}, ca = ${c.ca}, updated_at = now() where cloud_id = ${cloudId}::uuid`
}

/** @returns whether there was one */
export async function deleteConnection(tx: WriteTx, cloudId: string): Promise<boolean> {
  return (await tx.$executeRaw`delete from cloud_connection where cloud_id = ${cloudId}::uuid`) === 1
}

/** The next look, now; also of who only uses the cloud. @returns whether it will be */
export async function lookSoon(tx: WriteTx, cloudId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ soon: boolean }[]>`select wall.sync_soon(${cloudId}::uuid) as soon`
  return row?.soon ?? false
}

/** @returns whether there is a connection */
export async function setSchedule(
  tx: WriteTx,
  cloudId: string,
  everySeconds: number,
  paused: boolean,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    update cloud_sync set every_seconds = ${everySeconds}::int, paused = ${paused},
      next_at = least(next_at, now() + make_interval(secs => ${everySeconds}::int)) where cloud_id = ${cloudId}::uuid`
  return changed === 1
}

/** That the last answer was right although it told of much less. @returns whether there was such an answer */
export async function acceptShrink(tx: WriteTx, cloudId: string): Promise<boolean> {
  const changed = await tx.$executeRaw`
    update cloud_sync set accept_shrink = true, next_at = now() where cloud_id = ${cloudId}::uuid and status = 'shrunk'`
  return changed === 1
}

/** Null: the tenant has no list of its own. */
export async function findEgress(tx: Tx, tenantId: string): Promise<string[] | null> {
  return (
    (await tx.tenantEgress.findFirst({ where: { tenantId }, select: { networks: true } }))?.networks ?? null
  )
}

export async function writeEgress(tx: WriteTx, tenantId: string, networks: readonly string[]): Promise<void> {
  const changed = await tx.$executeRaw`
    update tenant_egress set networks = ${[...networks]}::text[], updated_at = now() where tenant_id = ${tenantId}::uuid`
  if (changed === 0)
    await tx.$executeRaw`insert into tenant_egress (tenant_id, networks) values (${tenantId}::uuid, ${[...networks]}::text[])`
}
