-- Second factors (one-time codes with recovery codes, passkeys), and what a tenant asks of passwords, sign-ins and sessions.

-- CreateTable
CREATE TABLE "user_totp" (
    "user_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "last_step" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_totp_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "user_recovery_code" (
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "user_recovery_code_pkey" PRIMARY KEY ("user_id","code_hash")
);

-- CreateTable
CREATE TABLE "user_passkey" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "rp_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "credential_id" BYTEA NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6),

    CONSTRAINT "user_passkey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "passkey_challenge" (
    "challenge_hash" BYTEA NOT NULL,
    "tenant_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "passkey_challenge_pkey" PRIMARY KEY ("challenge_hash")
);

-- CreateTable
CREATE TABLE "user_machine_login" (
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "system" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "has_key" BOOLEAN NOT NULL DEFAULT false,
    "set_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_machine_login_pkey" PRIMARY KEY ("user_id","system")
);

-- CreateTable
CREATE TABLE "tenant_policy" (
    "tenant_id" UUID NOT NULL,
    "second_factor" TEXT NOT NULL DEFAULT 'off',
    "password_min" INTEGER NOT NULL DEFAULT 12,
    "password_max_days" INTEGER NOT NULL DEFAULT 0,
    "lockout_attempts" INTEGER NOT NULL DEFAULT 10,
    "idle_minutes" INTEGER NOT NULL DEFAULT 30,
    "session_hours" INTEGER NOT NULL DEFAULT 12,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_policy_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateIndex
CREATE INDEX "user_recovery_code_tenant_id_user_id_idx" ON "user_recovery_code"("tenant_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_totp_user_id_tenant_id_key" ON "user_totp"("user_id", "tenant_id");

-- CreateIndex
CREATE INDEX "user_machine_login_tenant_id_user_id_idx" ON "user_machine_login"("tenant_id", "user_id");

-- CreateIndex
CREATE INDEX "user_passkey_tenant_id_user_id_idx" ON "user_passkey"("tenant_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_passkey_credential_id_key" ON "user_passkey"("credential_id");

-- AddForeignKey
ALTER TABLE "user_totp" ADD CONSTRAINT "user_totp_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_recovery_code" ADD CONSTRAINT "user_recovery_code_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_passkey" ADD CONSTRAINT "user_passkey_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_machine_login" ADD CONSTRAINT "user_machine_login_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "passkey_challenge" ADD CONSTRAINT "passkey_challenge_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_policy" ADD CONSTRAINT "tenant_policy_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table user_passkey
  add constraint user_passkey_name_check check (length(name) between 1 and 60 and name !~ '[[:cntrl:]]'),
  add constraint user_passkey_counter_check check (counter >= 0);
alter table user_machine_login
  add constraint user_machine_login_system_check check (system in ('windows', 'linux')),
  add constraint user_machine_login_username_check check (length(username) between 1 and 100 and username !~ '[[:cntrl:]]'),
  add constraint user_machine_login_key_check check (not has_key or system = 'linux');
-- The safe bounds: stricter than a new installation, never weaker (lib/security-policy.ts).
alter table tenant_policy
  add constraint tenant_policy_factor_check check (second_factor in ('off', 'all')),
  add constraint tenant_policy_password_check check (password_min between 12 and 20 and password_max_days between 0 and 730),
  add constraint tenant_policy_lockout_check check (lockout_attempts between 3 and 10),
  add constraint tenant_policy_session_check check (idle_minutes between 5 and 30 and session_hours between 1 and 12);

do $$
declare t text;
begin
  foreach t in array array['user_totp', 'user_recovery_code', 'user_passkey', 'passkey_challenge', 'user_machine_login', 'tenant_policy'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on %I to freehold_definer', t);
    execute format('create policy %I on %I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on %I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on %I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on %I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;

-- An administrator sees who of their people has a second factor, and nothing of it.
grant select (user_id, tenant_id, created_at) on user_totp to freehold_tenant, freehold_master;
create policy user_totp_select on user_totp for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant select (id, user_id, tenant_id, name, rp_id, created_at, last_used_at) on user_passkey to freehold_tenant, freehold_master;
create policy user_passkey_select on user_passkey for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));

-- What somebody signs in to machines with: put in and taken out, never read back. By the person, and by who administers their home.
grant select (tenant_id, user_id, system, username, has_key, set_at) on user_machine_login to freehold_tenant, freehold_master;
create policy user_machine_login_select on user_machine_login for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (tenant_id, user_id, system, username, sealed_secret, has_key, set_at) on user_machine_login to freehold_tenant, freehold_master;
create policy user_machine_login_insert on user_machine_login for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people()) and wall.at_home(user_id));
grant delete on user_machine_login to freehold_tenant, freehold_master;
create policy user_machine_login_delete on user_machine_login for delete to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people()));

