-- A look that was asked for while one was failing follows at once, as it does a look that goes well: whoever asked may just have mended the cause.
set local role freehold_definer;
create or replace function wall.sync_fail(p_run uuid, p_code text, p_error text, p_wait int) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s public.cloud_sync;
begin
  update public.cloud_sync x set status = 'failed', run = null, finished_at = clock_timestamp(), failures = x.failures + 1, code = left(p_code, 60), error = left(p_error, 500),
    next_at = case when x.next_at > x.started_at then clock_timestamp()
      else clock_timestamp() + make_interval(secs => greatest(least(coalesce(p_wait, 0), 3600), least(3600, x.every_seconds * 2 ^ least(x.failures, 10))) * (0.9 + 0.2 * random())) end
  where x.run = p_run and x.status = 'running' returning * into s;
  if s.cloud_id is null then return; end if;
  if s.failures = 1 then
    perform wall.audit_insert(array[r.owner_id, r.assigned_id], null, 'sync', null, jsonb_build_object('event', 'cloud.sync', 'targetKind', 'cloud',
      'targetId', r.id, 'targetName', r.name, 'result', 'failed', 'reason', s.error)) from public.resource r where r.id = s.cloud_id;
  end if;
  perform pg_notify('freehold', 'r:' || s.cloud_id);
end $$;
set local role freehold_owner;
