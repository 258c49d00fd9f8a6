-- People: guests, parent-level users in each tenant's list, everybody in the master's, and changing levels (issue 4).

-- AlterTable
ALTER TABLE "membership" ADD COLUMN "guest" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "user_account_home_tenant_id_status_id_idx" ON "user_account"("home_tenant_id", "status", "id");

-- CreateIndex
CREATE INDEX "user_account_username_id_idx" ON "user_account"("username", "id");

-- CreateIndex
CREATE INDEX "role_assignment_tenant_id_role_id_idx" ON "role_assignment"("tenant_id", "role_id");

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

-- Lists begin from these: a tenant's, and the master's of everybody. The expressions are those of the queries.
create index user_account_home_name_idx on user_account (home_tenant_id, lower(coalesce(nullif(btrim(first_name || ' ' || last_name), ''), username)), id);
create index user_account_home_email_idx on user_account (home_tenant_id, lower(email), id);
create index user_account_home_seen_idx on user_account (home_tenant_id, coalesce(last_sign_in_at, 'epoch'::timestamptz), id);
create index user_account_name_idx on user_account (lower(coalesce(nullif(btrim(first_name || ' ' || last_name), ''), username)), id);
create index user_account_email_idx on user_account (lower(email), id);
create index user_account_seen_idx on user_account (coalesce(last_sign_in_at, 'epoch'::timestamptz), id);
create index user_account_parent_idx on user_account (id) where parent_level;
create index membership_guest_idx on membership (tenant_id, user_id) where guest;

-- Guests: members who are homed elsewhere -----------------------------------------------------------------------------

alter table membership no force row level security, disable row level security;
alter table user_account no force row level security, disable row level security;
update membership m set guest = true from user_account u where u.id = m.user_id and u.home_tenant_id <> m.tenant_id;
alter table membership enable row level security, force row level security;
alter table user_account enable row level security, force row level security;

-- Said by the account, never by who inserts: no serving role has the column.
create function wall.membership_guest() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.guest := exists (select 1 from public.user_account u where u.id = new.user_id and u.home_tenant_id <> new.tenant_id);
  return new;
end $$;
create trigger membership_guest before insert on membership for each row execute function wall.membership_guest();

-- As before, from the guests alone: of everybody else the account itself says where it is homed.
drop policy user_account_select on user_account;
create policy user_account_select on user_account for select to freehold_tenant, freehold_master
  using (home_tenant_id = (select wall.ctx_tenant())
    or exists (select 1 from membership m where m.user_id = user_account.id and m.tenant_id = (select wall.ctx_tenant()) and m.guest));

-- A membership ends with the account, or by wall.guest_remove, which tells the log of the home: never by a statement.
drop policy membership_delete on membership;
revoke delete on membership from freehold_tenant, freehold_master;

-- Whether a guest of the acting tenant could sign in at all: account and home are active. Of which home, it does not say.
create function wall.guest_active(p_user uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.membership m join public.user_account u on u.id = m.user_id join public.tenant o on o.id = u.home_tenant_id
    where m.tenant_id = wall.ctx_tenant() and m.user_id = p_user and u.status = 'active' and o.status = 'active')
$$;

-- Whether somebody homed in the acting tenant may be writing in others: what takes their rights away waits for all writes then. Where, it does not say.
create function wall.reaches_out(p_user uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u where u.id = p_user and u.home_tenant_id = wall.ctx_people()
    and (u.parent_level or exists (select 1 from public.membership m where m.user_id = u.id and m.guest)))
$$;

-- How many active people of the acting tenant hold one of these built-in roles; a guest whose home is closed keeps no tenant.
create function wall.holders_active(p_built_in text[]) returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(distinct u.id) from public.user_role r
  join public.role_assignment ra on ra.role_id = r.id and ra.tenant_id = wall.ctx_tenant()
  join public.user_account u on u.id = ra.user_id and u.status = 'active'
  join public.tenant o on o.id = u.home_tenant_id and (o.status = 'active' or o.id = ra.tenant_id)
  where r.built_in = any (p_built_in) and (ra.expires_at is null or ra.expires_at > now())
$$;

