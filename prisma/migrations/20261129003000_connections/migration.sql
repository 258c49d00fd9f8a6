-- Clouds by their APIs: how each is reached, what was found in it, how the looks into it go.

-- CreateTable
CREATE TABLE "cloud_connection" (
    "cloud_id" UUID NOT NULL,
    "connector" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "sealed_secret" BYTEA NOT NULL,
    "fingerprint" TEXT,
    "ca" TEXT,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cloud_connection_pkey" PRIMARY KEY ("cloud_id")
);

-- CreateTable
CREATE TABLE "cloud_sync" (
    "cloud_id" UUID NOT NULL,
    "every_seconds" INTEGER NOT NULL DEFAULT 300,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "next_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "run" UUID,
    "generation" BIGINT NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(6),
    "heartbeat_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),
    "ok_at" TIMESTAMPTZ(6),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "code" TEXT NOT NULL DEFAULT '',
    "error" TEXT NOT NULL DEFAULT '',
    "seen" INTEGER NOT NULL DEFAULT 0,
    "added" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "missing" INTEGER NOT NULL DEFAULT 0,
    "gone" INTEGER NOT NULL DEFAULT 0,
    "left_out" INTEGER NOT NULL DEFAULT 0,
    "accept_shrink" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "cloud_sync_pkey" PRIMARY KEY ("cloud_id")
);

-- CreateTable
CREATE TABLE "cloud_item" (
    "resource_id" UUID NOT NULL,
    "cloud_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "parent" TEXT,
    "links" JSONB,
    "hash" TEXT NOT NULL,
    "state_hash" TEXT NOT NULL,
    "seen" BIGINT NOT NULL,
    "missed" INTEGER NOT NULL DEFAULT 0,
    "missing_since" TIMESTAMPTZ(6),

    CONSTRAINT "cloud_item_pkey" PRIMARY KEY ("resource_id")
);

-- CreateTable
CREATE TABLE "tenant_egress" (
    "tenant_id" UUID NOT NULL,
    "networks" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_egress_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateIndex
CREATE INDEX "cloud_sync_next_at_idx" ON "cloud_sync"("next_at");

-- CreateIndex
CREATE UNIQUE INDEX "cloud_item_cloud_id_external_id_key" ON "cloud_item"("cloud_id", "external_id");

-- AddForeignKey
ALTER TABLE "cloud_connection" ADD CONSTRAINT "cloud_connection_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cloud_sync" ADD CONSTRAINT "cloud_sync_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cloud_item" ADD CONSTRAINT "cloud_item_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cloud_item" ADD CONSTRAINT "cloud_item_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_egress" ADD CONSTRAINT "tenant_egress_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table cloud_connection
  add constraint cloud_connection_connector_check check (connector ~ '^[a-z]{1,30}$'),
  add constraint cloud_connection_endpoint_check check (length(endpoint) between 1 and 300 and endpoint !~ '[[:space:][:cntrl:]]'),
  add constraint cloud_connection_settings_check check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) <= 8192),
  add constraint cloud_connection_fingerprint_check check (fingerprint ~ '^[0-9a-f]{64}$'),
  add constraint cloud_connection_trust_check check (fingerprint is null or ca is null),
  add constraint cloud_connection_ca_check check (length(ca) <= 32768);
alter table cloud_sync
  add constraint cloud_sync_status_check check (status in ('waiting', 'running', 'ok', 'failed', 'shrunk')),
  add constraint cloud_sync_every_check check (every_seconds between 30 and 86400);
-- Read by every look, and written by it where the thing was seen: in place, as no index changes.
alter table cloud_item set (fillfactor = 70);
alter table cloud_item
  add constraint cloud_item_external_check check (length(external_id) between 1 and 300),
  add constraint cloud_item_parent_check check (length(parent) <= 300);
alter table tenant_egress
  add constraint tenant_egress_networks_check check (networks is not null and cardinality(networks) <= 100);
alter table resource_state drop constraint resource_state_status_check,
  add constraint resource_state_status_check check (status in ('pending', 'online', 'offline', 'running', 'stopped', 'paused', 'unknown', 'missing'));

