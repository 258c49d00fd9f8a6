-- Switching between tenants by a one-use hand-off, and the union of a person's tenants (PRODUCT rules 9, 10 and 11).

-- AlterTable
ALTER TABLE "session" ADD COLUMN "authenticated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "sign_in_code" ADD COLUMN "session_id" UUID;

-- What is there was opened by signing in. (Under forced row-level security the owner would update nothing.)
alter table session no force row level security, disable row level security;
alter table session disable trigger session_notify;
update session set authenticated_at = created_at;
alter table session enable trigger session_notify;
alter table session enable row level security, force row level security;

-- Who may enter where --------------------------------------------------------------------------------------------------------

-- Whether a person may be in a tenant at all, as auth_context has it: both active, and a member or of parent level.
create function wall.may_enter(p_user uuid, p_tenant uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u join public.tenant o on o.id = u.home_tenant_id join public.tenant t on t.id = p_tenant
    where u.id = p_user and u.status = 'active' and o.status = 'active' and t.status = 'active'
      and (exists (select 1 from public.membership m where m.tenant_id = t.id and m.user_id = u.id) or (u.parent_level and u.home_tenant_id <> t.id)))
$$;

-- The session of a token on the host of `p_from`, if its person may leave it for `p_to` now. A password that is due comes first.
create function wall.switch_origin(p_token bytea, p_from text, p_to uuid) returns public.session language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select s from public.session s join public.tenant f on f.id = s.tenant_id
  where s.token_hash = p_token and f.slug = p_from and s.revoked_at is null and s.idle_expires_at > now() and s.absolute_expires_at > now()
    and not exists (select 1 from public.user_credential c where c.user_id = s.user_id and c.must_change)
    and wall.may_enter(s.user_id, s.tenant_id) and wall.may_enter(s.user_id, p_to)
$$;

-- Slug of the tenant that the person of this session may switch to; null for unknown, disabled and not a member alike.
create function wall.switch_target(p_token bytea, p_from text, p_to uuid) returns text language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select t.slug from public.tenant t where t.id = p_to and (wall.switch_origin(p_token, p_from, p_to)).id is not null
$$;

-- Neither goes past a second factor that is asked for and missing (wall.lacks_factor, 20261128131000).
-- A one-use code of 30 seconds that carries this session's person to the host of `p_to`, bound to the nonce there. Its slug; null: refused.
create function wall.switch_code(p_token bytea, p_from text, p_to uuid, p_code bytea, p_nonce bytea) returns text language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare s public.session := wall.switch_origin(p_token, p_from, p_to);
begin
  if s.id is null or wall.lacks_factor(s.user_id, p_to) then return null; end if;
  insert into public.sign_in_code (code_hash, tenant_id, user_id, nonce_hash, expires_at, session_id)
  values (p_code, p_to, s.user_id, p_nonce, now() + interval '30 seconds', s.id);
  return (select t.slug from public.tenant t where t.id = p_to);
end $$;

