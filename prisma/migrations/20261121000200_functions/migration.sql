-- What crosses tenants, or acts for nobody in particular: the whole list of SECURITY DEFINER functions beside wall.ctx_*.
-- Each has a fixed search_path and belongs to freehold_definer. server/db/wall.contract.test.ts holds the reviewed list.

-- Audit ----------------------------------------------------------------------------------------------------------------

-- Input of the hash: every column, so that no field can be edited unseen. Units: at in microseconds since 1970.
create function wall.audit_digest(e public.audit_event, p_n bigint, p_prev bytea) returns bytea
language sql stable set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(array_to_string(array[
    'v1', p_n::text, encode(p_prev, 'hex'), e.id::text, e.tenant_id::text, (extract(epoch from e.at) * 1000000)::bigint::text,
    e.actor_id::text, e.actor_name, e.subject_id::text, e.subject_name, e.actor_tenant_id::text, e.event, e.target_kind, e.target_id,
    e.target_name, e.result, e.reason, e.before::text, e.after::text, e.ip, e.request_id], E'\x1f', E'\x1e'), 'UTF8'))
$$;

-- Remembers which logs this transaction writes, so that all chains are locked in one order at commit.
create function wall.audit_note() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('wall.seal', coalesce(nullif(current_setting('wall.seal', true), '') || ',', '') || new.tenant_id::text, true);
  return new;
end $$;
create trigger audit_event_note before insert on audit_event for each row execute function wall.audit_note();

-- At commit: take the chain's lock, read its head, append. A BEFORE INSERT trigger that reads the head forks (security.md 4.3).
create function wall.audit_seal() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  t uuid;
  head public.audit_seal;
  zero constant bytea := decode(repeat('00', 32), 'hex');
begin
  for t in select x::uuid from unnest(string_to_array(current_setting('wall.seal', true), ',')) x group by x order by x::uuid loop
    perform pg_advisory_xact_lock(hashtextextended('freehold.seal.' || t::text, 20261121));
  end loop;
  select * into head from public.audit_seal s where s.tenant_id = new.tenant_id order by s.n desc limit 1;
  insert into public.audit_seal (tenant_id, n, event_id, prev, hash)
  values (new.tenant_id, coalesce(head.n, 0) + 1, new.id, coalesce(head.hash, zero),
    wall.audit_digest(new, coalesce(head.n, 0) + 1, coalesce(head.hash, zero)));
  return null;
end $$;
create constraint trigger audit_event_seal after insert on audit_event deferrable initially deferred
  for each row execute function wall.audit_seal();

-- Append-only for everyone, the owner too (who would first have to drop the trigger, which the chain then shows).
create function wall.audit_frozen() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin raise exception 'the audit log is append-only' using errcode = '42501'; end $$;
create trigger audit_event_frozen before update or delete on audit_event for each row execute function wall.audit_frozen();
create trigger audit_seal_frozen before update or delete on audit_seal for each row execute function wall.audit_frozen();
create trigger audit_event_frozen_truncate before truncate on audit_event execute function wall.audit_frozen();
create trigger audit_seal_frozen_truncate before truncate on audit_seal execute function wall.audit_frozen();

create function wall.audit_insert(p_tenants uuid[], p_actor uuid, p_actor_name text, p_actor_tenant uuid, p_event jsonb) returns void
language sql volatile set search_path = pg_catalog, pg_temp as $$
  insert into public.audit_event (tenant_id, actor_id, actor_name, actor_tenant_id, event, target_kind, target_id, target_name, result, reason,
    before, after, ip, request_id)
  select t, p_actor, p_actor_name, p_actor_tenant, left(p_event ->> 'event', 100), left(coalesce(p_event ->> 'targetKind', ''), 60),
    left(coalesce(p_event ->> 'targetId', ''), 200), left(coalesce(p_event ->> 'targetName', ''), 300), coalesce(p_event ->> 'result', 'ok'),
    left(coalesce(p_event ->> 'reason', ''), 1000), p_event -> 'before', p_event -> 'after', left(coalesce(p_event ->> 'ip', ''), 64),
    left(coalesce(p_event ->> 'requestId', ''), 64)
  from (select x t from unnest(p_tenants) x group by x order by x) s
