-- Roles, scoped assignments, grants, groups, tags and references (docs/decisions/0012). What is shaped like Prisma's own tables
-- comes first; the wall around it, by hand, after.

-- AlterTable
ALTER TABLE "tenant_role" ADD COLUMN "landing" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "user_role" ADD COLUMN "template_id" UUID,
ADD COLUMN "locked" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "landing" TEXT NOT NULL DEFAULT '',
ADD COLUMN "access" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "role_assignment" ADD COLUMN "scope" TEXT NOT NULL DEFAULT '',
ADD COLUMN "created_by" UUID,
ADD COLUMN "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "resource_group" ADD COLUMN "description" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "installation" ADD COLUMN "shares_require_acceptance" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "resource_tag" (
    "tenant_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "tag" TEXT NOT NULL,

    CONSTRAINT "resource_tag_pkey" PRIMARY KEY ("tenant_id","resource_id","tag")
);

-- CreateTable
CREATE TABLE "resource_link" (
    "resource_id" UUID NOT NULL,
    "field" TEXT NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 0,
    "target_id" UUID NOT NULL,

    CONSTRAINT "resource_link_pkey" PRIMARY KEY ("resource_id","field","target_id")
);

-- DropIndex
DROP INDEX "role_assignment_tenant_id_user_id_role_id_key";

-- CreateIndex
CREATE UNIQUE INDEX "role_assignment_tenant_id_user_id_role_id_scope_key" ON "role_assignment"("tenant_id", "user_id", "role_id", "scope");

-- CreateIndex
CREATE UNIQUE INDEX "user_role_tenant_id_template_id_key" ON "user_role"("tenant_id", "template_id");

-- CreateIndex
CREATE INDEX "user_role_template_id_idx" ON "user_role"("template_id");

-- CreateIndex
CREATE INDEX "resource_tag_tenant_id_tag_idx" ON "resource_tag"("tenant_id", "tag");

-- CreateIndex
CREATE INDEX "resource_tag_resource_id_idx" ON "resource_tag"("resource_id");

-- CreateIndex
CREATE INDEX "resource_link_target_id_field_idx" ON "resource_link"("target_id", "field");

-- AddForeignKey
ALTER TABLE "user_role" ADD CONSTRAINT "user_role_template_id_fkey" FOREIGN KEY ("template_id") REFERENCES "user_role"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_tag" ADD CONSTRAINT "resource_tag_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_tag" ADD CONSTRAINT "resource_tag_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_link" ADD CONSTRAINT "resource_link_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_link" ADD CONSTRAINT "resource_link_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table tenant_role
  add constraint tenant_role_name_check check (length(name) between 1 and 60 and name = btrim(name)),
  -- Levels of built-in roles are in lib/permissions.ts; of others, `sharing` says what their level says (rule 16).
  add constraint tenant_role_built_in_check check (built_in is null or levels = '{}'),
  add constraint tenant_role_sharing_check check (built_in is not null or sharing = (coalesce(levels ->> 'sharing', 'none') = 'full'));
alter table user_role
  add constraint user_role_name_check check (length(name) between 1 and 60 and name = btrim(name)),
  add constraint user_role_built_in_check check (built_in is null or (levels = '{}' and access = '{}')),
  -- A copy is a subtenant's, a template is not a copy, and only templates are locked.
  add constraint user_role_template_check check (template_id is null or tenant_id <> '00000000-0000-4000-8000-000000000001'),
  add constraint user_role_locked_check check (not locked or multi_tenant);
alter table role_assignment
  add constraint role_assignment_scope_check
  check (scope ~ '^((cloud|group|resource):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|tag:.{1,60})?$');
alter table resource_tag add constraint resource_tag_tag_check check (tag ~ '^[a-z0-9][a-z0-9 ._:/-]{0,59}$');
alter table access_grant drop constraint access_grant_status_check,
  -- suspended: live, but its owner may not share any more (cap) or is not active
  add constraint access_grant_status_check check (status in ('pending', 'live', 'suspended'));
alter table access_grant_all drop constraint access_grant_all_status_check,
  add constraint access_grant_all_status_check check (status in ('pending', 'live', 'suspended'));
