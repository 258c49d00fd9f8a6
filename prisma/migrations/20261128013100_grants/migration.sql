-- Shares: what the provider gives without asking, reminders before an end, both sides' logs, the union's sight
-- (docs/decisions/0012, PRODUCT rules 10, 15, 16, 17).

-- AlterTable
ALTER TABLE "access_grant" ADD COLUMN "direct" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "reminded_days" INTEGER;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table access_grant
  -- Given by the provider as part of the tenant (members map, tenants of an image): asks nobody to accept.
  add constraint access_grant_direct_check check (not direct or owner_id = '00000000-0000-4000-8000-000000000001'),
  -- Nothing is shared with the master: it reaches its tenants otherwise (rule 2).
  add constraint access_grant_target_check check (tenant_id <> '00000000-0000-4000-8000-000000000001'),
  add constraint access_grant_reminded_check check (reminded_days in (1, 7));
alter table access_grant_all
  add constraint access_grant_all_target_check check (tenant_id <> '00000000-0000-4000-8000-000000000001');
grant insert (direct) on access_grant to freehold_master;

-- Replaced functions: each as before, but for what is said ----------------------------------------------------------------

set local role freehold_definer;

-- As before; a direct grant waits for nobody, and a new end is announced anew.
create or replace function wall.grant_guard() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
  if tg_op = 'UPDATE' and new.expires_at is distinct from old.expires_at then new.reminded_days := null; end if;
  -- What is asked for more or otherwise is asked anew (V6); taking away needs nobody's consent.
  if tg_op = 'INSERT' or new.role is distinct from old.role and new.role <> 'viewer' then
    new.status := case when not new.direct and (select i.shares_require_acceptance from public.installation i where i.id = 1)
      then 'pending' else 'live' end;
  end if;
  return new;
end $$;

-- As before; the master is no target.
create or replace function wall.share_target(p_tenant uuid) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.name from public.tenant t where t.id = p_tenant and t.status = 'active' and wall.ctx_may_share()
    and t.id <> wall.ctx_writer() and t.id <> '00000000-0000-4000-8000-000000000001'
$$;

set local role freehold_owner;

-- Whether a share ties two tenants to this resource, or all of its kind is granted to the first by the other.
create function wall.shares_with(p_tenant uuid, p_other uuid, p_resource text) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  with of as (select case when p_resource ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_resource::uuid end as id)
  select exists (select 1 from of join public.access_grant g on g.resource_id = of.id
      where (g.owner_id, g.tenant_id) in ((p_tenant, p_other), (p_other, p_tenant)))
    or exists (select 1 from of join public.resource r on r.id = of.id
      join public.access_grant_all a on a.kind = r.kind and a.owner_id = r.owner_id
      where a.tenant_id = p_tenant and a.owner_id = p_other and a.status = 'live' and (a.expires_at is null or a.expires_at > now()))
$$;

set local role freehold_definer;
-- As before; and a subtenant writes to the log of whom a share of that very resource ties it to (rule 15 for shares): there it stands
-- as the tenant, without the person and the address, which the other one has no right to. The master reads all logs as they are.
create or replace function wall.audit_write(p_tenants uuid[], p_event jsonb) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  u public.user_account;
  own uuid[] := p_tenants;
  others uuid[] := '{}';
begin
  if c.tenant is null then raise exception 'no context' using errcode = '42501'; end if;
  if c.tenant <> master then
    select coalesce(array_agg(t) filter (where mine), '{}'), coalesce(array_agg(t) filter (where not mine), '{}') into own, others
    from (select t, coalesce(t = c.tenant or (c.mode = 'provider' and t = master), false) as mine from unnest(p_tenants) t) x;
    if exists (select 1 from unnest(others) t where c.mode <> 'user' or wall.shares_with(c.tenant, t, p_event ->> 'targetId') is not true) then
      raise exception 'foreign audit log' using errcode = '42501';
    end if;
    if master = any (others) then
      own := own || master;
      others := array_remove(others, master);
    end if;
  end if;
  select * into u from public.user_account where id = c.usr;
  perform wall.audit_insert(own || wall.home_log(u, c.tenant), u.id, case when u.id is null then 'system' else wall.person(u) end, u.home_tenant_id, p_event);
  if cardinality(others) > 0 then
    perform wall.audit_insert(others, null, (select t.name from public.tenant t where t.id = c.tenant), c.tenant, p_event || '{"ip": ""}');
  end if;
