-- Migration of hosts between tenants (PRODUCT rule 13): owner and assigned tenant change together, with all that stands on a host, and what
-- ends by it is kept for 7 days, so that it can be undone. The master's alone.

-- CreateTable
CREATE TABLE "host_move" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "to_tenant_id" UUID NOT NULL,
    "hosts" INTEGER NOT NULL,
    "created_by" UUID,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "undone_at" TIMESTAMPTZ(6),
    "undone_by_name" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "host_move_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "host_move_item" (
    "move_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "root" BOOLEAN NOT NULL,
    "from_owner_id" UUID NOT NULL,
    "from_assigned_id" UUID NOT NULL,
    "before" JSONB NOT NULL,

    CONSTRAINT "host_move_item_pkey" PRIMARY KEY ("move_id","resource_id")
);

-- CreateIndex
CREATE INDEX "host_move_tenant_id_created_at_id_idx" ON "host_move"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "host_move_id_tenant_id_key" ON "host_move"("id", "tenant_id");

-- AddForeignKey
ALTER TABLE "host_move" ADD CONSTRAINT "host_move_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "host_move_item" ADD CONSTRAINT "host_move_item_move_id_tenant_id_fkey" FOREIGN KEY ("move_id", "tenant_id") REFERENCES "host_move"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table host_move
  add constraint host_move_master_check check (tenant_id = '00000000-0000-4000-8000-000000000001'),
  add constraint host_move_hosts_check check (hosts between 1 and 10000);

