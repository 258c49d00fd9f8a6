-- Identity sources: a tenant's own OpenID Connect provider, SAML identity provider or directory signs its people in (PRODUCT rule 8; attacks C09, C12, C18).

-- CreateTable
CREATE TABLE "identity_source" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "issuer" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "sealed_secret" BYTEA,
    "username_claim" TEXT NOT NULL,
    "email_claim" TEXT NOT NULL,
    "name_claim" TEXT NOT NULL,
    "groups_claim" TEXT NOT NULL,
    "default_role_id" UUID,
    "create_users" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identity_source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identity_role_map" (
    "tenant_id" UUID NOT NULL,
    "source_id" UUID NOT NULL,
    "claim_value" TEXT NOT NULL,
    "role_id" UUID NOT NULL,

    CONSTRAINT "identity_role_map_pkey" PRIMARY KEY ("tenant_id","source_id","claim_value","role_id")
);

-- CreateTable
CREATE TABLE "user_identity" (
    "tenant_id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "source_id" UUID NOT NULL,
    "synced_roles" UUID[],
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_identity_pkey" PRIMARY KEY ("tenant_id","issuer","subject")
);

-- CreateTable
CREATE TABLE "identity_answer" (
    "request_hash" BYTEA NOT NULL,
    "tenant_id" UUID NOT NULL,
    "source_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "identity_answer_pkey" PRIMARY KEY ("request_hash")
);

-- CreateIndex
CREATE UNIQUE INDEX "identity_source_tenant_id_name_key" ON "identity_source"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "identity_source_tenant_id_issuer_key" ON "identity_source"("tenant_id", "issuer");

-- CreateIndex
CREATE UNIQUE INDEX "identity_source_id_tenant_id_key" ON "identity_source"("id", "tenant_id");

-- CreateIndex
CREATE INDEX "identity_source_default_role_id_idx" ON "identity_source"("default_role_id");

-- CreateIndex
CREATE INDEX "identity_role_map_role_id_idx" ON "identity_role_map"("role_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_identity_tenant_id_user_id_key" ON "user_identity"("tenant_id", "user_id");

-- CreateIndex
CREATE INDEX "user_identity_source_id_idx" ON "user_identity"("source_id");

-- CreateIndex
CREATE INDEX "identity_answer_source_id_idx" ON "identity_answer"("source_id");

-- AddForeignKey
ALTER TABLE "identity_source" ADD CONSTRAINT "identity_source_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identity_source" ADD CONSTRAINT "identity_source_default_role_id_fkey" FOREIGN KEY ("default_role_id") REFERENCES "user_role"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identity_role_map" ADD CONSTRAINT "identity_role_map_source_id_tenant_id_fkey" FOREIGN KEY ("source_id", "tenant_id") REFERENCES "identity_source"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identity_role_map" ADD CONSTRAINT "identity_role_map_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "user_role"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identity_answer" ADD CONSTRAINT "identity_answer_source_id_tenant_id_fkey" FOREIGN KEY ("source_id", "tenant_id") REFERENCES "identity_source"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_identity" ADD CONSTRAINT "user_identity_source_id_tenant_id_fkey" FOREIGN KEY ("source_id", "tenant_id") REFERENCES "identity_source"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_identity" ADD CONSTRAINT "user_identity_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table identity_source
  add constraint identity_source_kind_check check (kind in ('oidc', 'saml', 'ldap')),
  add constraint identity_source_name_check check (length(name) between 1 and 60 and name !~ '[[:cntrl:]]'),
  -- An address; an entity id, which may be a URN; a directory and the branch of it where people are.
  add constraint identity_source_issuer_check check (length(issuer) <= 500 and case kind
    when 'oidc' then issuer ~ '^https?://[^[:space:][:cntrl:]?#]+$'
    when 'saml' then issuer ~ '^[A-Za-z][A-Za-z0-9+.-]*:[^[:space:][:cntrl:]]+$'
    else issuer ~ '^ldaps?://[^[:space:][:cntrl:]/?#]+/[^[:cntrl:]]+$' end),
  -- What only this kind has; its shape is the server's to know (server/features/identity/kinds.ts).
  add constraint identity_source_settings_check check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) <= 32768),
  -- A SAML identity provider shares none.
  add constraint identity_source_secret_check check ((sealed_secret is null) = (kind = 'saml'));