$$;

-- The one way in for requests and jobs. Who did it comes from the signed context, not from the caller; a subtenant writes its own
-- log only, the provider at work in a subtenant that one and the master's, the master any (an assignment stands in both).
create function wall.audit_write(p_tenants uuid[], p_event jsonb) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  u public.user_account;
begin
  if c.tenant is null then raise exception 'no context' using errcode = '42501'; end if;
  if c.tenant <> master and exists (select 1 from unnest(p_tenants) t where t <> c.tenant and not (c.mode = 'provider' and t = master)) then
    raise exception 'foreign audit log' using errcode = '42501';
  end if;
  select * into u from public.user_account where id = c.usr;
  perform wall.audit_insert(p_tenants || wall.home_log(u, c.tenant), u.id, case when u.id is null then 'system' else wall.person(u) end, u.home_tenant_id, p_event);
end $$;

create function wall.person(u public.user_account) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select case when btrim(u.first_name || ' ' || u.last_name) = '' then u.username
    else btrim(u.first_name || ' ' || u.last_name) || ' (' || u.username || ')' end
$$;

-- What a parent-level user does in a subtenant stands in the master's log, too (rule 2).
create function wall.home_log(u public.user_account, p_tenant uuid) returns uuid[] language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when u.parent_level and u.home_tenant_id <> p_tenant then array[u.home_tenant_id] else '{}'::uuid[] end
$$;

-- Events outside a tenant's transaction: failed sign-ins, denials of nobody, agents. System role only.
create function wall.audit_system(p_tenant uuid, p_actor uuid, p_actor_name text, p_event jsonb) returns void language sql security definer
set search_path = pg_catalog, pg_temp as $$
  select wall.audit_insert(array[p_tenant] || coalesce(wall.home_log(u, p_tenant), '{}'), p_actor, left(p_actor_name, 200), u.home_tenant_id, p_event)
  from (values (1)) one(x) left join public.user_account u on u.id = p_actor
$$;

-- The installation and its licence -------------------------------------------------------------------------------------------

create function wall.licence_state() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('id', l.id, 'source', l.source, 'capabilities', to_jsonb(l.capabilities), 'hostLimit', l.host_limit,
    'startsAt', l.starts_at, 'expiresAt', l.expires_at, 'expired', l.expires_at <= now())
  from public.licence l where l.starts_at <= now() order by l.created_at desc, l.id limit 1
$$;

create function wall.install_state() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('multiTenant', i.multi_tenant_enabled, 'setupDone', i.setup_done_at is not null, 'installId', i.install_id,
    'licence', wall.licence_state())
  from public.installation i where i.id = 1
$$;

-- Sets the one-time code of the set-up page; false once set-up is done.
create function wall.setup_code(p_hash bytea) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.installation set setup_code_hash = p_hash where id = 1 and setup_done_at is null;
  return found;
end $$;

-- First-run set-up, once: names the master, makes its first Super Admin, starts the trial. Returns the user's id; null: refused.
create function wall.setup_finish(p_code bytea, p_tenant_name text, p_user jsonb, p_password_hash text, p_trial_days int, p_trial_hosts int)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  uid uuid := gen_random_uuid();
begin
  update public.installation set setup_done_at = now(), setup_code_hash = null
  where id = 1 and setup_done_at is null and setup_code_hash = p_code;
  if not found then return null; end if;
  update public.tenant set name = p_tenant_name, updated_at = now() where id = master;
  insert into public.user_account (id, home_tenant_id, username, email, first_name, last_name, parent_level)
  values (uid, master, p_user ->> 'username', p_user ->> 'email', p_user ->> 'firstName', p_user ->> 'lastName', true);
  insert into public.user_credential (user_id, tenant_id, password_hash) values (uid, master, p_password_hash);
  insert into public.membership (tenant_id, user_id) values (master, uid);
  insert into public.role_assignment (tenant_id, user_id, role_id)
  select master, uid, r.id from public.user_role r where r.built_in = 'super_admin';
  insert into public.licence (source, capabilities, host_limit, expires_at)
  values ('trial', array['multi_tenant'], p_trial_hosts, now() + make_interval(days => p_trial_days));
  perform wall.audit_insert(array[master], uid, p_user ->> 'username', master,
    jsonb_build_object('event', 'setup.finish', 'targetKind', 'tenant', 'targetId', master, 'targetName', p_tenant_name));
  return uid;
