import { createHash } from 'node:crypto'
import type pg from 'pg'
import { MASTER_TENANT_ID } from '@/lib/master'
import { countHosts } from '@/prisma/seed/count-hosts'

const CUSTOMER = '00000000-0000-4000-8000-000000000101'
const CHUNK = 50_000
/** Rows of one pattern; each step of it is 0.05 % of all. */
const PATTERN = 2000
const SMALL = 10
/** Grants of the tenant with many of them, where there are as many things of the master's to grant. */
const MANY = 10_000
/** Below this number 22.5 % of all stand in the big public cloud: 100,000 at the end. */
const BIG_BELOW = 445_000

const sha256 = (text: string) => createHash('sha256').update(text).digest()
const idOf = (what: string) => {
  const hex = sha256(what).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
const slugOf = (n: number) => `b-${String(n).padStart(5, '0')}`
const tenantOf = (n: number) => idOf(`access tenant ${n}`)

/**
 * Who is measured: in which tenant, with which levels and scope. `typical` sees 1 %; `group`, `scoped` and `own` are people of the same tenant whose
 * roles reach less: what is in two groups, what stands in a cloud, what they made.
 */
export const ACCESS_VIEWERS = {
  typical: { tenant: 1 },
  small: { tenant: 2 },
  empty: { tenant: 3 },
  'many grants': { tenant: 4 },
  'big cloud': { tenant: 5 },
  group: { tenant: 1, level: 'group' },
  scoped: { tenant: 1, scoped: true },
  own: { tenant: 1, level: 'user' },
  master: { tenant: 0 },
} as const satisfies Record<string, { tenant: number; level?: string; scoped?: true }>
export type AccessViewer = keyof typeof ACCESS_VIEWERS

export const slugOfViewer = (viewer: AccessViewer): string | null => {
  const { tenant } = ACCESS_VIEWERS[viewer]
  return tenant === 0 ? null : slugOf(tenant)
}
/** Token of the session of a viewer's person; only ever in a database that a benchmark made for itself. */
export const accessToken = (viewer: AccessViewer): string => sha256(`access ${viewer}`).toString('base64url')
export const CLOUDS = {
  added: idOf('access cloud a'),
  other: idOf('access cloud b'),
  big: idOf('access cloud big'),
}
const OF_KINDS = [
  'clouds',
  'hosts',
  'virtualMachines',
  'networks',
  'storage',
  'library',
  'profiles',
  'packages',
]

/** Triggers and foreign keys sleep: the rows are right by construction. Superuser only. */
async function planting(admin: pg.Client, work: () => Promise<void>): Promise<void> {
  await admin.query('set session_replication_role = replica')
  try {
    await work()
    await countHosts(admin)
  } finally {
    await admin.query('set session_replication_role = origin')
  }
}

/** Makes an empty, migrated database one with so many subtenants, three public clouds and a person for each viewer. */
export async function seedAccess(admin: pg.Client, tenants: number): Promise<void> {
  const code = sha256('code')
  const first = { username: 'first', email: 'first@bench.example', firstName: 'First', lastName: 'Admin' }
  await admin.query('select wall.setup_code($1)', [code])
  await admin.query('select wall.setup_finish($1, $2, $3, $4, 30, 1000)', [code, 'Bench MSP', first, 'none'])
  await admin.query('update installation set multi_tenant_enabled = true')
  await admin.query(`update licence set host_limit = null, expires_at = now() + interval '10 years'`)
  await planting(admin, async () => {
    const numbers = Array.from({ length: tenants }, (_, i) => i + 1)
    await admin.query(
      `insert into tenant (id, slug, name, tenant_role_id) select u.id, u.slug, 'Tenant ' || u.slug, $3 from unnest($1::uuid[], $2::text[]) u(id, slug)`,
      [numbers.map(tenantOf), numbers.map(slugOf), CUSTOMER],
    )
    await admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id) select c, 'cloud', 'cloud ' || c, $1, $1, 'public', c from unnest($2::uuid[]) c`,
      [MASTER_TENANT_ID, Object.values(CLOUDS)],
    )
    await admin.query(
      `insert into tenant_role_cloud (tenant_role_id, cloud_id, level) select $1, c, 'read' from unnest($2::uuid[]) c`,
      [CUSTOMER, Object.values(CLOUDS)],
    )
    await admin.query('insert into tenant_cloud (tenant_id, cloud_id) values ($1, $2), ($3, $4)', [
      tenantOf(1),
      CLOUDS.added,
      tenantOf(5),
      CLOUDS.big,
    ])
    await admin.query(
      `insert into resource (kind, name, owner_id, assigned_id) select 'host', 'small-' || n, $1, $1 from generate_series(1, $2::int) n`,
      [tenantOf(2), SMALL],
    )
    for (const viewer of Object.keys(ACCESS_VIEWERS) as AccessViewer[]) await seedViewer(admin, viewer)
  })
  await admin.query('vacuum analyze')
}

async function seedViewer(admin: pg.Client, viewer: AccessViewer): Promise<void> {
  const one: { tenant: number; level?: string; scoped?: true } = ACCESS_VIEWERS[viewer]
  const [tenant, user] = [
    one.tenant === 0 ? MASTER_TENANT_ID : tenantOf(one.tenant),
    idOf(`access user ${viewer}`),
  ]
  await admin.query(
    'insert into user_account (id, home_tenant_id, username, email) values ($1, $2, $3, $4)',
    [user, tenant, viewer.replace(' ', '-'), 'x@bench.example'],
  )
  await admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [tenant, user])
  await admin.query(
    `insert into session (tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at)
     values ($1, $2, $3, now() + interval '12 hours', now() + interval '12 hours')`,
    [tenant, user, sha256(accessToken(viewer))],
  )
  const builtIn = one.tenant === 0 ? 'super_admin' : 'owner'
  const role = idOf(`access role ${viewer}`)
  if (one.level || one.scoped) {
    const groups = [1, 2].map((n) => idOf(`access group ${n}`))
    const levels = Object.fromEntries(OF_KINDS.map((name) => [name, one.level ?? 'full']))
    const access =
      one.level === 'group'
        ? { groups: { default: 'none', entries: Object.fromEntries(groups.map((id) => [id, 'full'])) } }
        : {}
    await admin.query(
      'insert into user_role (id, tenant_id, name, levels, access) values ($1, $2, $3, $4, $5)',
      [role, tenant, `bench ${viewer}`, levels, access],
    )
    if (one.level === 'group')
      await admin.query(
        'insert into resource_group (id, tenant_id, name) select id, $2, id::text from unnest($1::uuid[]) id',
        [groups, tenant],
      )
  }
  await admin.query(
    `insert into role_assignment (tenant_id, user_id, role_id, scope) select $1, $2, id, $5 from user_role where built_in = $3 or id = $4 order by id = $4 desc limit 1`,
    [tenant, user, builtIn, role, one.scoped ? `cloud:${CLOUDS.added}` : ''],
  )
}

// What of each 2,000 rows a resource is, by i % 2000. Odd: the master's; even: a subtenant's own. The typical tenant sees 1 %:
// 0.4 % own, 0.4 % assigned, 0.05 % public, 0.1 % in the cloud it added, 0.05 % by grants. Of what would stay the
// master's alone, three of four stand in the big public cloud.
const PLACE = `
  case when m % 2 = 1 then $3::uuid when m between 2 and 16 then $4::uuid else o.id end as owner_id,
  case when m % 2 = 1 and m between 11 and 25 or m % 2 = 0 and m between 2 and 16 then $4::uuid
       when m % 2 = 0 or m between 27 and 799 then o.id else $3::uuid end as assigned_id,
  case when m in (1, 3, 5, 7, 9) or big then 'public' else 'private' end as visibility,
  case when m in (3, 5) then $5::uuid when m in (7, 9) then $6::uuid when big then $7::uuid end as cloud_id`
const KIND = `(array['host', 'host', 'host', 'host', 'virtual_machine', 'virtual_machine', 'virtual_machine', 'network', 'datastore', 'virtual_image'])[1 + i / 2 % 10]`

/** Adds resources of mixed kinds until there are `to`, spread by the pattern above; then ANALYZE. @param from how many there are already */
export async function seedResources(
  admin: pg.Client,
  from: number,
  to: number,
  tenants: number,
): Promise<void> {
  const others = Math.max(1, tenants - 5)
  await planting(admin, async () => {
    for (let start = from; start < to; start += CHUNK) {
      const end = Math.min(to, start + CHUNK)
      await admin.query(
        `with planted as (
           insert into resource (kind, name, owner_id, assigned_id, visibility, cloud_id)
           select ${KIND}, substr(md5(i::text), 1, 6) || '-' || i, ${PLACE}
           from (select i, i % ${PATTERN} as m, i % 2 = 1 and i % ${PATTERN} > 801 and i % 8 <> 1 and i < ${BIG_BELOW} as big,
             (i / ${PATTERN} * 31 + i % ${PATTERN}) % ${others} as n from generate_series($1::int, $2::int) i) g
           join (select id, row_number() over (order by slug) - 1 as n from tenant where slug > $8 and slug like 'b-%') o on o.n = g.n
           returning id)
         insert into resource_state (resource_id, status, last_seen_at, facts) select id, 'online', now(), '{}' from planted`,
        [start, end - 1, MASTER_TENANT_ID, tenantOf(1), CLOUDS.added, CLOUDS.other, CLOUDS.big, slugOf(5)],
      )
    }
    await admin.query(
      `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role)
       select r.id, r.kind, r.name, r.owner_id, case when n <= $4 then $2::uuid else $3::uuid end, 'viewer'
       from (select r.*, row_number() over (order by r.id) as n from resource r
         where r.owner_id = $1 and r.assigned_id = r.owner_id and r.kind <> 'cloud' and r.visibility = 'private' order by r.id limit $4 + ${MANY}) r
       on conflict do nothing`,
      [MASTER_TENANT_ID, tenantOf(1), tenantOf(4), Math.floor(to / PATTERN)],
    )
    await admin.query(
      `insert into resource_group_member (tenant_id, group_id, resource_id)
       select r.assigned_id, case when n % 20 = 0 then $2::uuid else $3::uuid end, r.id
       from (select r.*, row_number() over (order by r.id) as n from resource r where r.assigned_id = $1) r where n % 20 < 2 on conflict do nothing`,
      [tenantOf(1), idOf('access group 1'), idOf('access group 2')],
    )
    await admin.query(
      `update resource set created_by = $2 where assigned_id = $1 and get_byte(uuid_send(id), 3) < 12`,
      [tenantOf(1), idOf('access user own')],
    )
  })
  await admin.query('vacuum analyze resource, resource_state, access_grant, resource_group_member')
}
