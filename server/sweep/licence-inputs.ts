import { empty, mara, none, own, type Valid } from '@/server/sweep/asking'
import { licenceKey } from '@/test/publisher'
import type { World } from '@/test/world'

/** A key for the world's installation. */
const key = async ({ world }: { world: World }) => {
  const { rows } = await world.admin.query<{ id: string }>('select install_id as id from installation')
  return { key: licenceKey(rows[0]?.id ?? '') }
}

/** As VALID, of licences. */
export const OF_LICENCES: Record<string, Valid> = {
  'licence.list': mara(none),
  'licence.readKey': mara(key),
  'licence.activate': mara(key),
  'licence.end': mara(own('licence')),
}

const order = { price: 'price_monthly', hosts: 10 }
/** Nothing is sold in this world: there is no Stripe. server/features/billing has the tests with one. */
const unsold = (input: Valid['input']): Valid => ({ ...mara(input), status: 404 })

/** As VALID, of subscriptions. */
export const OF_BILLING: Record<string, Valid> = {
  'billing.get': mara(none),
  'billing.offers': mara(none),
  'billing.invoices': mara(empty),
  'billing.preview': unsold(() => order),
  'billing.checkout': unsold(() => order),
  'billing.confirm': unsold(() => ({ session: 'cs_test_none' })),
  'billing.portal': unsold(none),
  'billing.change': unsold(() => order),
  'billing.cancel': unsold(none),
  'billing.resume': unsold(none),
  'billing.refresh': unsold(none),
}
