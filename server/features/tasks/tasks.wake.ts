let runner: (() => void) | null = null

/** The worker of this process, if it has one, takes up tasks at once; else the next tick of another does. */
export function onWake(run: (() => void) | null): void {
  runner = run
}

export const wakeTasks = (): void => runner?.()
