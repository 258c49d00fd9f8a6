import { sightArms, sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { joinSql, nothing, sql } from '@/server/db/sql'
import type { CreationView, Limits } from './creations.schema'

export interface ConnectedCloud {
  id: string
  name: string
  connector: string
}

/** Clouds that the person sees and that are connected, by name. */
export function connectedClouds(tx: Tx, viewer: Viewer, limit: number): Promise<ConnectedCloud[]> {
  const ids = sightArms(viewer).map(
    ({ each, id, from, where, kind }) =>
      sql`select ${id} as id from ${each ? sql`${each}, ` : nothing}${from} where ${where} and ${kind} = 'cloud'`,
  )
  return tx.$queryRaw<ConnectedCloud[]>`
    select * from (
      select r.id, r.name, wall.ctx_cloud_connector(r.id) as connector from (${joinSql(ids, ' union ')}) n
      cross join lateral (select r.* from resource r where r.id = n.id and ${sightSql(viewer, 'cloud')} offset 0) r offset 0) x
    where x.connector is not null order by x.name, x.id limit ${limit}`
}

const MACHINE = 'virtual_machine'
interface FoundChoice {
  id: string
  kind: string
  name: string
  spec: unknown
  template: boolean
}

/** What was found in a cloud and the person sees, of these kinds; of machines only those that are templates. */
export function choicesIn(
  tx: Tx,
  viewer: Viewer,
  cloudId: string,
  kinds: readonly string[],
  limit: number,
): Promise<FoundChoice[]> {
  return tx.$queryRaw<FoundChoice[]>`
    select r.id, r.kind, r.name, r.spec, r.kind = 'virtual_machine' as template from (
      select r.* from resource r where r.cloud_id = ${cloudId}::uuid and r.kind = any (${kinds.filter((kind) => kind !== MACHINE)}) and ${sightSql(viewer)}
      union all
      select r.* from resource_state s cross join lateral (select r.* from resource r where r.id = s.resource_id and ${sightSql(viewer)} offset 0) r
      where s.facts -> 'told' ->> 'Template' = 'Yes' and r.cloud_id = ${cloudId}::uuid and r.kind = ${MACHINE} and ${kinds.includes(MACHINE)}) r
    where exists (select 1 from cloud_item i where i.resource_id = r.id and i.cloud_id = ${cloudId}::uuid and i.missing_since is null)
    order by r.kind, r.name, r.id limit ${limit}`
}

type Record = Omit<CreationView, 'createdAt' | 'finishedAt'> & { createdAt: Date; finishedAt: Date | null }

/** The machines that the tenant asked for last, that this person sees or asked for. */
export function creationsOf(
  tx: Tx,
  viewer: Viewer,
  tenantId: string,
  userId: string,
  limit: number,
): Promise<Record[]> {
  return tx.$queryRaw<Record[]>`
    select c.id, c.name, c.status, c.message, c.created_at as "createdAt", c.finished_at as "finishedAt", r.id as "resourceId"
    from machine_creation c left join lateral (select r.id from resource r where r.id = c.resource_id and ${sightSql(viewer)} offset 0) r on true
    where c.tenant_id = ${tenantId}::uuid and (c.created_by = ${userId}::uuid or r.id is not null)
    order by c.created_at desc, c.id limit ${limit}`
}

/** Whether a machine is being made. */
export async function isBeingMade(tx: Tx, tenantId: string, id: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ open: boolean }[]>`
    select exists (select 1 from machine_creation c where c.tenant_id = ${tenantId}::uuid and c.resource_id = ${id}::uuid
      and c.status in ('queued', 'asking', 'running')) as open`
  return row?.open ?? false
}

interface Asked {
  cores: number
  memory: number
  disk: number
  start: boolean
  source: string
  place: string | null
  datastore: string | null
  network: string | null
}

/** Asks for a new row's machine to be made. @returns the limit in the way, or null */
export async function askFor(
  tx: WriteTx,
  one: { id: string; resourceId: string; asked: Asked; requestId: string; ip: string },
): Promise<keyof Limits | null> {
  const [row] = await tx.$queryRaw<{ hit: keyof Limits | null }[]>`
    select wall.ctx_machine_create(${one.id}::uuid, ${one.resourceId}::uuid, ${JSON.stringify(one.asked)}::jsonb, ${one.requestId}, ${one.ip}) as hit`
  return row?.hit ?? null
}

/** Of one tenant; nulls where there is no limit. */
export async function limitsOf(tx: Tx, tenantId: string): Promise<Limits> {
  const row = await tx.tenantMachineLimit.findFirst({
    where: { tenantId },
    select: { machines: true, cores: true, memory: true, disk: true },
  })
  return {
    machines: row?.machines ?? null,
    cores: row?.cores ?? null,
    memory: row?.memory == null ? null : Number(row.memory),
    disk: row?.disk == null ? null : Number(row.disk),
  }
}

export async function writeLimits(tx: WriteTx, tenantId: string, l: Limits): Promise<void> {
  const changed = await tx.$executeRaw`
    update tenant_machine_limit set machines = ${l.machines}::int, cores = ${l.cores}::int, memory = ${l.memory}::bigint, disk = ${l.disk}::bigint,
      updated_at = now() where tenant_id = ${tenantId}::uuid`
  if (changed === 0)
    await tx.$executeRaw`
      insert into tenant_machine_limit (tenant_id, machines, cores, memory, disk)
      values (${tenantId}::uuid, ${l.machines}::int, ${l.cores}::int, ${l.memory}::bigint, ${l.disk}::bigint)`
}
