-- Subscriptions at Stripe, which has the say: what it tells is noted, then read there, and the licence follows (rule 14).

-- AlterTable
ALTER TABLE "licence" ADD COLUMN     "subscription" TEXT;

-- CreateTable
CREATE TABLE "billing_account" (
    "livemode" BOOLEAN NOT NULL,
    "customer_id" TEXT NOT NULL,
    "turn_until" TIMESTAMPTZ(6),
    "readings" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "billing_account_pkey" PRIMARY KEY ("livemode")
);

-- CreateTable
CREATE TABLE "billing_subscription" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "status" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "price_id" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "period_end" TIMESTAMPTZ(6) NOT NULL,
    "cancel_at" TIMESTAMPTZ(6),
    "grace_until" TIMESTAMPTZ(6),
    "ticket" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "billing_subscription_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stripe_event" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "received_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT NOT NULL DEFAULT '',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "done_at" TIMESTAMPTZ(6),

    CONSTRAINT "stripe_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "billing_account_customer_id_key" ON "billing_account"("customer_id");

-- CreateIndex
CREATE INDEX "billing_subscription_livemode_created_at_idx" ON "billing_subscription"("livemode", "created_at");

-- CreateIndex
CREATE INDEX "stripe_event_received_at_idx" ON "stripe_event"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "licence_subscription_key" ON "licence"("subscription");


alter table licence drop constraint licence_key_check,
  add constraint licence_source_of_check check ((key_id is not null) = (source = 'key') and (subscription is null or source = 'stripe'));
alter table stripe_event add constraint stripe_event_status_check check (status in ('pending', 'done', 'parked', 'ignored'));
alter table billing_subscription add constraint billing_subscription_hosts_check check (quantity between 0 and 1000000);
create index stripe_event_waiting_idx on stripe_event (next_at) where status = 'pending';
create index stripe_event_odd_idx on stripe_event (received_at) where status in ('parked', 'ignored');

do $$
declare t text;
begin
  foreach t in array array['billing_account', 'billing_subscription', 'stripe_event'] loop
    execute format('alter table public.%I enable row level security, force row level security', t);
    execute format('grant select, insert, update, delete on public.%I to freehold_definer', t);
    execute format('create policy %I on public.%I for select to freehold_definer using (true)', t || '_definer_select', t);
    execute format('create policy %I on public.%I for insert to freehold_definer with check (true)', t || '_definer_insert', t);
    execute format('create policy %I on public.%I for update to freehold_definer using (true) with check (true)', t || '_definer_update', t);
    execute format('create policy %I on public.%I for delete to freehold_definer using (true)', t || '_definer_delete', t);
    execute format('grant select on public.%I to freehold_master', t);
    execute format('create policy %I on public.%I for select to freehold_master using ((select wall.ctx_is_master()))', t || '_select', t);
  end loop;
end $$;

-- The master becomes Stripe's customer, once a mode; another one where that customer is no more. What was told of it before is looked at again.
-- @param p_gone the customer that is no more; null: there was none
-- @returns whose customer it is: another call may have been faster
create function wall.billing_account_set(p_customer text, p_livemode boolean, p_gone text) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare customer text;
begin
  if coalesce(wall.ctx_writer() <> '00000000-0000-4000-8000-000000000001', true) then raise exception 'master only' using errcode = '42501'; end if;
  insert into public.billing_account (livemode, customer_id) values (p_livemode, p_customer)
  on conflict (livemode) do update set customer_id = excluded.customer_id where billing_account.customer_id = p_gone;
  select a.customer_id into customer from public.billing_account a where a.livemode = p_livemode;
  update public.stripe_event e set status = 'pending', reason = '', attempts = 0, next_at = now() where e.status = 'parked' and e.livemode = p_livemode;
  return customer;
end $$;

-- One page of payment is made at a time. @returns whether it is this caller's turn, for a minute or until it is given back
create function wall.billing_turn(p_livemode boolean, p_take boolean) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.billing_account a set turn_until = case when p_take then now() + interval '1 minute' end
  where a.livemode = p_livemode and (not p_take or a.turn_until is null or a.turn_until <= now());
  return found;
end $$;

create function wall.billing_customer(p_livemode boolean) returns text language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.customer_id from public.billing_account a where a.livemode = p_livemode
$$;

-- Notes an event, once. @returns false: it is known
create function wall.stripe_event_add(p_id text, p_type text, p_object text, p_livemode boolean, p_created timestamptz, p_status text, p_reason text)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.stripe_event (id, type, object_id, livemode, created_at, status, reason)
  values (left(p_id, 200), left(p_type, 100), left(p_object, 200), p_livemode, p_created, p_status, left(p_reason, 300)) on conflict (id) do nothing;
  return found;
