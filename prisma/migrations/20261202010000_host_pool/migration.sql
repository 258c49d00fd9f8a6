-- The pool of hosts (PRODUCT rule 14): how many each tenant uses, at most how many its provider lets it have, and one guard that holds both
-- limits exactly, however a host comes to be or to another tenant.

-- CreateTable
CREATE TABLE "host_pool" (
    "tenant_id" UUID NOT NULL,
    "hosts" INTEGER NOT NULL DEFAULT 0,
    "slice" INTEGER,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "host_pool_pkey" PRIMARY KEY ("tenant_id")
);

-- AddForeignKey
ALTER TABLE "host_pool" ADD CONSTRAINT "host_pool_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table host_pool
  add constraint host_pool_hosts_check check (hosts >= 0),
  add constraint host_pool_slice_check check (slice between 0 and 1000000);
-- Rows change with every host, and are few: room for the next version beside the last.
alter table host_pool set (fillfactor = 50);

alter table host_pool enable row level security, force row level security;
grant select, insert, update, delete on host_pool to freehold_definer;
create policy host_pool_definer_select on host_pool for select to freehold_definer using (true);
create policy host_pool_definer_insert on host_pool for insert to freehold_definer with check (true);
create policy host_pool_definer_update on host_pool for update to freehold_definer using (true) with check (true);
create policy host_pool_definer_delete on host_pool for delete to freehold_definer using (true);

-- As the definer: the owner itself sees no row.
set local role freehold_definer;
insert into public.host_pool (tenant_id, hosts)
select t.id, (select count(*) from public.resource r where r.kind = 'host' and r.assigned_id = t.id) from public.tenant t;
set local role freehold_owner;

-- A tenant knows what it has and may have; the master knows it of all, and says how many. The numbers themselves are the guard's alone.
grant select on host_pool to freehold_tenant, freehold_master;
create policy host_pool_select on host_pool for select to freehold_tenant using (tenant_id = (select wall.ctx_tenant()));
create policy host_pool_select_master on host_pool for select to freehold_master using ((select wall.ctx_is_master()));
grant update (slice, updated_at) on host_pool to freehold_master;
create policy host_pool_update on host_pool for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));

-- The guard ---------------------------------------------------------------------------------------------------------------

-- One at a time, to the end of the transaction. Tenants' locks come before it, and locks of things that are there; after it only what is new.
create function wall.host_pool_lock() returns void language sql volatile set search_path = pg_catalog, pg_temp as $$
  select pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121))
$$;

-- Hosts that the licence counts: of all tenants but deleted ones.
create function wall.hosts_counted() returns int language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(sum(p.hosts), 0)::int from public.host_pool p join public.tenant t on t.id = p.tenant_id where t.status <> 'deleted'
$$;

-- Refuses what is more than the licence covers. p_more: how many of them are new.
create function wall.host_pool_assert(p_more int) returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  most int := (wall.licence_state() ->> 'hostLimit')::int;
  used int;
begin
  if most is null then return; end if;
  used := wall.hosts_counted();
  if used > most then
    raise exception using errcode = 'FH402', message = jsonb_build_object('of', 'licence', 'most', most, 'used', used - p_more)::text;
  end if;
end $$;

-- Keeps the numbers, and refuses hosts beyond a tenant's slice or the licence; who has more already (a smaller licence or slice) loses
-- nothing. A host goes to whoever uses it. What an owner takes back is refused by neither: deleting a tenant must not depend on them.
create function wall.host_pool_moved() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tenants uuid[];
  changes int[];
  gains int[];
  was uuid[];
  went uuid[];
  given boolean[];
  counts int[];
  more int;
  over jsonb;
