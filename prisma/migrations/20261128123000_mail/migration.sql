-- Outgoing mail: queued in the transaction that causes it, sent by the worker, wiped once sent.

-- CreateTable
CREATE TABLE "mail_message" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "to_address" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" BYTEA,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "error" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(6),

    CONSTRAINT "mail_message_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "mail_message_created_at_id_idx" ON "mail_message"("created_at", "id");

-- CreateIndex
CREATE INDEX "mail_message_tenant_id_idx" ON "mail_message"("tenant_id");

-- AddForeignKey
ALTER TABLE "mail_message" ADD CONSTRAINT "mail_message_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Facts that Prisma's schema cannot express ---------------------------------------------------------------------------

alter table mail_message
  add constraint mail_message_status_check check (status in ('queued', 'sending', 'sent', 'failed', 'kept')),
  add constraint mail_message_to_check check (length(to_address) between 3 and 254 and to_address !~ '[[:cntrl:],;<>]'),
  add constraint mail_message_subject_check check (length(subject) between 1 and 300 and subject !~ '[[:cntrl:]]'),
  -- What was sent is known to its reader, and to nobody here any more.
  add constraint mail_message_sent_check check (status <> 'sent' or body is null);
create index mail_message_due_idx on mail_message (next_at) where status in ('queued', 'sending');

alter table mail_message enable row level security, force row level security;
grant select, insert, update, delete on mail_message to freehold_definer;
create policy mail_message_definer_select on mail_message for select to freehold_definer using (true);
create policy mail_message_definer_insert on mail_message for insert to freehold_definer with check (true);
create policy mail_message_definer_update on mail_message for update to freehold_definer using (true) with check (true);
create policy mail_message_definer_delete on mail_message for delete to freehold_definer using (true);

-- A tenant puts mail in and cannot read it back: what it says lets its reader in.
grant insert (id, tenant_id, kind, to_address, subject, body) on mail_message to freehold_tenant, freehold_master;
create policy mail_message_insert on mail_message for insert to freehold_tenant, freehold_master
  with check (tenant_id = (select wall.ctx_people()) and status = 'queued' and attempts = 0);
grant select on mail_message to freehold_master;
create policy mail_message_select on mail_message for select to freehold_master using ((select wall.ctx_is_master()));

-- For what happens for nobody in particular, such as a forgotten password.
create function wall.mail_queue(p_id uuid, p_tenant uuid, p_kind text, p_to text, p_subject text, p_body bytea) returns void language sql security definer
set search_path = pg_catalog, pg_temp as $$
  insert into public.mail_message (id, tenant_id, kind, to_address, subject, body) values (p_id, p_tenant, p_kind, p_to, p_subject, p_body)
$$;

-- Takes what is due for five minutes: whoever took it and died loses it again.
create function wall.mail_claim(p_limit int) returns table (id uuid, tenant_id uuid, to_address text, subject text, body bytea, attempts int, sender text)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.mail_message m set status = 'sending', attempts = m.attempts + 1, next_at = now() + interval '5 minutes'
  from public.tenant t where t.id = m.tenant_id and m.id in (select d.id from public.mail_message d where d.status in ('queued', 'sending') and d.next_at <= now()
    order by d.next_at limit p_limit for update skip locked)
  returning m.id, m.tenant_id, m.to_address, m.subject, m.body, m.attempts, t.name
$$;

-- How it went. `p_retry`: seconds until it is tried again; null: it is not. Who looks at the list of mail hears of it: the master's live pages.
create function wall.mail_done(p_id uuid, p_status text, p_error text, p_retry int) returns void language sql security definer
set search_path = pg_catalog, pg_temp as $$
  update public.mail_message set status = p_status, error = left(p_error, 500), body = case when p_status = 'sent' then null else body end,
    sent_at = case when p_status = 'sent' then now() end, next_at = now() + make_interval(secs => coalesce(p_retry, 0))
  where id = p_id and status = 'sending';
  select pg_notify('freehold', 't:00000000-0000-4000-8000-000000000001')
$$;

-- Puts a failed mail back into the queue; master only. Whether there was one.
create function wall.mail_retry(p_id uuid) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.mail_message set status = 'queued', next_at = now(), error = '', attempts = 0
  where id = p_id and status = 'failed' and body is not null and wall.ctx_is_master();
  return found;
end $$;

-- What a mail said is forgotten after 7 days, that there was one after 30.
create function wall.mail_purge() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.mail_message set body = null where body is not null and status in ('failed', 'kept') and created_at < now() - interval '7 days';
  delete from public.mail_message where created_at < now() - interval '30 days';
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
grant execute on function wall.mail_queue(uuid, uuid, text, text, text, bytea), wall.mail_claim(int), wall.mail_done(uuid, text, text, int), wall.mail_purge()
  to freehold_system;
grant execute on function wall.mail_retry(uuid) to freehold_master;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