alter table identity_role_map
  add constraint identity_role_map_value_check check (length(claim_value) between 1 and 200 and claim_value !~ '[[:cntrl:]]');
alter table user_identity
  add constraint user_identity_subject_check check (length(subject) between 1 and 255);
alter table identity_answer
  add constraint identity_answer_hash_check check (octet_length(request_hash) = 32),
  add constraint identity_answer_sealed_check check (octet_length(sealed) <= 262144);

do $$
declare t text;
begin
  foreach t in array array['identity_source', 'identity_role_map', 'user_identity', 'identity_answer'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on %I to freehold_definer', t);
    execute format('create policy %I on %I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on %I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on %I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on %I for delete to freehold_definer using (true)', t || '_definer_delete', t);
  end loop;
end $$;

-- The secret is put in and replaced, never read back.
grant select (id, tenant_id, kind, name, enabled, issuer, settings, username_claim, email_claim, name_claim, groups_claim, default_role_id,
  create_users, created_at, updated_at) on identity_source to freehold_tenant, freehold_master;
create policy identity_source_select on identity_source for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (id, tenant_id, kind, name, enabled, issuer, settings, sealed_secret, username_claim, email_claim, name_claim, groups_claim,
  default_role_id, create_users) on identity_source to freehold_tenant, freehold_master;
-- With a role of the tenant, or a template of the master in a subtenant.
create policy identity_source_insert on identity_source for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people())
    and (default_role_id is null or exists (select 1 from user_role r where r.id = identity_source.default_role_id
      and (r.tenant_id = identity_source.tenant_id or (r.multi_tenant and identity_source.tenant_id <> r.tenant_id)))));
grant update (name, enabled, issuer, settings, sealed_secret, username_claim, email_claim, name_claim, groups_claim, default_role_id,
  create_users, updated_at) on identity_source to freehold_tenant, freehold_master;
create policy identity_source_update on identity_source for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people()))
  with check (tenant_id = (select wall.ctx_people())
    and (default_role_id is null or exists (select 1 from user_role r where r.id = identity_source.default_role_id
      and (r.tenant_id = identity_source.tenant_id or (r.multi_tenant and identity_source.tenant_id <> r.tenant_id)))));
grant delete on identity_source to freehold_tenant, freehold_master;
create policy identity_source_delete on identity_source for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_people()));

grant select on identity_role_map to freehold_tenant, freehold_master;
create policy identity_role_map_select on identity_role_map for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));
grant insert (tenant_id, source_id, claim_value, role_id), delete on identity_role_map to freehold_tenant, freehold_master;
create policy identity_role_map_insert on identity_role_map for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people())
    and exists (select 1 from user_role r where r.id = identity_role_map.role_id
      and (r.tenant_id = identity_role_map.tenant_id or (r.multi_tenant and identity_role_map.tenant_id <> r.tenant_id))));
create policy identity_role_map_delete on identity_role_map for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_people()));

-- Who comes from which source; written by the sign-in alone.
grant select (tenant_id, user_id, source_id, created_at) on user_identity to freehold_tenant, freehold_master;
create policy user_identity_select on user_identity for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()));

-- The enabled sources of a tenant, by name, for its sign-in page; of a tenant that is none or not active: none. System role only.
create function wall.identity_buttons(p_slug text) returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'kind', s.kind, 'name', s.name) order by s.name), '[]')
  from public.identity_source s join public.tenant t on t.id = s.tenant_id
  where s.enabled and t.slug = p_slug and t.status = 'active'
$$;

