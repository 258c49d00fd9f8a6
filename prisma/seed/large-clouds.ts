import { createHash } from 'node:crypto'
import type pg from 'pg'
import { MASTER_TENANT_ID } from '@/lib/master'
import { countHosts } from '@/prisma/seed/count-hosts'
import { VIEWERS } from './large'

const CHUNK = 50_000
/** Clouds with things in them: the two large ones, and 60 with 200 machines each. */
const CLOUDS = 62
/** Clouds that are looked into and have nothing in them. */
const EMPTY_CLOUDS = 5000
const SMALL = 200
const HOSTS = 50
const STORES = 5
/** Clouds that have tasks, events and backups. */
const TELLING = 42
const SAMPLED = 40

/** An id that SQL makes as well. */
const idOf = (what: string): string => {
  const hex = createHash('md5').update(what).digest('hex')
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
}
const BENCH_ID = `create or replace function pg_temp.bench_id(what text) returns uuid language sql immutable
  return overlay(overlay(md5(what) placing '4' from 13) placing '8' from 17)::uuid`
/**
 * Number 0 is the master's and public, with most machines its own, every tenth the typical tenant's, every thousandth the small one's, which has added
 * it. 1 is the typical tenant's own. Of the rest, up to 21 the master's, the even ones public and added by the typical tenant; up to 41 the master's,
 * assigned to the typical tenant; then other tenants'.
 */
export const cloudId = (n: number): string => idOf(`cloud ${n}`)
export const machineId = (cloud: number, n: number): string => idOf(`machine ${cloud}/${n}`)
export const hostId = (cloud: number, n: number): string => idOf(`host ${cloud}/${n}`)
/** A tenant that used machines of cloud 0 before, of which half of the tasks still tell, and uses some now. */
const FORMER = VIEWERS.small

const TENANTS = `t as (select id, row_number() over (order by slug) - 1 as n from tenant where slug like 'bench-%' and slug > 'bench-0003')`
const TYPICAL = `(select id from tenant where slug = '${VIEWERS.typical}')`
const OWNER_OF_CLOUD = `case when c = 1 then ${TYPICAL} when c < 42 then '${MASTER_TENANT_ID}'::uuid else (select id from t where n = c % 900) end`
const USER_OF_CLOUD = `case when c = 1 or c between 22 and 41 then ${TYPICAL} when c < 42 then '${MASTER_TENANT_ID}'::uuid else (select id from t where n = c % 900) end`

async function seedCloudRows(admin: pg.Client): Promise<void> {
  await admin.query(
    `with ${TENANTS} insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id)
     select pg_temp.bench_id('cloud ' || c), 'cloud', 'cloud-' || c, ${OWNER_OF_CLOUD}, ${USER_OF_CLOUD},
       case when c = 0 or c between 2 and 21 and c % 2 = 0 then 'public' else 'private' end, pg_temp.bench_id('cloud ' || c)
     from generate_series(0, $1::int - 1) c`,
    [CLOUDS + EMPTY_CLOUDS],
  )
  await admin.query(
    `insert into cloud_connection (cloud_id, connector, endpoint, sealed_secret)
     select pg_temp.bench_id('cloud ' || c), 'proxmox', 'https://cloud-' || c || '.example', '\\x00' from generate_series(0, $1::int - 1) c`,
    [CLOUDS + EMPTY_CLOUDS],
  )
  await admin.query(
    `insert into cloud_sync (cloud_id, status, generation, ok_at, started_at, finished_at, activity_at, backups_at, next_at, watch_until)
     select pg_temp.bench_id('cloud ' || c), 'ok', 1, now(), now(), now(), now(), now(), now() - make_interval(secs => c), now() - make_interval(secs => c)
     from generate_series(0, $1::int - 1) c on conflict (cloud_id) do nothing`,
    [CLOUDS + EMPTY_CLOUDS],
  )
  await admin.query(
    `with c as (select pg_temp.bench_id('cloud ' || n) as id from generate_series(0, 21, 2) n),
     r as (insert into tenant_role_cloud (tenant_role_id, cloud_id, level) select '00000000-0000-4000-8000-000000000101', id, 'read' from c)
     insert into tenant_cloud (tenant_id, cloud_id)
     select ${TYPICAL}, id from c where id <> pg_temp.bench_id('cloud 0') union all select id, pg_temp.bench_id('cloud 0') from tenant where slug = '${FORMER}'`,
  )
}

