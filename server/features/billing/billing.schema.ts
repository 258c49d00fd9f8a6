import { z } from 'zod'

const iso = z.iso.datetime({ offset: true })
/** In the smallest unit of the currency: cents. */
const amount = z.int()
const currency = z.string()
const hosts = z
  .int('Enter a whole number of hosts.')
  .min(1, 'Enter at least 1 host.')
  .max(100_000, 'At most 100,000 hosts can be bought here.')

const subscription = z.strictObject({
  id: z.string(),
  /** Stripe's words. */
  status: z.string(),
  plan: z.string(),
  price: z.string(),
  hosts: z.int(),
  periodEnd: iso,
  cancelAt: iso.nullable(),
  /** A payment failed: until when it counts nevertheless. */
  graceUntil: iso.nullable(),
})
export type Subscription = z.output<typeof subscription>

export const billing = z.strictObject({
  /** Whether this server sells. */
  configured: z.boolean(),
  /** Test mode of Stripe: no real money. */
  test: z.boolean(),
  /** The one that is not over; null: there is none. */
  subscription: subscription.nullable(),
  /** Further ones that are not over: somebody paid twice. */
  others: z.int(),
  /** Whether there was anything to pay yet, so that invoices and the portal exist. */
  customer: z.boolean(),
  /** Events of Stripe that are about nothing known here. */
  parked: z.int(),
  /** Events of the last 100 days that came from the other mode. */
  otherMode: z.int(),
  can: z.strictObject({ buy: z.boolean() }),
  why: z.strictObject({ buy: z.string().optional() }),
})
export type Billing = z.output<typeof billing>

const offer = z.strictObject({
  price: z.string(),
  plan: z.string(),
  /** For a host; null where it is priced in another way, which the page of payment shows. */
  amount: amount.nullable(),
  currency,
  interval: z.enum(['day', 'week', 'month', 'year']),
  intervals: z.int(),
})
export type Offer = z.output<typeof offer>
export const offers = z.strictObject({ offers: z.array(offer) })

export const order = z.strictObject({ price: z.string().min(1).max(200), hosts })
/** Leads to a page of Stripe's. */
export const elsewhere = z.strictObject({ url: z.url() })
export const session = z.strictObject({ session: z.string().min(1).max(200) })

export const preview = z.strictObject({
  /** What is due now; negative: what is credited to the next invoice. */
  dueNow: amount,
  /** Of a whole period from now on. */
  then: amount.nullable(),
  currency,
})
export type Preview = z.output<typeof preview>

export const invoicesInput = z.strictObject({ after: z.string().min(1).max(200).optional() })
const invoice = z.strictObject({
  id: z.string(),
  number: z.string().nullable(),
  createdAt: iso,
  total: amount,
  currency,
  status: z.string(),
  /** Stripe's page of it, and its PDF. */
  page: z.string().nullable(),
  pdf: z.string().nullable(),
})
export type Invoice = z.output<typeof invoice>
export const invoices = z.strictObject({ invoices: z.array(invoice), more: z.boolean() })