do $$
declare t text;
begin
  foreach t in array array['cloud_connection', 'cloud_sync', 'cloud_item', 'tenant_egress'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on %I to freehold_definer', t);
    execute format('create policy %I on %I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on %I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on %I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on %I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;

-- Whether the acting tenant controls a cloud, and may write in it now.
create function wall.ctx_owns_cloud(p_cloud uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.resource r where r.id = p_cloud and r.kind = 'cloud' and r.owner_id = wall.ctx_writer())
$$;

-- Where a cloud is and how one gets there is its owner's to know (rule 3). The secret is put in and replaced, never read back.
grant select (cloud_id, connector, endpoint, settings, fingerprint, ca, created_by, created_at, updated_at) on cloud_connection to freehold_tenant, freehold_master;
create policy cloud_connection_select on cloud_connection for select to freehold_tenant, freehold_master
  using (exists (select 1 from resource r where r.id = cloud_connection.cloud_id and r.owner_id = (select wall.ctx_tenant())));
grant insert (cloud_id, connector, endpoint, settings, sealed_secret, fingerprint, ca, created_by) on cloud_connection to freehold_tenant, freehold_master;
create policy cloud_connection_insert on cloud_connection for insert to freehold_tenant, freehold_master with check (wall.ctx_owns_cloud(cloud_id));
grant update (endpoint, settings, sealed_secret, fingerprint, ca, updated_at) on cloud_connection to freehold_tenant, freehold_master;
create policy cloud_connection_update on cloud_connection for update to freehold_tenant, freehold_master
  using (wall.ctx_owns_cloud(cloud_id)) with check (wall.ctx_owns_cloud(cloud_id));
grant delete on cloud_connection to freehold_tenant, freehold_master;
create policy cloud_connection_delete on cloud_connection for delete to freehold_tenant, freehold_master using (wall.ctx_owns_cloud(cloud_id));

-- Another server gets another secret: the stored one is never sent to where a change points (attack I07).
create function wall.connection_rebind() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if (new.endpoint, new.settings, new.fingerprint, new.ca) is distinct from (old.endpoint, old.settings, old.fingerprint, old.ca)
    and new.sealed_secret = old.sealed_secret then
    raise exception 'another server needs its secret' using errcode = '23514', constraint = 'cloud_connection_rebind';
  end if;
  return new;
end $$;
create trigger cloud_connection_rebind before update on cloud_connection for each row execute function wall.connection_rebind();

-- With a connection begin its looks; a changed one is looked at anew, and what a look to the old server still tells is not taken.
create function wall.connection_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    delete from public.cloud_sync s where s.cloud_id = old.cloud_id;
    delete from public.cloud_item i where i.cloud_id = old.cloud_id;
    return null;
  end if;
  insert into public.cloud_sync as s (cloud_id) values (new.cloud_id)
  on conflict (cloud_id) do update set run = null, status = 'waiting', failures = 0, code = '', error = '', next_at = now();
  return null;
end $$;
create trigger cloud_connection_changed after insert or update or delete on cloud_connection for each row execute function wall.connection_changed();

-- How it goes is known to who controls the cloud and to who uses it, not to everybody who sees a public one.
grant select on cloud_sync to freehold_tenant, freehold_master;
create policy cloud_sync_select on cloud_sync for select to freehold_tenant, freehold_master
  using (exists (select 1 from resource r where r.id = cloud_sync.cloud_id and (r.owner_id = (select wall.ctx_tenant()) or r.assigned_id = (select wall.ctx_tenant()))));
grant update (every_seconds, paused, next_at, accept_shrink) on cloud_sync to freehold_tenant, freehold_master;
create policy cloud_sync_update on cloud_sync for update to freehold_tenant, freehold_master
  using (wall.ctx_owns_cloud(cloud_id)) with check (wall.ctx_owns_cloud(cloud_id));

-- Resource-rooted: through the resource, under its own policy.
grant select on cloud_item to freehold_tenant, freehold_master;
create policy cloud_item_select on cloud_item for select to freehold_tenant, freehold_master
  using (exists (select 1 from resource r where r.id = cloud_item.resource_id));

-- The master says what a tenant may reach (attacks I01, I14); a tenant knows what it may.
grant select on tenant_egress to freehold_tenant, freehold_master;
create policy tenant_egress_select on tenant_egress for select to freehold_tenant using (tenant_id = (select wall.ctx_tenant()));
create policy tenant_egress_select_master on tenant_egress for select to freehold_master using ((select wall.ctx_is_master()));
grant insert (tenant_id, networks), update (networks, updated_at), delete on tenant_egress to freehold_master;
create policy tenant_egress_insert on tenant_egress for insert to freehold_master with check ((select wall.ctx_is_master()));
create policy tenant_egress_update on tenant_egress for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));
create policy tenant_egress_delete on tenant_egress for delete to freehold_master using ((select wall.ctx_is_master()));