const TOLD = `jsonb_build_object('fields', jsonb_build_array('cores', 'memory', 'disk'), 'told',
  jsonb_build_object('Node', 'node-' || i % 50, 'Operating system', 'Linux 6.x (Debian)') || case when i % 5000 = 0 then '{"Template": "Yes"}' else '{}'::jsonb end,
  'usage', jsonb_build_object('cpu', 0.12, 'memoryUsed', 4294967296, 'memoryTotal', 8589934592, 'diskUsed', 10737418240, 'diskTotal', 34359738368))`

/** Things of one kind in one cloud. */
async function seedThings(admin: pg.Client, kind: string, cloud: number, count: number): Promise<void> {
  const word = { virtual_machine: 'machine', host: 'host', datastore: 'store' }[kind] ?? kind
  const large = kind === 'virtual_machine' && cloud === 0
  const user = large
    ? `case when i % 10 = 0 then ${TYPICAL} when i % 1000 = 11 then (select id from tenant where slug = '${FORMER}') when i % 10 < 4 then (select id from t where n = i % 900) else a.assigned_id end`
    : 'a.assigned_id'
  for (let start = 0; start < count; start += CHUNK)
    await admin.query(
      `with ${TENANTS}, made as (
         insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id, parent_id, spec)
         select pg_temp.bench_id('${word} ' || $1::int || '/' || i), $2, substr(md5($1::int || '/' || i), 1, 6) || '-' || i, a.owner_id, ${user},
           case when a.visibility = 'public' and ($1::int > 0 and i % 2 = 0 or i % 200 = 5) then 'public' else 'private' end, a.id,
           case when $2 = 'virtual_machine' and $1::int <> 1 then pg_temp.bench_id('host ' || $1::int || '/' || i % ${HOSTS}) end,
           case when $2 = 'virtual_machine' then '{"cores": 4, "memory": 8589934592, "disk": 34359738368}'::jsonb else '{}' end
         from generate_series($3::int, $4::int) i, (select * from resource where id = pg_temp.bench_id('cloud ' || $1::int)) a returning id),
       stated as (
         insert into resource_state (resource_id, status, facts)
         select pg_temp.bench_id('${word} ' || $1::int || '/' || i), case when $2 <> 'virtual_machine' then 'online' when i % 4 = 0 then 'stopped' else 'running' end,
           case when $2 = 'virtual_machine' then ${TOLD} else jsonb_build_object('usage', ${TOLD} -> 'usage') end from generate_series($3::int, $4::int) i)
       insert into cloud_item (resource_id, cloud_id, external_id, parent, hash, state_hash, seen)
       select pg_temp.bench_id('${word} ' || $1::int || '/' || i), pg_temp.bench_id('cloud ' || $1::int), '${word}/' || i, 'host/' || i % ${HOSTS}, md5(i::text), md5(i::text), 1
       from generate_series($3::int, $4::int) i`,
      [cloud, kind, start, Math.min(count, start + CHUNK) - 1],
    )
}

// What row g of a cloud is about: every tenth the cloud itself, else a machine of it.
const ABOUT = `generate_series(1, $1::int) g cross join generate_series(0, ${TELLING - 1}) c
  join resource r on r.id = case when g % 10 = 0 then pg_temp.bench_id('cloud ' || c)
    else pg_temp.bench_id('machine ' || c || '/' || g * 7919 % case when c < 2 then $2::int else ${SMALL} end) end`

/** Tasks, events and backups, so many of each; of a cloud at most 10,000 are ever kept. */
async function seedStreams(admin: pg.Client, rows: number, machines: number): Promise<void> {
  const each = Math.ceil(rows / TELLING)
  for (const kind of ['task', 'event'])
    await admin.query(
      `insert into cloud_activity (cloud_id, resource_id, owner_id, assigned_id, kind, external_id, title, target, actor, status, message, started_at, ended_at)
       select pg_temp.bench_id('cloud ' || c), r.id, r.owner_id, case when c = 0 and g % 2 = 0 then f.id else r.assigned_id end, $3, $3 || g, 'Start ' || r.name, 'machine/' || g, 'root@pam',
         case when $3 = 'event' then 'info' when g % 500 = 0 then 'failed' when g % 1000 = 1 then 'running' else 'ok' end, 'TASK OK',
         now() - g * interval '10 minutes' - c * interval '1 second', now() - g * interval '10 minutes'
       from (select id from tenant where slug = $4) f, ${ABOUT}`,
      [each, machines, kind, FORMER],
    )
  await admin.query(
    `insert into cloud_backup (cloud_id, resource_id, owner_id, assigned_id, external_id, guest, datastore, taken_at, size, format, protected, verified, notes)
     select pg_temp.bench_id('cloud ' || c), r.id, r.owner_id, r.assigned_id, 'backup' || g, 'machine/' || g, 'store/' || g % ${STORES}, now() - g * interval '1 hour' - c * interval '1 second',
       1073741824, 'vma', g % 500 = 0, case when g % 700 = 0 then 'failed' else 'ok' end, 'nightly of ' || r.name
     from ${ABOUT}`,
    [each, machines],
  )
}