end $$;

-- Signing in -----------------------------------------------------------------------------------------------------------------

-- Who could sign in on the host `p_host` as `p_home`\`p_username`. One row, `ok` false for unknown, disabled and not a member alike;
-- the hash only where the person may sign in, so that the caller treats all others the same. `changed`: which password it is, by
-- when it was set (microseconds since 1970): what was proved with an older one opens no session (attack C11).
create function wall.sign_in_lookup(p_host text, p_home text, p_username text)
returns table (ok boolean, tenant_id uuid, user_id uuid, password_hash text, must_change boolean, changed bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select coalesce(h.status = 'active' and o.status = 'active' and u.status = 'active' and (m.id is not null or (u.parent_level and h.id <> o.id))
      and (c.expires_at is null or c.expires_at > now()), false),
    h.id, u.id, c.password_hash, coalesce(c.must_change, false), (extract(epoch from c.changed_at) * 1000000)::bigint
  from (values (1)) one(x)
  left join public.tenant h on h.slug = p_host
  left join public.tenant o on o.slug = p_home
  left join public.user_account u on u.home_tenant_id = o.id and u.username = p_username
  left join public.user_credential c on c.user_id = u.id
  left join public.membership m on m.tenant_id = h.id and m.user_id = u.id
$$;

-- A new session, audited. Idle and absolute expiry are set here, by the database's clock.
create function wall.session_create(p_tenant uuid, p_user uuid, p_token bytea, p_ip text, p_agent text, p_request text, p_changed bigint default null) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  sid uuid := gen_random_uuid();
  u public.user_account;
begin
  perform pg_advisory_xact_lock_shared(wall.lock_key(p_tenant));
  select a.* into u from public.user_account a join public.tenant t on t.id = p_tenant
  where a.id = p_user and a.status = 'active' and t.status = 'active';
  if not found then return null; end if;
  -- Locked, so that whoever sets a new password waits for this session and ends it with the others.
  perform 1 from public.user_credential c where c.user_id = p_user and (extract(epoch from c.changed_at) * 1000000)::bigint = p_changed for share;
  if p_changed is not null and not found then return null; end if;
  insert into public.session (id, tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at, ip, user_agent)
  values (sid, p_tenant, p_user, p_token, now() + interval '30 minutes', now() + interval '12 hours', left(p_ip, 64), left(p_agent, 300));
  update public.user_account set last_sign_in_at = now() where id = p_user;
  perform wall.audit_insert(array[p_tenant] || wall.home_log(u, p_tenant), u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'session.sign_in',
    'targetKind', 'session', 'targetId', sid, 'ip', p_ip, 'requestId', p_request));
  return sid;
end $$;

create function wall.session_end(p_token bytea, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  s public.session;
  u public.user_account;
begin
  update public.session set revoked_at = now() where token_hash = p_token and revoked_at is null returning * into s;
  if not found then return false; end if;
  select * into u from public.user_account where id = s.user_id;
  perform wall.audit_insert(array[s.tenant_id] || wall.home_log(u, s.tenant_id), u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'session.sign_out',
    'targetKind', 'session', 'targetId', s.id, 'requestId', p_request));
  return true;
end $$;

-- Password hash of the person who holds this session: for "change password" and fresh checks.
create function wall.session_password(p_token bytea) returns table (user_id uuid, tenant_id uuid, password_hash text) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select c.user_id, c.tenant_id, c.password_hash from public.session s join public.user_credential c on c.user_id = s.user_id
  where s.token_hash = p_token and s.revoked_at is null and s.idle_expires_at > now() and s.absolute_expires_at > now()
$$;

-- Changes one's own password, gives this session a new token (attack C10) and ends all others of that person, in every tenant.
-- Returns how many ended; -1: the session is gone.
create function wall.password_change(p_token bytea, p_hash text, p_new_token bytea, p_ip text, p_request text) returns int language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  s public.session;
  u public.user_account;
  n int;
