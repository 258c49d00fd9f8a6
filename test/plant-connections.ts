import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId } from '@/test/factories'
import type { World } from '@/test/world'

/** A cloud that the tenant has connected, once `plantConnections` has run. */
export const connectedCloud = (tenant: TenantKey): string => idOf(`connected cloud ${tenant}`)
export const connectedName = (tenant: TenantKey): string => `Connected ${tenant}`

/** A stopped machine in it. */
export const foundMachine = (tenant: TenantKey): string => idOf(`found machine ${tenant}`)

/** A template in it. */
export const foundTemplate = (tenant: TenantKey): string => idOf(`found template ${tenant}`)

/** A connected cloud for the master and each of two siblings, with a machine in it that was found; its secret opens nothing. */
export async function plantConnections({ admin }: World): Promise<void> {
  for (const tenant of ['M', 'A', 'B'] as const) {
    const [cloud, vm] = [connectedCloud(tenant), foundMachine(tenant)]
    await admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id)
       values ($1, 'cloud', $3, $4, $4, $1), ($2, 'virtual_machine', $3 || ' vm', $4, $4, $1) on conflict do nothing`,
      [cloud, vm, connectedName(tenant), tenantId(tenant)],
    )
    await admin.query(
      `insert into cloud_connection (cloud_id, connector, endpoint, sealed_secret) values ($1, 'proxmox', 'https://pve.example:8006', 'sealed')
       on conflict do nothing`,
      [cloud],
    )
    await admin.query(
      `insert into cloud_item (resource_id, cloud_id, external_id, hash, state_hash, seen) values ($1, $2, 'qemu/1', '', '', 0) on conflict do nothing`,
      [vm, cloud],
    )
    await admin.query(
      `insert into resource_state (resource_id, status) values ($1, 'stopped') on conflict do nothing`,
      [vm],
    )
    await admin.query(
      `insert into cloud_action (id, tenant_id, resource_id, name, status, created_by) values ($1, $2, $3, 'stop', 'ok', $4) on conflict do nothing`,
      [idOf(`cloud action ${tenant}`), tenantId(tenant), vm, tenantId(tenant)],
    )
    await admin.query(
      `insert into machine_console (id, tenant_id, resource_id, session_id, ticket_hash, created_by, ended_at)
       values ($1, $2, $3, $4, sha256($5::text::bytea), $4, now()) on conflict do nothing`,
      [idOf(`machine console ${tenant}`), tenantId(tenant), vm, tenantId(tenant), `ticket of ${tenant}`],
    )
    await admin.query(
      `insert into cloud_activity (cloud_id, resource_id, owner_id, assigned_id, kind, external_id, title, status, started_at)
       select $1, $2, $3, $3, 'task', 'UPID:' || n, $4, 'ok', timestamptz '2026-11-30T00:00:00Z' - n * interval '1 hour' from generate_series(1, 2) n
       on conflict do nothing`,
      [cloud, vm, tenantId(tenant), `Task in ${connectedName(tenant)}`],
    )
    await admin.query(
      `insert into cloud_backup (cloud_id, resource_id, owner_id, assigned_id, external_id, guest, taken_at, notes)
       select $1, $2, $3, $3, 'backup/' || n, 'qemu/1', timestamptz '2026-11-30T00:00:00Z' - n * interval '1 hour', $4 from generate_series(1, 2) n
       on conflict do nothing`,
      [cloud, vm, tenantId(tenant), `Backup in ${connectedName(tenant)}`],
    )
    await admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id) values ($1, 'virtual_machine', $2, $3, $3, $4) on conflict do nothing`,
      [foundTemplate(tenant), `${connectedName(tenant)} template`, tenantId(tenant), cloud],
    )
    await admin.query(
      `insert into cloud_item (resource_id, cloud_id, external_id, hash, state_hash, seen) values ($1, $2, 'qemu/9', '', '', 0) on conflict do nothing`,
      [foundTemplate(tenant), cloud],
    )
    await admin.query(
      `insert into resource_state (resource_id, status, facts) values ($1, 'stopped', '{"told":{"Template":"Yes"}}') on conflict do nothing`,
      [foundTemplate(tenant)],
    )
    await admin.query(
      `insert into machine_creation (id, tenant_id, cloud_id, resource_id, name, spec, status, created_by) values ($1, $2, $3, $4, 'made', '{}', 'ok', $2)
       on conflict do nothing`,
      [idOf(`machine creation ${tenant}`), tenantId(tenant), cloud, vm],
    )
    await admin.query(
      `insert into usage_day (tenant_id, day, hosts, users, machines) values ($1, '2026-11-02', 3, 2, 1) on conflict do nothing`,
      [tenantId(tenant)],
    )
    await admin.query(
      `insert into tenant_machine_limit (tenant_id, cores) values ($1, 64) on conflict do nothing`,
      [tenantId(tenant)],
    )
    await admin.query(
      `insert into tenant_egress (tenant_id, networks) values ($1, '{10.1.0.0/16}') on conflict do nothing`,
      [tenantId(tenant)],
    )
  }
}
