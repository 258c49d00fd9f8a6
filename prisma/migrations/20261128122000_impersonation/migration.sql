-- Impersonation: somebody of the master acts in a subtenant as one of its users, in a session of its own that names both (PRODUCT rule 12).

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN "provider_access" TEXT NOT NULL DEFAULT 'always';
ALTER TABLE "tenant_role" ADD COLUMN "provider_access" TEXT NOT NULL DEFAULT 'free';
ALTER TABLE "session" ADD COLUMN "impersonation_id" UUID;
ALTER TABLE "audit_event" ADD COLUMN "acting_session_id" UUID,
ADD COLUMN "acting_reason" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "impersonation" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_id" UUID NOT NULL,
    "actor_name" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "subject_name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "minutes" INTEGER NOT NULL,
    "read_only" BOOLEAN NOT NULL,
    "started_from" TEXT NOT NULL DEFAULT '/',
    "asked" BOOLEAN NOT NULL DEFAULT false,
    "approved" BOOLEAN,
    "decided_at" TIMESTAMPTZ(6),
    "decided_by_name" TEXT NOT NULL DEFAULT '',
    "parent_session_id" UUID,
    "begun_at" TIMESTAMPTZ(6),
    "code_hash" BYTEA,
    "nonce_hash" BYTEA,
    "code_expires_at" TIMESTAMPTZ(6),
    "session_id" UUID,
    "started_at" TIMESTAMPTZ(6),
    "ends_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),
    "ended_why" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "impersonation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "impersonation_code_hash_key" ON "impersonation"("code_hash");
CREATE UNIQUE INDEX "impersonation_id_tenant_id_key" ON "impersonation"("id", "tenant_id");
CREATE INDEX "impersonation_tenant_id_created_at_id_idx" ON "impersonation"("tenant_id", "created_at", "id");
CREATE INDEX "impersonation_actor_id_created_at_idx" ON "impersonation"("actor_id", "created_at");
CREATE INDEX "impersonation_parent_session_id_idx" ON "impersonation"("parent_session_id");
CREATE INDEX "session_impersonation_id_tenant_id_idx" ON "session"("impersonation_id", "tenant_id");
CREATE INDEX "audit_event_tenant_id_acting_session_id_at_idx" ON "audit_event"("tenant_id", "acting_session_id", "at");

-- AddForeignKey
ALTER TABLE "impersonation" ADD CONSTRAINT "impersonation_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "session" ADD CONSTRAINT "session_impersonation_id_tenant_id_fkey" FOREIGN KEY ("impersonation_id", "tenant_id") REFERENCES "impersonation"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table tenant add constraint tenant_provider_access_check check (provider_access in ('always', 'ask', 'never'));
alter table tenant_role add constraint tenant_role_provider_access_check check (provider_access in ('free', 'always', 'ask', 'never'));
alter table impersonation
  -- Never in the master, never oneself.
  add constraint impersonation_tenant_check check (tenant_id <> '00000000-0000-4000-8000-000000000001'),
  add constraint impersonation_self_check check (actor_id <> subject_id),
  add constraint impersonation_reason_check check (length(btrim(reason)) between 5 and 500),
  add constraint impersonation_minutes_check check (minutes between 1 and 60),
  add constraint impersonation_started_check check ((started_at is null) = (session_id is null) and (started_at is null) = (ends_at is null)),
  -- However the clock was read, no session as somebody else lasts longer than an hour (attack F15).
  add constraint impersonation_length_check check (ends_at <= started_at + interval '60 minutes'),
  add constraint impersonation_ended_why_check check (ended_why in ('', 'quit', 'cut', 'policy', 'admin', 'revoked'));

alter table impersonation enable row level security, force row level security;
grant select, insert, update, delete on impersonation to freehold_definer;
create policy impersonation_definer_select on impersonation for select to freehold_definer using (true);
create policy impersonation_definer_insert on impersonation for insert to freehold_definer with check (true);
create policy impersonation_definer_update on impersonation for update to freehold_definer using (true) with check (true);
create policy impersonation_definer_delete on impersonation for delete to freehold_definer using (true);
grant select (id, tenant_id, created_at, actor_id, actor_name, subject_id, subject_name, reason, minutes, read_only, started_from, asked, approved,
  decided_at, decided_by_name, parent_session_id, begun_at, session_id, started_at, ends_at, ended_at, ended_why) on impersonation
  to freehold_tenant, freehold_master;
