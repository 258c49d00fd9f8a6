import type pg from 'pg'

/** Puts the pool of hosts right after rows were planted while triggers slept, which else count them. Superuser only. */
export async function countHosts(admin: pg.Client): Promise<void> {
  await admin.query(
    `insert into host_pool (tenant_id, hosts)
     select t.id, coalesce(r.n, 0) from tenant t
     left join (select assigned_id, count(*) as n from resource where kind = 'host' group by 1) r on r.assigned_id = t.id
     on conflict (tenant_id) do update set hosts = excluded.hosts`,
  )
}
