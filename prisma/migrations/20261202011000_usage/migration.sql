-- Usage: how many hosts, people and machines each tenant has, once a day, and the warnings of the pool of hosts.

-- CreateTable
CREATE TABLE "usage_day" (
    "tenant_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "hosts" INTEGER NOT NULL,
    "users" INTEGER NOT NULL,
    "machines" INTEGER NOT NULL,

    CONSTRAINT "usage_day_pkey" PRIMARY KEY ("tenant_id","day")
);

-- CreateTable
CREATE TABLE "pool_day" (
    "day" DATE NOT NULL,
    "hosts" INTEGER NOT NULL,
    "host_limit" INTEGER,
    "counted_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pool_day_pkey" PRIMARY KEY ("day")
);

-- CreateTable
CREATE TABLE "pool_warning" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "level" INTEGER NOT NULL DEFAULT 0,
    "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pool_warning_pkey" PRIMARY KEY ("id")
);

-- AddForeignKey
ALTER TABLE "usage_day" ADD CONSTRAINT "usage_day_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table usage_day add constraint usage_day_check check (hosts >= 0 and users >= 0 and machines >= 0);
alter table pool_day add constraint pool_day_check check (hosts >= 0 and host_limit >= 0);
alter table pool_warning
  add constraint pool_warning_one_check check (id = 1),
  add constraint pool_warning_level_check check (level in (0, 80, 100));

do $$
declare t text;
begin
  foreach t in array array['usage_day', 'pool_day', 'pool_warning'] loop
    execute format('alter table public.%I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on public.%I to freehold_definer', t);
    execute format('create policy %I on public.%I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on public.%I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on public.%I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on public.%I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;
set local role freehold_definer;
insert into public.pool_warning (id) values (1);
set local role freehold_owner;

-- A tenant reads its own months, the master everybody's and those of the whole; nobody but the functions below writes.
grant select on usage_day to freehold_tenant, freehold_master;
create policy usage_day_select on usage_day for select to freehold_tenant using (tenant_id = (select wall.ctx_tenant()));
create policy usage_day_select_master on usage_day for select to freehold_master using ((select wall.ctx_is_master()));
grant select on pool_day to freehold_master;
create policy pool_day_select on pool_day for select to freehold_master using ((select wall.ctx_is_master()));

-- Counts today (UTC), every five minutes, for every tenant that is not deleted; the highest of a day stays. What is older than 25 months goes. A day on
-- which nobody counted stays unknown. @returns how many tenants were counted; 0: somebody did a moment ago
create function wall.usage_count() returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  today constant date := (now() at time zone 'utc')::date;
  n int;
begin
  if exists (select 1 from public.pool_day d where d.day = today and d.counted_at > now() - interval '5 minutes') or not pg_try_advisory_xact_lock(hashtextextended('freehold.usage', 20261202)) then
    return 0;
  end if;
  -- The pool's numbers are counted anew, should any have gone astray.
  perform wall.host_pool_lock();
  update public.host_pool p set hosts = coalesce(c.n, 0) from public.host_pool q left join (select r.assigned_id, count(*)::int as n from public.resource r
    where r.kind = 'host' group by 1) c on c.assigned_id = q.tenant_id where p.tenant_id = q.tenant_id and p.hosts <> coalesce(c.n, 0);
  insert into public.usage_day (tenant_id, day, hosts, users, machines)
  select t.id, today, coalesce(p.hosts, 0), coalesce(u.n, 0), coalesce(v.n, 0)
  from public.tenant t left join public.host_pool p on p.tenant_id = t.id
    left join (select m.tenant_id, count(*) as n from public.membership m group by 1) u on u.tenant_id = t.id
    left join (select r.assigned_id, count(*) as n from public.resource r where r.kind = 'virtual_machine' group by 1) v on v.assigned_id = t.id
  where t.status <> 'deleted'
  on conflict (tenant_id, day) do update set hosts = greatest(usage_day.hosts, excluded.hosts), users = greatest(usage_day.users, excluded.users),
    machines = greatest(usage_day.machines, excluded.machines);
  get diagnostics n = row_count;
  insert into public.pool_day (day, hosts, host_limit) values (today, wall.hosts_counted(), (wall.licence_state() ->> 'hostLimit')::int)
  on conflict (day) do update set hosts = greatest(pool_day.hosts, excluded.hosts), host_limit = excluded.host_limit, counted_at = now();
  delete from public.usage_day d where d.day < date_trunc('month', today) - interval '25 months';
  delete from public.pool_day d where d.day < date_trunc('month', today) - interval '25 months';
  return n;
end $$;

-- Whether the pool has reached 80 or 100 % of the licence since the last warning, and who is to be told: people of the master who may
-- change its settings, by one of these built-in roles or a role of its own. Having fallen, it may rise again: that is noted at once.
create function wall.pool_warning_due(p_roles text[]) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  most int := (wall.licence_state() ->> 'hostLimit')::int;
  used int := wall.hosts_counted();
  now_at int := case when used >= most then 100 when used * 5 >= most * 4 then 80 else 0 end;
  was int;
begin
  select w.level into was from public.pool_warning w where w.id = 1;
  if now_at < was then
    update public.pool_warning w set level = now_at, changed_at = now() where w.id = 1 and w.level = was;
  end if;
  if now_at <= was then return null; end if;
  return jsonb_build_object('from', was, 'to', now_at, 'used', used, 'most', most, 'sender', (select t.name from public.tenant t where t.id = master),
    'people', coalesce((select jsonb_agg(distinct u.email) from public.role_assignment ra join public.user_role r on r.id = ra.role_id
      join public.user_account u on u.id = ra.user_id
      where ra.tenant_id = master and ra.scope = '' and (ra.expires_at is null or ra.expires_at > now()) and u.status = 'active' and u.email <> ''
        and (r.built_in = any (p_roles) or (r.built_in is null and r.levels ->> 'settings' = 'full'))), '[]'));
end $$;

-- Notes the warning and queues its mails, both or neither, once over all workers. p_mails: id, to, subject, body (sealed, in hex).
-- @returns false: somebody else did, or it fell meanwhile
create function wall.pool_warning_tell(p_from int, p_to int, p_mails jsonb) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update public.pool_warning w set level = p_to, changed_at = now() where w.id = 1 and w.level = p_from;
  if not found then return false; end if;
  insert into public.mail_message (id, tenant_id, kind, to_address, subject, body)
  select x.id, '00000000-0000-4000-8000-000000000001', 'notice', x.recipient, x.subject, decode(x.body, 'hex')
  from jsonb_to_recordset(p_mails) as x(id uuid, recipient text, subject text, body text);
  return true;
end $$;

-- What the provider is called, for its tenants.
create function wall.provider_name() returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.name from public.tenant t where t.id = '00000000-0000-4000-8000-000000000001' and wall.ctx_tenant() is not null
$$;

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
grant execute on function wall.usage_count(), wall.pool_warning_due(text[]), wall.pool_warning_tell(int, int, jsonb) to freehold_system;
grant execute on function wall.provider_name() to freehold_tenant, freehold_master;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
