import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'

/** What of a checkout session the one who asks for it decides. */
export type SessionWanted = Pick<
  Stripe.Checkout.Session,
  | 'id'
  | 'allow_promotion_codes'
  | 'billing_address_collection'
  | 'cancel_url'
  | 'client_reference_id'
  | 'currency'
  | 'customer'
  | 'customer_email'
  | 'expires_at'
  | 'locale'
  | 'metadata'
  | 'success_url'
  | 'tax_id_collection'
>

/** An open session in subscription mode, not stored. */
export const sessionObject = (account: Account, wanted: SessionWanted): Stripe.Checkout.Session => ({
  ...EMPTY,
  ...wanted,
  object: 'checkout.session',
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  created: account.now(),
  custom_text: {
    after_submit: null,
    shipping_address: null,
    submit: null,
    terms_of_service_acceptance: null,
  },
  customer_creation: wanted.customer === null ? 'always' : null,
  livemode: account.livemode,
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
  payment_status: 'unpaid',
  phone_number_collection: { enabled: false },
  saved_payment_method_options: {
    allow_redisplay_filters: ['always'],
    payment_method_remove: 'disabled',
    payment_method_save: null,
  },
  status: 'open',
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  url: `${account.base}/pay/${wanted.id}`,
})

/** Everything that a session has and that is nothing here. */
const EMPTY = {
  adaptive_pricing: null,
  after_expiration: null,
  allowed_payment_method_types: null,
  amount_subtotal: null,
  amount_total: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  customer_account: null,
  customer_details: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  managed_payments: null,
  mode: 'subscription',
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_collection: 'always',
  payment_method_configuration_details: null,
  payment_method_types: ['card'],
  permissions: null,
  recovered_from: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  submit_type: null,
  subscription: null,
  ui_mode: 'hosted_page',
  wallet_options: null,
} satisfies Partial<Stripe.Checkout.Session>