/** What was done with machines and which were made: most long ago, some waiting for a worker. */
async function seedWork(admin: pg.Client, rows: number, machines: number): Promise<void> {
  const user = `(select user_id from session where tenant_id = ${TYPICAL} limit 1)`
  await admin.query(
    `insert into cloud_action (tenant_id, resource_id, name, status, message, created_by, created_at, finished_at)
     select ${TYPICAL}, pg_temp.bench_id('machine 1/' || case when g % 20 = 0 then 7 else g * 31 % $2::int end), 'start', 'ok', 'TASK OK', ${user}, now() - g * interval '1 minute', now()
     from generate_series(1, $1::int) g
     union all select ${TYPICAL}, pg_temp.bench_id('machine 1/' || g), 'stop', 'queued', '', ${user}, now() - g * interval '1 second', null from generate_series(1000, 3000) g`,
    [rows * 2, machines],
  )
  // Of the tenant's last 20,000 the machines are gone again, and others had asked for them.
  await admin.query(
    `insert into machine_creation (tenant_id, cloud_id, resource_id, name, spec, status, created_by, created_at, finished_at)
     select case when g % 2 = 0 then ${TYPICAL} else m.tenant_id end, pg_temp.bench_id('cloud 1'), case when g % 2 = 0 and g > 40000 then pg_temp.bench_id('machine 1/' || g % $2::int) end,
       'made-' || g, '{"cores": 2}'::jsonb, 'ok', gen_random_uuid(), now() - g * interval '1 minute', now()
     from generate_series(1, $1::int) g cross join (select id as tenant_id from tenant where slug = 'bench-0009') m
     union all select ${TYPICAL}, pg_temp.bench_id('cloud 1'), pg_temp.bench_id('machine 1/' || g), 'new-' || g, '{"cores": 2}'::jsonb, 'queued', ${user}, now() - interval '90 days' - g * interval '1 second', null from generate_series(1, 2000) g`,
    [rows, machines],
  )
}

/** 48 hours of minutes and 30 days of quarters of an hour, of 40 hosts. */
const seedSamples = (admin: pg.Client): Promise<unknown> =>
  admin.query(
    `insert into host_sample (resource_id, step, at, cpu, memory, swap, load, rx, tx, disks)
     select pg_temp.bench_id('host 0/' || h), s.step, date_bin(s.step * interval '1 second', now(), 'epoch') - n * s.step * interval '1 second', 12, 4e9, 0, 0.4, 1e5, 1e5, '{"/": 42}'
     from generate_series(0, ${SAMPLED - 1}) h, (values (60), (900)) s(step), generate_series(0, 2879) n`,
  )

/** Migrations of hosts that the list still shows. */
const seedMoves = (admin: pg.Client, rows: number): Promise<unknown> =>
  admin.query(
    `insert into host_move (id, tenant_id, to_tenant_id, hosts, created_by, created_by_name, created_at)
     select gen_random_uuid(), $2, ${TYPICAL}, 3, gen_random_uuid(), 'Somebody', now() - g * interval '5 seconds' from generate_series(1, $1::int) g`,
    [rows, MASTER_TENANT_ID],
  )

/**
 * Fills a database with seedTenants()' tenants with connected clouds: two of `machines` machines, many small ones, and `rows` tasks, events, backups
 * and creations each. Superuser only; triggers and foreign keys sleep.
 */
export async function seedClouds(admin: pg.Client, machines: number, rows: number): Promise<void> {
  await admin.query('set session_replication_role = replica')
  await admin.query(BENCH_ID)
  try {
    await seedCloudRows(admin)
    for (let cloud = 0; cloud < CLOUDS; cloud++) {
      if (cloud !== 1) await seedThings(admin, 'host', cloud, HOSTS)
      await seedThings(admin, 'datastore', cloud, STORES)
      await seedThings(admin, 'virtual_machine', cloud, cloud < 2 ? machines : SMALL)
    }
    await seedStreams(admin, rows, machines)
    await seedWork(admin, rows, machines)
    await seedSamples(admin)
    await seedMoves(admin, 20_000)
    await countHosts(admin)
  } finally {
    await admin.query('set session_replication_role = origin')
  }
  await admin.query('vacuum analyze')
}
