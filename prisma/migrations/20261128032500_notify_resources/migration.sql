-- Once a statement, as 20261128010130_clouds has it; 20261128013700_notify_rights, which sorts after it, had put the version by row back
-- under triggers that have no row, so that no page heard of moves. With its own addition: changed fields concern who sees the row.
create or replace function wall.notify_resource() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  told uuid[];
  everybody boolean;
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct x), bool_or(n.visibility = 'public') into told, everybody from new_rows n, unnest(array[n.assigned_id, n.owner_id]) x;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct x), bool_or(o.visibility = 'public') into told, everybody from old_rows o, unnest(array[o.assigned_id, o.owner_id]) x;
  else
    select array_agg(distinct x), bool_or('public' in (o.visibility, n.visibility)) into told, everybody
    from old_rows o join new_rows n on n.id = o.id, unnest(array[o.assigned_id, n.assigned_id, n.owner_id]) x
    where (o.assigned_id, o.visibility, o.name) is distinct from (n.assigned_id, n.visibility, n.name);
    perform pg_notify('freehold', 'r:' || n.id::text) from old_rows o join new_rows n on n.id = o.id
    where (o.spec, o.parent_id) is distinct from (n.spec, n.parent_id) limit 200;
  end if;
  perform pg_notify('freehold', 't:' || t::text) from unnest(told) t;
  if everybody then perform pg_notify('freehold', 'p:'); end if;
  return null;
end $$;
