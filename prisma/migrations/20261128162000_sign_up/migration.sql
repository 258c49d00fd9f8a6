-- Self-service sign-up (features.md A10): off until the master says with which tenant role. Nothing of it belongs to a tenant.

-- CreateTable
CREATE TABLE "sign_up_policy" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "enabled" BOOLEAN NOT NULL DEFAULT false,
    "tenant_role_id" UUID,
    "first_role" TEXT NOT NULL DEFAULT 'owner',
    "mail_domains" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "approval" BOOLEAN NOT NULL DEFAULT false,
    "terms_url" TEXT NOT NULL DEFAULT '',
    "daily_limit" INTEGER NOT NULL DEFAULT 20,

    CONSTRAINT "sign_up_policy_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_up" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'mailed',
    "token_hash" BYTEA,
    "tenant_id" UUID,
    "reason" TEXT NOT NULL DEFAULT '',
    "decided_by_name" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "sign_up_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "sign_up_token_hash_key" ON "sign_up"("token_hash");

-- CreateIndex
CREATE INDEX "sign_up_created_at_id_idx" ON "sign_up"("created_at", "id");

-- CreateIndex
CREATE INDEX "sign_up_email_idx" ON "sign_up"("email");

-- AddForeignKey
ALTER TABLE "sign_up_policy" ADD CONSTRAINT "sign_up_policy_tenant_role_id_fkey" FOREIGN KEY ("tenant_role_id") REFERENCES "tenant_role"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table sign_up_policy
  alter column mail_domains set not null,
  add constraint sign_up_policy_single_check check (id = 1),
  -- The built-in multi-tenant roles: every subtenant has them.
  add constraint sign_up_policy_role_check check (first_role in ('owner', 'admin', 'editor', 'viewer')),
  add constraint sign_up_policy_domains_check check (cardinality(mail_domains) <= 100),
  add constraint sign_up_policy_terms_check check (length(terms_url) <= 500 and terms_url !~ '[[:cntrl:][:space:]<>"\\]'),
  add constraint sign_up_policy_limit_check check (daily_limit between 1 and 1000);
alter table sign_up
  add constraint sign_up_status_check check (status in ('mailed', 'waiting', 'approved', 'declined', 'done')),
  -- A link only where somebody is to follow it.
  add constraint sign_up_token_check check ((token_hash is not null) = (status in ('mailed', 'approved'))),
  add constraint sign_up_ended_check check ((ended_at is not null) = (status in ('declined', 'done'))),
  add constraint sign_up_tenant_check check ((tenant_id is not null) = (status = 'done')),
  add constraint sign_up_name_check check (length(name) between 1 and 100 and name = btrim(name)),
  add constraint sign_up_slug_check check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  add constraint sign_up_email_check check (email = lower(email) and length(email) between 3 and 254 and email !~ '[[:cntrl:][:space:],;<>"\\]');
create index sign_up_done_idx on sign_up (ended_at) where status = 'done';
insert into sign_up_policy (id) values (1);

