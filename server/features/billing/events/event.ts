/**
 * What an event leads to: the subscription to read at Stripe, or null where it is about none. Never what the event said, which may be old by now.
 * @param objectId of what it is about
 * @throws whatever the SDK throws when Stripe does not answer
 */
export type Handler = (objectId: string) => Promise<string | null>
