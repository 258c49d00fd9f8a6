-- Who holds what in one tenant, so that it can be said who gains and who loses by another base role (features.md, D14).

-- People of one subtenant by what they hold: one row for all who have the same roles in the same scopes, with the cap of now. Master only: it reads
-- over the wall, and names no person.
create function wall.tenant_holder_sets(p_tenant uuid)
returns table (tenant_id uuid, tenant text, cap jsonb, roles jsonb, users bigint) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select t.id, t.name, jsonb_build_object('builtIn', c.built_in, 'levels', c.levels, 'name', c.name), s.roles, count(*)
  from public.tenant t
  join public.tenant_role c on c.id = t.tenant_role_id
  join lateral (
    select jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'access', r.access, 'scope', ra.scope)
      order by r.id, ra.scope) as roles
    from public.role_assignment ra join public.user_role r on r.id = ra.role_id
    where ra.tenant_id = t.id and (ra.expires_at is null or ra.expires_at > now())
    group by ra.user_id
  ) s on true
  where wall.ctx_is_master() and t.id = p_tenant and t.status <> 'deleted'
  group by t.id, t.name, c.built_in, c.levels, c.name, s.roles
$$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;
grant execute on function wall.tenant_holder_sets(uuid) to freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
