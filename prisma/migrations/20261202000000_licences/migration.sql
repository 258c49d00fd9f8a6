-- Licences that stack, plans as data, and a clock that is not turned back (rule 14).

-- AlterTable
ALTER TABLE "installation" ADD COLUMN     "clock_at" TIMESTAMPTZ(6),
ADD COLUMN     "clock_leap_at" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "licence" ADD COLUMN     "customer" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "ended_at" TIMESTAMPTZ(6),
ADD COLUMN     "key_id" UUID,
ADD COLUMN     "plan" TEXT NOT NULL DEFAULT 'enterprise',
ADD COLUMN     "renews" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "supersedes" UUID[] DEFAULT ARRAY[]::UUID[];

-- CreateTable
CREATE TABLE "plan" (
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "tagline" TEXT NOT NULL,
    "capabilities" TEXT[],
    "host_limit" INTEGER,
    "per_host" BOOLEAN NOT NULL DEFAULT false,
    "position" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "plan_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "licence_key_id_key" ON "licence"("key_id");

alter table licence
  add constraint licence_hosts_check check (host_limit between 1 and 1000000),
  add constraint licence_time_check check (expires_at > starts_at),
  add constraint licence_key_check check ((key_id is not null) = (source = 'key'));
alter table plan
  add constraint plan_key_check check (key ~ '^[a-z][a-z0-9_]{0,39}$'),
  add constraint plan_hosts_check check (host_limit between 1 and 1000000);

alter table plan enable row level security, force row level security;
grant select, insert, update, delete on plan to freehold_definer;
create policy plan_definer_select on plan for select to freehold_definer using (true);
create policy plan_definer_insert on plan for insert to freehold_definer with check (true);
create policy plan_definer_update on plan for update to freehold_definer using (true) with check (true);
create policy plan_definer_delete on plan for delete to freehold_definer using (true);
grant select on plan to freehold_master;
create policy plan_select on plan for select to freehold_master using ((select wall.ctx_is_master()));

grant select (clock_at) on installation to freehold_master;

set local role freehold_definer;
insert into public.plan (key, name, tagline, capabilities, host_limit, per_host, position) values
  ('community', 'Community', 'The master tenant, without end', '{}', null, false, 1),
  ('enterprise', 'Enterprise', 'A tenant for each customer, department or site', '{multi_tenant,sso}', null, true, 2);
-- A trial gives what is sold; what it gave before was part of that.
update public.licence l set capabilities = p.capabilities from public.plan p where p.key = 'enterprise' and l.source = 'trial' and l.capabilities <@ p.capabilities;

-- What counts as now: never earlier than it was once, so that a clock turned back brings no licence back.
create or replace function wall.licence_state() returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with begun as (
    select l.*, least(l.expires_at, l.ended_at) as over, greatest(now(), i.clock_at) as at
    from public.licence l join public.installation i on i.id = 1 where l.starts_at <= greatest(now(), i.clock_at)
  ), running as (select b.* from begun b where b.over > b.at),
  -- Without one that runs: what there was, of which the latest says how many hosts.
  counted as (select r.* from running r union all select b.* from begun b where not exists (select 1 from running)),
  latest as (select c.* from counted c order by c.over desc, c.created_at desc, c.id limit 1)
  select jsonb_build_object('id', (select x.id from latest x), 'source', (select x.source from latest x), 'plan', (select x.plan from latest x),
    'capabilities', (select coalesce(jsonb_agg(distinct y order by y), '[]') from counted c, unnest(c.capabilities) y),
    'lapsed', (select coalesce(jsonb_agg(distinct y order by y), '[]') from begun b, unnest(b.capabilities) y
      where not exists (select 1 from counted c where y = any (c.capabilities))),
    'hostLimit', case when exists (select 1 from running) then (select case when bool_or(r.host_limit is null) then null else sum(r.host_limit) end from running r)
      else (select x.host_limit from latest x) end,
    'startsAt', (select min(c.starts_at) from counted c), 'expiresAt', (select x.over from latest x),
    'renews', exists (select 1 from running) and (select x.renews from latest x), 'expired', not exists (select 1 from running))
  from latest
$$;
set local role freehold_owner;

-- Activates a licence key that the server has checked; once, in turn with whatever counts hosts. @returns what is wrong with it here, or its row
create function wall.licence_add(p jsonb) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz;
  known public.licence;
  ended jsonb;
  lid uuid := gen_random_uuid();
begin
  if coalesce(wall.ctx_writer() <> '00000000-0000-4000-8000-000000000001', true) then raise exception 'master only' using errcode = '42501'; end if;
  perform pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121));
  select * into known from public.licence l where l.key_id = (p ->> 'id')::uuid;
  -- A new key that says so sets right a clock that once was wrong; any that has begun says how late it is at least.
  if (p ->> 'setsClock')::boolean and known.id is null and now() >= (p ->> 'startsAt')::timestamptz then
    update public.installation i set clock_at = now() where i.id = 1;
  end if;
  select greatest(now(), i.clock_at) into moment from public.installation i where i.id = 1 for update;
  if now() < moment - interval '1 hour' then return jsonb_build_object('code', 'clock', 'at', moment); end if;
  if (p ->> 'expiresAt')::timestamptz <= moment then return '{"code":"expired"}'; end if;
  if exists (select 1 from public.licence l where (p ->> 'id')::uuid = any (l.supersedes)) then return '{"code":"superseded"}'; end if;
  if known.id is not null and (known.ended_at is null or known.ended_at > moment) then return '{"code":"known"}'; end if;
  -- What it takes the place of, when it begins: keys that it names, and a trial that gives no more.
  with gone as (
    update public.licence l set ended_at = greatest(moment, (p ->> 'startsAt')::timestamptz)
    where (l.ended_at is null or l.ended_at > moment) and l.expires_at > greatest(moment, (p ->> 'startsAt')::timestamptz)
      and (l.key_id in (select z::uuid from jsonb_array_elements_text(p -> 'supersedes') z)
        or (l.source = 'trial' and to_jsonb(l.capabilities) <@ (p -> 'capabilities') and (p ->> 'hosts' is null or l.host_limit <= (p ->> 'hosts')::int)))
    returning l.id
  ) select coalesce(jsonb_agg(g.id), '[]') into ended from gone g;
  if known.id is not null then -- it was removed before
    update public.licence l set ended_at = null where l.id = known.id;
    return jsonb_build_object('code', 'ok', 'id', known.id, 'ended', ended);
  end if;
  insert into public.licence (id, source, plan, capabilities, host_limit, customer, key_id, supersedes, starts_at, expires_at)
  values (lid, 'key', p ->> 'plan', array(select jsonb_array_elements_text(p -> 'capabilities')), (p ->> 'hosts')::int, p ->> 'customer', (p ->> 'id')::uuid,
    array(select z::uuid from jsonb_array_elements_text(p -> 'supersedes') z), (p ->> 'startsAt')::timestamptz, (p ->> 'expiresAt')::timestamptz);
  return jsonb_build_object('code', 'ok', 'id', lid, 'ended', ended);