do $$
declare t text;
begin
  foreach t in array array['sign_up_policy', 'sign_up'] loop
    execute format('alter table public.%I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on public.%I to freehold_definer', t);
    execute format('create policy %I on public.%I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on public.%I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on public.%I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on public.%I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;

-- The master says how and reads who; no link is read or made but by the functions below.
grant select, update (enabled, tenant_role_id, first_role, mail_domains, approval, terms_url, daily_limit) on sign_up_policy to freehold_master;
create policy sign_up_policy_select on sign_up_policy for select to freehold_master using ((select wall.ctx_is_master()));
create policy sign_up_policy_update on sign_up_policy for update to freehold_master
  using ((select wall.ctx_is_master())) with check ((select wall.ctx_is_master()));
grant select (id, email, name, slug, status, tenant_id, reason, decided_by_name, created_at, expires_at, ended_at) on sign_up to freehold_master;
create policy sign_up_select on sign_up for select to freehold_master using ((select wall.ctx_is_master()));

-- Functions -----------------------------------------------------------------------------------------------------------------

-- What a visitor is told where sign-up is open; null where it is not. A tenant role that was deleted closes it.
create function wall.sign_up_open() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('approval', p.approval, 'termsUrl', p.terms_url, 'domains', to_jsonb(p.mail_domains))
  from public.sign_up_policy p where p.enabled and p.tenant_role_id is not null
$$;

-- Whether nobody has the subdomain, nobody had it in the last 90 days, and it is no tenant's that can be restored.
create function wall.sign_up_slug_free(p_slug text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select not exists (select 1 from public.tenant t where t.slug = p_slug)
    and not exists (select 1 from public.slug_rest r where r.slug = p_slug and r.until > now())
$$;

create function wall.sign_up_name_free(p_name text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select not exists (select 1 from public.tenant t where lower(t.name) = lower(p_name) and t.status <> 'deleted')
$$;

-- Whether an address belongs to an account already, of whatever tenant that is not deleted. Only confirmed ones: else any tenant's administrator
-- could type it into an account of theirs and keep its owner from signing up.
create function wall.sign_up_known(p_email text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u join public.tenant t on t.id = u.home_tenant_id
    where lower(u.email) = p_email and u.email_verified_at is not null and t.status <> 'deleted')
$$;

-- The one that a link belongs to, as long as it works. Who was approved is in, whatever the list of domains says by now.
create function wall.sign_up_live(p_token bytea) returns setof public.sign_up language sql stable set search_path = pg_catalog, pg_temp as $$
  select s.* from public.sign_up s join public.sign_up_policy p on p.enabled and p.tenant_role_id is not null
  where s.token_hash = p_token and s.status in ('mailed', 'approved') and s.expires_at > now()
    and (s.status = 'approved' or p.mail_domains = '{}' or split_part(s.email, '@', 2) = any (p.mail_domains))
$$;

-- Somebody asks for an organization. `code`: mail (to be sent with the link whose hash this is) | account (an address of somebody who has
-- one: `homes`, where they sign in) | closed. The page says the same in all cases (attack C03); nothing of any account changes (C09).
create function wall.sign_up_start(p_email text, p_name text, p_slug text, p_token bytea, p_ip text, p_request text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  known boolean := wall.sign_up_known(p_email);
  uid uuid := gen_random_uuid();
begin
  if not exists (select 1 from public.sign_up_policy p where p.enabled and p.tenant_role_id is not null
    and (p.mail_domains = '{}' or split_part(p_email, '@', 2) = any (p.mail_domains))) then
    return jsonb_build_object('code', 'closed');
  end if;
  if not known then
    insert into public.sign_up (id, email, name, slug, token_hash, expires_at) values (uid, p_email, p_name, p_slug, p_token, now() + interval '24 hours');
  end if;
  perform wall.audit_insert(array[master], null, 'sign-up', null, jsonb_build_object('event', 'sign_up.ask', 'targetKind', 'sign_up',
    'targetId', case when not known then uid end, 'targetName', p_email, 'result', case when known then 'denied' else 'ok' end,
    'reason', case when known then 'there is an account with this address' end, 'after', jsonb_build_object('name', p_name, 'slug', p_slug),
    'ip', p_ip, 'requestId', p_request));
  return jsonb_build_object('code', case when known then 'account' else 'mail' end, 'provider', (select t.name from public.tenant t where t.id = master), 'homes', (
    select coalesce(jsonb_agg(jsonb_build_object('tenant', h.name, 'slug', h.slug, 'username', h.username) order by h.name, h.username), '[]')
    from (select t.name, t.slug, u.username from public.user_account u join public.tenant t on t.id = u.home_tenant_id
      where lower(u.email) = p_email and u.email_verified_at is not null and u.status = 'active' and t.status = 'active' order by t.name, u.username limit 5) h));
end $$;

-- What whoever holds a link is shown: what was asked for, and whether it can still be had. Null: the link does not work.
create function wall.sign_up_look(p_token bytea) returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('id', s.id, 'email', s.email, 'name', s.name, 'slug', s.slug, 'slugFree', wall.sign_up_slug_free(s.slug),
    'nameFree', wall.sign_up_name_free(s.name), 'asks', p.approval and s.status = 'mailed', 'termsUrl', p.terms_url)
  from wall.sign_up_live(p_token) s cross join public.sign_up_policy p
$$;

-- The address is confirmed, and an administrator decides. Once.
create function wall.sign_up_confirm(p_token bytea, p_ip text, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  s public.sign_up;
begin
  update public.sign_up set status = 'waiting', token_hash = null, expires_at = now() + interval '30 days'
  where id = (select x.id from wall.sign_up_live(p_token) x cross join public.sign_up_policy p where p.approval) and status = 'mailed' returning * into s;
  if not found then return false; end if;
  perform wall.audit_insert(array[master], null, 'sign-up', null, jsonb_build_object('event', 'sign_up.confirm', 'targetKind', 'sign_up',
    'targetId', s.id, 'targetName', s.email, 'after', jsonb_build_object('name', s.name, 'slug', s.slug), 'ip', p_ip, 'requestId', p_request));
  return true;
end $$;

-- The master answers who waits, once. `p_token`: approved, with the hash of a link of 7 days; null: declined. Whether it waited.
create function wall.sign_up_decide(p_id uuid, p_token bytea, p_reason text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update public.sign_up set status = case when p_token is null then 'declined' else 'approved' end, token_hash = p_token,
    expires_at = now() + interval '7 days', ended_at = case when p_token is null then now() end, reason = p_reason,
    decided_by_name = coalesce((select wall.person(u) from public.user_account u where u.id = wall.ctx_user()), '')
  where id = p_id and status = 'waiting' and expires_at > now() and wall.ctx_is_master();
  return found;
end $$;

-- Makes the organization: tenant, its first person with their role, audit rows in both logs, the welcome mail; all or nothing.
-- Another subdomain or name than what was asked for only where that cannot be had any more: an administrator approved it.
-- Answers `code`: ok (userId; `changed`, which password it is, as sign_in_lookup) | gone | asks (it waits for no approval yet) | account | limit | slug | name.
create function wall.sign_up_finish(p_token bytea, p_tenant uuid, p_wanted jsonb, p_user jsonb, p_hash text, p_mail jsonb, p_body bytea, p_ip text, p_request text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  p public.sign_up_policy;
  s public.sign_up;
  uid uuid := gen_random_uuid();
  v_slug text := p_wanted ->> 'slug';
  v_name text := p_wanted ->> 'name';
  taken text;
begin
  -- One after the other: the limit holds exactly, a link is used once, and who closes sign-up waits for what is under way.
  select * into p from public.sign_up_policy where id = 1 for update;
  select * into s from wall.sign_up_live(p_token);
  if not found then return jsonb_build_object('code', 'gone'); end if;
  if p.approval and s.status = 'mailed' then return jsonb_build_object('code', 'asks'); end if;
  if wall.sign_up_known(s.email) then return jsonb_build_object('code', 'account'); end if;
  if (select count(*) from public.sign_up d where d.status = 'done' and d.ended_at > now() - interval '24 hours') >= p.daily_limit then
    -- Not the person's fault: the link waits for them, a week at most.
    update public.sign_up set expires_at = greatest(expires_at, least(now() + interval '48 hours', created_at + interval '7 days')) where id = s.id;
    return jsonb_build_object('code', 'limit');
  end if;
  if not wall.sign_up_slug_free(v_slug) or (v_slug <> s.slug and wall.sign_up_slug_free(s.slug)) then
    return jsonb_build_object('code', 'slug');
  end if;
  if not wall.sign_up_name_free(v_name) or (v_name <> s.name and wall.sign_up_name_free(s.name)) then
    return jsonb_build_object('code', 'name');
  end if;
  begin
    insert into public.tenant (id, slug, name, tenant_role_id, currency)
    select p_tenant, v_slug, v_name, p.tenant_role_id, m.currency from public.tenant m where m.id = master;
  exception when unique_violation then
    -- The master was quicker.
    get stacked diagnostics taken = constraint_name;
    return jsonb_build_object('code', case taken when 'tenant_name_key' then 'name' else 'slug' end);
  end;
  insert into public.user_account (id, home_tenant_id, username, email, first_name, last_name, email_verified_at)
  values (uid, p_tenant, p_user ->> 'username', s.email, coalesce(p_user ->> 'firstName', ''), coalesce(p_user ->> 'lastName', ''), now());
  insert into public.user_credential (user_id, tenant_id, password_hash) values (uid, p_tenant, p_hash);
  insert into public.membership (tenant_id, user_id) values (p_tenant, uid);
  insert into public.role_assignment (tenant_id, user_id, role_id) select p_tenant, uid, r.id from public.user_role r where r.built_in = p.first_role;
  perform wall.audit_insert(array[master, p_tenant], null, 'sign-up', null, jsonb_build_object('event', 'sign_up.finish', 'targetKind', 'tenant',
    'targetId', p_tenant, 'targetName', v_name, 'ip', p_ip, 'requestId', p_request, 'after', jsonb_build_object('slug', v_slug, 'email', s.email,
      'username', p_user ->> 'username', 'role', p.first_role, 'tenantRole', (select r.name from public.tenant_role r where r.id = p.tenant_role_id),
      'approvedBy', nullif(s.decided_by_name, ''), 'terms', nullif(p.terms_url, ''))));
  perform wall.mail_queue((p_mail ->> 'id')::uuid, p_tenant, p_mail ->> 'kind', s.email, p_mail ->> 'subject', p_body);
  update public.sign_up set status = 'done', token_hash = null, tenant_id = p_tenant, slug = v_slug, name = v_name, ended_at = now() where id = s.id;
  -- What else was asked for with this address leads nowhere now.
  delete from public.sign_up where email = s.email and status in ('mailed', 'waiting', 'approved');
  return jsonb_build_object('code', 'ok', 'userId', uid,
    'changed', (select (extract(epoch from c.changed_at) * 1000000)::bigint::text from public.user_credential c where c.user_id = uid));
end $$;

-- Links that ran out and requests that nobody answered go a week later, answered ones after 90 days: the audit log remembers.
create function wall.sign_up_purge() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.sign_up where (status in ('mailed', 'waiting', 'approved') and expires_at < now() - interval '7 days')
    or ended_at < now() - interval '90 days'
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
grant execute on function wall.sign_up_open(), wall.sign_up_start(text, text, text, bytea, text, text), wall.sign_up_look(bytea),
  wall.sign_up_confirm(bytea, text, text), wall.sign_up_finish(bytea, uuid, jsonb, jsonb, text, jsonb, bytea, text, text), wall.sign_up_purge()
  to freehold_system;
grant execute on function wall.sign_up_decide(uuid, bytea, text) to freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
