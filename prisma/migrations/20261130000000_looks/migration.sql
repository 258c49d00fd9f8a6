-- Looks into clouds: an unchanged one writes one narrow row a thing, and its fields, facts and links are not even sent here.

-- What of a part of a look is as it was: it is noted as seen. A thing that was missing has no state, so it is told in full.
-- @returns ids of those to be told in full to wall.sync_batch(); null: it is not this run's any more
create function wall.sync_seen(p_run uuid, p_ids text[], p_hashes text[], p_states text[]) returns text[] language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  y public.cloud_sync := wall.sync_enter(p_run);
  rest text[];
begin
  if y.cloud_id is null then return null; end if;
  with told as materialized (select * from unnest(p_ids, p_hashes, p_states) as x(e, h, g)),
  touched as (
    update public.cloud_item i set seen = y.generation from told o
    where i.cloud_id = y.cloud_id and i.external_id = o.e and i.hash = o.h and i.state_hash = o.g returning i.external_id)
  select coalesce(array_agg(o.e), '{}') into rest from told o where not exists (select 1 from touched t where t.external_id = o.e);
  update public.cloud_sync s set heartbeat_at = clock_timestamp(), seen = s.seen + cardinality(p_ids) - cardinality(rest) where s.cloud_id = y.cloud_id;
  return rest;
end $$;

-- A look that its process gives up as it stops: another one begins at once, as if this one had not.
create function wall.sync_release(p_run uuid) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.cloud_sync s set status = 'waiting', run = null, next_at = clock_timestamp() where s.run = p_run and s.status = 'running'
$$;

revoke all on function wall.sync_seen(uuid, text[], text[], text[]), wall.sync_release(uuid) from public;
grant execute on function wall.sync_seen(uuid, text[], text[], text[]), wall.sync_release(uuid) to freehold_system;
alter function wall.sync_seen(uuid, text[], text[], text[]) owner to freehold_definer;
alter function wall.sync_release(uuid) owner to freehold_definer;

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
