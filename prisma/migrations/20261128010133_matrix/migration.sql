-- Access matrix: what a bulk change found and left, so that it can be undone for 7 days. The master's alone.

-- CreateTable
CREATE TABLE "matrix_change" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" UUID,
    "created_by_name" TEXT NOT NULL,
    "changed" INTEGER NOT NULL,
    "lines" JSONB NOT NULL,
    "states" JSONB NOT NULL,
    "undone_at" TIMESTAMPTZ(6),
    "undone_by_name" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "matrix_change_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "matrix_change_tenant_id_created_at_id_idx" ON "matrix_change"("tenant_id", "created_at", "id");

-- AddForeignKey
ALTER TABLE "matrix_change" ADD CONSTRAINT "matrix_change_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table matrix_change
  add constraint matrix_change_master_check check (tenant_id = '00000000-0000-4000-8000-000000000001'),
  add constraint matrix_change_changed_check check (changed between 1 and 500);

alter table matrix_change enable row level security, force row level security;
grant select, delete on matrix_change to freehold_definer;
create policy matrix_change_definer_select on matrix_change for select to freehold_definer using (true);
create policy matrix_change_definer_delete on matrix_change for delete to freehold_definer using (true);
grant select, insert (id, tenant_id, created_by, created_by_name, changed, lines, states), update (undone_at, undone_by_name) on matrix_change to freehold_master;
create policy matrix_change_select on matrix_change for select to freehold_master
  using (tenant_id = (select wall.ctx_tenant()) and (select wall.ctx_is_master()));
create policy matrix_change_insert on matrix_change for insert to freehold_master
  with check (tenant_id = (select wall.ctx_writer()) and (select wall.ctx_is_master()) and undone_at is null);
-- What was undone is not undone again.
create policy matrix_change_update on matrix_change for update to freehold_master
  using (tenant_id = (select wall.ctx_writer()) and (select wall.ctx_is_master()) and undone_at is null)
  with check (tenant_id = (select wall.ctx_writer()) and (select wall.ctx_is_master()) and undone_at is not null);

-- Which of these tenants sees what is public in which of these clouds: granted by its tenant role, and added (rule 5), as wall.ctx_clouds
-- says for one tenant. Null stands for all. A tenant's added clouds are its own to read; the master asks here.
create function wall.matrix_clouds(p_tenants uuid[], p_clouds uuid[]) returns table (tenant_id uuid, cloud_id uuid) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select tc.tenant_id, tc.cloud_id
  from public.tenant_cloud tc
  join public.tenant t on t.id = tc.tenant_id and t.status <> 'deleted'
  join public.tenant_role r on r.id = t.tenant_role_id
  join public.resource c on c.id = tc.cloud_id and c.visibility = 'public'
  left join public.tenant_role_cloud rc on rc.tenant_role_id = r.id and rc.cloud_id = tc.cloud_id
  where wall.ctx_is_master() and (p_tenants is null or tc.tenant_id = any (p_tenants)) and (p_clouds is null or tc.cloud_id = any (p_clouds))
    and coalesce(rc.level, r.default_cloud_level) <> 'none'
$$;

-- Changes can be undone for 7 days, and are forgotten then.
create function wall.matrix_purge() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.matrix_change where created_at < now() - interval '7 days'
$$;

revoke all on function wall.matrix_clouds(uuid[], uuid[]), wall.matrix_purge() from public;
grant execute on function wall.matrix_clouds(uuid[], uuid[]) to freehold_master;
grant execute on function wall.matrix_purge() to freehold_system;
alter function wall.matrix_clouds(uuid[], uuid[]) owner to freehold_definer;
alter function wall.matrix_purge() owner to freehold_definer;