grant select on tenant_policy to freehold_tenant, freehold_master;
create policy tenant_policy_select on tenant_policy for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (tenant_id, second_factor, password_min, password_max_days, lockout_attempts, idle_minutes, session_hours, updated_at) on tenant_policy
  to freehold_tenant, freehold_master;
create policy tenant_policy_insert on tenant_policy for insert to freehold_tenant, freehold_master with check (tenant_id = (select wall.ctx_writer()));
grant update (second_factor, password_min, password_max_days, lockout_attempts, idle_minutes, session_hours, updated_at) on tenant_policy
  to freehold_tenant, freehold_master;
create policy tenant_policy_update on tenant_policy for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_writer())) with check (tenant_id = (select wall.ctx_writer()));

-- Policy ---------------------------------------------------------------------------------------------------------------------

-- The strictest of what these tenants and the master ask for: the master's own settings are everybody's floor. As `strictest` in
-- lib/security-policy.ts. Not for callers: the reviewed functions ask it.
create function wall.policy_of(p_tenants uuid[]) returns public.tenant_policy language sql stable set search_path = pg_catalog, pg_temp as $$
  select null::uuid, case when bool_or(p.second_factor = 'all') then 'all' else 'off' end, coalesce(max(p.password_min), 12),
    coalesce(min(nullif(p.password_max_days, 0)), 0), coalesce(min(p.lockout_attempts), 10), coalesce(min(p.idle_minutes), 30),
    coalesce(min(p.session_hours), 12), now()
  from public.tenant_policy p where p.tenant_id = any (p_tenants || '00000000-0000-4000-8000-000000000001'::uuid)
$$;

create function wall.policy_words(p public.tenant_policy) returns jsonb language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('secondFactor', p.second_factor, 'passwordMin', p.password_min, 'passwordMaxDays', p.password_max_days,
    'lockoutAttempts', p.lockout_attempts, 'idleMinutes', p.idle_minutes, 'sessionHours', p.session_hours)
$$;

-- What counts for a sign-in on one tenant's host of somebody homed in another; for tenants that are none, what the master asks for.
create function wall.policy_at(p_host text, p_home text) returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select wall.policy_words(wall.policy_of(array(select t.id from public.tenant t where t.slug in (p_host, p_home))))
$$;

-- What the acting tenant asks for (null: nothing of its own), and the floor under it (null in the master).
create function wall.ctx_policy() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'own', (select wall.policy_words(p) from public.tenant_policy p where p.tenant_id = wall.ctx_tenant()),
    'floor', case when wall.ctx_tenant() <> '00000000-0000-4000-8000-000000000001' then wall.policy_words(wall.policy_of('{}')) end)
$$;

-- Sessions last as long as their tenant allows, whoever opens or prolongs them. Without a policy nothing is looked at.
create function wall.session_times() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  p public.tenant_policy;
  master constant uuid := '00000000-0000-4000-8000-000000000001';
begin
  if not exists (select 1 from public.tenant_policy x where x.tenant_id in (new.tenant_id, master)) then return new; end if;
  p := wall.policy_of(array[new.tenant_id]);
  new.idle_expires_at := least(new.idle_expires_at, now() + make_interval(mins => p.idle_minutes));
  new.absolute_expires_at := least(new.absolute_expires_at, new.created_at + make_interval(hours => p.session_hours));
  return new;
end $$;
create trigger session_times before insert or update of idle_expires_at, absolute_expires_at on session for each row execute function wall.session_times();

-- After a change of policy: shortens the sessions under way, and ends those of people who now need a second factor and have none. The acting
-- tenant's; all tenants' when the master changed the floor. Returns how many ended.
create function wall.policy_applied() returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  n int;
  own constant uuid := wall.ctx_writer();