begin
  select * into s from public.session x
  where x.token_hash = p_token and x.revoked_at is null and x.idle_expires_at > now() and x.absolute_expires_at > now() for update;
  if not found then return -1; end if;
  select * into u from public.user_account where id = s.user_id;
  update public.user_credential set password_hash = p_hash, changed_at = now(), must_change = false, expires_at = null where user_id = s.user_id;
  update public.session set token_hash = p_new_token where id = s.id;
  update public.session set revoked_at = now() where user_id = s.user_id and id <> s.id and revoked_at is null;
  get diagnostics n = row_count;
  perform wall.audit_insert(array[s.tenant_id] || wall.home_log(u, s.tenant_id), u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'account.password_change',
    'targetKind', 'user', 'targetId', u.id, 'targetName', u.username, 'after', jsonb_build_object('otherSessionsEnded', n), 'ip', p_ip, 'requestId', p_request));
  return n;
end $$;

-- None for who proved a password that is no longer theirs.
create function wall.sign_in_code_create(p_tenant uuid, p_user uuid, p_code bytea, p_nonce bytea, p_changed bigint) returns void language sql security definer
set search_path = pg_catalog, pg_temp as $$
  insert into public.sign_in_code (code_hash, tenant_id, user_id, nonce_hash, expires_at)
  select p_code, p_tenant, c.user_id, p_nonce, now() + interval '30 seconds' from public.user_credential c
  where c.user_id = p_user and (extract(epoch from c.changed_at) * 1000000)::bigint = p_changed
$$;

-- Redeems a code once, on the host of its tenant, with the nonce that this browser holds there.
create function wall.sign_in_code_redeem(p_code bytea, p_nonce bytea, p_slug text) returns table (tenant_id uuid, user_id uuid) language sql security definer
set search_path = pg_catalog, pg_temp as $$
  update public.sign_in_code c set used_at = now() from public.tenant t
  where c.code_hash = p_code and c.nonce_hash = p_nonce and c.used_at is null and c.expires_at > now()
    and exists (select 1 from public.user_credential k where k.user_id = c.user_id and k.changed_at <= c.expires_at - interval '30 seconds')
    and t.id = c.tenant_id and t.slug = p_slug and t.status = 'active'
  returning c.tenant_id, c.user_id
$$;

-- Everything a request needs to know, in one statement: installation, licence, tenant with its cap, session, person, roles.
-- Never cached between requests: a cut holds in the very next one (rule 6, ASVS 8.3.2).
create function wall.auth_context(p_token bytea, p_slug text) returns jsonb language plpgsql volatile security definer
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
    select jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'sharing', r.sharing) into cap
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
    select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels) order by r.name), '[]') into roles
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

-- As auth_context, for a check that is not the person's doing (an open live page): does not push the idle expiry.
create function wall.auth_peek(p_token bytea, p_slug text) returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('transaction_read_only', 'on', true);
  return wall.auth_context(p_token, p_slug);
end $$;

