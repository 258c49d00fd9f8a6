-- Parameters that machines inherit from profiles, and what boots them (docs/decisions/0012).

-- Whether a tenant may use a resource of a kind that stands in no cloud, for what happens without a person: what it owns and has
-- not given away, is assigned, is offered to all, or was granted. Null for nobody's resource.
create function wall.tenant_uses(p_tenant uuid, p_resource uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.resource r join public.tenant t on t.id = p_tenant and t.status = 'active' where r.id = p_resource and (
    r.assigned_id = p_tenant
    or r.visibility = 'public' and r.cloud_id is null
    or exists (select 1 from public.access_grant g where g.resource_id = r.id and g.tenant_id = p_tenant and g.status = 'live'
      and (g.expires_at is null or g.expires_at > now()))
    or r.assigned_id = r.owner_id and exists (select 1 from public.access_grant_all a where a.kind = r.kind and a.owner_id = r.owner_id
      and a.tenant_id = p_tenant and a.status = 'live' and (a.expires_at is null or a.expires_at > now()))))
$$;

-- What a machine's parameters come to: its own beat those of its profiles, of which the first that sets one wins. A profile that
-- the machine's owner may not use any more gives nothing.
create function wall.effective_parameters(p_resource uuid) returns table (name text, value text, profile_id uuid) language sql stable
security definer set search_path = pg_catalog, pg_temp as $$
  select distinct on (e.key) e.key, e.value, s.profile from (
    select 0 as position, null::uuid as profile, r.spec -> 'params' as params from public.resource r where r.id = p_resource
    union all
    select l.position, p.id, p.spec -> 'params'
    from public.resource_link l join public.resource r on r.id = l.resource_id
    join public.resource p on p.id = l.target_id and p.kind = 'profile'
    where l.resource_id = p_resource and l.field = 'profiles' and wall.tenant_uses(r.owner_id, p.id)) s
  cross join lateral jsonb_each_text(case when jsonb_typeof(s.params) = 'object' then s.params else '{}' end) e
  order by e.key, s.position, s.profile
$$;

-- The same for who looks at the machine: where a value comes from a profile that they do not see, it is withheld, and its name too.
create function wall.ctx_parameters(p_resource uuid) returns table (name text, value text, profile_id uuid) language sql stable
security definer set search_path = pg_catalog, pg_temp as $$
  select case when e.profile_id is null or wall.ctx_sees(e.profile_id) then e.name end,
    case when e.profile_id is null or wall.ctx_sees(e.profile_id) then e.value end,
    case when wall.ctx_sees(e.profile_id) then e.profile_id end
  from wall.effective_parameters(p_resource) e where wall.ctx_sees(p_resource)
$$;

-- What a signed address of a boot environment renders, for the tenant whose host name is asked: null where the tenant does not use it
-- (any more), or the machine is not its own or boots another one. Its machine's parameters beat the environment's.
create function wall.boot_source(p_slug text, p_environment uuid, p_machine uuid) returns jsonb language sql stable
security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('name', b.name, 'spec', b.spec, 'machine', m.name, 'params',
    coalesce(case when jsonb_typeof(b.spec -> 'params') = 'object' then b.spec -> 'params' end, '{}')
      || coalesce((select jsonb_object_agg(e.name, e.value) from wall.effective_parameters(m.id) e), '{}'))
  from public.tenant t
  join public.resource b on b.id = p_environment and b.kind = 'boot_environment' and wall.tenant_uses(t.id, b.id)
  left join public.resource m on m.id = p_machine and m.kind = 'bare_metal' and t.id in (m.owner_id, m.assigned_id)
    and exists (select 1 from public.resource_link l where l.resource_id = m.id and l.field = 'bootEnvironment' and l.target_id = b.id)
  where t.slug = p_slug and t.status = 'active' and (p_machine is null or m.id is not null)
$$;

