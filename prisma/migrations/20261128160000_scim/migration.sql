-- SCIM 2.0: a tenant's directory provisions its people and groups (RFC 7643, 7644; PRODUCT rule 8; attacks C09, C18).

-- CreateTable
CREATE TABLE "scim_connection" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "token_hash" BYTEA NOT NULL,
    "token_expires_at" TIMESTAMPTZ(6),
    "source_id" UUID,
    "default_role_id" UUID,
    "last_used_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scim_connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scim_role_map" (
    "tenant_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "group_name" TEXT NOT NULL,
    "role_id" UUID NOT NULL,

    CONSTRAINT "scim_role_map_pkey" PRIMARY KEY ("tenant_id","connection_id","group_name","role_id")
);

-- CreateTable
CREATE TABLE "scim_user" (
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "external_id" TEXT,
    "synced_roles" UUID[],
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scim_user_pkey" PRIMARY KEY ("tenant_id","user_id")
);

-- CreateTable
CREATE TABLE "scim_group" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "display_name" TEXT NOT NULL,
    "external_id" TEXT,
    "version" BIGINT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scim_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scim_member" (
    "tenant_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,

    CONSTRAINT "scim_member_pkey" PRIMARY KEY ("tenant_id","group_id","user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "scim_connection_token_hash_key" ON "scim_connection"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "scim_connection_tenant_id_name_key" ON "scim_connection"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "scim_connection_id_tenant_id_key" ON "scim_connection"("id", "tenant_id");

-- CreateIndex
CREATE INDEX "scim_connection_source_id_idx" ON "scim_connection"("source_id");

-- CreateIndex
CREATE INDEX "scim_connection_default_role_id_idx" ON "scim_connection"("default_role_id");

-- CreateIndex
CREATE INDEX "scim_role_map_role_id_idx" ON "scim_role_map"("role_id");

-- CreateIndex
CREATE UNIQUE INDEX "scim_user_user_id_connection_id_tenant_id_key" ON "scim_user"("user_id", "connection_id", "tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "scim_user_tenant_id_connection_id_external_id_key" ON "scim_user"("tenant_id", "connection_id", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "scim_group_id_connection_id_tenant_id_key" ON "scim_group"("id", "connection_id", "tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "scim_group_tenant_id_connection_id_display_name_key" ON "scim_group"("tenant_id", "connection_id", "display_name");

-- CreateIndex
CREATE UNIQUE INDEX "scim_group_tenant_id_connection_id_external_id_key" ON "scim_group"("tenant_id", "connection_id", "external_id");

-- CreateIndex
CREATE INDEX "scim_member_user_id_idx" ON "scim_member"("user_id");

-- AddForeignKey
ALTER TABLE "scim_connection" ADD CONSTRAINT "scim_connection_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_connection" ADD CONSTRAINT "scim_connection_source_id_tenant_id_fkey" FOREIGN KEY ("source_id", "tenant_id") REFERENCES "identity_source"("id", "tenant_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "scim_connection" ADD CONSTRAINT "scim_connection_default_role_id_fkey" FOREIGN KEY ("default_role_id") REFERENCES "user_role"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_role_map" ADD CONSTRAINT "scim_role_map_connection_id_tenant_id_fkey" FOREIGN KEY ("connection_id", "tenant_id") REFERENCES "scim_connection"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_role_map" ADD CONSTRAINT "scim_role_map_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "user_role"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_user" ADD CONSTRAINT "scim_user_connection_id_tenant_id_fkey" FOREIGN KEY ("connection_id", "tenant_id") REFERENCES "scim_connection"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_user" ADD CONSTRAINT "scim_user_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_group" ADD CONSTRAINT "scim_group_connection_id_tenant_id_fkey" FOREIGN KEY ("connection_id", "tenant_id") REFERENCES "scim_connection"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_member" ADD CONSTRAINT "scim_member_group_id_connection_id_tenant_id_fkey" FOREIGN KEY ("group_id", "connection_id", "tenant_id") REFERENCES "scim_group"("id", "connection_id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_member" ADD CONSTRAINT "scim_member_user_id_connection_id_tenant_id_fkey" FOREIGN KEY ("user_id", "connection_id", "tenant_id") REFERENCES "scim_user"("user_id", "connection_id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table scim_connection
  add constraint scim_connection_name_check check (length(name) between 1 and 60 and name !~ '[[:cntrl:]]');
alter table scim_role_map
  add constraint scim_role_map_group_check check (length(group_name) between 1 and 200 and group_name !~ '[[:cntrl:]]');
alter table scim_user
  add constraint scim_user_external_check check (length(external_id) between 1 and 255);
alter table scim_group
  add constraint scim_group_name_check check (length(display_name) between 1 and 200 and display_name !~ '[[:cntrl:]]'),
  add constraint scim_group_external_check check (length(external_id) between 1 and 255);

do $$
declare t text;
begin
  foreach t in array array['scim_connection', 'scim_role_map', 'scim_user', 'scim_group', 'scim_member'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on %I to freehold_definer', t);
    execute format('create policy %I on %I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on %I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on %I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on %I for delete to freehold_definer using (true)', t || '_definer_delete', t);
    execute format('create policy %I on %I for select to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_tenant()))', t || '_select', t);
  end loop;
end $$;

-- The hash of the token is put in, changed by wall.scim_rotate alone, and never read.
grant select (id, tenant_id, name, enabled, token_expires_at, source_id, default_role_id, last_used_at, created_at, updated_at)
  on scim_connection to freehold_tenant, freehold_master;
grant insert (id, tenant_id, name, token_hash, token_expires_at, source_id, default_role_id) on scim_connection to freehold_tenant, freehold_master;
-- With a role of the tenant, or a template of the master in a subtenant.
create policy scim_connection_insert on scim_connection for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people())
    and (default_role_id is null or exists (select 1 from user_role r where r.id = scim_connection.default_role_id
      and (r.tenant_id = scim_connection.tenant_id or (r.multi_tenant and scim_connection.tenant_id <> r.tenant_id)))));
grant update (name, enabled, default_role_id, updated_at) on scim_connection to freehold_tenant, freehold_master;
create policy scim_connection_update on scim_connection for update to freehold_tenant, freehold_master
  using (tenant_id = (select wall.ctx_people()))
  with check (tenant_id = (select wall.ctx_people())
    and (default_role_id is null or exists (select 1 from user_role r where r.id = scim_connection.default_role_id
      and (r.tenant_id = scim_connection.tenant_id or (r.multi_tenant and scim_connection.tenant_id <> r.tenant_id)))));
grant delete on scim_connection to freehold_tenant, freehold_master;
create policy scim_connection_delete on scim_connection for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_people()));

