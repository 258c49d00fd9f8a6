import type { Handler } from './event'

/** Somebody subscribed; whether they have paid, the subscription says. */
export const subscriptionCreated: Handler = async (objectId) => objectId
