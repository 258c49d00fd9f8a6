-- Invitations: a person is asked into a tenant by mail. In the master tenant: as a parent-level user (PRODUCT, "parent-level user").

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN     "default_role_id" UUID;

-- CreateTable
CREATE TABLE "invitation" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "gives_role_id" UUID,
    "token_hash" BYTEA NOT NULL,
    "outcome" TEXT,
    "sends" INTEGER NOT NULL DEFAULT 1,
    "invited_by" UUID,
    "invited_by_name" TEXT NOT NULL,
    "accepted_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- CreateIndex
CREATE INDEX "invitation_tenant_id_created_at_id_idx" ON "invitation"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "invitation_email_idx" ON "invitation"("email");

-- CreateIndex
CREATE INDEX "invitation_created_at_id_idx" ON "invitation"("created_at", "id");

-- AddForeignKey
ALTER TABLE "tenant" ADD CONSTRAINT "tenant_default_role_id_fkey" FOREIGN KEY ("default_role_id") REFERENCES "user_role"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table invitation
  add constraint invitation_outcome_check check (outcome in ('accepted', 'declined', 'revoked')),
  add constraint invitation_ended_check check ((outcome is null) = (ended_at is null)),
  add constraint invitation_email_check check (email = lower(email) and length(email) between 3 and 254 and email !~ '[[:cntrl:][:space:],;<>"\\]');
-- One at a time for an address and tenant: the newest mail is the one whose link works.
create unique index invitation_pending_key on invitation (tenant_id, email) where outcome is null;
-- The master's list of those that wait begins from it.
create index invitation_waiting_idx on invitation (created_at, id) where outcome is null;

alter table invitation enable row level security, force row level security;
grant select, insert, update, delete on invitation to freehold_definer;
create policy invitation_definer_select on invitation for select to freehold_definer using (true);
create policy invitation_definer_insert on invitation for insert to freehold_definer with check (true);
create policy invitation_definer_update on invitation for update to freehold_definer using (true) with check (true);
create policy invitation_definer_delete on invitation for delete to freehold_definer using (true);

grant select (id, tenant_id, email, gives_role_id, outcome, sends, invited_by, invited_by_name, accepted_by, created_at, expires_at, ended_at) on invitation
  to freehold_tenant, freehold_master;
create policy invitation_select on invitation for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (id, tenant_id, email, gives_role_id, token_hash, sends, invited_by, invited_by_name, expires_at) on invitation to freehold_tenant, freehold_master;
-- With a role of the tenant, or a template of the master in a subtenant.
create policy invitation_insert on invitation for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people()) and outcome is null
    and (gives_role_id is null or exists (select 1 from user_role r where r.id = invitation.gives_role_id
      and (r.tenant_id = invitation.tenant_id or (r.multi_tenant and invitation.tenant_id <> r.tenant_id)))));
grant update (gives_role_id, outcome, ended_at) on invitation to freehold_tenant, freehold_master;
-- What has ended stays so; only who was asked accepts or declines.
create policy invitation_update on invitation for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people()) and outcome is null)
  with check (tenant_id = (select wall.ctx_people()) and coalesce(outcome, 'revoked') = 'revoked'
    and (gives_role_id is null or exists (select 1 from user_role r where r.id = invitation.gives_role_id
      and (r.tenant_id = invitation.tenant_id or (r.multi_tenant and invitation.tenant_id <> r.tenant_id)))));

-- The role that people get in a tenant who are invited without one: what the tenant says, else Viewer; in the master Support.
create function wall.default_role(p_tenant uuid) returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(t.default_role_id, (select r.id from public.user_role r
    where r.built_in = case when t.id = '00000000-0000-4000-8000-000000000001' then 'support' else 'viewer' end))
  from public.tenant t where t.id = p_tenant
$$;

-- The same for the tenant at work.
create function wall.ctx_default_role() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select wall.default_role(wall.ctx_tenant())
$$;

-- Says which role that is. False: it is none of the tenant's.
create function wall.default_role_set(p_role uuid) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tenant t set default_role_id = p_role, updated_at = now()
  where t.id = wall.ctx_people() and exists (select 1 from public.user_role r where r.id = p_role
    and (r.tenant_id = t.id or (r.multi_tenant and t.id <> r.tenant_id)));
  return found;
end $$;

