-- Since when a machine is used by the tenant that uses it now: its cloud's figures of before are none of that tenant's business.

-- AlterTable
ALTER TABLE "cloud_item" ADD COLUMN     "used_since" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- Who gets a machine next learns nothing of how it was used before. The time is taken after the tenants' locks.
create function wall.item_used_since() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.cloud_item i set used_since = clock_timestamp() where i.resource_id = new.id;
  return null;
end $$;
create trigger item_used_since after update of assigned_id on resource for each row
  when (new.kind = 'virtual_machine' and old.assigned_id is distinct from new.assigned_id) execute function wall.item_used_since();

revoke all on function wall.item_used_since() from public;
grant execute on function wall.item_used_since() to freehold_definer;
alter function wall.item_used_since() owner to freehold_definer;
