import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { invoiceObject } from '@/test/stripe/billing/invoice-object'
import { payerOf, pays } from '@/test/stripe/billing/cards'

const DAY = 86_400
/** Days from one failed attempt to the next; after the last the subscription is cancelled (our model: an account sets this up at Stripe). */
export const RETRY_AFTER_DAYS = [3, 5, 7]

/** The lines that wait for the next invoice of a subscription; they wait no longer. */
export function takePending(account: Account, subscription: string): Stripe.InvoiceLineItem[] {
  const waiting = account.kept.pending.toJSON().filter((one) => one.subscription === subscription)
  for (const one of waiting) account.kept.pending.remove(one.id)
  return waiting.map((one) => one.line)
}

/** All invoices of a subscription, newest first. */
export const invoicesOf = (account: Account, subscription: string): Stripe.Invoice[] =>
  account.kept.invoices
    .newest()
    .filter((one) => one.parent?.subscription_details?.subscription === subscription)

/**
 * A stored invoice that is open for payment: made and finalised at once (Stripe leaves a renewal's as a draft for about an hour; our model does
 * not). What the customer has as credit is used up.
 */
export function issueInvoice(
  account: Account,
  subscription: Stripe.Subscription,
  reason: Stripe.Invoice.BillingReason,
  lines: Stripe.InvoiceLineItem[],
): Stripe.Invoice {
  const customer = account.kept.customers.take(subscription.customer as string)
  const invoice = invoiceObject(account, { id: newId('in'), customer, subscription, reason, lines })
  account.kept.invoices.add(invoice)
  subscription.latest_invoice = invoice.id
  account.emit('invoice.created', invoice)
  const balance = invoice.total + invoice.starting_balance
  const sequence = customer.next_invoice_sequence ?? 1
  invoice.status = 'open'
  invoice.number = `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`
  invoice.effective_at = account.now()
  invoice.status_transitions.finalized_at = account.now()
  invoice.ending_balance = Math.min(0, balance)
  invoice.hosted_invoice_url = `${account.base}/invoices/${invoice.id}`
  account.change(
    customer,
    customer.balance === invoice.ending_balance ? null : 'customer.updated',
    (draft) => {
      draft.balance = invoice.ending_balance ?? 0
      draft.next_invoice_sequence = sequence + 1
    },
  )
  account.emit('invoice.finalized', invoice)
  return invoice
}

/**
 * Tries to have an open invoice paid, and says what came of it in events. Does not touch the subscription.
 * @param method the payment method's id; null where there is none
 * @param first see `pays`
 * @returns whether it is paid
 */
export function collect(
  account: Account,
  invoice: Stripe.Invoice,
  method: string | null,
  first = false,
): boolean {
  const free = invoice.amount_due === 0
  if (!free) {
    invoice.attempted = true
    invoice.attempt_count += 1
  }
  if (free || pays(account, method, first)) {
    markPaid(account, invoice)
    return true
  }
  const days = RETRY_AFTER_DAYS[invoice.attempt_count - 1]
  const retried = invoice.auto_advance === true && days !== undefined
  invoice.next_payment_attempt = retried ? account.now() + days * DAY : null
  setDelinquent(account, invoice.customer as string, true)
  account.emit('invoice.payment_failed', invoice)
  return false
}

function markPaid(account: Account, invoice: Stripe.Invoice): void {
  invoice.status = 'paid'
  invoice.attempted = true
  invoice.amount_paid = invoice.amount_due
  invoice.amount_remaining = 0
  invoice.next_payment_attempt = null
  invoice.auto_advance = false
  invoice.status_transitions.paid_at = account.now()
  const customer = invoice.customer as string
  const others = account.kept.invoices.toJSON().filter((one) => one.customer === customer)
  if (!others.some((one) => one.status === 'open' && one.attempted)) setDelinquent(account, customer, false)
  account.emit('invoice.paid', invoice)
  account.emit('invoice.payment_succeeded', invoice)
}

function setDelinquent(account: Account, id: string, delinquent: boolean): void {
  account.change(account.kept.customers.take(id), 'customer.updated', (draft) => {
    draft.delinquent = delinquent
  })
}

/** Nobody will try to have it paid any more by itself; it can still be paid. */
export function stopCollecting(account: Account, subscription: string): void {
  for (const invoice of invoicesOf(account, subscription)) {
    if (invoice.status !== 'open') continue
    invoice.auto_advance = false
    invoice.next_payment_attempt = null
  }
}

/** Takes an open invoice back. */
export function voidInvoice(account: Account, invoice: Stripe.Invoice): void {
  invoice.status = 'void'
  invoice.auto_advance = false
  invoice.next_payment_attempt = null
  invoice.status_transitions.voided_at = account.now()
  account.emit('invoice.voided', invoice)
}

/** Tries the payment method of the subscription (`payerOf`). */
export const collectFor = (
  account: Account,
  invoice: Stripe.Invoice,
  subscription: Stripe.Subscription,
): boolean => collect(account, invoice, payerOf(account, subscription))