-- As before; with the parameters of the machine.
set local role freehold_definer;
drop function wall.agent_report(bytea, bigint, text, text, jsonb, bytea);
create function wall.agent_report(p_token bytea, p_seq bigint, p_machine text, p_boot text, p_facts jsonb, p_next bytea)
returns table (code text, seq bigint, rotated boolean, host uuid, params jsonb) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.agent_credential;
  st public.resource_state;
  assigned text;
  owned text;
begin
  select * into c from public.agent_credential a where a.token_hash = p_token or a.next_token_hash = p_token for update;
  if not found then return query select 'unknown', 0::bigint, false, null::uuid, null::jsonb; return; end if;
  if c.resource_id is null then return query select 'uninstall', c.seq, false, null::uuid, null::jsonb; return; end if;
  select ta.status, tow.status into assigned, owned from public.resource r join public.tenant ta on ta.id = r.assigned_id
    join public.tenant tow on tow.id = r.owner_id where r.id = c.resource_id;
  -- Deleted with its owner. One that only used it: the owner's agent waits, refused, until it is assigned anew.
  if owned = 'deleted' then return query select 'uninstall', c.seq, false, null::uuid, null::jsonb; return; end if;
  if assigned <> 'active' or owned <> 'active' then return query select 'refused', c.seq, false, null::uuid, null::jsonb; return; end if;
  select * into st from public.resource_state x where x.resource_id = c.resource_id for update;
  if c.machine_id <> p_machine or (c.prev_boot_id <> '' and p_boot = c.prev_boot_id) then
    if st.conflict_at is null then
      update public.resource_state x set conflict_at = now(), updated_at = now() where x.resource_id = c.resource_id;
      perform wall.audit_insert(array(select distinct z from public.resource r, unnest(array[r.owner_id, r.assigned_id]) z where r.id = c.resource_id), null, 'agent', null,
        jsonb_build_object('event', 'host.credential_conflict', 'targetKind', 'host', 'targetId', c.resource_id, 'result', 'denied',
          'reason', 'Two machines report with one credential'));
    end if;
    return query select 'conflict', c.seq, false, null::uuid, null::jsonb; return;
  end if;
  if st.conflict_at is not null then return query select 'conflict', c.seq, false, null::uuid, null::jsonb; return; end if;
  if p_seq <= c.seq then return query select 'replay', c.seq, false, null::uuid, null::jsonb; return; end if;
  if st.last_seen_at > clock_timestamp() - interval '900 milliseconds' then return query select 'slow', c.seq, false, null::uuid, null::jsonb; return; end if;
  rotated := c.token_hash = p_token and c.rotated_at < now() - interval '24 hours';
  update public.agent_credential a set seq = p_seq,
    prev_boot_id = case when p_boot not in ('', a.boot_id) then a.boot_id else a.prev_boot_id end,
    boot_id = case when p_boot = '' then a.boot_id else p_boot end,
    token_hash = p_token,
    next_token_hash = case when a.next_token_hash = p_token then null when rotated then p_next else a.next_token_hash end,
    rotated_at = case when a.next_token_hash = p_token then now() else a.rotated_at end
  where a.id = c.id;
  update public.resource_state x set status = 'online', last_seen_at = clock_timestamp(), facts = p_facts, updated_at = now() where x.resource_id = c.resource_id;
  return query select 'ok', p_seq, rotated, c.resource_id,
    (select coalesce(jsonb_object_agg(e.name, e.value), '{}') from wall.effective_parameters(c.resource_id) e);
end $$;
revoke all on function wall.agent_report(bytea, bigint, text, text, jsonb, bytea) from public;
grant execute on function wall.agent_report(bytea, bigint, text, text, jsonb, bytea) to freehold_system;
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
grant execute on function wall.ctx_parameters(uuid) to freehold_tenant, freehold_master;
grant execute on function wall.boot_source(text, uuid, uuid) to freehold_system;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
