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

/** The subscriptions of a mode that are not over, newest first; more than one, where somebody paid twice. */
export const current = (tx: Tx, livemode: boolean): Promise<StoredSubscription[]> =>
  tx.$queryRaw<StoredSubscription[]>`
    select id, status, plan, price_id as price, quantity as hosts, period_end as "periodEnd", cancel_at as "cancelAt",
      grace_until as "graceUntil"
    from billing_subscription
    where livemode = ${livemode} and status not in ('canceled', 'incomplete_expired')
    order by status = 'incomplete', created_at desc, id limit 20`

/** Whether there is a plan of this name. */
export async function planExists(tx: Tx, key: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ key: string }[]>`select key from plan where key = ${key}`
  return rows.length > 0
}

/** Stripe's id of the master as a customer in a mode; null: it is none yet. */
export async function customer(tx: Tx, livemode: boolean): Promise<string | null> {
  const rows = await tx.$queryRaw<
    { id: string }[]
  >`select customer_id as id from billing_account where livemode = ${livemode}`
  return rows[0]?.id ?? null
}

/** @param gone the customer that Stripe knows no more @returns whose customer it is: another request may have been faster */
export async function setCustomer(
  tx: WriteTx,
  id: string,
  livemode: boolean,
  gone: string | null,
): Promise<string> {
  const rows = await tx.$queryRaw<
    { id: string }[]
  >`select wall.billing_account_set(${id}, ${livemode}, ${gone}) as id`
  return rows[0]?.id ?? id
}

/** Events that wait for something to be known, and those of the other mode. */
export async function oddEvents(tx: Tx, livemode: boolean): Promise<{ parked: number; otherMode: number }> {
  const rows = await tx.$queryRaw<{ parked: number; otherMode: number }[]>`
    select count(*) filter (where status = 'parked')::int as parked,
      count(*) filter (where status = 'ignored' and livemode <> ${livemode})::int as "otherMode"
    from (select status, livemode from stripe_event where status in ('parked', 'ignored') order by received_at desc limit 1000) e`
  return rows[0] ?? { parked: 0, otherMode: 0 }
}
