const LOOKS = 3
const LEAST_MS = 900_000

/** Whether what is shown of a cloud may be out of date: its last whole look is several behind. */
export const isStale = (okAt: Date | null, everySeconds: number): boolean =>
  okAt !== null && Date.now() - okAt.getTime() > Math.max(LEAST_MS, LOOKS * everySeconds * 1000)
