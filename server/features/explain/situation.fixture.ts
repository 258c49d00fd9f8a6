import { PLAIN_ACCESS, type RoleAccess, type StoredAccess } from '@/lib/access'
import type { Level } from '@/lib/permissions'
import { MASTER_TENANT_ID } from '@/lib/master'
import { kindOf } from '@/lib/resource-kinds/registry'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

export const THING = idOf('explained thing')
export const CLOUD = idOf('explained cloud')
export const GROUP = idOf('explained group')
export const ELSEWHERE = idOf('explained elsewhere')
const CAP = idOf('explained cap')
const ROLE = idOf('explained role')
const GIVEN = idOf('explained role that is given')

interface Grant {
  role: 'viewer' | 'editor' | 'admin'
  status: 'pending' | 'live' | 'suspended'
  ended: boolean
}

/** All that decides what Tom of Acme may do with one thing, in one place: planted as it is, and changed by plain functions. */
export interface Situation {
  licence: 'on' | 'off' | 'none'
  tenant: 'active' | 'disabled'
  user: 'active' | 'disabled'
  mustChange: boolean
  kind: 'host' | 'instance_type'
  owner: 'M' | 'A'
  assigned: 'M' | 'A' | 'B'
  visibility: 'private' | 'public'
  cloud: null | { public: boolean; offered: 'none' | 'read' | 'full'; added: boolean }
  grant: Grant | null
  all: Grant | null
  mine: boolean
  inGroup: boolean
  tagged: boolean
  cap: Level
  role: { level: Level; scope: string; ended: boolean; access: StoredAccess }
  given: Level | null
}

/** Acme's own host, and Tom may do everything. */
export const FINE: Situation = {
  licence: 'on',
  tenant: 'active',
  user: 'active',
  mustChange: false,
  kind: 'host',
  owner: 'A',
  assigned: 'A',
  visibility: 'private',
  cloud: null,
  grant: null,
  all: null,
  mine: false,
  inGroup: false,
  tagged: false,
  cap: 'full',
  role: { level: 'full', scope: '', ended: false, access: {} },
  given: null,
}

const SPECS = { host: {}, instance_type: { cores: 1, memory: 2 ** 20, disk: 2 ** 20 } }
const PAST = new Date(Date.now() - 60_000)

