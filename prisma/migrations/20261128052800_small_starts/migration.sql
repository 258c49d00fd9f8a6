-- Where the list of a person starts from whose roles reach what they made (server/authz/reach-start.ts).
create index resource_created_by_idx on resource (created_by) where created_by is not null;

-- With what the policies ask of a row beside it, so that counting and searching what is public in a large cloud, or shared, reads the index alone.
drop index resource_public_cloud_idx;
create index resource_public_cloud_idx on resource (cloud_id, kind, name, id) include (assigned_id, owner_id, visibility) where visibility = 'public';
drop index access_grant_live_idx;
create index access_grant_live_idx on access_grant (tenant_id, kind, name, resource_id) include (owner_id, expires_at) where status = 'live';