-- Private networks that a tenant's connections may reach. The master reaches all of them, unless it says otherwise.
create function wall.egress_of(p_tenant uuid) returns text[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select e.networks from public.tenant_egress e where e.tenant_id = p_tenant),
    case when p_tenant = '00000000-0000-4000-8000-000000000001' then array['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'] else '{}' end)
$$;

-- All that it takes to reach a cloud; null where it has no connection, or its tenants are not active (rule 11).
create function wall.connection_live(p_cloud uuid) returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('cloudId', n.cloud_id, 'name', r.name, 'ownerId', r.owner_id, 'connector', n.connector, 'endpoint', n.endpoint,
    'settings', n.settings, 'sealed', encode(n.sealed_secret, 'base64'), 'fingerprint', n.fingerprint, 'ca', n.ca, 'networks', to_jsonb(wall.egress_of(r.owner_id)))
  from public.cloud_connection n join public.resource r on r.id = n.cloud_id
    join public.tenant o on o.id = r.owner_id join public.tenant a on a.id = r.assigned_id
  where n.cloud_id = p_cloud and o.status = 'active' and a.status = 'active'
$$;

-- Looks ------------------------------------------------------------------------------------------------------------------

-- The next cloud to look into, for one worker at a time: one whose time has come, or whose look has not been heard of for a minute.
-- Its run says whose it is from now on: what an earlier one still writes is not taken.
create function wall.sync_claim() returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s public.cloud_sync;
begin
  update public.cloud_sync c set run = gen_random_uuid(), status = 'running', generation = c.generation + 1, started_at = clock_timestamp(),
    heartbeat_at = clock_timestamp(), seen = 0, added = 0, changed = 0, missing = 0, gone = 0, left_out = 0
  where c.cloud_id = (
    select x.cloud_id from public.cloud_sync x join public.resource r on r.id = x.cloud_id
      join public.tenant o on o.id = r.owner_id and o.status = 'active' join public.tenant a on a.id = r.assigned_id and a.status = 'active'
    where x.next_at <= now() and not x.paused and (x.status <> 'running' or x.heartbeat_at < now() - interval '60 seconds')
    order by x.next_at, x.cloud_id limit 1 for update of x skip locked)
  returning c.* into s;
  if s.cloud_id is null then return null; end if;
  perform pg_notify('freehold', 'r:' || s.cloud_id);
  return wall.connection_live(s.cloud_id) || jsonb_build_object('run', s.run);
end $$;

-- That a look goes on, however long the cloud takes for its answer. @returns whether it is still the cloud's look
create function wall.sync_beat(p_run uuid) returns boolean language sql security definer set search_path = pg_catalog, pg_temp as $$
  with beat as (update public.cloud_sync s set heartbeat_at = clock_timestamp() where s.run = p_run and s.status = 'running' returning 1)
  select exists (select 1 from beat)
$$;

-- Begins each write of a look: its row is locked, and its cloud stays with the tenants that it is with. No row: another look, or
-- nobody's. Whoever moves the cloud has its tenants' locks: who comes after finds it moved.
create function wall.sync_enter(p_run uuid) returns public.cloud_sync language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  s public.cloud_sync;
  asked uuid[];
  t uuid;
