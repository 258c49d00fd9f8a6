-- What bench/clouds.md found to be read as a whole where clouds are large.

-- DropIndex
DROP INDEX "cloud_activity_assigned_id_kind_started_at_id_idx";

-- DropIndex
DROP INDEX "cloud_backup_assigned_id_taken_at_id_idx";

-- DropIndex
DROP INDEX "resource_cloud_id_idx";

-- CreateIndex
CREATE INDEX "resource_cloud_id_kind_name_id_idx" ON "resource"("cloud_id", "kind", "name", "id");

-- CreateIndex
CREATE INDEX "cloud_sync_watch_until_idx" ON "cloud_sync"("watch_until");

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

-- Streams of who uses what another one owns: who owns it itself finds it by the owner.
create index cloud_activity_used_idx on cloud_activity (assigned_id, kind, started_at, id) where owner_id <> assigned_id;
create index cloud_backup_used_idx on cloud_backup (assigned_id, taken_at, id) where owner_id <> assigned_id;
-- The few machines that others can be made of, among all that there are.
create index resource_state_template_idx on resource_state (resource_id) where facts -> 'told' ->> 'Template' = 'Yes';
-- Every write of a look, and every event that a cloud tells of, finds its cloud by its run.
create index cloud_sync_run_idx on cloud_sync (run) where run is not null;
create index cloud_sync_watch_run_idx on cloud_sync (watch_run) where watch_run is not null;

-- As before, in words that PostgreSQL answers for each sample by the resource's id: it made a list of all that the tenant sees first.
drop policy host_sample_select on host_sample;
create policy host_sample_select on host_sample for select to freehold_tenant, freehold_master
  using ((select true from resource r where r.id = host_sample.resource_id));