-- Members maps are the master's (rule 17).
alter table access_grant_all add constraint access_grant_all_owner_check check (owner_id = '00000000-0000-4000-8000-000000000001');
create index access_grant_expiry_idx on access_grant (expires_at) where expires_at is not null;

do $$
declare t text;
begin
  foreach t in array array['resource_tag', 'resource_link'] loop
    execute format('alter table public.%I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on public.%I to freehold_definer', t);
    execute format('create policy %I on public.%I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on public.%I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on public.%I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on public.%I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;

-- Built-in roles that subtenants may not take over: each keeps its own owner.
alter table user_role no force row level security, disable row level security;
update user_role set locked = true where built_in = 'owner';
alter table user_role enable row level security, force row level security;

-- Locks -----------------------------------------------------------------------------------------------------------------

-- Beside its tenant's, a mutation holds the lock of everyone (public things, templates) and of its tenant's cap, all in one order.
-- The cap is read before it is locked: changed in between, the transaction runs again.
create or replace function wall.enter(p_ctx text, p_write boolean, p_shared uuid[], p_exclusive uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  t uuid;
  caps uuid[];
begin
  perform set_config('wall.ctx', p_ctx, true);
  perform set_config('wall.seal', '', true); -- whatever an earlier request left in the connection
  if not p_write then
    perform set_config('transaction_read_only', 'on', true);
    return;
  end if;
  select coalesce(array_agg(x.tenant_role_id), '{}') into caps from public.tenant x where x.id = any (p_shared) and x.tenant_role_id is not null;
  for t in select x from unnest(p_shared || p_exclusive || caps || '00000000-0000-4000-8000-0000000000ff'::uuid) x group by x order by x loop
    if t = any(p_exclusive) then perform pg_advisory_xact_lock(wall.lock_key(t));
    else perform pg_advisory_xact_lock_shared(wall.lock_key(t));
    end if;
  end loop;
  perform 1 from public.tenant x where x.id = any (p_shared) and x.tenant_role_id is not null and x.tenant_role_id <> all (caps);
  if found then raise exception 'the cap changed meanwhile' using errcode = '40001'; end if;
end $$;

-- Questions that policies ask --------------------------------------------------------------------------------------------

-- Whether the acting tenant's cap lets it share what it owns; the master may.
create function wall.ctx_may_share() returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select wall.ctx_is_master() or exists (select 1 from public.tenant t join public.tenant_role r on r.id = t.tenant_role_id
    where t.id = wall.ctx_writer() and r.sharing)
$$;

-- Public clouds with their level for the acting tenant: offered by its tenant role, whether or not it has added them (rule 5).
create function wall.ctx_offers() returns table (cloud_id uuid, level text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.id, coalesce(rc.level, r.default_cloud_level)
  from public.tenant t join public.tenant_role r on r.id = t.tenant_role_id
  join public.resource c on c.kind = 'cloud' and c.visibility = 'public' and c.owner_id = '00000000-0000-4000-8000-000000000001'
  left join public.tenant_role_cloud rc on rc.tenant_role_id = r.id and rc.cloud_id = c.id
  where t.id = wall.ctx_tenant() and coalesce(rc.level, r.default_cloud_level) <> 'none'
$$;
create function wall.ctx_offered(p_cloud uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from wall.ctx_offers() o where o.cloud_id = p_cloud)
$$;

-- The sight of the policies (resource_select_tenant, resource_select_master) for one resource, where a policy of another table asks.
create function wall.ctx_sees(p_resource uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.resource r where r.id = p_resource and (
    wall.ctx_is_master() and r.owner_id = '00000000-0000-4000-8000-000000000001'
    or not wall.ctx_is_master() and wall.ctx_tenant() is not null and (
      r.assigned_id = wall.ctx_tenant()
      or r.visibility = 'public' and (r.cloud_id is null or r.cloud_id = any (wall.ctx_clouds()))
      or exists (select 1 from public.access_grant g where g.resource_id = r.id and g.tenant_id = wall.ctx_tenant()
        and g.status = 'live' and (g.expires_at is null or g.expires_at > now()))
      or r.owner_id = '00000000-0000-4000-8000-000000000001' and r.assigned_id = r.owner_id and r.kind = any (wall.ctx_granted_kinds()))))
$$;

-- Role of the live grant through which the acting tenant may edit what it does not own; null: none does.
create function wall.ctx_edit_role(p_resource uuid) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select x.role from (
    select g.role from public.access_grant g where g.resource_id = p_resource and g.tenant_id = wall.ctx_writer()
      and g.status = 'live' and (g.expires_at is null or g.expires_at > now())
    union all
    select a.role from public.access_grant_all a join public.resource r on r.kind = a.kind and r.owner_id = a.owner_id
    where r.id = p_resource and r.assigned_id = r.owner_id and a.tenant_id = wall.ctx_writer() and a.status = 'live' and (a.expires_at is null or a.expires_at > now())) x
  where x.role in ('editor', 'admin') order by x.role = 'admin' desc limit 1
$$;

-- Whether the acting tenant may change the fields of a resource: as its owner, or by a live grant.
create function wall.ctx_may_edit(p_resource uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.resource r where r.id = p_resource and r.owner_id = wall.ctx_writer())
    or wall.ctx_edit_role(p_resource) is not null
$$;

-- Where a resource may stand: a cloud that the tenant owns, uses, or has added with level full; a parent that it owns or uses (A18).
create function wall.ctx_may_place(p_id uuid, p_kind text, p_cloud uuid, p_parent uuid) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select (p_cloud is null or (p_kind = 'cloud') = (p_cloud = p_id) and (p_cloud = p_id or exists (
      select 1 from public.resource c where c.id = p_cloud and c.kind = 'cloud' and (wall.ctx_writer() in (c.owner_id, c.assigned_id)
        or c.id = any (wall.ctx_clouds()) and exists (select 1 from wall.ctx_offers() o where o.cloud_id = c.id and o.level = 'full')))))
    and (p_parent is null or p_parent <> p_id and exists (
      select 1 from public.resource p where p.id = p_parent and wall.ctx_writer() in (p.owner_id, p.assigned_id)))
$$;

-- Who uses what is born in this cloud: what the master adds to a cloud it assigned away goes where the cloud went (rule 4).
create function wall.born_in(p_owner uuid, p_cloud uuid) returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select c.assigned_id from public.resource c where c.id = p_cloud and c.owner_id = p_owner), p_owner)
$$;

-- Whether a role of a subtenant may be a copy of this one; true for null, a role that copies none.
create function wall.ctx_is_template(p_role uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p_role is null or exists (select 1 from public.user_role r where r.id = p_role and r.multi_tenant and not r.locked)
$$;

-- Roles -----------------------------------------------------------------------------------------------------------------------

grant insert (id, tenant_id, name, description, levels, access, landing, template_id, created_at, updated_at) on user_role to freehold_tenant;
grant insert (id, tenant_id, name, description, levels, access, landing, multi_tenant, locked, created_at, updated_at) on user_role to freehold_master;
create policy user_role_insert_tenant on user_role for insert to freehold_tenant
  with check (tenant_id = (select wall.ctx_people()) and built_in is null
    and wall.ctx_is_template(template_id));
create policy user_role_insert_master on user_role for insert to freehold_master
  with check (tenant_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()) and built_in is null);
grant update (name, description, levels, access, landing, updated_at) on user_role to freehold_tenant;
grant update (name, description, levels, access, landing, locked, updated_at) on user_role to freehold_master;
create policy user_role_update on user_role for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people()) and built_in is null) with check (tenant_id = (select wall.ctx_people()) and built_in is null);
grant delete on user_role to freehold_tenant, freehold_master;
create policy user_role_delete on user_role for delete to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people()) and built_in is null);
grant insert (scope, created_by, created_at), update (expires_at) on role_assignment to freehold_tenant, freehold_master;
create policy role_assignment_update on role_assignment for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people())) with check (tenant_id = (select wall.ctx_people()));

