import { MASTER_TENANT_ID } from '@/lib/master'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

// Further calls that send statements which the one valid call of a procedure does not (inputs.ts).

/** One more call of a procedure. */
export interface MoreCall {
  name: string
  by: PersonName
  input: unknown
  /** Plants beside the wall what the call needs. */
  before?: (world: World) => Promise<unknown>
}

const plant = (kind: string, more: Record<string, unknown> = {}) => ({
  id: idOf(`more ${kind}`),
  before: ({ admin }: World) =>
    admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, spec, cloud_id) values ($1, $2, $2, $3, $3, $4, $5)`,
      [idOf(`more ${kind}`), kind, more.owner ?? tenantId('A'), more.spec ?? {}, more.cloud ?? null],
    ),
})
const pool = plant('resource_pool')
const blueprint = plant('blueprint')
const instanceType = plant('instance_type', { spec: { cores: 1, memory: 2 ** 20, disk: 2 ** 20 } })
/** A cloud of the master's in which Bolt has a thing assigned, which goes elsewhere with the cloud. */
const cloud = resourceId('second public cloud')
const inCloud = plant('network', { owner: MASTER_TENANT_ID, cloud })
const withBystander = async (world: World) => {
  await inCloud.before(world)
  await world.admin.query('update resource set assigned_id = $2 where id = $1', [inCloud.id, tenantId('B')])
}
const host = { kind: 'host' }
const web = resourceId('A web')
const asked = (verb: string) => ({ id: resourceId('public in cloud'), verb })

export const MORE: readonly MoreCall[] = [
  { name: 'audit.list', by: 'Ada', input: { search: 'web', limit: 20 } },
  {
    name: 'streams.activity',
    by: 'Tom',
    input: { cloudId: cloud, resourceId: web, status: ['ok'], search: 'x', kind: 'event' },
  },
  {
    name: 'streams.backups',
    by: 'Tom',
    input: { cloudId: cloud, resourceId: web, state: ['gone'], search: 'x' },
  },
  { name: 'clouds.overview', by: 'Mara', input: { id: cloud } },
  { name: 'explain.own', by: 'Ada', input: asked('edit') },
  { name: 'explain.own', by: 'Tom', input: { id: web, verb: 'edit' } },
  { name: 'explain.person', by: 'Ada', input: { ...asked('edit'), userId: userId('Tom') } },
  {
    name: 'explain.asProvider',
    by: 'Mara',
    input: { ...asked('edit'), userId: userId('Tom'), tenantId: tenantId('A') },
  },
  {
    name: 'grants.setTenants',
    by: 'Mara',
    input: { kind: 'host', resourceId: resourceId('granted A'), tenantIds: [tenantId('B')] },
  },
  { name: 'hosts.list', by: 'Ada', input: { status: ['online'], sort: 'lastSeen' } },
  {
    name: 'resources.insight',
    by: 'Ada',
    input: { kind: 'resource_pool', id: pool.id },
    before: pool.before,
  },
  {
    name: 'resources.insight',
    by: 'Ada',
    input: { kind: 'blueprint', id: blueprint.id },
    before: blueprint.before,
  },
  {
    name: 'resources.insight',
    by: 'Ada',
    input: { kind: 'instance_type', id: instanceType.id },
    before: instanceType.before,
  },
  {
    name: 'resources.list',
    by: 'Ada',
    input: { ...host, search: 'web', cloudId: resourceId('public cloud'), sort: 'created', desc: true },
  },
  { name: 'resources.list', by: 'Ada', input: { ...host, groupId: idOf('group A 1') } },
  { name: 'resources.list', by: 'Ada', input: { ...host, tag: 'prod' } },
  { name: 'resources.list', by: 'Mara', input: { ...host, tenantId: tenantId('A') } },
  {
    name: 'resources.assign',
    by: 'Mara',
    input: { kind: 'cloud', ids: [cloud], tenantId: tenantId('A') },
    before: withBystander,
  },
  {
    name: 'resources.create',
    by: 'Mara',
    input: {
      kind: 'bare_metal',
      name: 'new-server',
      access: { visibility: 'public', tenantId: MASTER_TENANT_ID },
    },
  },
  {
    name: 'resources.create',
    by: 'Mara',
    input: {
      kind: 'bare_metal',
      name: 'new-server',
      access: { visibility: 'private', tenantId: tenantId('A') },
    },
  },
  {
    name: 'resources.setVisibility',
    by: 'Mara',
    input: { ...host, ids: [resourceId('public')], visibility: 'private' },
  },
  { name: 'roles.choices', by: 'Ada', input: { what: 'tag' } },
  { name: 'rolesIn.choices', by: 'Mara', input: { what: 'tag', tenantId: tenantId('A') } },
  { name: 'tags.set', by: 'Eve', input: { ...host, id: web, tags: ['blue'] } },
  {
    name: 'users.endSessions',
    by: 'Ada',
    input: { id: userId('Bo') },
    before: ({ admin }) =>
      admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [
        tenantId('A'),
        userId('Bo'),
      ]),
  },
]

/** Calls by Nora, who holds what concerns resources in one place only. */
export const IN_PLACES: readonly Omit<MoreCall, 'by'>[] = [
  { name: 'account.rightsOf', input: { id: userId('Tom') } },
  { name: 'explain.person', input: { id: web, userId: userId('Tom') } },
  { name: 'grants.outgoing', input: {} },
  { name: 'grants.incoming', input: {} },
  { name: 'groups.list', input: {} },
  { name: 'roles.get', input: { id: idOf('role A 1') } },
  { name: 'roles.choices', input: { what: 'group' } },
  { name: 'users.get', input: { id: userId('Tom') } },
  { name: 'explain.own', input: { id: web } },
  {
    name: 'groups.setMembers',
    input: { id: idOf('group A 1'), add: [resourceId('A secret')], remove: [web] },
  },
  { name: 'groups.get', input: { id: idOf('group A 1') } },
  { name: 'hosts.list', input: {} },
  { name: 'hosts.get', input: { id: web } },
  { name: 'hosts.metrics', input: { id: web, range: 'week' } },
  { name: 'hosts.inventory', input: { id: web } },
  { name: 'hosts.rename', input: { id: web, name: 'renamed' } },
  { name: 'hosts.remove', input: { id: web } },
  { name: 'resources.list', input: host },
  { name: 'resources.get', input: { ...host, id: web } },
  { name: 'resources.filters', input: host },
  { name: 'resources.insight', input: { ...host, id: web } },
  { name: 'resources.options', input: { ...host, field: 'profiles' } },
  { name: 'resources.remove', input: { ...host, id: web } },
  { name: 'resources.search', input: { search: 'web' } },
  { name: 'tags.list', input: {} },
  { name: 'tags.set', input: { ...host, id: web, tags: ['blue'] } },
  { name: 'boot.address', input: { id: resourceId('A boot') } },
  { name: 'clouds.overview', input: { id: resourceId('public cloud') } },
]
