/** What Stripe told of: never what it said about it, which may be old by now. */
export interface Told {
  id: string
  type: string
  /** Id of what it is about, as it stands in the event. */
  objectId: string
}

/**
 * What an event leads to: the subscription to read at Stripe, or null where it is about none.
 * @throws whatever the SDK throws when Stripe does not answer
 */
export type Handler = (told: Told) => Promise<string | null>