grant insert (id, name, description, levels, sharing, default_cloud_level, landing, created_at, updated_at),
  update (name, description, levels, sharing, default_cloud_level, landing, updated_at), delete on tenant_role to freehold_master;
create policy tenant_role_insert on tenant_role for insert to freehold_master with check ((select wall.ctx_is_master()) and built_in is null);
create policy tenant_role_update on tenant_role for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));
create policy tenant_role_delete on tenant_role for delete to freehold_master using ((select wall.ctx_is_master()) and built_in is null);
grant insert, update (level), delete on tenant_role_cloud to freehold_master;
create policy tenant_role_cloud_insert on tenant_role_cloud for insert to freehold_master with check ((select wall.ctx_is_master()));
create policy tenant_role_cloud_update on tenant_role_cloud for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));
create policy tenant_role_cloud_delete on tenant_role_cloud for delete to freehold_master using ((select wall.ctx_is_master()));

-- How many people of which tenants hold a template, and whether they hold a copy of their own: for its page, and before it goes. Master only.
create function wall.template_use(p_role uuid) returns table (tenant_id uuid, diverged boolean, users bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select ra.tenant_id, ra.role_id <> p_role, count(distinct ra.user_id)
  from public.role_assignment ra join public.user_role r on r.id = ra.role_id
  where (r.id = p_role or r.template_id = p_role) and wall.ctx_is_master()
  group by 1, 2
$$;

grant update (shares_require_acceptance), select (shares_require_acceptance) on installation to freehold_master;

-- Groups, tags, added clouds: a tenant's own ------------------------------------------------------------------------------------

grant insert (id, tenant_id, name, description, created_at), update (name, description), delete on resource_group to freehold_tenant, freehold_master;
create policy resource_group_insert on resource_group for insert to freehold_tenant, freehold_master with check (tenant_id = (select wall.ctx_writer()));
create policy resource_group_update on resource_group for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_writer())) with check (tenant_id = (select wall.ctx_writer()));
create policy resource_group_delete on resource_group for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_writer()));
grant insert, delete on resource_group_member to freehold_tenant, freehold_master;
create policy resource_group_member_insert on resource_group_member for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_writer()) and wall.ctx_sees(resource_id));
create policy resource_group_member_delete on resource_group_member for delete to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_writer()));

