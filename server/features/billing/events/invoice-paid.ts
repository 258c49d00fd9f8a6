import type { Handler } from './event'
import { subscriptionOfInvoice } from './invoice'

/** A period is paid: the first, the next, or one that was due. */
export const invoicePaid: Handler = (objectId) => subscriptionOfInvoice(objectId)