begin
  select array[r.owner_id, r.assigned_id] into asked from public.cloud_sync x join public.resource r on r.id = x.cloud_id where x.run = p_run;
  for t in select x from unnest(asked || '00000000-0000-4000-8000-0000000000ff'::uuid) x group by x order by x loop
    perform pg_advisory_xact_lock_shared(wall.lock_key(t));
  end loop;
  select x.* into s from public.cloud_sync x where x.run = p_run and x.status = 'running' for update;
  if not found then return null; end if;
  perform 1 from public.resource r where r.id = s.cloud_id and array[r.owner_id, r.assigned_id] = asked for share;
  if not found then raise exception 'the cloud moved meanwhile' using errcode = '40001'; end if;
  return s;
end $$;

-- How many hosts more the licence allows, counted over all tenants under one lock; null: any number.
create function wall.hosts_room() returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare most int := (wall.licence_state() ->> 'hostLimit')::int;
begin
  if most is null then return null; end if;
  perform pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121));
  return greatest(0, most - (select count(*) from (select 1 from public.resource r where r.kind = 'host' limit most) x));
end $$;

-- A part of what a look saw. e: id in the cloud, k: kind, n: name, p: what it stands in, s: fields, t: status, f: facts, l: links,
-- h and g: hashes of the thing and of its state. What is new goes to whoever has the cloud (rule 4). Names and fields are checked by the
-- server; what an id was once, it stays. @returns false: it is not this run's any more
create function wall.sync_batch(p_run uuid, p_rows jsonb, p_left_out int) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
  if exists (select 1 from jsonb_to_recordset(p_rows) as x(e text, k text) where x.k = 'host'
    and not exists (select 1 from public.cloud_item i where i.cloud_id = c.id and i.external_id = x.e)) then
    room := wall.hosts_room();
  end if;
  with told as materialized (
    select x.*, i.resource_id as rid, i.hash, i.state_hash, r.kind as was
    from jsonb_to_recordset(p_rows) as x(e text, k text, n text, p text, s jsonb, t text, f jsonb, l jsonb, h text, g text)
    left join public.cloud_item i on i.cloud_id = c.id and i.external_id = x.e
    left join public.resource r on r.id = i.resource_id),
  fresh as materialized (
    select q.*, gen_random_uuid() as id
    from (select o.*, row_number() over (partition by o.k = 'host' order by o.e) as nth from told o where o.rid is null) q
    where q.k <> 'host' or room is null or q.nth <= room),
  made as (
    insert into public.resource (id, kind, name, owner_id, assigned_id, cloud_id, spec) select o.id, o.k, o.n, c.owner_id, c.assigned_id, c.id, o.s from fresh o),
  stated as (insert into public.resource_state (resource_id, status, facts) select o.id, o.t, o.f from fresh o),
  kept as (
    insert into public.cloud_item (resource_id, cloud_id, external_id, parent, links, hash, state_hash, seen)
    select o.id, c.id, o.e, o.p, o.l, o.h, o.g, y.generation from fresh o),
  renewed as (
    update public.resource r set name = o.n, spec = r.spec || o.s, updated_at = now() from told o where r.id = o.rid and o.was = o.k and o.hash <> o.h returning 1),
  restated as (
    update public.resource_state st set status = o.t, facts = o.f, updated_at = now() from told o
    where st.resource_id = o.rid and o.was = o.k and o.state_hash <> o.g),
  touched as (
    update public.cloud_item i set parent = o.p, links = o.l, hash = o.h, state_hash = o.g, seen = y.generation, missed = 0, missing_since = null
    from told o where i.resource_id = o.rid and o.was = o.k)
  select (select count(*) from fresh), (select count(*) from renewed), (select count(*) from told o where o.rid is null or o.was <> o.k) - (select count(*) from fresh)
  into n_new, n_changed, n_out;
  update public.cloud_sync s set heartbeat_at = clock_timestamp(), seen = s.seen + jsonb_array_length(p_rows), added = s.added + n_new,
    changed = s.changed + n_changed, left_out = s.left_out + n_out + p_left_out where s.cloud_id = c.id;
  return true;
end $$;