begin
  if own is null then raise exception 'no context' using errcode = '42501'; end if;
  update public.session s set idle_expires_at = s.idle_expires_at
  where (s.tenant_id = own or wall.ctx_is_master()) and s.revoked_at is null and s.absolute_expires_at > now();
  update public.session s set revoked_at = now() from public.user_account u
  where u.id = s.user_id and (s.tenant_id = own or u.home_tenant_id = own or wall.ctx_is_master()) and s.revoked_at is null
    and (wall.policy_of(array[s.tenant_id, u.home_tenant_id])).second_factor = 'all'
    and not exists (select 1 from public.user_totp f where f.user_id = u.id) and not exists (select 1 from public.user_passkey k where k.user_id = u.id);
  get diagnostics n = row_count;
  return n;
end $$;

-- Second factors -------------------------------------------------------------------------------------------------------------------

-- What of an account decides how it signs in to a tenant. `changed`: which password it is, as sign_in_lookup. System role only.
create function wall.account_state(p_user uuid, p_tenant uuid) returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('homeTenantId', u.home_tenant_id, 'username', u.username, 'email', u.email,
    'totpSince', (select f.created_at from public.user_totp f where f.user_id = u.id),
    'recoveryLeft', (select count(*) from public.user_recovery_code r where r.user_id = u.id and r.used_at is null),
    'passkeys', coalesce((select jsonb_agg(jsonb_build_object('id', k.id, 'name', k.name, 'rpId', k.rp_id, 'createdAt', k.created_at,
      'lastUsedAt', k.last_used_at, 'credential', translate(encode(k.credential_id, 'base64'), E'+/=\n', '-_'), 'transports', to_jsonb(k.transports))
      order by k.created_at, k.id) from public.user_passkey k where k.user_id = u.id), '[]'),
    'changed', (select (extract(epoch from c.changed_at) * 1000000)::bigint::text from public.user_credential c where c.user_id = u.id),
    'aged', coalesce((select (p.x).password_max_days > 0 and c.changed_at < now() - make_interval(days => (p.x).password_max_days)
      from public.user_credential c where c.user_id = u.id), false),
    'passwordMin', (p.x).password_min,
    'required', (wall.policy_of(array[u.home_tenant_id, p_tenant])).second_factor = 'all')
  from public.user_account u cross join lateral (select wall.policy_of(array[u.home_tenant_id]) as x) p where u.id = p_user
$$;

-- A password older than the home tenant allows has to be changed.
create function wall.password_aged(p_user uuid) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.user_credential set must_change = true where user_id = p_user and not must_change
$$;

-- One row in the log of the tenant where it was done.
create function wall.factor_audit(p_user uuid, p_log uuid, p_event text, p_after jsonb, p_ip text, p_request text) returns void language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select wall.audit_insert(array[p_log] || wall.home_log(u, p_log), u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', p_event,
    'targetKind', 'user', 'targetId', u.id, 'targetName', u.username, 'after', p_after, 'ip', p_ip, 'requestId', p_request))
  from public.user_account u where u.id = p_user
$$;

-- After a change of how somebody signs in all their other sessions end (attack C11).
create function wall.other_sessions_end(p_user uuid, p_keep bytea) returns int language plpgsql set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  update public.session set revoked_at = now() where user_id = p_user and revoked_at is null and token_hash is distinct from p_keep;
  get diagnostics n = row_count;
  return n;
end $$;

-- Without a factor there is nothing to recover.
create function wall.recovery_tidy(p_user uuid) returns void language sql volatile set search_path = pg_catalog, pg_temp as $$
  delete from public.user_recovery_code r where r.user_id = p_user
    and not exists (select 1 from public.user_totp f where f.user_id = p_user) and not exists (select 1 from public.user_passkey k where k.user_id = p_user)
$$;

create function wall.recovery_first(p_user uuid, p_codes bytea[]) returns boolean language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select 1 from public.user_recovery_code r where r.user_id = p_user and r.used_at is null) then return false; end if;
  insert into public.user_recovery_code (tenant_id, user_id, code_hash)
  select u.home_tenant_id, u.id, c from public.user_account u, unnest(p_codes) c where u.id = p_user;
  return true;
end $$;

