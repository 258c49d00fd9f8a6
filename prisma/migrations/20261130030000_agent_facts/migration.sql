-- What is installed and what runs on a host, as its agent told last; whether the agents of a deleted tenant are gone.

-- AlterTable
ALTER TABLE "resource_state" ADD COLUMN     "uninstall_told_at" TIMESTAMPTZ(6),
ADD COLUMN     "uninstalled_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "host_inventory" (
    "resource_id" UUID NOT NULL,
    "revision" TEXT NOT NULL,
    "packages" JSONB,
    "services" JSONB,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "host_inventory_pkey" PRIMARY KEY ("resource_id")
);

-- AddForeignKey
ALTER TABLE "host_inventory" ADD CONSTRAINT "host_inventory_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

alter table host_inventory add constraint host_inventory_size_check check (pg_column_size(packages) < 200000 and pg_column_size(services) < 200000);

alter table host_inventory enable row level security, force row level security;
grant select, insert, update, delete on host_inventory to freehold_definer;
create policy host_inventory_definer_select on host_inventory for select to freehold_definer using (true);
create policy host_inventory_definer_insert on host_inventory for insert to freehold_definer with check (true);
create policy host_inventory_definer_update on host_inventory for update to freehold_definer using (true) with check (true);
create policy host_inventory_definer_delete on host_inventory for delete to freehold_definer using (true);
-- Resource-rooted: through the resource, under its own policy. Nobody but the functions below writes.
grant select on host_inventory to freehold_tenant, freehold_master;
create policy host_inventory_select on host_inventory for select to freehold_tenant, freehold_master
  using (exists (select 1 from resource r where r.id = host_inventory.resource_id));

