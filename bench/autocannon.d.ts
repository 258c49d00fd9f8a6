// autocannon brings no types: the little that bench/load.ts uses.
declare module 'autocannon' {
  interface Run extends Promise<{ non2xx: number; errors: number; timeouts: number }> {
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, ms: number) => void,
    ): void
  }
  export default function autocannon(options: object): Run
}