end $$;

-- Ends a key or a trial before its time. @returns false: there is none that runs
create function wall.licence_end(p_licence uuid) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(wall.ctx_writer() <> '00000000-0000-4000-8000-000000000001', true) then raise exception 'master only' using errcode = '42501'; end if;
  perform pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121));
  update public.licence l set ended_at = now()
  where l.id = p_licence and l.source in ('key', 'trial') and (l.ended_at is null or l.ended_at > now()) and l.expires_at > now();
  return found;
end $$;

-- The worker's: how late it is, at the latest that was ever seen. A leap of more than 400 days is a wrong clock, unless it stays for a day.
create function wall.clock_note() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.installation i set
    clock_at = case when i.clock_at is null or i.clock_at > now() - interval '400 days' or i.clock_leap_at between now() - interval '400 days' and now() - interval '1 day'
      then now() else i.clock_at end,
    clock_leap_at = case when i.clock_at is null or i.clock_at > now() - interval '400 days' then null
      when i.clock_leap_at between now() - interval '1 day' and now() then i.clock_leap_at else now() end
  where i.id = 1 and (i.clock_at is null or i.clock_at < now() - interval '1 minute')
$$;

set local role freehold_definer;
-- First-run set-up, once: names the master, makes its first Super Admin, starts the trial. Returns the user's id; null: refused.
create or replace function wall.setup_finish(p_code bytea, p_tenant_name text, p_user jsonb, p_password_hash text, p_trial_days int, p_trial_hosts int)
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
  select 'trial', p.capabilities, p_trial_hosts, now() + make_interval(days => p_trial_days) from public.plan p where p.key = 'enterprise';
  perform wall.audit_insert(array[master], uid, p_user ->> 'username', master,
    jsonb_build_object('event', 'setup.finish', 'targetKind', 'tenant', 'targetId', master, 'targetName', p_tenant_name));
  return uid;
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
grant execute on function wall.licence_add(jsonb), wall.licence_end(uuid) to freehold_master;
grant execute on function wall.clock_note() to freehold_system;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