grant select on scim_role_map to freehold_tenant, freehold_master;
grant insert (tenant_id, connection_id, group_name, role_id), delete on scim_role_map to freehold_tenant, freehold_master;
create policy scim_role_map_insert on scim_role_map for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people())
    and exists (select 1 from user_role r where r.id = scim_role_map.role_id
      and (r.tenant_id = scim_role_map.tenant_id or (r.multi_tenant and scim_role_map.tenant_id <> r.tenant_id))));
create policy scim_role_map_delete on scim_role_map for delete to freehold_tenant, freehold_master using (tenant_id = (select wall.ctx_people()));

-- Who and what was provisioned; written by the directory alone.
grant select (tenant_id, user_id, connection_id, created_at) on scim_user to freehold_tenant, freehold_master;
grant select (id, tenant_id, connection_id, display_name, created_at) on scim_group to freehold_tenant, freehold_master;
grant select on scim_member to freehold_tenant, freehold_master;

-- Who asks -------------------------------------------------------------------------------------------------------------

-- The connection of a token on the host of its own, active tenant; nothing otherwise. Every function below asks it, and touches only what
-- that connection provisioned. Not for callers.
create function wall.scim_live(p_token bytea, p_slug text) returns public.scim_connection language sql stable set search_path = pg_catalog, pg_temp as $$
  select c from public.scim_connection c join public.tenant t on t.id = c.tenant_id
  where c.token_hash = p_token and c.enabled and (c.token_expires_at is null or c.token_expires_at > now()) and t.slug = p_slug and t.status = 'active'
$$;

-- Answers {code}: ok (id, tenantId) | suspended | unknown: of a token that is none, over, disabled or another host's the same. System role only.
create function wall.scim_open(p_token bytea, p_slug text) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c public.scim_connection := wall.scim_live(p_token, p_slug);
begin
  if c.id is null then
    perform 1 from public.scim_connection x join public.tenant t on t.id = x.tenant_id
    where x.token_hash = p_token and x.enabled and (x.token_expires_at is null or x.token_expires_at > now()) and t.slug = p_slug;
    return jsonb_build_object('code', case when found then 'suspended' else 'unknown' end);
  end if;
  update public.scim_connection set last_used_at = now() where id = c.id and (last_used_at is null or last_used_at < now() - interval '1 minute');
  return jsonb_build_object('code', 'ok', 'id', c.id, 'tenantId', c.tenant_id);
end $$;

-- The tenant's lock, in the order of wall.enter. Exclusively what takes rights away; with everyone's lock what may end writes in other tenants. Not for callers.
create function wall.scim_lock(p_tenant uuid, p_exclusive boolean, p_everyone boolean) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare t uuid;
begin
  for t in select x from unnest(array[p_tenant, '00000000-0000-4000-8000-0000000000ff'::uuid]) x order by x loop
    if (case when t = p_tenant then p_exclusive else p_everyone end) then perform pg_advisory_xact_lock(wall.lock_key(t));
    else perform pg_advisory_xact_lock_shared(wall.lock_key(t));
    end if;
  end loop;
end $$;

