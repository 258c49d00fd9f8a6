import type { Handler } from './event'

/** More or fewer hosts, another price, cancelled ahead or not any more, past due or paid again. */
export const subscriptionUpdated: Handler = async (objectId) => objectId
