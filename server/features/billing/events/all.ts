import { checkoutSessionCompleted } from './checkout-session-completed'
import type { Handler } from './event'
import { invoicePaid } from './invoice-paid'
import { invoicePaymentFailed } from './invoice-payment-failed'
import { subscriptionCreated } from './subscription-created'
import { subscriptionDeleted } from './subscription-deleted'
import { subscriptionPaused } from './subscription-paused'
import { subscriptionResumed } from './subscription-resumed'
import { subscriptionUpdated } from './subscription-updated'

/** What is listened to. Whatever else Stripe tells is noted and of no use. */
export const HANDLERS: Readonly<Record<string, Handler | undefined>> = {
  'checkout.session.completed': checkoutSessionCompleted,
  'customer.subscription.created': subscriptionCreated,
  'customer.subscription.updated': subscriptionUpdated,
  'customer.subscription.deleted': subscriptionDeleted,
  'customer.subscription.paused': subscriptionPaused,
  'customer.subscription.resumed': subscriptionResumed,
  'invoice.paid': invoicePaid,
  'invoice.payment_failed': invoicePaymentFailed,
}