-- Who of the provider reaches the acting subtenant: the active parent-level users, with the names of their roles in the master, which a subtenant
-- may not read. No ids of roles, no scopes, nothing of when and where they sign in otherwise.
create function wall.parent_people() returns table (id uuid, username text, email text, first_name text, last_name text, created_at timestamptz, roles text[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.id, u.username, u.email, u.first_name, u.last_name, u.created_at,
    array(select distinct r.name from public.role_assignment ra join public.user_role r on r.id = ra.role_id
      where ra.tenant_id = u.home_tenant_id and ra.user_id = u.id and (ra.expires_at is null or ra.expires_at > now()) order by r.name)
  from public.user_account u
  where u.parent_level and u.status = 'active' and wall.ctx_tenant() <> '00000000-0000-4000-8000-000000000001'
$$;

-- Adding somebody who has an account elsewhere ---------------------------------------------------------------------------

-- Who did something, for the log of a tenant that the context does not write: name and home of the signed user.
create function wall.tell_home(p_home uuid, p_event text, p_user uuid, p_username text, p_after jsonb) returns void
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select wall.audit_insert(array[p_home], a.id, wall.person(a), a.home_tenant_id,
    jsonb_build_object('event', p_event, 'targetKind', 'user', 'targetId', p_user, 'targetName', p_username, 'after', p_after))
  from public.user_account a where a.id = (wall.ctx()).usr
$$;

-- Makes somebody homed in another subtenant a member of the acting one (PRODUCT, "membership"). For the provider, or for a person who is a member of
-- both; whether they manage people in both is the application's to check: it needs the catalogue of roles. Their home's log is told, without
-- naming where. Answers 'ok', or why not; 'unknown' is all that a stranger learns.
create function wall.guest_add(p_user uuid, p_home uuid) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  t uuid := wall.ctx_people();
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  u public.user_account;
begin
  if t is null or t = master then raise exception 'no subtenant' using errcode = '42501'; end if;
  select * into u from public.user_account x where x.id = p_user for share;
  if u.id is null then return 'unknown'; end if;
  if c.mode <> 'provider' and (u.home_tenant_id = master or not exists (
    select 1 from public.membership m join public.tenant o on o.id = m.tenant_id
    where m.tenant_id = u.home_tenant_id and m.user_id = c.usr and o.status = 'active')) then return 'unknown'; end if;
  if u.home_tenant_id = master then return case when u.parent_level then 'parent' else 'master' end; end if;
  if u.home_tenant_id = t then return 'home'; end if;
  if u.home_tenant_id <> p_home then return 'moved'; end if;
  if not exists (select 1 from public.tenant x where x.id = t and x.status = 'active') then return 'closed'; end if;
  if not exists (select 1 from public.tenant x where x.id = u.home_tenant_id and x.status = 'active') then return 'home_closed'; end if;
  if u.status <> 'active' then return 'disabled'; end if;
  insert into public.membership (tenant_id, user_id) values (t, p_user) on conflict do nothing;
  if not found then return 'member'; end if;
  perform wall.tell_home(u.home_tenant_id, 'user.guest_elsewhere', u.id, u.username, null);
  return 'ok';
end $$;

-- Ends a guest's membership of the acting tenant, with roles and sessions there. Returns how many sessions ended; null: no guest of it.
create function wall.guest_remove(p_user uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  t uuid := wall.ctx_people();
  u public.user_account;
  n int;
begin
  if t is null then raise exception 'no tenant' using errcode = '42501'; end if;
  delete from public.membership m where m.tenant_id = t and m.user_id = p_user and m.guest;
  if not found then return null; end if;
  update public.session set revoked_at = now() where tenant_id = t and user_id = p_user and revoked_at is null;
  get diagnostics n = row_count;
  delete from public.sign_in_code where tenant_id = t and user_id = p_user;
  select * into u from public.user_account x where x.id = p_user;
  perform wall.tell_home(u.home_tenant_id, 'user.guest_ended', u.id, u.username, null);
  return n;
end $$;

-- The other active subtenants of which the signed user is a member, with cap and roles of now: from these is worked out where they manage people.
create function wall.my_memberships() returns table (tenant_id uuid, name text, slug text, cap jsonb, roles jsonb) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select t.id, t.name, t.slug, jsonb_build_object('builtIn', k.built_in, 'levels', k.levels),
    coalesce((select jsonb_agg(jsonb_build_object('builtIn', r.built_in, 'levels', r.levels, 'access', r.access, 'scope', ra.scope))
      from public.role_assignment ra join public.user_role r on r.id = ra.role_id
      where ra.tenant_id = t.id and ra.user_id = m.user_id and (ra.expires_at is null or ra.expires_at > now())), '[]')
  from public.membership m join public.tenant t on t.id = m.tenant_id and t.status = 'active' join public.tenant_role k on k.id = t.tenant_role_id
  where m.user_id = wall.ctx_user() and (wall.ctx()).mode = 'user' and wall.ctx_tenant() is not null and t.id <> wall.ctx_tenant()
$$;

-- Active people homed in these tenants who are no members of the acting one, to choose from. For a person only of tenants that they are a member of;
-- for the provider of any subtenant, and null stands for all.
create function wall.people_elsewhere(p_tenants uuid[], p_user uuid, p_search text, p_limit int)
returns table (id uuid, username text, email text, first_name text, last_name text, home_tenant_id uuid, home_name text, home_slug text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.id, u.username, u.email, u.first_name, u.last_name, o.id, o.name, o.slug
  from public.user_account u join public.tenant o on o.id = u.home_tenant_id
  where wall.ctx_people() is not null and o.status = 'active' and u.status = 'active'
    and o.id not in (wall.ctx_people(), '00000000-0000-4000-8000-000000000001')
    and (p_tenants is null or o.id = any (p_tenants)) and (p_user is null or u.id = p_user)
    and ((wall.ctx()).mode = 'provider' or o.id in (select m.tenant_id from public.membership m where m.user_id = wall.ctx_user()))
    and not exists (select 1 from public.membership m where m.user_id = u.id and m.tenant_id = wall.ctx_people())
    and (p_search = '%%' or u.username ilike p_search or u.email ilike p_search or u.first_name || ' ' || u.last_name ilike p_search)
  order by lower(coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username)), u.id limit least(p_limit, 100)
$$;

-- Everybody, for the master ------------------------------------------------------------------------------------------------

-- A page of all people of all tenants, or one of them. p_key, p_id: of the row that it begins after, in the order of p_sort. What becomes part of the statement comes
-- from the lists below, never from a parameter.
create function wall.people_list(p_user uuid, p_search text, p_levels text[], p_tenants uuid[], p_status text[], p_sort text, p_desc boolean, p_key text, p_id uuid, p_limit int)
returns table (id uuid, username text, email text, first_name text, last_name text, status text, parent_level boolean, created_at timestamptz,
  last_sign_in_at timestamptz, home_tenant_id uuid, home_name text, home_slug text, home_status text, tenants bigint, key text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  expr text := case p_sort
    when 'name' then 'lower(coalesce(nullif(btrim(u.first_name || '' '' || u.last_name), ''''), u.username))'
    when 'username' then 'u.username'
    when 'email' then 'lower(u.email)'
    when 'tenant' then 'lower(o.name)'
    when 'lastSignIn' then 'coalesce(u.last_sign_in_at, ''epoch''::timestamptz)' end;
begin
  if not wall.ctx_is_master() then raise exception 'master only' using errcode = '42501'; end if;
  return query execute format($q$
    select p.id, p.username, p.email, p.first_name, p.last_name, p.status, p.parent_level, p.created_at, p.last_sign_in_at,
      p.home, p.home_name, p.home_slug, p.home_status,
      (select count(*) from public.membership m join public.tenant t on t.id = m.tenant_id and t.status <> 'deleted' where m.user_id = p.id), p.key
    from (select u.*, o.id as home, o.name as home_name, o.slug as home_slug, o.status as home_status, (%2$s)::text as key
      from public.user_account u join public.tenant o on o.id = u.home_tenant_id
      where %1$s and ($6 is null or (%2$s, u.id) %3$s ($6::%4$s, $7))
      order by %2$s %5$s, u.id %5$s limit $5) p
    $q$, wall.people_filter(p_user, p_search, p_levels, p_tenants, p_status), expr, case when p_desc then '<' else '>' end,
    case p_sort when 'lastSignIn' then 'timestamptz' else 'text' end, case when p_desc then 'desc' else 'asc' end)
  using p_search, p_levels, p_tenants, p_status, p_limit, p_key, p_id, p_user;
end $$;

-- How many there are; stops at p_most.
create function wall.people_count(p_search text, p_levels text[], p_tenants uuid[], p_status text[], p_most int) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare n bigint;
begin
  if not wall.ctx_is_master() then raise exception 'master only' using errcode = '42501'; end if;
  execute format('select count(*) from (select 1 from public.user_account u join public.tenant o on o.id = u.home_tenant_id where %s limit $5) x',
    wall.people_filter(null, p_search, p_levels, p_tenants, p_status)) into n using p_search, p_levels, p_tenants, p_status, p_most;
  return n;
end $$;

-- The conditions of the two above, of those filters that are set: constants all, about the parameters $1 to $4 and $8.
create function wall.people_filter(p_user uuid, p_search text, p_levels text[], p_tenants uuid[], p_status text[]) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select concat_ws(' and ', 'o.status <> ''deleted''', case when p_user is not null then 'u.id = $8' end,
    case when p_search <> '%%' then '(u.username ilike $1 or u.email ilike $1 or u.first_name || '' '' || u.last_name ilike $1)' end,
    case when cardinality(p_levels) > 0 then
      'case when u.parent_level then ''parent'' when o.id = ''00000000-0000-4000-8000-000000000001'' then ''master'' else ''tenant'' end = any ($2)' end,
    case when cardinality(p_tenants) > 0 then 'u.id in (select m.user_id from public.membership m where m.tenant_id = any ($3))' end,
    case when cardinality(p_status) > 0 then 'u.status = any ($4)' end)
$$;

-- Whether nobody else keeps the tenant: its owner, in the master the super admin; as wall.holders_active counts them. Not for callers.
create function wall.last_keeper(p_tenant uuid, p_user uuid) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  with keeper as (select u.id from public.user_role r join public.role_assignment ra on ra.role_id = r.id and ra.tenant_id = p_tenant
    join public.user_account u on u.id = ra.user_id and u.status = 'active'
    join public.tenant o on o.id = u.home_tenant_id and (o.status = 'active' or o.id = ra.tenant_id)
    where r.built_in in ('owner', 'super_admin') and (ra.expires_at is null or ra.expires_at > now()))
  select exists (select 1 from keeper k where k.id = p_user) and not exists (select 1 from keeper k where k.id <> p_user)
$$;

-- Where a person is a member, with their roles there; `held`: what counts now, as decisions read it; `keeps`: nobody else keeps the tenant, the role of
-- whose owner or super admin they hold. Master only.
create function wall.person_memberships(p_user uuid)
returns table (tenant_id uuid, name text, slug text, status text, guest boolean, since timestamptz, assignments jsonb, held jsonb, keeps boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.id, t.name, t.slug, t.status, m.guest, m.created_at,
    coalesce((select jsonb_agg(jsonb_build_object('roleId', r.id, 'name', r.name, 'scope', ra.scope, 'expiresAt', ra.expires_at,
        'ended', coalesce(ra.expires_at <= now(), false)) order by r.name, ra.scope)
      from public.role_assignment ra join public.user_role r on r.id = ra.role_id where ra.tenant_id = t.id and ra.user_id = m.user_id), '[]'),
    coalesce((select jsonb_agg(jsonb_build_object('builtIn', r.built_in, 'levels', r.levels, 'access', r.access, 'scope', ra.scope))
      from public.role_assignment ra join public.user_role r on r.id = ra.role_id
      where ra.tenant_id = t.id and ra.user_id = m.user_id and (ra.expires_at is null or ra.expires_at > now())), '[]'),
    wall.last_keeper(t.id, m.user_id)
  from public.membership m join public.tenant t on t.id = m.tenant_id and t.status <> 'deleted'
  where m.user_id = p_user and wall.ctx_is_master() order by m.guest, lower(t.name), t.id
$$;

-- Changes somebody's level: from a subtenant to the master or back, or whether a master user reaches the subtenants (PRODUCT, "parent-level user").
-- Where the home moves, all memberships and roles end, and those of p_roles begin in the new one; the credential moves along and counts as set anew, so
-- that a sign-in that was proved before opens no session. All sessions end. The logs of the tenants that the person leaves or comes to are told, none
-- of them of another. Answers {outcome: 'ok', sessionsEnded}, or why not.
create function wall.person_level(p_user uuid, p_home uuid, p_parent boolean, p_username text, p_roles uuid[]) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  u public.user_account;
  t uuid;
  old text;
  was text[];
  n int;
begin
  if c.mode is distinct from 'user' or not wall.ctx_is_master() then raise exception 'master only' using errcode = '42501'; end if;
  if c.usr = p_user then raise exception 'nobody changes their own level' using errcode = '42501'; end if;
  select * into u from public.user_account x where x.id = p_user for update;
  if u.id is null then return jsonb_build_object('outcome', 'unknown'); end if;
  if p_parent and p_home <> master then raise exception 'a parent-level user is homed in the master' using errcode = '42501'; end if;
  old := case when u.parent_level then 'parent' when u.home_tenant_id = master then 'master' else 'tenant' end;
  if p_home <> u.home_tenant_id then
    if u.home_tenant_id <> master and p_home <> master then raise exception 'through the master only' using errcode = '42501'; end if;
    if not exists (select 1 from public.tenant x where x.id = p_home and x.status = 'active') then return jsonb_build_object('outcome', 'closed'); end if;
    if exists (select 1 from public.user_account x where x.home_tenant_id = p_home and x.username = p_username) then
      return jsonb_build_object('outcome', 'taken');
    end if;
    -- Somebody of the old home knows it.
    if exists (select 1 from public.user_credential k where k.user_id = p_user and k.must_change) then return jsonb_build_object('outcome', 'temporary'); end if;
    -- Whoever reads the address's mail sets a password by it, and the old home chose the address. `email_verified_at`: of 20261128125000.
    if p_home = master and u.email_verified_at is null then return jsonb_build_object('outcome', 'unverified'); end if;
    if cardinality(p_roles) = 0 or exists (select 1 from unnest(p_roles) x where not exists (select 1 from public.user_role r where r.id = x
      and (r.tenant_id = p_home or (r.multi_tenant and p_home <> master)))) then return jsonb_build_object('outcome', 'role'); end if;
  end if;
  -- The application asks first; this holds against whoever became the last in between.
  if p_home <> u.home_tenant_id and exists (select 1 from public.membership m where m.user_id = p_user and wall.last_keeper(m.tenant_id, p_user)) then
    return jsonb_build_object('outcome', 'keeper');
  end if;
  update public.session set revoked_at = now() where user_id = p_user and revoked_at is null;
  get diagnostics n = row_count;
  delete from public.sign_in_code where user_id = p_user;
  if p_home = u.home_tenant_id then
    update public.user_account set parent_level = p_parent, updated_at = now() where id = p_user;
    update public.user_credential set changed_at = clock_timestamp() where user_id = p_user;
    return jsonb_build_object('outcome', 'ok', 'sessionsEnded', n, 'before', old);
  end if;
  for t in select m.tenant_id from public.membership m where m.user_id = p_user and m.tenant_id <> master order by m.tenant_id loop
    select array_agg(distinct r.name order by r.name) into was from public.role_assignment ra join public.user_role r on r.id = ra.role_id
    where ra.tenant_id = t and ra.user_id = p_user;
    perform wall.tell_home(t, 'user.raised', u.id, u.username, jsonb_build_object('level', 'parent', 'rolesEnded', coalesce(to_jsonb(was), '[]')));
  end loop;
  delete from public.membership where user_id = p_user;
  update public.user_account set home_tenant_id = p_home, username = p_username, parent_level = p_parent, updated_at = now() where id = p_user;
  update public.user_credential set changed_at = clock_timestamp() where user_id = p_user;
  insert into public.membership (tenant_id, user_id) values (p_home, p_user);
  insert into public.role_assignment (tenant_id, user_id, role_id, created_by) select p_home, p_user, x, c.usr from unnest(p_roles) x group by x;
  if p_home <> master then
    select array_agg(r.name order by r.name) into was from public.user_role r where r.id = any (p_roles);
    perform wall.tell_home(p_home, 'user.lowered', u.id, p_username, jsonb_build_object('level', 'tenant', 'roles', to_jsonb(was)));
  end if;
  return jsonb_build_object('outcome', 'ok', 'sessionsEnded', n, 'before', old);
end $$;

-- The tenants' list counts guests, too: they are in the tenant's list of users.
set local role freehold_definer;
create or replace function wall.tenant_totals(p_tenants uuid[]) returns table (tenant_id uuid, instances bigint, users bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select t, (select count(*) from public.resource r where r.assigned_id = t and r.kind in ('host', 'virtual_machine', 'bare_metal')),
    (select count(*) from public.membership m where m.tenant_id = t)
  from unnest(p_tenants) t where wall.ctx_is_master()
$$;
set local role freehold_owner;

-- Ownership and rights of functions -----------------------------------------------------------------------------------------

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;
grant execute on function wall.reaches_out(uuid), wall.guest_active(uuid), wall.holders_active(text[]), wall.parent_people(), wall.guest_add(uuid, uuid), wall.guest_remove(uuid),
  wall.my_memberships(), wall.people_elsewhere(uuid[], uuid, text, int) to freehold_tenant, freehold_master;
grant execute on function wall.people_list(uuid, text, text[], uuid[], text[], text, boolean, text, uuid, int), wall.people_count(text, text[], uuid[], text[], int),
  wall.person_memberships(uuid), wall.person_level(uuid, uuid, boolean, text, uuid[]) to freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
