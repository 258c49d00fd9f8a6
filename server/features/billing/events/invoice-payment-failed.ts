import type { Handler } from './event'
import { subscriptionOfInvoice } from './invoice'

/** A card did not pay: the days of grace begin, or the subscription never starts. */
export const invoicePaymentFailed: Handler = (objectId) => subscriptionOfInvoice(objectId)
