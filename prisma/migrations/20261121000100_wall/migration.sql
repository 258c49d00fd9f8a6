-- The wall: who sees and writes which row is decided here, whatever the application asks for.
-- Database roles (server/db/bootstrap.ts): freehold_tenant acts in a subtenant, freehold_master in the master tenant,
-- freehold_union reads the union of a user's tenants, freehold_system only calls functions, freehold_definer owns them.
-- Nobody has BYPASSRLS; FORCE holds the owner too. One policy per command, never FOR ALL.

create schema if not exists wall;
grant usage on schema wall to freehold_tenant, freehold_master, freehold_union, freehold_system, freehold_worker;
grant usage, create on schema wall to freehold_definer;
grant usage on schema public to freehold_tenant, freehold_master, freehold_union, freehold_definer;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table resource alter column name type text collate "C";
alter table access_grant alter column name type text collate "C";

alter table tenant
  add constraint tenant_status_check check (status in ('active', 'disabled', 'deleted')),
  add constraint tenant_slug_check check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  add constraint tenant_name_check check (length(name) between 1 and 100 and name = btrim(name)),
  -- Exactly one master, with a constant id; it is never disabled or deleted, and no subtenant can become it (V1).
  add constraint tenant_master_check check ((id = '00000000-0000-4000-8000-000000000001') = (slug = 'default')),
  add constraint tenant_master_active_check check (id <> '00000000-0000-4000-8000-000000000001' or status = 'active'),
  add constraint tenant_cap_check check ((id = '00000000-0000-4000-8000-000000000001') = (tenant_role_id is null)),
  add constraint tenant_currency_check check (currency ~ '^[A-Z]{3}$');
create unique index tenant_name_key on tenant (lower(name)) where status <> 'deleted';

alter table installation add constraint installation_single_check check (id = 1);
alter table licence add constraint licence_source_check check (source in ('trial', 'stripe', 'key'));
alter table tenant_role_cloud add constraint tenant_role_cloud_level_check check (level in ('none', 'read', 'full'));
alter table tenant_role add constraint tenant_role_cloud_level_check check (default_cloud_level in ('none', 'read', 'full'));
-- Only the master has templates that every subtenant sees (rule 7).
alter table user_role add constraint user_role_multi_tenant_check
  check (not multi_tenant or tenant_id = '00000000-0000-4000-8000-000000000001');
alter table user_account
  add constraint user_account_status_check check (status in ('active', 'disabled')),
  add constraint user_account_username_check check (username = lower(username) and length(username) between 1 and 64),
  add constraint user_account_parent_check check (not parent_level or home_tenant_id = '00000000-0000-4000-8000-000000000001');
alter table enrolment_token add constraint enrolment_token_uses_check check (uses between 0 and max_uses and max_uses between 1 and 10000);

alter table resource
  add constraint resource_visibility_check check (visibility in ('private', 'public')),
  -- V4: what a subtenant owns or uses is private.
  add constraint resource_public_check check (visibility = 'private' or
    (owner_id = '00000000-0000-4000-8000-000000000001' and assigned_id = '00000000-0000-4000-8000-000000000001')),
  -- Only the master assigns (rule 3).
  add constraint resource_assigned_check check (assigned_id = owner_id or owner_id = '00000000-0000-4000-8000-000000000001'),
  add constraint resource_cloud_check check (kind <> 'cloud' or cloud_id = id),
  add constraint resource_name_check check (length(name) between 1 and 255);
alter table resource_state add constraint resource_state_status_check check (status in ('pending', 'online', 'offline'));
alter table access_grant
  add constraint access_grant_role_check check (role in ('viewer', 'editor', 'admin')),
  add constraint access_grant_status_check check (status in ('pending', 'live')),
  add constraint access_grant_other_check check (owner_id <> tenant_id);
alter table access_grant_all
  add constraint access_grant_all_role_check check (role in ('viewer', 'editor', 'admin')),
  add constraint access_grant_all_status_check check (status in ('pending', 'live')),
  add constraint access_grant_all_other_check check (owner_id <> tenant_id);
alter table audit_event add constraint audit_event_result_check check (result in ('ok', 'denied', 'failed'));

-- Lists start from these (reference/access-model.md, "Lists").
create index resource_public_cloud_idx on resource (cloud_id, kind, name, id) where visibility = 'public';
create index resource_public_cloudless_idx on resource (kind, name, id) where visibility = 'public' and cloud_id is null;
create index access_grant_live_idx on access_grant (tenant_id, kind, name, resource_id) where status = 'live';

