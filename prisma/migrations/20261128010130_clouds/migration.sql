-- Clouds move as a whole, big moves run as tasks, what a read-level cloud holds is not referred to (PRODUCT rules 4 and 5).

-- CreateTable
CREATE TABLE "background_task" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "input" JSONB NOT NULL DEFAULT '{}',
    "result" JSONB,
    "error" TEXT NOT NULL DEFAULT '',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "request_id" TEXT NOT NULL DEFAULT '',
    "ip" TEXT NOT NULL DEFAULT '',
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "heartbeat_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "background_task_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "background_task_tenant_id_created_at_id_idx" ON "background_task"("tenant_id", "created_at", "id");

-- AddForeignKey
ALTER TABLE "background_task" ADD CONSTRAINT "background_task_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table background_task
  add constraint background_task_status_check check (status in ('queued', 'running', 'done', 'failed')),
  add constraint background_task_done_check check (done >= 0 and total >= 0);
create index background_task_open_idx on background_task (created_at) where status in ('queued', 'running');
-- What is not the master's in a cloud: mostly nothing, so that asking costs nothing (rule 4).
create index resource_cloud_foreign_idx on resource (cloud_id, owner_id) where owner_id <> '00000000-0000-4000-8000-000000000001';

alter table background_task enable row level security, force row level security;
grant select, insert, update, delete on background_task to freehold_definer;
create policy background_task_definer_select on background_task for select to freehold_definer using (true);
create policy background_task_definer_insert on background_task for insert to freehold_definer with check (true);
create policy background_task_definer_update on background_task for update to freehold_definer using (true) with check (true);
create policy background_task_definer_delete on background_task for delete to freehold_definer using (true);
grant select, insert (id, tenant_id, kind, title, total, input, request_id, ip, created_by) on background_task to freehold_tenant, freehold_master;
create policy background_task_select on background_task for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
create policy background_task_insert on background_task for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_writer()) and created_by = (select wall.ctx_user()));

-- Tasks -------------------------------------------------------------------------------------------------------------------

-- The next task, for one worker at a time: a new one, or one whose worker has not been heard of. Its attempt's number says whose it is
-- from now on; what an earlier attempt still writes is refused.
create function wall.task_claim() returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare k public.background_task;
begin
  update public.background_task set status = 'failed', finished_at = now(), error = 'It was interrupted too often'
  where status = 'running' and heartbeat_at < now() - interval '30 seconds' and attempts >= 5;
  update public.background_task t set status = 'running', attempts = t.attempts + 1, heartbeat_at = now(), started_at = coalesce(t.started_at, now()), done = 0
  where t.id = (
    select x.id from public.background_task x
    where x.status = 'queued' or x.status = 'running' and x.heartbeat_at < now() - interval '30 seconds'
    order by x.created_at limit 1 for update skip locked)
  returning t.* into k;
  if k.id is null then return null; end if;
  return jsonb_build_object('id', k.id, 'tenantId', k.tenant_id, 'slug', (select t.slug from public.tenant t where t.id = k.tenant_id), 'kind', k.kind,
    'input', k.input, 'attempt', k.attempts, 'userId', k.created_by, 'requestId', k.request_id, 'ip', k.ip);
end $$;

-- How far an attempt is, and that its worker lives.
create function wall.task_progress(p_task uuid, p_attempt int, p_done int) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.background_task set heartbeat_at = now(), done = greatest(done, least(p_done, total))
  where id = p_task and attempts = p_attempt and status = 'running'
$$;

