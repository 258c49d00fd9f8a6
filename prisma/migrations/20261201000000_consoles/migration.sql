-- Consoles of machines: who asked for one, when it was open, why it ended. The ticket opens it once, in the session that asked.

-- CreateTable
CREATE TABLE "machine_console" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "ticket_hash" BYTEA NOT NULL,
    "request_id" TEXT NOT NULL DEFAULT '',
    "ip" TEXT NOT NULL DEFAULT '',
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "opened_at" TIMESTAMPTZ(6),
    "beat_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),
    "why" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "machine_console_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "machine_console_ticket_hash_key" ON "machine_console"("ticket_hash");

-- CreateIndex
CREATE INDEX "machine_console_tenant_id_created_at_idx" ON "machine_console"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "machine_console_resource_id_idx" ON "machine_console"("resource_id");

-- AddForeignKey
ALTER TABLE "machine_console" ADD CONSTRAINT "machine_console_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "machine_console" ADD CONSTRAINT "machine_console_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

alter table machine_console add constraint machine_console_ticket_check check (length(ticket_hash) = 32);
create index machine_console_open_idx on machine_console (created_at) where ended_at is null;

alter table machine_console enable row level security, force row level security;
grant select, insert, update, delete on machine_console to freehold_definer;
create policy machine_console_definer_select on machine_console for select to freehold_definer using (true);
create policy machine_console_definer_insert on machine_console for insert to freehold_definer with check (true);
create policy machine_console_definer_update on machine_console for update to freehold_definer using (true) with check (true);
create policy machine_console_definer_delete on machine_console for delete to freehold_definer using (true);

-- Never the ticket, nor whose session.
grant select (id, tenant_id, resource_id, created_by, created_at, opened_at, ended_at, why) on machine_console to freehold_tenant, freehold_master;
create policy machine_console_select on machine_console for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (id, tenant_id, resource_id, session_id, ticket_hash, request_id, ip, created_by) on machine_console to freehold_tenant, freehold_master;
create policy machine_console_insert on machine_console for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_writer()) and created_by = (select wall.ctx_user()) and wall.ctx_may_act(resource_id));

-- One row in the logs of whoever has a console, uses the machine and owns it.
create function wall.console_audit(k public.machine_console, p_event text, p_reason text, p_after jsonb) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  r public.resource;
  u public.user_account;
begin
  select * into r from public.resource x where x.id = k.resource_id;
  select * into u from public.user_account x where x.id = k.created_by;
  perform wall.audit_insert(array[k.tenant_id, r.owner_id, r.assigned_id], u.id, coalesce(wall.person(u), 'system'), u.home_tenant_id,
    jsonb_build_object('event', p_event, 'targetKind', r.kind, 'targetId', r.id, 'targetName', r.name, 'result', 'ok', 'reason', p_reason, 'after', p_after,
      'ip', k.ip, 'requestId', k.request_id));
end $$;

-- Uses a ticket up: once, within half a minute, in the session that asked for it. What may be done with it is checked after that, as ever.
create function wall.console_take(p_ticket bytea, p_session uuid) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare k public.machine_console;
begin
  update public.machine_console x set opened_at = now(), beat_at = now()
  where x.ticket_hash = p_ticket and x.session_id = p_session and x.opened_at is null and x.ended_at is null and x.created_at > now() - interval '30 seconds'
  returning x.* into k;
  if k.id is null then return null; end if;
  perform wall.console_audit(k, 'machine.console_open', '', '{}');
  return jsonb_build_object('id', k.id, 'tenantId', k.tenant_id, 'resourceId', k.resource_id);
end $$;

create function wall.console_beat(p_console uuid) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.machine_console set beat_at = now() where id = p_console and ended_at is null
$$;

-- The end, with its row.
create function wall.console_end(p_console uuid, p_why text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare k public.machine_console;
begin
  update public.machine_console x set ended_at = clock_timestamp(), why = left(p_why, 300) where x.id = p_console and x.ended_at is null returning x.* into k;
  if k.id is null then return; end if;
  perform wall.console_audit(k, 'machine.console_end', k.why,
    jsonb_build_object('seconds', coalesce(floor(extract(epoch from k.ended_at - k.opened_at)), 0)));
end $$;

-- With a machine its consoles go, and what is open has ended: that stands in the log first.
create function wall.console_machine_gone() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare k uuid;
begin
  for k in select x.id from public.machine_console x where x.resource_id = old.id and x.ended_at is null loop
    perform wall.console_end(k, 'The machine is gone');
  end loop;
  return old;
end $$;
create trigger console_machine_gone before delete on resource for each row when (old.kind = 'virtual_machine') execute function wall.console_machine_gone();

-- Those whose process has gone, and those that nobody opened; what ended a month ago is forgotten.
create function wall.console_sweep() returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  k record;
begin
  for k in select x.id, x.opened_at from public.machine_console x
    where x.ended_at is null and coalesce(x.beat_at, x.created_at) < now() - interval '1 minute' order by x.created_at limit 1000 for update skip locked loop
    perform wall.console_end(k.id, case when k.opened_at is null then 'It was never opened' else 'Freehold was interrupted' end);
  end loop;
  delete from public.machine_console x where x.id in (select y.id from public.machine_console y where y.created_at < now() - interval '30 days' and y.ended_at is not null limit 1000);
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
grant execute on function wall.console_take(bytea, uuid), wall.console_beat(uuid), wall.console_end(uuid, text), wall.console_sweep() to freehold_system;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
