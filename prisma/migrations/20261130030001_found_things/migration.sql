-- What a connected cloud tells of is the cloud's: by hand it is neither renamed nor deleted, as it would be back with the next look. Looks, and the
-- end of a connection, have no context of a tenant.
create function wall.found_guard() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (wall.ctx()).tenant is not null and exists (select 1 from public.cloud_item i where i.resource_id = old.id) then
    raise exception 'its cloud tells of it' using errcode = '42501';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger found_guard_delete before delete on resource for each row execute function wall.found_guard();
create trigger found_guard_name before update of name on resource for each row when (old.name is distinct from new.name) execute function wall.found_guard();

revoke all on function wall.found_guard() from public;
grant execute on function wall.found_guard() to freehold_definer;
alter function wall.found_guard() owner to freehold_definer;