create function wall.scim_audit(c public.scim_connection, p_event jsonb, p_ip text, p_request text) returns void language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select wall.audit_insert(array[c.tenant_id], null, 'SCIM connection ' || c.name, c.tenant_id, p_event || jsonb_build_object('ip', p_ip, 'requestId', p_request))
$$;

-- What they look like -----------------------------------------------------------------------------------------------------

create function wall.scim_time(p timestamptz) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_char(p at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

create function wall.scim_user_doc(s public.scim_user) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('id', u.id, 'externalId', s.external_id, 'userName', u.username,
    'name', jsonb_build_object('givenName', u.first_name, 'familyName', u.last_name, 'formatted', btrim(u.first_name || ' ' || u.last_name)),
    'displayName', coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username), 'active', u.status = 'active',
    'emails', case when u.email = '' then '[]'::jsonb else jsonb_build_array(jsonb_build_object('value', u.email, 'type', 'work', 'primary', true)) end,
    'groups', coalesce((select jsonb_agg(jsonb_build_object('value', g.id, 'display', g.display_name) order by g.display_name, g.id)
      from public.scim_member m join public.scim_group g on g.id = m.group_id where m.tenant_id = s.tenant_id and m.user_id = s.user_id), '[]'),
    'meta', jsonb_build_object('created', wall.scim_time(s.created_at), 'lastModified', wall.scim_time(greatest(s.updated_at, u.updated_at))))
  from public.user_account u where u.id = s.user_id
$$;

-- With its version: of all that is told of it.
create function wall.scim_user_out(s public.scim_user) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select d || jsonb_build_object('version', left(encode(sha256(convert_to(d::text, 'UTF8')), 'hex'), 16)) from wall.scim_user_doc(s) d
$$;

create function wall.scim_group_out(g public.scim_group, p_members boolean) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('id', g.id, 'externalId', g.external_id, 'displayName', g.display_name, 'version', g.version::text,
    'meta', jsonb_build_object('created', wall.scim_time(g.created_at), 'lastModified', wall.scim_time(g.updated_at)))
    || case when p_members then jsonb_build_object('members', coalesce((
      select jsonb_agg(jsonb_build_object('value', u.id, 'display', u.username) order by u.username, u.id)
      from public.scim_member m join public.user_account u on u.id = m.user_id where m.tenant_id = g.tenant_id and m.group_id = g.id), '[]')) else '{}' end
$$;

-- Whether a resource fits a filter, as server/features/scim/filter.ts makes it: {op: and | or, of: []}, {op: not, of}, {op: any, path, of} for one
-- element of a list, and comparisons {op, path, value, exact}: of texts without regard to case unless `exact`.
create function wall.scim_matches(f jsonb, doc jsonb) returns boolean language plpgsql immutable cost 10000 set search_path = pg_catalog, pg_temp as $$
declare
  x jsonb;
  path text[] := array(select jsonb_array_elements_text(f -> 'path'));
  at jsonb;
  a text;
  b text;
