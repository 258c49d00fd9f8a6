/** Facts of the start that the readiness check reports; set by server/main.ts. */
export const readiness = {
  migrationsApplied: (): Promise<boolean> => Promise.resolve(false),
}