create function wall.task_fail(p_task uuid, p_attempt int, p_error text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.background_task set status = 'failed', error = left(p_error, 1000), finished_at = now()
  where id = p_task and attempts = p_attempt and status = 'running'
$$;

-- Done, in the transaction of the work itself: both are there, or neither. Refuses an attempt that another one has taken over from.
create function wall.task_finish(p_task uuid, p_attempt int, p_result jsonb) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c wall.ctx_t := wall.ctx();
begin
  update public.background_task set status = 'done', done = total, result = p_result, finished_at = now(), heartbeat_at = now()
  where id = p_task and attempts = p_attempt and status = 'running' and tenant_id = c.tenant and created_by = c.usr and c.mode = 'job';
  if not found then raise exception 'not this attempt''s task' using errcode = '42501'; end if;
end $$;

-- As wall.auth_again, for who asked for a running task: their rights as they are now, whether or not they are still signed in.
create function wall.auth_of_task(p_task uuid) returns jsonb language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  k public.background_task;
  t public.tenant;
  u public.user_account;
  cap jsonb;
  roles jsonb;
begin
  select * into k from public.background_task x
  where x.id = p_task and x.tenant_id = c.tenant and x.created_by = c.usr and x.status = 'running' and c.mode = 'job';
  select * into t from public.tenant where id = k.tenant_id and status = 'active';
  select a.* into u from public.user_account a join public.tenant o on o.id = a.home_tenant_id
  where a.id = k.created_by and a.status = 'active' and o.status = 'active'
    and (exists (select 1 from public.membership m where m.tenant_id = t.id and m.user_id = a.id) or (a.parent_level and a.home_tenant_id <> t.id));
  if u.id is null or t.id is null then return null; end if;
  select jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'sharing', r.sharing, 'landing', r.landing) into cap
  from public.tenant_role r where r.id = t.tenant_role_id;
  select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'access', r.access,
    'landing', r.landing, 'scope', ra.scope, 'expiresAt', ra.expires_at) order by r.name, ra.scope), '[]') into roles
  from public.role_assignment ra join public.user_role r on r.id = ra.role_id
  where ra.user_id = u.id and (ra.expires_at is null or ra.expires_at > now())
    and (ra.tenant_id = t.id or (u.parent_level and ra.tenant_id = u.home_tenant_id));
  return jsonb_build_object(
    'install', wall.install_state(),
    'tenant', jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'icon', t.icon, 'status', t.status, 'currency', t.currency, 'cap', cap),
    'session', jsonb_build_object('id', k.id, 'createdAt', k.created_at, 'absoluteExpiresAt', k.created_at),
    'user', jsonb_build_object('id', u.id, 'username', u.username, 'firstName', u.first_name, 'lastName', u.last_name, 'email', u.email,
      'homeTenantId', u.home_tenant_id, 'parentLevel', u.parent_level, 'mustChangePassword', false),
    'roles', roles);
end $$;

-- Clouds ------------------------------------------------------------------------------------------------------------------

-- What neither the master nor the tenant it goes to owns in these clouds: it blocks the move, and is named (rule 4). Master only.
create function wall.cloud_blockers(p_clouds uuid[], p_to uuid, p_limit int)
returns table (id uuid, kind text, name text, tenant text, total bigint) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select r.id, r.kind, r.name, t.name, count(*) over ()
  from public.resource r join public.tenant t on t.id = r.owner_id
  where r.cloud_id = any (p_clouds) and r.owner_id <> '00000000-0000-4000-8000-000000000001' and r.owner_id <> p_to and wall.ctx_is_master()
  order by t.name, r.kind, r.name, r.id limit p_limit
$$;

-- How many tenants have added each of these public clouds. Master only.
create function wall.cloud_use(p_clouds uuid[]) returns table (cloud_id uuid, tenants bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select tc.cloud_id, count(*) from public.tenant_cloud tc join public.tenant t on t.id = tc.tenant_id and t.status <> 'deleted'
  where tc.cloud_id = any (p_clouds) and wall.ctx_is_master() group by 1
$$;

-- The public clouds that the acting tenant is offered, added or not: a tenant does not see one that it has not added (rule 5).
create function wall.cloud_offers() returns table (id uuid, name text, spec jsonb, level text, added boolean, group_id uuid) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select c.id, c.name, c.spec, o.level, tc.cloud_id is not null, tc.group_id
  from wall.ctx_offers() o join public.resource c on c.id = o.cloud_id
  left join public.tenant_cloud tc on tc.cloud_id = c.id and tc.tenant_id = wall.ctx_tenant()
$$;

-- Whether the acting tenant may refer to a resource: what it sees, but for what the master assigned away (rule 2), and what is merely public
-- in a cloud that its tenant role lets it only look at (rule 5).
create function wall.ctx_may_refer(p_resource uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select wall.ctx_sees(p_resource) and exists (select 1 from public.resource r where r.id = p_resource and case
    when r.owner_id = wall.ctx_writer() then r.assigned_id = r.owner_id
    when r.assigned_id = wall.ctx_writer() then true
    else r.cloud_id is null
      or exists (select 1 from public.access_grant g where g.resource_id = r.id and g.tenant_id = wall.ctx_writer()
        and g.status = 'live' and (g.expires_at is null or g.expires_at > now()))
      or r.assigned_id = r.owner_id and r.kind = any (wall.ctx_granted_kinds())
      or exists (select 1 from wall.ctx_offers() o where o.cloud_id = r.cloud_id and o.level = 'full')
    end)
$$;

drop policy resource_link_insert on resource_link;
create policy resource_link_insert on resource_link for insert to freehold_tenant, freehold_master
  with check (wall.ctx_may_edit(resource_id) and wall.ctx_may_refer(target_id));
-- Put into another order, what is held already is not asked for again: it may be lost to the tenant meanwhile.
grant update (position) on resource_link to freehold_tenant, freehold_master;
create policy resource_link_update on resource_link for update to freehold_tenant, freehold_master
  using (wall.ctx_may_edit(resource_id)) with check (wall.ctx_may_edit(resource_id));

-- Once a statement instead of once a row: a cloud moves with a hundred thousand of them.
drop trigger resource_notify on resource;
drop trigger resource_end_grants on resource;
create or replace function wall.notify_resource() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  told uuid[];
  everybody boolean;
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct x), bool_or(n.visibility = 'public') into told, everybody from new_rows n, unnest(array[n.assigned_id, n.owner_id]) x;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct x), bool_or(o.visibility = 'public') into told, everybody from old_rows o, unnest(array[o.assigned_id, o.owner_id]) x;
  else
    select array_agg(distinct x), bool_or('public' in (o.visibility, n.visibility)) into told, everybody
    from old_rows o join new_rows n on n.id = o.id, unnest(array[o.assigned_id, n.assigned_id, n.owner_id]) x
    where (o.assigned_id, o.visibility, o.name) is distinct from (n.assigned_id, n.visibility, n.name);
  end if;
  perform pg_notify('freehold', 't:' || t::text) from unnest(told) t;
  if everybody then perform pg_notify('freehold', 'p:'); end if;
  return null;
