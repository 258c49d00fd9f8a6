-- What invitations, switching, impersonation, levels and second factors have to say to each other.

-- Where the home of an account moves, what was sealed for it or made on its old host is worth nothing: it begins without.
create function wall.home_moved() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.user_totp where user_id = new.id;
  delete from public.user_recovery_code where user_id = new.id;
  delete from public.user_passkey where user_id = new.id;
  delete from public.user_machine_login where user_id = new.id;
  delete from public.account_link where user_id = new.id;
  delete from public.user_identity where user_id = new.id;
  delete from public.scim_user where user_id = new.id;
  return new;
end $$;
create trigger user_account_home_moved before update of home_tenant_id on user_account for each row
  when (old.home_tenant_id is distinct from new.home_tenant_id) execute function wall.home_moved();

-- Whether somebody has no second factor where home or tenant ask for one: they set it up at the sign-in, and nowhere else.
create function wall.lacks_factor(p_user uuid, p_tenant uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u where u.id = p_user and (wall.policy_of(array[u.home_tenant_id, p_tenant])).second_factor = 'all'
    and not exists (select 1 from public.user_totp f where f.user_id = u.id) and not exists (select 1 from public.user_passkey k where k.user_id = u.id))
$$;

set local role freehold_definer;

-- As before, and not by whoever acts as somebody.
create or replace function wall.switch_origin(p_token bytea, p_from text, p_to uuid) returns public.session language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select s from public.session s join public.tenant f on f.id = s.tenant_id
  where s.token_hash = p_token and f.slug = p_from and s.revoked_at is null and s.impersonation_id is null and s.idle_expires_at > now() and s.absolute_expires_at > now()
    and not exists (select 1 from public.user_credential c where c.user_id = s.user_id and c.must_change)
    and wall.may_enter(s.user_id, s.tenant_id) and wall.may_enter(s.user_id, p_to)
$$;

-- As before, but for a union from an impersonation.
create or replace function wall.ctx() returns wall.ctx_t language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  raw text := current_setting('wall.ctx', true);
  msg text;
  part text[];
  k wall.ctx_key;
begin
  if raw is null or raw = '' then return null; end if;
  msg := split_part(raw, '.', 1);
  select * into k from wall.ctx_key where id = 1;
  if k.id is null or encode(sha256(k.opad || sha256(k.ipad || convert_to(msg, 'UTF8'))), 'hex') is distinct from substr(raw, length(msg) + 2) then
    raise exception 'bad tenant context' using errcode = '28000';
  end if;
  part := string_to_array(msg, '|');
  -- Who acts as somebody acts in that tenant alone: of the person's other tenants nothing is seen (attack F18).
  if part[2] = 'union' and exists (select 1 from public.session s where s.id = nullif(part[5], '')::uuid and s.impersonation_id is not null) then return null; end if;
  return (part[2], nullif(part[3], '')::uuid, nullif(part[4], '')::uuid, nullif(part[5], '')::uuid)::wall.ctx_t;
end $$;
set local role freehold_owner;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.proowner = 'freehold_owner'::regrole loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to freehold_definer', f);
  end loop;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
