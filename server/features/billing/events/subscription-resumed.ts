import type { Handler } from './event'

/** Somebody resumed it at Stripe. */
export const subscriptionResumed: Handler = async (objectId) => objectId
