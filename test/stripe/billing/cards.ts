import type Stripe from 'stripe'
import type { Account, CardNature } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { invalid } from '@/test/stripe/failure'

interface TestCard {
  brand: string
  last4: string
  nature: CardNature
}

/** Stripe's test cards that are modelled (https://docs.stripe.com/testing), by number. */
export const BY_NUMBER: Record<string, TestCard> = {
  '4242424242424242': { brand: 'visa', last4: '4242', nature: 'pays' },
  '5555555555554444': { brand: 'mastercard', last4: '4444', nature: 'pays' },
  '4000000000000341': { brand: 'visa', last4: '0341', nature: 'fails later' },
  '4000000000000002': { brand: 'visa', last4: '0002', nature: 'declined' },
}
/** The same by the names that the API takes in place of numbers. */
const BY_TOKEN: Record<string, string> = {
  pm_card_visa: '4242424242424242',
  tok_visa: '4242424242424242',
  pm_card_mastercard: '5555555555554444',
  tok_mastercard: '5555555555554444',
  pm_card_chargeCustomerFail: '4000000000000341',
  tok_chargeCustomerFail: '4000000000000341',
  pm_card_visa_chargeDeclined: '4000000000000002',
  tok_chargeDeclined: '4000000000000002',
}

/** @returns the test card of a token such as `pm_card_visa` */
export const cardOfToken = (token: string): TestCard | undefined => BY_NUMBER[BY_TOKEN[token] ?? '']

/** A payment method that belongs to nobody yet. */
export function makeCard(account: Account, card: TestCard): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: 12,
      exp_year: new Date(account.now() * 1000).getUTCFullYear() + 3,
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: account.now(),
    customer: null,
    customer_account: null,
    livemode: account.livemode,
    metadata: {},
    type: 'card',
  }
  account.kept.natures.add({ id: method.id, nature: card.nature })
  return account.kept.paymentMethods.add(method)
}

/**
 * The payment method of that id, or a new one of that test token.
 * @throws StripeFailure `resource_missing` that names `param`
 */
export function methodOf(account: Account, id: string, param: string): Stripe.PaymentMethod {
  const card = cardOfToken(id)
  return card ? makeCard(account, card) : account.kept.paymentMethods.take(id, param)
}

/** @throws StripeFailure 400 where it is another customer's */
export function attach(
  account: Account,
  method: Stripe.PaymentMethod,
  customer: string,
): Stripe.PaymentMethod {
  if (method.customer === customer) return method
  if (method.customer !== null)
    throw invalid(
      'The payment method you provided has already been attached to a customer.',
      'payment_method',
    )
  method.customer = customer
  account.emit('payment_method.attached', method)
  return method
}

/** Which payment method pays for a subscription: its own, else its customer's. */
export function payerOf(account: Account, subscription: Stripe.Subscription): string | null {
  if (subscription.default_payment_method !== null) return subscription.default_payment_method as string
  const customer = account.kept.customers.find(subscription.customer as string)
  return (customer?.invoice_settings.default_payment_method as string | null | undefined) ?? null
}

/**
 * Whether a charge goes through.
 * @param first on the emulator's pay page: the card ending 0341 pays this one time there, so that a renewal can fail (our model; Stripe declines it)
 */
export function pays(account: Account, method: string | null, first = false): boolean {
  const nature = method === null ? undefined : account.kept.natures.find(method)?.nature
  return nature === 'pays' || (first && nature === 'fails later')
}
