-- Settings > Organization: what a tenant says of itself, and its end by its owner (PRODUCT rules 8, 18).

-- Whether the person of this context owns the tenant: holds its built-in Owner role, everywhere in it and now.
create function wall.ctx_owns() returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.role_assignment ra join public.user_role r on r.id = ra.role_id
    where ra.tenant_id = wall.ctx_writer() and (wall.ctx()).mode = 'user' and ra.user_id = wall.ctx_user() and r.built_in = 'owner' and ra.scope = ''
      and (ra.expires_at is null or ra.expires_at > now()))
$$;

-- Name, description and icon of the tenant at work; the master keeps its name. `taken`: a living tenant has the name.
create function wall.organization_update(p_name text, p_description text, p_icon text) returns text language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare t uuid := wall.ctx_writer();
begin
  if t is null then raise exception 'no context' using errcode = '42501'; end if;
  if exists (select 1 from public.tenant x where lower(x.name) = lower(p_name) and x.status <> 'deleted' and x.id <> t) then return 'taken'; end if;
  update public.tenant set description = p_description, icon = p_icon, updated_at = now(),
    name = case when id = '00000000-0000-4000-8000-000000000001' then name else p_name end
  where id = t;
  return 'ok';
exception when unique_violation then return 'taken';
end $$;

-- Deletes the tenant at work, softly, as its owner: as the master does (tenants.lifecycle.service). The row of the master's log is written here, which
-- a subtenant cannot. Returns what became of it; null: not by this person.
create function wall.organization_delete(p_restore_days int, p_rest_days int, p_ip text, p_request text) returns jsonb language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  t public.tenant;
  u public.user_account;
  returned int;
  ended int;
begin
  if not wall.ctx_owns() then return null; end if;
  update public.tenant set status = 'deleted', deleted_at = now(), purge_after = now() + make_interval(days => p_restore_days), updated_at = now()
  where id = wall.ctx_writer() and id <> master and status = 'active' returning * into t;
  if not found then return null; end if;
  delete from public.slug_rest where slug = t.slug;
  insert into public.slug_rest (slug, tenant_id, until) values (t.slug, t.id, now() + make_interval(days => p_rest_days));
  update public.resource set assigned_id = master, updated_at = now() where assigned_id = t.id and owner_id = master;
  get diagnostics returned = row_count;
  update public.session set revoked_at = now() where tenant_id = t.id and revoked_at is null;
  get diagnostics ended = row_count;
  select * into u from public.user_account where id = wall.ctx_user();
  perform wall.audit_insert(array[master], u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'organization.delete',
    'targetKind', 'tenant', 'targetId', t.id, 'targetName', t.name, 'ip', p_ip, 'requestId', p_request, 'before', jsonb_build_object('status', 'active'),
    'after', jsonb_build_object('status', 'deleted', 'purgeAfter', t.purge_after, 'resourcesReturned', returned, 'sessionsEnded', ended)));
  return jsonb_build_object('returned', returned, 'ended', ended);
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
grant execute on function wall.organization_update(text, text, text) to freehold_tenant, freehold_master;
grant execute on function wall.organization_delete(int, int, text, text) to freehold_tenant;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
