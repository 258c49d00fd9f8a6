-- A look that is asked for while another is under way follows it: that one may have passed by what changed.

-- When a cloud that somebody wants to be looked into now is. During a look its time is put behind the look's beginning, which its end takes for this.
create function wall.look_at(s public.cloud_sync) returns timestamptz language sql volatile set search_path = pg_catalog, pg_temp as $$
  select case when s.status = 'running' then clock_timestamp() else least(s.next_at, now()) end
$$;
revoke all on function wall.look_at(public.cloud_sync) from public;
grant execute on function wall.look_at(public.cloud_sync) to freehold_definer;

set local role freehold_definer;
create or replace function wall.sync_soon(p_cloud uuid) returns boolean language sql security definer set search_path = pg_catalog, pg_temp as $$
  with asked as (
    update public.cloud_sync s set next_at = wall.look_at(s) from public.resource r
    where s.cloud_id = p_cloud and r.id = s.cloud_id and not s.paused and wall.ctx_writer() in (r.owner_id, r.assigned_id) returning 1)
  select exists (select 1 from asked)
$$;
create or replace function wall.action_done(p_action uuid, p_ok boolean, p_message text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
  update public.cloud_sync s set next_at = wall.look_at(s) where s.cloud_id = r.cloud_id and s.failures = 0;
  perform pg_notify('freehold', 'r:' || r.id);
end $$;
create or replace function wall.creation_done(p_id uuid, p_ok boolean, p_message text, p_external text, p_status text) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  k public.machine_creation;
  r public.resource;
  u public.user_account;
  t uuid;
  c public.resource;
begin
  select x.* into k from public.machine_creation x where x.id = p_id;
  select * into c from public.resource x where x.id = k.cloud_id;
  select * into r from public.resource x where x.id = k.resource_id;
  for t in select x from unnest(array[k.tenant_id, c.owner_id, c.assigned_id, r.assigned_id, '00000000-0000-4000-8000-0000000000ff'::uuid]) x
    where x is not null group by x order by x loop
    perform pg_advisory_xact_lock_shared(wall.lock_key(t));
  end loop;
  update public.machine_creation x set status = case when p_ok then 'ok' else 'failed' end, message = left(p_message, 500), finished_at = clock_timestamp()
  where x.id = p_id and x.status in ('asking', 'running') returning x.* into k;
  if k.id is null then return; end if;
  select * into r from public.resource x where x.id = k.resource_id;
  select * into u from public.user_account x where x.id = k.created_by;
  perform wall.audit_insert(array(select distinct x from unnest(array[k.tenant_id, r.assigned_id, c.owner_id]) x where x is not null), u.id, coalesce(wall.person(u), 'system'),
    u.home_tenant_id, jsonb_build_object('event', 'machine.create_end', 'targetKind', 'virtual_machine', 'targetId', coalesce(r.id::text, ''), 'targetName', k.name,
      'result', case when p_ok then 'ok' else 'failed' end, 'reason', left(p_message, 500), 'after', k.spec, 'ip', k.ip, 'requestId', k.request_id));
  if r.id is not null and not p_ok then
    delete from public.resource x where x.id = r.id;
  elsif r.id is not null then
    delete from public.resource x using public.cloud_item i where p_external is not null and i.cloud_id = k.cloud_id and i.external_id = p_external
      and i.resource_id <> r.id and x.id = i.resource_id and x.created_at >= k.created_at;
    update public.cloud_item i set external_id = case when p_external is null or exists (select 1 from public.cloud_item o where o.cloud_id = k.cloud_id
        and o.external_id = p_external) then i.external_id else p_external end, state_hash = '', missed = 0, missing_since = null,
      seen = coalesce((select s.generation from public.cloud_sync s where s.cloud_id = k.cloud_id), 0) where i.resource_id = r.id;
    update public.resource_state st set status = p_status, updated_at = now() where st.resource_id = r.id;
  end if;
  update public.cloud_sync s set next_at = wall.look_at(s) where s.cloud_id = k.cloud_id and s.failures = 0;
  perform pg_notify('freehold', 'r:' || k.cloud_id);
end $$;
create or replace function wall.sync_finish(p_run uuid, p_places text[]) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  y public.cloud_sync := wall.sync_enter(p_run);
  c public.resource;
  known int;
  lost int;
  n_missing int := 0;
  names text[];
  result text := 'ok';
begin
  if y.cloud_id is null then return null; end if;
  select * into c from public.resource r where r.id = y.cloud_id;
  select count(*) - y.added, count(*) filter (where i.seen < y.generation) into known, lost
  from public.cloud_item i where i.cloud_id = c.id and i.missing_since is null;
  if not y.accept_shrink and (y.seen = 0 and known > 0 or lost >= 5 and lost > known * 0.2) then
    result := 'shrunk';
  else
    with missed as (
      update public.cloud_item i set missed = i.missed + 1, state_hash = '', missing_since = case when i.missed >= 1 then coalesce(i.missing_since, now()) end
      where i.cloud_id = c.id and i.seen < y.generation returning i.resource_id, i.missing_since = now() as newly),
    stated as (
      update public.resource_state st set status = case when r.kind = 'host' then 'offline' else 'missing' end, updated_at = now()
      from missed m join public.resource r on r.id = m.resource_id where m.newly and st.resource_id = m.resource_id)
    select count(*) into n_missing from missed m where m.newly;
  end if;
  names := wall.sync_forget(c.id);
  perform wall.sync_place(c.id, p_places);
  update public.cloud_sync s set status = result, run = null, finished_at = clock_timestamp(), ok_at = clock_timestamp(), failures = 0, code = '', error = '',
    missing = n_missing, gone = cardinality(names), accept_shrink = false,
    next_at = case when y.next_at > y.started_at then clock_timestamp() else clock_timestamp() + make_interval(secs => y.every_seconds * (0.9 + 0.2 * random())) end
  where s.cloud_id = c.id;
  if y.added > 0 or n_missing > 0 or cardinality(names) > 0 or y.failures > 0 or result <> 'ok' and y.accept_shrink then
    perform wall.audit_insert(array[c.owner_id, c.assigned_id], null, 'sync', null, jsonb_build_object('event', 'cloud.sync', 'targetKind', 'cloud',
      'targetId', c.id, 'targetName', c.name, 'after', jsonb_build_object('found', y.seen, 'added', y.added, 'changed', y.changed, 'missing', n_missing,
        'gone', to_jsonb(names[1:50]))));
  end if;
  perform pg_notify('freehold', 'r:' || c.id);
  return result;
end $$;
set local role freehold_owner;
