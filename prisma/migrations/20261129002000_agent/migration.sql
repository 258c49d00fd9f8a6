-- How a host was doing: a sample a minute, kept 48 hours, and a mean a quarter of an hour, kept 30 days.

-- CreateTable
CREATE TABLE "host_sample" (
    "resource_id" UUID NOT NULL,
    "step" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "reports" INTEGER NOT NULL DEFAULT 1,
    "cpu" DOUBLE PRECISION,
    "memory" DOUBLE PRECISION,
    "swap" DOUBLE PRECISION,
    "load" DOUBLE PRECISION,
    "rx" DOUBLE PRECISION,
    "tx" DOUBLE PRECISION,
    "disks" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "host_sample_pkey" PRIMARY KEY ("resource_id","step","at")
);

-- AddForeignKey
ALTER TABLE "host_sample" ADD CONSTRAINT "host_sample_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateIndex
CREATE INDEX "host_sample_at_idx" ON "host_sample" USING BRIN ("at");

alter table host_sample add constraint host_sample_step_check check (step in (60, 900));

alter table host_sample enable row level security, force row level security;
grant select, insert, update, delete on host_sample to freehold_definer;
create policy host_sample_definer_select on host_sample for select to freehold_definer using (true);
create policy host_sample_definer_insert on host_sample for insert to freehold_definer with check (true);
create policy host_sample_definer_update on host_sample for update to freehold_definer using (true) with check (true);
create policy host_sample_definer_delete on host_sample for delete to freehold_definer using (true);
-- Resource-rooted: through the resource, under its own policy. Nobody but the functions below writes.
grant select on host_sample to freehold_tenant, freehold_master;
create policy host_sample_select on host_sample for select to freehold_tenant, freehold_master
  using (exists (select 1 from resource r where r.id = host_sample.resource_id));

-- Takes the sample of one report into its minute, as a mean. Rates come from the counters of this report and the one before, of
-- the same boot and at most five minutes ago: else there is none. What the machine says is a claim, so it is clamped.
create function wall.host_sample_take(p_resource uuid, p_assigned uuid, p_old jsonb, p_seconds float8, p_new jsonb) returns void language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
  near boolean;
  ticks float8;
  busy float8;
  rx float8;
  tx float8;
