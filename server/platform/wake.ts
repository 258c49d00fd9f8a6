/** Lets a request tell the worker of its own process that there is work at once; other processes' workers see it at their next tick. */
export function createWake() {
  let runner: (() => void) | null = null
  return {
    /** @param run null: the worker stops */
    onWake: (run: (() => void) | null): void => {
      runner = run
    },
    wake: (): void => runner?.(),
  }
}