begin
  if tg_op = 'INSERT' then
    select array_agg(x.t), array_agg(x.n), array_agg(x.n), sum(x.n) filter (where t.status <> 'deleted') into tenants, changes, gains, more
    from (select n.assigned_id as t, count(*)::int as n from new_rows n where n.kind = 'host' group by 1) x left join public.tenant t on t.id = x.t;
  elsif tg_op = 'DELETE' then
    select array_agg(x.t), array_agg(-x.n) into tenants, changes
    from (select o.assigned_id as t, count(*)::int as n from old_rows o where o.kind = 'host' group by 1) x;
  else
    if not exists (select 1 from new_rows n where n.kind = 'host') then return null; end if;
    -- Gathered by id, not joined: what a plan takes these tables for when it is made, ten thousand rows later are not.
    select array_agg(y.was), array_agg(y.went), array_agg(y.given), array_agg(y.n) into was, went, given, counts from (
      select x.was[1] as was, x.went[1] as went, x.went[1] <> x.owners[2] or x.owners[1] <> x.owners[2] as given, count(*)::int as n from (
        select z.id, array_agg(z.was) filter (where z.was is not null) as was, array_agg(z.went) filter (where z.went is not null) as went,
          array_agg(z.owner_id order by z.went is not null) as owners
        from (select o.id, o.owner_id, o.assigned_id as was, null::uuid as went from old_rows o where o.kind = 'host'
          union all select n.id, n.owner_id, null, n.assigned_id from new_rows n where n.kind = 'host') z group by z.id) x
      where x.was <> x.went group by 1, 2, 3) y;
    select array_agg(x.t), array_agg(x.n), array_agg(x.g) into tenants, changes, gains from (
      select z.t, sum(z.n)::int as n, sum(z.g)::int as g from (
        select w.went as t, w.n, case when w.given then w.n else 0 end as g from unnest(went, given, counts) as w(went, given, n)
        union all select l.was, -l.n, 0 from unnest(was, counts) as l(was, n)) z group by 1) x;
    select sum(w.n) into more from unnest(was, went, given, counts) as w(was, went, given, n)
    join public.tenant f on f.id = w.was join public.tenant t on t.id = w.went where w.given and f.status = 'deleted' and t.status <> 'deleted';
  end if;
  if tenants is null then return null; end if;
  perform wall.host_pool_lock();
  -- Never below none: a number that went astray (rows loaded with triggers asleep) must not keep anybody from deleting; wall.usage_count() puts it right.
  update public.host_pool p set hosts = greatest(0, p.hosts + x.n) from unnest(tenants, changes) as x(t, n) where p.tenant_id = x.t and x.n <> 0;
  select jsonb_build_object('of', 'slice', 'tenantId', t.id, 'tenant', t.name, 'most', p.slice, 'used', greatest(0, p.hosts - x.n)) into over
  from unnest(tenants, gains, changes) as x(t, g, n) join public.host_pool p on p.tenant_id = x.t join public.tenant t on t.id = x.t
  where x.g > 0 and p.hosts > p.slice order by t.name, t.id limit 1;
  if over is not null then raise exception using errcode = 'FH402', message = over::text; end if;
  if more > 0 then perform wall.host_pool_assert(more); end if;
  return null;
end $$;
create trigger host_pool_insert after insert on resource referencing new table as new_rows for each statement execute function wall.host_pool_moved();
create trigger host_pool_update after update on resource referencing old table as old_rows new table as new_rows
  for each statement execute function wall.host_pool_moved();
create trigger host_pool_delete after delete on resource referencing old table as old_rows for each statement execute function wall.host_pool_moved();

-- Every tenant has its row. One that comes back is counted again, all of it or it stays away.
create function wall.host_pool_tenant() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  if tg_op = 'INSERT' then
    insert into public.host_pool (tenant_id) values (new.id);
    return null;
  end if;
  perform wall.host_pool_lock();
  select p.hosts into n from public.host_pool p where p.tenant_id = new.id;
  if n > 0 then perform wall.host_pool_assert(n); end if;
  return null;
end $$;
create trigger host_pool_begins after insert on tenant for each row execute function wall.host_pool_tenant();
create trigger host_pool_returns after update of status on tenant for each row when (old.status = 'deleted' and new.status <> 'deleted')
  execute function wall.host_pool_tenant();

