-- What clouds do of their own: their tasks, events and backups, and listening to them.

-- AlterTable
ALTER TABLE "cloud_sync" ADD COLUMN     "activity_at" TIMESTAMPTZ(6),
ADD COLUMN     "activity_note" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "backups_at" TIMESTAMPTZ(6),
ADD COLUMN     "moved_at" TIMESTAMPTZ(6),
ADD COLUMN     "watch_lost" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "watch_run" UUID,
ADD COLUMN     "watch_until" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- CreateTable
CREATE TABLE "cloud_activity" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "cloud_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "assigned_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "target" TEXT NOT NULL DEFAULT '',
    "actor" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "started_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "cloud_activity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cloud_backup" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "cloud_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "assigned_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "guest" TEXT NOT NULL DEFAULT '',
    "datastore" TEXT NOT NULL DEFAULT '',
    "taken_at" TIMESTAMPTZ(6) NOT NULL,
    "size" BIGINT,
    "format" TEXT NOT NULL DEFAULT '',
    "protected" BOOLEAN NOT NULL DEFAULT false,
    "verified" TEXT NOT NULL DEFAULT '',
    "notes" TEXT NOT NULL DEFAULT '',
    "gone_at" TIMESTAMPTZ(6),

    CONSTRAINT "cloud_backup_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "cloud_activity_owner_id_kind_started_at_id_idx" ON "cloud_activity"("owner_id", "kind", "started_at", "id");

-- CreateIndex
CREATE INDEX "cloud_activity_assigned_id_kind_started_at_id_idx" ON "cloud_activity"("assigned_id", "kind", "started_at", "id");

-- CreateIndex
CREATE INDEX "cloud_activity_cloud_id_kind_started_at_id_idx" ON "cloud_activity"("cloud_id", "kind", "started_at", "id");

