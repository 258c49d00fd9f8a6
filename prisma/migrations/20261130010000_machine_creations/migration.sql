-- Machines that are made in their clouds, and how many and how large ones a tenant may make.

-- CreateTable
CREATE TABLE "machine_creation" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "cloud_id" UUID NOT NULL,
    "resource_id" UUID,
    "name" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "external_id" TEXT,
    "handle" TEXT,
    "message" TEXT NOT NULL DEFAULT '',
    "request_id" TEXT NOT NULL DEFAULT '',
    "ip" TEXT NOT NULL DEFAULT '',
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "machine_creation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant_machine_limit" (
    "tenant_id" UUID NOT NULL,
    "machines" INTEGER,
    "cores" INTEGER,
    "memory" BIGINT,
    "disk" BIGINT,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_machine_limit_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateIndex
CREATE INDEX "machine_creation_tenant_id_created_at_idx" ON "machine_creation"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "machine_creation_resource_id_idx" ON "machine_creation"("resource_id");

-- CreateIndex
CREATE INDEX "machine_creation_cloud_id_idx" ON "machine_creation"("cloud_id");

-- AddForeignKey
ALTER TABLE "machine_creation" ADD CONSTRAINT "machine_creation_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "machine_creation" ADD CONSTRAINT "machine_creation_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "machine_creation" ADD CONSTRAINT "machine_creation_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_machine_limit" ADD CONSTRAINT "tenant_machine_limit_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

alter table machine_creation
  add constraint machine_creation_status_check check (status in ('queued', 'asking', 'running', 'ok', 'failed')),
  add constraint machine_creation_name_check check (name ~ '^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$'),
  add constraint machine_creation_spec_check check (jsonb_typeof(spec) = 'object' and octet_length(spec::text) <= 8192);
create index machine_creation_open_idx on machine_creation (created_at) where status in ('queued', 'asking', 'running');
alter table tenant_machine_limit
  add constraint tenant_machine_limit_check check (machines between 0 and 1000000 and cores between 1 and 4096 and memory > 0 and disk > 0);

do $$
declare t text;
begin
  foreach t in array array['machine_creation', 'tenant_machine_limit'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on %I to freehold_definer', t);
    execute format('create policy %I on %I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on %I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on %I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on %I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;

grant select on machine_creation to freehold_tenant, freehold_master;
create policy machine_creation_select on machine_creation for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));

-- The master says how many machines a tenant may have, and how large ones it may make; a tenant knows it.
grant select on tenant_machine_limit to freehold_tenant, freehold_master;
create policy tenant_machine_limit_select on tenant_machine_limit for select to freehold_tenant using (tenant_id = (select wall.ctx_tenant()));
create policy tenant_machine_limit_select_master on tenant_machine_limit for select to freehold_master using ((select wall.ctx_is_master()));
grant insert (tenant_id, machines, cores, memory, disk), update (machines, cores, memory, disk, updated_at), delete on tenant_machine_limit to freehold_master;
create policy tenant_machine_limit_insert on tenant_machine_limit for insert to freehold_master with check ((select wall.ctx_is_master()));
create policy tenant_machine_limit_update on tenant_machine_limit for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));
create policy tenant_machine_limit_delete on tenant_machine_limit for delete to freehold_master using ((select wall.ctx_is_master()));

-- By which connector a cloud that one sees is reached: says what can be made in it. Where it is, is its owner's to know.
create function wall.ctx_cloud_connector(p_cloud uuid) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select n.connector from public.cloud_connection n where n.cloud_id = p_cloud and wall.ctx_sees(p_cloud)
$$;

-- What something that one sees is called in its cloud; null for what is not of that cloud.
create function wall.ctx_external_id(p_cloud uuid, p_resource uuid) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select i.external_id from public.cloud_item i where i.resource_id = p_resource and i.cloud_id = p_cloud and wall.ctx_sees(p_resource)
$$;