set local role freehold_definer;
drop function wall.hosts_room();
set local role freehold_owner;
-- How many hosts more a tenant may have, by its slice and by the licence; null: any number. Locks the pool, so that it stays true.
create function wall.hosts_room(p_tenant uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  most int;
  room int;
begin
  perform wall.host_pool_lock();
  most := (wall.licence_state() ->> 'hostLimit')::int; -- under the lock, so that no smaller licence comes in between
  select p.slice - p.hosts into room from public.host_pool p where p.tenant_id = p_tenant;
  room := least(room, most - wall.hosts_counted());
  return case when room is not null then greatest(0, room) end;
end $$;

-- What is replaced: each as before, but for what is said ------------------------------------------------------------------

set local role freehold_definer;
-- As before; hosts of deleted tenants do not count, and nothing is counted one by one.
create or replace function wall.licence_usage() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('hosts', wall.hosts_counted(), 'tenants', (select count(*) from public.tenant t where t.status <> 'deleted'))
  where wall.ctx_is_master()
$$;

-- As before; it is the pool's guard that counts.
create or replace function wall.agent_enrol(p_token bytea, p_credential bytea, p_name text, p_machine text, p_boot text, p_facts jsonb, p_gate text, p_ip text, p_request text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  e public.enrolment_token;
  t public.tenant;
  rid uuid;
begin
  select * into e from public.enrolment_token where token_hash = p_token;
  if not found then return '{"code":"unknown"}'; end if;
  perform pg_advisory_xact_lock_shared(wall.lock_key(e.tenant_id));
  select * into e from public.enrolment_token where id = e.id for update;
  select * into t from public.tenant where id = e.tenant_id;
  if e.revoked_at is not null or e.expires_at <= now() or e.uses >= e.max_uses then return '{"code":"unknown"}'; end if;
  if t.status <> 'active' then return '{"code":"refused"}'; end if;
  -- The gate of rule 14 is worked out by the caller (the environment is part of it): on | off | unlicensed | expired.
  if t.id <> master and p_gate <> 'on' then return jsonb_build_object('code', 'gate'); end if;
  -- One machine is one host of a tenant, also of two that enrol at once; what is new the pool's guard counts, under the same lock.
  perform wall.host_pool_lock();
  select r.id into rid from public.agent_credential c join public.resource r on r.id = c.resource_id
  where c.machine_id = p_machine and r.owner_id = e.tenant_id and r.kind = 'host' order by c.created_at limit 1;
  if rid is null then
    rid := gen_random_uuid();
    begin
      insert into public.resource (id, kind, name, owner_id, assigned_id, created_by) values (rid, 'host', p_name, e.tenant_id, e.tenant_id, e.created_by);
    exception when sqlstate 'FH402' then
      return jsonb_build_object('code', 'limit', 'tenantId', e.tenant_id, 'limit', sqlerrm::jsonb);
    end;
    insert into public.resource_state (resource_id, status, facts) values (rid, 'pending', p_facts);
    insert into public.agent_credential (resource_id, token_hash, machine_id, boot_id) values (rid, p_credential, p_machine, p_boot);
  else
    update public.agent_credential set token_hash = p_credential, next_token_hash = null, boot_id = p_boot, prev_boot_id = '', seq = 0, rotated_at = now()
    where resource_id = rid;
    update public.resource_state set conflict_at = null, uninstall_told_at = null, uninstalled_at = null, facts = p_facts, updated_at = now() where resource_id = rid;
  end if;
  update public.enrolment_token set uses = uses + 1 where id = e.id;
  perform wall.audit_insert(array[e.tenant_id], null, 'agent', null, jsonb_build_object('event', 'host.enrol', 'targetKind', 'host', 'targetId', rid,
    'targetName', p_name, 'after', jsonb_build_object('enrolmentToken', e.name, 'machineId', p_machine), 'ip', p_ip, 'requestId', p_request));
  return jsonb_build_object('code', 'ok', 'hostId', rid);
end $$;

-- As before; hosts are left out beyond a slice, too.
-- A part of what a look saw. e: id in the cloud, k: kind, n: name, p: what it stands in, s: fields, t: status, f: facts, l: links,
-- h and g: hashes of the thing and of its state. What is new goes to whoever has the cloud (rule 4). Names and fields are checked by the
-- server; what an id was once, it stays. @returns false: it is not this run's any more
create or replace function wall.sync_batch(p_run uuid, p_rows jsonb, p_left_out int) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  y public.cloud_sync := wall.sync_enter(p_run);
  c public.resource;
  room int;
  n_new int;
  n_changed int;
  n_out int;
begin
  if y.cloud_id is null then return false; end if;
  select * into c from public.resource r where r.id = y.cloud_id;
  -- First what is there already, which locks its rows; then what is new, which locks the pool of hosts: in this order, like everybody.
  with told as materialized (
    select x.*, i.resource_id as rid, i.hash, i.state_hash, r.kind as was
    from jsonb_to_recordset(p_rows) as x(e text, k text, n text, p text, s jsonb, t text, f jsonb, l jsonb, h text, g text)
    join public.cloud_item i on i.cloud_id = c.id and i.external_id = x.e
    join public.resource r on r.id = i.resource_id),
  renewed as (
    update public.resource r set name = o.n, spec = r.spec || o.s, updated_at = now() from told o where r.id = o.rid and o.was = o.k and o.hash <> o.h returning 1),
  restated as (
    update public.resource_state st set status = o.t, facts = o.f, updated_at = now() from told o
    where st.resource_id = o.rid and o.was = o.k and o.state_hash <> o.g),
  touched as (
    update public.cloud_item i set parent = o.p, links = o.l, hash = o.h, state_hash = o.g, seen = y.generation, missed = 0, missing_since = null
    from told o where i.resource_id = o.rid and o.was = o.k)
  select (select count(*) from renewed), (select count(*) from told o where o.was <> o.k) into n_changed, n_out;
  if exists (select 1 from jsonb_to_recordset(p_rows) as x(e text, k text) where x.k = 'host'
    and not exists (select 1 from public.cloud_item i where i.cloud_id = c.id and i.external_id = x.e)) then
    room := wall.hosts_room(c.assigned_id);
  end if;
  with told as materialized (
    select x.* from jsonb_to_recordset(p_rows) as x(e text, k text, n text, p text, s jsonb, t text, f jsonb, l jsonb, h text, g text)
    where not exists (select 1 from public.cloud_item i where i.cloud_id = c.id and i.external_id = x.e)),
  fresh as materialized (
    select q.*, gen_random_uuid() as id from (select o.*, row_number() over (partition by o.k = 'host' order by o.e) as nth from told o) q
    where q.k <> 'host' or room is null or q.nth <= room),
  made as (
    insert into public.resource (id, kind, name, owner_id, assigned_id, cloud_id, spec) select o.id, o.k, o.n, c.owner_id, c.assigned_id, c.id, o.s from fresh o),
  stated as (insert into public.resource_state (resource_id, status, facts) select o.id, o.t, o.f from fresh o),
  kept as (
    insert into public.cloud_item (resource_id, cloud_id, external_id, parent, links, hash, state_hash, seen)
    select o.id, c.id, o.e, o.p, o.l, o.h, o.g, y.generation from fresh o)
  select (select count(*) from fresh), n_out + (select count(*) from told) - (select count(*) from fresh) into n_new, n_out;
  update public.cloud_sync s set heartbeat_at = clock_timestamp(), seen = s.seen + jsonb_array_length(p_rows), added = s.added + n_new,
    changed = s.changed + n_changed, left_out = s.left_out + n_out + p_left_out where s.cloud_id = c.id;
  return true;
end $$;

set local role freehold_owner;

-- Ownership and rights of functions -----------------------------------------------------------------------------------------------

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