-- Redeems such a code once: a new session in its tenant that ends when the one it came from would have, and was proved when that one was:
-- hopping makes nothing last longer or look fresh (attack C15). Null: refused, whatever the reason.
create function wall.switch_session(p_code bytea, p_nonce bytea, p_slug text, p_token bytea, p_ip text, p_agent text, p_request text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.sign_in_code;
  s public.session;
  u public.user_account;
  k public.user_credential;
  sid uuid := gen_random_uuid();
  l uuid;
begin
  update public.sign_in_code x set used_at = now() from public.tenant t
  where x.code_hash = p_code and x.nonce_hash = p_nonce and x.session_id is not null and x.used_at is null and x.expires_at > now()
    and t.id = x.tenant_id and t.slug = p_slug
  returning x.* into c;
  if not found then return null; end if;
  select a.* into u from public.user_account a where a.id = c.user_id;
  -- Whoever takes the person's right away, here or at home, waits for this session or is seen by it.
  for l in select x from unnest(array[c.tenant_id, u.home_tenant_id]) x group by x order by x loop
    perform pg_advisory_xact_lock_shared(wall.lock_key(l));
  end loop;
  select x.* into s from public.session x where x.id = c.session_id for share;
  select x.* into k from public.user_credential x where x.user_id = c.user_id for share;
  if s.id is null or s.revoked_at is not null or s.idle_expires_at <= now() or s.absolute_expires_at <= now()
    or k.must_change or k.changed_at > c.expires_at - interval '30 seconds'
    or not wall.may_enter(c.user_id, s.tenant_id) or not wall.may_enter(c.user_id, c.tenant_id) or wall.lacks_factor(c.user_id, c.tenant_id) then return null;
  end if;
  insert into public.session (id, tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at, authenticated_at, ip, user_agent)
  values (sid, c.tenant_id, c.user_id, p_token, least(now() + interval '30 minutes', s.absolute_expires_at), s.absolute_expires_at, s.authenticated_at,
    left(p_ip, 64), left(p_agent, 300));
  perform wall.audit_insert(array[c.tenant_id] || wall.home_log(u, c.tenant_id), u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'session.switch',
    'targetKind', 'session', 'targetId', sid, 'ip', p_ip, 'requestId', p_request));
  return sid;
end $$;

-- The union of a person's tenants --------------------------------------------------------------------------------------------

-- Whether the person of a union may enter more than one tenant.
create function wall.several_tenants() returns boolean language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare c wall.ctx_t := wall.ctx();
begin
  return (select count(*) > 1 from (
    -- One membership after the other, until there are two: who is a member of thousands does not wait for all.
    (select m.tenant_id as id from public.membership m
    where c.mode = 'union' and m.user_id = c.usr and (select t.status from public.tenant t where t.id = m.tenant_id) = 'active'
      and exists (select 1 from public.user_account u join public.tenant o on o.id = u.home_tenant_id
        where u.id = c.usr and u.status = 'active' and o.status = 'active')
    limit 2)
    union
    (select t.id from public.user_account u join public.tenant o on o.id = u.home_tenant_id join public.tenant t on t.id <> o.id
    where c.mode = 'union' and u.id = c.usr and u.parent_level and u.status = 'active' and o.status = 'active' and t.status = 'active' limit 2)
    limit 2) x);
end $$;

-- Tenants that the person of a union may enter, with what one chooses between: the latest sign-ins first, then by name. `total` stops at 101.
-- In a union only: a person's tenants are no other tenant's to know.
create function wall.my_tenants(p_search text, p_limit int)
returns table (id uuid, slug text, name text, icon text, home boolean, last_at timestamptz, total bigint) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  u public.user_account;
  sought text := lower(p_search);
  few uuid[];
  named uuid[];
begin
  select a.* into u from public.user_account a join public.tenant o on o.id = a.home_tenant_id
  where c.mode = 'union' and a.id = c.usr and a.status = 'active' and o.status = 'active';
  if not found then return; end if;
  -- Who is a member of few looks through these; else all are gone through by name, until there are enough.
  select coalesce(array_agg(m.tenant_id), '{}') into few from (select x.tenant_id from public.membership x where x.user_id = u.id limit 301) m;
  if u.parent_level or cardinality(few) > 300 then
    select coalesce(array_agg(x.id), '{}') into named from (select t.id from public.tenant t
      where t.status = 'active' and (sought = '' or position(sought in lower(t.name)) > 0 or position(sought in t.slug) > 0)
        and ((u.parent_level and t.id <> u.home_tenant_id) or exists (select 1 from public.membership m where m.tenant_id = t.id and m.user_id = u.id))
      order by t.name limit 101) x;
  else
    select coalesce(array_agg(x.id), '{}') into named from (select t.id from public.tenant t
      where t.id = any (few) and t.status = 'active' and (sought = '' or position(sought in lower(t.name)) > 0 or position(sought in t.slug) > 0)
      order by t.name limit 101) x;
  end if;
  return query
    with latest as materialized (
      select t.id, s.at from (select x.tenant_id, max(x.created_at) as at from public.session x where x.user_id = u.id group by x.tenant_id
        order by 2 desc limit 20) s join public.tenant t on t.id = s.tenant_id
      where (sought = '' or position(sought in lower(t.name)) > 0 or position(sought in t.slug) > 0) and wall.may_enter(u.id, t.id)
    )
    select t.id, t.slug, t.name, t.icon, t.id = u.home_tenant_id, l.at, cardinality(named)::bigint
    from (select x.id from latest x union select x.id from unnest(named[1:p_limit]) x(id)) i
    join public.tenant t on t.id = i.id left join latest l on l.id = t.id
    order by l.at desc nulls last, t.name limit p_limit;