begin
  case f ->> 'op'
    when 'and' then
      for x in select jsonb_array_elements(f -> 'of') loop if not wall.scim_matches(x, doc) then return false; end if; end loop;
      return true;
    when 'or' then
      for x in select jsonb_array_elements(f -> 'of') loop if wall.scim_matches(x, doc) then return true; end if; end loop;
      return false;
    when 'not' then return not wall.scim_matches(f -> 'of', doc);
    when 'any' then
      for x in select jsonb_array_elements(coalesce(doc #> path, '[]')) loop if wall.scim_matches(f -> 'of', x) then return true; end if; end loop;
      return false;
    else null;
  end case;
  at := doc #> path;
  if jsonb_typeof(at) = 'null' or at in ('""'::jsonb, '[]'::jsonb) then at := null; end if;
  if f ->> 'op' = 'pr' then return at is not null; end if;
  if jsonb_typeof(f -> 'value') = 'null' then return (at is null) = (f ->> 'op' = 'eq'); end if;
  if at is null then return f ->> 'op' = 'ne'; end if;
  a := at #>> '{}';
  b := f ->> 'value';
  if not (f ->> 'exact')::boolean then
    a := lower(a);
    b := lower(b);
  end if;
  return case f ->> 'op'
    when 'eq' then a = b
    when 'ne' then a <> b
    when 'co' then strpos(a, b) > 0
    when 'sw' then left(a, length(b)) = b
    when 'ew' then right(a, length(b)) = b
    when 'gt' then a > b collate "C"
    when 'ge' then a >= b collate "C"
    when 'lt' then a < b collate "C"
    when 'le' then a <= b collate "C"
    else false end;
end $$;

-- A page of what a connection provisioned. `p_ask`: `filter` as above, and `exact`: what of it is asked of columns (id, userName, externalId,
-- displayName), mostly by an index. `p_start` counts from 1. `p_members`: groups with who is in them. Null: no such connection. System role only.
create function wall.scim_list(p_token bytea, p_slug text, p_kind text, p_ask jsonb, p_start int, p_count int, p_members boolean) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.scim_connection := wall.scim_live(p_token, p_slug);
  f jsonb := p_ask -> 'filter';
  e jsonb := coalesce(p_ask -> 'exact', '{}');
  answer jsonb;
begin
  if c.id is null then return null; end if;
  if p_kind = 'user' then
    with hit as materialized (
      select s.user_id, s.created_at from public.scim_user s join public.user_account u on u.id = s.user_id
      where s.tenant_id = c.tenant_id and s.connection_id = c.id and (e ->> 'id' is null or s.user_id = (e ->> 'id')::uuid)
        and (e ->> 'userName' is null or u.username = e ->> 'userName') and (e ->> 'externalId' is null or s.external_id = e ->> 'externalId')
        and (f is null or wall.scim_matches(f, wall.scim_user_doc(s)))),
    page as (select user_id, created_at from hit order by created_at, user_id offset p_start - 1 limit p_count)
    select jsonb_build_object('total', (select count(*) from hit), 'rows', coalesce((
      select jsonb_agg(wall.scim_user_out(s) order by p.created_at, p.user_id) from page p
      join public.scim_user s on s.tenant_id = c.tenant_id and s.user_id = p.user_id), '[]')) into answer;
  else
    with hit as materialized (
      select g.id, g.created_at from public.scim_group g
      where g.tenant_id = c.tenant_id and g.connection_id = c.id and (e ->> 'id' is null or g.id = (e ->> 'id')::uuid)
        and (e ->> 'displayName' is null or lower(g.display_name) = lower(e ->> 'displayName'))
        and (e ->> 'externalId' is null or g.external_id = e ->> 'externalId')
        and (f is null or wall.scim_matches(f, wall.scim_group_out(g, f::text like '%"members"%')))),
    page as (select id, created_at from hit order by created_at, id offset p_start - 1 limit p_count)
    select jsonb_build_object('total', (select count(*) from hit), 'rows', coalesce((
      select jsonb_agg(wall.scim_group_out(g, p_members) order by p.created_at, p.id) from page p join public.scim_group g on g.id = p.id), '[]')) into answer;
  end if;
  return answer;
end $$;

-- Roles ------------------------------------------------------------------------------------------------------------------

-- The roles that a connection gives somebody: of every group that is mapped, else the default one. Not for callers.
create function wall.scim_roles(c public.scim_connection, p_user uuid) returns uuid[] language sql stable set search_path = pg_catalog, pg_temp as $$
  with own as (select r.id from public.user_role r where r.tenant_id = c.tenant_id or (r.multi_tenant and c.tenant_id <> r.tenant_id)),
    matched as (select distinct wall.identity_role_now(c.tenant_id, m.role_id) as id
      from public.scim_member x join public.scim_group g on g.id = x.group_id
      join public.scim_role_map m on m.tenant_id = c.tenant_id and m.connection_id = c.id and m.group_name = g.display_name
      join own on own.id = m.role_id
      where x.tenant_id = c.tenant_id and x.connection_id = c.id and x.user_id = p_user)
  select coalesce((select array_agg(id order by id) from matched),
    (select array_agg(wall.identity_role_now(c.tenant_id, own.id)) from own where own.id = c.default_role_id), '{}')
$$;

-- Gives somebody the roles of now and takes those that the connection gave before; what an administrator gave stays. A tenant keeps its last
-- owner, whatever the directory says. Who lost something is signed out. Not for callers: under the tenant's exclusive lock, where anything is taken.
create function wall.scim_sync(c public.scim_connection, p_user uuid) returns jsonb language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  wanted uuid[] := wall.scim_roles(c, p_user);
  synced uuid[];
  lost uuid[];
  given uuid[];
  n int := 0;
begin
  select s.synced_roles into synced from public.scim_user s where s.tenant_id = c.tenant_id and s.user_id = p_user for update;
  select coalesce(array_agg(r.id), '{}') into lost from public.user_role r
  where r.id = any (array(select wall.identity_role_now(c.tenant_id, x) from unnest(synced) x)) and r.id <> all (wanted)
    and (coalesce(r.built_in, '') not in ('owner', 'super_admin') or exists (select 1 from public.role_assignment o
      join public.user_account a on a.id = o.user_id join public.tenant h on h.id = a.home_tenant_id and (h.status = 'active' or h.id = o.tenant_id)
      where o.tenant_id = c.tenant_id and o.role_id = r.id and o.user_id <> p_user and o.scope = ''
        and a.status = 'active' and (o.expires_at is null or o.expires_at > now())));
  delete from public.role_assignment where tenant_id = c.tenant_id and user_id = p_user and scope = '' and role_id = any (lost);
  with put as (
    insert into public.role_assignment (tenant_id, user_id, role_id) select c.tenant_id, p_user, w from unnest(wanted) w
    on conflict (tenant_id, user_id, role_id, scope) do nothing returning role_id)
  select coalesce(array_agg(role_id), '{}') into given from put;
  if given <> '{}' or lost <> '{}' then
    update public.scim_user set
      -- By the template that a copy is of: they are the same role, whether the tenant edits it or takes the edit back.
      synced_roles = array(select x from unnest(synced) x where wall.identity_role_now(c.tenant_id, x) <> all (lost)
        union select coalesce(r.template_id, r.id) from public.user_role r where r.id = any (given))
    where tenant_id = c.tenant_id and user_id = p_user;
  end if;
  if lost <> '{}' then
    update public.session set revoked_at = now() where user_id = p_user and revoked_at is null;
    get diagnostics n = row_count;
  end if;
  return jsonb_build_object('given', array(select r.name from public.user_role r where r.id = any (given) order by r.name),
    'taken', array(select r.name from public.user_role r where r.id = any (lost) order by r.name), 'sessionsEnded', n);
end $$;

-- As scim_sync, of several; what changed, by the name of whom. At most 100 are named.
create function wall.scim_sync_all(c public.scim_connection, p_users uuid[]) returns jsonb language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  x uuid;
  r jsonb;
  n int := 0;
  told jsonb := '{}';
begin
  foreach x in array p_users loop
    r := wall.scim_sync(c, x);
    n := n + (r ->> 'sessionsEnded')::int;
    if (r -> 'given' <> '[]' or r -> 'taken' <> '[]') and (select count(*) from jsonb_object_keys(told)) < 100 then
      told := told || jsonb_build_object((select u.username from public.user_account u where u.id = x),
        array(select '+ ' || g from jsonb_array_elements_text(r -> 'given') g union all select '- ' || g from jsonb_array_elements_text(r -> 'taken') g));
    end if;
  end loop;
  return jsonb_build_object('roles', told, 'sessionsEnded', n);
end $$;

-- Gives everybody of a connection their roles anew: its mapping was changed. By its tenant, which holds its exclusive lock. Answers how many sessions ended.
create function wall.scim_resync(p_connection uuid) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c public.scim_connection;
begin
  select x.* into c from public.scim_connection x where x.id = p_connection and x.tenant_id = wall.ctx_people();
  if not found then raise exception 'foreign connection' using errcode = '42501'; end if;
  return (wall.scim_sync_all(c, array(select s.user_id from public.scim_user s where s.tenant_id = c.tenant_id and s.connection_id = c.id)) ->> 'sessionsEnded')::int;
end $$;

-- Another token: the one before ends at once. By its tenant.
create function wall.scim_rotate(p_connection uuid, p_token bytea, p_expires timestamptz) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update public.scim_connection set token_hash = p_token, token_expires_at = p_expires, last_used_at = null, updated_at = now()
  where id = p_connection and tenant_id = wall.ctx_people();
  if not found then raise exception 'foreign connection' using errcode = '42501'; end if;
end $$;

-- Writing ------------------------------------------------------------------------------------------------------------------

-- Whether somebody may be writing in other tenants, too. Not for callers.
create function wall.scim_reaches_out(p_user uuid) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.user_account u where u.id = p_user
    and (u.parent_level or exists (select 1 from public.membership m where m.user_id = u.id and m.guest)))
$$;

-- Whether an administrator made somebody an owner: not this connection. Who holds its token does not become them. Not for callers.
create function wall.scim_kept(s public.scim_user) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.role_assignment ra join public.user_role r on r.id = ra.role_id
    where ra.tenant_id = s.tenant_id and ra.user_id = s.user_id and r.built_in in ('owner', 'super_admin') and r.id <> all (s.synced_roles)
      and (ra.expires_at is null or ra.expires_at > now()))