grant select, insert, delete on resource_tag to freehold_tenant, freehold_master;
create policy resource_tag_select on resource_tag for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
create policy resource_tag_insert on resource_tag for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_writer()) and wall.ctx_sees(resource_id));
create policy resource_tag_delete on resource_tag for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_writer()));

grant insert, delete on tenant_cloud to freehold_tenant;
create policy tenant_cloud_insert on tenant_cloud for insert to freehold_tenant
  with check (tenant_id = (select wall.ctx_writer()) and wall.ctx_offered(cloud_id));
create policy tenant_cloud_delete on tenant_cloud for delete to freehold_tenant using (tenant_id = (select wall.ctx_writer()));

-- A tenant begins with every public cloud that its tenant role grants, and a group of each one's name (rule 5).
create function wall.seed_clouds() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c record;
begin
  for c in
    select r.id, left(r.name, 100) as name, row_number() over (partition by left(r.name, 100) order by r.id) as n
    from public.resource r join public.tenant_role tr on tr.id = new.tenant_role_id
    left join public.tenant_role_cloud rc on rc.tenant_role_id = tr.id and rc.cloud_id = r.id
    where r.kind = 'cloud' and r.visibility = 'public' and coalesce(rc.level, tr.default_cloud_level) <> 'none'
  loop
    with made as (
      insert into public.resource_group (tenant_id, name)
      values (new.id, c.name || case when c.n > 1 then ' (' || c.n || ')' else '' end) returning id),
    filled as (insert into public.resource_group_member (tenant_id, group_id, resource_id) select new.id, made.id, c.id from made)
    insert into public.tenant_cloud (tenant_id, cloud_id, group_id) select new.id, c.id, made.id from made;
  end loop;
  return null;
end $$;
create trigger tenant_seed_clouds after insert on tenant for each row execute function wall.seed_clouds();