-- As auth_context, for a mutation that reads its rights again under its locks: of the signed session only, null for any other.
-- A serving role that could ask for any subdomain could ask which tenants there are (attack K04).
create function wall.auth_again(p_token bytea, p_slug text) returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare v jsonb := wall.auth_context(p_token, p_slug);
begin
  if (v #>> '{session,id}')::uuid = (wall.ctx()).session then return v; end if;
  return null;
end $$;

-- Counts one attempt. Fixed windows, one row each, shared by all processes. Returns seconds to wait, 0: go on.
create function wall.rate_hit(p_bucket text, p_window int, p_limit int) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  w timestamptz := to_timestamp(floor(extract(epoch from now()) / p_window) * p_window);
  n int;
begin
  insert into public.rate_limit as r (bucket, window_start, hits) values (left(p_bucket, 200), w, 1)
  on conflict (bucket, window_start) do update set hits = r.hits + 1 returning hits into n;
  if n <= p_limit then return 0; end if;
  return greatest(1, ceil(extract(epoch from w + make_interval(secs => p_window) - now()))::int);
end $$;

-- A success gives its attempts back, so that a typing error is no lockout.
create function wall.rate_clear(p_bucket text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.rate_limit where bucket = left(p_bucket, 200)
$$;

-- Agents ---------------------------------------------------------------------------------------------------------------------

-- Answers {code}: ok | unknown | refused | gate | limit, with hostId and tenant on ok. All or nothing, exact under races.
create function wall.agent_enrol(p_token bytea, p_credential bytea, p_name text, p_machine text, p_boot text, p_facts jsonb, p_gate text, p_ip text, p_request text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  e public.enrolment_token;
  t public.tenant;
  rid uuid;
  lic jsonb := wall.licence_state();
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
  -- Counted over all tenants under one lock, so that a limit of N is exactly N and one machine is one host of a tenant.
  perform pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121));
  select r.id into rid from public.agent_credential c join public.resource r on r.id = c.resource_id
  where c.machine_id = p_machine and r.owner_id = e.tenant_id and r.kind = 'host' order by c.created_at limit 1;
  if rid is null then
    if (select count(*) from (select 1 from public.resource r where r.kind = 'host' limit coalesce((lic ->> 'hostLimit')::int, 0)) x) >= (lic ->> 'hostLimit')::int then
      return '{"code":"limit"}';
    end if;
    rid := gen_random_uuid();
    insert into public.resource (id, kind, name, owner_id, assigned_id, created_by) values (rid, 'host', p_name, e.tenant_id, e.tenant_id, e.created_by);
    insert into public.resource_state (resource_id, status, facts) values (rid, 'pending', p_facts);
    insert into public.agent_credential (resource_id, token_hash, machine_id, boot_id) values (rid, p_credential, p_machine, p_boot);
  else
    update public.agent_credential set token_hash = p_credential, next_token_hash = null, boot_id = p_boot, prev_boot_id = '', seq = 0, rotated_at = now()
    where resource_id = rid;
    update public.resource_state set conflict_at = null, facts = p_facts, updated_at = now() where resource_id = rid;
  end if;
  update public.enrolment_token set uses = uses + 1 where id = e.id;
  perform wall.audit_insert(array[e.tenant_id], null, 'agent', null, jsonb_build_object('event', 'host.enrol', 'targetKind', 'host', 'targetId', rid,
    'targetName', p_name, 'after', jsonb_build_object('enrolmentToken', e.name, 'machineId', p_machine), 'ip', p_ip, 'requestId', p_request));
  return jsonb_build_object('code', 'ok', 'hostId', rid);
end $$;

-- One report, one statement. The tenant is the live row's, never what the agent says.
-- code: ok | unknown | refused | replay (seq) | conflict | slow | uninstall; `rotated` when p_next was taken as the next credential.
-- An empty p_boot says nothing. The next credential is offered again until it is used: the answer that held it may be lost.
create function wall.agent_report(p_token bytea, p_seq bigint, p_machine text, p_boot text, p_facts jsonb, p_next bytea)
returns table (code text, seq bigint, rotated boolean, host uuid) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.agent_credential;
  st public.resource_state;
  assigned text;
  owned text;
begin
  select * into c from public.agent_credential a where a.token_hash = p_token or a.next_token_hash = p_token for update;
  if not found then return query select 'unknown', 0::bigint, false, null::uuid; return; end if;
  if c.resource_id is null then return query select 'uninstall', c.seq, false, null::uuid; return; end if;
  select ta.status, tow.status into assigned, owned from public.resource r join public.tenant ta on ta.id = r.assigned_id
    join public.tenant tow on tow.id = r.owner_id where r.id = c.resource_id;
  -- Deleted with its owner. One that only used it: the owner's agent waits, refused, until it is assigned anew.
  if owned = 'deleted' then return query select 'uninstall', c.seq, false, null::uuid; return; end if;
  if assigned <> 'active' or owned <> 'active' then return query select 'refused', c.seq, false, null::uuid; return; end if;
  select * into st from public.resource_state x where x.resource_id = c.resource_id for update;
  if c.machine_id <> p_machine or (c.prev_boot_id <> '' and p_boot = c.prev_boot_id) then
    if st.conflict_at is null then
      update public.resource_state x set conflict_at = now(), updated_at = now() where x.resource_id = c.resource_id;
      perform wall.audit_insert(array(select distinct z from public.resource r, unnest(array[r.owner_id, r.assigned_id]) z where r.id = c.resource_id), null, 'agent', null,
        jsonb_build_object('event', 'host.credential_conflict', 'targetKind', 'host', 'targetId', c.resource_id, 'result', 'denied',
          'reason', 'Two machines report with one credential'));
    end if;
    return query select 'conflict', c.seq, false, null::uuid; return;
  end if;
  if st.conflict_at is not null then return query select 'conflict', c.seq, false, null::uuid; return; end if;
  if p_seq <= c.seq then return query select 'replay', c.seq, false, null::uuid; return; end if;
  if st.last_seen_at > clock_timestamp() - interval '900 milliseconds' then return query select 'slow', c.seq, false, null::uuid; return; end if;
  rotated := c.token_hash = p_token and c.rotated_at < now() - interval '24 hours';
  update public.agent_credential a set seq = p_seq,
    prev_boot_id = case when p_boot not in ('', a.boot_id) then a.boot_id else a.prev_boot_id end,
    boot_id = case when p_boot = '' then a.boot_id else p_boot end,
    token_hash = p_token,
    next_token_hash = case when a.next_token_hash = p_token then null when rotated then p_next else a.next_token_hash end,
    rotated_at = case when a.next_token_hash = p_token then now() else a.rotated_at end
  where a.id = c.id;
  update public.resource_state x set status = 'online', last_seen_at = clock_timestamp(), facts = p_facts, updated_at = now() where x.resource_id = c.resource_id;
  return query select 'ok', p_seq, rotated, c.resource_id;
end $$;

-- The local administrator removed the agent: the host stays, offline, and is the same one when the machine enrols again.
create function wall.agent_goodbye(p_token bytea, p_ip text) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c public.agent_credential;
begin
  update public.agent_credential a set token_hash = sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), next_token_hash = null
  where (a.token_hash = p_token or a.next_token_hash = p_token)
    -- No agent writes in a disabled or deleted tenant (rule 11).
    and not exists (select 1 from public.resource r join public.tenant t on t.id in (r.owner_id, r.assigned_id) where r.id = a.resource_id and t.status <> 'active')
  returning * into c;
  if not found then return false; end if;
  update public.resource_state x set status = 'offline', updated_at = now() where x.resource_id = c.resource_id;
  perform wall.audit_insert(array[r.owner_id, r.assigned_id], null, 'agent', null, jsonb_build_object('event', 'host.agent_removed', 'targetKind', 'host',
    'targetId', r.id, 'targetName', r.name, 'ip', p_ip)) from public.resource r where r.id = c.resource_id;
  return true;