$$;

-- Everything that lets somebody in ends: sessions in every tenant, codes on the way, links by mail. Answers how many sessions. Not for callers.
create function wall.scim_shut(p_user uuid) returns int language plpgsql set search_path = pg_catalog, pg_temp as $$
declare n int;
begin
  update public.session set revoked_at = now() where user_id = p_user and revoked_at is null;
  get diagnostics n = row_count;
  delete from public.sign_in_code where user_id = p_user;
  delete from public.account_link where user_id = p_user;
  return n;
end $$;

-- Makes or changes somebody whom the connection provisions: `p_id` null for a new one. `p_user`: userName, email, givenName, familyName,
-- externalId (null: none), active. `p_match`: the version that it must have; null: any. `p_hash`: of a password that nobody has, so that a reset
-- link can set one, where no identity source signs them in. Never touches an account that it did not make (attack C09), never takes externalId
-- for an id (C18). Answers {code}: ok (user) | unknown | missing | stale | taken | external_taken | last_owner | owner. System role only.
create function wall.scim_user_put(p_token bytea, p_slug text, p_id uuid, p_user jsonb, p_match text, p_hash text, p_ip text, p_request text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c public.scim_connection := wall.scim_live(p_token, p_slug);
  s public.scim_user;
  was public.user_account;
  u public.user_account;
  external text := p_user ->> 'externalId';
  at_issuer text;
  constraint_hit text;
  far boolean := false;
  renamed boolean := false;
  ended int := 0;
  event text;
  roles jsonb := '{}';
begin
  if c.id is null then return '{"code":"unknown"}'; end if;
  if p_id is not null then
    if not exists (select 1 from public.scim_user x where x.tenant_id = c.tenant_id and x.connection_id = c.id and x.user_id = p_id) then
      return '{"code":"missing"}';
    end if;
    far := wall.scim_reaches_out(p_id);
  end if;
  perform wall.scim_lock(c.tenant_id, p_id is not null, far);
  c := wall.scim_live(p_token, p_slug);
  if c.id is null then return '{"code":"unknown"}'; end if;
  select i.issuer into at_issuer from public.identity_source i where i.id = c.source_id and i.tenant_id = c.tenant_id;

  if p_id is not null then
    select x.* into s from public.scim_user x where x.tenant_id = c.tenant_id and x.connection_id = c.id and x.user_id = p_id for update;
    if not found then return '{"code":"missing"}'; end if;
    if not far and wall.scim_reaches_out(p_id) then raise exception 'memberships changed meanwhile' using errcode = '40001'; end if;
    if p_match is not null and p_match <> wall.scim_user_out(s) ->> 'version' then return '{"code":"stale"}'; end if;
    select a.* into was from public.user_account a where a.id = p_id;
    if was.status = 'active' and not (p_user ->> 'active')::boolean and wall.last_keeper(c.tenant_id, p_id) then return '{"code":"last_owner"}'; end if;
    if (was.email, s.external_id) is distinct from (p_user ->> 'email', external) or (was.status = 'active' and not (p_user ->> 'active')::boolean) then
      if wall.scim_kept(s) then return '{"code":"owner"}'; end if;
    end if;
  end if;

  begin
    if p_id is null then
      insert into public.user_account (home_tenant_id, username, email, first_name, last_name, status)
      values (c.tenant_id, p_user ->> 'userName', p_user ->> 'email', p_user ->> 'givenName', p_user ->> 'familyName',
        case when (p_user ->> 'active')::boolean then 'active' else 'disabled' end) returning * into u;
      insert into public.membership (tenant_id, user_id) values (c.tenant_id, u.id);
      insert into public.scim_user (tenant_id, user_id, connection_id, external_id, synced_roles) values (c.tenant_id, u.id, c.id, external, '{}') returning * into s;
      if c.source_id is null then
        insert into public.user_credential (user_id, tenant_id, password_hash) values (u.id, c.tenant_id, p_hash);
      end if;
    else
      update public.user_account a set username = p_user ->> 'userName', email = p_user ->> 'email', first_name = p_user ->> 'givenName',
        last_name = p_user ->> 'familyName', status = case when (p_user ->> 'active')::boolean then 'active' else 'disabled' end, updated_at = now()
      where a.id = p_id and (a.username, a.email, a.first_name, a.last_name, a.status = 'active') is distinct from
        (p_user ->> 'userName', p_user ->> 'email', p_user ->> 'givenName', p_user ->> 'familyName', (p_user ->> 'active')::boolean);
      select a.* into u from public.user_account a where a.id = p_id;
      renamed := external is distinct from s.external_id;
      if renamed then
        update public.scim_user set external_id = external, updated_at = now() where tenant_id = c.tenant_id and user_id = p_id;
        delete from public.user_identity i where i.tenant_id = c.tenant_id and i.user_id = p_id and i.source_id = c.source_id;
      end if;
    end if;
    -- So their first sign-in by the source finds them. Who is another's subject already is not linked.
    if at_issuer is not null and external is not null then
      insert into public.user_identity (tenant_id, issuer, subject, user_id, source_id, synced_roles)
      select c.tenant_id, at_issuer, external, u.id, c.source_id, '{}'
      where not exists (select 1 from public.user_identity i where i.tenant_id = c.tenant_id and i.user_id = u.id);
    end if;
  exception when unique_violation then
    get stacked diagnostics constraint_hit = constraint_name;
    return jsonb_build_object('code', case when constraint_hit like 'user_account%' then 'taken' else 'external_taken' end);
  end;

  if p_id is null then roles := wall.scim_sync(c, u.id);
  elsif u.status <> 'active' and was.status = 'active' then ended := wall.scim_shut(u.id);
  elsif renamed and at_issuer is not null then ended := wall.scim_shut(u.id); -- whoever came in by the old subject
  end if;
  event := case when p_id is null then 'scim.user_create' when u.status = was.status then 'scim.user_update'
    when u.status = 'active' then 'scim.user_enable' else 'scim.user_disable' end;
  if p_id is null or renamed or (was.username, was.email, was.first_name, was.last_name, was.status) is distinct from
    (u.username, u.email, u.first_name, u.last_name, u.status) then
    perform wall.scim_audit(c, jsonb_build_object('event', event, 'targetKind', 'user', 'targetId', u.id, 'targetName', u.username,
      'before', case when p_id is not null then jsonb_build_object('username', was.username, 'email', was.email, 'firstName', was.first_name,
        'lastName', was.last_name, 'status', was.status, 'externalId', s.external_id) end,
      'after', jsonb_build_object('username', u.username, 'email', u.email, 'firstName', u.first_name, 'lastName', u.last_name, 'status', u.status,
        'externalId', external, 'sessionsEnded', ended) || case when p_id is null then jsonb_build_object('rolesGiven', roles -> 'given') else '{}' end),
      p_ip, p_request);
  end if;
  select x.* into s from public.scim_user x where x.tenant_id = c.tenant_id and x.user_id = u.id;
  return jsonb_build_object('code', 'ok', 'user', wall.scim_user_out(s));
end $$;

-- Makes or changes a group: `p_id` null for a new one. `p_group`: displayName and externalId, where they change. `p_members`: what is done to its
-- members, in order: {op: add | remove | replace, ids}. Roles follow at once. Answers {code}: ok (group) | unknown | missing | stale | taken |
-- external_taken | no_member. System role only.
create function wall.scim_group_put(p_token bytea, p_slug text, p_id uuid, p_group jsonb, p_members jsonb, p_match text, p_ip text, p_request text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  c public.scim_connection := wall.scim_live(p_token, p_slug);
  g public.scim_group;
  old public.scim_group;
  step jsonb;
  ids uuid[];
  had uuid[] := '{}';
  has uuid[];
  constraint_hit text;
  effect jsonb;
begin
  if c.id is null then return '{"code":"unknown"}'; end if;
  -- Who joins may lose the default role. The master's people have their roles everywhere.
  perform wall.scim_lock(c.tenant_id, true, c.tenant_id = master);
  c := wall.scim_live(p_token, p_slug);
  if c.id is null then return '{"code":"unknown"}'; end if;
  if p_id is not null then
    select x.* into old from public.scim_group x where x.id = p_id and x.tenant_id = c.tenant_id and x.connection_id = c.id for update;
    if not found then return '{"code":"missing"}'; end if;
    if p_match is not null and p_match <> old.version::text then return '{"code":"stale"}'; end if;
    had := array(select m.user_id from public.scim_member m where m.tenant_id = c.tenant_id and m.group_id = p_id);
  end if;
  if exists (select 1 from jsonb_array_elements(coalesce(p_members, '[]')) s, jsonb_array_elements_text(s -> 'ids') x
    where s ->> 'op' <> 'remove' and not exists (select 1 from public.scim_user u
      where u.tenant_id = c.tenant_id and u.connection_id = c.id and u.user_id::text = x)) then
    return '{"code":"no_member"}';
  end if;
  begin
    if p_id is null then
      insert into public.scim_group (tenant_id, connection_id, display_name, external_id)
      values (c.tenant_id, c.id, p_group ->> 'displayName', p_group ->> 'externalId') returning * into g;
    else
      update public.scim_group x set
        display_name = case when p_group ? 'displayName' then p_group ->> 'displayName' else x.display_name end,
        external_id = case when p_group ? 'externalId' then p_group ->> 'externalId' else x.external_id end
      where x.id = p_id returning * into g;
    end if;
  exception when unique_violation then
    get stacked diagnostics constraint_hit = constraint_name;
    return jsonb_build_object('code', case when constraint_hit like '%external_id%' then 'external_taken' else 'taken' end);
  end;
  for step in select jsonb_array_elements(coalesce(p_members, '[]')) loop
    ids := array(select x::uuid from jsonb_array_elements_text(step -> 'ids') x);
    if step ->> 'op' <> 'add' then
      delete from public.scim_member m where m.tenant_id = c.tenant_id and m.group_id = g.id and ((m.user_id = any (ids)) = (step ->> 'op' = 'remove'));
    end if;
    if step ->> 'op' <> 'remove' then
      insert into public.scim_member (tenant_id, connection_id, group_id, user_id) select distinct c.tenant_id, c.id, g.id, x from unnest(ids) x
      on conflict do nothing;
    end if;
  end loop;
  has := array(select m.user_id from public.scim_member m where m.tenant_id = c.tenant_id and m.group_id = g.id);
  if p_id is null or (old.display_name, old.external_id) is distinct from (g.display_name, g.external_id)
    or not (had <@ has and has <@ had) then
    update public.scim_group x set version = x.version + case when p_id is null then 0 else 1 end, updated_at = now() where x.id = g.id returning * into g;
    effect := wall.scim_sync_all(c, array(select x from unnest(had || has) x group by x
      having old.display_name is distinct from g.display_name or (x = any (had)) <> (x = any (has)) order by x));
    perform wall.scim_audit(c, jsonb_build_object('event', case when p_id is null then 'scim.group_create' else 'scim.group_update' end,
      'targetKind', 'scimGroup', 'targetId', g.id, 'targetName', g.display_name,
      'before', case when p_id is not null then jsonb_build_object('name', old.display_name, 'externalId', old.external_id, 'members', cardinality(had)) end,
      'after', jsonb_build_object('name', g.display_name, 'externalId', g.external_id, 'members', cardinality(has),
        'added', wall.scim_names(array(select x from unnest(has) x where x <> all (had))),
        'removed', wall.scim_names(array(select x from unnest(had) x where x <> all (has)))) || effect), p_ip, p_request);
  end if;
  return jsonb_build_object('code', 'ok', 'group', wall.scim_group_out(g, true));
end $$;

-- Usernames for the log: at most 100. Not for callers.
create function wall.scim_names(p_users uuid[]) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(n), '[]') from (select u.username as n from public.user_account u where u.id = any (p_users) order by u.username limit 100) x
$$;

-- Deletes somebody, with password, roles and sessions; or a group, with the roles that it gave. What somebody made stays. Answers {code}: ok |
-- unknown | missing | stale | last_owner | owner. System role only.
create function wall.scim_delete(p_token bytea, p_slug text, p_kind text, p_id uuid, p_match text, p_ip text, p_request text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  master constant uuid := '00000000-0000-4000-8000-000000000001';
  c public.scim_connection := wall.scim_live(p_token, p_slug);
  s public.scim_user;
  g public.scim_group;
  u public.user_account;
  had uuid[];
  far boolean := false;
  ended int;
begin
  if c.id is null then return '{"code":"unknown"}'; end if;
  if p_kind = 'user' then
    if not exists (select 1 from public.scim_user x where x.tenant_id = c.tenant_id and x.connection_id = c.id and x.user_id = p_id) then
      return '{"code":"missing"}';
    end if;
    far := wall.scim_reaches_out(p_id);
  end if;
  perform wall.scim_lock(c.tenant_id, true, far or (p_kind <> 'user' and c.tenant_id = master));
  c := wall.scim_live(p_token, p_slug);
  if c.id is null then return '{"code":"unknown"}'; end if;
  if p_kind = 'user' then
    select x.* into s from public.scim_user x where x.tenant_id = c.tenant_id and x.connection_id = c.id and x.user_id = p_id for update;
    if not found then return '{"code":"missing"}'; end if;
    if not far and wall.scim_reaches_out(p_id) then raise exception 'memberships changed meanwhile' using errcode = '40001'; end if;
    if p_match is not null and p_match <> wall.scim_user_out(s) ->> 'version' then return '{"code":"stale"}'; end if;
    if wall.last_keeper(c.tenant_id, p_id) then return '{"code":"last_owner"}'; end if;
    if wall.scim_kept(s) then return '{"code":"owner"}'; end if;
    ended := wall.scim_shut(p_id);
    update public.scim_group x set version = x.version + 1, updated_at = now() where x.tenant_id = c.tenant_id
      and x.id in (select m.group_id from public.scim_member m where m.tenant_id = c.tenant_id and m.user_id = p_id);
    delete from public.user_account a where a.id = p_id and a.home_tenant_id = c.tenant_id returning a.* into u;
    perform wall.scim_audit(c, jsonb_build_object('event', 'scim.user_delete', 'targetKind', 'user', 'targetId', u.id, 'targetName', u.username,
      'before', jsonb_build_object('username', u.username, 'email', u.email, 'firstName', u.first_name, 'lastName', u.last_name, 'externalId', s.external_id),
      'after', jsonb_build_object('sessionsEnded', ended)), p_ip, p_request);
    return '{"code":"ok"}';
  end if;
  select x.* into g from public.scim_group x where x.id = p_id and x.tenant_id = c.tenant_id and x.connection_id = c.id for update;
  if not found then return '{"code":"missing"}'; end if;
  if p_match is not null and p_match <> g.version::text then return '{"code":"stale"}'; end if;
  had := array(select m.user_id from public.scim_member m where m.tenant_id = c.tenant_id and m.group_id = g.id order by m.user_id);
  delete from public.scim_group x where x.id = g.id;
  perform wall.scim_audit(c, jsonb_build_object('event', 'scim.group_delete', 'targetKind', 'scimGroup', 'targetId', g.id, 'targetName', g.display_name,
    'before', jsonb_build_object('name', g.display_name, 'externalId', g.external_id, 'members', cardinality(had)),
    'after', wall.scim_sync_all(c, had)), p_ip, p_request);
  return '{"code":"ok"}';
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
grant execute on function wall.scim_open(bytea, text), wall.scim_list(bytea, text, text, jsonb, int, int, boolean),
  wall.scim_user_put(bytea, text, uuid, jsonb, text, text, text, text), wall.scim_group_put(bytea, text, uuid, jsonb, jsonb, text, text, text),
  wall.scim_delete(bytea, text, text, uuid, text, text, text) to freehold_system;
grant execute on function wall.scim_resync(uuid), wall.scim_rotate(uuid, bytea, timestamptz) to freehold_tenant, freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
