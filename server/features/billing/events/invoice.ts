import { idOf, stripe } from '@/server/features/billing/stripe'

/** The subscription that an invoice is for. */
export async function subscriptionOfInvoice(invoiceId: string): Promise<string | null> {
  const { parent } = await stripe().invoices.retrieve(invoiceId)
  return idOf(parent?.subscription_details?.subscription)
}
