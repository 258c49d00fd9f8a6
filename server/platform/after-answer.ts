import { log } from '@/server/platform/log'

const underWay = new Set<Promise<void>>()

/** Does something after the answer: what it takes, and what comes of it, is not to be told from outside (attack C03). */
export function afterAnswer(what: () => Promise<void>, requestId: string): void {
  const work = new Promise<void>((resolve) => setImmediate(resolve))
    .then(what)
    .catch((error: unknown) => log().error({ err: error, requestId }, 'could not be done after the answer'))
    .finally(() => void underWay.delete(work))
  underWay.add(work)
}

/** Waits until all that was promised is done: for tests and the end of the process. */
export async function answersSettled(): Promise<void> {
  await Promise.all(underWay)
}
