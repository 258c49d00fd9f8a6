import { randomInt } from 'node:crypto'
import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'

/** A customer of whom nothing is known, not stored. */
export function customerObject(account: Account): Stripe.Customer {
  return {
    id: newId('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: account.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: Array.from({ length: 8 }, () => 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'[randomInt(32)]).join(
      '',
    ),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: account.livemode,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  }
}

/** A tax id of a customer, not stored; never verified, for nobody is asked. */
export const taxIdObject = (
  account: Account,
  id: string,
  customer: string,
  type: Stripe.TaxId.Type,
  value: string,
): Stripe.TaxId => ({
  id,
  object: 'tax_id',
  country: type === 'eu_vat' ? value.slice(0, 2).toUpperCase() : type.slice(0, 2).toUpperCase(),
  created: account.now(),
  customer,
  customer_account: null,
  livemode: account.livemode,
  owner: { type: 'customer', customer, customer_account: null },
  type,
  value,
  verification: { status: 'pending', verified_address: null, verified_name: null },
})