create policy impersonation_select_tenant on impersonation for select to freehold_tenant using (tenant_id = (select wall.ctx_tenant()));
create policy impersonation_select_master on impersonation for select to freehold_master using ((select wall.ctx_is_master()));
-- The tenant's own people answer what was asked of them, once; the provider at work in the tenant does not (ctx_writer).
grant update (approved, decided_at, decided_by_name) on impersonation to freehold_tenant;
create policy impersonation_update_tenant on impersonation for update to freehold_tenant
  using (tenant_id = (select wall.ctx_writer()) and asked and approved is null)
  with check (tenant_id = (select wall.ctx_writer()) and approved is not null);

-- Of its own row a tenant changes this one column.
grant update (provider_access) on tenant to freehold_tenant;
create policy tenant_update_own on tenant for update to freehold_tenant
  using (id = (select wall.ctx_writer())) with check (id = (select wall.ctx_writer()));
grant insert (provider_access), update (provider_access) on tenant_role to freehold_master;
-- (Prisma names every column with a default in its INSERTs.)
grant insert (provider_access) on tenant to freehold_master;
grant select (impersonation_id) on session to freehold_tenant, freehold_master;

-- Audit: both people, the session and its reason -------------------------------------------------------------------------

-- As before for rows without the new columns, which stay verifiable; rows with them are of version 2. A row that is turned from one into the
-- other fits neither.
create or replace function wall.audit_digest(e public.audit_event, p_n bigint, p_prev bytea) returns bytea
language sql stable set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(array_to_string(array[
    case when acting then 'v2' else 'v1' end, p_n::text, encode(p_prev, 'hex'), e.id::text, e.tenant_id::text, (extract(epoch from e.at) * 1000000)::bigint::text,
    e.actor_id::text, e.actor_name, e.subject_id::text, e.subject_name, e.actor_tenant_id::text, e.event, e.target_kind, e.target_id,
    e.target_name, e.result, e.reason, e.before::text, e.after::text, e.ip, e.request_id]
    || case when acting then array[e.acting_session_id::text, e.acting_reason] else '{}'::text[] end, E'\x1f', E'\x1e'), 'UTF8'))
  from (select e.acting_session_id is not null or e.acting_reason <> '' as acting) v
$$;

-- As wall.audit_insert, under an impersonation: who it is, as whom, in which session and why, in the tenant's log and the master's.
create function wall.audit_insert_acting(p_id uuid, p_tenants uuid[], p_event jsonb) returns void
language sql volatile set search_path = pg_catalog, pg_temp as $$
  insert into public.audit_event (tenant_id, actor_id, actor_name, subject_id, subject_name, actor_tenant_id, acting_session_id, acting_reason,
    event, target_kind, target_id, target_name, result, reason, before, after, ip, request_id)
  select t, i.actor_id, i.actor_name, i.subject_id, i.subject_name, '00000000-0000-4000-8000-000000000001', i.session_id, i.reason,
    left(p_event ->> 'event', 100), left(coalesce(p_event ->> 'targetKind', ''), 60), left(coalesce(p_event ->> 'targetId', ''), 200),
    left(coalesce(p_event ->> 'targetName', ''), 300), coalesce(p_event ->> 'result', 'ok'), left(coalesce(p_event ->> 'reason', ''), 1000),
    p_event -> 'before', p_event -> 'after', left(coalesce(p_event ->> 'ip', ''), 64), left(coalesce(p_event ->> 'requestId', ''), 64)
  from public.impersonation i,
    (select x t from unnest(p_tenants || array['00000000-0000-4000-8000-000000000001'::uuid]) x group by x order by x) s
  where i.id = p_id
$$;

-- The impersonation that a session is; null for one's own.
create function wall.acting_of(p_session uuid) returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.impersonation_id from public.session s where s.id = p_session
$$;

-- A refusal under an impersonation, outside the refused transaction. System role only.
create function wall.audit_acting(p_session uuid, p_event jsonb) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  select wall.audit_insert_acting(i.id, array[i.tenant_id], p_event) from public.impersonation i where i.id = wall.acting_of(p_session)
$$;