-- Sight, as before; but all of a kind does not mean what is assigned to another tenant, which alone uses it (rule 4).
drop policy resource_select_tenant on resource;
create policy resource_select_tenant on resource for select to freehold_tenant using (
  (select wall.ctx_tenant()) is not null and (
    assigned_id = (select wall.ctx_tenant())
    or (visibility = 'public' and (cloud_id is null or cloud_id = any ((select wall.ctx_clouds())::uuid[])))
    or exists (select 1 from access_grant g where g.resource_id = resource.id and g.tenant_id = (select wall.ctx_tenant())
               and g.status = 'live' and (g.expires_at is null or g.expires_at > now()))
    or (owner_id = '00000000-0000-4000-8000-000000000001' and assigned_id = owner_id and kind = any ((select wall.ctx_granted_kinds())::text[]))));

-- Resources -----------------------------------------------------------------------------------------------------------------------

grant insert (cloud_id, parent_id) on resource to freehold_tenant, freehold_master;
grant update (parent_id) on resource to freehold_tenant, freehold_master;
drop policy resource_insert_master on resource;
create policy resource_insert_master on resource for insert to freehold_master
  with check (owner_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()) and assigned_id = wall.born_in(owner_id, cloud_id));
create policy resource_place_insert on resource as restrictive for insert to freehold_tenant, freehold_master
  with check (wall.ctx_may_place(id, kind, cloud_id, parent_id));
-- Whom a live grant makes an editor changes the fields; the columns stay those that a tenant may change at all.
create policy resource_update_granted on resource for update to freehold_tenant
  using (wall.ctx_may_edit(id)) with check (wall.ctx_may_edit(id));

-- What columns cannot say: an editor does not rename, and nothing is moved to where the tenant may not place it.
create function wall.resource_guard() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c wall.ctx_t := wall.ctx();
begin
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
create trigger resource_guard before update of name, parent_id on resource for each row execute function wall.resource_guard();

-- Assigned to one tenant, a thing is shared with no other (rule 4): its grants end.
create function wall.end_grants() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.access_grant g where g.resource_id = new.id;
  return null;
end $$;
create trigger resource_end_grants after update of assigned_id on resource for each row
  when (new.assigned_id is distinct from old.assigned_id) execute function wall.end_grants();

grant select, insert, delete on resource_link to freehold_tenant, freehold_master;
create policy resource_link_select on resource_link for select to freehold_tenant, freehold_master
  using (exists (select 1 from resource r where r.id = resource_link.resource_id));
create policy resource_link_insert on resource_link for insert to freehold_tenant, freehold_master
  with check (wall.ctx_may_edit(resource_id) and wall.ctx_sees(target_id));
create policy resource_link_delete on resource_link for delete to freehold_tenant, freehold_master using (wall.ctx_may_edit(resource_id));

-- Grants ----------------------------------------------------------------------------------------------------------------------------

-- What a grant is called and worth is not its maker's to say: kind and name come from the resource, the status from the installation.
create function wall.grant_guard() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare r public.resource;
begin
  if tg_op = 'UPDATE' and (new.role, new.expires_at) is not distinct from (old.role, old.expires_at) then return new; end if;
  select * into r from public.resource x where x.id = new.resource_id for share;
  if r.id is null or r.owner_id <> new.owner_id then raise exception 'nothing of the owner' using errcode = '42501'; end if;
  if r.assigned_id <> r.owner_id then raise exception 'assigned to a tenant' using errcode = '23514', constraint = 'access_grant_assigned_check'; end if;
  if not exists (select 1 from public.tenant t where t.id = new.tenant_id and t.status = 'active') then
    raise exception 'no such tenant' using errcode = '23503', constraint = 'access_grant_tenant_id_fkey';
  end if;
  new.kind := r.kind;
  new.name := r.name;
  -- What is asked for more or otherwise is asked anew (V6); taking away needs nobody's consent.
  if tg_op = 'INSERT' or new.role is distinct from old.role and new.role <> 'viewer' then
    new.status := case when (select i.shares_require_acceptance from public.installation i where i.id = 1) then 'pending' else 'live' end;
  end if;
  return new;
end $$;
create trigger access_grant_guard before insert or update on access_grant for each row execute function wall.grant_guard();