-- Where what was found stands and what it refers to, now that all of it is known. p_places: which kinds stand in which, `virtual_machine>host`.
create function wall.sync_place(p_cloud uuid, p_places text[]) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.resource r set parent_id = x.parent_id
  from (
    select i.resource_id, q.id as parent_id from public.cloud_item i join public.resource o on o.id = i.resource_id
    left join public.cloud_item p on p.cloud_id = i.cloud_id and p.external_id = i.parent
    left join public.resource q on q.id = p.resource_id and o.kind || '>' || q.kind = any (p_places)
    where i.cloud_id = p_cloud) x
  where r.id = x.resource_id and r.parent_id is distinct from x.parent_id;
  with wanted as materialized (
    select i.resource_id, f.key as field, min(e.n)::int - 1 as position, t.resource_id as target_id
    from public.cloud_item i, jsonb_each(i.links) f, jsonb_array_elements_text(f.value) with ordinality e (x, n), public.cloud_item t
    where i.cloud_id = p_cloud and i.links is not null and t.cloud_id = i.cloud_id and t.external_id = e.x group by 1, 2, 4),
  ended as (
    delete from public.resource_link l using public.cloud_item i
    where i.cloud_id = p_cloud and i.links is not null and l.resource_id = i.resource_id and l.field in (select jsonb_object_keys(i.links))
      and not exists (select 1 from wanted w where w.resource_id = l.resource_id and w.field = l.field and w.target_id = l.target_id))
  insert into public.resource_link as l (resource_id, field, position, target_id) select w.resource_id, w.field, w.position, w.target_id from wanted w
  on conflict (resource_id, field, target_id) do update set position = excluded.position where l.position <> excluded.position;
end $$;

-- What has been missing for a day goes; what stands in it stands in nothing. @returns names of what went
create function wall.sync_forget(p_cloud uuid) returns text[] language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  ids uuid[];
  names text[];
begin
  select array_agg(r.id), array_agg(r.name order by r.kind, r.name) into ids, names
  from public.cloud_item i join public.resource r on r.id = i.resource_id
  where i.cloud_id = p_cloud and i.missing_since < now() - interval '24 hours';
  if ids is null then return '{}'; end if;
  update public.resource r set parent_id = null where r.parent_id = any (ids);
  delete from public.resource r where r.id = any (ids);
  return names;
end $$;

-- The end of a look that saw everything. What two in a row did not see is missing, and a day later it goes. Where much less is told than
-- is known (nothing at all, or a fifth less), nobody believes it: nothing is missed, until the owner says that it is right (fault R08).
create function wall.sync_finish(p_run uuid, p_places text[]) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  y public.cloud_sync := wall.sync_enter(p_run);
  c public.resource;
  known int;
  lost int;
  n_missing int := 0;
  names text[];
  result text := 'ok';
begin
  if y.cloud_id is null then return null; end if;
  select * into c from public.resource r where r.id = y.cloud_id;
  select count(*) - y.added, count(*) filter (where i.seen < y.generation) into known, lost
  from public.cloud_item i where i.cloud_id = c.id and i.missing_since is null;
  if not y.accept_shrink and (y.seen = 0 and known > 0 or lost >= 5 and lost > known * 0.2) then
    result := 'shrunk';
  else
    with missed as (
      update public.cloud_item i set missed = i.missed + 1, state_hash = '', missing_since = case when i.missed >= 1 then coalesce(i.missing_since, now()) end
      where i.cloud_id = c.id and i.seen < y.generation returning i.resource_id, i.missing_since = now() as newly),
    stated as (
      update public.resource_state st set status = case when r.kind = 'host' then 'offline' else 'missing' end, updated_at = now()
      from missed m join public.resource r on r.id = m.resource_id where m.newly and st.resource_id = m.resource_id)
    select count(*) into n_missing from missed m where m.newly;
  end if;
  names := wall.sync_forget(c.id);
  perform wall.sync_place(c.id, p_places);
  update public.cloud_sync s set status = result, run = null, finished_at = clock_timestamp(), ok_at = clock_timestamp(), failures = 0, code = '', error = '',
    missing = n_missing, gone = cardinality(names), accept_shrink = false,
    next_at = clock_timestamp() + make_interval(secs => y.every_seconds * (0.9 + 0.2 * random()))
  where s.cloud_id = c.id;
  if y.added > 0 or n_missing > 0 or cardinality(names) > 0 or y.failures > 0 or result <> 'ok' and y.accept_shrink then
    perform wall.audit_insert(array[c.owner_id, c.assigned_id], null, 'sync', null, jsonb_build_object('event', 'cloud.sync', 'targetKind', 'cloud',
      'targetId', c.id, 'targetName', c.name, 'after', jsonb_build_object('found', y.seen, 'added', y.added, 'changed', y.changed, 'missing', n_missing,
        'gone', to_jsonb(names[1:50]))));
  end if;
  perform pg_notify('freehold', 'r:' || c.id);
  return result;