-- Asks for a machine that was just entered by this person in this transaction to be made in its cloud. Its tenant's machines are counted
-- one at a time, so that a limit holds exactly. p: cores, memory, disk, start; ids of source, place, datastore, network.
-- @returns the limit that stands in the way; null: it will be made
create function wall.ctx_machine_create(p_id uuid, p_resource uuid, p jsonb, p_request text, p_ip text) returns text
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  r public.resource;
  l public.tenant_machine_limit;
  told jsonb;
begin
  select * into r from public.resource x where x.id = p_resource and x.kind = 'virtual_machine' and x.owner_id = wall.ctx_writer() and x.created_by = wall.ctx_user()
    and x.created_at = now() and not exists (select 1 from public.cloud_item i where i.resource_id = x.id)
    and exists (select 1 from public.cloud_connection n where n.cloud_id = x.cloud_id);
  if r.id is null then raise exception 'no new machine of this tenant' using errcode = '42501'; end if;
  told := jsonb_build_object('cores', (p ->> 'cores')::int, 'memory', (p ->> 'memory')::bigint, 'disk', (p ->> 'disk')::bigint, 'start', (p ->> 'start')::boolean,
    'source', wall.ctx_external_id(r.cloud_id, (p ->> 'source')::uuid), 'place', wall.ctx_external_id(r.cloud_id, (p ->> 'place')::uuid),
    'datastore', wall.ctx_external_id(r.cloud_id, (p ->> 'datastore')::uuid), 'network', wall.ctx_external_id(r.cloud_id, (p ->> 'network')::uuid));
  if told ->> 'source' is null or (p ->> 'place' is not null and told ->> 'place' is null) or (p ->> 'datastore' is not null and told ->> 'datastore' is null)
    or (p ->> 'network' is not null and told ->> 'network' is null) then
    raise exception 'not of this cloud, or not seen' using errcode = '42501';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('freehold.machines.' || r.assigned_id, 20261130));
  select * into l from public.tenant_machine_limit x where x.tenant_id = r.assigned_id;
  if (told ->> 'cores')::int > l.cores then return 'cores'; end if;
  if (told ->> 'memory')::bigint > l.memory then return 'memory'; end if;
  if (told ->> 'disk')::bigint > l.disk then return 'disk'; end if;
  if l.machines is not null and l.machines < (select count(*) from public.resource x where x.kind = 'virtual_machine' and x.assigned_id = r.assigned_id) then
    return 'machines';
  end if;
  insert into public.resource_state (resource_id, status) values (r.id, 'pending')
  on conflict (resource_id) do update set status = 'pending', updated_at = now();
  insert into public.machine_creation (id, tenant_id, cloud_id, resource_id, name, spec, request_id, ip, created_by)
  values (p_id, wall.ctx_writer(), r.cloud_id, r.id, r.name, told, p_request, p_ip, wall.ctx_user());
  return null;
end $$;

-- The next machine to be made, for one worker at a time; one whose worker has not been heard of is followed on, never asked for twice.
create function wall.creation_claim() returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  k public.machine_creation;
begin
  select y.* into k from public.machine_creation y
  where y.status = 'queued' or y.status in ('asking', 'running') and y.heartbeat_at < now() - interval '30 seconds'
  order by y.created_at, y.id limit 1 for update skip locked;
  if k.id is null then return null; end if;
  update public.machine_creation x set heartbeat_at = now(), status = case x.status when 'queued' then 'asking' else x.status end where x.id = k.id;
  return jsonb_build_object('id', k.id, 'name', k.name, 'spec', k.spec, 'handle', k.handle, 'interrupted', k.status <> 'queued', 'cloudId', k.cloud_id,
    'externalId', k.external_id, 'allowed', exists (select 1 from public.resource r join public.resource c on c.id = r.cloud_id join public.tenant t on t.id = k.tenant_id
      where r.id = k.resource_id and r.owner_id = k.tenant_id and r.cloud_id = k.cloud_id and t.status = 'active'
        and (k.tenant_id in (c.owner_id, c.assigned_id) or c.visibility = 'public')));
end $$;