/** Makes the world be in a situation; triggers do not run, so that nothing but what is said here changes. */
export async function plant({ admin }: World, s: Situation): Promise<void> {
  const [acme, tom] = [tenantId('A'), userId('Tom')]
  const of = { M: MASTER_TENANT_ID, A: acme, B: tenantId('B') }
  const permission = kindOf(s.kind)?.permission ?? ''
  const run = (text: string, values: unknown[] = []) => admin.query(text, values)
  await run('begin')
  await run('set local session_replication_role = replica')
  for (const table of [
    'access_grant',
    'access_grant_all',
    'resource_group_member',
    'resource_tag',
    'role_assignment',
    'tenant_cloud',
  ])
    await run(`delete from ${table} where tenant_id = $1`, [acme])
  await run('delete from resource where id = any ($1)', [[THING, CLOUD]])
  await run('delete from resource_group where id = $1', [GROUP])
  await run('delete from user_role where id = any ($1)', [[ROLE, GIVEN]])
  await run('delete from tenant_role_cloud where tenant_role_id = $1', [CAP])
  await run('delete from tenant_role where id = $1', [CAP])
  await run('update installation set multi_tenant_enabled = $1', [s.licence !== 'off'])
  await run(`update licence set capabilities = $1`, [s.licence === 'none' ? [] : ['multi_tenant']])
  await run('insert into tenant_role (id, name, levels, default_cloud_level) values ($1, $2, $3, $4)', [
    CAP,
    'Explained',
    { ...FULL, [permission]: s.cap },
    'none',
  ])
  await run('update tenant set status = $2, tenant_role_id = $3 where id = $1', [acme, s.tenant, CAP])
  await run('update user_account set status = $2 where id = $1', [tom, s.user])
  await run('update user_credential set must_change = $2 where user_id = $1', [tom, s.mustChange])
  await run('update session set revoked_at = null where user_id = $1', [tom])
  await run('insert into resource_group (id, tenant_id, name) values ($1, $2, $3)', [
    GROUP,
    acme,
    'Explained',
  ])
  if (s.cloud) {
    await run(
      `insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id) values ($1, 'cloud', 'explained cloud', $2, $2, $3, $1)`,
      [CLOUD, of.M, s.cloud.public ? 'public' : 'private'],
    )
    await run('insert into tenant_role_cloud (tenant_role_id, cloud_id, level) values ($1, $2, $3)', [
      CAP,
      CLOUD,
      s.cloud.offered,
    ])
    if (s.cloud.added)
      await run('insert into tenant_cloud (tenant_id, cloud_id) values ($1, $2)', [acme, CLOUD])
  }
  await run(
    'insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id, created_by, spec) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [
      THING,
      s.kind,
      'explained',
      of[s.owner],
      of[s.assigned],
      s.visibility,
      s.cloud && CLOUD,
      s.mine ? tom : null,
      SPECS[s.kind],
    ],
  )
  if (s.kind === 'host')
    await run(
      `insert into resource_state (resource_id, status) values ($1, 'online') on conflict do nothing`,
      [THING],
    )
  if (s.grant)
    await run(
      'insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)',
      [
        THING,
        s.kind,
        'explained',
        of[s.owner],
        acme,
        s.grant.role,
        s.grant.status,
        s.grant.ended ? PAST : null,
      ],
    )
  if (s.all)
    await run(
      'insert into access_grant_all (owner_id, tenant_id, kind, role, status, expires_at) values ($1, $2, $3, $4, $5, $6)',
      [of.M, acme, s.kind, s.all.role, s.all.status, s.all.ended ? PAST : null],
    )
  if (s.inGroup)
    await run('insert into resource_group_member (tenant_id, group_id, resource_id) values ($1, $2, $3)', [
      acme,
      GROUP,
      THING,
    ])
  if (s.tagged)
    await run('insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, $3)', [
      acme,
      THING,
      'explained',
    ])
  const role = (id: string, level: Level, access: StoredAccess) =>
    run('insert into user_role (id, tenant_id, name, levels, access) values ($1, $2, $3, $4, $5)', [
      id,
      acme,
      `Explained ${id.slice(0, 4)}`,
      { [permission]: level },
      access,
    ])
  const assign = (id: string, scope: string, ended: boolean) =>
    run(
      'insert into role_assignment (tenant_id, user_id, role_id, scope, expires_at) values ($1, $2, $3, $4, $5)',
      [acme, tom, id, scope, ended ? PAST : null],
    )
  await role(ROLE, s.role.level, s.role.access)
  await assign(ROLE, s.role.scope, s.role.ended)
  if (s.given) {
    await role(GIVEN, s.given, {})
    await assign(GIVEN, '', false)
  }
  await run('commit')
}

const FULL = { hosts: 'full', library: 'full' }

const access = (s: Situation): RoleAccess => ({ ...PLAIN_ACCESS, ...s.role.access })
const role = (s: Situation, change: Partial<Situation['role']>): Situation => ({
  ...s,
  role: { ...s.role, ...change },
})
const roleAccess = (s: Situation, change: StoredAccess): Situation =>
  role(s, { access: { ...s.role.access, ...change } })
const grant = (s: Situation, change: Partial<Grant>): Situation =>
  s.grant ? { ...s, grant: { ...s.grant, ...change } } : s
const all = (s: Situation, change: Partial<Grant>): Situation =>
  s.all ? { ...s, all: { ...s.all, ...change } } : s
