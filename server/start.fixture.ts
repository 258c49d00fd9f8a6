// A process that starts everything but Next; see start.test.ts. Its settings are its environment.
import { createGuardedServer } from '@/server/http/server'
import { start } from '@/server/start'

const page = (_: unknown, res: { end: (text: string) => unknown }) => Promise.resolve(void res.end('page'))
const makeServer = () => Promise.resolve(createGuardedServer(page, { trustedProxies: [], dev: false }))

start(makeServer).catch((error: unknown) => {
  console.error(`Freehold could not start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
