import type { Tx, WriteTx } from '@/server/db/scope'

export interface StoredSubscription {
  id: string
  status: string
  plan: string
  price: string
  hosts: number
  periodEnd: Date
  cancelAt: Date | null
  graceUntil: Date | null
}

/** The newest subscription of a mode that is not over. */
export async function current(tx: Tx, livemode: boolean): Promise<StoredSubscription | null> {
  const rows = await tx.$queryRaw<StoredSubscription[]>`
    select id, status, plan, price_id as price, quantity as hosts, period_end as "periodEnd", cancel_at as "cancelAt",
      grace_until as "graceUntil"
    from billing_subscription
    where livemode = ${livemode} and status not in ('canceled', 'incomplete', 'incomplete_expired')
    order by created_at desc, id limit 1`
  return rows[0] ?? null
}

/** Stripe's id of the master as a customer in a mode; null: it is none yet. */
export async function customer(tx: Tx, livemode: boolean): Promise<string | null> {
  const rows = await tx.$queryRaw<
    { id: string }[]
  >`select customer_id as id from billing_account where livemode = ${livemode}`
  return rows[0]?.id ?? null
}

/** @returns whose customer it is: another request may have been faster */
export async function setCustomer(tx: WriteTx, id: string, livemode: boolean): Promise<string> {
  const rows = await tx.$queryRaw<{ id: string }[]>`select wall.billing_account_set(${id}, ${livemode}) as id`
  return rows[0]?.id ?? id
}

/** Events that wait for something to be known, and those of the other mode. */
export async function oddEvents(tx: Tx, livemode: boolean): Promise<{ parked: number; otherMode: number }> {
  const rows = await tx.$queryRaw<{ parked: number; otherMode: number }[]>`
    select count(*) filter (where status = 'parked')::int as parked,
      count(*) filter (where status = 'ignored' and livemode <> ${livemode})::int as "otherMode"
    from (select status, livemode from stripe_event where status in ('parked', 'ignored') order by received_at desc limit 10000) e`
  return rows[0] ?? { parked: 0, otherMode: 0 }
}

/** Which installation this is, for what is made once at Stripe. */
export async function installId(tx: Tx): Promise<string> {
  const rows = await tx.$queryRaw<{ id: string }[]>`select install_id as id from installation where id = 1`
  return rows[0]?.id ?? ''
}