end $$;

-- Worker -----------------------------------------------------------------------------------------------------------------------

-- Hosts that missed their reports go offline. Returns how many.
create function wall.hosts_offline(p_seconds int) returns int language sql security definer set search_path = pg_catalog, pg_temp as $$
  with gone as (
    update public.resource_state set status = 'offline', updated_at = now()
    where status = 'online' and last_seen_at < now() - make_interval(secs => p_seconds) returning 1)
  select count(*)::int from gone
$$;

create function wall.sweep() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.rate_limit where window_start < now() - interval '2 days';
  delete from public.sign_in_code where expires_at < now() - interval '1 hour';
  delete from public.session where absolute_expires_at < now() - interval '30 days';
  delete from public.slug_rest where until < now();
  delete from public.agent_credential where resource_id is null and rotated_at < now() - interval '120 days';
$$;

create function wall.heartbeat(p_id text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.worker_heartbeat where at < now() - interval '1 hour';
  insert into public.worker_heartbeat (id, at) values (left(p_id, 100), now()) on conflict (id) do update set at = now();
$$;

create function wall.health() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('workerSeenSecondsAgo', (select extract(epoch from now() - max(at))::int from public.worker_heartbeat))
$$;

-- Master's lists ------------------------------------------------------------------------------------------------------------------

-- Totals for the list of tenants. Instances: hosts, virtual machines and bare metal assigned to the tenant.
create function wall.tenant_totals(p_tenants uuid[]) returns table (tenant_id uuid, instances bigint, users bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select t, (select count(*) from public.resource r where r.assigned_id = t and r.kind in ('host', 'virtual_machine', 'bare_metal')),
    (select count(*) from public.user_account u where u.home_tenant_id = t)
  from unnest(p_tenants) t where wall.ctx_is_master()
$$;

-- What of the licence is used: hosts over all tenants, as wall.agent_enrol counts them.
create function wall.licence_usage() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('hosts', (select count(*) from public.resource r where r.kind = 'host'),
    'tenants', (select count(*) from public.tenant t where t.status <> 'deleted'))
  where wall.ctx_is_master()
$$;

-- Sessions of a tenant end when it is disabled or deleted.
create function wall.tenant_sessions_end(p_tenant uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  if not wall.ctx_is_master() then raise exception 'master only' using errcode = '42501'; end if;
  update public.session set revoked_at = now() where tenant_id = p_tenant and revoked_at is null;
  get diagnostics n = row_count;
  return n;
end $$;

-- All sessions of one person end, in every tenant: when the account is disabled or its password set by an administrator.
create function wall.user_sessions_end(p_user uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  if not exists (select 1 from public.user_account u where u.id = p_user and u.home_tenant_id = wall.ctx_people()) then
    raise exception 'foreign user' using errcode = '42501';
  end if;
  update public.session set revoked_at = now() where user_id = p_user and revoked_at is null;
  get diagnostics n = row_count;
  return n;
end $$;

-- Live pages: opaque ids only; each listener reads the row again under its own rights (attack K14) ----------------------------------

-- Only what changes now and then: a NOTIFY takes one lock of the whole server at commit, which reports must not queue for.
create function wall.notify_state() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and (old.status, old.conflict_at) is not distinct from (new.status, new.conflict_at) then return null; end if;
  perform pg_notify('freehold', 'r:' || coalesce(new.resource_id, old.resource_id)::text);
  return null;
end $$;
create trigger resource_state_notify after insert or update on resource_state for each row execute function wall.notify_state();

-- Hosts that reported lately, gathered by the process that took the reports; at most 200 at once (a payload has 8,000 bytes).
create function wall.notify_reports(p_hosts uuid[]) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  select pg_notify('freehold', 'r:' || array_to_string(p_hosts[1:200], ','))
$$;

-- Moves and removals concern the tenants on both sides; what was or becomes public, everybody (`p:` names nothing).
create function wall.notify_resource() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare t uuid;
begin
  if tg_op = 'UPDATE' and (old.assigned_id, old.visibility, old.name) is not distinct from (new.assigned_id, new.visibility, new.name) then return null; end if;
  for t in select distinct x from unnest(array[old.assigned_id, new.assigned_id, old.owner_id, new.owner_id]) x where x is not null loop
    perform pg_notify('freehold', 't:' || t::text);
  end loop;
  if old.visibility = 'public' or new.visibility = 'public' then perform pg_notify('freehold', 'p:'); end if;
  return null;
end $$;
create trigger resource_notify after insert or update or delete on resource for each row execute function wall.notify_resource();

create function wall.notify_grant() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('freehold', 't:' || coalesce(new.tenant_id, old.tenant_id)::text);
  return null;
end $$;
create trigger access_grant_notify after insert or update or delete on access_grant for each row execute function wall.notify_grant();

-- Lists by grants are sorted by the name copied there.
create function wall.copy_name() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.access_grant set name = new.name where resource_id = new.id;
  return null;
end $$;
create trigger resource_copy_name after update of name on resource for each row when (old.name is distinct from new.name) execute function wall.copy_name();

create function wall.notify_tenant() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.status is distinct from old.status or new.tenant_role_id is distinct from old.tenant_role_id then
    perform pg_notify('freehold', 't:' || new.id::text);
  end if;
  return null;
end $$;
create trigger tenant_notify after update on tenant for each row execute function wall.notify_tenant();

create function wall.notify_session() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.revoked_at is not null and old.revoked_at is null then perform pg_notify('freehold', 's:' || new.id::text); end if;
  return null;
end $$;
create trigger session_notify after update on session for each row execute function wall.notify_session();

-- What every installation begins with (before any row exists, row-level security does not stand in the owner's way here) -------------

alter table tenant no force row level security, disable row level security;
alter table tenant_role no force row level security, disable row level security;
alter table user_role no force row level security, disable row level security;
alter table installation no force row level security, disable row level security;

insert into tenant (id, slug, name) values ('00000000-0000-4000-8000-000000000001', 'default', 'Master tenant');
insert into installation (id) values (1);
-- Levels of built-in roles live in lib/permissions.ts, so that an upgrade can extend them.
insert into tenant_role (id, name, description, built_in, sharing) values
  ('00000000-0000-4000-8000-000000000101', 'Customer', 'For customers: everything inside the tenant, nothing shared out of it.', 'customer', false),
  ('00000000-0000-4000-8000-000000000102', 'Organization', 'For sites and departments: as Customer, and may share what it owns.', 'organization', true);
insert into user_role (id, tenant_id, name, description, built_in, multi_tenant) values
  ('00000000-0000-4000-8000-000000000201', '00000000-0000-4000-8000-000000000001', 'Super Admin', 'Everything, in the master tenant and over all tenants.', 'super_admin', false),
  ('00000000-0000-4000-8000-000000000202', '00000000-0000-4000-8000-000000000001', 'Support', 'Sees tenants, their users and the master''s hosts; changes nothing.', 'support', false),
  ('00000000-0000-4000-8000-000000000203', '00000000-0000-4000-8000-000000000001', 'Owner', 'Full control of the tenant.', 'owner', true),
  ('00000000-0000-4000-8000-000000000204', '00000000-0000-4000-8000-000000000001', 'Admin', 'Manages users, hosts and settings of the tenant.', 'admin', true),
  ('00000000-0000-4000-8000-000000000205', '00000000-0000-4000-8000-000000000001', 'Editor', 'Reads and changes the tenant''s infrastructure.', 'editor', true),
  ('00000000-0000-4000-8000-000000000206', '00000000-0000-4000-8000-000000000001', 'Viewer', 'Reads everything in the tenant.', 'viewer', true);

alter table tenant enable row level security, force row level security;
alter table tenant_role enable row level security, force row level security;
alter table user_role enable row level security, force row level security;
alter table installation enable row level security, force row level security;

-- Ownership and rights of functions -----------------------------------------------------------------------------------------------

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'wall' loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;

grant execute on function wall.ctx(), wall.ctx_tenant(), wall.ctx_writer(), wall.ctx_people(), wall.at_home(uuid), wall.ctx_user(), wall.ctx_is_master(),
  wall.ctx_clouds(), wall.ctx_granted_kinds(), wall.lock_key(uuid), wall.enter(text, boolean, uuid[], uuid[]),
  wall.audit_digest(public.audit_event, bigint, bytea), wall.audit_write(uuid[], jsonb), wall.auth_again(bytea, text), wall.user_sessions_end(uuid)
  to freehold_tenant, freehold_master;
grant execute on function wall.ctx_tenants(), wall.ctx_user(), wall.lock_key(uuid), wall.enter(text, boolean, uuid[], uuid[]) to freehold_union;
grant execute on function wall.tenant_totals(uuid[]), wall.licence_usage(), wall.tenant_sessions_end(uuid) to freehold_master;
grant execute on function wall.auth_context(bytea, text), wall.auth_peek(bytea, text), wall.install_state(), wall.setup_code(bytea),
  wall.setup_finish(bytea, text, jsonb, text, int, int), wall.sign_in_lookup(text, text, text),
  wall.session_create(uuid, uuid, bytea, text, text, text, bigint), wall.session_end(bytea, text), wall.session_password(bytea),
  wall.password_change(bytea, text, bytea, text, text), wall.sign_in_code_create(uuid, uuid, bytea, bytea, bigint), wall.sign_in_code_redeem(bytea, bytea, text),
  wall.rate_hit(text, int, int), wall.rate_clear(text), wall.audit_system(uuid, uuid, text, jsonb),
  wall.agent_enrol(bytea, bytea, text, text, text, jsonb, text, text, text), wall.agent_report(bytea, bigint, text, text, jsonb, bytea),
  wall.agent_goodbye(bytea, text), wall.notify_reports(uuid[]), wall.hosts_offline(int), wall.sweep(), wall.heartbeat(text), wall.health()
  to freehold_system;

-- Last: after this the owner cannot change these grants any more.
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'wall' and p.prosecdef loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