-- Turns one-time codes on. `p_step`: of the code that showed that the app works, which is used up. Null: they are on already; else whether
-- the recovery codes are new.
create function wall.totp_set(p_user uuid, p_sealed bytea, p_step bigint, p_codes bytea[], p_keep bytea, p_log uuid, p_ip text, p_request text)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  fresh boolean;
  n int;
begin
  insert into public.user_totp (user_id, tenant_id, sealed_secret, last_step)
  select u.id, u.home_tenant_id, p_sealed, p_step from public.user_account u where u.id = p_user and u.status = 'active' on conflict do nothing;
  if not found then return null; end if;
  fresh := wall.recovery_first(p_user, p_codes);
  n := wall.other_sessions_end(p_user, p_keep);
  perform wall.factor_audit(p_user, p_log, 'account.second_factor_set', jsonb_build_object('kind', 'app', 'otherSessionsEnded', n), p_ip, p_request);
  return fresh;
end $$;

create function wall.totp_secret(p_user uuid) returns table (tenant_id uuid, sealed_secret bytea, last_step bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select f.tenant_id, f.sealed_secret, f.last_step from public.user_totp f where f.user_id = p_user
$$;

-- A code is used up with all before it: false for one that was used (attack C07).
create function wall.totp_use(p_user uuid, p_step bigint) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.user_totp set last_step = p_step where user_id = p_user and last_step < p_step;
  return found;
end $$;

create function wall.totp_remove(p_user uuid, p_keep bytea, p_log uuid, p_ip text, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  delete from public.user_totp where user_id = p_user;
  if not found then return false; end if;
  perform wall.recovery_tidy(p_user);
  n := wall.other_sessions_end(p_user, p_keep);
  perform wall.factor_audit(p_user, p_log, 'account.second_factor_remove', jsonb_build_object('kind', 'app', 'otherSessionsEnded', n), p_ip, p_request);
  return true;
end $$;

-- Ten new recovery codes in place of all former. False: there is no factor that they could stand in for.
create function wall.recovery_set(p_user uuid, p_codes bytea[], p_log uuid, p_ip text, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.user_recovery_code where user_id = p_user;
  perform wall.recovery_first(p_user, p_codes);
  perform wall.recovery_tidy(p_user);
  if not exists (select 1 from public.user_recovery_code r where r.user_id = p_user) then return false; end if;
  perform wall.factor_audit(p_user, p_log, 'account.recovery_codes', '{}', p_ip, p_request);
  return true;
end $$;

create function wall.recovery_use(p_user uuid, p_code bytea, p_log uuid, p_ip text, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update public.user_recovery_code set used_at = now() where user_id = p_user and code_hash = p_code and used_at is null;
  if not found then return false; end if;
  perform wall.factor_audit(p_user, p_log, 'account.recovery_code_use', jsonb_build_object('left', (select count(*) from public.user_recovery_code r
    where r.user_id = p_user and r.used_at is null)), p_ip, p_request);
  return true;
end $$;

-- Takes all second factors of somebody homed in the tenant away: for who lost theirs. What there was.
create function wall.second_factor_clear(p_user uuid) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  apps int;
  keys int;
begin
  if not exists (select 1 from public.user_account u where u.id = p_user and u.home_tenant_id = wall.ctx_people()) then
    raise exception 'foreign user' using errcode = '42501';
  end if;
  delete from public.user_totp where user_id = p_user;
  get diagnostics apps = row_count;
  delete from public.user_passkey where user_id = p_user;
  get diagnostics keys = row_count;
  perform wall.recovery_tidy(p_user);
  return jsonb_build_object('app', apps > 0, 'passkeys', keys);
end $$;

-- Passkeys -------------------------------------------------------------------------------------------------------------------------

-- A challenge is made and signed without a row (server/features/second-factor/challenge.ts); once used it has one until it is over. False: it was
-- used before.
create function wall.challenge_use(p_hash bytea, p_tenant uuid) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.passkey_challenge where expires_at < now();
  insert into public.passkey_challenge (challenge_hash, tenant_id, expires_at) values (p_hash, p_tenant, now() + interval '10 minutes') on conflict do nothing;
  return found;
end $$;

-- A new passkey; ten a person at most. Null: no more, or it is somebody's; else whether the recovery codes are new.
create function wall.passkey_add(p_user uuid, p_key jsonb, p_credential bytea, p_public bytea, p_codes bytea[], p_keep bytea, p_log uuid, p_ip text,
  p_request text) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  fresh boolean;
  n int;
begin
  perform 1 from public.user_account u where u.id = p_user and u.status = 'active' for update;
  if not found or (select count(*) from public.user_passkey k where k.user_id = p_user) >= 10 then return null; end if;
  insert into public.user_passkey (tenant_id, user_id, rp_id, name, credential_id, public_key, counter, transports)
  select u.home_tenant_id, u.id, p_key ->> 'rpId', p_key ->> 'name', p_credential, p_public, (p_key ->> 'counter')::bigint,
    array(select jsonb_array_elements_text(p_key -> 'transports'))
  from public.user_account u where u.id = p_user on conflict do nothing;
  if not found then return null; end if;
  fresh := wall.recovery_first(p_user, p_codes);
  n := wall.other_sessions_end(p_user, p_keep);
  perform wall.factor_audit(p_user, p_log, 'account.second_factor_set', jsonb_build_object('kind', 'passkey', 'name', p_key ->> 'name',
    'otherSessionsEnded', n), p_ip, p_request);
  return fresh;
end $$;

-- Whose a passkey is, and whether they may sign in on that host with it, as wall.sign_in_lookup says of a name.
create function wall.passkey_find(p_credential bytea, p_host text)
returns table (id uuid, rp_id text, public_key bytea, counter bigint, transports text[], ok boolean, tenant_id uuid, user_id uuid, home text, username text,
  must_change boolean, changed text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select k.id, k.rp_id, k.public_key, k.counter, k.transports,
    coalesce(h.status = 'active' and o.status = 'active' and u.status = 'active' and (m.id is not null or (u.parent_level and h.id <> o.id))
      and (c.expires_at is null or c.expires_at > now()), false),
    h.id, u.id, o.slug, u.username, coalesce(c.must_change, false), (extract(epoch from c.changed_at) * 1000000)::bigint::text
  from public.user_passkey k
  join public.user_account u on u.id = k.user_id
  join public.tenant o on o.id = u.home_tenant_id
  join public.tenant h on h.slug = p_host
  join public.user_credential c on c.user_id = u.id
  left join public.membership m on m.tenant_id = h.id and m.user_id = u.id
  where k.credential_id = p_credential
$$;

-- A counter that does not go up is a copy's: false. Authenticators without one say 0 each time.
create function wall.passkey_used(p_id uuid, p_counter bigint) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.user_passkey set counter = p_counter, last_used_at = now() where id = p_id and (counter < p_counter or (counter = 0 and p_counter = 0));
  return found;
end $$;

create function wall.passkey_remove(p_user uuid, p_id uuid, p_keep bytea, p_log uuid, p_ip text, p_request text) returns boolean language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
  k public.user_passkey;
  n int;
begin
  delete from public.user_passkey x where x.id = p_id and x.user_id = p_user returning x.* into k;
  if not found then return false; end if;
  perform wall.recovery_tidy(p_user);
  n := wall.other_sessions_end(p_user, p_keep);
  perform wall.factor_audit(p_user, p_log, 'account.second_factor_remove', jsonb_build_object('kind', 'passkey', 'name', k.name,
    'otherSessionsEnded', n), p_ip, p_request);
  return true;
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
grant execute on function wall.policy_at(text, text), wall.account_state(uuid, uuid), wall.password_aged(uuid),
  wall.totp_set(uuid, bytea, bigint, bytea[], bytea, uuid, text, text), wall.totp_secret(uuid), wall.totp_use(uuid, bigint),
  wall.totp_remove(uuid, bytea, uuid, text, text), wall.recovery_set(uuid, bytea[], uuid, text, text), wall.recovery_use(uuid, bytea, uuid, text, text),
  wall.challenge_use(bytea, uuid),
  wall.passkey_add(uuid, jsonb, bytea, bytea, bytea[], bytea, uuid, text, text), wall.passkey_find(bytea, text), wall.passkey_used(uuid, bigint),
  wall.passkey_remove(uuid, uuid, bytea, uuid, text, text) to freehold_system;
grant execute on function wall.ctx_policy(), wall.policy_applied(), wall.second_factor_clear(uuid) to freehold_tenant, freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
