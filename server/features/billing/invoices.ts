import type { SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import * as repo from './billing.repo'
import type { Invoice } from './billing.schema'
import { asking, isConfigured, livemode, stripe } from './stripe'

const PAGE = 12

/** The invoices, newest first, as Stripe has them. @param after id of the last one that is shown @throws AppError 503 */
export async function invoices(
  op: SignedInOp,
  after: string | undefined,
): Promise<{ invoices: Invoice[]; more: boolean }> {
  const customer = isConfigured() ? await inTenant(op, (tx) => repo.customer(tx, livemode())) : null
  if (!customer) return { invoices: [], more: false }
  const page = await asking('invoices', () =>
    stripe().invoices.list({ customer, limit: PAGE, ...(after && { starting_after: after }) }),
  )
  return {
    more: page.has_more,
    invoices: page.data.map((one) => ({
      id: one.id,
      number: one.number,
      createdAt: new Date(one.created * 1000).toISOString(),
      total: one.total,
      currency: one.currency.toUpperCase(),
      status: one.status ?? 'draft',
      page: one.hosted_invoice_url ?? null,
      pdf: one.invoice_pdf ?? null,
    })),
  }
}