-- The role that an invitation gives now; null where the one that it named is gone.
create function wall.invitation_role(i public.invitation) returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select r.id from public.user_role r
  where r.id = coalesce(i.gives_role_id, wall.default_role(i.tenant_id))
    and (r.tenant_id = i.tenant_id or (r.multi_tenant and i.tenant_id <> r.tenant_id))
$$;

-- A live invitation by its token, on the host of its tenant only; no row for any other.
create function wall.invitation_live(p_token bytea, p_slug text) returns setof public.invitation language sql stable set search_path = pg_catalog, pg_temp as $$
  select i.* from public.invitation i join public.tenant t on t.id = i.tenant_id
  where i.token_hash = p_token and i.outcome is null and i.expires_at > now() and t.slug = p_slug and t.status = 'active'
    and wall.invitation_role(i) is not null
$$;

-- What whoever holds the link is asked: by whom, into which tenants. Accepting one accepts all that wait for the address.
create function wall.invitation_look(p_token bytea, p_slug text) returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('email', i.email, 'by', i.invited_by_name, 'expiresAt', i.expires_at, 'tenants', (
    select jsonb_agg(jsonb_build_object('name', t.name, 'icon', t.icon, 'id', t.id, 'role', r.name, 'here', o.id = i.id)
      order by (o.id = i.id) desc, t.name)
    from public.invitation o
    join public.tenant t on t.id = o.tenant_id and t.status = 'active'
    join public.user_role r on r.id = wall.invitation_role(o)
    where o.email = i.email and o.outcome is null and o.expires_at > now()))
  from wall.invitation_live(p_token, p_slug) i
$$;

