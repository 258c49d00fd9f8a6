// One of the two servers that the end-to-end tests drive: production build, an embedded database of its own.
// As it comes: nobody has set it up. With E2E_DEMO: what `npm run demo` shows.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { TEST_PUBLISHER } from '@/test/publisher'
import { serve } from './lib/serve'

const port = process.env.E2E_PORT ?? '3210'
const dataDir = process.env.E2E_DATA_DIR ?? fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-e2e-'))
process.on('exit', () => {
  if (!process.env.E2E_DATA_DIR) fs.rmSync(dataDir, { recursive: true, force: true })
})
const env = { PORT: port, DATA_DIR: dataDir, LOG_LEVEL: 'warn', PUBLIC_URL: `http://localhost:${port}` }

if (process.env.E2E_DEMO) {
  // Few things are enough for a task: so that one can be driven in the browser. An identity provider may be on this machine.
  // Clouds of the tests, too: e2e/connect.spec.ts and e2e/incus.spec.ts start them.
  const CONNECTOR_LOCAL = [20, 21].map((more) => `127.0.0.1:${Number(port) + more}`).join()
  Object.assign(process.env, env, {
    BACKGROUND_MOVE_ABOVE: '20',
    IDENTITY_ALLOW_PRIVATE: 'true',
    CONNECTOR_LOCAL,
    DEMO_INCUS: 'no',
    LICENCE_PUBLIC_KEYS: TEST_PUBLISHER,
  })
  await import('./demo')
} else await serve(env)