-- An enabled source on the host of its own, active tenant; no row otherwise. System role only: the secret is opened to talk to it.
create function wall.identity_source_live(p_source uuid, p_slug text)
returns table (tenant_id uuid, kind text, name text, issuer text, settings jsonb, sealed_secret bytea, username_claim text, email_claim text,
  name_claim text, groups_claim text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.tenant_id, s.kind, s.name, s.issuer, s.settings, s.sealed_secret, s.username_claim, s.email_claim, s.name_claim, s.groups_claim
  from public.identity_source s join public.tenant t on t.id = s.tenant_id
  where s.id = p_source and s.enabled and t.slug = p_slug and t.status = 'active'
$$;

-- The sealed secret of a source of that tenant, also of one that is disabled: a test signs in with it. System role only.
create function wall.identity_sealed(p_source uuid, p_tenant uuid) returns bytea language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.sealed_secret from public.identity_source s where s.id = p_source and s.tenant_id = p_tenant
$$;

-- The role that stands for one in a tenant now: its own copy of a template, if it edited that. Not for callers.
create function wall.identity_role_now(p_tenant uuid, p_role uuid) returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce((select c.id from public.user_role c where c.tenant_id = p_tenant and c.template_id = p_role), p_role)
$$;

-- The roles that a source gives somebody of these groups: of every match, else the default one. Not for callers.
create function wall.identity_roles(s public.identity_source, p_groups text[]) returns uuid[] language sql stable set search_path = pg_catalog, pg_temp as $$
  with own as (select r.id from public.user_role r where r.tenant_id = s.tenant_id or (r.multi_tenant and s.tenant_id <> r.tenant_id)),
    matched as (select distinct wall.identity_role_now(s.tenant_id, m.role_id) as id from public.identity_role_map m join own on own.id = m.role_id
      where m.source_id = s.id and m.claim_value = any (p_groups))
  select coalesce((select array_agg(id order by id) from matched), (select array_agg(wall.identity_role_now(s.tenant_id, own.id)) from own where own.id = s.default_role_id), '{}')
$$;

-- Somebody whom the source has proved. Who they are here is said by tenant, issuer and subject alone: never by a name or an address (attacks C09, C18).
-- Gives the roles of now, takes those that the source gave before; what an administrator gave stays. The last owner keeps their role.
-- `p_person`: username (null: none fit for one), email, firstName, lastName (null: not told). Answers `code`: ok | closed | disabled | unknown |
-- no_role | no_username | taken, and for ok who it is.
create function wall.identity_sign_in(p_source uuid, p_slug text, p_issuer text, p_subject text, p_person jsonb, p_groups text[], p_ip text, p_request text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  s public.identity_source;
  i public.user_identity;
  u public.user_account;
  was public.user_account;
  wanted uuid[];
  lost uuid[] := '{}';
  given uuid[];
  fresh boolean := false;
  n int := 0;
begin
  select x.* into s from public.identity_source x join public.tenant t on t.id = x.tenant_id
  where x.id = p_source and x.enabled and x.issuer = p_issuer and t.slug = p_slug and t.status = 'active';
  if not found then return jsonb_build_object('code', 'closed'); end if;
  -- Two first sign-ins of one person: one after the other.
  perform pg_advisory_xact_lock(hashtextextended(concat_ws('|', 'freehold.identity', s.tenant_id, p_issuer, p_subject), 20261128));
  select x.* into i from public.user_identity x where x.tenant_id = s.tenant_id and x.issuer = p_issuer and x.subject = p_subject;
  -- Whom a SCIM connection provisions has name and roles from there: the source proves who they are, no more.
  if exists (select 1 from public.scim_user p where p.tenant_id = s.tenant_id and p.user_id = i.user_id) then
    select a.* into u from public.user_account a where a.id = i.user_id;
    if u.status <> 'active' then return jsonb_build_object('code', 'disabled'); end if;
    return jsonb_build_object('code', 'ok', 'tenantId', s.tenant_id, 'userId', u.id, 'username', u.username);
  end if;
  -- What takes rights away waits for writes under way; the master's people have their roles everywhere.
  if exists (select 1 from unnest(i.synced_roles) r where wall.identity_role_now(s.tenant_id, r) <> all (wall.identity_roles(s, p_groups))) then
    perform pg_advisory_xact_lock(wall.lock_key(s.tenant_id));
    if s.tenant_id = '00000000-0000-4000-8000-000000000001' then
      perform pg_advisory_xact_lock(wall.lock_key('00000000-0000-4000-8000-0000000000ff'));
    end if;
  else
    perform pg_advisory_xact_lock_shared(wall.lock_key(s.tenant_id));
  end if;
  select x.* into s from public.identity_source x join public.tenant t on t.id = x.tenant_id
  where x.id = p_source and x.enabled and x.issuer = p_issuer and t.slug = p_slug and t.status = 'active';
  if not found then return jsonb_build_object('code', 'closed'); end if;
  wanted := wall.identity_roles(s, p_groups);

  if i.user_id is null then
    if not s.create_users then return jsonb_build_object('code', 'unknown'); end if;
    if wanted = '{}' then return jsonb_build_object('code', 'no_role'); end if;
    if p_person ->> 'username' is null then return jsonb_build_object('code', 'no_username'); end if;
    begin
      insert into public.user_account (home_tenant_id, username, email, first_name, last_name)
      values (s.tenant_id, p_person ->> 'username', coalesce(p_person ->> 'email', ''), coalesce(p_person ->> 'firstName', ''),
        coalesce(p_person ->> 'lastName', ''))
      returning * into u;
    exception when unique_violation then
      return jsonb_build_object('code', 'taken');
    end;
    fresh := true;
    insert into public.membership (tenant_id, user_id) values (s.tenant_id, u.id);
    insert into public.user_identity (tenant_id, issuer, subject, user_id, source_id, synced_roles)
    values (s.tenant_id, p_issuer, p_subject, u.id, s.id, '{}') returning * into i;
  else
    select a.* into was from public.user_account a where a.id = i.user_id;
    if was.status <> 'active' then return jsonb_build_object('code', 'disabled'); end if;
    update public.user_account a set email = coalesce(p_person ->> 'email', a.email), first_name = coalesce(p_person ->> 'firstName', a.first_name),
      last_name = coalesce(p_person ->> 'lastName', a.last_name), updated_at = now()
    where a.id = i.user_id and (a.email, a.first_name, a.last_name) is distinct from (coalesce(p_person ->> 'email', a.email),
      coalesce(p_person ->> 'firstName', a.first_name), coalesce(p_person ->> 'lastName', a.last_name));
    select a.* into u from public.user_account a where a.id = i.user_id;
  end if;

  -- A tenant keeps its last owner, whatever the source says.
  select coalesce(array_agg(r.id), '{}') into lost from public.user_role r
  where r.id = any (array(select wall.identity_role_now(s.tenant_id, x) from unnest(i.synced_roles) x)) and r.id <> all (wanted)
    and (coalesce(r.built_in, '') not in ('owner', 'super_admin') or exists (select 1 from public.role_assignment o
      join public.user_account a on a.id = o.user_id join public.tenant h on h.id = a.home_tenant_id and (h.status = 'active' or h.id = o.tenant_id)
      where o.tenant_id = s.tenant_id and o.role_id = r.id and o.user_id <> u.id and o.scope = ''
        and a.status = 'active' and (o.expires_at is null or o.expires_at > now())));
  delete from public.role_assignment where tenant_id = s.tenant_id and user_id = u.id and scope = '' and role_id = any (lost);
  with put as (
    insert into public.role_assignment (tenant_id, user_id, role_id) select s.tenant_id, u.id, w from unnest(wanted) w
    on conflict (tenant_id, user_id, role_id, scope) do nothing returning role_id)
  select coalesce(array_agg(role_id), '{}') into given from put;
  update public.user_identity set source_id = s.id,
    -- By the template that a copy is of: they are the same role, whether the tenant edits it or takes the edit back.
    synced_roles = array(select x from unnest(i.synced_roles) x where wall.identity_role_now(s.tenant_id, x) <> all (lost)
      union select coalesce(r.template_id, r.id) from public.user_role r where r.id = any (given))
  where tenant_id = s.tenant_id and issuer = p_issuer and subject = p_subject;
  if lost <> '{}' then
    update public.session set revoked_at = now() where user_id = u.id and revoked_at is null;
    get diagnostics n = row_count;
  end if;
  if fresh or lost <> '{}' or given <> '{}' or (was.email, was.first_name, was.last_name) is distinct from (u.email, u.first_name, u.last_name) then
    perform wall.audit_insert(array[s.tenant_id], u.id, wall.person(u), u.home_tenant_id, jsonb_build_object('event', 'user.sync', 'targetKind', 'user',
      'targetId', u.id, 'targetName', u.username, 'ip', p_ip, 'requestId', p_request,
      'before', case when not fresh then jsonb_build_object('email', was.email, 'firstName', was.first_name, 'lastName', was.last_name) end,
      'after', jsonb_build_object('source', s.name, 'created', fresh, 'email', u.email, 'firstName', u.first_name, 'lastName', u.last_name,
        'rolesGiven', array(select r.name from public.user_role r where r.id = any (given) order by r.name),
        'rolesTaken', array(select r.name from public.user_role r where r.id = any (lost) order by r.name), 'sessionsEnded', n)));
  end if;
  if wanted = '{}' then return jsonb_build_object('code', 'no_role'); end if;
  return jsonb_build_object('code', 'ok', 'tenantId', s.tenant_id, 'userId', u.id, 'username', u.username);
end $$;

-- The session of somebody whom a source proved, now or before their second step: where the source is still enabled, and theirs. Null: not any more.
create function wall.identity_session(p_tenant uuid, p_user uuid, p_token bytea, p_ip text, p_agent text, p_request text, p_changed bigint, p_source uuid)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- Whoever disables or deletes the source waits for this session and ends it, or was before.
  perform pg_advisory_xact_lock_shared(wall.lock_key(p_tenant));
  perform 1 from public.identity_source s join public.user_identity i on i.source_id = s.id and i.tenant_id = s.tenant_id
  where s.id = p_source and s.tenant_id = p_tenant and s.enabled and i.user_id = p_user;
  if not found then return null; end if;
  return wall.session_create(p_tenant, p_user, p_token, p_ip, p_agent, p_request, p_changed);
end $$;

-- Keeps what a source proved, until the browser comes for it that asked: the answer comes as a POST from another site, which has no cookie of
-- ours with it. The first answer to a request counts. True: it is kept. System role only.
create function wall.identity_answer_keep(p_request bytea, p_source uuid, p_slug text, p_sealed bytea) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.identity_answer where expires_at < now();
  insert into public.identity_answer (request_hash, tenant_id, source_id, sealed, expires_at)
  select p_request, s.tenant_id, s.id, p_sealed, now() + interval '2 minutes' from public.identity_source s join public.tenant t on t.id = s.tenant_id
  where s.id = p_source and s.enabled and t.slug = p_slug and t.status = 'active'
  on conflict do nothing;
  return found;
end $$;

-- Takes what was kept, once; null: nothing is. System role only.
create function wall.identity_answer_take(p_request bytea, p_source uuid) returns bytea language sql security definer set search_path = pg_catalog, pg_temp as $$
  with taken as (delete from public.identity_answer where request_hash = p_request and source_id = p_source returning sealed, expires_at)
  select sealed from taken where expires_at > now()
$$;

-- Ends the sessions of a source's people, everywhere: it was disabled or is about to be deleted. Returns how many.
create function wall.identity_sessions_end(p_source uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  if wall.ctx_people() is null then raise exception 'no context' using errcode = '42501'; end if;
  update public.session s set revoked_at = now() from public.user_identity i
  where i.source_id = p_source and i.tenant_id = wall.ctx_people() and s.user_id = i.user_id and s.revoked_at is null;
  get diagnostics n = row_count;
  return n;
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
grant execute on function wall.identity_buttons(text), wall.identity_source_live(uuid, text), wall.identity_sealed(uuid, uuid),
  wall.identity_answer_keep(bytea, uuid, text, bytea), wall.identity_answer_take(bytea, uuid),
  wall.identity_sign_in(uuid, text, text, text, jsonb, text[], text, text),
  wall.identity_session(uuid, uuid, bytea, text, text, text, bigint, uuid) to freehold_system;
grant execute on function wall.identity_sessions_end(uuid) to freehold_tenant, freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