-- The order to uninstall, with its row in the log before it: this commits before the agent gets its answer (attack G20). Once an agent.
create function wall.agent_told(p_resource uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.resource_state x set uninstall_told_at = now(), updated_at = now() where x.resource_id = p_resource and x.uninstall_told_at is null;
  if not found then return; end if;
  perform wall.audit_insert(array[r.owner_id], null, 'agent', null, jsonb_build_object('event', 'host.agent_told', 'targetKind', 'host',
    'targetId', r.id, 'targetName', r.name, 'reason', 'Told to uninstall: its tenant was deleted')) from public.resource r where r.id = p_resource;
end $$;

-- Packages and services of the machine, after the report that named them; they replace what was known. ok | unknown | uninstall |
-- refused | conflict | replay: not of the last report.
create function wall.agent_inventory(p_token bytea, p_seq bigint, p_machine text, p_revision text, p_packages jsonb, p_services jsonb) returns text language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.agent_credential;
  st public.resource_state;
  assigned text;
  owned text;
begin
  select * into c from public.agent_credential a where a.token_hash = p_token or a.next_token_hash = p_token for update;
  if not found then return 'unknown'; end if;
  if c.resource_id is null then return 'uninstall'; end if;
  select ta.status, tow.status into assigned, owned from public.resource r join public.tenant ta on ta.id = r.assigned_id
    join public.tenant tow on tow.id = r.owner_id where r.id = c.resource_id;
  if owned = 'deleted' then
    perform wall.agent_told(c.resource_id);
    return 'uninstall';
  end if;
  if assigned <> 'active' or owned <> 'active' then return 'refused'; end if;
  select * into st from public.resource_state x where x.resource_id = c.resource_id;
  if st.conflict_at is not null or c.machine_id <> p_machine then return 'conflict'; end if;
  if p_seq <> c.seq or p_revision is distinct from st.facts ->> 'inventory_revision' then return 'replay'; end if;
  insert into public.host_inventory (resource_id, revision, packages, services, at) values (c.resource_id, p_revision, p_packages, p_services, now())
  on conflict (resource_id) do update set revision = excluded.revision, packages = excluded.packages, services = excluded.services, at = excluded.at;
  return 'ok';
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;

-- What is replaced: each as before, but for what is said -------------------------------------------------------------------

set local role freehold_definer;
grant execute on function wall.agent_inventory(bytea, bigint, text, text, jsonb, jsonb) to freehold_system;

-- As before; who gets a host next learns nothing of what was installed under the tenant before: the next report tells it anew.
create or replace function wall.host_samples_forget() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.owner_id <> old.owner_id then return null; end if;
  delete from public.host_sample s where s.resource_id = new.id;
  delete from public.host_inventory i where i.resource_id = new.id;
  return null;
end $$;

-- As before; a machine that enrols anew has an agent again.
create or replace function wall.agent_enrol(p_token bytea, p_credential bytea, p_name text, p_machine text, p_boot text, p_facts jsonb, p_gate text, p_ip text, p_request text)
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
    update public.resource_state set conflict_at = null, uninstall_told_at = null, uninstalled_at = null, facts = p_facts, updated_at = now() where resource_id = rid;
  end if;
  update public.enrolment_token set uses = uses + 1 where id = e.id;
  perform wall.audit_insert(array[e.tenant_id], null, 'agent', null, jsonb_build_object('event', 'host.enrol', 'targetKind', 'host', 'targetId', rid,
    'targetName', p_name, 'after', jsonb_build_object('enrolmentToken', e.name, 'machineId', p_machine), 'ip', p_ip, 'requestId', p_request));
  return jsonb_build_object('code', 'ok', 'hostId', rid);
end $$;

-- As before; with the order to uninstall in the log, and whether packages and services are asked for.
drop function wall.agent_report(bytea, bigint, text, text, jsonb, bytea);
create function wall.agent_report(p_token bytea, p_seq bigint, p_machine text, p_boot text, p_facts jsonb, p_next bytea)
returns table (code text, seq bigint, rotated boolean, host uuid, params jsonb, inventory boolean) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.agent_credential;
  st public.resource_state;
  used_by uuid;
  assigned text;
  owned text;
begin
  select * into c from public.agent_credential a where a.token_hash = p_token or a.next_token_hash = p_token for update;
  if not found then return query select 'unknown', 0::bigint, false, null::uuid, null::jsonb, false; return; end if;
  if c.resource_id is null then return query select 'uninstall', c.seq, false, null::uuid, null::jsonb, false; return; end if;
  select r.assigned_id, ta.status, tow.status into used_by, assigned, owned from public.resource r join public.tenant ta on ta.id = r.assigned_id
    join public.tenant tow on tow.id = r.owner_id where r.id = c.resource_id;
  -- Deleted with its owner. One that only used it: the owner's agent waits, refused, until it is assigned anew.
  if owned = 'deleted' then
    perform wall.agent_told(c.resource_id);
    return query select 'uninstall', c.seq, false, null::uuid, null::jsonb, false; return;
  end if;
  if assigned <> 'active' or owned <> 'active' then return query select 'refused', c.seq, false, null::uuid, null::jsonb, false; return; end if;
  select * into st from public.resource_state x where x.resource_id = c.resource_id for update;
  if c.machine_id <> p_machine or (c.prev_boot_id <> '' and p_boot = c.prev_boot_id) then
    if st.conflict_at is null then
      update public.resource_state x set conflict_at = now(), updated_at = now() where x.resource_id = c.resource_id;
      perform wall.audit_insert(array(select distinct z from public.resource r, unnest(array[r.owner_id, r.assigned_id]) z where r.id = c.resource_id), null, 'agent', null,
        jsonb_build_object('event', 'host.credential_conflict', 'targetKind', 'host', 'targetId', c.resource_id, 'result', 'denied',
          'reason', 'Two machines report with one credential'));
    end if;
    return query select 'conflict', c.seq, false, null::uuid, null::jsonb, false; return;
  end if;
  if st.conflict_at is not null then return query select 'conflict', c.seq, false, null::uuid, null::jsonb, false; return; end if;
  if p_seq <= c.seq then return query select 'replay', c.seq, false, null::uuid, null::jsonb, false; return; end if;
  if st.last_seen_at > clock_timestamp() - interval '900 milliseconds' then return query select 'slow', c.seq, false, null::uuid, null::jsonb, false; return; end if;
  rotated := c.token_hash = p_token and c.rotated_at < now() - interval '24 hours';
  update public.agent_credential a set seq = p_seq,
    prev_boot_id = case when p_boot not in ('', a.boot_id) then a.boot_id else a.prev_boot_id end,
    boot_id = case when p_boot = '' then a.boot_id else p_boot end,
    token_hash = p_token,
    next_token_hash = case when a.next_token_hash = p_token then null when rotated then p_next else a.next_token_hash end,
    rotated_at = case when a.next_token_hash = p_token then now() else a.rotated_at end
  where a.id = c.id;
  perform wall.host_sample_take(c.resource_id, used_by, st.facts, extract(epoch from clock_timestamp() - st.last_seen_at)::float8, p_facts);
  update public.resource_state x set status = 'online', last_seen_at = clock_timestamp(), facts = p_facts, updated_at = now(),
    uninstall_told_at = null where x.resource_id = c.resource_id;
  return query select 'ok', p_seq, rotated, c.resource_id,
    (select coalesce(jsonb_object_agg(e.name, e.value), '{}') from wall.effective_parameters(c.resource_id) e),
    p_facts ? 'inventory_revision' and not exists (select 1 from public.host_inventory i
      where i.resource_id = c.resource_id and i.revision = p_facts ->> 'inventory_revision');
end $$;
revoke all on function wall.agent_report(bytea, bigint, text, text, jsonb, bytea) from public;
grant execute on function wall.agent_report(bytea, bigint, text, text, jsonb, bytea) to freehold_system;

-- As before; an agent of a deleted tenant that was told to uninstall may say that it did.
create or replace function wall.agent_goodbye(p_token bytea, p_ip text) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.agent_credential;
  gone boolean;
  active boolean;
begin
  select * into c from public.agent_credential a where a.token_hash = p_token or a.next_token_hash = p_token for update;
  if not found then return false; end if;
  -- Its host is deleted: nobody needs its credential any more.
  if c.resource_id is null then
    delete from public.agent_credential a where a.id = c.id;
    return true;
  end if;
  select tow.status = 'deleted' and x.uninstall_told_at is not null, ta.status = 'active' and tow.status = 'active' into gone, active
  from public.resource r join public.tenant ta on ta.id = r.assigned_id join public.tenant tow on tow.id = r.owner_id
    join public.resource_state x on x.resource_id = r.id where r.id = c.resource_id;
  -- No agent writes in a disabled or deleted tenant (rule 11) but to say that it obeyed (rule 18).
  if not active and not gone then return false; end if;
  update public.agent_credential a set token_hash = sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), next_token_hash = null
  where a.id = c.id;
  update public.resource_state x set status = 'offline', updated_at = now(), uninstalled_at = case when gone then now() end where x.resource_id = c.resource_id;
  perform wall.audit_insert(case when gone then array[r.owner_id] else array[r.owner_id, r.assigned_id] end, null, 'agent', null,
    jsonb_build_object('event', 'host.agent_removed', 'targetKind', 'host', 'targetId', r.id, 'targetName', r.name, 'ip', p_ip))
  from public.resource r where r.id = c.resource_id;
  return true;
end $$;
set local role freehold_owner;