-- The signed context --------------------------------------------------------------------------------------------------

create table wall.ctx_key (id int primary key check (id = 1), ipad bytea not null, opad bytea not null);
alter table wall.ctx_key enable row level security, force row level security;
grant select on wall.ctx_key to freehold_definer;
create policy ctx_key_select on wall.ctx_key for select to freehold_definer using (true);
-- The start-up installs the key as the owner of the schema (server/db/wall-key.ts).
create policy ctx_key_owner_select on wall.ctx_key for select to freehold_owner using (true);
create policy ctx_key_owner_insert on wall.ctx_key for insert to freehold_owner with check (true);
create policy ctx_key_owner_update on wall.ctx_key for update to freehold_owner using (true) with check (true);

-- mode: user | provider (a master user administering a subtenant) | job | union
create type wall.ctx_t as (mode text, tenant uuid, usr uuid, session uuid);

-- The context of this transaction: `v1|mode|tenant|user|session.hmac`. Null where none was set; an error where it was forged.
-- Two ways in, one out: a plain setting is no barrier to SQL injection, so it is signed with a key that no serving role can read.
create function wall.ctx() returns wall.ctx_t language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  raw text := current_setting('wall.ctx', true);
  msg text;
  part text[];
  k wall.ctx_key;
begin
  if raw is null or raw = '' then return null; end if;
  msg := split_part(raw, '.', 1);
  select * into k from wall.ctx_key where id = 1;
  if k.id is null or encode(sha256(k.opad || sha256(k.ipad || convert_to(msg, 'UTF8'))), 'hex') is distinct from substr(raw, length(msg) + 2) then
    raise exception 'bad tenant context' using errcode = '28000';
  end if;
  part := string_to_array(msg, '|');
  return (part[2], nullif(part[3], '')::uuid, nullif(part[4], '')::uuid, nullif(part[5], '')::uuid)::wall.ctx_t;
end $$;

-- The tenant whose rows may be read. Null for a disabled or deleted tenant, but for jobs (notices still go out, rule 11).
create function wall.ctx_tenant() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare c wall.ctx_t := wall.ctx();
begin
  if c.tenant is null or c.mode not in ('user', 'provider', 'job') then return null; end if;
  perform 1 from public.tenant t where t.id = c.tenant and (t.status = 'active' or c.mode in ('job', 'provider'));
  if not found then return null; end if;
  return c.tenant;
end $$;

-- The tenant in which resources may be written: never from a drill-in, which reads only (rule 2).
create function wall.ctx_writer() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case when (wall.ctx()).mode in ('user', 'job') then wall.ctx_tenant() end
$$;

-- The tenant whose people (users, roles, sessions) may be written: also by the provider.
create function wall.ctx_people() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case when (wall.ctx()).mode in ('user', 'provider') then wall.ctx_tenant() end
$$;

-- Whether the person is homed in the tenant whose people are written. A function, since a policy of membership that reads user_account,
-- whose own policy reads membership, is an endless recursion.
create function wall.at_home(p_user uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u where u.id = p_user and u.home_tenant_id = wall.ctx_people())
$$;

create function wall.ctx_user() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select (wall.ctx()).usr
$$;

create function wall.ctx_is_master() returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((wall.ctx()).mode in ('user', 'job') and (wall.ctx()).tenant = '00000000-0000-4000-8000-000000000001', false)
$$;

-- The enabled memberships of the signed user, for the union of "All my tenants".
create function wall.ctx_tenants() returns uuid[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(t.id), '{}') from public.tenant t
  where t.status = 'active' and (wall.ctx()).mode = 'union'
    and exists (select 1 from public.membership m where m.tenant_id = t.id and m.user_id = (wall.ctx()).usr)
$$;

-- Public clouds that the tenant role grants and the tenant has added (rule 5). A private cloud's contents are not public.
create function wall.ctx_clouds() returns uuid[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(tc.cloud_id), '{}')
  from public.tenant t
  join public.tenant_cloud tc on tc.tenant_id = t.id
  join public.tenant_role r on r.id = t.tenant_role_id
  join public.resource c on c.id = tc.cloud_id and c.visibility = 'public'
  left join public.tenant_role_cloud rc on rc.tenant_role_id = r.id and rc.cloud_id = tc.cloud_id
  where t.id = wall.ctx_tenant() and coalesce(rc.level, r.default_cloud_level) <> 'none'
$$;