const cloud = (s: Situation, change: Partial<NonNullable<Situation['cloud']>>): Situation =>
  s.cloud ? { ...s, cloud: { ...s.cloud, ...change } } : s

/** What somebody does who follows a remedy, by its code. */
export const MENDS: Record<string, (s: Situation, level: Level) => Situation> = {
  'switch-on': (s) => ({ ...s, licence: s.licence === 'off' ? 'on' : s.licence }),
  'buy-licence': (s) => ({ ...s, licence: s.licence === 'none' ? 'on' : s.licence }),
  'enable-tenant': (s) => ({ ...s, tenant: 'active' }),
  'enable-user': (s) => ({ ...s, user: 'active' }),
  'change-password': (s) => ({ ...s, mustChange: false }),
  assign: (s) => (s.owner === 'M' ? { ...s, assigned: 'A', visibility: 'private', grant: null } : s),
  publish: (s) => (s.owner === 'M' && s.assigned === 'M' ? { ...s, visibility: 'public' } : s),
  'publish-cloud': (s) => cloud(s, { public: true }),
  'offer-cloud': (s) => cloud(s, { offered: 'read' }),
  'add-cloud': (s) => cloud(s, { added: true }),
  'accept-share': (s) => status(s, 'grant', 'pending'),
  'resume-share': (s) => status(s, 'grant', 'suspended'),
  'renew-share': (s) => grant(s, { ended: false }),
  'raise-share': (s) => grant(s, { role: 'editor' }),
  'accept-share-all': (s) => status(s, 'all', 'pending'),
  'resume-share-all': (s) => status(s, 'all', 'suspended'),
  'renew-share-all': (s) => all(s, { ended: false }),
  'raise-share-all': (s) => all(s, { role: 'editor' }),
  share: (s) =>
    s.owner === 'M' && s.assigned === 'M'
      ? { ...s, grant: { role: 'editor', status: 'live', ended: false } }
      : s,
  'take-back-and-share': (s) =>
    s.owner === 'M' && s.assigned !== 'M'
      ? { ...s, assigned: 'M', grant: { role: 'editor', status: 'live', ended: false } }
      : s,
  'raise-cap': (s, cap) => ({ ...s, cap }),
  'raise-level': (s, level) => role(s, { level }),
  'give-role': (s, given) => ({ ...s, given }),
  'renew-role': (s) => role(s, { ended: false }),
  'widen-scope': (s) => role(s, { scope: '' }),
  'join-group': (s) => ({ ...s, inGroup: true }),
  'add-tag': (s) => ({ ...s, tagged: true }),
  'cloud-access': (s) => roleAccess(s, { clouds: { default: 'full', entries: {} } }),
  'type-access': (s) => roleAccess(s, { instanceTypes: { default: 'full', entries: {} } }),
  entry: (s) => roleAccess(s, { resources: access(s).resources.map((one) => ({ ...one, access: 'full' })) }),
  'group-access': (s) => roleAccess(s, { groups: { default: 'none', entries: { [GROUP]: 'full' } } }),
  'claim-object': (s) => claimed(s, [], [THING]),
  'claim-action': (s) => claimed(s, EVERY_ACTION, []),
  'claim-both': (s) =>
    access(s).claims.some(({ actions, resources }) => actions.includes('*') || resources.includes('*'))
      ? s
      : claimed(s, EVERY_ACTION, [THING]),
}

const EVERY_ACTION = ['list', 'get', 'update', 'delete', 'action'] as const
const claimed = (s: Situation, actions: typeof EVERY_ACTION | [], resources: string[]): Situation =>
  roleAccess(s, {
    claims: access(s).claims.map((one) => ({
      ...one,
      actions: [...one.actions, ...actions],
      resources: [...one.resources, ...resources],
    })),
  })
const status = (s: Situation, field: 'grant' | 'all', from: Grant['status']): Situation =>
  s[field]?.status === from ? { ...s, [field]: { ...s[field], status: 'live' } } : s
