import { log } from '@/server/platform/log'

/** Work that one process does beside its requests, a few pieces at once. */
export interface Crew {
  /** Takes up what there is to do, as far as there are hands. @returns how many pieces were begun; they go on */
  tick: () => Promise<number>
  /** Waits for what is under way. */
  ended: () => Promise<unknown>
}

/**
 * @param atOnce most pieces at a time in this process
 * @param claim the next piece, which is this process's from then on; null: there is none
 * @param work does one; what it throws is logged as `failed`, and holds up no other
 */
export function createCrew<Piece>(
  atOnce: number,
  claim: () => Promise<Piece | null>,
  work: (piece: Piece) => Promise<void>,
  failed: string,
): Crew {
  const running = new Set<Promise<void>>()
  return {
    tick: async () => {
      let begun = 0
      while (running.size < atOnce) {
        const piece = await claim()
        if (!piece) break
        begun++
        const one: Promise<void> = work(piece)
          .catch((error: unknown) => log().error({ err: error }, failed))
          .finally(() => {
            running.delete(one)
          })
        running.add(one)
      }
      return begun
    },
    ended: () => Promise.all(running),
  }
}
