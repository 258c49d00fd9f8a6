-- From which addresses a tenant's console is reached, and who gets in from anywhere when that goes wrong (features.md B11).

-- AlterTable
ALTER TABLE "session" ADD COLUMN     "break_glass" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "tenant_network" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "network" cidr NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "tenant_network_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "break_glass" (
    "user_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "rp_id" TEXT NOT NULL,
    "appointed_by_name" TEXT NOT NULL,
    "appointed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "break_glass_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "tenant_network_tenant_id_position_idx" ON "tenant_network"("tenant_id", "position");

-- CreateIndex
CREATE INDEX "break_glass_tenant_id_user_id_idx" ON "break_glass"("tenant_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "break_glass_user_id_tenant_id_key" ON "break_glass"("user_id", "tenant_id");

-- AddForeignKey
ALTER TABLE "tenant_network" ADD CONSTRAINT "tenant_network_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table tenant_network
  add constraint tenant_network_note_check check (length(note) <= 100 and note !~ '[[:cntrl:]]'),
  -- Callers' addresses come as IPv4 where they are (server/platform/client-ip.ts): a mapped network would admit nobody.
  add constraint tenant_network_mapped_check check (not network <<= '::ffff:0:0/96'::cidr);

do $$
declare t text;
begin
  foreach t in array array['tenant_network', 'break_glass'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on %I to freehold_definer', t);
    execute format('create policy %I on %I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on %I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on %I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on %I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;

-- The tenant's own administrators, and its provider on its behalf.
grant select on tenant_network to freehold_tenant, freehold_master;
create policy tenant_network_select on tenant_network for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (tenant_id, position, network, note) on tenant_network to freehold_tenant, freehold_master;
create policy tenant_network_insert on tenant_network for insert to freehold_tenant, freehold_master with check (tenant_id = (select wall.ctx_people()));
grant delete on tenant_network to freehold_tenant, freehold_master;
create policy tenant_network_delete on tenant_network for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_people()));

-- Who gets in from anywhere, the tenant alone says.
grant select on break_glass to freehold_tenant, freehold_master;
create policy break_glass_select on break_glass for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (user_id, tenant_id, rp_id, appointed_by_name) on break_glass to freehold_tenant, freehold_master;
create policy break_glass_insert on break_glass for insert to freehold_tenant, freehold_master with check (tenant_id = (select wall.ctx_writer()));
grant delete on break_glass to freehold_tenant, freehold_master;
create policy break_glass_delete on break_glass for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_writer()));

-- Addresses ------------------------------------------------------------------------------------------------------------------

-- Text that is no address is none: it is in no network.
create function wall.inet_of(p_text text) returns inet language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  return p_text::inet;
exception when invalid_text_representation then return null;
end $$;

-- Whether a tenant's list lets an address in. No list: from anywhere. Disabled tenants keep theirs: nobody learns from outside that one was
-- disabled. Not for callers: the reviewed functions ask it.
create function wall.admits(p_tenant uuid, p_ip text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select not exists (select 1 from public.tenant_network n where n.tenant_id = p_tenant)
    or exists (select 1 from public.tenant_network n where n.tenant_id = p_tenant and n.network >>= (select wall.inet_of(p_ip)))
$$;

-- As admits, by subdomain: where a sign-in to one tenant begins on another host. What is no tenant keeps no list.
create function wall.address_admitted(p_slug text, p_ip text) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select wall.admits(t.id, p_ip) from public.tenant t where t.slug = p_slug), true)
$$;

-- As admits, for the person of a union, of a tenant that they may enter; false of any other.
create function wall.union_admits(p_tenant uuid, p_ip text) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select c.mode = 'union' and wall.may_enter(c.usr, p_tenant) from wall.ctx() c), false) and wall.admits(p_tenant, p_ip)
$$;

