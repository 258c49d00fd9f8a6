-- What invitations, switching, impersonation, levels and second factors have to say to each other.

-- Where the home of an account moves, what was sealed for it or made on its old host is worth nothing: it begins without.
create function wall.home_moved() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.user_totp where user_id = new.id;
  delete from public.user_recovery_code where user_id = new.id;
  delete from public.user_passkey where user_id = new.id;
  delete from public.user_machine_login where user_id = new.id;
  delete from public.account_link where user_id = new.id;
  return new;
end $$;
create trigger user_account_home_moved before update of home_tenant_id on user_account for each row
  when (old.home_tenant_id is distinct from new.home_tenant_id) execute function wall.home_moved();

-- Whether somebody has no second factor where home or tenant ask for one: they set it up at the sign-in, and nowhere else.
create function wall.lacks_factor(p_user uuid, p_tenant uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u where u.id = p_user and (wall.policy_of(array[u.home_tenant_id, p_tenant])).second_factor = 'all'
    and not exists (select 1 from public.user_totp f where f.user_id = u.id) and not exists (select 1 from public.user_passkey k where k.user_id = u.id))
$$;

set local role freehold_definer;

-- As before, and not by whoever acts as somebody.
create or replace function wall.switch_origin(p_token bytea, p_from text, p_to uuid) returns public.session language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select s from public.session s join public.tenant f on f.id = s.tenant_id
  where s.token_hash = p_token and f.slug = p_from and s.revoked_at is null and s.impersonation_id is null and s.idle_expires_at > now() and s.absolute_expires_at > now()
    and not exists (select 1 from public.user_credential c where c.user_id = s.user_id and c.must_change)
    and wall.may_enter(s.user_id, s.tenant_id) and wall.may_enter(s.user_id, p_to)
$$;

-- As before, and not past a second factor that is asked for and missing.
create or replace function wall.switch_code(p_token bytea, p_from text, p_to uuid, p_code bytea, p_nonce bytea) returns text language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare s public.session := wall.switch_origin(p_token, p_from, p_to);
begin
  if s.id is null or wall.lacks_factor(s.user_id, p_to) then return null; end if;
  insert into public.sign_in_code (code_hash, tenant_id, user_id, nonce_hash, expires_at, session_id)
  values (p_code, p_to, s.user_id, p_nonce, now() + interval '30 seconds', s.id);
  return (select t.slug from public.tenant t where t.id = p_to);
end $$;

create or replace function wall.switch_session(p_code bytea, p_nonce bytea, p_slug text, p_token bytea, p_ip text, p_agent text, p_request text) returns uuid
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

-- As before; the address of a new account is known to be its owner's: the link came by mail.
create or replace function wall.invitation_accept(p_token bytea, p_slug text, p_user jsonb, p_hash text, p_existing uuid, p_ip text, p_request text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  i public.invitation;
  o public.invitation;
  u public.user_account;
  home public.tenant;
  n int := 0;
begin
  select * into i from wall.invitation_live(p_token, p_slug);
  if not found then return jsonb_build_object('code', 'gone'); end if;
  -- Two links to one address at once: one after the other.
  perform pg_advisory_xact_lock(hashtextextended('freehold.invitation.' || i.email, 20261128));
  select * into i from wall.invitation_live(p_token, p_slug);
  if not found then return jsonb_build_object('code', 'gone'); end if;

  if p_user is null then
    select a.* into u from public.user_account a join public.tenant h on h.id = a.home_tenant_id
    where a.id = p_existing and a.status = 'active' and h.status = 'active';
    if not found then return jsonb_build_object('code', 'gone'); end if;
    if lower(u.email) <> i.email then return jsonb_build_object('code', 'other'); end if;
    -- An account does not change its level by an invitation; a person does not become a member of where they are at home.
    if i.tenant_id = master and not u.parent_level then return jsonb_build_object('code', 'member'); end if;
  else
    select * into home from public.tenant t where t.id = case when exists (select 1 from public.invitation x where x.email = i.email
      and x.outcome is null and x.expires_at > now() and x.tenant_id = master and wall.invitation_role(x) is not null) then master else i.tenant_id end;
    begin
      insert into public.user_account (home_tenant_id, username, email, first_name, last_name, parent_level, email_verified_at)
      values (home.id, p_user ->> 'username', i.email, coalesce(p_user ->> 'firstName', ''), coalesce(p_user ->> 'lastName', ''), home.id = master, now())
      returning * into u;
    exception when unique_violation then
      return jsonb_build_object('code', 'taken');
    end;
    insert into public.user_credential (user_id, tenant_id, password_hash) values (u.id, home.id, p_hash);
  end if;

  for o in select x.* from public.invitation x join public.tenant t on t.id = x.tenant_id and t.status = 'active'
    where x.email = i.email and x.outcome is null and x.expires_at > now() and wall.invitation_role(x) is not null
      and (x.tenant_id <> master or u.parent_level) order by x.tenant_id loop
    perform pg_advisory_xact_lock_shared(wall.lock_key(o.tenant_id));
    -- Read again under the lock: a revocation that was under way is over now.
    select * into o from public.invitation x where x.id = o.id and x.outcome is null and wall.invitation_role(x) is not null for update;
    continue when not found;
    update public.invitation set outcome = 'accepted', ended_at = now(), accepted_by = u.id where id = o.id;
    -- Who reaches every tenant anyway is a member of none; who is a member already keeps what they have.
    if not u.parent_level or o.tenant_id = u.home_tenant_id then
      insert into public.membership (tenant_id, user_id) values (o.tenant_id, u.id) on conflict do nothing;
      if found then
        insert into public.role_assignment (tenant_id, user_id, role_id, created_by) values (o.tenant_id, u.id, wall.invitation_role(o), o.invited_by);
      end if;
    end if;
    perform wall.audit_insert(array[o.tenant_id], u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'invitation.accept',
      'targetKind', 'user', 'targetId', u.id, 'targetName', u.username, 'ip', p_ip, 'requestId', p_request,
      'after', jsonb_build_object('email', o.email, 'role', (select r.name from public.user_role r where r.id = wall.invitation_role(o)))));
    n := n + 1;
  end loop;
  -- The one that was clicked went away meanwhile: nothing of the account stays.
  if not exists (select 1 from public.invitation x where x.id = i.id and x.outcome = 'accepted') then
    raise exception 'gone' using errcode = 'P0002';
  end if;
  select * into home from public.tenant t where t.id = u.home_tenant_id;
  return jsonb_build_object('code', 'ok', 'userId', u.id, 'homeId', home.id, 'homeSlug', home.slug, 'username', u.username, 'accepted', n);
end $$;

-- As before, but for a union from an impersonation.
create or replace function wall.ctx() returns wall.ctx_t language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
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
  -- Who acts as somebody acts in that tenant alone: of the person's other tenants nothing is seen (attack F18).
  if part[2] = 'union' and exists (select 1 from public.session s where s.id = nullif(part[5], '')::uuid and s.impersonation_id is not null) then return null; end if;
  return (part[2], nullif(part[3], '')::uuid, nullif(part[4], '')::uuid, nullif(part[5], '')::uuid)::wall.ctx_t;
end $$;
set local role freehold_owner;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
