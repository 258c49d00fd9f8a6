-- Both sides of a share hear of it, and whoever closes its owner knows whose locks to take (docs/decisions/0012, "Locks"; rule 16).

-- Whom it was made to, and who made it: its owner's page shows whether it was accepted, declined or left.
create or replace function wall.notify_grant() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('freehold', 't:' || coalesce(new.tenant_id, old.tenant_id)::text);
  perform pg_notify('freehold', 't:' || coalesce(new.owner_id, old.owner_id)::text);
  return null;
end $$;

-- Tenants that these tenants share with, or have offered something: whoever keeps the first from sharing takes sight from them. Master only.
create function wall.share_partners(p_owners uuid[]) returns table (tenant_id uuid) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select distinct g.tenant_id from public.access_grant g where g.owner_id = any (p_owners) and wall.ctx_is_master()
$$;

-- Ownership and rights of functions -----------------------------------------------------------------------------------------------

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;
grant execute on function wall.share_partners(uuid[]) to freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
