import type { Handler } from './event'

/** It has ended, and stays readable at Stripe as `canceled`. */
export const subscriptionDeleted: Handler = async (objectId) => objectId
