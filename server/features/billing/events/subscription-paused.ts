import type { Handler } from './event'

/** Somebody paused it at Stripe. */
export const subscriptionPaused: Handler = async (objectId) => objectId