end $$;

-- The same tenants in the order of their names, a part at a time, each with what decides sight and rights there: its cap, the roles that the
-- person holds in it, the public clouds that it added and is granted, the kinds of which it was granted all.
create function wall.union_tenants(p_only uuid, p_name text, p_id uuid, p_back boolean, p_limit int)
returns table (id uuid, slug text, name text, icon text, cap jsonb, roles jsonb, clouds uuid[], kinds text[]) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  u public.user_account;
begin
  select a.* into u from public.user_account a join public.tenant o on o.id = a.home_tenant_id
  where c.mode = 'union' and a.id = c.usr and a.status = 'active' and o.status = 'active';
  if not found then return; end if;
  return query
    with mine as (
      select t.id, t.name from public.membership m join public.tenant t on t.id = m.tenant_id where m.user_id = u.id and t.status = 'active'
      union
      select t.id, t.name from public.tenant t where u.parent_level and t.status = 'active' and t.id <> u.home_tenant_id
    ), page as (
      select x.id, x.name from mine x
      where (p_only is null or x.id = p_only)
        and (p_name is null or case when p_back then (x.name, x.id) <= (p_name, p_id) else (x.name, x.id) >= (p_name, p_id) end)
      order by case when not p_back then x.name end, case when p_back then x.name end desc limit p_limit
    )
    select t.id, t.slug, t.name, t.icon,
      (select jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'sharing', r.sharing, 'landing', r.landing)
        from public.tenant_role r where r.id = t.tenant_role_id),
      (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'access', r.access,
          'landing', r.landing, 'scope', ra.scope, 'expiresAt', ra.expires_at) order by r.name, ra.scope), '[]')
        from public.role_assignment ra join public.user_role r on r.id = ra.role_id
        where ra.user_id = u.id and (ra.expires_at is null or ra.expires_at > now())
          and (ra.tenant_id = t.id or (u.parent_level and ra.tenant_id = u.home_tenant_id))),
      (select coalesce(array_agg(tc.cloud_id), '{}') from public.tenant_cloud tc join public.tenant_role r on r.id = t.tenant_role_id
        join public.resource x on x.id = tc.cloud_id and x.visibility = 'public'
        left join public.tenant_role_cloud rc on rc.tenant_role_id = r.id and rc.cloud_id = tc.cloud_id
        where tc.tenant_id = t.id and coalesce(rc.level, r.default_cloud_level) <> 'none'),
      (select coalesce(array_agg(distinct g.kind), '{}') from public.access_grant_all g
        where g.tenant_id = t.id and g.owner_id = '00000000-0000-4000-8000-000000000001' and g.status = 'live' and (g.expires_at is null or g.expires_at > now()))
    from page p join public.tenant t on t.id = p.id
    order by case when not p_back then t.name end, case when p_back then t.name end desc;
end $$;

set local role freehold_definer;

-- As before; also every active tenant for a person of parent level, and none for who was disabled, at home or altogether.
create or replace function wall.ctx_tenants() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  u public.user_account;
begin
  select a.* into u from public.user_account a join public.tenant o on o.id = a.home_tenant_id
  where c.mode = 'union' and a.id = c.usr and a.status = 'active' and o.status = 'active';
  if not found then return '{}'; end if;
  return (select coalesce(array_agg(t.id), '{}') from public.tenant t
    where t.status = 'active' and (exists (select 1 from public.membership m where m.tenant_id = t.id and m.user_id = u.id)
      or (u.parent_level and t.id <> u.home_tenant_id)));
