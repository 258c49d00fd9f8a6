-- Live pages hear of what changes how far their people reach: roles, assignments, groups. And of changed fields.

-- Moves and removals concern the tenants on both sides; what was or becomes public, everybody (`p:` names nothing); changed fields, who sees the row.
create or replace function wall.notify_resource() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare t uuid;
begin
  if tg_op = 'UPDATE' and (old.spec, old.parent_id) is distinct from (new.spec, new.parent_id) then perform pg_notify('freehold', 'r:' || new.id::text); end if;
  if tg_op = 'UPDATE' and (old.assigned_id, old.visibility, old.name) is not distinct from (new.assigned_id, new.visibility, new.name) then return null; end if;
  for t in select distinct x from unnest(array[old.assigned_id, new.assigned_id, old.owner_id, new.owner_id]) x where x is not null loop
    perform pg_notify('freehold', 't:' || t::text);
  end loop;
  if old.visibility = 'public' or new.visibility = 'public' then perform pg_notify('freehold', 'p:'); end if;
  return null;
end $$;

-- A template reaches every tenant; any other row, its own.
create function wall.notify_role() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(new.multi_tenant, old.multi_tenant) then perform pg_notify('freehold', 'p:');
  else perform pg_notify('freehold', 't:' || coalesce(new.tenant_id, old.tenant_id)::text);
  end if;
  return null;
end $$;
create trigger user_role_notify after update or delete on user_role for each row execute function wall.notify_role();

create function wall.notify_of_tenant() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('freehold', 't:' || coalesce(new.tenant_id, old.tenant_id)::text);
  return null;
end $$;
create trigger role_assignment_notify after insert or update or delete on role_assignment for each row execute function wall.notify_of_tenant();
create trigger resource_group_member_notify after insert or delete on resource_group_member for each row execute function wall.notify_of_tenant();

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;