-- Whether somebody may be a way in from anywhere: an active account of its home with a password of its own and a second factor that works on
-- the tenant's host; none that an identity source gave.
create function wall.break_glass_able(p_user uuid, p_rp text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u join public.membership m on m.user_id = u.id and m.tenant_id = u.home_tenant_id
    join public.user_credential c on c.user_id = u.id and (c.expires_at is null or c.expires_at > now())
    where u.id = p_user and u.status = 'active' and not exists (select 1 from public.user_identity i where i.user_id = u.id)
      and (exists (select 1 from public.user_totp f where f.user_id = u.id)
        or exists (select 1 from public.user_passkey k where k.user_id = u.id and k.rp_id = p_rp)))
$$;

-- What wall.auth_context answers, for a request from an address: `here`, whether this tenant's list lets it in, or the session is one of
-- emergency; `provider`, whether the master's does, which alone counts for who impersonates. A session that the address may not use stays
-- as it is: it is not seen, and not prolonged.
create function wall.auth_context_at(p_token bytea, p_slug text, p_ip text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  t uuid;
  s public.session;
  here boolean;
  provider boolean;
  v jsonb;
begin
  select x.id into t from public.tenant x where x.slug = p_slug;
  if p_token is not null then select x.* into s from public.session x where x.token_hash = p_token and x.tenant_id = t; end if;
  s.break_glass := coalesce(s.break_glass, false) and exists (select 1 from public.break_glass b where b.user_id = s.user_id and b.tenant_id = t);
  here := s.break_glass or wall.admits(t, p_ip);
  provider := wall.admits(master, p_ip);
  v := wall.auth_context(case when case when s.impersonation_id is null then here else provider end then p_token end, p_slug);
  if s.break_glass and v -> 'session' <> 'null' then v := jsonb_set(v, '{session,breakGlass}', 'true'); end if;
  return v || jsonb_build_object('here', here, 'provider', provider);
end $$;

-- As auth_peek and auth_again, from an address.
create function wall.auth_peek_at(p_token bytea, p_slug text, p_ip text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('transaction_read_only', 'on', true);
  return wall.auth_context_at(p_token, p_slug, p_ip);
end $$;

create function wall.auth_again_at(p_token bytea, p_slug text, p_ip text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v jsonb := wall.auth_context_at(p_token, p_slug, p_ip);
begin
  if (v #>> '{session,id}')::uuid = (wall.ctx()).session then return v; end if;
  return null;
end $$;

-- A hundred lines; and open pages ask again at once.
create function wall.network_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare t uuid;
begin
  for t in select distinct c.tenant_id from changed c loop
    if (select count(*) from public.tenant_network n where n.tenant_id = t) > 100 then
      raise exception 'more than 100 networks' using errcode = '23514';
    end if;
    perform pg_notify('freehold', 't:' || t::text);
  end loop;
  return null;
end $$;
create trigger tenant_network_added after insert on tenant_network referencing new table as changed for each statement execute function wall.network_changed();
create trigger tenant_network_removed after delete on tenant_network referencing old table as changed for each statement execute function wall.network_changed();

-- Emergency access -----------------------------------------------------------------------------------------------------------

-- After the policy had its say: before it, the answer would tell of accounts of other tenants.
create function wall.break_glass_guard() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (select count(*) from public.break_glass b where b.tenant_id = new.tenant_id) > 2 or not wall.break_glass_able(new.user_id, new.rp_id) then
    raise exception 'no way in from anywhere' using errcode = '23514';
  end if;
  return null;
end $$;
create trigger break_glass_guard after insert on break_glass for each row execute function wall.break_glass_guard();

-- What got in by it is out with it.
create function wall.break_glass_over() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.session set revoked_at = now() where user_id = old.user_id and break_glass and revoked_at is null;
  return null;
end $$;
create trigger break_glass_over after delete on break_glass for each row execute function wall.break_glass_over();

-- Who loses the password, the second factor, the account or the home is no way in any more.
create function wall.break_glass_lost() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  who constant uuid := case when tg_table_name = 'user_account' then to_jsonb(old) ->> 'id' else to_jsonb(old) ->> 'user_id' end;
  b public.break_glass;
begin
  select x.* into b from public.break_glass x where x.user_id = who;
  if b.user_id is null or (wall.break_glass_able(who, b.rp_id) and b.tenant_id = (select u.home_tenant_id from public.user_account u where u.id = who)) then
    return null;
  end if;
  delete from public.break_glass x where x.user_id = who;
  perform wall.audit_insert(array[t.id], null, 'nobody', null, jsonb_build_object('event', 'break_glass.end', 'targetKind', 'user', 'targetId', u.id,
    'targetName', u.username)) from public.user_account u join public.tenant t on t.id = b.tenant_id where u.id = who;
  return null;
end $$;
create trigger user_totp_break_glass after delete on user_totp for each row execute function wall.break_glass_lost();
create trigger user_passkey_break_glass after delete on user_passkey for each row execute function wall.break_glass_lost();
create trigger user_credential_break_glass after delete on user_credential for each row execute function wall.break_glass_lost();
create trigger membership_break_glass after delete on membership for each row execute function wall.break_glass_lost();
create trigger user_account_break_glass after update of status, home_tenant_id on user_account for each row
  when (old.status is distinct from new.status or old.home_tenant_id is distinct from new.home_tenant_id) execute function wall.break_glass_lost();

-- As sign_in_lookup, of accounts of emergency alone. System role only.
create function wall.break_glass_lookup(p_slug text, p_username text)
returns table (ok boolean, tenant_id uuid, user_id uuid, password_hash text, must_change boolean, changed bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select coalesce(l.ok and b.user_id is not null and wall.break_glass_able(b.user_id, b.rp_id), false), l.tenant_id, l.user_id, l.password_hash, l.must_change,
    l.changed
  from wall.sign_in_lookup(p_slug, p_slug, p_username) l left join public.break_glass b on b.user_id = l.user_id and b.tenant_id = l.tenant_id
$$;

-- A session that may be used from anywhere, of an account of emergency that proved password and second factor. Null: it is none any more.
create function wall.break_glass_session(p_tenant uuid, p_user uuid, p_token bytea, p_ip text, p_agent text, p_request text, p_changed bigint) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  sid uuid;
  u public.user_account;
begin
  perform pg_advisory_xact_lock_shared(wall.lock_key(p_tenant));
  -- Locked, so that whoever takes it away waits for this session and ends it.
  perform 1 from public.break_glass b where b.user_id = p_user and b.tenant_id = p_tenant and wall.break_glass_able(p_user, b.rp_id) for share;
  if not found then return null; end if;
  sid := wall.session_create(p_tenant, p_user, p_token, p_ip, p_agent, p_request, p_changed);
  if sid is null then return null; end if;
  update public.session set break_glass = true where id = sid;
  select x.* into u from public.user_account x where x.id = p_user;
  perform wall.audit_insert(array[p_tenant], u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'session.break_glass',
    'targetKind', 'session', 'targetId', sid, 'targetName', u.username, 'ip', p_ip, 'requestId', p_request));
  return sid;
end $$;

-- Whom a tenant's emergency access is told to: its owners and administrators, the master's super admins. System role only.
create function wall.break_glass_told(p_tenant uuid) returns table (tenant text, slug text, email text) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select distinct t.name, t.slug, u.email from public.tenant t join public.role_assignment ra on ra.tenant_id = t.id
    join public.user_role r on r.id = ra.role_id join public.user_account u on u.id = ra.user_id
  where t.id = p_tenant and t.status = 'active' and u.status = 'active' and u.email <> '' and ra.scope = '' and (ra.expires_at is null or ra.expires_at > now())
    and r.built_in in ('owner', 'admin', 'super_admin')
  order by u.email limit 50
$$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;
grant execute on function wall.auth_context_at(bytea, text, text), wall.auth_peek_at(bytea, text, text), wall.address_admitted(text, text),
  wall.break_glass_lookup(text, text), wall.break_glass_session(uuid, uuid, bytea, text, text, text, bigint), wall.break_glass_told(uuid) to freehold_system;
grant execute on function wall.auth_again_at(bytea, text, text) to freehold_tenant, freehold_master;
grant execute on function wall.union_admits(uuid, text) to freehold_union;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