end $$;

-- Takes events to work on, for a minute; whoever dies meanwhile leaves them to the next. Each try waits longer, an hour at most.
create function wall.stripe_events_claim(p_limit int) returns table (id text, type text, object_id text, attempts int) language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.stripe_event e set attempts = e.attempts + 1, next_at = now() + least(interval '1 hour', interval '1 minute' * power(2, least(e.attempts, 6)))
  from (select x.id from public.stripe_event x where x.status = 'pending' and x.next_at <= now() order by x.next_at, x.received_at limit p_limit for update skip locked) due
  where e.id = due.id returning e.id, e.type, e.object_id, e.attempts
$$;

create function wall.stripe_event_done(p_id text, p_status text, p_reason text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.stripe_event e set status = p_status, reason = left(p_reason, 300), done_at = now() where e.id = p_id and e.status = 'pending'
$$;

-- What is parked because of what may be mended meanwhile (a setting, an outage) is looked at again; a month long.
create function wall.stripe_events_again(p_but text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.stripe_event e set status = 'pending', attempts = 0, next_at = now() where e.id in (select x.id from public.stripe_event x
    where x.status = 'parked' and x.reason <> p_but and x.received_at > now() - interval '30 days' order by x.received_at limit 100)
$$;

-- Which reading of a subscription comes now: taken before it is read, so that what was read earlier and comes later changes nothing.
create function wall.billing_ticket(p_livemode boolean) returns bigint language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  with counted as (update public.billing_account a set readings = a.readings + 1 where a.livemode = p_livemode returning a.readings)
  select coalesce((select c.readings from counted c), 0)
$$;

-- Subscriptions to read again: those that are not over.
create function wall.billing_open(p_livemode boolean) returns table (id text) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.id from public.billing_subscription s where s.livemode = p_livemode and s.status not in ('canceled', 'incomplete_expired') order by s.updated_at limit 100
$$;

create function wall.billing_facts(s public.billing_subscription) returns jsonb language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('status', s.status, 'plan', s.plan, 'price', s.price_id, 'hosts', s.quantity, 'periodEnd', s.period_end, 'cancelAt', s.cancel_at, 'graceUntil', s.grace_until)
$$;

create function wall.billing_audit(was public.billing_subscription, s public.billing_subscription) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  select wall.audit_insert(array['00000000-0000-4000-8000-000000000001'::uuid], null, 'Stripe', null, jsonb_build_object('event', 'billing.subscription',
    'targetKind', 'subscription', 'targetId', s.id, 'targetName', s.plan || ' for ' || s.quantity || ' hosts',
    'before', case when was.id is not null then wall.billing_facts(was) end, 'after', wall.billing_facts(s)))
$$;

-- Takes over what Stripe says of a subscription, and gives or ends the licence. `counts`: paid | grace | no. `plan` null: its price is none that is sold
-- any more; it stays what it was. @returns 'applied', 'same', 'stale' (read earlier than what is known), 'customer' (of somebody else), 'plan' (none of that name)
create function wall.billing_apply(p jsonb) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  was public.billing_subscription;
  s public.billing_subscription;
  pl public.plan;
  held public.licence;
  until timestamptz;
  hosts int;
  told timestamptz := (p ->> 'toldAt')::timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121));
  if not exists (select 1 from public.billing_account a where a.customer_id = p ->> 'customer' and a.livemode = (p ->> 'livemode')::boolean) then return 'customer'; end if;
  select * into was from public.billing_subscription x where x.id = p ->> 'id';
  select * into pl from public.plan x where x.key = coalesce(p ->> 'plan', was.plan);
  if pl.key is null then return 'plan'; end if;
  if was.ticket > (p ->> 'ticket')::bigint then return 'stale'; end if;
  -- Stripe's clock agrees with this server's: what once ran ahead was wrong.
  update public.installation i set clock_at = now() where i.id = 1 and i.clock_at > now() + interval '1 hour' and told between now() - interval '1 hour' and now() + interval '1 hour';
  insert into public.billing_subscription (id, customer_id, livemode, status, plan, price_id, quantity, period_end, cancel_at, grace_until, ticket)
  values (p ->> 'id', p ->> 'customer', (p ->> 'livemode')::boolean, p ->> 'status', pl.key, p ->> 'price', least((p ->> 'quantity')::bigint, 1000000)::int,
    (p ->> 'periodEnd')::timestamptz, (p ->> 'cancelAt')::timestamptz,
    -- From when it was first seen to be due, for as long as it is.
    case when p ->> 'counts' = 'grace' then coalesce(case when was.status = p ->> 'status' then was.grace_until end, now() + make_interval(days => (p ->> 'graceDays')::int)) end,
    (p ->> 'ticket')::bigint)
  on conflict (id) do update set status = excluded.status, plan = excluded.plan, price_id = excluded.price_id, quantity = excluded.quantity,
    period_end = excluded.period_end, cancel_at = excluded.cancel_at, grace_until = excluded.grace_until, ticket = excluded.ticket, updated_at = now()
  returning * into s;
  select * into held from public.licence l where l.subscription = s.id;
  -- A renewal is told late, and late again after an outage: it holds a little longer than its period.
  until := case p ->> 'counts' when 'paid' then least(s.cancel_at, s.period_end + interval '3 days') when 'grace' then least(s.cancel_at, s.grace_until) end;
  hosts := case when pl.per_host then s.quantity else pl.host_limit end;
  -- What is not paid gives no more than there was.
  if p ->> 'counts' = 'grace' and held.host_limit is not null then hosts := least(hosts, held.host_limit); end if;
  if until > now() and s.quantity > 0 then
    insert into public.licence (source, plan, capabilities, host_limit, subscription, expires_at, renews)
    values ('stripe', pl.key, pl.capabilities, hosts, s.id, until, p ->> 'counts' = 'paid' and s.cancel_at is null)
    on conflict (subscription) do update set plan = excluded.plan, capabilities = excluded.capabilities, host_limit = excluded.host_limit,
      starts_at = least(licence.starts_at, now()), expires_at = excluded.expires_at, renews = excluded.renews, ended_at = null;
    -- What is bought takes the place of a trial that gives no more.
    update public.licence l set ended_at = now() where l.source = 'trial' and (l.ended_at is null or l.ended_at > now()) and l.expires_at > now()
      and l.capabilities <@ pl.capabilities and (hosts is null or l.host_limit <= hosts);
  else
    update public.licence l set ended_at = now() where l.id = held.id and l.ended_at is null and l.expires_at > now();
  end if;
  if was.id is not null and wall.billing_facts(s) = wall.billing_facts(was) then return 'same'; end if;
  perform wall.billing_audit(was, s);
  return 'applied';
