import type Stripe from 'stripe'

export const MONTHLY = 'freehold_enterprise_monthly'
export const YEARLY = 'freehold_enterprise_yearly'

export interface Catalogue {
  product: string
  /** Ids of prices. */
  monthly: string
  yearly: string
}

/**
 * Freehold's product and its two prices, by their lookup keys; makes those that are not there yet, so it may run at each start. The amounts are
 * for the demo: what a host costs is set in the account of whoever sells Freehold.
 */
export async function seedCatalogue(stripe: Stripe): Promise<Catalogue> {
  const found = await stripe.prices.list({ lookup_keys: [MONTHLY, YEARLY], active: true })
  const byKey = (key: string): Stripe.Price | undefined => found.data.find((one) => one.lookup_key === key)
  const known = byKey(MONTHLY) ?? byKey(YEARLY)
  const product =
    known === undefined
      ? (await stripe.products.create({ name: 'Freehold Enterprise', unit_label: 'host' })).id
      : (known.product as string)
  const price = async (key: string, interval: 'month' | 'year', cents: number): Promise<string> =>
    byKey(key)?.id ??
    (
      await stripe.prices.create({
        product,
        currency: 'eur',
        unit_amount: cents,
        recurring: { interval },
        lookup_key: key,
        nickname: `Enterprise, a host and ${interval}`,
      })
    ).id
  return { product, monthly: await price(MONTHLY, 'month', 900), yearly: await price(YEARLY, 'year', 9000) }
}
