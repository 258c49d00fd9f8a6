// The server that the end-to-end tests drive: production build, an embedded database of its own, no demo data.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { serve } from './lib/serve'

const port = process.env.E2E_PORT ?? '3210'
const dataDir = process.env.E2E_DATA_DIR ?? fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-e2e-'))
process.on('exit', () => {
  if (!process.env.E2E_DATA_DIR) fs.rmSync(dataDir, { recursive: true, force: true })
})
await serve({ PORT: port, DATA_DIR: dataDir, LOG_LEVEL: 'warn', PUBLIC_URL: `http://localhost:${port}` })