end $$;

-- Stripe knows it no more: deleted with its customer, or of another account. @returns false: it was none of ours
create function wall.billing_gone(p_subscription text) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  was public.billing_subscription;
  s public.billing_subscription;
begin
  perform pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121));
  select * into was from public.billing_subscription x where x.id = p_subscription and x.status <> 'canceled';
  if was.id is null then return false; end if;
  update public.billing_subscription x set status = 'canceled', grace_until = null, updated_at = now() where x.id = was.id returning * into s;
  update public.licence l set ended_at = now() where l.subscription = s.id and l.ended_at is null and l.expires_at > now();
  perform wall.billing_audit(was, s);
  return true;
end $$;

-- A server of one mode knows no licence of the other: test and live never mix.
create function wall.billing_mode(p_livemode boolean) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare l record;
begin
  perform pg_advisory_xact_lock(hashtextextended('freehold.hosts', 20261121));
  for l in update public.licence x set ended_at = now() from public.billing_subscription s
    where x.subscription = s.id and s.livemode <> p_livemode and x.ended_at is null and x.expires_at > now() returning x.id, x.plan loop
    perform wall.audit_insert(array['00000000-0000-4000-8000-000000000001'::uuid], null, 'system', null, jsonb_build_object('event', 'licence.end',
      'targetKind', 'licence', 'targetId', l.id, 'targetName', 'Subscription', 'reason', 'The server changed between the test and the live mode of Stripe'));
  end loop;
end $$;

create function wall.stripe_events_forget() returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.stripe_event e where e.id in (select x.id from public.stripe_event x where x.received_at < now() - interval '100 days' and x.status <> 'pending' limit 5000)
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
grant execute on function wall.billing_account_set(text, boolean, text) to freehold_master;
grant execute on function wall.billing_turn(boolean, boolean), wall.billing_customer(boolean), wall.stripe_event_add(text, text, text, boolean, timestamptz, text, text), wall.stripe_events_claim(int),
  wall.stripe_event_done(text, text, text), wall.stripe_events_again(text), wall.billing_ticket(boolean), wall.billing_open(boolean), wall.billing_apply(jsonb),
  wall.billing_gone(text), wall.billing_mode(boolean), wall.stripe_events_forget() to freehold_system;
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'wall' and p.prosecdef and p.proowner = 'freehold_owner'::regrole loop
    execute format('alter function %s owner to freehold_definer', f);
  end loop;
end $$;
