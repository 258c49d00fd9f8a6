import { MASTER_TENANT_ID } from '@/lib/master'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId } from '@/test/factories'
import type { World } from '@/test/world'

/** The id of something that `plantCloud` or `plantThing` made. */
export const planted = (name: string): string => idOf(`planted ${name}`)

interface Thing {
  kind?: string
  owner?: TenantKey
  assigned?: TenantKey
  visibility?: 'private' | 'public'
  cloud?: string
}

/** A thing beside the wall; a cloud stands in itself. */
export async function plantThing(world: World, name: string, thing: Thing = {}): Promise<string> {
  const { kind = 'datastore', owner = 'M', assigned = owner, visibility = 'private', cloud } = thing
  await world.admin.query(
    `insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      planted(name),
      kind,
      name,
      tenantId(owner),
      tenantId(assigned),
      visibility,
      kind === 'cloud' ? planted(name) : cloud === undefined ? null : planted(cloud),
    ],
  )
  return planted(name)
}

/** The cloud North with a datastore, a private host that Bolt uses, a public datastore, and a host shared with Bolt. */
export async function plantNorth(world: World, visibility: 'private' | 'public' = 'public'): Promise<void> {
  await plantThing(world, 'North', { kind: 'cloud', visibility })
  await plantThing(world, 'net-1', { cloud: 'North' })
  await plantThing(world, 'bolt-host', { kind: 'host', assigned: 'B', cloud: 'North' })
  await plantThing(world, 'open-net', { visibility: 'public', cloud: 'North' })
  await plantThing(world, 'shared-host', { kind: 'host', cloud: 'North' })
  await world.admin.query(
    `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status) values ($1, 'host', 'shared-host', $2, $3, 'editor', 'live')`,
    [planted('shared-host'), MASTER_TENANT_ID, tenantId('B')],
  )
}

/** Many datastores of the master's in a cloud, at once. */
export const plantMany = (world: World, cloud: string, n: number) =>
  world.admin.query(
    `insert into resource (kind, name, owner_id, assigned_id, visibility, cloud_id)
     select 'datastore', 'many-' || i, $1, $1, case when i % 10 = 0 then 'public' else 'private' end, $2 from generate_series(1, $3::int) i`,
    [MASTER_TENANT_ID, planted(cloud), n],
  )