set local role freehold_definer;
-- As before; under an impersonation both people in both logs (rule 12); and a tenant tells the master's log what became of an impersonation
-- in that very tenant.
create or replace function wall.audit_write(p_tenants uuid[], p_event jsonb) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  u public.user_account;
  acting uuid := wall.acting_of(c.session);
  own uuid[] := p_tenants;
  others uuid[] := '{}';
begin
  if c.tenant is null then raise exception 'no context' using errcode = '42501'; end if;
  if c.tenant <> master then
    select coalesce(array_agg(t) filter (where mine), '{}'), coalesce(array_agg(t) filter (where not mine), '{}') into own, others
    from (select t, coalesce(t = c.tenant or (t = master and (c.mode = 'provider' or (p_event ->> 'targetKind' = 'impersonation' and exists (
        select 1 from public.impersonation i where i.id::text = p_event ->> 'targetId' and i.tenant_id = c.tenant)))), false) as mine
      from unnest(p_tenants) t) x;
    if exists (select 1 from unnest(others) t where c.mode <> 'user' or wall.shares_with(c.tenant, t, p_event ->> 'targetId') is not true) then
      raise exception 'foreign audit log' using errcode = '42501';
    end if;
    if master = any (others) then
      own := own || master;
      others := array_remove(others, master);
    end if;
  end if;
  if acting is not null then
    perform wall.audit_insert_acting(acting, own, p_event);
  else
    select * into u from public.user_account where id = c.usr;
    perform wall.audit_insert(own || wall.home_log(u, c.tenant), u.id, case when u.id is null then 'system' else wall.person(u) end, u.home_tenant_id, p_event);
  end if;
  if cardinality(others) > 0 then
    perform wall.audit_insert(others, null, (select t.name from public.tenant t where t.id = c.tenant), c.tenant, p_event || '{"ip": ""}');
  end if;
end $$;
set local role freehold_owner;

-- Consent ------------------------------------------------------------------------------------------------------------------

-- What holds: the cap's word where it has one, else the tenant's.
create function wall.provider_access_of(p_tenant uuid) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case when r.provider_access <> 'free' then r.provider_access else t.provider_access end
  from public.tenant t join public.tenant_role r on r.id = t.tenant_role_id where t.id = p_tenant
$$;