-- Kinds of which the master granted all to this tenant.
create function wall.ctx_granted_kinds() returns text[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(g.kind), '{}') from public.access_grant_all g
  where g.tenant_id = wall.ctx_tenant() and g.owner_id = '00000000-0000-4000-8000-000000000001'
    and g.status = 'live' and (g.expires_at is null or g.expires_at > now())
$$;

-- Advisory lock of a tenant: mutations take it shared, revocations exclusively (reference/access-model.md, "Locks").
create function wall.lock_key(p_tenant uuid) returns bigint language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select hashtextextended('freehold.tenant.' || p_tenant::text, 20261121)
$$;

-- First statement of every transaction: context, then locks in id order. `p_write` false makes it read-only.
create function wall.enter(p_ctx text, p_write boolean, p_shared uuid[], p_exclusive uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare t uuid;
begin
  perform set_config('wall.ctx', p_ctx, true);
  perform set_config('wall.seal', '', true); -- whatever an earlier request left in the connection
  if not p_write then
    perform set_config('transaction_read_only', 'on', true);
    return;
  end if;
  for t in select x from unnest(p_shared || p_exclusive) x group by x order by x loop
    if t = any(p_exclusive) then perform pg_advisory_xact_lock(wall.lock_key(t));
    else perform pg_advisory_xact_lock_shared(wall.lock_key(t));
    end if;
  end loop;
end $$;

-- Row-level security: on and forced, everywhere ------------------------------------------------------------------------

do $$
declare t text;
begin
  foreach t in array array['tenant', 'slug_rest', 'installation', 'licence', 'tenant_role', 'tenant_role_cloud', 'tenant_cloud', 'user_role',
    'user_account', 'user_credential', 'membership', 'role_assignment', 'session', 'sign_in_code', 'rate_limit', 'resource', 'resource_state',
    'access_grant', 'access_grant_all', 'resource_group', 'resource_group_member', 'enrolment_token', 'agent_credential', 'worker_heartbeat',
    'audit_event', 'audit_seal'] loop
    execute format('alter table public.%I enable row level security, force row level security', t);
    -- The functions below act across tenants on purpose; they are few, reviewed (server/db/wall.contract.test.ts) and owned by freehold_definer.
    execute format('grant select, insert, update, delete on public.%I to freehold_definer', t);
    execute format('create policy %I on public.%I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on public.%I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on public.%I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on public.%I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;
-- Nobody edits or removes what stands in the log, not even the functions.
revoke update, delete on audit_event, audit_seal from freehold_definer;
drop policy audit_event_definer_update on audit_event;
drop policy audit_event_definer_delete on audit_event;
drop policy audit_seal_definer_update on audit_seal;
drop policy audit_seal_definer_delete on audit_seal;

-- Tenancy: the master's own tables ---------------------------------------------------------------------------------------

grant select on tenant to freehold_tenant, freehold_master, freehold_union;
create policy tenant_select_own on tenant for select to freehold_tenant using (id = (select wall.ctx_tenant()));
create policy tenant_select_union on tenant for select to freehold_union using (id = any ((select wall.ctx_tenants())::uuid[]));
create policy tenant_select_master on tenant for select to freehold_master using ((select wall.ctx_is_master()));
-- (Prisma names every column with a default in its INSERTs; what matters of them is in the checks.)
grant insert (id, slug, name, description, icon, status, status_reason, tenant_role_id, currency, account_number, account_name, customer_number, setup,
  created_at, updated_at) on tenant to freehold_master;
create policy tenant_insert_master on tenant for insert to freehold_master
  with check ((select wall.ctx_is_master()) and id <> '00000000-0000-4000-8000-000000000001' and status = 'active');
grant update (name, description, icon, status, status_reason, tenant_role_id, currency, account_number, account_name, customer_number, setup,
  updated_at, disabled_at, deleted_at, purge_after) on tenant to freehold_master;
create policy tenant_update_master on tenant for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));

grant select, insert, delete on slug_rest to freehold_master;
create policy slug_rest_select on slug_rest for select to freehold_master using ((select wall.ctx_is_master()));
create policy slug_rest_insert on slug_rest for insert to freehold_master with check ((select wall.ctx_is_master()));
create policy slug_rest_delete on slug_rest for delete to freehold_master using ((select wall.ctx_is_master()));

grant select (id, install_id, multi_tenant_enabled, setup_done_at, created_at), update (multi_tenant_enabled) on installation to freehold_master;
create policy installation_select on installation for select to freehold_master using ((select wall.ctx_is_master()));
create policy installation_update on installation for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));