create function wall.invitation_decline(p_token bytea, p_slug text, p_request text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare i public.invitation;
begin
  update public.invitation set outcome = 'declined', ended_at = now()
  where id = (select x.id from wall.invitation_live(p_token, p_slug) x) and outcome is null returning * into i;
  if not found then return false; end if;
  perform wall.audit_insert(array[i.tenant_id], null, i.email, null, jsonb_build_object('event', 'invitation.decline', 'targetKind', 'invitation',
    'targetId', i.id, 'targetName', i.email, 'requestId', p_request));
  return true;
end $$;

-- Accepts: every pending invitation of the address, once, whoever comes first. `p_user`: the new account (username, firstName, lastName), homed in
-- the master where one of them is the master's, else in the tenant of this one; null: `p_existing` accepts, whose password was just checked.
-- The address of a new account is known to be its owner's: the link came by mail (`email_verified_at`, 20261128125000).
-- Answers `code`: ok | gone | taken (the username) | other (the account has another address) | member, and for ok who signs in where.
create function wall.invitation_accept(p_token bytea, p_slug text, p_user jsonb, p_hash text, p_existing uuid, p_ip text, p_request text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  i public.invitation;
  o public.invitation;
  u public.user_account;
  home public.tenant;
  n int := 0;
begin
  select * into i from wall.invitation_live(p_token, p_slug);
  if not found then return jsonb_build_object('code', 'gone'); end if;
  -- Two links to one address at once: one after the other.
  perform pg_advisory_xact_lock(hashtextextended('freehold.invitation.' || i.email, 20261128));
  select * into i from wall.invitation_live(p_token, p_slug);
  if not found then return jsonb_build_object('code', 'gone'); end if;

  if p_user is null then
    select a.* into u from public.user_account a join public.tenant h on h.id = a.home_tenant_id
    where a.id = p_existing and a.status = 'active' and h.status = 'active';
    if not found then return jsonb_build_object('code', 'gone'); end if;
    if lower(u.email) <> i.email then return jsonb_build_object('code', 'other'); end if;
    -- An account does not change its level by an invitation; a person does not become a member of where they are at home.
    if i.tenant_id = master and not u.parent_level then return jsonb_build_object('code', 'member'); end if;
  else
    select * into home from public.tenant t where t.id = case when exists (select 1 from public.invitation x where x.email = i.email
      and x.outcome is null and x.expires_at > now() and x.tenant_id = master and wall.invitation_role(x) is not null) then master else i.tenant_id end;
    begin
      insert into public.user_account (home_tenant_id, username, email, first_name, last_name, parent_level, email_verified_at)
      values (home.id, p_user ->> 'username', i.email, coalesce(p_user ->> 'firstName', ''), coalesce(p_user ->> 'lastName', ''), home.id = master, now())
      returning * into u;
    exception when unique_violation then
      return jsonb_build_object('code', 'taken');
    end;
    insert into public.user_credential (user_id, tenant_id, password_hash) values (u.id, home.id, p_hash);
  end if;

  for o in select x.* from public.invitation x join public.tenant t on t.id = x.tenant_id and t.status = 'active'
    where x.email = i.email and x.outcome is null and x.expires_at > now() and wall.invitation_role(x) is not null
      and (x.tenant_id <> master or u.parent_level) order by x.tenant_id loop
    perform pg_advisory_xact_lock_shared(wall.lock_key(o.tenant_id));
    -- Read again under the lock: a revocation that was under way is over now.
    select * into o from public.invitation x where x.id = o.id and x.outcome is null and wall.invitation_role(x) is not null for update;
    continue when not found;
    update public.invitation set outcome = 'accepted', ended_at = now(), accepted_by = u.id where id = o.id;
    -- Who reaches every tenant anyway is a member of none; who is a member already keeps what they have.
    if not u.parent_level or o.tenant_id = u.home_tenant_id then
      insert into public.membership (tenant_id, user_id) values (o.tenant_id, u.id) on conflict do nothing;
      if found then
        insert into public.role_assignment (tenant_id, user_id, role_id, created_by) values (o.tenant_id, u.id, wall.invitation_role(o), o.invited_by);
      end if;
    end if;
    perform wall.audit_insert(array[o.tenant_id], u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'invitation.accept',
      'targetKind', 'user', 'targetId', u.id, 'targetName', u.username, 'ip', p_ip, 'requestId', p_request,
      'after', jsonb_build_object('email', o.email, 'role', (select r.name from public.user_role r where r.id = wall.invitation_role(o)))));
    n := n + 1;
  end loop;
  -- The one that was clicked went away meanwhile: nothing of the account stays.
  if not exists (select 1 from public.invitation x where x.id = i.id and x.outcome = 'accepted') then
    raise exception 'gone' using errcode = 'P0002';
  end if;
  select * into home from public.tenant t where t.id = u.home_tenant_id;
  return jsonb_build_object('code', 'ok', 'userId', u.id, 'homeId', home.id, 'homeSlug', home.slug, 'username', u.username, 'accepted', n);
end $$;

-- All invitations, for the master -----------------------------------------------------------------------------------------

-- The conditions of the two below, of those filters that are set: constants all, about the parameters $1 to $5 ($4 is none of them).
create function wall.invitations_filter(p_ids uuid[], p_search text, p_status text[], p_levels text[], p_tenants uuid[]) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select concat_ws(' and ', 't.status <> ''deleted'' and i.created_at > now() - interval ''90 days''', case when cardinality(p_ids) > 0 then 'i.id = any ($1)' end,
    case when p_search <> '%%' then 'i.email ilike $2' end,
    -- Those that wait have an index of their own.
    case when p_status <@ array['pending', 'expired'] and cardinality(p_status) > 0 then 'i.outcome is null' end,
    case when cardinality(p_status) > 0 then 'coalesce(i.outcome, case when i.expires_at <= now() then ''expired'' else ''pending'' end) = any ($3)' end,
    case when 'parent' = any (p_levels) and not 'tenant' = any (p_levels) then 'i.tenant_id = ''00000000-0000-4000-8000-000000000001''' end,
    case when 'tenant' = any (p_levels) and not 'parent' = any (p_levels) then 'i.tenant_id <> ''00000000-0000-4000-8000-000000000001''' end,
    case when cardinality(p_tenants) > 0 then 'i.tenant_id = any ($5)' end)
$$;

-- A page of the invitations of all tenants of the last 90 days, the master's among them, or those of p_ids; nothing of their links. p_key, p_id: of
-- the one that it begins after; p_desc: the newest first. `role_name`: of the role that it gives now, the tenant's default where it names none.
create function wall.invitations_list(p_ids uuid[], p_search text, p_status text[], p_levels text[], p_tenants uuid[], p_desc boolean, p_key timestamptz,
  p_id uuid, p_limit int)
returns table (id uuid, tenant_id uuid, tenant_name text, tenant_slug text, tenant_status text, email text, role_id uuid, role_name text, outcome text,
  expired boolean, sends int, invited_by_name text, created_at timestamptz, expires_at timestamptz, ended_at timestamptz, role_built_in text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not wall.ctx_is_master() then raise exception 'master only' using errcode = '42501'; end if;
  return query execute format($q$
    select p.id, p.tenant_id, p.name, p.slug, p.status, p.email, p.gives_role_id, g.name,
      p.outcome, p.expires_at <= now(), p.sends, p.invited_by_name, p.created_at, p.expires_at, p.ended_at, g.built_in
    from (select i.*, t.name, t.slug, t.status, t.default_role_id from public.invitation i join public.tenant t on t.id = i.tenant_id
      where %1$s and ($6 is null or (i.created_at, i.id) %2$s ($6, $7)) order by i.created_at %3$s, i.id %3$s limit $8) p
    -- As wall.default_role, whose built-in roles are looked up once for the page instead of once a row.
    left join public.user_role g on g.id = coalesce(p.gives_role_id, p.default_role_id,
      case when p.tenant_id = '00000000-0000-4000-8000-000000000001' then (select b.id from public.user_role b where b.built_in = 'support')
        else (select b.id from public.user_role b where b.built_in = 'viewer') end)
    order by p.created_at %3$s, p.id %3$s
    $q$, wall.invitations_filter(p_ids, p_search, p_status, p_levels, p_tenants), case when p_desc then '<' else '>' end,
    case when p_desc then 'desc' else 'asc' end)
  using p_ids, p_search, p_status, p_levels, p_tenants, p_key, p_id, p_limit;
end $$;

-- How many there are; stops at p_most.
create function wall.invitations_count(p_search text, p_status text[], p_levels text[], p_tenants uuid[], p_most int) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare n bigint;
begin
  if not wall.ctx_is_master() then raise exception 'master only' using errcode = '42501'; end if;
  execute format('select count(*) from (select 1 from public.invitation i join public.tenant t on t.id = i.tenant_id where %s limit $6) x',
    wall.invitations_filter(null, p_search, p_status, p_levels, p_tenants)) into n using null::uuid[], p_search, p_status, p_levels, p_tenants, p_most;
  return n;
end $$;

-- Takes pending invitations into subtenants back, where the address is invited at parent level instead: one act of the master's, in one transaction
-- with the new invitation and under the locks of those tenants. Returns those that were pending still.
create function wall.invitations_take_back(p_ids uuid[]) returns setof uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (wall.ctx()).mode is distinct from 'user' or not wall.ctx_is_master() then raise exception 'master only' using errcode = '42501'; end if;
  return query update public.invitation i set outcome = 'revoked', ended_at = now()
    where i.id = any (p_ids) and i.tenant_id <> '00000000-0000-4000-8000-000000000001' and i.outcome is null returning i.id;
end $$;

-- As rate_hit for p_hits at once: counted where they all fit into the window, else not at all.
create function wall.rate_hits(p_bucket text, p_window int, p_limit int, p_hits int) returns int language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare w timestamptz := to_timestamp(floor(extract(epoch from now()) / p_window) * p_window);
begin
  insert into public.rate_limit as r (bucket, window_start, hits) select left(p_bucket, 200), w, p_hits where p_hits <= p_limit
  on conflict (bucket, window_start) do update set hits = r.hits + excluded.hits where r.hits + excluded.hits <= p_limit;
  if found then return 0; end if;
  return greatest(1, ceil(extract(epoch from w + make_interval(secs => p_window) - now()))::int);
end $$;

-- Ended ones are forgotten after 90 days.
create function wall.invitations_purge() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.invitation where created_at < now() - interval '90 days'
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
grant execute on function wall.ctx_default_role(), wall.default_role_set(uuid) to freehold_tenant, freehold_master;
grant execute on function wall.invitation_look(bytea, text), wall.invitation_decline(bytea, text, text),
  wall.invitation_accept(bytea, text, jsonb, text, uuid, text, text), wall.invitations_purge(),
  wall.rate_hits(text, int, int, int) to freehold_system;
grant execute on function wall.invitations_list(uuid[], text, text[], text[], uuid[], boolean, timestamptz, uuid, int),
  wall.invitations_count(text, text[], text[], uuid[], int), wall.invitations_take_back(uuid[]) to freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
