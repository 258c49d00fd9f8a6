import { createHash } from 'node:crypto'
import type pg from 'pg'
import { MASTER_SLUG, MASTER_TENANT_ID } from '@/lib/master'
import { countHosts } from '@/prisma/seed/count-hosts'

/** Subtenants beside the master. */
const TENANTS = 1000
const SMALL_TENANT_HOSTS = 10
const CHUNK = 50_000
/** Rows of one pattern; each step of it is 0.05 % of all hosts. */
const PATTERN = 2000

/** The tenants that are measured; each has one signed-in person, the master's with all rights. */
export const VIEWERS = {
  typical: slugOf(1),
  small: slugOf(2),
  empty: slugOf(3),
  master: MASTER_SLUG,
} as const
export type ViewerName = keyof typeof VIEWERS

function slugOf(n: number): string {
  return `bench-${String(n).padStart(4, '0')}`
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
/** An id that is the same in every run. */
const idOf = (what: string) => {
  const hex = sha256(what).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const tenantIdOf = (viewer: ViewerName) =>
  viewer === 'master' ? MASTER_TENANT_ID : idOf(`tenant ${VIEWERS[viewer]}`)

/** Token of the session of a viewer's person; only ever in a database that a benchmark made for itself. */
export const sessionTokenOf = (viewer: ViewerName): string =>
  sha256(`session ${viewer}`).toString('base64url')

/** Credential of the n-th agent, and the machine it stands for. */
export const agentTokenOf = (n: number): string => `fha_${sha256(`agent ${n}`).toString('base64url')}`
export const machineIdOf = (n: number): string => sha256(`machine ${n}`).toString('hex')

const CLOUDS = [idOf('cloud a'), idOf('cloud b')] as const

/** Triggers and foreign keys sleep: a million notices help nobody, and the rows are right by construction. Superuser only. */
async function planting(admin: pg.Client, work: () => Promise<void>): Promise<void> {
  await admin.query('set session_replication_role = replica')
  try {
    await work()
    await countHosts(admin)
  } finally {
    await admin.query('set session_replication_role = origin')
  }
}

/**
 * Makes an empty, migrated database one with 1,000 subtenants: set-up done, multi-tenancy on, two public clouds of which the
 * typical tenant has added one, a person with a session in each measured tenant, and the small tenant's hosts.
 * @param admin a superuser's connection
 */
export async function seedTenants(admin: pg.Client): Promise<void> {
  const code = sha256('code')
  const first = { username: 'first', email: 'first@bench.example', firstName: 'First', lastName: 'Admin' }
  await admin.query('select wall.setup_code($1)', [code])
  await admin.query('select wall.setup_finish($1, $2, $3, $4, 30, 1000)', [code, 'Bench MSP', first, 'none'])
  await admin.query('update installation set multi_tenant_enabled = true')
  await admin.query(`update licence set host_limit = null, expires_at = now() + interval '10 years'`)
  await planting(admin, async () => {
    const slugs = Array.from({ length: TENANTS }, (_, i) => slugOf(i + 1))
    await admin.query(
      `insert into tenant (id, slug, name, tenant_role_id)
       select u.id, u.slug, 'Tenant ' || u.slug, '00000000-0000-4000-8000-000000000101' from unnest($1::uuid[], $2::text[]) u(id, slug)`,
      [slugs.map((slug) => idOf(`tenant ${slug}`)), slugs],
    )
    await seedClouds(admin)
    for (const viewer of Object.keys(VIEWERS) as ViewerName[]) await seedPerson(admin, viewer)
    await admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id)
       select gen_random_uuid(), 'host', 'small-' || n, $1, $1 from generate_series(1, $2::int) n`,
      [tenantIdOf('small'), SMALL_TENANT_HOSTS],
    )
  })
}

async function seedClouds(admin: pg.Client): Promise<void> {
  await admin.query(
    `insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id)
     select c, 'cloud', 'cloud ' || c, $1, $1, 'public', c from unnest($2::uuid[]) c`,
    [MASTER_TENANT_ID, CLOUDS],
  )
  await admin.query(
    `insert into tenant_role_cloud (tenant_role_id, cloud_id, level)
     select '00000000-0000-4000-8000-000000000101', c, 'read' from unnest($1::uuid[]) c`,
    [CLOUDS],
  )
  await admin.query('insert into tenant_cloud (tenant_id, cloud_id) values ($1, $2)', [
    tenantIdOf('typical'),
    CLOUDS[0],
  ])
}

async function seedPerson(admin: pg.Client, viewer: ViewerName): Promise<void> {
  const [tenant, user] = [tenantIdOf(viewer), idOf(`user ${viewer}`)]
  await admin.query(
    'insert into user_account (id, home_tenant_id, username, email) values ($1, $2, $3, $4)',
    [user, tenant, `bench-${viewer}`, `${viewer}@bench.example`],
  )
  await admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [tenant, user])
  await admin.query(
    `insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = $3`,
    [tenant, user, viewer === 'master' ? 'super_admin' : 'owner'],
  )
  await admin.query(
    `insert into session (tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at)
     values ($1, $2, $3, now() + interval '12 hours', now() + interval '12 hours')`,
    [tenant, user, sha256(sessionTokenOf(viewer))],
  )
}

// What of each 2,000 rows a host is, by i % 2000. Odd: the master's; even: a subtenant's own. The typical tenant sees 1 %:
// 0.4 % own, 0.4 % assigned, 0.05 % public, 0.1 % in the cloud it added, 0.05 % by grants.
const PLACE = `
  case when m % 2 = 1 then $3::uuid when m between 2 and 16 then $4::uuid else o.id end as owner_id,
  case when m % 2 = 1 and m between 11 and 25 or m % 2 = 0 and m between 2 and 16 then $4::uuid
       when m % 2 = 0 or m between 27 and 799 then o.id else $3::uuid end as assigned_id,
  case when m in (1, 3, 5, 7, 9) then 'public' else 'private' end as visibility,
  case when m in (3, 5) then $5::uuid when m in (7, 9) then $6::uuid end as cloud_id`

const FACTS = `jsonb_build_object('agent_version', '1.0.0', 'machine_id', encode(sha256(id::text::bytea), 'hex'), 'hostname', name,
  'os', jsonb_build_object('id', 'debian', 'version', '13', 'name', 'Debian GNU/Linux 13 (trixie)'), 'kernel', '6.12.48', 'arch', 'x86_64',
  'cpu', jsonb_build_object('model', 'AMD EPYC 9354P 32-Core Processor', 'count', 8),
  'memory', jsonb_build_object('total', 33655738368, 'available', 20655738368),
  'disks', jsonb_build_array(jsonb_build_object('mount', '/', 'fs', 'ext4', 'size', 107374182400, 'used', 53687091200)),
  'addresses', jsonb_build_array(jsonb_build_object('interface', 'eth0', 'address', '10.0.0.1', 'family', 'ipv4')),
  'uptime_seconds', 864000, 'load', jsonb_build_array(0.42, 0.4, 0.37))`

/**
 * Adds hosts with their state until there are `to` (beside the small tenant's), spread by the pattern above, then ANALYZE.
 * @param from how many there are already; a multiple of 2,000 keeps the shares exact
 * @param progress called after each chunk with the number so far
 */
export async function seedHosts(
  admin: pg.Client,
  from: number,
  to: number,
  progress?: (done: number) => void,
): Promise<void> {
  await planting(admin, async () => {
    for (let start = from; start < to; start += CHUNK) {
      const end = Math.min(to, start + CHUNK)
      await admin.query(
        `with planted as (
           insert into resource (kind, name, owner_id, assigned_id, visibility, cloud_id)
           select 'host', substr(md5(i::text), 1, 6) || '-' || i, ${PLACE}
           from (select i, i % ${PATTERN} as m, 3 + (i / ${PATTERN} * 31 + i % ${PATTERN}) % ${TENANTS - 3} as n from generate_series($1::int, $2::int) i) g
           join (select id, row_number() over (order by slug) - 1 as n from tenant where slug <> '${MASTER_SLUG}') o on o.n = g.n
           returning id, name)
         insert into resource_state (resource_id, status, last_seen_at, facts) select id, 'online', now(), ${FACTS} from planted`,
        [start, end - 1, MASTER_TENANT_ID, tenantIdOf('typical'), ...CLOUDS],
      )
      await seedGrants(admin, start, end)
      progress?.(end)
    }
  })
  await admin.query('vacuum analyze resource, resource_state, access_grant, tenant')
}

/** Grants the typical tenant what PLACE left with the master at i % 2000 = 801. */
async function seedGrants(admin: pg.Client, start: number, end: number): Promise<void> {
  await admin.query(
    `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role)
     select r.id, r.kind, r.name, r.owner_id, $3, 'viewer' from generate_series($1::int, $2::int) i
     join resource r on r.owner_id = $4 and r.kind = 'host' and r.name = substr(md5(i::text), 1, 6) || '-' || i
     where i % ${PATTERN} = 801`,
    [start, end - 1, tenantIdOf('typical'), MASTER_TENANT_ID],
  )
}

/** Gives `count` hosts an agent with credentials that are known. @returns their hosts' ids, in the order of agentTokenOf */
export async function seedAgents(admin: pg.Client, count: number): Promise<string[]> {
  await admin.query('truncate agent_credential')
  const numbers = Array.from({ length: count }, (_, n) => n)
  const { rows } = await admin.query<{ resource_id: string; n: number }>(
    `insert into agent_credential (resource_id, token_hash, machine_id)
     select r.id, u.token, u.machine from unnest($1::int[], $2::bytea[], $3::text[]) u(n, token, machine)
     join (select id, row_number() over () - 1 as n from (select id from resource where kind = 'host' and name not like 'small-%'
       order by id limit $4) x) r on r.n = u.n
     returning resource_id, machine_id`,
    [numbers, numbers.map((n) => sha256(agentTokenOf(n))), numbers.map(machineIdOf), count],
  )
  const hostOf = new Map(
    rows.map((row) => [(row as unknown as { machine_id: string }).machine_id, row.resource_id]),
  )
  return numbers.map((n) => hostOf.get(machineIdOf(n)) ?? '')
}
