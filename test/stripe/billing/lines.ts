import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { dayOf } from '@/test/stripe/billing/period'

/** A decimal as it is on the wire, which is text; the SDK makes an object of it. */
export const decimal = (number: number): Stripe.Decimal => String(number) as unknown as Stripe.Decimal

/** What an item costs for a whole period, in the currency's smallest unit. */
const costOf = (item: { price: Stripe.Price; quantity?: number }): number =>
  (item.price.unit_amount ?? 0) * (item.quantity ?? 1)

export interface LineWanted {
  amount: number
  description: string
  period: { start: number; end: number }
  proration: boolean
}

/** A line of an invoice for an item of a subscription. */
function makeLine(
  account: Account,
  item: Stripe.SubscriptionItem,
  { amount, description, period, proration }: LineWanted,
): Stripe.InvoiceLineItem {
  const quantity = item.quantity ?? 1
  return {
    id: newId('il'),
    object: 'line_item',
    amount,
    currency: item.price.currency,
    description,
    discount_amounts: [],
    discountable: !proration,
    discounts: [],
    invoice: null,
    livemode: account.livemode,
    metadata: item.metadata,
    parent: {
      type: 'subscription_item_details',
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration,
        proration_details: { credited_items: null },
        subscription: item.subscription,
        subscription_item: item.id,
      },
    },
    period,
    pretax_credit_amounts: [],
    pricing: {
      type: 'price_details',
      price_details: { price: item.price.id, product: item.price.product as string },
      unit_amount_decimal: item.price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: decimal(quantity),
    subscription: item.subscription,
    subtotal: amount,
    taxes: [],
  }
}

const nameOf = (account: Account, item: Stripe.SubscriptionItem): string =>
  account.kept.products.find(item.price.product as string)?.name ?? item.price.id

/** `10 × Freehold Enterprise (at €4.00 / month)` for the period the item is in. */
export function periodLine(account: Account, item: Stripe.SubscriptionItem): Stripe.InvoiceLineItem {
  const each = money(item.price.unit_amount ?? 0, item.price.currency)
  return makeLine(account, item, {
    amount: costOf(item),
    description: `${item.quantity ?? 1} × ${nameOf(account, item)} (at ${each} / ${item.price.recurring?.interval ?? 'once'})`,
    period: { start: item.current_period_start, end: item.current_period_end },
    proration: false,
  })
}

/**
 * The share of an item's price for what is left of its period: by the second, rounded to the smallest unit (our model).
 * @param sign -1 for a credit of what is not used, 1 for a charge
 */
export function prorationLine(
  account: Account,
  item: Stripe.SubscriptionItem,
  at: number,
  sign: 1 | -1,
): Stripe.InvoiceLineItem {
  const { current_period_start: start, current_period_end: end } = item
  const left = Math.min(1, Math.max(0, (end - at) / (end - start)))
  const what = `${item.quantity ?? 1} × ${nameOf(account, item)} after ${dayOf(at)}`
  return makeLine(account, item, {
    amount: sign * Math.round(costOf(item) * left),
    description: sign < 0 ? `Unused time on ${what}` : `Remaining time on ${what}`,
    period: { start: at, end },
    proration: true,
  })
}

/** `€12.00`. @param amount in the smallest unit of a currency that has hundredths */
export const money = (amount: number, currency: string): string =>
  new Intl.NumberFormat('en-IE', { style: 'currency', currency }).format(amount / 100)
