-- What is done with machines in their clouds, from the asking to the real end.

-- CreateTable
CREATE TABLE "cloud_action" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "snapshot" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'queued',
    "handle" TEXT,
    "message" TEXT NOT NULL DEFAULT '',
    "request_id" TEXT NOT NULL DEFAULT '',
    "ip" TEXT NOT NULL DEFAULT '',
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "cloud_action_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "cloud_action_tenant_id_created_at_idx" ON "cloud_action"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "cloud_action_resource_id_created_at_idx" ON "cloud_action"("resource_id", "created_at");

-- AddForeignKey
ALTER TABLE "cloud_action" ADD CONSTRAINT "cloud_action_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cloud_action" ADD CONSTRAINT "cloud_action_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

alter table cloud_action
  add constraint cloud_action_status_check check (status in ('queued', 'asking', 'running', 'ok', 'failed')),
  add constraint cloud_action_name_check check (name ~ '^[a-z_]{1,30}$'),
  add constraint cloud_action_snapshot_check check (length(snapshot) <= 100 and snapshot !~ '[[:cntrl:]]');
create index cloud_action_open_idx on cloud_action (created_at) where status in ('queued', 'asking', 'running');
-- One thing at a time with a machine.
create unique index cloud_action_one_key on cloud_action (resource_id) where status in ('queued', 'asking', 'running');

alter table cloud_action enable row level security, force row level security;
grant select, insert, update, delete on cloud_action to freehold_definer;
create policy cloud_action_definer_select on cloud_action for select to freehold_definer using (true);
create policy cloud_action_definer_insert on cloud_action for insert to freehold_definer with check (true);
create policy cloud_action_definer_update on cloud_action for update to freehold_definer using (true) with check (true);
create policy cloud_action_definer_delete on cloud_action for delete to freehold_definer using (true);

-- Whether the acting tenant uses a machine that was found in a cloud: what it has, or what it was given to edit. Not what it merely owns (rule 2).
create function wall.ctx_may_act(p_resource uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.cloud_item i join public.resource r on r.id = i.resource_id
    where r.id = p_resource and (r.assigned_id = wall.ctx_writer() or wall.ctx_edit_role(r.id) in ('editor', 'admin') and r.owner_id <> wall.ctx_writer()))
$$;

-- By which connector a machine that one sees is reached: says what can be done with it. Where its cloud is, is its owner's to know.
create function wall.ctx_connector_of(p_resource uuid) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select n.connector from public.cloud_item i join public.cloud_connection n on n.cloud_id = i.cloud_id
  where i.resource_id = p_resource and wall.ctx_sees(p_resource)
$$;

grant select on cloud_action to freehold_tenant, freehold_master;
create policy cloud_action_select on cloud_action for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (id, tenant_id, resource_id, name, snapshot, request_id, ip, created_by) on cloud_action to freehold_tenant, freehold_master;
create policy cloud_action_insert on cloud_action for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_writer()) and created_by = (select wall.ctx_user()) and wall.ctx_may_act(resource_id));

-- The next action, for one worker at a time: a new one; or one whose worker has not been heard of, which is followed on if the cloud has
-- taken it, and never asked for a second time. Only while its tenant still uses the machine.
create function wall.action_claim() returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  k public.cloud_action;
begin
  select y.* into k from public.cloud_action y
  where y.status = 'queued' or y.status in ('asking', 'running') and y.heartbeat_at < now() - interval '30 seconds'
  order by y.created_at, y.id limit 1 for update skip locked;
  if k.id is null then return null; end if;
  update public.cloud_action x set heartbeat_at = now(), status = case x.status when 'queued' then 'asking' else x.status end where x.id = k.id;
  return (select jsonb_build_object('id', k.id, 'name', k.name, 'snapshot', k.snapshot, 'handle', k.handle, 'interrupted', k.status <> 'queued',
      'kind', r.kind, 'externalId', i.external_id, 'cloudId', i.cloud_id,
      'allowed', r.assigned_id = k.tenant_id
        or exists (select 1 from public.access_grant g where g.resource_id = r.id and g.tenant_id = k.tenant_id
          and g.status = 'live' and g.role in ('editor', 'admin') and (g.expires_at is null or g.expires_at > now()))
        or exists (select 1 from public.access_grant_all g where g.owner_id = r.owner_id and r.assigned_id = r.owner_id and g.tenant_id = k.tenant_id
          and g.kind = r.kind and g.status = 'live' and g.role in ('editor', 'admin') and (g.expires_at is null or g.expires_at > now())))
    from public.resource r left join public.cloud_item i on i.resource_id = r.id where r.id = k.resource_id);
end $$;

create function wall.action_beat(p_action uuid, p_handle text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.cloud_action set heartbeat_at = now(), handle = coalesce(p_handle, handle), status = case when coalesce(p_handle, handle) is null then status else 'running' end
  where id = p_action and status in ('asking', 'running')
$$;

-- The real end, with its row in the logs of whoever did it, uses the machine and owns it. The cloud is looked into soon after.
create function wall.action_done(p_action uuid, p_ok boolean, p_message text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  k public.cloud_action;
  r public.resource;
  u public.user_account;
begin
  update public.cloud_action x set status = case when p_ok then 'ok' else 'failed' end, message = left(p_message, 500), finished_at = clock_timestamp()
  where x.id = p_action and x.status in ('asking', 'running') returning x.* into k;
  if k.id is null then return; end if;
  select * into r from public.resource x where x.id = k.resource_id;
  select * into u from public.user_account x where x.id = k.created_by;
  perform wall.audit_insert(array[k.tenant_id, r.owner_id, r.assigned_id], u.id, coalesce(wall.person(u), 'system'), u.home_tenant_id,
    jsonb_build_object('event', 'machine.act_end', 'targetKind', r.kind, 'targetId', r.id, 'targetName', r.name, 'result', case when p_ok then 'ok' else 'failed' end,
      'reason', left(p_message, 500), 'after', jsonb_build_object('action', k.name, 'snapshot', k.snapshot), 'ip', k.ip, 'requestId', k.request_id));
  update public.cloud_sync s set next_at = least(s.next_at, now()) where s.cloud_id = r.cloud_id and s.failures = 0;
  perform pg_notify('freehold', 'r:' || r.id);
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
grant execute on function wall.ctx_may_act(uuid), wall.ctx_connector_of(uuid) to freehold_tenant, freehold_master;
grant execute on function wall.action_claim(), wall.action_beat(uuid, text), wall.action_done(uuid, boolean, text) to freehold_system;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
