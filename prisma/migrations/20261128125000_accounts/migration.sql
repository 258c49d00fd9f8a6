-- Forgotten passwords and e-mail addresses: one-use links that arrive by mail (PRODUCT rules 8, 9; attacks C03 to C06).

-- AlterTable
ALTER TABLE "user_account" ADD COLUMN     "email_verified_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "account_link" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "email" TEXT NOT NULL,
    "from_email" TEXT NOT NULL,
    "password_changed_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "account_link_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "account_link_token_hash_key" ON "account_link"("token_hash");

-- CreateIndex
CREATE INDEX "account_link_tenant_id_user_id_idx" ON "account_link"("tenant_id", "user_id");

-- AddForeignKey
ALTER TABLE "account_link" ADD CONSTRAINT "account_link_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table account_link
  add constraint account_link_kind_check check (kind in ('reset', 'email')),
  add constraint account_link_email_check check (length(email) between 3 and 254 and email !~ '[[:cntrl:],;<>]');

alter table account_link enable row level security, force row level security;
grant select, insert, update, delete on account_link to freehold_definer;
create policy account_link_definer_select on account_link for select to freehold_definer using (true);
create policy account_link_definer_insert on account_link for insert to freehold_definer with check (true);
create policy account_link_definer_update on account_link for update to freehold_definer using (true) with check (true);
create policy account_link_definer_delete on account_link for delete to freehold_definer using (true);

-- Whoever changes an address otherwise than by opening its link has not shown that it is theirs.
create function wall.email_changed() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.email_verified_at := null;
  return new;
end $$;
create trigger user_account_email_changed before update of email on user_account for each row
  when (old.email is distinct from new.email and new.email_verified_at is not distinct from old.email_verified_at) execute function wall.email_changed();

-- A link that still works on the host `p_slug`: of its own tenant only, once, in time, and only while password and address are those for which
-- it was made. Not for callers: the reviewed functions ask it.
create function wall.link_live(p_slug text, p_kind text, p_token bytea) returns setof public.account_link language sql stable
set search_path = pg_catalog, pg_temp as $$
  select l.* from public.account_link l
  join public.tenant t on t.id = l.tenant_id and t.slug = p_slug and t.status = 'active'
  join public.user_account u on u.id = l.user_id and u.status = 'active' and u.email = l.from_email
  join public.user_credential c on c.user_id = l.user_id and c.changed_at = l.password_changed_at
  where l.token_hash = p_token and l.kind = p_kind and l.used_at is null and l.expires_at > now()
$$;

-- Who is meant by a username or e-mail address in their home tenant; at most five share an address. System role only.
create function wall.reset_find(p_home text, p_name text)
returns table (tenant_id uuid, slug text, tenant text, user_id uuid, username text, email text) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select t.id, t.slug, t.name, u.id, u.username, u.email
  from public.tenant t join public.user_account u on u.home_tenant_id = t.id join public.user_credential c on c.user_id = u.id
  where t.slug = p_home and t.status = 'active' and u.status = 'active' and (u.username = lower(p_name) or lower(u.email) = lower(p_name))
  order by u.username limit 5
$$;