do $$
declare t text;
begin
  foreach t in array array['host_move', 'host_move_item'] loop
    execute format('alter table public.%I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on public.%I to freehold_definer', t);
    execute format('create policy %I on public.%I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on public.%I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on public.%I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on public.%I for delete to freehold_definer using (true)', t || '_definer_delete', t);
    -- Read by the master; nobody but the functions below writes.
    execute format('grant select on public.%I to freehold_master', t);
    execute format('create policy %I on public.%I for select to freehold_master
      using (tenant_id = (select wall.ctx_tenant()) and (select wall.ctx_is_master()))', t || '_select', t);
  end loop;
end $$;

-- What is replaced: each as before, but for what is said ----------------------------------------------------------------

set local role freehold_definer;
-- As before; but history goes with a host that migrates: only then its owner changes, which no serving role can do. By an assignment the
-- owner stays, and who gets it to use does not learn how it was used before (rule 3).
create or replace function wall.host_samples_forget() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.owner_id <> old.owner_id then return null; end if;
  delete from public.host_sample s where s.resource_id = new.id;
  return null;
end $$;

-- As before; where something changes its owner, a function of this file has decided where it stands.
create or replace function wall.resource_guard() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c wall.ctx_t;
begin
  if new.owner_id <> old.owner_id then return new; end if;
  c := wall.ctx();
  if c.tenant is null then return new; end if; -- the operator, a migration, a definer function without a context
  if new.name is distinct from old.name and new.owner_id <> c.tenant and c.tenant <> '00000000-0000-4000-8000-000000000001'
    and wall.ctx_edit_role(new.id) is distinct from 'admin' then
    raise exception 'only an admin of a share renames' using errcode = '42501';
  end if;
  if new.parent_id is distinct from old.parent_id and not wall.ctx_may_place(new.id, new.kind, null, new.parent_id) then
    raise exception 'may not stand there' using errcode = '42501';
  end if;
  return new;
end $$;
set local role freehold_owner;

-- Who and what ------------------------------------------------------------------------------------------------------------

-- Whether the acting person migrates hosts at all: of the master, and a parent-level user (rule 13). What their roles say is asked before.
create function wall.ctx_moves_hosts() returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select wall.ctx_is_master() and exists (select 1 from public.user_account u
    where u.id = (wall.ctx()).usr and u.parent_level and u.status = 'active')
$$;

-- Hosts of tenants that are not deleted, and all that stands on them, each under the host that it goes with.
create function wall.host_move_set(p_ids uuid[]) returns table (id uuid, host_id uuid, root boolean) language sql stable set search_path = pg_catalog, pg_temp as $$
  with recursive s (id, host_id, depth) as (
    select r.id, r.id, 0 from public.resource r join public.tenant o on o.id = r.owner_id
    where r.id = any (p_ids) and r.kind = 'host' and o.status <> 'deleted'
    union all
    select c.id, s.host_id, s.depth + 1 from s join public.resource c on c.parent_id = s.id where s.depth < 20)
  select distinct on (s.id) s.id, s.host_id, s.depth = 0 from s order by s.id, s.depth
$$;

-- All that would move to a tenant, each with what keeps it, if anything does. Parent-level master users only.
--   there: it is that tenant's already; owned: the tenant owns it and only gave it away (an assignment takes it back);
--   cloud: it goes where its cloud goes (rule 4); third: neither the host's owner nor its user has it, but somebody else.
create function wall.host_move_plan(p_ids uuid[], p_to uuid) returns table (id uuid, kind text, name text, root boolean, owner_id uuid, owner text,
  assigned_id uuid, assigned text, public boolean, blocker text, about text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select x.id, x.kind, x.name, x.root, x.owner_id, x.owner, x.assigned_id, x.assigned, x.public, x.blocker,
    case x.blocker when 'cloud' then x.cloud when 'third' then x.third end
  from (
    select r.id, r.kind, r.name, s.root, r.owner_id, o.name as owner, r.assigned_id, a.name as assigned, r.visibility = 'public' as public,
      (select c.name from public.resource c where c.id = r.cloud_id) as cloud,
      case when r.owner_id in (h.owner_id, h.assigned_id, p_to) then a.name else o.name end as third,
      case when s.root and r.owner_id = p_to and r.assigned_id = p_to then 'there'
        when s.root and r.owner_id = p_to then 'owned'
        when r.cloud_id is not null then 'cloud'
        when r.owner_id not in (h.owner_id, h.assigned_id, p_to) or r.assigned_id not in (h.owner_id, h.assigned_id, p_to) then 'third' end as blocker
    from wall.host_move_set(p_ids) s join public.resource r on r.id = s.id join public.resource h on h.id = s.host_id
    join public.tenant o on o.id = r.owner_id join public.tenant a on a.id = r.assigned_id) x
  where wall.ctx_moves_hosts() order by x.kind, x.name, x.id
$$;

-- Tenants that have, see or get something of it, whose locks a migration takes; everyone's where something of it is public.
create function wall.host_move_tenants(p_ids uuid[], p_to uuid) returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with r as materialized (select x.* from wall.host_move_set(p_ids) s join public.resource x on x.id = s.id where wall.ctx_moves_hosts())
  select p_to union select r.owner_id from r union select r.assigned_id from r
  union select g.tenant_id from r join public.access_grant g on g.resource_id = r.id
  union select g.tenant_id from r join public.access_grant_all g on g.kind = r.kind and g.owner_id = r.owner_id and r.assigned_id = r.owner_id
  union select '00000000-0000-4000-8000-0000000000ff' from r where r.visibility = 'public'
$$;

-- Roles and assignments of the tenants that lose these which name one of them: they stay as they are, without force until it comes back.
create function wall.host_move_roles(p_ids uuid[]) returns table (tenant_id uuid, role text, entries bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select x.tenant_id, x.name, count(*) from (
    select u.tenant_id, u.name from public.user_role u, jsonb_array_elements(coalesce(u.access -> 'resources', '[]')) e
    where e ->> 'id' = any (p_ids::text[])
    union all
    select u.tenant_id, u.name from public.user_role u, jsonb_array_elements(coalesce(u.access -> 'claims', '[]')) c,
      jsonb_array_elements_text(coalesce(c -> 'resources', '[]')) e where e = any (p_ids::text[])
    union all
    select a.tenant_id, u.name from public.role_assignment a join public.user_role u on u.id = a.role_id
    where a.scope like 'resource:%' and substr(a.scope, 10) = any (p_ids::text[])) x
  where wall.ctx_moves_hosts() group by 1, 2 order by 1, 2
$$;

-- There -------------------------------------------------------------------------------------------------------------------

-- Ends what others have on things that go to a tenant: places in groups, tags, shares, references that it could not follow. Keeps it all.
create function wall.host_move_keep(p_move uuid, p_ids uuid[], p_to uuid) returns void language sql volatile set search_path = pg_catalog, pg_temp as $$
  with s as materialized (select x.* from wall.host_move_set(p_ids) x),
  groups as (delete from public.resource_group_member m using public.resource_group g, s
    where g.id = m.group_id and m.resource_id = s.id and m.tenant_id <> p_to
    returning m.resource_id as id, jsonb_build_object('tenantId', m.tenant_id, 'groupId', m.group_id, 'name', g.name) as x),
  tags as (delete from public.resource_tag t using s where t.resource_id = s.id and t.tenant_id <> p_to
    returning t.resource_id as id, jsonb_build_object('tenantId', t.tenant_id, 'tag', t.tag) as x),
  grants as (delete from public.access_grant g using s, public.tenant n where g.resource_id = s.id and n.id = g.tenant_id
    returning g.resource_id as id, to_jsonb(g) || jsonb_build_object('tenant', n.name) as x),
  links as (delete from public.resource_link l using s
    where s.id in (l.resource_id, l.target_id) and not (l.resource_id in (select x.id from s x) and l.target_id in (select x.id from s x))
      and not case when l.resource_id = s.id then wall.tenant_uses(p_to, l.target_id)
        else exists (select 1 from public.resource o where o.id = l.resource_id and o.owner_id = p_to) end
    returning s.id, to_jsonb(l) as x),
  ended as (select e.id, jsonb_object_agg(e.what, e.list) as what from (
    select u.id, u.what, jsonb_agg(u.x) as list from (
      select 'groups' as what, * from groups union all select 'tags', * from tags union all select 'grants', * from grants
      union all select 'links', * from links) u group by 1, 2) e group by 1)
  insert into public.host_move_item (move_id, tenant_id, resource_id, kind, name, root, from_owner_id, from_assigned_id, before)
  select p_move, '00000000-0000-4000-8000-000000000001', r.id, r.kind, r.name, s.root, r.owner_id, r.assigned_id,
    jsonb_build_object('visibility', r.visibility, 'parentId', r.parent_id, 'createdBy', r.created_by) || coalesce(e.what, '{}')
  from s join public.resource r on r.id = s.id left join ended e on e.id = r.id
$$;

-- Moves hosts and all on them to a tenant, whole or not at all, and keeps what it was. Refuses whatever wall.host_move_plan names a blocker of.
create function wall.host_move(p_move uuid, p_ids uuid[], p_to uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  ids uuid[];
  moved int;
begin
  if not wall.ctx_moves_hosts() or (wall.ctx()).mode not in ('user', 'job') then raise exception 'not yours to move' using errcode = '42501'; end if;
  if not exists (select 1 from public.tenant t where t.id = p_to and t.status = 'active') then raise exception 'no such tenant' using errcode = '23503'; end if;
  perform 1 from public.resource r where r.id in (select s.id from wall.host_move_set(p_ids) s) order by r.id for update;
  if (select count(*) from wall.host_move_set(p_ids) s where s.root) <> cardinality(p_ids)
    or exists (select 1 from wall.host_move_plan(p_ids, p_to) p where p.blocker is not null) then
    raise exception 'not as it was planned' using errcode = '23514', constraint = 'host_move_planned';
  end if;
  insert into public.host_move (id, tenant_id, to_tenant_id, hosts, created_by, created_by_name)
  select p_move, '00000000-0000-4000-8000-000000000001', p_to, cardinality(p_ids), u.id, wall.person(u) from public.user_account u where u.id = (wall.ctx()).usr;
  perform wall.host_move_keep(p_move, p_ids, p_to);
  ids := array(select i.resource_id from public.host_move_item i where i.move_id = p_move);
  update public.resource r set owner_id = p_to, assigned_id = p_to, visibility = 'private', created_by = null, updated_at = now(),
    -- Not "= any (ids)": of an array each element would be looked at, for each row.
    parent_id = case when r.parent_id in (select i.resource_id from public.host_move_item i where i.move_id = p_move)
      or exists (select 1 from public.resource p where p.id = r.parent_id and p_to in (p.owner_id, p.assigned_id)) then r.parent_id end
  where r.id = any (ids);
  get diagnostics moved = row_count;
  return moved;
end $$;

-- And back ----------------------------------------------------------------------------------------------------------------

-- What keeps a migration from being undone. gone: deleted since; moved: another's by now; since: stands on it since; tenant: whose it was is
-- not active. Parent-level master users only.
create function wall.host_move_back_plan(p_move uuid) returns table (id uuid, kind text, name text, blocker text, about text) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  with m as (select * from public.host_move x where x.id = p_move and wall.ctx_moves_hosts()),
  i as materialized (select x.*, m.to_tenant_id, r.id as there, r.owner_id, r.assigned_id from m join public.host_move_item x on x.move_id = m.id
    left join public.resource r on r.id = x.resource_id)
  select i.resource_id, i.kind, i.name, 'gone', '' from i where i.there is null
  union all
  select i.resource_id, i.kind, i.name, 'moved', t.name from i join public.tenant t on t.id = i.assigned_id
  where i.owner_id <> i.to_tenant_id or i.assigned_id <> i.to_tenant_id
  union all
  select i.resource_id, i.kind, i.name, 'tenant', t.name from i join public.tenant t on t.id in (i.from_owner_id, i.from_assigned_id) and t.status <> 'active'
  union all
  select c.id, c.kind, c.name, 'since', i.name from i join public.resource c on c.parent_id = i.there
  where not exists (select 1 from i x where x.resource_id = c.id)
$$;

-- Tenants whose locks the way back takes.
create function wall.host_move_back_tenants(p_move uuid) returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with m as (select * from public.host_move x where x.id = p_move and wall.ctx_moves_hosts()),
  i as materialized (select x.* from m join public.host_move_item x on x.move_id = m.id)
  select m.to_tenant_id from m union select i.from_owner_id from i union select i.from_assigned_id from i
  union select g.tenant_id from i join public.access_grant g on g.resource_id = i.resource_id
  union select '00000000-0000-4000-8000-0000000000ff' from i where i.before ->> 'visibility' = 'public'
$$;

-- Gives back shares as they were, but for those that have ended or whose taker is not active; who has to accept is asked anew.
create function wall.host_move_regrant(p_move uuid) returns int language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  insert into public.access_grant (id, resource_id, kind, name, owner_id, tenant_id, role, expires_at, direct, created_by, created_at)
  select g.id, g.resource_id, g.kind, g.name, g.owner_id, g.tenant_id, g.role, g.expires_at, g.direct, g.created_by, g.created_at
  from public.host_move_item i, jsonb_populate_recordset(null::public.access_grant, i.before -> 'grants') g
  join public.tenant t on t.id = g.tenant_id and t.status = 'active'
  where i.move_id = p_move and (g.expires_at is null or g.expires_at > now()) and wall.may_share(g.owner_id);
  get diagnostics n = row_count;
  update public.access_grant x set status = g.status
  from public.host_move_item i, jsonb_populate_recordset(null::public.access_grant, i.before -> 'grants') g
  where i.move_id = p_move and x.id = g.id and x.resource_id = i.resource_id and g.status <> 'live' and x.status <> g.status;
  return n;
end $$;

-- Gives back places in groups, tags and references, where there still is what they are of. Returns how many of each.
create function wall.host_move_rehang(p_move uuid) returns jsonb language sql volatile set search_path = pg_catalog, pg_temp as $$
  with i as materialized (select * from public.host_move_item x where x.move_id = p_move),
  groups as (insert into public.resource_group_member (tenant_id, group_id, resource_id)
    select g.tenant_id, g.id, i.resource_id from i, jsonb_array_elements(i.before -> 'groups') e
    join public.resource_group g on g.id = (e ->> 'groupId')::uuid and g.tenant_id = (e ->> 'tenantId')::uuid on conflict do nothing returning 1),
  tags as (insert into public.resource_tag (tenant_id, resource_id, tag)
    select t.id, i.resource_id, e ->> 'tag' from i, jsonb_array_elements(i.before -> 'tags') e
    join public.tenant t on t.id = (e ->> 'tenantId')::uuid on conflict do nothing returning 1),
  links as (insert into public.resource_link (resource_id, field, position, target_id)
    select distinct on (l.resource_id, l.field, l.target_id) l.resource_id, l.field, l.position, l.target_id
    from i, jsonb_populate_recordset(null::public.resource_link, i.before -> 'links') l
    join public.resource a on a.id = l.resource_id join public.resource b on b.id = l.target_id
    where case when l.resource_id = i.resource_id then wall.tenant_uses(i.from_owner_id, l.target_id)
      else a.owner_id in (i.from_owner_id, i.from_assigned_id) end
    on conflict do nothing returning 1)
  select jsonb_build_object('groups', (select count(*) from groups), 'tags', (select count(*) from tags), 'links', (select count(*) from links))
$$;

-- Ends what the tenants that do not keep them have on things that go back. Returns how much of each.
create function wall.host_move_unhang(p_move uuid) returns jsonb language sql volatile set search_path = pg_catalog, pg_temp as $$
  with i as materialized (select * from public.host_move_item x where x.move_id = p_move),
  groups as (delete from public.resource_group_member m using i
    where m.resource_id = i.resource_id and m.tenant_id not in (i.from_owner_id, i.from_assigned_id) returning 1),
  tags as (delete from public.resource_tag t using i
    where t.resource_id = i.resource_id and t.tenant_id not in (i.from_owner_id, i.from_assigned_id) returning 1),
  grants as (delete from public.access_grant g using i where g.resource_id = i.resource_id returning 1),
  links as (delete from public.resource_link l using i
    where i.resource_id in (l.resource_id, l.target_id)
      and not (l.resource_id in (select x.resource_id from i x) and l.target_id in (select x.resource_id from i x))
      and not case when l.resource_id = i.resource_id then wall.tenant_uses(i.from_owner_id, l.target_id)
        else exists (select 1 from public.resource o where o.id = l.resource_id and o.owner_id in (i.from_owner_id, i.from_assigned_id)) end
    returning 1)
  select jsonb_build_object('groups', (select count(*) from groups), 'tags', (select count(*) from tags), 'grants', (select count(*) from grants),
    'links', (select count(*) from links))
$$;

-- Undoes a migration of the last 7 days, whole or not at all. Returns what ended by it, and how much of what had ended came back.
create function wall.host_move_back(p_move uuid) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  ended jsonb;
  back jsonb;
begin
  if not wall.ctx_moves_hosts() or (wall.ctx()).mode not in ('user', 'job') then raise exception 'not yours to move' using errcode = '42501'; end if;
  perform 1 from public.host_move m where m.id = p_move and m.undone_at is null and m.created_at > now() - interval '7 days' for update;
  if not found then raise exception 'not to be undone' using errcode = '23514', constraint = 'host_move_planned'; end if;
  perform 1 from public.resource r where r.id in (select i.resource_id from public.host_move_item i where i.move_id = p_move) order by r.id for update;
  if exists (select 1 from wall.host_move_back_plan(p_move)) then
    raise exception 'not as it was left' using errcode = '23514', constraint = 'host_move_planned';
  end if;
  ended := wall.host_move_unhang(p_move);
  update public.resource r set owner_id = i.from_owner_id, assigned_id = i.from_assigned_id, visibility = i.before ->> 'visibility',
    created_by = (i.before ->> 'createdBy')::uuid, updated_at = now(),
    parent_id = (select p.id from public.resource p where p.id = (i.before ->> 'parentId')::uuid)
  from public.host_move_item i where i.move_id = p_move and r.id = i.resource_id;
  back := wall.host_move_rehang(p_move) || jsonb_build_object('grants', wall.host_move_regrant(p_move));
  update public.host_move m set undone_at = now(), undone_by_name = (select wall.person(u) from public.user_account u where u.id = (wall.ctx()).usr)
  where m.id = p_move;
  return jsonb_build_object('ended', ended, 'back', back);
end $$;

-- From the 8th day on a migration is not undone, and what it kept is forgotten.
create function wall.host_moves_purge() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.host_move where created_at < now() - interval '7 days'
$$;

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
grant execute on function wall.host_move_plan(uuid[], uuid), wall.host_move_tenants(uuid[], uuid), wall.host_move_roles(uuid[]),
  wall.host_move(uuid, uuid[], uuid), wall.host_move_back_plan(uuid), wall.host_move_back_tenants(uuid), wall.host_move_back(uuid) to freehold_master;
grant execute on function wall.host_moves_purge() to freehold_system;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
