import type { Billing } from '@/server/features/billing/billing.schema'
import { Alert } from '@/ui/alert'

/** What Stripe told and nobody here could make something of. */
export function StripeAlerts({ billing: { parked, others, otherMode, test } }: { billing: Billing }) {
  return (
    <>
      {others > 0 && (
        <Alert tone="danger" title="There is more than one subscription">
          All of them are charged, and their hosts are added up. The newest is shown here; end the others
          under “Cards, address and tax id”.
        </Alert>
      )}
      {otherMode > 0 && (
        <Alert tone="danger" title={`Stripe sent events of ${test ? 'live' : 'test'} mode here`}>
          They were ignored: this server is in {test ? 'test' : 'live'} mode. Give the webhook endpoint of
          each mode its own server.
        </Alert>
      )}
      {parked > 0 && (
        <Alert
          tone="warning"
          title={`${parked} ${parked === 1 ? 'event' : 'events'} of Stripe fit nothing here`}
        >
          They are about a customer or price that this installation does not know, and are kept. Does another
          installation use the same Stripe account? Then give each its own endpoint.
        </Alert>
      )}
    </>
  )
}
