import type Stripe from 'stripe'
import type { Account, CheckoutPlan } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { attach, BY_NUMBER, makeCard } from '@/test/stripe/billing/cards'
import { customerObject, taxIdObject } from '@/test/stripe/billing/customer-object'
import { begin } from '@/test/stripe/billing/subscriptions'
import { declined, invalid } from '@/test/stripe/failure'

/** What a checkout session shows as bought, with what it costs. */
export function lineItems(account: Account, session: string): Stripe.LineItem[] {
  return account.kept.plans.take(session).items.map(({ price: id, quantity, adjustable }, index) => {
    const price = account.kept.prices.take(id)
    const amount = (price.unit_amount ?? 0) * quantity
    return {
      id: `li_${session.slice(-14)}${index}`,
      object: 'item',
      adjustable_quantity: adjustable ? { enabled: true, ...adjustable } : null,
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price.currency,
      description: account.kept.products.find(price.product as string)?.name ?? null,
      discounts: [],
      metadata: {},
      price,
      quantity,
      taxes: [],
    }
  })
}

/** Brings the amounts of a session in line with its items. */
export function setAmounts(session: Stripe.Checkout.Session, plan: CheckoutPlan, account: Account): void {
  const amount = plan.items.reduce(
    (sum, { price, quantity }) => sum + (account.kept.prices.take(price).unit_amount ?? 0) * quantity,
    0,
  )
  session.amount_subtotal = amount
  session.amount_total = amount
}

export interface Payment {
  /** Digits, blanks allowed. */
  card: string
  email: string
  name: string
  /** One for each item, as text; absent for those that are not to change. */
  quantities: (string | undefined)[]
  taxId: { type: string; value: string } | null
}

/**
 * What the button "Pay" does.
 * @throws StripeFailure 400 for what the buyer must put right, 402 where the card is declined: nothing is bought then
 */
export function payCheckout(account: Account, session: Stripe.Checkout.Session, payment: Payment): void {
  if (session.status !== 'open') throw invalid('This checkout session is not open any more.')
  const card = BY_NUMBER[payment.card.replaceAll(' ', '')]
  if (!card) throw invalid('Your card number is not one of the test cards.', 'card')
  const known = session.customer === null ? session.customer_email : ''
  const email = known ?? payment.email
  if (session.customer === null && !/^[^@\s]+@[^@\s]+$/.test(email))
    throw invalid('Your e-mail address is incomplete.', 'email')
  const plan = account.kept.plans.take(session.id)
  const items = plan.items.map((one, index) => quantityOf(one, payment.quantities[index]))
  if (card.nature === 'declined') throw declined()

  plan.items = items
  setAmounts(session, plan, account)
  const customer = customerOf(account, session, { email, name: payment.name })
  const method = attach(account, makeCard(account, card), customer.id)
  if (payment.taxId) {
    const { type, value } = payment.taxId
    const made = taxIdObject(account, newId('txi'), customer.id, type, value)
    account.kept.taxIds.add(made)
    account.emit('customer.tax_id.created', made)
  }
  const wanted = {
    customer: customer.id,
    items: items.map(({ price, quantity }) => ({ price: account.kept.prices.take(price), quantity })),
    defaultPaymentMethod: method.id,
    ...plan.subscriptionData,
  }
  const subscription = begin(account, structuredClone(wanted), 'error_if_incomplete', true)
  complete(account, session, customer, subscription)
}

function quantityOf(
  item: CheckoutPlan['items'][number],
  text: string | undefined,
): CheckoutPlan['items'][number] {
  if (text === undefined || !item.adjustable) return item
  const quantity = /^\d{1,6}$/.test(text.trim()) ? Number(text) : NaN
  const { minimum, maximum } = item.adjustable
  if (!(quantity >= minimum && quantity <= maximum))
    throw invalid(`The quantity must be between ${minimum} and ${maximum}.`, 'quantity')
  return { ...item, quantity }
}

function customerOf(
  account: Account,
  session: Stripe.Checkout.Session,
  { email, name }: { email: string; name: string },
): Stripe.Customer {
  if (session.customer !== null) return account.kept.customers.take(session.customer as string)
  const customer = { ...customerObject(account), email, name: name === '' ? null : name }
  account.kept.customers.add(customer)
  account.emit('customer.created', customer)
  return customer
}

function complete(
  account: Account,
  session: Stripe.Checkout.Session,
  customer: Stripe.Customer,
  subscription: Stripe.Subscription,
): void {
  const taxIds = account.kept.taxIds.toJSON().filter((one) => one.customer === customer.id)
  session.status = 'complete'
  session.payment_status = 'paid'
  session.url = null
  session.customer = customer.id
  session.subscription = subscription.id
  session.invoice = subscription.latest_invoice
  session.customer_details = {
    address: customer.address ?? null,
    business_name: null,
    email: customer.email,
    individual_name: null,
    name: customer.name ?? null,
    phone: customer.phone ?? null,
    tax_exempt: customer.tax_exempt ?? 'none',
    tax_ids: taxIds.map(({ type, value }) => ({
      type: type,
      value,
    })),
  }
  account.emit('checkout.session.completed', session)
}
