import path from 'node:path'
import { defineConfig } from 'prisma/config'

// Before any command Prisma's CLI wants to download a native engine. Ours is made of npm packages only. Windows cannot
// start a script as a program, so there Prisma fetches its own.
const native = process.platform === 'win32'
if (!native) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.join(import.meta.dirname, 'scripts/schema-engine.mjs')
  process.env.CHECKPOINT_DISABLE ??= '1'
}

/** Prisma hands the address to the engine on its command line, where everybody can read it: the password goes by the environment. */
function datasourceUrl(): string {
  const given = process.env.DIRECT_DATABASE_URL || process.env.DATABASE_URL
  const url = new URL(given || 'postgresql://nobody@127.0.0.1:1/none')
  if (!url.password || native) return url.href
  process.env.PGPASSWORD = decodeURIComponent(url.password)
  url.password = ''
  return url.href
}

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: datasourceUrl() },
})