begin
  -- Whoever assigns the host elsewhere just now has its lock: none is taken. Who comes after waits for this, and forgets it.
  perform 1 from public.resource r where r.id = p_resource and r.assigned_id = p_assigned for share skip locked;
  if not found then return; end if;
  -- No rate reaches back to a report under another tenant: its samples are forgotten.
  near := p_seconds between 0.5 and 300 and p_old ->> 'boot_id' = p_new ->> 'boot_id' and exists (select 1 from public.host_sample s
    where s.resource_id = p_resource and s.step = 60 and s.at >= clock_timestamp() - make_interval(secs => p_seconds + 60));
  if near then
    ticks := (p_new #>> '{cpu,ticks}')::float8 - (p_old #>> '{cpu,ticks}')::float8;
    busy := (p_new #>> '{cpu,busy}')::float8 - (p_old #>> '{cpu,busy}')::float8;
    rx := (p_new #>> '{network,rx}')::float8 - (p_old #>> '{network,rx}')::float8;
    tx := (p_new #>> '{network,tx}')::float8 - (p_old #>> '{network,tx}')::float8;
  end if;
  insert into public.host_sample as s (resource_id, step, at, cpu, memory, swap, load, rx, tx, disks) values (
    p_resource, 60, date_trunc('minute', clock_timestamp(), 'UTC'),
    case when ticks > 0 and busy >= 0 then least(100, 100 * busy / ticks) end,
    greatest(0, (p_new #>> '{memory,total}')::float8 - (p_new #>> '{memory,available}')::float8),
    greatest(0, (p_new #>> '{swap,total}')::float8 - (p_new #>> '{swap,free}')::float8),
    (p_new #>> '{load,0}')::float8,
    case when rx >= 0 then rx / p_seconds end, case when tx >= 0 then tx / p_seconds end,
    (select coalesce(jsonb_object_agg(d ->> 'mount', least(100, round(100 * (d ->> 'used')::numeric / (d ->> 'size')::numeric, 1))), '{}')
      from jsonb_array_elements(p_new -> 'disks') with ordinality as e (d, n) where n <= 8 and (d ->> 'size')::numeric > 0))
  on conflict (resource_id, step, at) do update set reports = s.reports + 1,
    cpu = coalesce((s.cpu * s.reports + excluded.cpu) / (s.reports + 1), excluded.cpu, s.cpu),
    memory = coalesce((s.memory * s.reports + excluded.memory) / (s.reports + 1), excluded.memory, s.memory),
    swap = coalesce((s.swap * s.reports + excluded.swap) / (s.reports + 1), excluded.swap, s.swap),
    load = coalesce((s.load * s.reports + excluded.load) / (s.reports + 1), excluded.load, s.load),
    rx = coalesce((s.rx * s.reports + excluded.rx) / (s.reports + 1), excluded.rx, s.rx),
    tx = coalesce((s.tx * s.reports + excluded.tx) / (s.reports + 1), excluded.tx, s.tx),
    disks = excluded.disks;
end $$;

-- Hourly: rolls up the quarters of an hour that are over, from the last one that was rolled up on, and forgets what is too old. Of a
-- disk, the last figure in the quarter counts.
create function wall.host_samples_tidy() returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  done timestamptz := (select max(s.at) from public.host_sample s where s.step = 900 and s.at > now() - interval '48 hours');
begin
  insert into public.host_sample (resource_id, step, at, reports, cpu, memory, swap, load, rx, tx, disks)
  select s.resource_id, 900, date_bin('15 minutes', s.at, 'epoch'), sum(s.reports), avg(s.cpu), avg(s.memory), avg(s.swap), avg(s.load),
    avg(s.rx), avg(s.tx), (array_agg(s.disks order by s.at desc))[1]
  from public.host_sample s
  where s.step = 60 and s.at >= coalesce(done, now() - interval '48 hours') and s.at < date_bin('15 minutes', now(), 'epoch')
  group by s.resource_id, date_bin('15 minutes', s.at, 'epoch')
  on conflict do nothing;
  delete from public.host_sample s where s.at < now() - interval '48 hours' and s.step = 60;
  delete from public.host_sample s where s.at < now() - interval '30 days';
end $$;

-- Who gets a host next does not learn how it was used before (PRODUCT rule 3).
create function wall.host_samples_forget() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.host_sample s where s.resource_id = new.id;
  return null;
end $$;
create trigger host_samples_forget after update of assigned_id on resource for each row
  when (new.kind = 'host' and old.assigned_id is distinct from new.assigned_id) execute function wall.host_samples_forget();

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

set local role freehold_definer;
grant execute on function wall.host_samples_tidy() to freehold_system;
-- As before; with the sample.
create or replace function wall.agent_report(p_token bytea, p_seq bigint, p_machine text, p_boot text, p_facts jsonb, p_next bytea)
returns table (code text, seq bigint, rotated boolean, host uuid, params jsonb) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.agent_credential;
  st public.resource_state;
  used_by uuid;
  assigned text;
  owned text;
begin
  select * into c from public.agent_credential a where a.token_hash = p_token or a.next_token_hash = p_token for update;
  if not found then return query select 'unknown', 0::bigint, false, null::uuid, null::jsonb; return; end if;
  if c.resource_id is null then return query select 'uninstall', c.seq, false, null::uuid, null::jsonb; return; end if;
  select r.assigned_id, ta.status, tow.status into used_by, assigned, owned from public.resource r join public.tenant ta on ta.id = r.assigned_id
    join public.tenant tow on tow.id = r.owner_id where r.id = c.resource_id;
  -- Deleted with its owner. One that only used it: the owner's agent waits, refused, until it is assigned anew.
  if owned = 'deleted' then return query select 'uninstall', c.seq, false, null::uuid, null::jsonb; return; end if;
  if assigned <> 'active' or owned <> 'active' then return query select 'refused', c.seq, false, null::uuid, null::jsonb; return; end if;
  select * into st from public.resource_state x where x.resource_id = c.resource_id for update;
  if c.machine_id <> p_machine or (c.prev_boot_id <> '' and p_boot = c.prev_boot_id) then
    if st.conflict_at is null then
      update public.resource_state x set conflict_at = now(), updated_at = now() where x.resource_id = c.resource_id;
      perform wall.audit_insert(array(select distinct z from public.resource r, unnest(array[r.owner_id, r.assigned_id]) z where r.id = c.resource_id), null, 'agent', null,
        jsonb_build_object('event', 'host.credential_conflict', 'targetKind', 'host', 'targetId', c.resource_id, 'result', 'denied',
          'reason', 'Two machines report with one credential'));
    end if;
    return query select 'conflict', c.seq, false, null::uuid, null::jsonb; return;
  end if;
  if st.conflict_at is not null then return query select 'conflict', c.seq, false, null::uuid, null::jsonb; return; end if;
  if p_seq <= c.seq then return query select 'replay', c.seq, false, null::uuid, null::jsonb; return; end if;
  if st.last_seen_at > clock_timestamp() - interval '900 milliseconds' then return query select 'slow', c.seq, false, null::uuid, null::jsonb; return; end if;
  rotated := c.token_hash = p_token and c.rotated_at < now() - interval '24 hours';
  update public.agent_credential a set seq = p_seq,
    prev_boot_id = case when p_boot not in ('', a.boot_id) then a.boot_id else a.prev_boot_id end,
    boot_id = case when p_boot = '' then a.boot_id else p_boot end,
    token_hash = p_token,
    next_token_hash = case when a.next_token_hash = p_token then null when rotated then p_next else a.next_token_hash end,
    rotated_at = case when a.next_token_hash = p_token then now() else a.rotated_at end
  where a.id = c.id;
  perform wall.host_sample_take(c.resource_id, used_by, st.facts, extract(epoch from clock_timestamp() - st.last_seen_at)::float8, p_facts);
  update public.resource_state x set status = 'online', last_seen_at = clock_timestamp(), facts = p_facts, updated_at = now() where x.resource_id = c.resource_id;
  return query select 'ok', p_seq, rotated, c.resource_id,
    (select coalesce(jsonb_object_agg(e.name, e.value), '{}') from wall.effective_parameters(c.resource_id) e);
end $$;
set local role freehold_owner;