grant insert (id, resource_id, kind, name, owner_id, tenant_id, role, expires_at, created_by, created_at), update (role, expires_at), delete
  on access_grant to freehold_tenant, freehold_master;
create policy access_grant_insert on access_grant for insert to freehold_tenant, freehold_master
  with check (owner_id = (select wall.ctx_writer()) and (select wall.ctx_may_share()) and status <> 'suspended');
create policy access_grant_update on access_grant for update to freehold_tenant, freehold_master
  using (owner_id = (select wall.ctx_writer())) with check (owner_id = (select wall.ctx_writer()) and (select wall.ctx_may_share()));
-- Revoked by its owner; declined or left by whom it was made to.
create policy access_grant_delete on access_grant for delete to freehold_tenant, freehold_master
  using ((select wall.ctx_writer()) = any (array[owner_id, tenant_id]));

grant insert (owner_id, tenant_id, kind, role, expires_at), update (role, expires_at), delete on access_grant_all to freehold_master;
create policy access_grant_all_insert on access_grant_all for insert to freehold_master
  with check (owner_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()));
create policy access_grant_all_update on access_grant_all for update to freehold_master
  using ((select wall.ctx_is_master())) with check (owner_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()));
create policy access_grant_all_delete on access_grant_all for delete to freehold_master using ((select wall.ctx_is_master()));

-- An admin of the target takes what was offered. False: there is nothing of that id that waits for this tenant.
create function wall.grant_accept(p_grant uuid) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.access_grant g set status = case when wall.may_share(g.owner_id) then 'live' else 'suspended' end
  where g.id = p_grant and g.tenant_id = wall.ctx_writer() and g.status = 'pending' and (g.expires_at is null or g.expires_at > now());
  return found;
end $$;