grant select on licence to freehold_master;
create policy licence_select on licence for select to freehold_master using ((select wall.ctx_is_master()));

grant select on tenant_role, tenant_role_cloud to freehold_master;
create policy tenant_role_select on tenant_role for select to freehold_master using ((select wall.ctx_is_master()));
create policy tenant_role_cloud_select on tenant_role_cloud for select to freehold_master using ((select wall.ctx_is_master()));

-- People: tenant-rooted ------------------------------------------------------------------------------------------------

grant select on user_role to freehold_tenant, freehold_master;
create policy user_role_select on user_role for select to freehold_tenant, freehold_master
  using ((select wall.ctx_tenant()) is not null and (tenant_id = (select wall.ctx_tenant()) or multi_tenant));

grant select on user_account to freehold_tenant, freehold_master;
create policy user_account_select on user_account for select to freehold_tenant, freehold_master
  using (home_tenant_id = (select wall.ctx_tenant())
    or exists (select 1 from membership m where m.user_id = user_account.id and m.tenant_id = (select wall.ctx_tenant())));
grant insert (id, home_tenant_id, username, email, first_name, last_name, status, parent_level, created_by, created_at, updated_at) on user_account to freehold_tenant, freehold_master;
create policy user_account_insert on user_account for insert to freehold_tenant, freehold_master
  with check (home_tenant_id = (select wall.ctx_people()) and not parent_level);
-- A tenant never touches the account of a user homed elsewhere (rule 8).
grant update (username, email, first_name, last_name, status, updated_at) on user_account to freehold_tenant, freehold_master;
create policy user_account_update on user_account for update to freehold_tenant, freehold_master
  using (home_tenant_id = (select wall.ctx_people())) with check (home_tenant_id = (select wall.ctx_people()));
grant delete on user_account to freehold_tenant, freehold_master;
create policy user_account_delete on user_account for delete to freehold_tenant, freehold_master
  using (home_tenant_id = (select wall.ctx_people()));

grant select (user_id, tenant_id, changed_at, must_change, expires_at) on user_credential to freehold_tenant, freehold_master;
create policy user_credential_select on user_credential for select to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_tenant()));
grant insert (user_id, tenant_id, password_hash, must_change, expires_at) on user_credential to freehold_tenant, freehold_master;
create policy user_credential_insert on user_credential for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people()));
grant update (password_hash, changed_at, must_change, expires_at) on user_credential to freehold_tenant, freehold_master;
create policy user_credential_update on user_credential for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people())) with check (tenant_id = (select wall.ctx_people()));

grant select on membership, role_assignment to freehold_tenant, freehold_master;
create policy membership_select on membership for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
create policy role_assignment_select on role_assignment for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (id, tenant_id, user_id, created_at), delete on membership to freehold_tenant, freehold_master;
create policy membership_insert on membership for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people()) and wall.at_home(user_id));
create policy membership_delete on membership for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_people()));
grant insert (id, tenant_id, user_id, role_id, expires_at), delete on role_assignment to freehold_tenant, freehold_master;
create policy role_assignment_insert on role_assignment for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people())
    and exists (select 1 from user_role r where r.id = role_assignment.role_id
      and (r.tenant_id = role_assignment.tenant_id or (r.multi_tenant and role_assignment.tenant_id <> r.tenant_id))));
create policy role_assignment_delete on role_assignment for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_people()));

-- The token's hash is never readable.
grant select (id, tenant_id, user_id, created_at, last_seen_at, idle_expires_at, absolute_expires_at, revoked_at, ip, user_agent) on session
  to freehold_tenant, freehold_master;
create policy session_select on session for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant update (revoked_at) on session to freehold_tenant, freehold_master;
-- What was revoked is not given back.
create policy session_update on session for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people())) with check (tenant_id = (select wall.ctx_people()) and revoked_at is not null);

grant select (id, tenant_id, name, max_uses, uses, expires_at, revoked_at, created_by, created_at) on enrolment_token to freehold_tenant, freehold_master;
create policy enrolment_token_select on enrolment_token for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (id, tenant_id, name, token_hash, max_uses, uses, expires_at, created_by, created_at) on enrolment_token to freehold_tenant, freehold_master;
create policy enrolment_token_insert on enrolment_token for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_writer()) and uses = 0);
grant update (revoked_at) on enrolment_token to freehold_tenant, freehold_master;
create policy enrolment_token_update on enrolment_token for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_writer())) with check (tenant_id = (select wall.ctx_writer()) and revoked_at is not null);

