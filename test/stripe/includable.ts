import type { Account } from '@/test/stripe/account/account'
import { lineItems } from '@/test/stripe/billing/checkout'
import { listOf } from '@/test/stripe/listing'

/** Parts that an answer has only when they are asked for: plain JSON, or undefined where there is no such part. */
export function includable(account: Account, holder: Record<string, unknown>, name: string): unknown {
  const id = String(holder['id'])
  const part = ((): unknown => {
    switch (`${String(holder['object'])}.${name}`) {
      case 'checkout.session.line_items':
        return listOf(`/v1/checkout/sessions/${id}/line_items`, 'item', lineItems(account, id), {})
      case 'customer.subscriptions':
        return listOf(
          `/v1/customers/${id}/subscriptions`,
          'subscription',
          account.kept.subscriptions
            .newest()
            .filter((one) => one.customer === id && one.status !== 'canceled'),
          {},
        )
      case 'customer.tax_ids':
        return listOf(
          `/v1/customers/${id}/tax_ids`,
          'tax_id',
          account.kept.taxIds.newest().filter((one) => one.customer === id),
          {},
        )
      default:
        return undefined
    }
  })()
  return part === undefined ? undefined : (JSON.parse(JSON.stringify(part)) as unknown)
}