end $$;
create trigger resource_notify_insert after insert on resource referencing new table as new_rows for each statement execute function wall.notify_resource();
create trigger resource_notify_update after update on resource referencing old table as old_rows new table as new_rows
  for each statement execute function wall.notify_resource();
create trigger resource_notify_delete after delete on resource referencing old table as old_rows for each statement execute function wall.notify_resource();

-- Assigned to one tenant, a thing is shared with no other, so its grants end. A cloud that is assigned to a tenant has all in it that its owner
-- has, and nothing of a third (rule 4): whoever moves one without the other is refused, in whatever order within a statement.
create function wall.resource_moved() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare away uuid[];
begin
  if not exists (select 1 from old_rows o join new_rows n on n.id = o.id where n.assigned_id <> o.assigned_id) then return null; end if;
  delete from public.access_grant g using old_rows o, new_rows n where n.id = o.id and n.assigned_id <> o.assigned_id and g.resource_id = n.id;
  select array_agg(c.id) into away from public.resource c
  where c.id = any (array(select distinct n.cloud_id from new_rows n where n.cloud_id is not null)) and c.assigned_id <> c.owner_id;
  if away is null then return null; end if;
  if exists (select 1 from new_rows n join public.resource c on c.id = any (away) and c.id = n.cloud_id
      where n.owner_id = c.owner_id and n.assigned_id <> c.assigned_id)
    or exists (select 1 from new_rows c join public.resource r on r.cloud_id = c.id
      where c.kind = 'cloud' and c.id = any (away)
        and (r.owner_id = c.owner_id and r.assigned_id <> c.assigned_id or r.owner_id <> c.owner_id and r.owner_id <> c.assigned_id)) then
    raise exception 'a cloud is assigned with all that stands in it' using errcode = '23514', constraint = 'resource_whole_cloud';
  end if;
  return null;
end $$;
create trigger resource_moved after update on resource referencing old table as old_rows new table as new_rows
  for each statement execute function wall.resource_moved();

-- A name that no group of the tenant has, by a number if need be.
create function wall.free_group_name(p_tenant uuid, p_name text) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select x.name from (select n, left(p_name, 90) || case when n > 1 then ' (' || n || ')' else '' end as name from generate_series(1, 10000) n) x
  where not exists (select 1 from public.resource_group g where g.tenant_id = p_tenant and g.name = x.name) order by x.n limit 1
$$;

set local role freehold_definer;
drop function wall.end_grants();
-- As before; a group's name that is taken by another cloud's number is no error.
create or replace function wall.seed_clouds() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c record;
  g uuid;
begin
  for c in
    select r.id, r.name from public.resource r join public.tenant_role tr on tr.id = new.tenant_role_id
    left join public.tenant_role_cloud rc on rc.tenant_role_id = tr.id and rc.cloud_id = r.id
    where r.kind = 'cloud' and r.visibility = 'public' and coalesce(rc.level, tr.default_cloud_level) <> 'none'
    order by r.name, r.id
  loop
    insert into public.resource_group (tenant_id, name) values (new.id, wall.free_group_name(new.id, c.name)) returning id into g;
    insert into public.resource_group_member (tenant_id, group_id, resource_id) values (new.id, g, c.id);
    insert into public.tenant_cloud (tenant_id, cloud_id, group_id) values (new.id, c.id, g);
  end loop;
  return null;
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
grant execute on function wall.task_finish(uuid, int, jsonb), wall.auth_of_task(uuid), wall.cloud_offers(), wall.ctx_may_refer(uuid),
  wall.free_group_name(uuid, text) to freehold_tenant, freehold_master;
grant execute on function wall.cloud_blockers(uuid[], uuid, int), wall.cloud_use(uuid[]) to freehold_master;
grant execute on function wall.task_claim(), wall.task_progress(uuid, int, int), wall.task_fail(uuid, int, text) to freehold_system;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