end $$;
set local role freehold_owner;

-- Ends of shares --------------------------------------------------------------------------------------------------------------

-- Announces ends 7 days and 1 day before, and removes shares that have ended (sight ended by the clock already); both logs say so.
-- At most 500 at once; several workers share the work. Returns how many.
create function wall.grants_tick() returns int language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  g record;
  n int := 0;
  about jsonb;
begin
  for g in
    select x.id, x.resource_id, x.kind, x.name, x.owner_id, x.tenant_id, x.role, x.expires_at, o.name as owner, t.name as target,
      case when x.expires_at <= now() then 0 when x.expires_at <= now() + interval '1 day' then 1 else 7 end as days
    from public.access_grant x join public.tenant o on o.id = x.owner_id join public.tenant t on t.id = x.tenant_id
    where x.expires_at <= now() + interval '7 days'
      and (x.expires_at <= now() or x.reminded_days is distinct from case when x.expires_at <= now() + interval '1 day' then 1 else 7 end)
    order by x.expires_at limit 500 for update of x skip locked
  loop
    n := n + 1;
    about := jsonb_build_object('event', case g.days when 0 then 'grant.expire' else 'grant.expiring' end, 'targetKind', g.kind,
      'targetId', g.resource_id, 'targetName', g.name);
    perform wall.audit_insert(array[g.owner_id], null, 'system', null, about || jsonb_build_object('after',
      jsonb_build_object('tenant', g.target, 'role', g.role, 'expiresAt', g.expires_at)));
    perform wall.audit_insert(array[g.tenant_id], null, 'system', null, about || jsonb_build_object('after',
      jsonb_build_object('from', case g.owner_id when '00000000-0000-4000-8000-000000000001' then 'Your provider' else g.owner end,
        'role', g.role, 'expiresAt', g.expires_at)));
    if g.days = 0 then delete from public.access_grant x where x.id = g.id;
    else update public.access_grant x set reminded_days = g.days where x.id = g.id;
    end if;
  end loop;
  return n;
end $$;

-- The union of a person's tenants: the arms of resource_select_tenant over each of them (rule 10) ----------------------------------

create function wall.ctx_union_clouds() returns uuid[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct tc.cloud_id), '{}')
  from public.tenant t
  join public.tenant_cloud tc on tc.tenant_id = t.id
  join public.tenant_role r on r.id = t.tenant_role_id
  join public.resource c on c.id = tc.cloud_id and c.visibility = 'public'
  left join public.tenant_role_cloud rc on rc.tenant_role_id = r.id and rc.cloud_id = tc.cloud_id
  where t.id = any (wall.ctx_tenants()) and coalesce(rc.level, r.default_cloud_level) <> 'none'
$$;
create function wall.ctx_union_kinds() returns text[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct g.kind), '{}') from public.access_grant_all g
  where g.tenant_id = any (wall.ctx_tenants()) and g.owner_id = '00000000-0000-4000-8000-000000000001'
    and g.status = 'live' and (g.expires_at is null or g.expires_at > now())
$$;
grant select on access_grant to freehold_union;
create policy access_grant_select_union on access_grant for select to freehold_union
  using (tenant_id = any ((select wall.ctx_tenants())::uuid[]));
drop policy resource_select_union on resource;
create policy resource_select_union on resource for select to freehold_union using (
  cardinality((select wall.ctx_tenants())::uuid[]) > 0 and (
    assigned_id = any ((select wall.ctx_tenants())::uuid[])
    -- The master sees what it owns, wherever assigned (rule 2).
    or (owner_id = '00000000-0000-4000-8000-000000000001' and owner_id = any ((select wall.ctx_tenants())::uuid[]))
    or (visibility = 'public' and (cloud_id is null or cloud_id = any ((select wall.ctx_union_clouds())::uuid[])))
    or exists (select 1 from access_grant g where g.resource_id = resource.id and g.tenant_id = any ((select wall.ctx_tenants())::uuid[])
               and g.status = 'live' and (g.expires_at is null or g.expires_at > now()))
    or (owner_id = '00000000-0000-4000-8000-000000000001' and assigned_id = owner_id and kind = any ((select wall.ctx_union_kinds())::text[]))));

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
grant execute on function wall.ctx_union_clouds(), wall.ctx_union_kinds() to freehold_union;
grant execute on function wall.grants_tick() to freehold_system;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