end $$;

-- As before; the tenants of the union are worked out once.
create or replace function wall.ctx_union_clouds() returns uuid[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct tc.cloud_id), '{}')
  from public.tenant t
  join public.tenant_cloud tc on tc.tenant_id = t.id
  join public.tenant_role r on r.id = t.tenant_role_id
  join public.resource c on c.id = tc.cloud_id and c.visibility = 'public'
  left join public.tenant_role_cloud rc on rc.tenant_role_id = r.id and rc.cloud_id = tc.cloud_id
  where t.id in (select unnest(wall.ctx_tenants())) and coalesce(rc.level, r.default_cloud_level) <> 'none'
$$;
create or replace function wall.ctx_union_kinds() returns text[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct g.kind), '{}') from public.access_grant_all g
  where g.tenant_id in (select unnest(wall.ctx_tenants())) and g.owner_id = '00000000-0000-4000-8000-000000000001'
    and g.status = 'live' and (g.expires_at is null or g.expires_at > now())
$$;

-- As before; the code of a switch is another thing: it opens no session of twelve new hours.
create or replace function wall.sign_in_code_redeem(p_code bytea, p_nonce bytea, p_slug text) returns table (tenant_id uuid, user_id uuid) language sql security definer
set search_path = pg_catalog, pg_temp as $$
  update public.sign_in_code c set used_at = now() from public.tenant t
  where c.code_hash = p_code and c.nonce_hash = p_nonce and c.session_id is null and c.used_at is null and c.expires_at > now()
    and exists (select 1 from public.user_credential k where k.user_id = c.user_id and k.changed_at <= c.expires_at - interval '30 seconds')
    and t.id = c.tenant_id and t.slug = p_slug and t.status = 'active'
  returning c.tenant_id, c.user_id
$$;
set local role freehold_owner;

-- Of thousands of tenants a list would be gone through for each row: these are looked up.
drop policy tenant_select_union on tenant;
create policy tenant_select_union on tenant for select to freehold_union using (id in (select unnest(wall.ctx_tenants())));
drop policy resource_select_union on resource;
create policy resource_select_union on resource for select to freehold_union using (
  (select cardinality(wall.ctx_tenants()) > 0) and (
    assigned_id in (select unnest(wall.ctx_tenants()))
    -- The master sees what it owns, wherever assigned (rule 2).
    or (owner_id = '00000000-0000-4000-8000-000000000001' and (select '00000000-0000-4000-8000-000000000001' = any (wall.ctx_tenants())))
    or (visibility = 'public' and (cloud_id is null or cloud_id = any ((select wall.ctx_union_clouds())::uuid[])))
    or exists (select 1 from access_grant g where g.resource_id = resource.id and g.tenant_id = any ((select wall.ctx_tenants())::uuid[])
               and g.status = 'live' and (g.expires_at is null or g.expires_at > now()))
    or (owner_id = '00000000-0000-4000-8000-000000000001' and assigned_id = owner_id and kind = any ((select wall.ctx_union_kinds())::text[]))));

-- Groups and tags of these tenants: how far a role reaches in each.
grant select on resource_group_member, resource_tag to freehold_union;
create policy resource_group_member_select_union on resource_group_member for select to freehold_union
  using (tenant_id = any ((select wall.ctx_tenants())::uuid[]));
create policy resource_tag_select_union on resource_tag for select to freehold_union
  using (tenant_id = any ((select wall.ctx_tenants())::uuid[]));

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
grant execute on function wall.switch_target(bytea, text, uuid), wall.switch_code(bytea, text, uuid, bytea, bytea),
  wall.switch_session(bytea, bytea, text, bytea, text, text, text) to freehold_system;
grant execute on function wall.several_tenants(), wall.my_tenants(text, int), wall.union_tenants(uuid, text, uuid, boolean, int) to freehold_union;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