end $$;

-- A look that did not get to its end. Each in a row waits twice as long as the one before, up to an hour, and never as long as another
-- cloud's (fault R08). p_wait: seconds that the cloud asked for. The log hears of the first in a row.
create function wall.sync_fail(p_run uuid, p_code text, p_error text, p_wait int) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s public.cloud_sync;
begin
  update public.cloud_sync x set status = 'failed', run = null, finished_at = clock_timestamp(), failures = x.failures + 1, code = left(p_code, 60), error = left(p_error, 500),
    next_at = clock_timestamp() + make_interval(secs => greatest(least(coalesce(p_wait, 0), 3600), least(3600, x.every_seconds * 2 ^ least(x.failures, 10))) * (0.9 + 0.2 * random()))
  where x.run = p_run and x.status = 'running' returning * into s;
  if s.cloud_id is null then return; end if;
  if s.failures = 1 then
    perform wall.audit_insert(array[r.owner_id, r.assigned_id], null, 'sync', null, jsonb_build_object('event', 'cloud.sync', 'targetKind', 'cloud',
      'targetId', r.id, 'targetName', r.name, 'result', 'failed', 'reason', s.error)) from public.resource r where r.id = s.cloud_id;
  end if;
  perform pg_notify('freehold', 'r:' || s.cloud_id);
end $$;

-- "Refresh now", for who controls a cloud or uses it. @returns whether it will be
create function wall.sync_soon(p_cloud uuid) returns boolean language sql security definer set search_path = pg_catalog, pg_temp as $$
  with asked as (
    update public.cloud_sync s set next_at = least(s.next_at, now()) from public.resource r
    where s.cloud_id = p_cloud and r.id = s.cloud_id and not s.paused and wall.ctx_writer() in (r.owner_id, r.assigned_id) returning 1)
  select exists (select 1 from asked)
$$;

-- The cloud itself said that something changed.
create function wall.sync_told(p_cloud uuid) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.cloud_sync s set next_at = least(s.next_at, greatest(now(), s.finished_at + interval '5 seconds')) where s.cloud_id = p_cloud and s.failures = 0
$$;

-- Once a statement instead of once a row: a look changes the state of thousands.
drop trigger resource_state_notify on resource_state;
create or replace function wall.notify_state() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    perform pg_notify('freehold', 'r:' || string_agg(x.id::text, ',')) from (select n.resource_id as id, row_number() over () / 200 as part from new_rows n) x group by x.part;
  else
    perform pg_notify('freehold', 'r:' || string_agg(x.id::text, ',')) from (
      select n.resource_id as id, row_number() over () / 200 as part from new_rows n join old_rows o on o.resource_id = n.resource_id
      where (o.status, o.conflict_at) is distinct from (n.status, n.conflict_at)) x group by x.part;
  end if;
  return null;
end $$;
create trigger resource_state_notify_insert after insert on resource_state referencing new table as new_rows for each statement execute function wall.notify_state();
create trigger resource_state_notify_update after update on resource_state referencing old table as old_rows new table as new_rows
  for each statement execute function wall.notify_state();

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
grant execute on function wall.ctx_owns_cloud(uuid), wall.sync_soon(uuid) to freehold_tenant, freehold_master;
grant execute on function wall.connection_live(uuid), wall.egress_of(uuid), wall.sync_claim(), wall.sync_beat(uuid), wall.sync_batch(uuid, jsonb, int),
  wall.sync_finish(uuid, text[]), wall.sync_fail(uuid, text, text, int), wall.sync_told(uuid) to freehold_system;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