-- Who gave what to the acting tenant: the names of the tenants that shared with it, which it may not read otherwise. The master is "the provider".
create function wall.grant_givers() returns table (grant_id uuid, owner_name text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select g.id, t.name from public.access_grant g join public.tenant t on t.id = g.owner_id where g.tenant_id = wall.ctx_tenant()
$$;
-- To whom the acting tenant gave what.
create function wall.grant_targets() returns table (grant_id uuid, tenant_name text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select g.id, t.name from public.access_grant g join public.tenant t on t.id = g.tenant_id where g.owner_id = wall.ctx_tenant()
$$;
-- The name behind a sharing address that somebody was given; null: none that can be shared with.
create function wall.share_target(p_tenant uuid) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.name from public.tenant t where t.id = p_tenant and t.status = 'active' and wall.ctx_may_share() and t.id <> wall.ctx_writer()
$$;

create function wall.may_share(p_owner uuid) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select p_owner = '00000000-0000-4000-8000-000000000001' or exists (
    select 1 from public.tenant t join public.tenant_role r on r.id = t.tenant_role_id where t.id = p_owner and t.status = 'active' and r.sharing)
$$;

-- A share is worth what its owner may do now: cap or status of the owner suspends it and brings it back (rule 6: the wish is kept).
create function wall.suspend_grants(p_owners uuid[]) returns void language sql volatile set search_path = pg_catalog, pg_temp as $$
  update public.access_grant g set status = case g.status when 'live' then 'suspended' else 'live' end
  where g.owner_id = any (p_owners) and (g.status = 'live' and not wall.may_share(g.owner_id) or g.status = 'suspended' and wall.may_share(g.owner_id))
$$;
create function wall.suspend_of_tenant() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin perform wall.suspend_grants(array[new.id]); return null; end $$;
create trigger tenant_suspend_grants after update on tenant for each row
  when ((old.status, old.tenant_role_id) is distinct from (new.status, new.tenant_role_id)) execute function wall.suspend_of_tenant();
create function wall.suspend_of_cap() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin perform wall.suspend_grants(array(select t.id from public.tenant t where t.tenant_role_id = new.id)); return null; end $$;
create trigger tenant_role_suspend_grants after update of sharing on tenant_role for each row
  when (old.sharing is distinct from new.sharing) execute function wall.suspend_of_cap();

-- Live pages hear of what changes their sight: added clouds, and clouds that a tenant role grants (`p:` names nothing).
create function wall.notify_cloud_access() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('freehold', 'p:');
  return null;
end $$;
create trigger tenant_role_cloud_notify after insert or update or delete on tenant_role_cloud for each statement execute function wall.notify_cloud_access();
create trigger tenant_role_notify after update on tenant_role for each statement execute function wall.notify_cloud_access();
create trigger tenant_cloud_notify after insert or delete on tenant_cloud for each statement execute function wall.notify_cloud_access();
create trigger access_grant_all_notify after insert or update or delete on access_grant_all for each row execute function wall.notify_grant();

-- The request -----------------------------------------------------------------------------------------------------------------------

-- As before; each role with its access, and with the scope and end of the assignment that gave it (one entry an assignment).
set local role freehold_definer;
create or replace function wall.auth_context(p_token bytea, p_slug text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  t public.tenant;
  s public.session;
  u public.user_account;
  cap jsonb;
  roles jsonb;
begin
  select * into t from public.tenant where slug = p_slug;
  if t.tenant_role_id is not null then
    select jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'sharing', r.sharing, 'landing', r.landing) into cap
    from public.tenant_role r where r.id = t.tenant_role_id;
  end if;
  if p_token is not null and t.status = 'active' then
    select x.* into s from public.session x
    where x.token_hash = p_token and x.tenant_id = t.id and x.revoked_at is null and x.idle_expires_at > now() and x.absolute_expires_at > now();
    if found then
      select a.* into u from public.user_account a join public.tenant o on o.id = a.home_tenant_id
      where a.id = s.user_id and a.status = 'active' and o.status = 'active'
        and (exists (select 1 from public.membership m where m.tenant_id = t.id and m.user_id = a.id) or (a.parent_level and a.home_tenant_id <> t.id));
      if not found then s := null; end if;
    end if;
  end if;
  if s.id is not null then
    if s.last_seen_at < now() - interval '1 minute' and current_setting('transaction_read_only') = 'off' then
      update public.session set last_seen_at = now(), idle_expires_at = now() + interval '30 minutes' where id = s.id;
    end if;
    select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'access', r.access,
      'landing', r.landing, 'scope', ra.scope, 'expiresAt', ra.expires_at) order by r.name, ra.scope), '[]') into roles
    from public.role_assignment ra join public.user_role r on r.id = ra.role_id
    where ra.user_id = u.id and (ra.expires_at is null or ra.expires_at > now())
      and (ra.tenant_id = t.id or (u.parent_level and ra.tenant_id = u.home_tenant_id));
  end if;
  return jsonb_build_object(
    'install', wall.install_state(),
    'tenant', case when t.id is null then null else jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'icon', t.icon,
      'status', t.status, 'currency', t.currency, 'cap', cap) end,
    'session', case when s.id is null then null else jsonb_build_object('id', s.id, 'createdAt', s.created_at, 'absoluteExpiresAt', s.absolute_expires_at) end,
    'user', case when s.id is null then null else jsonb_build_object('id', u.id, 'username', u.username, 'firstName', u.first_name,
      'lastName', u.last_name, 'email', u.email, 'homeTenantId', u.home_tenant_id, 'parentLevel', u.parent_level,
      'mustChangePassword', coalesce((select c.must_change from public.user_credential c where c.user_id = u.id), false)) end,
    'roles', coalesce(roles, '[]'));
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
grant execute on function wall.enter(text, boolean, uuid[], uuid[]) to freehold_tenant, freehold_master, freehold_union;
grant execute on function wall.ctx_may_share(), wall.ctx_offers(), wall.ctx_offered(uuid), wall.ctx_sees(uuid), wall.ctx_edit_role(uuid),
  wall.ctx_may_edit(uuid), wall.ctx_may_place(uuid, text, uuid, uuid), wall.born_in(uuid, uuid), wall.ctx_is_template(uuid),
  wall.grant_accept(uuid), wall.grant_givers(), wall.grant_targets(), wall.share_target(uuid) to freehold_tenant, freehold_master;
grant execute on function wall.template_use(uuid) to freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