-- Which id the machine will have: a look that finds it finds this one. It is not missed while it is made. @returns whether the id is free
create function wall.creation_reserve(p_id uuid, p_external text) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare k public.machine_creation;
begin
  select * into k from public.machine_creation x where x.id = p_id and x.status = 'asking' and x.external_id is null for update;
  if k.resource_id is null then return false; end if;
  insert into public.cloud_item (resource_id, cloud_id, external_id, hash, state_hash, seen)
  values (k.resource_id, k.cloud_id, p_external, '', '', 9223372036854775807) on conflict do nothing;
  if not found then return false; end if;
  update public.machine_creation x set external_id = p_external, heartbeat_at = now() where x.id = p_id;
  return true;
end $$;

create function wall.creation_beat(p_id uuid, p_handle text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.machine_creation set heartbeat_at = now(), handle = coalesce(p_handle, handle),
    status = case when coalesce(p_handle, handle) is null then status else 'running' end
  where id = p_id and status in ('asking', 'running')
$$;

-- The real end. What was not made is not there: the row that stood for it goes. Where the cloud chose another id, the row gets it; a row
-- that a look made of it meanwhile gives way.
create function wall.creation_done(p_id uuid, p_ok boolean, p_message text, p_external text, p_status text) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  k public.machine_creation;
  r public.resource;
  u public.user_account;
  t uuid;
  c public.resource;
begin
  select x.* into k from public.machine_creation x where x.id = p_id;
  select * into c from public.resource x where x.id = k.cloud_id;
  select * into r from public.resource x where x.id = k.resource_id;
  for t in select x from unnest(array[k.tenant_id, c.owner_id, c.assigned_id, r.assigned_id, '00000000-0000-4000-8000-0000000000ff'::uuid]) x
    where x is not null group by x order by x loop
    perform pg_advisory_xact_lock_shared(wall.lock_key(t));
  end loop;
  update public.machine_creation x set status = case when p_ok then 'ok' else 'failed' end, message = left(p_message, 500), finished_at = clock_timestamp()
  where x.id = p_id and x.status in ('asking', 'running') returning x.* into k;
  if k.id is null then return; end if;
  select * into r from public.resource x where x.id = k.resource_id;
  select * into u from public.user_account x where x.id = k.created_by;
  perform wall.audit_insert(array(select distinct x from unnest(array[k.tenant_id, r.assigned_id, c.owner_id]) x where x is not null), u.id, coalesce(wall.person(u), 'system'),
    u.home_tenant_id, jsonb_build_object('event', 'machine.create_end', 'targetKind', 'virtual_machine', 'targetId', coalesce(r.id::text, ''), 'targetName', k.name,
      'result', case when p_ok then 'ok' else 'failed' end, 'reason', left(p_message, 500), 'after', k.spec, 'ip', k.ip, 'requestId', k.request_id));
  if r.id is not null and not p_ok then
    delete from public.resource x where x.id = r.id;
  elsif r.id is not null then
    delete from public.resource x using public.cloud_item i where p_external is not null and i.cloud_id = k.cloud_id and i.external_id = p_external
      and i.resource_id <> r.id and x.id = i.resource_id and x.created_at >= k.created_at;
    update public.cloud_item i set external_id = case when p_external is null or exists (select 1 from public.cloud_item o where o.cloud_id = k.cloud_id
        and o.external_id = p_external) then i.external_id else p_external end, state_hash = '', missed = 0, missing_since = null,
      seen = coalesce((select s.generation from public.cloud_sync s where s.cloud_id = k.cloud_id), 0) where i.resource_id = r.id;
    update public.resource_state st set status = p_status, updated_at = now() where st.resource_id = r.id;
  end if;
  update public.cloud_sync s set next_at = wall.look_at(s) where s.cloud_id = k.cloud_id and s.failures = 0;
  perform pg_notify('freehold', 'r:' || k.cloud_id);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;
grant execute on function wall.ctx_cloud_connector(uuid), wall.ctx_machine_create(uuid, uuid, jsonb, text, text) to freehold_tenant, freehold_master;
grant execute on function wall.creation_claim(), wall.creation_reserve(uuid, text), wall.creation_beat(uuid, text),
  wall.creation_done(uuid, boolean, text, text, text) to freehold_system;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