-- CreateIndex
CREATE INDEX "cloud_activity_resource_id_started_at_id_idx" ON "cloud_activity"("resource_id", "started_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "cloud_activity_cloud_id_external_id_key" ON "cloud_activity"("cloud_id", "external_id");

-- CreateIndex
CREATE INDEX "cloud_backup_owner_id_taken_at_id_idx" ON "cloud_backup"("owner_id", "taken_at", "id");

-- CreateIndex
CREATE INDEX "cloud_backup_assigned_id_taken_at_id_idx" ON "cloud_backup"("assigned_id", "taken_at", "id");

-- CreateIndex
CREATE INDEX "cloud_backup_cloud_id_taken_at_id_idx" ON "cloud_backup"("cloud_id", "taken_at", "id");

-- CreateIndex
CREATE INDEX "cloud_backup_resource_id_taken_at_id_idx" ON "cloud_backup"("resource_id", "taken_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "cloud_backup_cloud_id_external_id_key" ON "cloud_backup"("cloud_id", "external_id");

-- AddForeignKey
ALTER TABLE "cloud_activity" ADD CONSTRAINT "cloud_activity_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cloud_activity" ADD CONSTRAINT "cloud_activity_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cloud_backup" ADD CONSTRAINT "cloud_backup_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cloud_backup" ADD CONSTRAINT "cloud_backup_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table cloud_activity
  add constraint cloud_activity_kind_check check (kind in ('task', 'event')),
  add constraint cloud_activity_status_check check (status in ('running', 'ok', 'failed', 'info', 'unknown')),
  add constraint cloud_activity_texts_check check (length(external_id) between 1 and 300 and length(title) between 1 and 200 and length(target) <= 300
    and length(actor) <= 200 and length(message) <= 500);
alter table cloud_backup
  add constraint cloud_backup_verified_check check (verified in ('', 'ok', 'failed')),
  add constraint cloud_backup_texts_check check (length(external_id) between 1 and 300 and length(guest) <= 300 and length(datastore) <= 300
    and length(format) <= 60 and length(notes) <= 500);
create index cloud_activity_running_idx on cloud_activity (cloud_id) where status = 'running';

do $$
declare t text;
begin
  foreach t in array array['cloud_activity', 'cloud_backup'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on %I to freehold_definer', t);
    execute format('create policy %I on %I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on %I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on %I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on %I for delete to freehold_definer using (true)', t || '_definer_delete', t);
    execute format('grant select on %I to freehold_tenant, freehold_master', t);
    -- Resource-rooted: of who owns the thing, and of who uses it and used it when this was read first. Who gets a thing next does not
    -- learn what was done with it before (PRODUCT rule 3); who merely sees a public or a shared one learns nothing of it.
    execute format('create policy %I on %I for select to freehold_tenant, freehold_master using (exists (select 1 from resource r where r.id = %I.resource_id
      and (r.owner_id = (select wall.ctx_tenant()) and r.owner_id = %I.owner_id or r.assigned_id = (select wall.ctx_tenant()) and r.assigned_id = %I.assigned_id)))',
      t || '_select', t, t, t, t);
  end loop;
end $$;

-- That something of a cloud went to another tenant: what is read of its tasks next may have happened under the one before. The time is taken
-- after the tenants' locks, so a look that is older than it began before.
create function wall.cloud_moved() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.cloud_sync s set moved_at = clock_timestamp() where s.cloud_id = new.cloud_id and (s.moved_at is null or s.moved_at < now());
  return null;
end $$;
create trigger cloud_moved after update of assigned_id on resource for each row
  when (new.cloud_id is not null and old.assigned_id is distinct from new.assigned_id) execute function wall.cloud_moved();

set local role freehold_definer;
drop function wall.sync_told(uuid);
-- As before; whoever listens to the old one ends, and what another server told goes.
create or replace function wall.connection_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' or tg_op = 'UPDATE' and new.endpoint <> old.endpoint then
    delete from public.cloud_activity a where a.cloud_id = old.cloud_id;
    delete from public.cloud_backup b where b.cloud_id = old.cloud_id;
  end if;
  if tg_op = 'DELETE' then
    delete from public.cloud_sync s where s.cloud_id = old.cloud_id;
    delete from public.cloud_item i where i.cloud_id = old.cloud_id;
    return null;
  end if;
  insert into public.cloud_sync as s (cloud_id) values (new.cloud_id)
  on conflict (cloud_id) do update set run = null, status = 'waiting', failures = 0, code = '', error = '', next_at = now(),
    activity_note = '', activity_at = null, backups_at = null, watch_run = null, watch_until = now(), watch_lost = 0;
  return null;
end $$;
set local role freehold_owner;

-- Tasks, events and backups ------------------------------------------------------------------------------------------------

-- Part of what a cloud tells of its tasks and events. e: id, k: kind, n: title, t: target, a: actor, s: status, m: message, b and z: begin
-- and end. Seen by who uses the thing, unless it may have happened under another one, or is about something that nobody knows.
-- @returns false: it is not this run's any more
create function wall.activity_take(p_run uuid, p_rows jsonb) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  y public.cloud_sync := wall.sync_enter(p_run);
  since boolean := y.moved_at is null or coalesce(y.activity_at > y.moved_at, false);
begin
  if y.cloud_id is null then return false; end if;
  insert into public.cloud_activity as a (cloud_id, resource_id, owner_id, assigned_id, kind, external_id, title, target, actor, status, message, started_at, ended_at)
  select c.id, r.id, r.owner_id, case when since and (x.t = '' or r.id <> c.id) then r.assigned_id else r.owner_id end, x.k, x.e, x.n, x.t, x.a, x.s, x.m, x.b, x.z
  from jsonb_to_recordset(p_rows) as x(e text, k text, n text, t text, a text, s text, m text, b timestamptz, z timestamptz)
    join public.resource c on c.id = y.cloud_id
    left join public.cloud_item i on i.cloud_id = c.id and i.external_id = x.t
    join public.resource r on r.id = coalesce(i.resource_id, c.id)
  where x.b > now() - interval '30 days'
  on conflict (cloud_id, external_id) do update set status = excluded.status, message = excluded.message, ended_at = excluded.ended_at
    where (a.status, a.message, a.ended_at) is distinct from (excluded.status, excluded.message, excluded.ended_at);
  return true;
end $$;

-- Whether a look shall ask for backups, which change seldom.
create function wall.backups_due(p_run uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.cloud_sync s where s.run = p_run and (s.backups_at is null or s.backups_at < now() - interval '10 minutes'))
$$;

-- Part of what a cloud tells of its backups. e: id, g: guest, d: data store, b: when, n: bytes, f: format, p: protected, v: verified, o: notes.
create function wall.backups_take(p_run uuid, p_rows jsonb) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  y public.cloud_sync := wall.sync_enter(p_run);
  since boolean := y.moved_at is null or coalesce(y.backups_at > y.moved_at, false);
begin
  if y.cloud_id is null then return false; end if;
  insert into public.cloud_backup as a (cloud_id, resource_id, owner_id, assigned_id, external_id, guest, datastore, taken_at, size, format, protected, verified, notes)
  select c.id, r.id, r.owner_id, case when since and (x.g = '' or r.id <> c.id) then r.assigned_id else r.owner_id end, x.e, x.g, x.d, x.b, x.n, x.f, x.p, x.v, x.o
  from jsonb_to_recordset(p_rows) as x(e text, g text, d text, b timestamptz, n bigint, f text, p boolean, v text, o text)
    join public.resource c on c.id = y.cloud_id
    left join public.cloud_item i on i.cloud_id = c.id and i.external_id = x.g
    join public.resource r on r.id = coalesce(i.resource_id, c.id)
  on conflict (cloud_id, external_id) do update set size = excluded.size, protected = excluded.protected, verified = excluded.verified, notes = excluded.notes,
      gone_at = null
    where (a.size, a.protected, a.verified, a.notes, a.gone_at) is distinct from (excluded.size, excluded.protected, excluded.verified, excluded.notes, null);
  return true;
end $$;

-- The end of both. p_running: tasks that still run, null where tasks were not read; p_backups: all backups that there are, null where they
-- were not. A backup that is not told of goes after 7 days; a task after 30, and of a cloud at most the last 10,000 are kept.
create function wall.streams_end(p_run uuid, p_running text[], p_backups text[], p_note text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  y public.cloud_sync := wall.sync_enter(p_run);
begin
  if y.cloud_id is null then return; end if;
  if p_running is not null then
    update public.cloud_activity a set status = 'unknown' where a.cloud_id = y.cloud_id and a.status = 'running' and a.external_id <> all (p_running);
    delete from public.cloud_activity a where a.cloud_id = y.cloud_id and (a.started_at < now() - interval '30 days'
      or a.id in (select x.id from public.cloud_activity x where x.cloud_id = y.cloud_id order by x.started_at desc, x.id desc offset 10000));
  end if;
  if p_backups is not null then
    update public.cloud_backup b set gone_at = now() where b.cloud_id = y.cloud_id and b.gone_at is null
      and not exists (select 1 from unnest(p_backups) x where x = b.external_id);
    delete from public.cloud_backup b where b.cloud_id = y.cloud_id and b.gone_at < now() - interval '7 days';
  end if;
  update public.cloud_sync s set activity_note = left(p_note, 500), activity_at = case when p_running is null then s.activity_at else y.started_at end,
    backups_at = case when p_backups is null then s.backups_at else y.started_at end
  where s.cloud_id = y.cloud_id;
end $$;

-- Hourly, also of clouds that nobody looks into any more.
create function wall.activity_purge() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.cloud_activity a where a.started_at < now() - interval '30 days'
$$;

-- Listening ------------------------------------------------------------------------------------------------------------------

-- A cloud to listen to, for one process at a time: one whose last look went well, whose connector can, to which nobody listens.
create function wall.watch_claim(p_connectors text[]) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s public.cloud_sync;
begin
  update public.cloud_sync c set watch_run = gen_random_uuid(), watch_until = clock_timestamp() + interval '30 seconds'
  where c.cloud_id = (
    select x.cloud_id from public.cloud_sync x join public.cloud_connection n on n.cloud_id = x.cloud_id and n.connector = any (p_connectors)
      join public.resource r on r.id = x.cloud_id
      join public.tenant o on o.id = r.owner_id and o.status = 'active' join public.tenant a on a.id = r.assigned_id and a.status = 'active'
    where x.watch_until <= now() and x.ok_at is not null and x.failures = 0 and not x.paused
    order by x.watch_until, x.cloud_id limit 1 for update of x skip locked)
  returning c.* into s;
  if s.cloud_id is null then return null; end if;
  return wall.connection_live(s.cloud_id) || jsonb_build_object('run', s.watch_run);
end $$;

-- That a process still listens. @returns to which it shall go on; none that is paused, changed, or whose tenants are not active
create function wall.watch_beat(p_runs uuid[]) returns uuid[] language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.cloud_sync s set watch_until = clock_timestamp() + interval '30 seconds'
  from (select x.cloud_id from public.cloud_sync x where x.watch_run = any (p_runs) and not x.paused for update skip locked) held where s.cloud_id = held.cloud_id;
  return (select coalesce(array_agg(s.watch_run), '{}') from public.cloud_sync s join public.resource r on r.id = s.cloud_id
    join public.tenant o on o.id = r.owner_id and o.status = 'active' join public.tenant a on a.id = r.assigned_id and a.status = 'active'
    where s.watch_run = any (p_runs) and not s.paused);
end $$;

-- The cloud said that something changed: it is looked into soon, at most a fifth of the time. @returns ms until then; null: a look is under
-- way, which may have passed by what changed, so that it has to be told again
create function wall.watch_told(p_run uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s public.cloud_sync;
begin
  update public.cloud_sync x set next_at = least(x.next_at, greatest(now(), x.finished_at + greatest(interval '5 seconds', (x.finished_at - x.started_at) * 4)))
  where x.watch_run = p_run and x.failures = 0 and x.status <> 'running' returning * into s;
  if found then return greatest(0, ceil(extract(epoch from s.next_at - clock_timestamp()) * 1000))::int; end if;
  -- Where looks fail, the next one sees it, whenever it comes.
  return case when exists (select 1 from public.cloud_sync x where x.watch_run = p_run and x.status = 'running') then null else 0 end;
end $$;

-- Nobody listens any more. A stream that was lost is taken up again after a while, each time twice as long, with jitter.
create function wall.watch_end(p_run uuid, p_lost boolean, p_lived boolean) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.cloud_sync s set watch_run = null, watch_lost = case when not p_lost then 0 when p_lived then 1 else least(s.watch_lost + 1, 100) end,
    watch_until = case when p_lost then clock_timestamp() + make_interval(secs => 5 * 2 ^ least(case when p_lived then 0 else s.watch_lost end, 7) * (0.75 + 0.5 * random())) else now() end
  where s.watch_run = p_run
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
grant execute on function wall.activity_take(uuid, jsonb), wall.backups_take(uuid, jsonb), wall.backups_due(uuid), wall.streams_end(uuid, text[], text[], text), wall.activity_purge(),
  wall.watch_claim(text[]), wall.watch_beat(uuid[]), wall.watch_told(uuid), wall.watch_end(uuid, boolean, boolean) to freehold_system;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
