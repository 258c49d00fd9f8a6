-- An unchanged look writes one narrow row a thing, and its fields, facts and links are not even sent here.

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
