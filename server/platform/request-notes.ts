// Next runs in a bundle of its own, yet the request is logged in front of it: what it learns of the request is kept here.
const SLOT = Symbol.for('freehold.requests')
const slot = globalThis as typeof globalThis & { [SLOT]?: Map<string, string | null> }
const notes = (): Map<string, string | null> => (slot[SLOT] ??= new Map<string, string | null>())

/** Begins a note of one request; `done` ends it and returns the id of the person who was found to make it. */
export function noteRequest(requestId: string): { done: () => string | null } {
  notes().set(requestId, null)
  return {
    done: () => {
      const actor = notes().get(requestId) ?? null
      notes().delete(requestId)
      return actor
    },
  }
}

/** Says who makes a request that is under way; any other is ignored. */
export function noteActor(requestId: string, userId: string): void {
  if (notes().has(requestId)) notes().set(requestId, userId)
}
