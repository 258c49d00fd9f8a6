import { start } from '@/server/start'

start().catch((error: unknown) => {
  // One clear line, whatever is wrong with the configuration or the database; the stack only when asked for.
  console.error(`Freehold could not start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