-- A link of 30 minutes to set a new password, bound to the present one.
create function wall.reset_start(p_user uuid, p_token bytea, p_ip text, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare u public.user_account;
begin
  select a.* into u from public.user_account a where a.id = p_user and a.status = 'active';
  insert into public.account_link (tenant_id, user_id, kind, token_hash, email, from_email, password_changed_at, expires_at)
  select u.home_tenant_id, u.id, 'reset', p_token, u.email, u.email, c.changed_at, now() + interval '30 minutes'
  from public.user_credential c where c.user_id = u.id;
  if not found then return false; end if;
  perform wall.audit_insert(array[u.home_tenant_id], null, 'nobody', null, jsonb_build_object('event', 'account.password_forgotten',
    'targetKind', 'user', 'targetId', u.id, 'targetName', u.username, 'ip', p_ip, 'requestId', p_request));
  return true;
end $$;

-- Whose a link is, as long as it works; null otherwise.
create function wall.link_peek(p_slug text, p_kind text, p_token bytea) returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('tenantId', l.tenant_id, 'tenant', t.name, 'userId', u.id, 'username', u.username, 'email', l.email, 'fromEmail', l.from_email)
  from wall.link_live(p_slug, p_kind, p_token) l join public.user_account u on u.id = l.user_id join public.tenant t on t.id = l.tenant_id
$$;

-- Sets the new password of a reset link, once, and ends every session of the person. Null: the link does not work.
create function wall.reset_finish(p_slug text, p_token bytea, p_hash text, p_ip text, p_request text) returns jsonb language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  l public.account_link;
  u public.user_account;
  n int;
begin
  update public.account_link k set used_at = now() where k.used_at is null and k.id in (select x.id from wall.link_live(p_slug, 'reset', p_token) x)
  returning k.* into l;
  if not found then return null; end if;
  -- Of two links at once the second finds another password.
  update public.user_credential c set password_hash = p_hash, changed_at = clock_timestamp(), must_change = false, expires_at = null
  where c.user_id = l.user_id and c.changed_at = l.password_changed_at;
  if not found then return null; end if;
  update public.session set revoked_at = now() where user_id = l.user_id and revoked_at is null;
  get diagnostics n = row_count;
  delete from public.sign_in_code where user_id = l.user_id;
  -- The link came to this address.
  update public.user_account set email_verified_at = coalesce(email_verified_at, now()) where id = l.user_id returning * into u;
  perform wall.audit_insert(array[l.tenant_id], u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'account.password_reset',
    'targetKind', 'user', 'targetId', u.id, 'targetName', u.username, 'after', jsonb_build_object('sessionsEnded', n), 'ip', p_ip, 'requestId', p_request));
  return jsonb_build_object('tenantId', l.tenant_id, 'tenant', (select t.name from public.tenant t where t.id = l.tenant_id), 'username', u.username,
    'email', u.email, 'sessionsEnded', n);
end $$;

-- A link of 24 hours to the address that the signed person says is theirs. Takes effect when it is opened. At home only.
create function wall.email_link_create(p_token bytea, p_email text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.account_link where user_id = wall.ctx_user() and kind = 'email' and used_at is null;
  insert into public.account_link (tenant_id, user_id, kind, token_hash, email, from_email, password_changed_at, expires_at)
  select u.home_tenant_id, u.id, 'email', p_token, p_email, u.email, c.changed_at, now() + interval '24 hours'
  from public.user_account u join public.user_credential c on c.user_id = u.id
  where u.id = wall.ctx_user() and u.home_tenant_id = wall.ctx_people() and (wall.ctx()).mode = 'user';
  return found;
end $$;

-- Opens such a link: the address is theirs from now on. Null: it does not work.
create function wall.email_confirm(p_slug text, p_token bytea, p_ip text, p_request text) returns jsonb language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  l public.account_link;
  u public.user_account;
begin
  update public.account_link k set used_at = now() where k.used_at is null and k.id in (select x.id from wall.link_live(p_slug, 'email', p_token) x)
  returning k.* into l;
  if not found then return null; end if;
  update public.user_account a set email = l.email, email_verified_at = clock_timestamp(), updated_at = now()
  where a.id = l.user_id and a.email = l.from_email returning a.* into u;
  if not found then return null; end if;
  perform wall.audit_insert(array[l.tenant_id], u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'account.email_confirm',
    'targetKind', 'user', 'targetId', u.id, 'targetName', u.username, 'before', jsonb_build_object('email', l.from_email),
    'after', jsonb_build_object('email', l.email), 'ip', p_ip, 'requestId', p_request));
  return jsonb_build_object('tenantId', l.tenant_id, 'tenant', (select t.name from public.tenant t where t.id = l.tenant_id), 'username', u.username,
    'email', l.email, 'fromEmail', l.from_email);
end $$;

-- Links that are over are forgotten after a day.
create function wall.link_purge() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.account_link where expires_at < now() - interval '1 day'
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
grant execute on function wall.reset_find(text, text), wall.reset_start(uuid, bytea, text, text), wall.link_peek(text, text, bytea),
  wall.reset_finish(text, bytea, text, text, text), wall.email_confirm(text, bytea, text, text), wall.link_purge() to freehold_system;
grant execute on function wall.email_link_create(bytea, text) to freehold_tenant, freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