-- For the acting tenant, which does not read its cap's row: its own word, and the cap's (`free`: none).
create function wall.ctx_provider_access() returns table (own text, locked text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.provider_access, r.provider_access from public.tenant t join public.tenant_role r on r.id = t.tenant_role_id where t.id = wall.ctx_tenant()
$$;

-- Begin, cross over, end ------------------------------------------------------------------------------------------------------

-- What the person has under way: at most one row. Live as far as it is stored: not ended, its session neither.
create function wall.impersonation_running(p_actor uuid) returns table (id uuid, tenant_id uuid) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select i.id, i.tenant_id from public.impersonation i join public.session s on s.id = i.session_id
  join public.session p on p.id = i.parent_session_id
  where i.actor_id = p_actor and i.ended_at is null and s.revoked_at is null and s.idle_expires_at > now() and s.absolute_expires_at > now()
    and p.revoked_at is null and p.idle_expires_at > now() and p.absolute_expires_at > now()
  limit 1
$$;

-- Asks for an impersonation (p_ask) or begins one, as the provider at work in the subtenant. Answers {code}: ok | unknown | session | nested |
-- tenant | disabled | password | never | consent | needless | pending | running; with id where there is a row.
-- Rights are the application's to judge, under the same locks; who, whom and where is judged here as well.
create function wall.impersonation_begin(p_ask boolean, p_subject uuid, p_reason text, p_minutes int, p_read_only boolean, p_from text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c wall.ctx_t := wall.ctx();
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  p public.session;
  a public.user_account;
  u public.user_account;
  policy text;
  iid uuid;
begin
  if c.mode is distinct from 'provider' or c.tenant is null or c.tenant = master then
    raise exception 'the provider only' using errcode = '42501';
  end if;
  -- One at a time for each person, in however many tabs and browsers (attack F04).
  perform pg_advisory_xact_lock(hashtextextended('freehold.impersonation.' || c.usr::text, 20261121));
  select * into p from public.session x where x.id = c.session and x.user_id = c.usr and x.tenant_id = master and x.revoked_at is null;
  if p.id is null then return '{"code":"session"}'; end if;
  if p.impersonation_id is not null then return '{"code":"nested"}'; end if;
  select * into a from public.user_account x where x.id = c.usr and x.home_tenant_id = master and x.status = 'active';
  if a.id is null then return '{"code":"session"}'; end if;
  select * into u from public.user_account x where x.id = p_subject and x.home_tenant_id = c.tenant and x.id <> c.usr
    and exists (select 1 from public.membership m where m.tenant_id = c.tenant and m.user_id = x.id);
  if u.id is null then return '{"code":"unknown"}'; end if;
  if not exists (select 1 from public.tenant t where t.id = c.tenant and t.status = 'active') then return '{"code":"tenant"}'; end if;
  if u.status <> 'active' then return '{"code":"disabled"}'; end if;
  if not exists (select 1 from public.user_credential k where k.user_id = u.id and not k.must_change and (k.expires_at is null or k.expires_at > now())) then
    return '{"code":"password"}';
  end if;
  policy := wall.provider_access_of(c.tenant);
  if policy = 'never' then return '{"code":"never"}'; end if;
  select x.id into iid from public.impersonation x where x.actor_id = c.usr and x.subject_id = u.id and x.tenant_id = c.tenant and x.asked
    and x.started_at is null and x.created_at > now() - interval '24 hours' and x.approved is not false
    order by x.approved desc nulls last, x.created_at desc limit 1;
  if p_ask then
    if policy <> 'ask' then return '{"code":"needless"}'; end if;
    if iid is not null then return jsonb_build_object('code', 'pending', 'id', iid); end if;
  else
    if exists (select 1 from wall.impersonation_running(c.usr)) then return '{"code":"running"}'; end if;
    if policy = 'ask' then
      -- Reason, minutes and read-only are those that were agreed to.
      update public.impersonation x set begun_at = now(), parent_session_id = p.id, started_from = left(p_from, 500), code_hash = null
      where x.id = iid and x.approved;
      if not found then return '{"code":"consent"}'; end if;
      return jsonb_build_object('code', 'ok', 'id', iid);
    end if;
  end if;
  delete from public.impersonation x where x.actor_id = c.usr and not x.asked and x.started_at is null and x.begun_at < now() - interval '1 hour';
  insert into public.impersonation (tenant_id, actor_id, actor_name, subject_id, subject_name, reason, minutes, read_only, started_from, asked,
    begun_at, parent_session_id)
  values (c.tenant, a.id, wall.person(a), u.id, wall.person(u), p_reason, p_minutes, p_read_only, left(p_from, 500), p_ask,
    case when not p_ask then now() end, case when not p_ask then p.id end)
  returning id into iid;
  return jsonb_build_object('code', 'ok', 'id', iid);
end $$;

-- The master's host: what this very session began within the last minute gets its one code of 30 seconds, for who holds the nonce.
create function wall.impersonation_code(p_parent bytea, p_id uuid, p_code bytea, p_nonce bytea) returns text language sql security definer
set search_path = pg_catalog, pg_temp as $$
  update public.impersonation i set code_hash = p_code, nonce_hash = p_nonce, code_expires_at = now() + interval '30 seconds'
  from public.session p, public.tenant t
  where i.id = p_id and i.started_at is null and i.code_hash is null and i.begun_at > now() - interval '1 minute'
    and p.id = i.parent_session_id and p.token_hash = p_parent and p.user_id = i.actor_id and p.revoked_at is null
    and p.idle_expires_at > now() and p.absolute_expires_at > now() and t.id = i.tenant_id and t.status = 'active'
  returning t.slug
$$;

-- The tenant's host: code and nonce become the session, once. Null: refused. Everything is asked again: minutes may have gone by.
create function wall.impersonation_enter(p_code bytea, p_nonce bytea, p_slug text, p_token bytea, p_ip text, p_agent text, p_request text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  i public.impersonation;
  p public.session;
  sid uuid := gen_random_uuid();
  ends timestamptz;
begin
  select x.* into i from public.impersonation x join public.tenant t on t.id = x.tenant_id where x.code_hash = p_code and t.slug = p_slug;
  if not found then return null; end if;
  perform pg_advisory_xact_lock_shared(wall.lock_key(i.tenant_id));
  perform pg_advisory_xact_lock(hashtextextended('freehold.impersonation.' || i.actor_id::text, 20261121));
  select x.* into i from public.impersonation x
  join public.tenant t on t.id = x.tenant_id and t.status = 'active'
  join public.user_account a on a.id = x.actor_id and a.status = 'active' and a.home_tenant_id = '00000000-0000-4000-8000-000000000001'
  join public.user_account u on u.id = x.subject_id and u.status = 'active' and u.home_tenant_id = x.tenant_id
  where x.id = i.id and x.code_hash = p_code and x.nonce_hash = p_nonce and x.code_expires_at > now() and x.started_at is null for update of x;
  if not found then return null; end if;
  select * into p from public.session x where x.id = i.parent_session_id and x.user_id = i.actor_id and x.revoked_at is null
    and x.idle_expires_at > now() and x.absolute_expires_at > now();
  if not found or wall.provider_access_of(i.tenant_id) = 'never' or exists (select 1 from wall.impersonation_running(i.actor_id)) then return null; end if;
  ends := least(now() + make_interval(mins => i.minutes), p.absolute_expires_at);
  insert into public.session (id, tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at, ip, user_agent, impersonation_id)
  values (sid, i.tenant_id, i.subject_id, p_token, least(now() + interval '30 minutes', ends), ends, left(p_ip, 64), left(p_agent, 300), i.id);
  update public.impersonation x set started_at = now(), ends_at = ends, session_id = sid, code_hash = null, nonce_hash = null where x.id = i.id;
  perform wall.audit_insert_acting(i.id, array[i.tenant_id], jsonb_build_object('event', 'impersonation.enter', 'targetKind', 'user',
    'targetId', i.subject_id, 'targetName', i.subject_name, 'after', jsonb_build_object('readOnly', i.read_only, 'endsAt', ends),
    'ip', p_ip, 'requestId', p_request));
  return sid;
end $$;

-- Why the impersonation of this token is over, and where it began; null for any other token. `why` is empty when its time was up.
create function wall.impersonation_over(p_token bytea) returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('why', case when i.ended_at is null and i.ends_at > now() then 'revoked' else i.ended_why end, 'from', i.started_from)
  from public.session s join public.impersonation i on i.id = s.impersonation_id where s.token_hash = p_token
$$;

-- Ends one's own from the master's side: the browser that held it may be gone. False: none of one's own that runs.
create function wall.impersonation_leave(p_id uuid) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare i public.impersonation;
begin
  update public.impersonation x set ended_at = now(), ended_why = 'quit'
  where x.id = p_id and x.actor_id = wall.ctx_user() and wall.ctx_is_master() and x.started_at is not null and x.ended_at is null and x.ends_at > now()
  returning x.* into i;
  if not found then return false; end if;
  update public.session set revoked_at = now() where id = i.session_id and revoked_at is null;
  return true;
end $$;

-- The tenant ends one that runs in it, or all of them (p_id null: by a policy that allows none). How many.
create function wall.impersonation_cut(p_id uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  t uuid := wall.ctx_writer();
  n int;
begin
  update public.impersonation x set ended_at = now(), ended_why = case when p_id is null then 'policy' else 'cut' end
  where (p_id is null or x.id = p_id) and x.tenant_id = t and x.started_at is not null and x.ended_at is null and x.ends_at > now();
  get diagnostics n = row_count;
  update public.session s set revoked_at = now() from public.impersonation x
  where x.id = s.impersonation_id and (p_id is null or x.id = p_id) and x.tenant_id = t and x.ended_at is not null and s.revoked_at is null;
  return n;
end $$;

-- A session that ends takes along what was begun from it; one that is an impersonation is over with it. So live pages hear of it, too.
create function wall.session_ended() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.impersonation_id is not null then
    update public.impersonation set ended_at = now(), ended_why = 'revoked' where id = new.impersonation_id and ended_at is null;
  end if;
  update public.impersonation set ended_at = now(), ended_why = 'admin' where parent_session_id = new.id and started_at is not null and ended_at is null;
  update public.session s set revoked_at = now() from public.impersonation i
  where i.parent_session_id = new.id and s.id = i.session_id and s.revoked_at is null;
  return null;
end $$;
create trigger session_ended after update of revoked_at on session for each row
  when (new.revoked_at is not null and old.revoked_at is null) execute function wall.session_ended();

-- An account that is disabled or enabled: open pages ask again at once.
create function wall.notify_account() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('freehold', 't:' || new.home_tenant_id::text);
  return null;
end $$;
create trigger user_account_notify after update of status on user_account for each row
  when (new.status is distinct from old.status) execute function wall.notify_account();

-- Whether the signed session may only look.
create function wall.ctx_reads_only() returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select i.read_only from public.impersonation i where i.id = wall.acting_of((wall.ctx()).session)), false)
$$;

-- As before; a read-only impersonation opens no transaction that writes, whatever the application thinks.
create or replace function wall.enter(p_ctx text, p_write boolean, p_shared uuid[], p_exclusive uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  t uuid;
  caps uuid[];
begin
  perform set_config('wall.ctx', p_ctx, true);
  perform set_config('wall.seal', '', true); -- whatever an earlier request left in the connection
  if not p_write then
    perform set_config('transaction_read_only', 'on', true);
    return;
  end if;
  if wall.ctx_reads_only() then raise exception 'this session only reads' using errcode = '42501'; end if;
  select coalesce(array_agg(x.tenant_role_id), '{}') into caps from public.tenant x where x.id = any (p_shared) and x.tenant_role_id is not null;
  for t in select x from unnest(p_shared || p_exclusive || caps || '00000000-0000-4000-8000-0000000000ff'::uuid) x group by x order by x loop
    if t = any(p_exclusive) then perform pg_advisory_xact_lock(wall.lock_key(t));
    else perform pg_advisory_xact_lock_shared(wall.lock_key(t));
    end if;
  end loop;
  perform 1 from public.tenant x where x.id = any (p_shared) and x.tenant_role_id is not null and x.tenant_role_id <> all (caps);
  if found then raise exception 'the cap changed meanwhile' using errcode = '40001'; end if;
end $$;

set local role freehold_definer;
-- As before; an impersonation ends under its own name, in both logs.
create or replace function wall.session_end(p_token bytea, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  s public.session;
  u public.user_account;
begin
  select * into s from public.session x where x.token_hash = p_token and x.revoked_at is null for update;
  if not found then return false; end if;
  if s.impersonation_id is not null then
    update public.impersonation set ended_at = now(), ended_why = 'quit' where id = s.impersonation_id and ended_at is null;
    update public.session set revoked_at = now() where id = s.id;
    perform wall.audit_insert_acting(s.impersonation_id, array[s.tenant_id], jsonb_build_object('event', 'impersonation.quit', 'targetKind', 'user',
      'targetId', s.user_id, 'targetName', (select i.subject_name from public.impersonation i where i.id = s.impersonation_id), 'requestId', p_request));
    return true;
  end if;
  update public.session set revoked_at = now() where id = s.id;
  select * into u from public.user_account where id = s.user_id;
  perform wall.audit_insert(array[s.tenant_id] || wall.home_log(u, s.tenant_id), u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'session.sign_out',
    'targetKind', 'session', 'targetId', s.id, 'requestId', p_request));
  return true;
end $$;

-- As before; and for a session that is an impersonation, who it is in truth, with their roles in the master. It lives only while the admin's own
-- session does, and the admin is an active user of the master. What is done in it is the admin's doing: it pushes the idle end of both, or
-- half an hour's work in the tenant would end because the console left open behind it rests.
create or replace function wall.auth_context(p_token bytea, p_slug text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  t public.tenant;
  s public.session;
  u public.user_account;
  i public.impersonation;
  a public.user_account;
  cap jsonb;
  roles jsonb;
begin
  select * into t from public.tenant where slug = p_slug;
  if t.tenant_role_id is not null then
    select jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'sharing', r.sharing, 'landing', r.landing) into cap
    from public.tenant_role r where r.id = t.tenant_role_id;
  end if;
  if p_token is not null and t.status = 'active' then
    select x.* into s from public.session x
    where x.token_hash = p_token and x.tenant_id = t.id and x.revoked_at is null and x.idle_expires_at > now() and x.absolute_expires_at > now();
    if found then
      select x.* into u from public.user_account x join public.tenant o on o.id = x.home_tenant_id
      where x.id = s.user_id and x.status = 'active' and o.status = 'active'
        and (exists (select 1 from public.membership m where m.tenant_id = t.id and m.user_id = x.id) or (x.parent_level and x.home_tenant_id <> t.id));
      if not found then s := null; end if;
    end if;
    if s.impersonation_id is not null then
      select x.* into i from public.impersonation x join public.session p on p.id = x.parent_session_id
      where x.id = s.impersonation_id and x.ended_at is null and p.user_id = x.actor_id and p.tenant_id = master and p.impersonation_id is null
        and p.revoked_at is null and p.idle_expires_at > now() and p.absolute_expires_at > now();
      select x.* into a from public.user_account x where x.id = i.actor_id and x.status = 'active' and x.home_tenant_id = master;
      if a.id is null or u.home_tenant_id <> t.id then s := null; end if;
    end if;
  end if;
  if s.id is not null then
    if s.last_seen_at < now() - interval '1 minute' and current_setting('transaction_read_only') = 'off' then
      -- The admin's own first, in the order in which wall.session_ended takes them.
      update public.session set last_seen_at = now(), idle_expires_at = now() + interval '30 minutes' where id = i.parent_session_id;
      update public.session set last_seen_at = now(), idle_expires_at = least(now() + interval '30 minutes', absolute_expires_at) where id = s.id;
    end if;
    select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'access', r.access,
      'landing', r.landing, 'scope', ra.scope, 'expiresAt', ra.expires_at) order by r.name, ra.scope), '[]') into roles
    from public.role_assignment ra join public.user_role r on r.id = ra.role_id
    where ra.user_id = u.id and (ra.expires_at is null or ra.expires_at > now())
      and (ra.tenant_id = t.id or (u.parent_level and ra.tenant_id = u.home_tenant_id));
  end if;
  return jsonb_build_object(
    'install', wall.install_state(),
    'tenant', case when t.id is null then null else jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'icon', t.icon,
      'status', t.status, 'currency', t.currency, 'cap', cap) end,
    'session', case when s.id is null then null else jsonb_build_object('id', s.id, 'createdAt', s.created_at, 'absoluteExpiresAt', s.absolute_expires_at,
      'impersonation', case when i.id is null then null else jsonb_build_object('id', i.id, 'reason', i.reason, 'readOnly', i.read_only,
        'endsAt', s.absolute_expires_at, 'from', i.started_from, 'actor', jsonb_build_object('id', a.id, 'username', a.username,
          'firstName', a.first_name, 'lastName', a.last_name, 'homeTenantId', a.home_tenant_id,
          'roles', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels,
              'access', r.access, 'landing', r.landing, 'scope', ra.scope, 'expiresAt', ra.expires_at)), '[]')
            from public.role_assignment ra join public.user_role r on r.id = ra.role_id
            where ra.user_id = a.id and ra.tenant_id = master and (ra.expires_at is null or ra.expires_at > now())))) end) end,
    'user', case when s.id is null then null else jsonb_build_object('id', u.id, 'username', u.username, 'firstName', u.first_name,
      'lastName', u.last_name, 'email', u.email, 'homeTenantId', u.home_tenant_id, 'parentLevel', u.parent_level,
      'mustChangePassword', coalesce((select c.must_change from public.user_credential c where c.user_id = u.id), false)) end,
    'roles', coalesce(roles, '[]'));
end $$;
set local role freehold_owner;

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
grant execute on function wall.ctx_reads_only(), wall.ctx_provider_access() to freehold_tenant, freehold_master;
grant execute on function wall.impersonation_begin(boolean, uuid, text, int, boolean, text), wall.impersonation_cut(uuid) to freehold_tenant;
grant execute on function wall.impersonation_running(uuid), wall.impersonation_leave(uuid), wall.provider_access_of(uuid) to freehold_master;
grant execute on function wall.audit_acting(uuid, jsonb), wall.impersonation_code(bytea, uuid, bytea, bytea),
  wall.impersonation_enter(bytea, bytea, text, bytea, text, text, text), wall.impersonation_over(bytea) to freehold_system;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