grant select on resource_group, resource_group_member, tenant_cloud to freehold_tenant, freehold_master;
create policy resource_group_select on resource_group for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
create policy resource_group_member_select on resource_group_member for select to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_tenant()));
create policy tenant_cloud_select on tenant_cloud for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));

-- Resources: sight by assignment, public, live grant; writing by ownership (rules 1 to 5) ---------------------------------

grant select on resource to freehold_tenant, freehold_master, freehold_union;
create policy resource_select_tenant on resource for select to freehold_tenant using (
  (select wall.ctx_tenant()) is not null and (
    assigned_id = (select wall.ctx_tenant())
    or (visibility = 'public' and (cloud_id is null or cloud_id = any ((select wall.ctx_clouds())::uuid[])))
    or exists (select 1 from access_grant g where g.resource_id = resource.id and g.tenant_id = (select wall.ctx_tenant())
               and g.status = 'live' and (g.expires_at is null or g.expires_at > now()))
    or (owner_id = '00000000-0000-4000-8000-000000000001' and kind = any ((select wall.ctx_granted_kinds())::text[]))));
create policy resource_select_master on resource for select to freehold_master
  using (owner_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()));
create policy resource_select_union on resource for select to freehold_union
  using (assigned_id = any ((select wall.ctx_tenants())::uuid[]));

-- Born owned and used by the acting tenant, and private.
-- Not what it stands in: foreign keys do not ask who sees the parent or cloud (attack A18); what links them will check first.
grant insert (id, kind, name, owner_id, assigned_id, visibility, created_by, spec, created_at, updated_at) on resource to freehold_tenant, freehold_master;
create policy resource_insert_tenant on resource for insert to freehold_tenant
  with check (owner_id = (select wall.ctx_writer()) and assigned_id = (select wall.ctx_writer()) and visibility = 'private');
create policy resource_insert_master on resource for insert to freehold_master
  with check (owner_id = '00000000-0000-4000-8000-000000000001' and assigned_id = owner_id and (select wall.ctx_is_master()));
-- A tenant never changes owner, assignment, visibility or cloud.
grant update (name, spec, updated_at) on resource to freehold_tenant;
create policy resource_update_tenant on resource for update to freehold_tenant
  using (owner_id = (select wall.ctx_writer())) with check (owner_id = (select wall.ctx_writer()));
grant update (name, spec, assigned_id, visibility, updated_at) on resource to freehold_master;
create policy resource_update_master on resource for update to freehold_master
  using (owner_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()))
  with check (owner_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()));
grant delete on resource to freehold_tenant, freehold_master;
create policy resource_delete_tenant on resource for delete to freehold_tenant using (owner_id = (select wall.ctx_writer()));
create policy resource_delete_master on resource for delete to freehold_master
  using (owner_id = '00000000-0000-4000-8000-000000000001' and (select wall.ctx_is_master()));

-- Resource-rooted: through the resource, under its own policy.
grant select on resource_state to freehold_tenant, freehold_master, freehold_union;
create policy resource_state_select on resource_state for select to freehold_tenant, freehold_master, freehold_union
  using (exists (select 1 from resource r where r.id = resource_state.resource_id));
grant select on access_grant, access_grant_all to freehold_tenant, freehold_master;
create policy access_grant_select on access_grant for select to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_tenant()) or owner_id = (select wall.ctx_tenant()));
create policy access_grant_all_select on access_grant_all for select to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_tenant()) or owner_id = (select wall.ctx_tenant()));

-- A write guard that no later policy can widen (attack K12): policies are OR-ed, a restrictive one is AND-ed.
create policy resource_guard_insert on resource as restrictive for insert to freehold_tenant with check (owner_id = (select wall.ctx_writer()));
create policy resource_guard_delete on resource as restrictive for delete to freehold_tenant using (owner_id = (select wall.ctx_writer()));

-- Audit: read by the tenant, and across tenants by the master; written by wall.audit_* only -------------------------------

grant select on audit_event, audit_seal to freehold_tenant, freehold_master;
create policy audit_event_select on audit_event for select to freehold_tenant using (tenant_id = (select wall.ctx_tenant()));
create policy audit_event_select_master on audit_event for select to freehold_master using ((select wall.ctx_is_master()));
create policy audit_seal_select on audit_seal for select to freehold_tenant using (tenant_id = (select wall.ctx_tenant()));
create policy audit_seal_select_master on audit_seal for select to freehold_master using ((select wall.ctx_is_master()));
